//! What part of the variation is what, in one table.

use super::super::{format, words};
use super::phrase;
use crate::analysis::{Factorial, Part, Share, Shares};

/// Parts of the variation in percent, quantities side by side.
pub(super) fn table(factorial: &Factorial) -> String {
    let Some(first) = factorial.shares.first() else { return String::new() };
    let mut titles = vec!["part of the variation between the combinations, %", "degrees of freedom"];
    titles.extend(factorial.shares.iter().map(|shares| shares.quantity.name()));
    let mut table = words::head(&titles, 1);
    for Share { part, df, .. } in &first.parts {
        let mut row = vec![phrase::label(*part, factorial.bridge.is_some()), format::fixed(*df, 0)];
        row.extend(factorial.shares.iter().map(|shares| cell(shares, *part)));
        table += &words::row(&row);
    }
    type Of = fn(&Shares) -> f64;
    let whole: [(&str, Of); 3] = [
        ("*of the whole variation, %:* between combinations", |shares| shares.combinations),
        ("*of the whole variation, %:* between blocks", |shares| shares.blocks),
        ("*of the whole variation, %:* neither", |shares| shares.residual),
    ];
    for (label, share) in whole {
        let mut row = vec![label.to_owned(), String::new()];
        row.extend(factorial.shares.iter().map(|shares| percent(share(shares))));
        table += &words::row(&row);
    }
    table + "\n"
}

fn cell(shares: &Shares, part: Part) -> String {
    let Some(found) = shares.parts.iter().find(|share| share.part == part) else {
        return format::NONE.to_owned();
    };
    let text = percent(found.share);
    if found.is_told_from_noise() { text } else { format!("({text})") }
}

fn percent(share: f64) -> String {
    format::fixed(share * 100.0, 1)
}

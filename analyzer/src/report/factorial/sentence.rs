//! The first sentence of the chapter: what the variation is made of.

use super::super::{escape, format};
use super::phrase;
use crate::analysis::{Analysis, Factorial, Quantity, Share, Shares};

/// Share below which a part is not named.
const LEAST_NAMED: f64 = 0.005;

/// The sentence on the first factorial's CPU time per token, or on what it knows instead; `None` without a factorial.
pub(super) fn sentence(analysis: &Analysis) -> Option<String> {
    let factorial = analysis.factorials.first()?;
    let shares = factorial.shares_of(Quantity::CpuPerToken).or(factorial.shares.first())?;
    Some(of(factorial, shares))
}

fn of(factorial: &Factorial, shares: &Shares) -> String {
    let set = escape::name(&factorial.set);
    let (what, number) = (shares.quantity.name(), factorial.combinations);
    if let Some(p) = shares.p.filter(|p| *p >= 0.05) {
        return format!(
            "Between the {number} combinations of set {set}, {what} varies no more than noise gives (F test, p = {}).",
            format::p_value(p)
        );
    }
    let mut named: Vec<&Share> = shares
        .parts
        .iter()
        .filter(|share| share.is_told_from_noise() && share.share >= LEAST_NAMED)
        .collect();
    named.sort_by(|a, b| b.share.total_cmp(&a.share));
    let mut rest = 100.0;
    let mut parts = Vec::new();
    for share in named {
        let percent = (share.share * 100.0).round();
        // What is named adds up to 100 with the rest, whatever the rounding.
        rest -= percent;
        let verb = if parts.is_empty() { " is" } else { "" };
        parts.push(format!("{} %{verb} {}", format::fixed(percent, 0), phrase::part(share.part)));
    }
    if rest >= 1.0 {
        parts.push(format!("{} % all else", format::fixed(rest, 0)));
    }
    format!(
        "Of the variation of {what} between the {number} combinations of set {set}, {}.",
        format::listed(&parts)
    )
}

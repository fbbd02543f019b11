//! Effects as ratios: main effects and the bridge in sight, interactions folded away.

use super::super::{escape, format, words};
use super::phrase;
use crate::analysis::{Effect, Estimated, Factorial, Quantity, Subject};

/// The two tables.
pub(super) fn tables(factorial: &Factorial) -> String {
    let is_interaction = |effect: &&Effect| matches!(effect.subject, Subject::Interaction { .. });
    let (interactions, others): (Vec<&Effect>, Vec<&Effect>) =
        factorial.effects.iter().partition(is_interaction);
    let mut text = table(factorial, "effect", &others);
    if factorial.bridge.is_some() {
        text += "Through the bridge: what the client costs more on arms that need the bridge than on those that do not, both \
                 against the first client; a ratio of ratios. The other effects are those without the bridge: where one side of a pair \
                 needs it, the pair is left out.\n\n";
    }
    text += "<details><summary>Two-way interactions</summary>\n\n";
    text += "How many times as large the first level's ratio is with the second level as with the reference of its factor.\n\n";
    text += &table(factorial, "interaction", &interactions);
    text + "</details>\n\n"
}

fn table(factorial: &Factorial, title: &str, effects: &[&Effect]) -> String {
    let known: Vec<Quantity> = factorial.shares.iter().map(|shares| shares.quantity).collect();
    let mut titles = vec![title];
    titles.extend(known.iter().map(|quantity| quantity.name()));
    let mut table = words::head(&titles, 1);
    for effect in effects {
        let mut row = vec![escape::markdown(&phrase::subject(factorial, &effect.subject))];
        row.extend(known.iter().map(|quantity| {
            let found = effect.estimates.iter().find(|(there, _)| there == quantity);
            found.and_then(|(_, estimated)| *estimated).map_or(format::NONE.to_owned(), shown)
        }));
        table += &words::row(&row);
    }
    table + "\n"
}

/// `×1.23 [1.20, 1.26]`.
fn shown(estimated: Estimated) -> String {
    let text = format!("×{}", format::significant_with(estimated.ratio, estimated.ci, 1.0));
    if estimated.is_established() { format!("**{text}**") } else { text }
}

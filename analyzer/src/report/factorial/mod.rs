//! Factors apart: which factor has what part in the variation, and how large its effects are.

mod effects;
mod phrase;
mod sentence;
mod shares;

use super::{escape, format};
use crate::analysis::{Analysis, Factorial, Level};
use sentence::sentence;

/// The chapter; empty in a run that crosses no two factors in a balanced way.
pub(super) fn section(analysis: &Analysis) -> String {
    let Some(first) = sentence(analysis) else { return String::new() };
    let mut text = format!("## Factors apart\n\n**{}**\n\n", escape::sentence(&first));
    text += &explained(analysis);
    for factorial in &analysis.factorials {
        text += &format!("### {}\n\n", escape::markdown(&title(factorial)));
        text += &format!("{}\n\n", escape::sentence(&design(factorial)));
        text += &shares::table(factorial);
        text += &effects::tables(factorial);
    }
    text
}

fn explained(analysis: &Analysis) -> String {
    let tests: usize = analysis
        .factorials
        .iter()
        .flat_map(|factorial| &factorial.effects)
        .flat_map(|effect| &effect.estimates)
        .filter(|(_, estimated)| estimated.is_some_and(|estimated| estimated.p_adjusted.is_some()))
        .count();
    format!(
        "All on the logarithmic scale. Shares are those of the sums of squares; in brackets what noise alone could give (F \
         test, p not under .05). Effects are ratios to the first level of a factor, taken inside each block on the mean over \
         the combinations of the other factors, with the Hodges-Lehmann estimate over the blocks and its 95 % interval. They \
         are exploratory, without verdicts; bold where the p value adjusted over the {tests} of this chapter \
         (Benjamini-Hochberg) is under .05.\n\n"
    )
}

/// `clients: runtime × HTTP client × agents`.
fn title(factorial: &Factorial) -> String {
    let factors: Vec<&str> = factorial.crossed.iter().map(|(factor, _)| factor.name()).collect();
    format!("{}: {}", escape::name(&factorial.set), factors.join(" × "))
}

/// What was crossed, what was held, what counts and what is left out, in plain text.
fn design(factorial: &Factorial) -> String {
    let named = |levels: &[Level], of: &dyn Fn(&Level) -> String| {
        format::listed(&levels.iter().map(of).collect::<Vec<String>>())
    };
    let crossed: Vec<String> = factorial
        .crossed
        .iter()
        .map(|(factor, levels)| {
            format!("{} ({})", factor.name(), named(levels, &|level| phrase::level(*factor, level)))
        })
        .collect();
    let mut text = format!(
        "{} of {}; {} count",
        format::plural(factorial.combinations, "combination"),
        format::listed(&crossed),
        format::plural(factorial.counted, "trial"),
    );
    if factorial.not_counted > 0 {
        text += &format!(", {} do not", factorial.not_counted);
    }
    let missing = factorial.shares.iter().map(|shares| shares.missing).max().unwrap_or(0);
    if missing > 0 {
        text += &format!(
            "; {} estimated for the shares (Yates), and an effect does without them and their partners",
            format::plural(missing, "missing value")
        );
    }
    if factorial.left_out > 0 {
        let held: Vec<String> = factorial
            .held
            .iter()
            .map(|(factor, level)| format!("{} held at {}", factor.name(), phrase::level(*factor, level)))
            .collect();
        text += &format!(
            "; left out: {} of the set whose levels have not every combination",
            format::plural(factorial.left_out, "trial")
        );
        if !held.is_empty() {
            text += &format!(" ({})", format::listed(&held));
        }
    }
    text + "."
}

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
    let rest = 1.0 - named.iter().map(|share| share.share).sum::<f64>();
    let mut parts: Vec<String> = named
        .iter()
        .enumerate()
        .map(|(place, share)| {
            let verb = if place == 0 { " is" } else { "" };
            format!("{} %{verb} {}", percent(share.share), phrase::part(share.part))
        })
        .collect();
    if rest >= LEAST_NAMED {
        parts.push(format!("{} % all else", percent(rest)));
    }
    format!(
        "Of the variation of {what} between the {number} combinations of set {set}, {}.",
        format::listed(&parts)
    )
}

fn percent(share: f64) -> String {
    format::fixed(share * 100.0, 0)
}

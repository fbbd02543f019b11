//! Phrases and numbers that several sections share. Names go through `escape::name`; the section escapes its text.

use crate::report::{escape, format};
use crate::stats::Interval;
use crate::stats::verdict::Verdict;
use crate::tr115::flags;
use crate::tr115::reading::{Reading, TierReading};
use crate::tr115::study::Run;

/// A paragraph.
pub(super) fn paragraph(text: &str) -> String {
    format!("{}\n\n", escape::sentence(text))
}

/// `smol, chimera_homo_gpu80_ctx2048, run 5`.
pub(super) fn run_name(run: &Run) -> String {
    format!("{}, {}, run {}", escape::name(&run.runtime), escape::name(&run.config), run.index)
}

/// `a, b and c`, each a name.
pub(super) fn names<T: AsRef<str>>(names: &[T]) -> String {
    format::listed(&names.iter().map(|name| escape::name(name.as_ref())).collect::<Vec<_>>())
}

/// A p value with three decimals.
pub(super) fn p(value: Option<f64>) -> String {
    match value {
        None => format::NONE.to_owned(),
        Some(p) if p < 0.001 => "< 0.001".to_owned(),
        Some(p) => format::fixed(p, 3),
    }
}

/// `= 0.578` or `< 0.001`.
pub(super) fn p_equals(value: f64) -> String {
    if value < 0.001 { "< 0.001".to_owned() } else { format!("= {}", format::fixed(value, 3)) }
}

/// A difference of fractions in percentage points, two decimals, with its interval.
pub(super) fn pp_with(value: f64, ci: Option<Interval>) -> String {
    let value = format::signed(value * 100.0, 2);
    match ci {
        Some(ci) => format!("{value} {}", format::interval(ci, 100.0, 2)),
        None => format!("{value} [none]"),
    }
}

/// A size (of a fraction) in percentage points, three decimals, rounded up: "to within" it is true.
pub(super) fn within_pp(value: f64) -> String {
    format::fixed(up(value * 100.0), 3)
}

/// Rounded up to three decimals.
pub(super) fn up(value: f64) -> f64 {
    // What is above by rounding alone stays.
    (value * 1000.0 - 1e-6).ceil().max(0.0) / 1000.0
}

/// Rounded down to three decimals: "at least" it is true.
pub(super) fn down(value: f64) -> f64 {
    (value * 1000.0 + 1e-6).floor() / 1000.0
}

/// Least and largest; none without a value.
pub(super) fn ends(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().fold(None, |ends, value| {
        let (low, high) = ends.unwrap_or((value, value));
        Some((value.min(low), value.max(high)))
    })
}

/// What runs like one read, and what it reads more: `98.94 (4)` and `-3.96`.
pub(super) fn beside_usual(tier: &TierReading, run: &Run) -> [String; 2] {
    match flags::usual(tier.tier, &tier.flags, run) {
        Ok(Some((usual, n))) => {
            [format!("{} ({n})", format::percent(usual)), format::signed((run.efficiency - usual) * 100.0, 2)]
        }
        _ => [format::NONE.to_owned(), format::NONE.to_owned()],
    }
}

/// What these two columns mean.
pub(super) const USUAL: &str = "The usual efficiency is the median of the unflagged runs of the same runtime and \
    configuration (their number in brackets), or of the same runtime where every run of the configuration is flagged; \
    the effect is the run's efficiency minus that, in percentage points, and holds chance as well as the cause named. In \
    runs whose agents took turns the formula gives 50 % for any durations, so no effect can show there.";

/// `2 negligible, 4 inconclusive`, in the order of the decision table.
pub(super) fn verdict_counts(verdicts: impl Iterator<Item = Verdict> + Clone) -> String {
    const ORDER: [Verdict; 6] = [
        Verdict::Relevant,
        Verdict::Negligible,
        Verdict::Equivalent,
        Verdict::Unresolved,
        Verdict::Inconclusive,
        Verdict::NotAnalysable,
    ];
    let counted = ORDER.into_iter().filter_map(|verdict| {
        let n = verdicts.clone().filter(|v| *v == verdict).count();
        (n > 0).then(|| format!("{n} {}", verdict.as_str().replace('_', " ")))
    });
    let counted: Vec<String> = counted.collect();
    if counted.is_empty() { "none".to_owned() } else { counted.join(", ") }
}

/// `tier results_v2`.
pub(super) fn tier_name(tier: &TierReading) -> String {
    format!("tier {}", escape::name(&tier.tier.name))
}

/// The heading of a tier inside a section, where there are several.
pub(super) fn tier_heading(reading: &Reading, tier: &TierReading) -> String {
    if reading.tiers.len() > 1 {
        format!("### Tier {}\n\n", escape::markdown(&tier.tier.name))
    } else {
        String::new()
    }
}

/// What a section says that needs single calls.
pub(super) const NO_CALLS: &str =
    "Not computable here: it needs single calls, and no usable calls.csv stands beside the file of the runs.";

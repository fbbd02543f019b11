//! Tables that nobody would write by hand.

use super::{analysed, blocked, plain};
use analyzer::columns::Location;
use analyzer::columns_stats::{Bounds, LocationBounds, PairStats, Settings};
use analyzer::stats::bootstrap::Resampling;
use proptest::prelude::*;

/// Values that are ordinary, tied, equal, or at the ends of what is accepted.
fn value() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => -3.0..3.0,
        4 => (-3i32..=3).prop_map(f64::from),
        1 => Just(1e99),
        1 => Just(-1e99),
        1 => Just(5e-324),
        1 => Just(1e-160),
    ]
}

fn rows() -> impl Strategy<Value = Vec<(u8, u8, f64)>> {
    prop::collection::vec((0u8..9, 0u8..4, value()), 1..40)
}

fn ordered(bounds: Bounds) -> bool {
    !matches!(bounds, Some([Some(lo), Some(hi)]) if lo > hi)
}

fn check_pair(pair: &PairStats) -> Result<(), TestCaseError> {
    let paired = pair.paired.as_ref();
    let ps = [
        pair.welch.p,
        pair.tost_welch.p,
        pair.mann_whitney.p_exact,
        pair.mann_whitney.p_asymptotic,
        pair.brown_forsythe.p,
        paired.and_then(|paired| paired.p),
        paired.and_then(|paired| paired.tost_p),
        paired.and_then(|paired| paired.permutation_p),
        paired.and_then(|paired| paired.wilcoxon.p_asymptotic),
    ];
    for p in ps.into_iter().flatten() {
        prop_assert!((0.0..=1.0).contains(&p), "p {}", p);
    }
    let intervals = [
        pair.welch.ci,
        pair.hodges_lehmann_ci,
        pair.hodges_lehmann_ci90,
        pair.verdict_ci,
        pair.verdict_ci90,
        pair.hedges_g.ci,
        pair.ratio_geomean.ci,
        paired.and_then(|paired| paired.ci),
        paired.and_then(|paired| paired.bootstrap_t_ci),
        paired.and_then(|paired| paired.hodges_lehmann_ci),
    ];
    prop_assert!(intervals.into_iter().all(ordered), "{:?}", pair);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_table_no_number_is_nan_or_infinite(rows in rows(), with_blocks: bool) {
        let mut csv = String::from("block,group,value\n");
        rows.iter().for_each(|(block, group, value)| csv += &format!("b{block},g{group},{value:e}\n"));
        let resampling = Resampling { resamples: 40, seed: 1 };
        let settings = Settings { resampling, ..Settings::default() };
        let selection = if with_blocks { blocked() } else { plain() };
        let analysis = analysed(&csv, &selection, &settings).unwrap();
        let object = &analysis.cells[0].object;
        // The JSON would write a NaN as null: it must not be there at all.
        let numbers = format!("{object:?}");
        prop_assert!(!numbers.contains("NaN") && !numbers.contains("inf"), "{}", numbers);
        let text = analysis.text();
        prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{}", text);
        for (_, group) in &object.groups {
            let intervals = [
                group.t_ci, group.bootstrap_t_ci, group.bca_ci, group.percentile_ci, group.median_ci, group.p90_ci,
            ];
            let values = |bounds: LocationBounds| bounds.map(|b| b.map(|bound| bound.map(Location::value)));
            prop_assert!(intervals.into_iter().map(values).all(ordered), "{:?}", group);
        }
        for pair in &object.pairs {
            check_pair(pair)?;
        }
    }
}

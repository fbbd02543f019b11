//! Statistics of a series, and of two groups beyond the t test: any finite input gives finite numbers or none.

use proptest::prelude::*;

use super::bootstrap::{Resampling, percentile_and_bca};
use super::*;

/// Values of every size that is accepted, with repetitions and the least number that f64 has.
fn odd_values(sizes: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    let special = vec![0.0, -0.0, 0.1, 1.0, 1.0 + f64::EPSILON, f64::MIN_POSITIVE, 5e-324, 1e100, -1e100];
    let value = prop_oneof![
        -1e100..1e100f64,
        -1.0..1.0f64,
        -1e-300..1e-300f64,
        (-2..3i32).prop_map(f64::from),
        prop::sample::select(special)
    ];
    prop::collection::vec(value, sizes)
}

fn probability(p: f64) -> bool {
    (0.0..=1.0).contains(&p)
}

fn sound(interval: Option<Interval>) -> bool {
    interval.is_none_or(|ci| ci.lo.is_finite() && ci.hi.is_finite() && ci.lo <= ci.hi)
}

proptest! {
    #[test]
    fn a_series_never_yields_a_nan(x in odd_values(0..60)) {
        prop_assert!(autocorrelation::acf1(&x).unwrap().is_none_or(|r| (-1.0..=1.0).contains(&r)));
        prop_assert!(autocorrelation::ljung_box(&x).unwrap().is_none_or(|l| l.q.is_finite() && l.q >= 0.0 && probability(l.p)));
        prop_assert!(trend::kendall(&x).unwrap().is_none_or(|k| (-1.0..=1.0).contains(&k.tau) && probability(k.p)));
        prop_assert!(trend::theil_sen(&x).unwrap().is_none_or(f64::is_finite));
        prop_assert!(runs::runs_test(&x).unwrap().is_none_or(|r| r.z.is_finite() && probability(r.p)));
        if let Some(found) = outliers::outliers(&x).unwrap() {
            prop_assert!(found.tukey_3.iter().all(|position| found.tukey_1_5.contains(position)));
            // Half of the deviations are at most MAD: no rule may flag more than the other half.
            prop_assert!(found.modified_z_3_5.is_none_or(|flagged| 2 * flagged.len() <= x.len()));
        }
    }

    #[test]
    fn resampled_means_never_yield_a_nan(x in odd_values(0..40), level in 0.01..0.99f64, seed in any::<u64>()) {
        let resampling = Resampling { resamples: 300, seed };
        if let Some(found) = percentile_and_bca(&x, level, resampling).unwrap() {
            prop_assert!(sound(Some(found.percentile)) && sound(found.bca), "{:?}", found);
        }
    }

    #[test]
    fn a_mirrored_or_reversed_series_has_the_opposite_trend(x in prop::collection::vec((-3..4i32).prop_map(f64::from), 2..40)) {
        let mirrored: Vec<f64> = x.iter().map(|v| -v).collect();
        let reversed: Vec<f64> = x.iter().rev().copied().collect();
        let tau = |x: &[f64]| trend::kendall(x).unwrap().map(|k| (k.tau, k.p));
        let opposite = tau(&x).map(|(tau, p)| (-tau, p));
        prop_assert_eq!(tau(&mirrored), opposite);
        prop_assert_eq!(tau(&reversed), opposite);
        let slope = trend::theil_sen(&x).unwrap().unwrap();
        prop_assert_eq!(trend::theil_sen(&mirrored).unwrap(), Some(-slope));
    }

    #[test]
    fn two_groups_never_yield_a_nan(a in odd_values(0..20), b in odd_values(0..20), level in 0.01..0.999f64, margin in 0.0..2.0f64) {
        prop_assert!(welch::welch_tost(&a, &b, margin).unwrap().is_none_or(probability));
        let positive = |x: &[f64]| x.iter().map(|v| v.abs()).filter(|v| *v > 0.0).collect::<Vec<f64>>();
        for (a, b) in [(a.clone(), b.clone()), (positive(&a), positive(&b))] {
            if let Some(found) = ratio::geometric_mean_ratio(&a, &b, level).unwrap() {
                prop_assert!(found.value > 0.0 && found.value.is_finite() && sound(found.ci));
                prop_assert!(found.ci.is_none_or(|ci| ci.contains(found.value)));
            }
        }
    }
}

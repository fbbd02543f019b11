use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::*;
use crate::stats::wilcoxon::signed_rank_test;

fn all_walsh(differences: &[f64]) -> Vec<f64> {
    let mut all = Vec::new();
    for (i, a) in differences.iter().enumerate() {
        for b in &differences[i..] {
            all.push((a + b) / 2.0);
        }
    }
    check::sorted(&all)
}

#[test]
fn every_order_statistic_equals_that_of_the_written_out_averages() {
    for values in [
        vec![0.3, -1.2, 5.0, 5.0, 0.0, -0.0, 2.5, 1e-9],
        vec![-3.0, -1.0, -2.0, -7.5, -0.1],
        vec![4.0],
        vec![1.0, 1.0, 1.0],
    ] {
        let walsh = Walsh::new(&values);
        for (i, expected) in all_walsh(&values).iter().enumerate() {
            assert_eq!(walsh.smallest(i as u64 + 1), *expected, "{values:?}");
        }
    }
}

#[test]
fn the_95_percent_interval_starts_at_six_blocks_and_the_90_percent_one_at_five() {
    assert_eq!(least_n(0.95).unwrap(), 6);
    assert_eq!(least_n(0.90).unwrap(), 5);
    assert_eq!(least_n(1.0 - 0.05 / 4.0).unwrap(), 8);
    assert_eq!(pseudo_median_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).unwrap(), None);
    let ci = pseudo_median_interval(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.95).unwrap();
    assert_eq!(ci, Some(Interval { lo: 1.0, hi: 6.0 }));
}

#[test]
fn equal_differences_give_a_point() {
    let estimate = hodges_lehmann(&[0.1; 12], 0.95).unwrap().unwrap();
    assert_eq!(estimate, Estimate { value: 0.1, ci: Some(Interval::point(0.1)) });
}

#[test]
fn the_approximation_above_50_stays_near_the_exact_rank() {
    // Exact ranks by counting with unbounded integers, n and tail as given.
    for (n, tail, exact) in
        [(51, 0.05, 487), (51, 0.025, 454), (51, 0.00625, 399), (60, 0.025, 649), (80, 0.025, 1212)]
    {
        let k = lower_rank(n, tail).unwrap();
        assert!(k.abs_diff(exact) <= 2, "n = {n}, tail {tail}: {k} against {exact}");
    }
}

#[test]
fn unsound_input_is_an_error() {
    assert!(pseudo_median(&[f64::NAN]).is_err());
    assert!(hodges_lehmann(&[1.0, f64::NEG_INFINITY], 0.95).is_err());
    assert!(least_n(1.0).is_err());
    assert_eq!(hodges_lehmann(&[], 0.95).unwrap(), None);
}

#[test]
fn the_exact_interval_covers_the_centre_of_a_heavy_tailed_distribution_as_often_as_it_says() {
    // Cauchy about 3: no mean, no variance. At n = 10 the exact coverage is 1 - 2 P(T+ <= 8) = .9512; with 4,000
    // samples its standard error is .0034.
    const SAMPLES: usize = 4_000;
    let mut rng = ChaCha8Rng::from_seed([5; 32]);
    let mut cauchy = || {
        let uniform = ((rng.next_u64() >> 12) as f64 + 0.5) * 2f64.powi(-52);
        3.0 + (std::f64::consts::PI * (uniform - 0.5)).tan()
    };
    let hits = (0..SAMPLES)
        .filter(|_| {
            let sample: Vec<f64> = (0..10).map(|_| cauchy()).collect();
            pseudo_median_interval(&sample, 0.95).unwrap().unwrap().contains(3.0)
        })
        .count();
    let coverage = hits as f64 / SAMPLES as f64;
    assert!((coverage - 0.9512).abs() < 0.014, "{coverage}");
}

proptest! {
    /// Shifting and scaling the data shifts and scales the estimate; mirroring mirrors it; order does not matter.
    #[test]
    fn the_estimate_follows_the_data(
        values in prop::collection::vec(-1000i32..1000, 1..70),
        offset in -500i32..500,
        shuffle in 0usize..70,
    ) {
        let data: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
        let estimate = hodges_lehmann(&data, 0.9).unwrap().unwrap();
        let moved: Vec<f64> = data.iter().map(|v| 2.0 * v + f64::from(offset)).collect();
        let moved = hodges_lehmann(&moved, 0.9).unwrap().unwrap();
        prop_assert_eq!(moved.value, 2.0 * estimate.value + f64::from(offset));
        let mut turned: Vec<f64> = data.iter().map(|v| -v).collect();
        let turn = shuffle % turned.len();
        turned.rotate_left(turn);
        let turned = hodges_lehmann(&turned, 0.9).unwrap().unwrap();
        prop_assert_eq!(turned.value, -estimate.value);
        prop_assert_eq!(turned.ci.map(|ci| (-ci.hi, -ci.lo)), estimate.ci.map(|ci| (ci.lo, ci.hi)));
    }

    /// A higher level never gives a narrower interval, and every interval holds the estimate.
    #[test]
    fn intervals_are_nested(values in prop::collection::vec(-50i32..50, 1..60)) {
        let data: Vec<f64> = values.iter().map(|v| f64::from(*v) / 8.0).collect();
        let value = pseudo_median(&data).unwrap().unwrap();
        let mut wider: Option<Interval> = None;
        for level in [0.999, 0.9875, 0.95, 0.9, 0.5] {
            let ci = pseudo_median_interval(&data, level).unwrap();
            if let Some(wider) = wider {
                let ci = ci.unwrap();
                prop_assert!(wider.lo <= ci.lo && ci.hi <= wider.hi);
            }
            prop_assert!(ci.is_none_or(|ci| ci.contains(value)));
            wider = ci;
        }
    }

    /// An interval excludes 0 exactly when the exact test at the same level rejects (no ties, no zeros).
    #[test]
    fn the_interval_and_the_test_agree(
        values in prop::collection::hash_set(1i64..1 << 40, 6..40),
        signs in prop::collection::vec(any::<bool>(), 40),
    ) {
        let data: Vec<f64> = values
            .iter()
            .zip(&signs)
            .map(|(v, up)| if *up { *v as f64 } else { -(*v as f64) })
            .collect();
        let p = signed_rank_test(&data).unwrap().unwrap().p_exact.unwrap();
        for level in [0.95, 0.9] {
            let excludes = pseudo_median_interval(&data, level).unwrap().unwrap().excludes_zero();
            prop_assert_eq!(excludes, p <= 1.0 - level, "p = {}", p);
        }
    }
}

//! The statistics against a second, independent implementation (the crate anofox-statistics) on seeded random samples.
//!
//! Left out, its conventions being R's: `qtukey` stops at 1e-4, Hodges-Lehmann intervals of large or tied samples come from
//! a root finder and not from order statistics, Kendall's p is asymptotic at every n, and `bootstrap_ci` has other resamples.

use analyzer::stats::{
    autocorrelation, blocked, brown_forsythe, effect, hodges_lehmann, kruskal, multiple, paired, rank_sum,
    shapiro_wilk, shift, studentized_range, trend, welch, wilcoxon,
};
use anofox_statistics as other;
use other::{Alternative, AnovaKind, EquivalenceBounds, PAdjustMethod, TTestKind};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

const SAMPLES: u64 = 20;

/// A sum of uniform numbers: near normal, skewed by its square, of any size.
fn drawn(rng: &mut ChaCha8Rng, n: usize, shift: f64, skew: f64) -> Vec<f64> {
    let mut uniform = || (rng.next_u64() >> 11) as f64 * 2f64.powi(-53);
    (0..n)
        .map(|_| {
            let z: f64 = (0..6).map(|_| uniform()).sum::<f64>() - 3.0;
            shift + z + skew * z * z
        })
        .collect()
}

/// Three groups of 6 to 25 values that differ a little.
fn groups(seed: u64) -> [Vec<f64>; 3] {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    [0.0, 0.3, 1.0].map(|shift| {
        let n = 6 + (rng.next_u64() % 20) as usize;
        drawn(&mut rng, n, shift, shift)
    })
}

#[track_caller]
fn same(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() <= 1e-8 * theirs.abs() + 1e-12, "{what}: {ours:e} against {theirs:e}");
}

#[test]
fn unpaired_means_and_spreads() {
    for seed in 0..SAMPLES {
        let [a, b, c] = groups(seed);
        let theirs = other::t_test(&b, &a, TTestKind::Welch, Alternative::TwoSided, 0.0, Some(0.9)).unwrap();
        let ours = welch::welch_t(&a, &b, 0.9).unwrap().unwrap();
        let ci = theirs.conf_int.unwrap();
        same(ours.t.unwrap(), theirs.statistic, "Welch t");
        same(ours.df.unwrap(), theirs.df, "Welch df");
        same(ours.p.unwrap(), theirs.p_value, "Welch p");
        same(ours.ci.lo, ci.lower, "Welch lower end");
        same(ours.ci.hi, ci.upper, "Welch upper end");

        let bounds = EquivalenceBounds::Symmetric { delta: 0.8 };
        let theirs = other::tost_t_test_two_sample(&b, &a, &bounds, 0.05, false).unwrap();
        same(welch::welch_tost(&a, &b, 0.8).unwrap().unwrap(), theirs.tost_p_value, "Welch TOST");

        let (df, d) =
            ((a.len() + b.len() - 2) as f64, other::cohens_d(&b, &a, TTestKind::Student, 0.0).unwrap());
        let ours = effect::hedges_g(&a, &b).unwrap().unwrap() / d;
        assert!((ours - (1.0 - 3.0 / (4.0 * df - 1.0))).abs() < 1e-3, "J of {df} degrees: {ours}");

        let groups: [&[f64]; 3] = [&a, &b, &c];
        let theirs = other::one_way_anova(&groups, AnovaKind::Welch).unwrap();
        let ours = welch::welch_anova(&groups).unwrap().unwrap();
        same(ours.f, theirs.statistic, "Welch F");
        same(ours.df2, theirs.df_within, "Welch F df");
        same(ours.p, theirs.p_value, "Welch F p");

        let theirs = other::brown_forsythe(&groups).unwrap();
        let ours = brown_forsythe::brown_forsythe(&groups).unwrap().unwrap();
        same(ours.f, theirs.statistic, "Brown-Forsythe F");
        same(ours.p, theirs.p_value, "Brown-Forsythe p");
    }
}

#[test]
fn unpaired_ranks() {
    for seed in 0..SAMPLES {
        let [a, b, c] = groups(seed);
        let coarse = |x: &[f64]| x.iter().map(|v| (v * 4.0).round()).collect::<Vec<f64>>();
        for [a, b, c] in [[a.clone(), b.clone(), c.clone()], [coarse(&a), coarse(&b), coarse(&c)]] {
            let groups: [&[f64]; 3] = [&a, &b, &c];
            let theirs = other::kruskal_wallis(&groups).unwrap();
            let ours = kruskal::kruskal_wallis(&groups).unwrap().unwrap();
            same(ours.h, theirs.statistic, "Kruskal-Wallis H");
            same(ours.p, theirs.p_value, "Kruskal-Wallis p");

            let theirs = |exact| {
                other::mann_whitney_u(&b, &a, Alternative::TwoSided, true, exact, Some(0.9), None).unwrap()
            };
            let ours = rank_sum::mann_whitney(&a, &b).unwrap().unwrap();
            same(ours.u_b, theirs(false).statistic, "Mann-Whitney U");
            same(ours.p_asymptotic, theirs(false).p_value, "Mann-Whitney p");
            let Some(exact) = ours.p_exact else { continue };
            let theirs = theirs(true);
            same(exact, theirs.p_value, "Mann-Whitney exact p");
            let ours = shift::hodges_lehmann_shift(&a, &b, 0.9).unwrap().unwrap();
            same(ours.value, theirs.estimate.unwrap(), "Hodges-Lehmann shift");
            let (ours, theirs) = (ours.ci.unwrap(), theirs.conf_int.unwrap());
            same(ours.lo, theirs.lower, "lower end of the shift");
            same(ours.hi, theirs.upper, "upper end of the shift");
        }
    }
}

#[test]
fn paired_samples() {
    for seed in 0..SAMPLES {
        let mut rng = ChaCha8Rng::seed_from_u64(1000 + seed);
        let n = 6 + (rng.next_u64() % 30) as usize;
        let (a, b) = (drawn(&mut rng, n, 5.0, 0.0), drawn(&mut rng, n, 5.2, 0.3));
        let differences = paired::differences(&a, &b).unwrap();
        let theirs =
            other::t_test(&b, &a, TTestKind::Paired, Alternative::TwoSided, 0.0, Some(0.95)).unwrap();
        let ours = paired::paired_t(&differences, 0.95).unwrap().unwrap();
        same(ours.t.unwrap(), theirs.statistic, "paired t");
        same(ours.p.unwrap(), theirs.p_value, "paired p");
        same(ours.ci.lo, theirs.conf_int.unwrap().lower, "paired lower end");

        let bounds = EquivalenceBounds::Symmetric { delta: 0.6 };
        let theirs = other::tost_t_test_paired(&b, &a, &bounds, 0.05).unwrap();
        same(paired::paired_tost(&differences, 0.6).unwrap().unwrap(), theirs.tost_p_value, "paired TOST");

        let theirs = |exact| {
            other::wilcoxon_signed_rank(&b, &a, Alternative::TwoSided, true, exact, Some(0.95), None).unwrap()
        };
        let ours = wilcoxon::signed_rank_test(&differences).unwrap().unwrap();
        same(ours.p_asymptotic, theirs(false).p_value, "signed-rank p");
        let theirs = theirs(true);
        same(ours.w_plus, theirs.statistic, "signed ranks");
        same(ours.p_exact.unwrap(), theirs.p_value, "signed-rank exact p");
        let ours = hodges_lehmann::hodges_lehmann(&differences, 0.95).unwrap().unwrap();
        same(ours.value, theirs.estimate.unwrap(), "pseudo-median");
        let (ours, theirs) = (ours.ci.unwrap(), theirs.conf_int.unwrap());
        same(ours.lo, theirs.lower, "lower end of the pseudo-median");
        same(ours.hi, theirs.upper, "upper end of the pseudo-median");
    }
}

#[test]
fn blocks() {
    for seed in 0..SAMPLES {
        let mut rng = ChaCha8Rng::seed_from_u64(2000 + seed);
        let rows: Vec<Vec<f64>> =
            (0..4 + seed as usize % 9).map(|block| drawn(&mut rng, 4, block as f64, 0.2)).collect();
        let slices: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let theirs = other::repeated_measures_anova(&slices, false).unwrap();
        let ours = blocked::rcbd_f(&blocked::Blocked::new(&rows).unwrap()).unwrap();
        same(ours.f, theirs.within_subjects.f_statistic.unwrap(), "randomised-block F");
        same(ours.p, theirs.within_subjects.p_value.unwrap(), "randomised-block p");
        assert_eq!(ours.df2, theirs.error.df);
    }
}

#[test]
fn normality_and_series() {
    for seed in 0..SAMPLES {
        let mut rng = ChaCha8Rng::seed_from_u64(3000 + seed);
        for n in [3, 4, 8, 11, 12, 40, 700] {
            let x = drawn(&mut rng, n, 10.0, 0.1 * seed as f64);
            let theirs = other::shapiro_wilk(&x).unwrap();
            let ours = shapiro_wilk::shapiro_wilk(&x).unwrap().unwrap();
            same(ours.w, theirs.statistic, "Shapiro-Wilk W");
            // Far out the p of 1e-11 and less hangs on the last digits of 1 - W.
            assert!(
                (ours.p - theirs.p_value).abs() < 1e-7 * theirs.p_value + 1e-11,
                "n = {n}: {ours:?} {theirs:?}"
            );
            if n >= 12 {
                let theirs = other::timeseries::ljung_box(&x, 10, 0).unwrap();
                let ours = autocorrelation::ljung_box(&x).unwrap().unwrap();
                same(ours.q, theirs.statistic, "Ljung-Box Q");
                same(ours.p, theirs.p_value, "Ljung-Box p");
            }
            let order: Vec<f64> = (0..n).map(|i| i as f64).collect();
            let theirs = other::kendall(&order, &x, other::KendallVariant::TauB).unwrap();
            let ours = trend::kendall(&x).unwrap().unwrap();
            same(ours.tau, theirs.estimate, "Kendall's tau");
            if n > trend::LARGEST_EXACT_N {
                same(ours.p, theirs.p_value, "Kendall p");
            }
        }
    }
}

#[test]
fn many_comparisons() {
    for seed in 0..SAMPLES {
        let mut rng = ChaCha8Rng::seed_from_u64(4000 + seed);
        let mut uniform = || (rng.next_u64() >> 11) as f64 * 2f64.powi(-53);
        let ps: Vec<f64> = (0..12).map(|_| uniform().powi(3)).collect();
        for (ours, method) in [
            (multiple::holm(&ps), PAdjustMethod::Holm),
            (multiple::benjamini_hochberg(&ps), PAdjustMethod::BH),
        ] {
            let theirs = other::p_adjust(&ps, method);
            ours.unwrap().iter().zip(&theirs).for_each(|(ours, theirs)| same(*ours, *theirs, "adjusted p"));
        }
        let (q, k, df) = (0.5 + 5.0 * uniform(), 2 + seed as usize % 9, 2.0 + 40.0 * uniform());
        let theirs = other::ptukey(q, k as f64, df, 1.0, false);
        let ours = studentized_range::upper_tail(q, k, df).unwrap();
        // A port of R's algorithm, which is off by 1e-8 at few degrees of freedom.
        assert!((ours - theirs).abs() < 1e-7, "q = {q}, k = {k}, df = {df}: {ours} against {theirs}");
    }
}

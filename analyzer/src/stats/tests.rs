//! What holds for every statistic at once: any finite input gives finite numbers or none, and never a panic.

use proptest::prelude::*;

use super::bootstrap::{Resampling, bootstrap_t};
use super::verdict::{Levels, Names, Unit, compare_paired, compare_unpaired};
use super::*;

/// Values of every size that is accepted, with repetitions, zeros of both signs and near-equal neighbours.
fn odd_values(sizes: std::ops::Range<usize>) -> impl Strategy<Value = Vec<f64>> {
    let value = prop_oneof![
        -1e100..1e100f64,
        -1.0..1.0f64,
        -1e-300..1e-300f64,
        prop::sample::select(vec![
            0.0,
            -0.0,
            1.0,
            1.0 + f64::EPSILON,
            0.1,
            f64::MIN_POSITIVE,
            5e-324,
            1e100,
            -1e100
        ]),
    ];
    prop::collection::vec(value, sizes)
}

fn finite(estimate: Option<Estimate>) -> bool {
    estimate.is_none_or(|e| e.value.is_finite() && sound(e.ci))
}

fn sound(interval: Option<Interval>) -> bool {
    interval.is_none_or(|ci| ci.lo.is_finite() && ci.hi.is_finite() && ci.lo <= ci.hi)
}

fn probability(p: f64) -> bool {
    (0.0..=1.0).contains(&p)
}

proptest! {
    #[test]
    fn one_sample_never_yields_a_nan(values in odd_values(0..60), level in 0.01..0.999f64, seed in any::<u64>()) {
        let x = &values;
        prop_assert!(finite(mean::mean_t(x, level).unwrap()));
        prop_assert!(finite(hodges_lehmann::hodges_lehmann(x, level).unwrap()));
        let resampling = Resampling { resamples: 300, seed };
        prop_assert!(sound(bootstrap_t(x, 0.95, resampling).unwrap()));
        prop_assert!(sound(quantile::median_interval(x, level).unwrap().map(|m| m.interval)));
        prop_assert!(quantile::quantile(x, level).unwrap().is_none_or(f64::is_finite));
        prop_assert!(wilcoxon::signed_rank_test(x).unwrap().is_none_or(|t| probability(t.p()) && probability(t.p_asymptotic)));
        if let Some(test) = paired::paired_t(x, level).unwrap() {
            prop_assert!(test.t.is_none_or(|t| !t.is_nan()) && test.p.is_none_or(probability));
        }
        prop_assert!(paired::paired_tost(x, 0.5).unwrap().is_none_or(probability));
        if x.len() < 12 {
            prop_assert!(permutation::sign_flip(x, seed).unwrap().is_none_or(|f| probability(f.p) && f.p > 0.0));
        }
    }

    #[test]
    fn two_samples_never_yield_a_nan(a in odd_values(0..20), b in odd_values(0..20), level in 0.01..0.999f64) {
        prop_assert!(finite(shift::hodges_lehmann_shift(&a, &b, level).unwrap()));
        prop_assert!(rank_sum::mann_whitney(&a, &b).unwrap().is_none_or(|t| probability(t.p()) && probability(t.p_asymptotic)));
        prop_assert!(effect::cliffs_delta(&a, &b).unwrap().is_none_or(|d| (-1.0..=1.0).contains(&d)));
        prop_assert!(effect::hedges_g(&a, &b).unwrap().is_none_or(|g| !g.is_nan()));
        if let Some(test) = welch::welch_t(&a, &b, level).unwrap() {
            prop_assert!(sound(Some(test.ci)) && test.p.is_none_or(probability) && test.df.is_none_or(f64::is_finite));
        }
        let half = (a.len() / 2, b.len() / 2);
        let groups: [&[f64]; 3] = [&a, &b[..half.1], &b[half.1..]];
        prop_assert!(welch::welch_anova(&groups).unwrap().is_none_or(|w| probability(w.p) && w.f.is_finite()));
        prop_assert!(kruskal::kruskal_wallis(&groups).unwrap().is_none_or(|k| probability(k.p) && k.h >= 0.0));
        let strata = [(&a[..half.0], &b[..half.1]), (&a[half.0..], &b[half.1..])];
        prop_assert!(stratified::stratified(&strata).unwrap().is_none_or(|s| probability(s.p) && s.shift.is_finite()));
        prop_assert!(sound(stratified::stratified_interval(&strata, level).unwrap()));
    }

    #[test]
    fn normality_spread_and_standardised_differences_never_yield_a_nan(
        a in odd_values(0..20), b in odd_values(0..20), level in 0.01..0.999f64,
    ) {
        prop_assert!(shapiro_wilk::shapiro_wilk(&a).unwrap().is_none_or(|s| probability(s.w) && probability(s.p)));
        let half = b.len() / 2;
        let groups: [&[f64]; 3] = [&a, &b[..half], &b[half..]];
        prop_assert!(brown_forsythe::brown_forsythe(&groups).unwrap().is_none_or(|t| t.f.is_finite() && probability(t.p)));
        let estimate = effect::hedges_g_interval(&a, &b, level).unwrap();
        prop_assert!(finite(estimate));
        prop_assert_eq!(estimate.map(|e| e.value), effect::hedges_g(&a, &b).unwrap());
        for pair in games_howell::games_howell(&groups, level).unwrap().into_iter().flatten() {
            prop_assert!(pair.diff.is_finite() && probability(pair.p) && sound(Some(pair.ci)), "{:?}", pair);
        }
    }

    #[test]
    fn blocks_never_yield_a_nan(values in odd_values(0..25), treatments in 1..6usize, level in 0.01..0.999f64) {
        let rows: Vec<&[f64]> = values.chunks_exact(treatments).collect();
        let data = blocked::Blocked::new(&rows).unwrap();
        if let Some(f) = blocked::rcbd_f(&data) {
            prop_assert!(f.f.is_finite() && probability(f.p) && f.relative_efficiency.is_finite(), "{:?}", f);
        }
        for pair in blocked::tukey(&data, level).unwrap().into_iter().flatten() {
            prop_assert!(pair.diff.is_finite() && probability(pair.p) && sound(Some(pair.ci)), "{:?}", pair);
        }
        if let Some(test) = friedman::friedman(&data) {
            prop_assert!(test.chi2.is_finite() && probability(test.p));
            prop_assert!(test.iman_davenport.is_none_or(|f| f.f.is_finite() && probability(f.p)));
        }
    }

    #[test]
    fn distributions_are_probabilities_wherever_they_are_asked(
        t in prop_oneof![-1e100..1e100f64, -1e4..1e4f64, -50.0..50.0f64],
        delta in prop_oneof![-1e100..1e100f64, -1e4..1e4f64, -50.0..50.0f64],
        df in prop_oneof![1.0..3.0f64, 1.0..100.0f64, 1.0..1e7f64],
        k in 0..40usize,
        level in 0.001..0.9999f64,
    ) {
        let (lower, upper) = (noncentral_t::cdf(t, df, delta).unwrap(), noncentral_t::upper_tail(t, df, delta).unwrap());
        prop_assert!((lower + upper - 1.0).abs() < 1e-8, "{} + {}", lower, upper);
        let ci = noncentral_t::noncentrality_interval(t, df, level).unwrap();
        prop_assert!(sound(Some(ci)), "{:?}", ci);
        prop_assert!(probability(studentized_range::upper_tail(t.abs(), k, df).unwrap()));
        let effect = power::minimum_detectable_effect(2 + k, 1.0, 1.0 - level, level).unwrap();
        prop_assert!(effect.is_none_or(|effect| effect.is_finite() && effect >= 0.0));
    }

    #[test]
    fn a_verdict_names_both_arms_and_never_nan(values in odd_values(0..30), margin in 0.0..2.0f64) {
        for unit in [Unit::percentage_points(), Unit::plain("ms")] {
            let names = Names { a: "arm-a", b: "arm-b", unit: &unit };
            let half = values.len() / 2;
            for comparison in [
                compare_paired(&values, Levels::simultaneous(0.9875), margin, names).unwrap(),
                compare_unpaired(&values[..half], &values[half..], Levels::SINGLE, margin, names).unwrap(),
            ] {
                let text = &comparison.judgement.text;
                prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{}", text);
                prop_assert!(comparison.ci.is_none() || comparison.n.least() < 6 || text.contains("arm-b"), "{}", text);
            }
        }
    }
}

use super::*;

/// A contrast of 12 blocks with margin 0.5 pp; numbers in percentage points.
fn judged(d: f64, ci: (f64, f64), ci90: (f64, f64)) -> Judgement {
    judged_with(SampleSize::Blocks(12), d, Some(ci), Some(ci90), false)
}

fn judged_with(
    n: SampleSize,
    d: f64,
    ci: Option<(f64, f64)>,
    ci_within: Option<(f64, f64)>,
    no_variation: bool,
) -> Judgement {
    let interval = |(lo, hi): (f64, f64)| Interval { lo: lo / 100.0, hi: hi / 100.0 };
    judge(&Contrast {
        a: "tokio-default",
        b: "smol",
        n,
        estimate: Some(d / 100.0),
        ci: ci.map(interval),
        levels: Levels::SINGLE,
        ci_within: ci_within.map(interval),
        margin: 0.005,
        no_variation,
        step: None,
        against: None,
        apart: &[],
        unit: &Unit::percentage_points(),
    })
    .unwrap()
}

#[test]
fn each_row_of_the_table_has_its_sentence() {
    let cases = [
        (
            judged(1.2, (0.8, 1.6), (0.9, 1.5)),
            Verdict::Relevant,
            "smol is higher than tokio-default by 1.20 pp [0.80, 1.60]",
        ),
        (
            judged(-1.2, (-1.6, -0.8), (-1.5, -0.9)),
            Verdict::Relevant,
            "smol is lower than tokio-default by 1.20 pp [0.80, 1.60]",
        ),
        (
            judged(0.2, (0.1, 0.3), (0.12, 0.28)),
            Verdict::Negligible,
            "they differ, by less than the margin of ± 0.50 pp: smol is higher than tokio-default by 0.20 pp [0.10, 0.30]",
        ),
        (
            judged(0.1, (-0.3, 0.5), (-0.2, 0.4)),
            Verdict::Equivalent,
            "equivalent within ± 0.50 pp: smol minus tokio-default 0.10 pp, 90 % interval [-0.20, 0.40]",
        ),
        (
            judged(-0.4, (-0.7, -0.1), (-0.6, -0.2)),
            Verdict::Unresolved,
            "they differ; size unresolved against ± 0.50 pp: smol is lower than tokio-default by 0.40 pp [0.10, 0.70]",
        ),
        (
            judged(0.2, (-0.6, 1.0), (-0.4, 0.8)),
            Verdict::Inconclusive,
            "smol minus tokio-default is anywhere in [-0.60, 1.00] pp; about 36 more blocks would settle it",
        ),
    ];
    for (judgement, verdict, text) in cases {
        assert_eq!((judgement.verdict, judgement.text.as_str()), (verdict, text));
    }
}

#[test]
fn the_first_row_that_matches_decides_and_bounds_are_strict() {
    let verdict = |ci, ci90| judged(0.0, ci, ci90).verdict;
    // Wholly beyond the margin is relevant; touching it is not beyond.
    assert_eq!(verdict((0.51, 0.9), (0.6, 0.8)), Verdict::Relevant);
    assert_eq!(verdict((0.5, 0.9), (0.6, 0.8)), Verdict::Unresolved);
    assert_eq!(verdict((-0.9, -0.5), (-0.8, -0.6)), Verdict::Unresolved);
    // Touching 0 does not exclude 0.
    assert_eq!(verdict((0.0, 0.3), (0.1, 0.2)), Verdict::Equivalent);
    // The 90 % interval decides on the margin, the 95 % one on 0.
    assert_eq!(verdict((0.1, 0.6), (0.2, 0.45)), Verdict::Negligible);
    // Touching the margin is not inside it.
    assert_eq!(verdict((-0.6, 0.6), (-0.5, 0.4)), Verdict::Inconclusive);
    assert_eq!(verdict((-0.6, 0.6), (-0.4, 0.5)), Verdict::Inconclusive);
    assert_eq!(verdict((0.1, 0.6), (0.2, 0.5)), Verdict::Unresolved);
}

#[test]
fn too_few_blocks_say_how_many_it_takes() {
    let few = judged_with(SampleSize::Blocks(5), 1.0, None, Some((0.8, 1.2)), false);
    assert_eq!((few.verdict, few.text.as_str()), (Verdict::NotAnalysable, "needs >= 6 blocks, has 5"));
    let few = judged_with(SampleSize::Groups(9, 3), 1.0, Some((0.8, 1.2)), Some((0.9, 1.1)), false);
    assert_eq!(few.text, "needs >= 6 per group, has 9 and 3");
    let five_with_intervals =
        judged_with(SampleSize::Blocks(5), 1.0, Some((0.8, 1.2)), Some((0.9, 1.1)), false);
    assert_eq!(five_with_intervals.verdict, Verdict::NotAnalysable);
}

#[test]
fn a_family_of_contrasts_needs_more_blocks() {
    let unit = Unit::percentage_points();
    let names = Names { a: "a", b: "b", unit: &unit };
    let differences = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07];
    let comparison =
        compare_paired(&differences, Levels::simultaneous(1.0 - 0.05 / 4.0), 0.005, names).unwrap();
    assert_eq!(comparison.judgement.text, "needs >= 8 blocks for a 98.75 % interval, has 7");
    assert!(comparison.ci.is_none() && comparison.ci95.is_some());
}

#[test]
fn constant_differences_give_a_point_and_say_so() {
    let unit = Unit::percentage_points();
    let names = Names { a: "a", b: "b", unit: &unit };
    let judged = |d: f64| compare_paired(&[d; 12], Levels::SINGLE, 0.005, names).unwrap();
    let relevant = judged(0.01);
    assert_eq!((relevant.ci, relevant.ci_within), (Some(Interval::point(0.01)), Some(Interval::point(0.01))));
    assert_eq!(relevant.judgement.text, "b is higher than a by 1.00 pp [1.00, 1.00]; no variation");
    assert_eq!(judged(0.0).judgement.verdict, Verdict::Equivalent);
    assert_eq!(
        judged(0.005).judgement.verdict,
        Verdict::Unresolved,
        "exactly the margin is neither beyond nor inside"
    );
    let groups = compare_unpaired(&[1.0; 6], &[1.02; 7], Levels::SINGLE, 0.005, names).unwrap();
    assert!(groups.judgement.text.ends_with("no variation"), "{}", groups.judgement.text);
}

#[test]
fn mostly_equal_differences_are_not_called_without_variation() {
    let mut differences = [0.01; 12];
    differences[4] = 0.2;
    let unit = Unit::percentage_points();
    let comparison =
        compare_paired(&differences, Levels::SINGLE, 0.005, Names { a: "a", b: "b", unit: &unit }).unwrap();
    assert!(!comparison.judgement.text.contains("no variation"));
}

#[test]
fn an_estimate_outside_the_margin_names_no_number_of_blocks() {
    let judgement = judged(0.6, (-0.1, 1.3), (0.0, 1.2));
    assert_eq!((judgement.verdict, judgement.more_blocks), (Verdict::Inconclusive, None));
    assert!(
        judgement
            .text
            .ends_with("the estimate is not inside ± 0.50 pp, so no number of further blocks is named")
    );
}

#[test]
fn a_sentence_never_rounds_a_bound_onto_zero_or_the_margin() {
    let judgement = judged(0.003, (0.001, 0.005), (0.002, 0.004));
    assert!(judgement.text.contains("by 0.003 pp [0.001, 0.005]"), "{}", judgement.text);
    let judgement = judged(0.9, (0.501, 1.3), (0.6, 1.2));
    assert!(judgement.text.contains("[0.501, 1.300]"), "{}", judgement.text);
}

#[test]
fn on_the_log_scale_a_fall_is_written_as_the_percentage_it_is() {
    let unit = Unit::log_as_percent();
    let judgement = judge(&Contrast {
        a: "a",
        b: "b",
        n: SampleSize::Groups(20, 20),
        estimate: Some(-0.5f64.ln().abs()),
        ci: Some(Interval { lo: -0.8, hi: -0.6 }),
        levels: Levels::SINGLE,
        ci_within: Some(Interval { lo: -0.75, hi: -0.65 }),
        margin: 0.05,
        no_variation: false,
        step: None,
        against: None,
        apart: &[],
        unit: &unit,
    })
    .unwrap();
    assert_eq!(judgement.text, "b is lower than a by 50.0 % [45.1, 55.1]");
}

#[test]
fn a_number_that_is_not_finite_never_becomes_a_verdict() {
    let unit = Unit::plain("");
    let contrast = Contrast {
        a: "a",
        b: "b",
        n: SampleSize::Blocks(12),
        estimate: Some(f64::NAN),
        ci: Some(Interval { lo: 0.0, hi: 1.0 }),
        levels: Levels::SINGLE,
        ci_within: Some(Interval { lo: 0.0, hi: 1.0 }),
        margin: 0.5,
        no_variation: false,
        step: None,
        against: None,
        apart: &[],
        unit: &unit,
    };
    assert!(judge(&contrast).is_err());
    assert!(
        judge(&Contrast {
            estimate: Some(0.5),
            ci_within: Some(Interval { lo: f64::NAN, hi: 1.0 }),
            ..contrast
        })
        .is_err()
    );
    assert!(judge(&Contrast { estimate: Some(0.5), margin: f64::NAN, ..contrast }).is_err());
    assert!(judge(&Contrast { estimate: Some(0.5), margin: -1.0, ..contrast }).is_err());
}

/// Nine quiet blocks of 12, in percentage points.
const QUIET: [f64; 9] = [0.01, -0.02, 0.0, 0.03, -0.01, 0.02, -0.03, 0.01, -0.005];

fn paired(percentage_points: &[f64]) -> Comparison {
    let differences: Vec<f64> = percentage_points.iter().map(|d| d / 100.0).collect();
    let unit = Unit::percentage_points();
    compare_paired(&differences, Levels::SINGLE, 0.005, Names { a: "a", b: "b", unit: &unit }).unwrap()
}

fn unpaired(a: &[f64], b: &[f64], margin: f64) -> Comparison {
    let unit = Unit::plain("");
    compare_unpaired(a, b, Levels::SINGLE, margin, Names { a: "a", b: "b", unit: &unit }).unwrap()
}

#[test]
fn trials_that_lose_much_contradict_equivalence_and_are_named() {
    // Three of 20: the interval of the typical block stays inside the margin.
    let differences: Vec<f64> =
        QUIET.iter().chain(&QUIET[1..]).copied().chain([-50.0, -50.5, -49.5]).collect();
    let found = paired(&differences);
    assert_eq!(found.judgement.verdict, Verdict::Unresolved);
    let text = &found.judgement.text;
    assert!(
        text.starts_with(
            "the typical trial is equal within ± 0.50 pp, but 3 of 20 blocks are lower by about 49.99 pp: b minus a"
        ),
        "{text}"
    );
    assert!(found.against.is_some_and(|against| !against.is_higher()));
}

#[test]
fn unpaired_trials_that_lose_much_contradict_equivalence_whichever_group_they_are_of() {
    let quiet: Vec<f64> = QUIET.iter().chain(&QUIET[..3]).copied().collect();
    let losing: Vec<f64> = QUIET.iter().copied().chain([-50.0, -50.5, -49.5]).collect();
    let found = unpaired(&quiet, &losing, 0.5);
    assert_eq!(found.judgement.verdict, Verdict::Unresolved, "{}", found.judgement.text);
    assert!(found.judgement.text.contains("3 of 12 values of b are lower by about 49.9"));
    let mirrored = unpaired(&losing, &quiet, 0.5);
    assert!(mirrored.judgement.text.contains("3 of 12 values of a are lower by about 49.9"));
    assert!(mirrored.against.is_some_and(|against| against.is_higher()));
}

#[test]
fn one_bad_moment_leaves_equivalence_and_is_named() {
    let differences: Vec<f64> = QUIET.iter().chain(&QUIET[1..]).copied().chain([-9.0]).collect();
    let found = paired(&differences);
    assert_eq!((found.judgement.verdict, found.against), (Verdict::Equivalent, None));
    assert!(
        found.judgement.text.ends_with("; 1 of 18 blocks is lower by about 9.00 pp"),
        "{}",
        found.judgement.text
    );
}

#[test]
fn a_mean_beyond_the_margin_contradicts_equivalence() {
    // A smooth tail, that of an exponential distribution: the few values apart do not do it.
    let a: Vec<f64> = (0..400).map(|i| f64::from(i % 19) * 0.001).collect();
    let b: Vec<f64> = (0..400).map(|i| -0.56 * (1.0 - (f64::from(i) + 0.5) / 400.0).ln()).collect();
    let found = unpaired(&a, &b, 0.5);
    if found.ci_within.is_some_and(|ci| ci.strictly_within(0.5)) {
        assert_eq!(found.judgement.verdict, Verdict::Unresolved, "{}", found.judgement.text);
        assert!(
            found.judgement.text.contains("but the mean of b minus a is 0.5"),
            "{}",
            found.judgement.text
        );
    } else {
        panic!("the typical value should lie inside the margin: {found:?}");
    }
}

#[test]
fn a_coarse_timer_gives_no_equivalence_and_is_named() {
    let (a, b) = ([93.75; 20], [93.75; 20].map(|v: f64| v));
    let mut a = a.to_vec();
    let mut b = b.to_vec();
    a[..8].fill(109.375);
    b[..12].fill(109.375);
    let found = unpaired(&a, &b, 2.0);
    assert_eq!(found.judgement.verdict, Verdict::Inconclusive, "{}", found.judgement.text);
    assert_eq!((found.step, found.judgement.more_blocks), (Some(15.625), None));
    assert!(
        found.judgement.text.ends_with("; values move in steps of 15.625, which the interval allows for"),
        "{}",
        found.judgement.text
    );
    let far: Vec<f64> = b.iter().map(|v| v + 100.0).collect();
    assert_eq!(unpaired(&a, &far, 2.0).judgement.verdict, Verdict::Relevant, "six steps are seen");
}

#[test]
fn groups_of_unequal_size_and_spread_have_an_interval_that_holds_for_them() {
    // Eight values of sd 2 beside forty of sd .5: what the large group knows well, the small one does not.
    let a: Vec<f64> = (0..8).map(|i| f64::from(i - 4) * 0.9).collect();
    let b: Vec<f64> = (0..40).map(|i| f64::from(i - 20) * 0.045 - 0.9).collect();
    let found = unpaired(&a, &b, 0.5);
    let ranks = crate::stats::shift::shift_interval(&a, &b, 0.95).unwrap().unwrap();
    assert!(found.ci.unwrap().half_width() > 1.15 * ranks.half_width(), "{:?} {ranks:?}", found.ci);
}

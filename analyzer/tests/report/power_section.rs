//! The section on power, and all arms at once.

use crate::common::{Recipe, Synthetic};
use crate::{expect_on_page, page_of, with_analysis};
use analyzer::stats::power::minimum_detectable_effect;

#[test]
fn planned_and_attained_rest_on_what_their_columns_say() {
    let mut run = Synthetic::make(&Recipe { blocks: 20, ..Recipe::default() });
    run.forget(|t| t.block >= 12 && t.arm == "smol");
    with_analysis(&run, |analysis| {
        let cell = analysis.headline().unwrap();
        let sd = |differences: &[(u32, f64)]| {
            let n = differences.len() as f64;
            let mean = differences.iter().map(|(_, d)| d).sum::<f64>() / n;
            (differences.iter().map(|(_, d)| (d - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt()
        };
        let control = sd(&cell.control.as_ref().unwrap().differences);
        assert!((cell.control_sd.unwrap() - control).abs() < 1e-12);
        let alpha = 0.05 / 4.0;
        let wanted = |n, sd| minimum_detectable_effect(n, sd, alpha, 0.8).unwrap().unwrap();
        for contrast in &cell.contrasts {
            let n = if contrast.arm == "smol" { 12 } else { 20 };
            assert_eq!(contrast.n, n);
            assert!((contrast.power.planned.unwrap() - wanted(20, control)).abs() < 1e-9);
            let own = sd(&contrast.differences);
            assert!((contrast.power.attained.unwrap() - wanted(n, own)).abs() < 1e-9);
            assert_eq!(contrast.power.to_equivalence, Some(0));
        }
    });
    expect_on_page(&run, "the 20 blocks of the plan detect with probability 80 %");
    let family = "Its level is that of a family: 98.75 % over 4 comparisons in the primary cell, ";
    expect_on_page(&run, &format!("{family}chosen without a look at results because the plan names none."));
    run.manifest.plan.primary_cell = Some(run.trials[0].cell.clone());
    expect_on_page(&run, &format!("{family}which the plan names."));
}

#[test]
fn equivalence_has_a_price_only_where_blocks_can_buy_it() {
    let run = Synthetic::make(&Recipe {
        noise: 0.006,
        effect: |arm| if arm == "smol" { -0.2 } else { 0.0 },
        ..Recipe::default()
    });
    with_analysis(&run, |analysis| {
        let contrasts = &analysis.headline().unwrap().contrasts;
        let smol = contrasts.iter().find(|c| c.arm == "smol").unwrap();
        assert_eq!((smol.verdict.as_str(), smol.power.to_equivalence), ("relevant", None));
        assert!(contrasts.iter().any(|c| c.power.to_equivalence.is_some_and(|n| n > 0)));
    });
    expect_on_page(&run, "| – (relevant) |");
}

#[test]
fn without_a_second_label_or_with_one_block_nothing_is_invented() {
    let run = Synthetic::make(&Recipe { arms: vec!["tokio-default", "smol"], ..Recipe::default() });
    with_analysis(&run, |analysis| {
        let cell = analysis.headline().unwrap();
        assert_eq!((cell.control_sd, cell.contrasts[0].power.planned), (None, None));
        assert!(cell.contrasts[0].power.attained.is_some());
    });
    let run = Synthetic::make(&Recipe { blocks: 1, ..Recipe::default() });
    with_analysis(&run, |analysis| {
        let power = analysis.headline().unwrap().contrasts[0].power;
        assert_eq!((power.planned, power.attained, power.to_equivalence), (None, None, None));
    });
    expect_on_page(&run, "| needs >= 8 blocks | – |");
}

#[test]
fn all_arms_at_once() {
    let run = Synthetic::make(&Recipe { seed: 7, ..Recipe::default() });
    with_analysis(&run, |analysis| {
        let found = analysis.headline().unwrap().omnibus.as_ref().unwrap();
        assert_eq!(found.arms, ["tokio-default", "tokio-localset", "async-std", "smol", "smol-1kb"]);
        assert_eq!((found.blocks, found.pairs.len()), (12, 10));
        assert!(found.rcbd.unwrap().p > 0.05 && found.friedman.unwrap().p > 0.05);
    });
    let differs = Synthetic::make(&Recipe {
        effect: |arm| if arm == "smol" { -0.012 } else { 0.0 },
        ..Recipe::default()
    });
    with_analysis(&differs, |analysis| {
        let found = analysis.headline().unwrap().omnibus.as_ref().unwrap();
        assert!(found.rcbd.unwrap().p < 1e-9 && found.friedman.unwrap().p < 1e-3);
        for pair in &found.pairs {
            let with_smol = [pair.a, pair.b].into_iter().any(|place| found.arms[place] == "smol");
            assert_eq!(pair.p < 1e-6, with_smol, "{pair:?}");
        }
    });
    expect_on_page(&differs, "All 5 arms at once, over 12 complete blocks: randomised-block F(4, 44) = ");
    expect_on_page(&differs, "| smol minus tokio-default | -1.2");
}

#[test]
fn all_arms_at_once_of_odd_runs() {
    let few = Synthetic::make(&Recipe { blocks: 5, ..Recipe::default() });
    expect_on_page(&few, "All 5 arms at once: needs >= 6 complete blocks, has 5.");
    let alone =
        Synthetic::make(&Recipe { arms: vec!["tokio-default", "tokio-default#2"], ..Recipe::default() });
    assert!(!page_of(&alone).contains("at once, over"));
    let mut constant = Synthetic::make(&Recipe::default());
    for row in &mut constant.agents {
        let start = row.release_ns + 1_000;
        (row.start_ns, row.end_ns) = (Some(start), Some(start + 1_540_000_000));
    }
    expect_on_page(&constant, "All 5 arms at once, over 12 complete blocks: no variation to test.");
}

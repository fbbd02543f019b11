//! Figures known from an analysis of these data with scipy and statsmodels, apart from this program.

use crate::published;
use analyzer::stats::verdict::Verdict;
use analyzer::tr115::flags::Length;
use analyzer::tr115::identity::disagreement;
use analyzer::tr115::reading::{Reading, TierReading, read};
use analyzer::tr115::study::Sharing;
use analyzer::tr115::{MARGIN, load};

fn with_reading(check: impl FnOnce(&Reading)) {
    let study = load(&published()).unwrap();
    check(&read(&study, MARGIN).unwrap());
}

fn tier<'a, 'b>(reading: &'b Reading<'a>, name: &str) -> &'b TierReading<'a> {
    reading.tiers.iter().find(|tier| tier.tier.name == name).unwrap()
}

/// Equal to as many decimals as the known figure has.
#[track_caller]
fn near(ours: f64, known: f64, tolerance: f64) {
    assert!((ours - known).abs() <= tolerance, "{ours} against {known}");
}

#[test]
fn every_row_is_used() {
    with_reading(|reading| {
        assert_eq!(reading.study.rows, (600, Some(900)));
        assert_eq!(reading.study.findings.total(), 0);
        for tier in &reading.tiers {
            assert_eq!(tier.tier.runs.len(), 150);
        }
    });
}

#[test]
fn the_efficiency_is_the_identity() {
    with_reading(|reading| {
        let runs = || reading.tiers.iter().flat_map(|tier| &tier.tier.runs);
        let overlapping = || runs().filter(|run| run.sharing() == Sharing::Overlapping);
        assert_eq!(overlapping().count(), 240);
        let (_, largest) = disagreement(overlapping()).unwrap().unwrap();
        near(largest * 100.0, 0.011, 5e-5);
        let serialised: Vec<_> = runs().filter(|run| run.sharing() == Sharing::Serialised).collect();
        assert_eq!(serialised.len(), 60);
        assert!(serialised.iter().all(|run| run.runtime == "async-std"));
        assert!(serialised.iter().all(|run| (run.efficiency - 0.5).abs() < 2e-4));
    });
}

#[test]
fn no_ranking_is_supported() {
    with_reading(|reading| {
        let v2 = tier(reading, "results_v2");
        let anova = v2.all.anova.unwrap();
        near(anova.f, 0.6626900449766681, 1e-9);
        near(anova.df2, 59.59236021087676, 1e-7);
        near(anova.p, 0.578264147672644, 1e-9);
        near(v2.all.kruskal.unwrap().p, 0.7624142503124429, 1e-9);
        let v1 = tier(reading, "results");
        near(v1.all.anova.unwrap().p, 0.5561682595325561, 1e-9);
        near(v1.all.kruskal.unwrap().p, 0.40826835036432063, 1e-9);
        for tier in &reading.tiers {
            assert_eq!((tier.all.pairs.len(), tier.all.n), (6, 120));
            assert!(tier.all.pairs.iter().all(|pair| pair.holm == Some(1.0)));
            assert_eq!(tier.all.differing().count() + tier.unflagged.differing().count(), 0);
            let verdicts = tier.by_config.iter().flat_map(|config| &config.verdicts);
            assert!(verdicts.into_iter().all(|v| *v == Verdict::NotAnalysable), "five runs a side");
        }
        let largest = v2.all.pairs.iter().filter_map(|p| p.hedges).map(f64::abs).fold(0.0, f64::max);
        near(largest, 0.28, 0.005);
    });
}

#[test]
fn the_runaway_the_unfinished_and_the_uneven_are_found() {
    with_reading(|reading| {
        let v2 = tier(reading, "results_v2");
        let of = |length| v2.flags.responses.iter().filter(move |r| r.length == length);
        let longest = of(Length::Long).filter_map(|r| r.call.tokens).max();
        assert_eq!(longest, Some(8179));
        let unfinished: Vec<_> = of(Length::Unfinished).collect();
        assert_eq!(unfinished.len(), 2);
        assert!(unfinished.iter().all(|r| r.call.response_chars.is_some_and(|chars| chars > 0.0)));
        for tier in &reading.tiers {
            assert_eq!(tier.flags.reloads.len(), 20);
            let uneven = tier.flags.reloads.iter().filter(|reload| reload.is_uneven());
            let configs: Vec<_> = uneven.map(|reload| reload.run.config.as_str()).collect();
            assert_eq!(
                configs.iter().filter(|c| **c == "chimera_homo_gpu80_ctx512").count(),
                5,
                "{configs:?}"
            );
        }
        let mut lowest: Vec<_> =
            v2.tier.runs.iter().filter(|r| r.sharing() == Sharing::Overlapping).collect();
        lowest.sort_by(|a, b| a.efficiency.total_cmp(&b.efficiency));
        assert!(lowest[..6].iter().all(|run| v2.flags.any(run)));
        assert!(!v2.flags.any(lowest[6]));
    });
}

#[test]
fn the_hold_back_client_is_late_and_its_efficiency_does_not_tell() {
    with_reading(|reading| {
        let stages = reading.tiers.iter().flat_map(|tier| &tier.stages);
        let beside_smol: Vec<_> = stages
            .map(|stage| {
                assert_eq!(stage.latest.as_deref(), Some("smol-1kb"));
                stage.versus.iter().find(|v| v.other == "smol").unwrap()
            })
            .collect();
        let medians: Vec<f64> = beside_smol.iter().map(|v| v.medians).collect();
        for (ours, known) in medians.iter().zip([193.98, 245.75, 253.28]) {
            near(*ours, known, 0.01);
        }
        assert!(beside_smol.iter().all(|v| v.cliffs == 1.0));
        let seen = tier(reading, "results_v2").latest.as_ref().unwrap().1.unwrap();
        assert!(seen.change.abs() < 0.0005, "{seen:?}");
    });
}

#[test]
fn one_gpu_served_both() {
    with_reading(|reading| {
        let decoding = tier(reading, "results_v2").decoding.as_ref().unwrap();
        near(decoding.alone.0, 9.2, 0.05);
        near(decoding.together.0, 24.2, 0.05);
        assert_eq!(decoding.slowed, 16);
        near(decoding.by_rate.unwrap().median, 0.41, 0.01);
        near(decoding.by_wall.unwrap().1, 0.41, 0.01);
    });
}

#[test]
fn every_runtime_ran_in_one_block() {
    with_reading(|reading| {
        for tier in &reading.tiers {
            assert!(tier.order.in_blocks() && tier.order.same_configs && tier.order.rising);
            assert_eq!(tier.order.blocks.len(), 5);
        }
    });
}

//! A reader who stops after the first screen is not misled about the cells beside the headline.

use crate::common::{Recipe, Synthetic};
use crate::{page_of, sentence, with_analysis};
use tandem_records::Workload;

fn cells(agents: &[u32]) -> Synthetic {
    Synthetic::make(&Recipe { agents: agents.to_vec(), ..Recipe::default() })
}

fn expect(run: &Synthetic, wanted: &str) {
    with_analysis(run, |analysis| {
        let text = sentence(analysis);
        assert!(text.contains(wanted), "wanted {wanted:?} in {text:?}");
    });
}

#[test]
fn a_single_cell_has_no_others() {
    with_analysis(&cells(&[2]), |analysis| {
        let text = sentence(analysis);
        assert!(!text.contains("other cell"), "{text}");
    });
}

#[test]
fn quiet_cells_are_counted_by_verdict_and_nothing_more() {
    with_analysis(&cells(&[2, 4, 8]), |analysis| {
        let text = sentence(analysis);
        assert!(text.contains("all four other arms are equivalent"), "{text}");
        assert!(text.ends_with("In the 2 other cells: 8 equivalent."), "{text}");
    });
}

#[test]
fn an_arm_that_is_a_fifth_slower_elsewhere_is_in_bold() {
    let mut run = cells(&[2, 4, 8]);
    run.slow_down("smol", 1.25, |cell| cell.ends_with("/a4"));
    expect(&run, "all four other arms are equivalent");
    expect(
        &run,
        "In the 2 other cells: 1 relevant, 7 equivalent. In like-for-like/stream/chimera_homo/a4, smol is lower by ",
    );
    let page = page_of(&run);
    let bold = page.lines().find(|line| line.starts_with("**On ")).unwrap();
    assert!(bold.contains("a4, smol is lower by ") && bold.ends_with("**"), "{bold}");
    // 1 / 1.25 is 20 pp lower.
    with_analysis(&run, |analysis| {
        let text = sentence(analysis);
        let by = text.split("smol is lower by ").nth(1).unwrap();
        let by: f64 = by.split(' ').next().unwrap().parse().unwrap();
        assert!((19.5..20.5).contains(&by), "{text}");
    });
}

#[test]
fn an_inconclusive_cell_is_not_called_equivalent() {
    let mut run = cells(&[2, 4]);
    // Every other block of one cell is 2 pp off in either direction.
    let wild: Vec<u32> =
        run.trials.iter().filter(|t| t.arm == "smol" && t.agents == 4).map(|t| t.trial).collect();
    for row in run.agents.iter_mut().filter(|a| wild.contains(&a.trial)) {
        let solo = row.phase == tandem_records::Phase::Solo;
        if solo == (wild.iter().position(|t| *t == row.trial).unwrap() % 2 == 0) {
            row.end_ns = row.end_ns.map(|end| end + 30_000_000);
        }
    }
    expect(&run, "In the one other cell: 3 equivalent, 1 inconclusive.");
}

#[test]
fn a_biased_control_and_invalid_trials_elsewhere_are_named() {
    let mut run = cells(&[2, 4, 8]);
    run.slow_down("tokio-default#2", 1.02, |cell| cell.ends_with("/a4"));
    run.trials.iter_mut().filter(|t| t.agents == 8 && t.block < 2).for_each(|t| t.streams_open_max = Some(1));
    expect(&run, "In like-for-like/stream/chimera_homo/a4, the A/A arm differs from itself (biased).");
    expect(&run, "In like-for-like/stream/chimera_homo/a8, 12 of 72 trials are invalid.");
}

#[test]
fn many_cells_are_counted_with_the_largest_difference() {
    let mut run = cells(&[2, 3, 4, 5, 6]);
    run.slow_down("smol", 1.03, |cell| !cell.ends_with("/a2"));
    run.slow_down("smol-1kb", 1.25, |cell| cell.ends_with("/a5"));
    expect(
        &run,
        "In the 4 other cells: 5 relevant, 11 equivalent. 4 of them need a look: 4 with a relevant difference (the largest: smol-1kb is lower by ",
    );
    expect(&run, "(relevant) in like-for-like/stream/chimera_homo/a5).");
}

#[test]
fn cells_that_are_not_judged_by_efficiency_are_not_spoken_of() {
    let mut run = cells(&[2, 4, 8]);
    run.plan.iter_mut().filter(|p| p.agents == 8).for_each(|p| p.workload = Workload::Flood);
    run.trials.iter_mut().filter(|t| t.agents == 8).for_each(|t| t.workload = Workload::Flood);
    expect(&run, "In the one other cell judged by efficiency: 4 equivalent.");
}

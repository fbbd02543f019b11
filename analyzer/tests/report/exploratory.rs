//! Exploratory sets: shown, compared, never judged.

use crate::common::{Recipe, Synthetic};
use crate::{page_of, sentence, what_differs, with_analysis};
use analyzer::analysis::Metric;
use analyzer::charts::draw_all;
use analyzer::report::verdict_table;
use tandem_records::{Capacity, Client};

fn two_sets() -> Synthetic {
    let sets = vec![("like-for-like", Client::Hyper), ("shared", Client::Hyper)];
    let mut run = Synthetic::make(&Recipe { sets, ..Recipe::default() });
    run.manifest.plan.exploratory_sets = vec!["shared".into()];
    run.manifest.plan.sets = vec!["shared".into(), "like-for-like".into()];
    run.slow_down("smol", 1.25, |cell| cell.starts_with("shared"));
    run
}

#[test]
fn an_exploratory_cell_has_no_contrast_and_belongs_to_no_family() {
    with_analysis(&two_sets(), |analysis| {
        assert_eq!(analysis.families.of_efficiency(), 4, "the four of the other cell");
        assert_eq!(
            analysis.headline().unwrap().facts.set,
            "like-for-like",
            "although the plan names it later"
        );
        let cell = &analysis.cells[1];
        assert!(cell.contrasts.is_empty() && cell.control.is_some());
        let text = sentence(analysis);
        assert!(!text.contains("other cell"), "it has no verdict to tell of: {text}");
    });
}

#[test]
fn its_efficiency_is_compared_among_the_exploratory_quantities() {
    with_analysis(&two_sets(), |analysis| {
        let found: Vec<_> = analysis.exploratory.iter().filter(|e| e.metric == Metric::Efficiency).collect();
        assert_eq!(found.len(), 5, "five arms of one cell");
        assert!(found.iter().all(|e| e.cell.starts_with("shared/")));
        let smol = found.iter().find(|e| e.arm == "smol").unwrap();
        assert!(smol.is_established() && (smol.estimate + 0.2).abs() < 0.01, "{smol:?}");
        let line = what_differs(analysis);
        assert!(
            line.contains("the efficiency of smol is lower than that of tokio-default by 20.0"),
            "{line}"
        );
        assert!(line.contains("in shared/stream/chimera_homo/a2"), "{line}");
        assert!(verdict_table(analysis).contains("exploratory"));
    });
}

#[test]
fn the_page_says_what_the_plan_fixed() {
    let page = page_of(&two_sets());
    let cell = page.split("## shared/").nth(1).unwrap();
    assert!(cell.contains("shown without verdicts, as the plan fixed before the first trial."));
    assert!(cell.contains("| smol | efficiency | 12 | -19.9"), "{cell}");
}

#[test]
fn a_run_of_exploratory_sets_alone_says_so_and_draws_no_differences() {
    let mut run = two_sets();
    run.manifest.plan.exploratory_sets.push("like-for-like".into());
    with_analysis(&run, |analysis| {
        let text = sentence(analysis);
        assert!(text.contains("efficiency is shown without verdicts, as the plan fixed before"), "{text}");
        assert_eq!(analysis.families.of_efficiency(), 0);
        assert!(draw_all(analysis).unwrap().iter().all(|chart| chart.file != "difference.svg"));
    });
}

#[test]
fn cells_whose_servers_slow_each_other_are_not_the_headline() {
    let mut run = two_sets();
    run.manifest.plan.exploratory_sets.clear();
    let shared = |cell: &str| cell.starts_with("shared").then_some(Capacity::Shared);
    run.plan.iter_mut().for_each(|p| p.capacity = shared(&p.cell).or(p.capacity));
    run.trials.iter_mut().for_each(|t| t.capacity = shared(&t.cell).or(t.capacity));
    with_analysis(&run, |analysis| {
        assert_eq!(analysis.headline().unwrap().facts.set, "like-for-like");
    });
}

#[test]
fn the_first_screen_names_no_efficiency_of_an_exploratory_set_inside_the_margin() {
    let mut run = two_sets();
    run.slow_down("smol-1kb", 1.002, |cell| cell.starts_with("shared"));
    run.slow_down("smol", 0.8, |cell| cell.starts_with("shared"));
    with_analysis(&run, |analysis| {
        let found = |e: &&analyzer::analysis::Exploratory| {
            e.metric == Metric::Efficiency && e.arm == "smol-1kb" && e.is_established()
        };
        assert!(analysis.exploratory.iter().any(|e| found(&e)), "it is there");
        let line = what_differs(analysis);
        assert!(!line.contains("the efficiency of"), "{line}");
    });
}

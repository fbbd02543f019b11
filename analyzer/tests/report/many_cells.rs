//! The study's plan has twelve cells with long names: the report stays readable.

use crate::common::{Recipe, Synthetic};
use crate::{request, with_analysis};
use analyzer::charts::draw_all;
use analyzer::report::report;
use std::path::Path;
use tandem_records::{Capacity, Client, RequestRow, Workload};

const CONFIGURATIONS: [(&str, &str); 6] = [
    ("baseline_vs_chimera", "defaults-gpu80-ctx512"),
    ("chimera_hetero", "gpu80-100-ctx512-1024"),
    ("chimera_homo", "gpu80-ctx512"),
    ("chimera_homo", "gpu80-ctx1024"),
    ("chimera_homo", "gpu80-ctx2048"),
    ("chimera_homo", "gpu100-ctx512"),
];

/// Twelve cells: six configurations on independent servers, judged, and on shared ones, exploratory.
fn tr115() -> Synthetic {
    let agents: Vec<u32> = (2..8).collect();
    let sets = vec![("independent", Client::Reqwest), ("shared", Client::Reqwest)];
    let mut run = Synthetic::make(&Recipe { sets, agents, noise: 0.002, ..Recipe::default() });
    for arm in crate::common::ARMS {
        run.slow_down(arm, 2.6, |cell| cell.starts_with("shared"));
    }
    let name = |set: &str, agents: u32| {
        let (scenario, configuration) = CONFIGURATIONS[agents as usize - 2];
        (format!("{set}/report/{scenario}/{configuration}/a2"), scenario.to_owned(), configuration.to_owned())
    };
    let capacity = |set: &str| Some(if set == "shared" { Capacity::Shared } else { Capacity::Independent });
    // The recipe knows cells by their number of agents; two of them are kept.
    for row in &mut run.plan {
        (row.cell, row.scenario, row.configuration) = name(&row.set, row.agents);
        (row.workload, row.capacity) = (Workload::Report, capacity(&row.set));
        (row.agents, row.permits) = (2, 2);
    }
    for row in &mut run.trials {
        (row.cell, row.scenario, row.configuration) = name(&row.set, row.agents);
        (row.workload, row.capacity) = (Workload::Report, capacity(&row.set));
        (row.agents, row.permits, row.streams_open_max) = (2, 2, Some(2));
    }
    run.agents.retain(|row| row.agent < 2);
    run.requests.retain(|row| row.agent < 2);
    let second = run.requests.clone().into_iter().map(|row| RequestRow { call: 1, ..row });
    run.requests.extend(second);
    run.manifest.plan.exploratory_sets = vec!["shared".into()];
    run.manifest.plan.sets = vec!["independent".into(), "shared".into()];
    run.manifest.plan.name = "tr115".into();
    run
}

#[test]
fn six_cells_are_judged_and_six_shown() {
    with_analysis(&tr115(), |analysis| {
        assert_eq!(analysis.cells.len(), 12);
        assert_eq!(analysis.families.of_efficiency(), 24);
        assert!(analysis.cells[..6].iter().all(|cell| cell.facts.set == "independent"));
    });
}

#[test]
fn no_name_is_cut_in_the_charts() {
    with_analysis(&tr115(), |analysis| {
        let charts = draw_all(analysis).unwrap();
        let cells = &charts.iter().find(|chart| chart.file == "cells.svg").unwrap().svg;
        for (scenario, configuration) in CONFIGURATIONS {
            let name = format!("independent/report/{scenario}/{configuration}/a2\n");
            assert!(cells.contains(&name), "{name}");
        }
        assert!(charts.iter().all(|chart| !chart.svg.contains('…')), "something is cut");
    });
}

#[test]
fn the_page_has_a_section_for_every_cell() {
    let folder = tempfile::tempdir().unwrap();
    let (runs, out) = (folder.path().join("runs"), folder.path().join("reports"));
    tr115().write(&runs);
    let table = report(&request(&runs, &out)).unwrap();
    let page = std::fs::read_to_string(out.join("made-up/README.md")).unwrap();
    for (scenario, configuration) in CONFIGURATIONS {
        for set in ["independent", "shared"] {
            assert!(page.contains(&format!("## {set}/report/{scenario}/{configuration}/a2\n")));
        }
        assert!(page.contains(&format!("with two agents (configuration {configuration})")));
    }
    assert!(page.contains("In the 5 other cells judged by efficiency: "), "{table}");
    // To look at: KEEP_TR115=folder cargo nextest run -p analyzer many_cells
    if let Some(keep) = std::env::var_os("KEEP_TR115") {
        std::fs::create_dir_all(&keep).unwrap();
        for entry in std::fs::read_dir(out.join("made-up")).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, Path::new(&keep).join(path.file_name().unwrap())).unwrap();
        }
    }
}

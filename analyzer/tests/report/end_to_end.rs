use crate::common::{Recipe, Synthetic};
use crate::{request, with_analysis};
use analyzer::report::report;
use std::path::Path;
use tandem_records::{Client, Status};

/// Four numbers of agents, two sets, some trials failed, some invalid.
fn rich() -> Synthetic {
    let recipe = Recipe {
        agents: vec![2, 4, 8, 16],
        sets: vec![("as-described", Client::Reqwest), ("like-for-like", Client::Hyper)],
        effect: |arm| match arm {
            "smol-1kb" => -0.012,
            "smol" => -0.0008,
            _ => 0.0,
        },
        ..Recipe::default()
    };
    let mut run = Synthetic::make(&recipe);
    for trial in [40, 200] {
        run.fail(trial, Status::Timeout, "agent 1 waited 120000 ms | <b>no answer</b>");
    }
    run.fail(300, Status::Busy, "503 server busy");
    for row in run.trials.iter_mut().filter(|t| t.trial % 97 == 5) {
        row.server_late_p99_ns = Some(900_000);
    }
    run.trials[20].streams_open_max = Some(1);
    run
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_report_is_whole_and_the_same_bytes_for_the_same_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (runs, out) = (folder.path().join("runs"), folder.path().join("reports"));
    rich().write(&runs);
    let table = report(&request(&runs, &out)).unwrap();
    let first = files(&out.join("made-up"));
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "README.md",
            "cells.svg",
            "difference.svg",
            "ecdf.svg",
            "efficiency.svg",
            "factors.svg",
            "index.html",
            "run-order.svg",
            "summary.json",
            "timeline.svg",
        ]
    );
    assert_eq!(report(&request(&runs, &out)).unwrap(), table);
    assert_eq!(files(&out.join("made-up")), first, "a second report differs");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 1, "something was left beside the report");
    if let Some(keep) = std::env::var_os("KEEP_REPORT") {
        std::fs::create_dir_all(&keep).unwrap();
        for (name, bytes) in first {
            std::fs::write(Path::new(&keep).join(name), bytes).unwrap();
        }
        std::fs::write(Path::new(&keep).join("terminal.txt"), table).unwrap();
    }
}

#[test]
fn effects_that_are_there_are_found_and_others_are_not() {
    with_analysis(&rich(), |analysis| {
        let headline = analysis.headline().unwrap();
        assert_eq!(headline.name, "like-for-like/stream/chimera_homo/a2");
        assert_eq!(analysis.families.of_efficiency(), 32);
        let verdict = |arm: &str| headline.contrasts.iter().find(|c| c.arm == arm).unwrap().verdict.as_str();
        assert_eq!(verdict("smol-1kb"), "relevant");
        assert_eq!(verdict("tokio-localset"), "equivalent");
        assert!(matches!(verdict("smol"), "negligible" | "equivalent"));
        let sentence = crate::sentence(analysis);
        assert!(
            sentence.contains("the efficiency of smol-1kb is lower than that of tokio-default by"),
            "{sentence}"
        );
        assert_eq!(analysis.tally.failed, 3);
        assert!(analysis.tally.invalid > 0);
        let finished = analysis.tally.counted + analysis.tally.failed + analysis.tally.invalid;
        assert_eq!(finished, analysis.tally.finished);
    });
}

#[test]
fn every_chart_is_a_titled_opaque_picture_without_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let (runs, out) = (folder.path().join("runs"), folder.path().join("reports"));
    rich().write(&runs);
    report(&request(&runs, &out)).unwrap();
    for (name, bytes) in files(&out.join("made-up")).into_iter().filter(|(name, _)| name.ends_with(".svg")) {
        let svg = String::from_utf8(bytes).unwrap();
        assert!(svg.starts_with("<svg width="), "{name}");
        // A page may hold several charts, so each names its parts after its file.
        for part in ["title", "desc"] {
            let id = format!("<{part} id=\"{}-{part}\">", name.trim_end_matches(".svg"));
            assert!(svg.contains(&id), "{name}");
        }
        assert!(svg.contains("fill=\"#FFFFFF\""), "{name} has no background");
        assert!(!svg.contains("<script") && !svg.contains("foreignObject"), "{name}");
        assert!(svg.trim_end().ends_with("</svg>"), "{name}");
    }
}

#[test]
fn the_margin_is_a_visible_labelled_band_beside_huge_differences() {
    let mut run = Synthetic::make(&Recipe::default());
    run.slow_down("smol", 10.0, |_| true);
    with_analysis(&run, |analysis| {
        let charts = analyzer::charts::draw_all(analysis).unwrap();
        let svg = &charts.iter().find(|chart| chart.file == "difference.svg").unwrap().svg;
        assert!(svg.contains("± 0.5 pp\n"), "the band has no label");
        let band = svg.lines().find(|line| line.contains("<rect") && line.contains("#56B4E9")).unwrap();
        let width: f64 = band.split(" width=\"").nth(1).unwrap().split('"').next().unwrap().parse().unwrap();
        // Four drawn pixels are one logical pixel; the true margin would be 2 of them wide.
        assert!(width / 4.0 >= 5.0, "the band is {} px wide", width / 4.0);
        assert!(svg.contains("drawn wider than it is"));
    });
}

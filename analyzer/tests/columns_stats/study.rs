//! The study's own rows: the figures of an analysis with scipy and statsmodels, apart from this program.

use super::json;
use analyzer::columns::{self, Selection};
use analyzer::columns_stats::{Settings, analyse};
use serde_json::Value;
use std::io::Write;
use std::path::Path;

/// Of the published rows, one per run (the other agent's repeats it), and only the runtimes whose agents overlap.
fn one_row_per_run() -> tempfile::NamedTempFile {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/reference/tr115/runs.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (role, runtime) = (at("role"), at("runtime"));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for row in reader.records().map(Result::unwrap) {
        if &row[role] == "collector" && &row[runtime] != "async-std" {
            writer.write_record(&row).unwrap();
        }
    }
    file.write_all(&writer.into_inner().unwrap()).unwrap();
    file
}

#[test]
fn no_difference_among_the_working_runtimes_is_supported() {
    let selection = Selection {
        value: "efficiency_pct".into(),
        group: Some("runtime".into()),
        block: None,
        by: vec!["tier".into()],
    };
    let columns = columns::read(one_row_per_run().path(), &selection).unwrap();
    let found = json(&analyse(&columns, &selection, &Settings::default()).unwrap());
    let cells = found["cells"].as_array().unwrap();
    let near = |value: &Value, known: f64, tolerance: f64| {
        let value = value.as_f64().unwrap();
        assert!((value - known).abs() <= tolerance, "{value} against {known}");
    };
    let known = cells
        .iter()
        .find(|cell| (cell["omnibus"]["welch_anova"]["f"].as_f64().unwrap() - 0.663).abs() < 0.001);
    let omnibus = &known.unwrap()["omnibus"];
    near(&omnibus["welch_anova"]["df1"], 3.0, 0.0);
    near(&omnibus["welch_anova"]["df2"], 59.59, 0.005);
    near(&omnibus["welch_anova"]["p"], 0.578, 0.0005);
    near(&omnibus["kruskal_wallis"]["p"], 0.762, 0.0005);
    let pairs = known.unwrap()["pairs"].as_array().unwrap();
    let largest = pairs.iter().map(|pair| pair["hedges_g"]["g"].as_f64().unwrap().abs()).fold(0.0, f64::max);
    assert_eq!((pairs.len(), format!("{largest:.2}").as_str()), (6, "0.28"));
    let adjusted = known.unwrap()["multiple"]["welch_adjusted"].as_array().unwrap();
    assert!(adjusted.iter().all(|pair| pair["holm"] == 1.0));
}

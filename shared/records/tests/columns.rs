//! The columns of every file, as they were when the schema got its version: a change of one needs a new version.

use std::fmt::Write as _;
use tandem_records::{
    AgentRow, FootprintRow, MicroRow, PlanRow, RequestRow, SCHEMA_VERSION, Table, TrialRow,
};

fn columns<T: Table>(out: &mut String) {
    let _ = writeln!(out, "{}", T::FILE);
    T::COLUMNS.iter().for_each(|column| {
        let _ = writeln!(out, "  {} {}", column.name, column.kind.replace(' ', ""));
    });
}

#[test]
fn the_columns_are_those_of_this_schema_version() {
    let mut found = String::new();
    columns::<PlanRow>(&mut found);
    columns::<TrialRow>(&mut found);
    columns::<AgentRow>(&mut found);
    columns::<RequestRow>(&mut found);
    columns::<FootprintRow>(&mut found);
    columns::<MicroRow>(&mut found);
    let path = format!("{}/tests/columns/schema-{SCHEMA_VERSION}.txt", env!("CARGO_MANIFEST_DIR"));
    let golden = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == golden,
        "{path} holds other columns; a change of the schema raises SCHEMA_VERSION and adds the file of the new version:\n{found}"
    );
}

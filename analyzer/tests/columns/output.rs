//! What is printed: a table for people, and JSON.

use super::Folder;
use analyzer::columns::{self, Selection};
use serde_json::json;

/// Every kind of row there is: cells of the header, quotes, CRLF, a byte order mark, a blank line.
const MIXED: &[u8] = b"\xef\xbb\xbfcell,arm,block,v\r\n\
    x,\"b,1\",1,10\r\n\
    x,a,1,1\r\n\
    \r\n\
    x,a,\"2\n\",\" 2.5 \"\r\n\
    x,a,1,7\r\n\
    y,a,1,4\r\n\
    x,a,3\r\n\
    x,a,3,1e3x\r\n\
    x,,3,5\r\n\
    x,a, ,5\r\n\
    \xff,a,3,5\r\n\
    x,a,3,NaN\r\n\
    z,a,3,\r\n";

const COLUMNS: [&str; 8] = ["--value", "v", "--group", "arm", "--block", "block", "--by", "cell"];

#[test]
fn json_by_cells() {
    let one =
        |n: u32, v: f64| json!({"n": n, "mean": v, "sd": null, "min": v, "max": v, "median": v, "p95": v});
    let mut found = Folder::with(MIXED).json(&COLUMNS);
    let sd = found["cells"][0]["groups"]["a"]["sd"].take().as_f64().unwrap();
    assert!((sd - 1.5 / 2f64.sqrt()).abs() < 1e-15);
    let a = json!({"n": 2, "mean": 1.75, "sd": null, "min": 1.0, "max": 2.5, "median": 1.75, "p95": 2.425});
    assert_eq!(
        found,
        json!({
            "cells": [
                {"by": {"cell": "x"}, "groups": {"b,1": one(1, 10.0), "a": a}, "n_rows": 8, "excluded_rows": [
                    {"line": 7, "reason": "repeats line 3: one value per block and group"},
                    {"line": 10, "reason": "v is not a number: \"1e3x\""},
                    {"line": 11, "reason": "arm is blank"},
                    {"line": 12, "reason": "block is blank"},
                    {"line": 14, "reason": "v is NaN"},
                ]},
                {"by": {"cell": "y"}, "groups": {"a": one(1, 4.0)}, "n_rows": 1, "excluded_rows": []},
                {"by": {"cell": "z"}, "groups": {}, "n_rows": 1, "excluded_rows": [
                    {"line": 15, "reason": "v is blank"},
                ]},
            ],
            "excluded_rows": [
                {"line": 9, "reason": "3 cells, the header has 4"},
                {"line": 13, "reason": "cell is not UTF-8"},
            ],
        })
    );
}

#[test]
fn json_without_cells_and_groups() {
    let folder = Folder::with("v,w\n1,x\n3\n2,y\n3,é\n");
    let three = json!({"n": 3, "mean": 2.0, "sd": 1.0, "min": 1.0, "max": 3.0, "median": 2.0, "p95": 2.9});
    let excluded = json!([{"line": 3, "reason": "1 cell, the header has 2"}]);
    assert_eq!(
        folder.json(&["--value", "v"]),
        json!({"groups": {"v": three}, "n_rows": 4, "excluded_rows": excluded})
    );
}

#[test]
fn a_group_or_a_block_that_is_not_utf8_excludes_its_row_from_its_cell() {
    let folder = Folder::with(b"v,g,b,c\n1,\xff\xff\xff\xff,1,x\n2,a,\xff,x\n3,a,1,x\n\xff,a,2,x\n");
    let cells = &folder.json(&["--value", "v", "--group", "g", "--block", "b", "--by", "c"])["cells"];
    assert_eq!(cells.as_array().unwrap().len(), 1);
    assert_eq!((&cells[0]["n_rows"], &cells[0]["groups"]["a"]["n"]), (&json!(4), &json!(1)));
    assert_eq!(
        cells[0]["excluded_rows"],
        json!([
            {"line": 2, "reason": "g is not UTF-8"},
            {"line": 3, "reason": "b is not UTF-8"},
            {"line": 5, "reason": "v is not a number: \"\u{fffd}\""},
        ])
    );
}

#[test]
fn groups_stand_in_order_of_first_appearance_in_json() {
    let folder = Folder::with("v,g\n,z\n1,y\n2,a\n3,z\n");
    let text = folder.printed(&["--value", "v", "--group", "g", "--summary", "--json"]);
    let at = |key: &str| text.find(key).unwrap();
    assert!(at("\"z\":") < at("\"y\":") && at("\"y\":") < at("\"a\":"), "{text}");
}

#[test]
fn a_table_for_people() {
    let table = Folder::with(MIXED).printed(&[&COLUMNS[..], &["--summary"]].concat());
    assert_eq!(
        table,
        "v\n\
         \x20 cell  arm  n   mean    sd    min  median    p95    max\n\
         \x20 x     b,1  1  10.00     –  10.00   10.00  10.00  10.00\n\
         \x20 x     a    2   1.75  1.06   1.00    1.75   2.42   2.50\n\
         \x20 y     a    1      4     –      4       4      4      4\n\
         \n\
         8 of 12 rows excluded:\n  \
           line 7: repeats line 3: one value per block and group\n  \
           line 9: 3 cells, the header has 4\n  \
           line 10: v is not a number: \"1e3x\"\n  \
           line 11: arm is blank\n  \
           line 12: block is blank\n  \
           and 3 more; all of them with --json\n"
    );
}

#[test]
fn names_cannot_break_the_table() {
    let folder = Folder::with("v,g\n1,\"a\nb\x1b[2J\"\n2,\" \"\n3,c\n");
    let table = folder.printed(&["--value", "v", "--by", "g", "--summary"]);
    assert!(table.contains("a b\u{fffd}[2J") && table.contains("(blank)"), "{table}");
    assert_eq!(table.lines().count(), 5);
    assert!(!table.contains('\x1b'));
}

#[test]
fn the_library_reads_what_the_program_reads() {
    let folder = Folder::with(MIXED);
    let owned = |name: &str| name.to_owned();
    let selection = Selection {
        value: owned("v"),
        group: Some(owned("arm")),
        block: Some(owned("block")),
        by: vec![owned("cell")],
    };
    let columns = columns::read(&folder.path(), &selection).unwrap();
    let x = &columns.cells[0];
    assert_eq!((x.blocks.as_slice(), x.n_rows), (&[owned("1"), owned("2\n")][..], 8));
    let a = &x.groups[1];
    assert_eq!((a.name.as_str(), &a.values, &a.blocks), ("a", &vec![1.0, 2.5], &vec![0, 1]));
    assert_eq!(columns.cells[1].blocks, [owned("1")]);
    assert!(columns.cells[2].blocks.is_empty());
}

#[test]
fn many_excluded_rows_are_counted_and_the_first_ones_named() {
    let folder = Folder::with(format!("v\n1\n{}", "x\n".repeat(2_000)));
    let table = folder.printed(&["--value", "v", "--summary"]);
    assert!(table.contains("2000 of 2001 rows excluded:\n  line 3: v is not a number: \"x\"\n"), "{table}");
    assert!(table.ends_with("  and 1995 more; all of them with --json\n"), "{table}");
    assert_eq!(folder.json(&["--value", "v"])["excluded_rows"].as_array().unwrap().len(), 2_000);
}

#[test]
fn a_file_of_several_blocks_is_one_file() {
    // 3 MB: read in blocks of 1 MiB on all cores.
    let rows: String = (0..200_000).map(|i| format!("{},g{},filler\n", i % 1_000, i % 7)).collect();
    let folder = Folder::with(format!("v,g,w\n{rows}x,g0,bad\n"));
    let json = folder.json(&["--value", "v", "--group", "g"]);
    assert_eq!(json["n_rows"], 200_001);
    assert_eq!(json["excluded_rows"], json!([{"line": 200_002, "reason": "v is not a number: \"x\""}]));
    let groups = json["groups"].as_object().unwrap();
    assert_eq!(groups.len(), 7);
    for (name, group) in groups {
        let first: usize = name[1..].parse().unwrap();
        let values: Vec<f64> = (0..200_000).filter(|i| i % 7 == first).map(|i| (i % 1_000) as f64).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert_eq!(group["n"], values.len());
        assert!((group["mean"].as_f64().unwrap() - mean).abs() < 1e-9);
    }
}

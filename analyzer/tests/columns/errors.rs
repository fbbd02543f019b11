//! What cannot be analysed: one line that names the thing and the remedy, exit code 2.

use super::{Folder, run};

const SUMMARY: [&str; 5] = ["--value", "v", "--group", "g", "--summary"];

#[test]
fn a_file_that_is_not_there_or_no_file() {
    let folder = Folder::with("");
    for (file, reason) in [("b.csv", "No such file or directory"), (".", "a folder; name a CSV file")] {
        let failed = run(folder.0.path(), &[&["stats", file], &SUMMARY[..]].concat());
        let text = String::from_utf8(failed.stderr).unwrap();
        assert_eq!(failed.status.code(), Some(2));
        assert!(text.starts_with(&format!("analyzer: {file}: ")) && text.contains(reason), "{text}");
        assert_eq!(text.lines().count(), 1);
    }
}

#[test]
fn a_file_without_data() {
    let refused = |text: &[u8]| Folder::with(text).refused(&SUMMARY);
    for empty in [&b""[..], b"\n\r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"] {
        assert_eq!(refused(empty), "analyzer: a.csv: empty; the first line must name the columns");
    }
    for header_only in [&b"v,g"[..], b"v,g\n", b"v,g\r\n\r\n\n"] {
        assert_eq!(refused(header_only), "analyzer: a.csv: no data below the header; rows begin on line 2");
    }
    let utf16: Vec<u8> = "\u{feff}v,g\n1,a\n".encode_utf16().flat_map(|unit| unit.to_le_bytes()).collect();
    assert_eq!(
        refused(&utf16),
        "analyzer: a.csv: UTF-16 text; save it as UTF-8 (in a spreadsheet: CSV UTF-8)"
    );
}

#[test]
fn columns_that_are_not_there_or_not_unique() {
    let folder = Folder::with("v,g, x,v2,v2\n1,a,b,1,2\n");
    let refused = |args: &[&str]| folder.refused(&[args, &["--summary"]].concat());
    assert_eq!(
        refused(&["--value", "w"]),
        r#"analyzer: a.csv: no column "w"; valid: "v", "g", " x", "v2", "v2""#
    );
    assert!(refused(&["--value", "v", "--group", "x"]).contains(r#"no column "x"; valid: "v", "g", " x""#));
    assert!(refused(&["--value", "v", "--block", "b"]).contains(r#"no column "b""#));
    assert!(refused(&["--value", "v", "--by", "g", "--by", "b"]).contains(r#"no column "b""#));
    assert_eq!(
        refused(&["--value", "v2"]),
        r#"analyzer: a.csv: column "v2" stands 2 times in the header; give each column its own name"#
    );
    assert_eq!(
        refused(&["--value", "v", "--group", "v"]),
        r#"analyzer: column "v" is named by --value and by --group; each needs a column of its own"#
    );
    assert!(refused(&["--value", "v", "--group", "g", "--block", "g"]).contains("--group and by --block"));
    assert!(refused(&["--value", "v", "--by", "g", "--by", "g"]).contains("--by and by --by"));
}

#[test]
fn a_repeated_column_that_nobody_asks_for_does_no_harm() {
    assert!(Folder::with("v,x,x\n1,2,3\n").printed(&["--value", "v", "--summary"]).contains('v'));
}

#[test]
fn no_row_can_be_used() {
    assert_eq!(
        Folder::with("v,g\n\nx,a\n,b\n1\n").refused(&SUMMARY),
        r#"analyzer: a.csv: none of 3 rows can be used; line 3: v is not a number: "x""#
    );
    let by = ["--value", "v", "--by", "g", "--summary"];
    let text = Folder::with(b"v,g\n1,\xff\n1,2,3\n").refused(&by);
    assert_eq!(text, "analyzer: a.csv: none of 2 rows can be used; line 2: g is not UTF-8");
}

#[test]
fn hostile_text_does_not_reach_the_terminal() {
    let folder = Folder::with("v,\"g\x1b[31m\n\"\n\x1b]0;x\x07,a\n");
    for args in [&["--value", "w", "--summary"][..], &["--value", "v", "--summary"]] {
        let text = folder.refused(args);
        assert!(!text.contains(char::is_control), "{text:?}");
    }
}

#[test]
fn options_that_do_not_go_together() {
    let folder = Folder::with("v,g\n1,a\n");
    for option in [["--baseline", "a"], ["--margin", "1"], ["--resamples", "9"], ["--seed", "1"]] {
        let failed = folder.stats(&[&SUMMARY[..], &option].concat());
        assert_eq!(failed.status.code(), Some(2));
        let text = String::from_utf8(failed.stderr).unwrap();
        assert!(text.contains(option[0]) && text.contains("--summary"), "{text}");
    }
    let failed = folder.stats(&["--value", "v"]);
    assert_eq!(failed.status.code(), Some(2));
    assert!(String::from_utf8(failed.stderr).unwrap().contains("--group <COL>"));
}

//! The tables for people.

use super::{analysed, blocked, plain};
use analyzer::columns_stats::Settings;

fn text(csv: &str, settings: &Settings) -> String {
    analysed(csv, &plain(), settings).unwrap().text()
}

/// Two groups of `n`, b a half above a.
fn two(n: usize) -> String {
    let row = |i: usize| format!("a,{}\nb,{}\n", i % 7, (i * 3 % 7) as f64 + 0.5);
    format!("group,value\n{}", (0..n).map(row).collect::<String>())
}

#[test]
fn a_table_of_two_groups_reads_as_it_should() {
    let settings = Settings { margin: Some(5.0), ..Settings::default() };
    let expected = "\
value by group

28 rows
  group   n       mean [95 %]     median [95 %]    sd   min   max   p95  flagged
  a      14  3.00 [1.80, 4.20]  3.00 [1.00, 5.00]  2.08  0.00  6.00  6.00        0
  b      14  3.50 [2.30, 4.70]  3.50 [1.50, 5.50]  2.08  0.50  6.50  6.50        0
";
    let found = text(&two(14), &settings);
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&found)[..words(expected).len()], words(expected));
    assert!(found.contains("equivalent within ± 5.000: b minus a"), "{found}");
}

#[test]
fn what_n_cannot_support_is_said_and_not_shown() {
    let found = text("group,value\na,1\na,2\nb,4\n", &Settings::default());
    assert!(found.contains("1.500 [needs >= 6]"), "the median's interval:\n{found}");
    assert!(found.contains("4.000 [needs >= 2]"), "the mean of one value:\n{found}");
    assert!(found.contains("b against a: needs >= 6 per group, has 2 and 1"), "{found}");
    assert!(!found.contains("row order"), "{found}");
}

#[test]
fn three_groups_of_few_values_show_no_chi_squared() {
    let csv = "group,value\na,1\na,2\nb,4\nb,3\nc,5\nc,7\n";
    assert!(text(csv, &Settings::default()).contains("Kruskal-Wallis needs >= 5 per group"));
}

#[test]
fn ten_excluded_rows_are_named_and_the_rest_counted() {
    let mut csv = two(8);
    (0..13).for_each(|_| csv += "a,?\n");
    let found = text(&csv, &Settings::default());
    assert!(found.contains("29 rows, 13 of them excluded"), "{found}");
    assert!(
        found.contains("  line 18: value is not a number: \"?\"\n") && found.contains("  and 3 more\n"),
        "{found}"
    );
    assert!(!found.contains("line 28:"));
}

#[test]
fn blocks_left_out_are_named_with_what_they_lack() {
    let csv = "block,group,value\nx,a,1\nx,b,2\ny,a,3\n";
    let found = analysed(csv, &blocked(), &Settings::default()).unwrap().text();
    assert!(found.starts_with("value by group, compared within block\n"), "{found}");
    assert!(found.contains("  y: no value of b\n"), "{found}");
    assert!(found.contains("not within blocks"), "{found}");
}

#[test]
fn names_do_not_reach_the_terminal_as_commands() {
    let csv = "group,value\n\"\u{1b}[31mred\u{202e}\",1\n\"b\n# c\",2\n\"b\n# c\",\u{7}\n";
    let found = text(csv, &Settings::default());
    assert!(!found.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{found}");
    assert!(found.contains("b # c"), "{found}");
}

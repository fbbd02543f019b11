//! On other data the page says other things, and what it says stays true.

use crate::{Files, answer, page};
use analyzer::tr115::MARGIN;
use analyzer::tr115::reading::read;

fn scaled(factor: f64) -> impl Fn(&str) -> String {
    move |text| (text.parse::<f64>().unwrap() * factor).to_string()
}

#[test]
fn the_published_data_give_the_known_sentences() {
    let page = Files::published().page();
    let said = answer(&page);
    for wanted in [
        "The data support no ranking of tokio-default, tokio-localset, smol and smol-1kb by efficiency: of 12 pairs, none",
        "In 240 of 300 runs",
        "to within 0.011 pp",
        "On async-std the agents took turns",
        "Welch F(3, 59.59) = 0.663, p = 0.578, Kruskal-Wallis p = 0.762",
        "it comes later than on every other overlapping runtime, in every stage: smol-1kb",
        "9.2 ms per token when one agent ran and 24.2 ms when two did",
        "near 41 %",
    ] {
        assert!(said.contains(wanted), "{wanted:?} in:\n{said}");
    }
    assert!(page.contains("8179 tokens"));
}

#[test]
fn a_runtime_that_differs_is_named() {
    let mut files = Files::published();
    files.runs.set(&[("runtime", "smol"), ("tier", "results_v2")], "efficiency_pct", scaled(0.5));
    let page = files.page();
    let said = answer(&page);
    assert!(said.contains("Of 12 pairs among"), "{said}");
    assert!(said.contains("3 differ in the published efficiency."), "{said}");
    assert!(said.contains("tokio-default and smol (tier results_v2)"), "{said}");
    assert!(said.contains("not in every run 50 (a + b)"), "the column is no longer the ratio: {said}");
    assert!(!said.contains("no ranking") && !said.contains("how equally long"), "{said}");
    assert!(said.contains("3 relevant"), "{said}");
}

#[test]
fn serialisation_is_read_from_the_data_and_not_from_a_name() {
    let mut files = Files::published();
    files.both(|table| {
        table.set(&[("runtime", "async-std")], "runtime", |_| "swapped".to_owned());
        table.set(&[("runtime", "smol")], "runtime", |_| "async-std".to_owned());
    });
    let page = files.page();
    let said = answer(&page);
    assert!(said.contains("On swapped the agents took turns"), "{said}");
    assert!(said.contains("no ranking of tokio-default, tokio-localset, async-std and smol-1kb"), "{said}");
}

#[test]
fn without_agents_that_took_turns_nothing_is_known_of_running_alone() {
    let mut files = Files::published();
    files.both(|table| table.keep("runtime", |runtime| runtime != "async-std"));
    let page = files.page();
    assert!(!answer(&page).contains("took turns") && !answer(&page).contains("solo run was made"), "{page}");
    assert!(page.contains("This tier lacks calls of agents that took turns"));
    assert!(page.contains("| efficiency E | (S_a + S_b) / 2W | no |"), "{page}");
}

#[test]
fn with_only_agents_that_took_turns_there_is_nothing_to_compare() {
    let mut files = Files::published();
    files.both(|table| table.keep("runtime", |runtime| runtime == "async-std"));
    let page = files.page();
    let said = answer(&page);
    assert!(said.contains("These data compare no runtimes"), "{said}");
    assert!(said.contains("In no run did the two agents overlap"), "{said}");
    assert!(!said.contains("one uninterrupted block"), "one block has nothing to be told from: {said}");
    assert!(!page.contains("efficiency.svg"));
}

#[test]
fn a_delay_that_is_gone_is_not_reported() {
    let mut files = Files::published();
    files.calls.set(&[("runtime", "smol-1kb"), ("stage", "report")], "ttft_ms", |_| "700".to_owned());
    let page = files.page();
    let said = answer(&page);
    assert!(said.contains("smol-1kb in tier results by"), "{said}");
    assert!(!said.contains("smol-1kb in tier results_v2 by"), "{said}");
    assert!(page.contains("No runtime is clearly the latest in every stage."));
}

#[test]
fn runtimes_that_alternate_are_not_said_to_run_in_blocks() {
    let mut files = Files::published();
    let at = files.runs.column("run_saved_utc");
    let index = files.runs.column("run_index");
    for row in &mut files.runs.rows {
        row[at] = format!("2025-11-15T0{}:00:00Z", row[index]);
    }
    let page = files.page();
    assert!(!answer(&page).contains("one uninterrupted block"));
    assert!(page.contains("uninterrupted stretches"), "{page}");
}

#[test]
fn one_tier_has_no_headings_of_tiers() {
    let mut files = Files::published();
    files.both(|table| table.keep("tier", |tier| tier == "results_v2"));
    let page = files.page();
    assert!(!page.contains("### Tier"));
    assert!(answer(&page).contains("of 6 pairs, none"), "{page}");
}

#[test]
fn two_runs_make_a_page() {
    let mut files = Files::published();
    files.both(|table| {
        table.keep("tier", |tier| tier == "results_v2");
        table.keep("config", |config| config == "chimera_homo_gpu100_ctx512");
        table.keep("run_index", |index| index == "3");
        table.keep("runtime", |runtime| runtime.starts_with("tokio"));
    });
    let page = files.page();
    assert!(answer(&page).contains("of 1 pair, none is shown to differ"), "{page}");
    assert!(page.contains("1 not analysable"), "{page}");
}

#[test]
fn text_of_the_files_does_not_act() {
    const NASTY: &str = "x|y`z</td><script>alert(1)</script>![i](http://evil.example/a.png)\n# head\u{1b}[31m\u{202e} www.evil.example @all $x$ ]: *b*";
    let mut files = Files::published();
    files.both(|table| {
        for column in ["runtime", "config", "tier", "role"] {
            table.set(&[], column, |text| format!("{text}{NASTY}"));
        }
    });
    files.calls.set(&[], "stage", |text| format!("{text}{NASTY}"));
    for column in ["url", "model"] {
        files.runs.set(&[], column, |text| format!("{text}{NASTY}"));
    }
    let study = files.study();
    let reading = read(&study, MARGIN).unwrap();
    let page = page(&reading);
    let (_, outside) = page.split_once('\n').unwrap();
    for bad in ["<script", "</td>", "http://evil", "www.evil", "\u{1b}", "\u{202e}", "@all", "\n# head"] {
        assert!(!outside.contains(bad), "{bad:?} in the page");
    }
    let titles = ["# "].map(|mark| outside.lines().filter(|line| line.starts_with(mark)).count());
    assert_eq!(titles, [1]);
    for table in outside.split("\n\n").filter(|part| part.starts_with('|')) {
        let columns: Vec<usize> = table.lines().map(|line| line.matches('|').count()).collect();
        assert!(columns.iter().all(|n| *n == columns[0]), "{table}");
    }
    for chart in analyzer::charts::tr115::draw_all(&reading).unwrap() {
        assert!(!chart.svg.contains("<script") && !chart.svg.contains('\u{1b}'));
    }
}

use crate::common::{Recipe, Synthetic};
use crate::{Pair, run};
use analyzer::compare::compare;

const NASTY: &str = "x|y`z</td><script>alert(1)</script>![i](http://evil.example/a.png)\n# head\u{1b}[31m\u{202e} www.evil.example @all &amp; <!-- --> $x$ ]: *b* _i_";

/// Every text of a run that a comparison may show.
fn nasty(seed: u64) -> Synthetic {
    let mut run = run(seed, Recipe::default());
    let rename = |text: &mut String| *text = format!("{text}{NASTY}");
    for row in &mut run.plan {
        [&mut row.cell, &mut row.set].into_iter().for_each(rename);
        if row.arm == "smol" {
            rename(&mut row.arm)
        }
    }
    for row in &mut run.trials {
        [&mut row.cell, &mut row.set].into_iter().for_each(rename);
        if row.arm == "smol" {
            rename(&mut row.arm)
        }
    }
    let manifest = &mut run.manifest;
    manifest.machine.cpu = Some(format!("{NASTY}{seed}"));
    for text in
        [&mut manifest.command, &mut manifest.plan.name, &mut manifest.git_revision, &mut manifest.profile]
    {
        *text = format!("{text}{NASTY}{seed}");
    }
    manifest.arms[0].version += &format!("{NASTY}{seed}");
    manifest.servers[0].model = format!("{NASTY}{seed}");
    run
}

#[test]
fn nothing_from_a_file_acts_in_page_terminal_or_message() {
    let mut after = nasty(2);
    after.slow_down(&format!("smol{NASTY}"), 1.02, |_| true);
    let pair = Pair::of(&nasty(1), &after);
    let refusal = pair.refused(&pair.request());
    assert!(!refusal.contains('\u{1b}') && !refusal.contains('\u{202e}'), "{refusal}");
    let mut request = pair.request();
    request.allow_different = true;
    request.command = Some(format!("make compare {NASTY}"));
    let done = compare(&request).unwrap();
    for text in [&done.text, &done.regression.unwrap()] {
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
    }
    let folder = pair.out().join("before-vs-after");
    let page = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let (comment, page) = page.split_once('\n').unwrap();
    assert!(comment.ends_with("-->") && comment.matches('>').count() == 1, "{comment}");
    for bad in ["<script", "</td>", "http://evil", "www.evil", "\u{1b}", "\u{202e}", "| # head"] {
        assert!(!page.contains(bad), "{bad:?} in the page");
    }
    assert_eq!(page.lines().filter(|line| line.starts_with("# ")).count(), 1);
    let columns: Vec<usize> = page
        .lines()
        .skip_while(|line| !line.starts_with("| arm | n of A, B"))
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.matches('|').count())
        .collect();
    assert_eq!(columns, [9; 8]);
    for chart in ["change.svg", "relative.svg"] {
        let svg = std::fs::read_to_string(folder.join(chart)).unwrap();
        assert!(!svg.contains("<script") && !svg.contains('\u{1b}'));
    }
}

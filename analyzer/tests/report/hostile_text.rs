use crate::common::{Recipe, Synthetic};
use crate::{request, sentence, with_analysis};
use analyzer::report::{escape, report, verdict_table};
use proptest::prelude::*;
use tandem_records::Status;

pub const NASTY: &str = "x|y`z</td><script>alert(1)</script>![i](http://evil.example/a.png)\n# head\u{1b}[31m\u{202e} www.evil.example @all &amp; <!-- --> $x$ ]: *b* _i_";

#[test]
fn markdown_shows_and_does_not_act() {
    for (text, safe) in [
        ("a|b", "a&#124;b"),
        ("<b>", "&#60;b>"),
        ("a\nb", "a b"),
        ("![x](y)", "![x\\](y)"),
        ("http://h", "http&#58;//h"),
        ("www.h", "www&#46;h"),
        ("me@h", "me&#64;h"),
        ("chimera_homo", "chimera_homo"),
        ("_x_", "\\_x\\_"),
        ("[0.1, 0.2] pp: fine.", "[0.1, 0.2] pp: fine."),
        ("\u{1b}[0m", "\u{fffd}[0m"),
    ] {
        assert_eq!(escape::markdown(text), safe);
    }
    assert_eq!(escape::markdown(&"é".repeat(400)).chars().count(), 300);
}

#[test]
fn a_fence_outlasts_its_text() {
    assert_eq!(escape::fenced("a\n````\nb"), "`````text\na\n````\nb\n`````\n");
}

proptest! {
    #[test]
    fn escaped_text_holds_nothing_that_acts(text in "\\PC{0,80}|[|<>&`\\[\\]()!:/@\\n\\r\\\\*_~$w.a-]{0,60}") {
        let markdown = escape::markdown(&text);
        for c in ['<', '|', '`', '\n', '@'] {
            prop_assert!(!markdown.contains(c), "{c} in {markdown}");
        }
        prop_assert!(!markdown.contains("://"));
        let links = markdown.match_indices("](").chain(markdown.match_indices("][")).chain(markdown.match_indices("]:"));
        for (at, _) in links {
            prop_assert!(markdown[..at].ends_with('\\'), "{markdown}");
        }
        let svg = escape::svg(&text);
        prop_assert!(!svg.contains('<') && !svg.contains('"'));
        let has_escape = escape::plain(&text).contains('\u{1b}');
        prop_assert!(!has_escape);
        prop_assert!(!escape::comment(&text).contains('>'));
    }
}

/// Every text that comes from a file, at once.
pub fn nasty_run() -> Synthetic {
    let mut run = Synthetic::make(&Recipe::default());
    run.fail(7, Status::ServerError, NASTY);
    let rename = |text: &mut String| *text = format!("{text}{NASTY}");
    for row in &mut run.plan {
        [&mut row.cell, &mut row.set, &mut row.scenario].into_iter().for_each(rename);
        if row.arm == "smol" {
            rename(&mut row.arm)
        }
    }
    for row in &mut run.trials {
        [&mut row.cell, &mut row.set, &mut row.scenario, &mut row.bridge].into_iter().for_each(rename);
        if row.arm == "smol" {
            rename(&mut row.arm)
        }
    }
    let manifest = &mut run.manifest;
    [&mut manifest.command, &mut manifest.plan.name, &mut manifest.plan.text].into_iter().for_each(rename);
    rename(&mut manifest.arms[0].version);
    rename(&mut manifest.servers[0].url);
    rename(&mut manifest.servers[0].model);
    manifest.machine.cpu = Some(NASTY.into());
    manifest.plan.text += "\n```\n<script>fenced</script>\n";
    run
}

#[test]
fn nothing_from_a_file_acts_in_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let (runs, out) = (folder.path().join("runs"), folder.path().join("reports"));
    nasty_run().write(&runs);
    let mut request = request(&runs, &out);
    request.command = Some(format!("make report {NASTY}"));
    let terminal = report(&request).unwrap();
    assert!(!terminal.contains('\u{1b}'));
    let page = std::fs::read_to_string(out.join("made-up/README.md")).unwrap();
    // The first line is a comment and the plan stands in a fence, where nothing acts; look at the rest.
    let (comment, page) = page.split_once('\n').unwrap();
    assert!(comment.ends_with("-->") && comment.matches('>').count() == 1, "{comment}");
    let outside: String = page.split("````text").next().unwrap().into();
    assert!(page.contains("````text"));
    for bad in ["<script", "</td>", "http://evil", "www.evil", "\u{1b}", "\u{202e}", "| # head"] {
        assert!(!outside.contains(bad), "{bad:?} in the page");
    }
    assert_eq!(outside.lines().filter(|line| line.starts_with("# ")).count(), 1);
    let columns = |line: &str| line.matches('|').count();
    let table: Vec<&str> = outside.lines().skip_while(|l| !l.starts_with("| arm | client")).take(8).collect();
    assert!(table.iter().all(|line| columns(line) == columns(table[0])), "{table:#?}");
    for entry in std::fs::read_dir(out.join("made-up")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if path.extension().is_some_and(|e| e == "svg") {
            assert!(!text.contains("<script") && !text.contains('\u{1b}'), "{}", path.display());
        }
    }
}

#[test]
fn sentences_keep_hostile_names_on_one_line() {
    with_analysis(&nasty_run(), |analysis| {
        assert_eq!(analysis.families.of_efficiency(), 4, "a # in a name does not make it a repeated arm");
        assert!(!sentence(analysis).contains('\n'));
        assert!(!verdict_table(analysis).contains('\u{202e}'));
    });
}

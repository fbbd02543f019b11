//! `index.html`: the Markdown page as one file that needs nothing else.

use crate::common::{Recipe, Synthetic};
use crate::hostile_text::{NASTY, nasty_run};
use crate::request;
use crate::tags::{Tag, tags};
use analyzer::report::report;
use std::collections::BTreeSet;
use tandem_records::Status;

/// The README and the HTML page of a run.
fn pages(run: &Synthetic, command: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let (runs, out) = (folder.path().join("runs"), folder.path().join("reports"));
    run.write(&runs);
    let mut request = request(&runs, &out);
    request.command = Some(command.into());
    report(&request).unwrap();
    let read = |name: &str| std::fs::read_to_string(out.join("made-up").join(name)).unwrap();
    (read("README.md"), read("index.html"))
}

const PROSE: [&str; 21] = [
    "body", "h1", "h2", "h3", "p", "ul", "li", "strong", "em", "code", "pre", "br", "details", "summary",
    "div", "table", "thead", "tbody", "tr", "th", "td",
];
const HEAD: [&str; 6] = ["!DOCTYPE", "html", "head", "meta", "title", "style"];
const CHART: [&str; 12] =
    ["figure", "svg", "desc", "g", "text", "rect", "line", "polyline", "polygon", "circle", "path", "tspan"];

/// Attributes that act by themselves or fetch something.
fn acts(tag: &Tag) -> bool {
    tag.attributes.iter().any(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let loads =
            ["src", "href", "xlink:href", "action", "formaction", "data", "srcset", "background", "poster"];
        name.starts_with("on")
            || loads.contains(&name.as_str())
            || value.contains("url(")
            || value.contains("javascript")
    })
}

fn check(html: &str) {
    for tag in tags(html) {
        let name = tag.name.trim_start_matches('/');
        let known = PROSE.contains(&name) || HEAD.contains(&name) || CHART.contains(&name);
        assert!(known, "{tag:?} in the page");
        assert!(!acts(&tag), "{tag:?} in the page");
        if PROSE.contains(&name) {
            let harmless = |(name, value): &(String, String)| match name.as_str() {
                "style" => {
                    value.strip_prefix("text-align: ").is_some_and(|side| side == "right" || side == "left")
                }
                "class" => value == "table" || value.starts_with("language-"),
                "tabindex" => value == "0",
                _ => false,
            };
            assert!(tag.attributes.iter().all(harmless), "{tag:?}");
        }
    }
}

#[test]
fn hostile_text_stays_text() {
    let (_, html) = pages(&nasty_run(), &format!("make report {NASTY}"));
    check(&html);
    assert!(html.contains("&lt;script&gt;alert(1)"), "the text itself is shown");
    assert!(!html.contains('\u{202e}') && !html.contains('\u{1b}'));
    assert_eq!(tags(&html).iter().filter(|tag| tag.name == "h1").count(), 1);
}

#[test]
fn the_page_opens_alone() {
    let (markdown, html) = pages(&Synthetic::make(&Recipe::default()), "make report");
    check(&html);
    assert!(html.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
    let meta: Vec<Tag> = tags(&html).into_iter().filter(|tag| tag.name == "meta").collect();
    let content = |value: &str| {
        let asks = |tag: &&Tag| tag.attributes.iter().any(|(_, v)| v == value);
        let tag = meta.iter().find(asks).unwrap();
        tag.attributes.iter().find(|(name, _)| name == "content").unwrap().1.clone()
    };
    assert!(content("Content-Security-Policy").starts_with("default-src 'none'; style-src 'unsafe-inline'"));
    assert!(content("viewport").contains("width=device-width"));
    assert!(meta.iter().any(|tag| tag.attributes == [("charset".into(), "utf-8".into())]));
    assert!(html.contains("<title>Do the runtimes differ? Run made-up</title>"));
    // Every chart of the Markdown page stands in the page, none as an image.
    let images = markdown.lines().filter(|line| line.starts_with("![")).count();
    let count = |name: &str| tags(&html).iter().filter(|tag| tag.name == name).count();
    assert!(images >= 4);
    assert_eq!(count("svg"), images);
    assert!(!html.contains("!["));
    let tables = markdown.lines().filter(|line| line.starts_with("| ---")).count();
    assert_eq!((count("table"), count("div")), (tables, tables), "every table scrolls in a box of its own");
}

#[test]
fn ids_are_unique_and_tags_are_closed() {
    let (_, html) = pages(&Synthetic::make(&Recipe::default()), "make report");
    let mut ids = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    for tag in tags(&html) {
        for (_, id) in tag.attributes.iter().filter(|(name, _)| name == "id") {
            assert!(ids.insert(id.clone()), "{id} twice");
        }
        match tag.name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop().as_deref(), Some(name), "in {open:?}"),
            // These have no content, or the scanner has skipped it with its end.
            None if ["!DOCTYPE", "meta", "br", "style"].contains(&tag.name.as_str()) => {}
            None if ["rect", "line", "polyline", "polygon", "circle", "path"]
                .contains(&tag.name.as_str()) => {}
            None => open.push(tag.name),
        }
    }
    assert!(open.is_empty(), "{open:?} not closed");
    for tag in tags(&html) {
        let named = tag.attributes.iter().filter(|(name, _)| name == "aria-labelledby");
        assert!(named.flat_map(|(_, ids)| ids.split(' ')).all(|id| ids.contains(id)), "{tag:?}");
    }
}

#[test]
fn a_run_without_a_chart_has_a_page() {
    let mut run = Synthetic::make(&Recipe::default());
    for trial in 0..72 {
        run.fail(trial, Status::Refused, "connection refused");
    }
    let (_, html) = pages(&run, "make report");
    check(&html);
    assert!(html.contains("None of the 72 finished trials counts"));
    assert!(!tags(&html).iter().any(|tag| tag.name == "svg"));
}

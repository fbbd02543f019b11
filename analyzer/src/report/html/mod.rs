//! The page of a report as one HTML file that needs nothing else: the Markdown page with its charts inside.

mod raw;

use crate::charts::Chart;
use crate::report::escape;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};

const STYLE: &str = include_str!("style.css");

/// Nothing but the page's own style is ever loaded or run, whatever should stand in the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Turns a report's Markdown into its HTML page. Of raw HTML, only what the reports themselves write passes (see
/// [`raw::split`]); a link keeps its text alone; an image that is one of `charts` becomes its SVG, whose ids no other chart has, any other its text.
pub(crate) fn page(title: &str, markdown: &str, charts: &[Chart]) -> String {
    let events: Vec<Event> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
    let mut body = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut body, safe(&events, charts).into_iter());
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n",
        escape::svg(title)
    )
}

/// The events to write.
fn safe<'a>(events: &[Event<'a>], charts: &[Chart]) -> Vec<Event<'a>> {
    let mut out = Vec::with_capacity(events.len());
    let mut rest = events;
    while let Some((event, after)) = rest.split_first() {
        if let Some((figure, after)) = figure(rest, charts) {
            out.push(Event::Html(figure.into()));
            rest = after;
            continue;
        }
        rest = after;
        match event {
            Event::Html(text) | Event::InlineHtml(text) => out.extend(raw::split(text)),
            Event::Start(Tag::Link { .. } | Tag::Image { .. }) | Event::End(TagEnd::Link | TagEnd::Image) => {
            }
            // Wide tables scroll, not the page; a keyboard reaches what it can scroll by the index.
            Event::Start(Tag::Table(_)) => {
                out.extend([html("<div class=\"table\" tabindex=\"0\">\n"), event.clone()]);
            }
            Event::End(TagEnd::Table) => out.extend([event.clone(), html("</div>\n")]),
            event => out.push(event.clone()),
        }
    }
    out
}

fn html(text: &'static str) -> Event<'static> {
    Event::Html(CowStr::Borrowed(text))
}

/// A paragraph that is one of the charts and nothing else, with what follows it.
fn figure<'e, 'a>(events: &'e [Event<'a>], charts: &[Chart]) -> Option<(String, &'e [Event<'a>])> {
    let [Event::Start(Tag::Paragraph), Event::Start(Tag::Image { dest_url, .. }), rest @ ..] = events else {
        return None;
    };
    let chart = charts.iter().find(|chart| chart.file == dest_url.as_ref())?;
    let end = rest.iter().position(|event| matches!(event, Event::End(TagEnd::Image)))?;
    let Some(Event::End(TagEnd::Paragraph)) = rest.get(end + 1) else { return None };
    Some((format!("<figure>\n{}</figure>\n", chart.svg), &rest[end + 2..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_text_comes_of_links_images_and_tags_that_no_report_writes() {
        let hostile = "# a\n\n[x](javascript:alert(1)) ![y](http://h/a.png) <b onclick=z>w</b> <http://h/>\n\n\
                       <script>\nalert(2)\n</script>\n\n<details open>\n\n<!-- own -->\n";
        let page = page("</title><b>", hostile, &[]);
        let (head, body) = page.split_once("<body>\n").unwrap();
        assert!(head.contains("<title>&lt;/title&gt;&lt;b&gt;</title>"));
        assert_eq!(
            body,
            "<h1>a</h1>\n<p>x y &lt;b onclick=z&gt;w&lt;/b&gt; http://h/</p>\n&lt;script&gt;\nalert(2)\n&lt;/script&gt;\n\
             &lt;details open&gt;\n<!-- own -->\n</body>\n</html>\n"
        );
    }
}

//! A tiny scanner of tags: enough to say which elements and attributes a page has.

/// One tag as a browser would read it.
#[derive(Debug)]
pub struct Tag {
    pub name: String,
    pub attributes: Vec<(String, String)>,
}

/// Every tag of an HTML text in order. Comments and the content of `style` are skipped; whatever else follows a `<` has
/// to be a tag whose attribute values stand in double quotes.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            let (inside, after) = comment.split_once("-->").expect("an end of the comment");
            assert!(!inside.contains(['<', '>']), "{inside}");
            rest = after;
            continue;
        }
        let (tag, after) = one(after);
        rest = if tag.name == "style" { after.split_once("</style>").unwrap().1 } else { after };
        found.push(tag);
    }
    found
}

fn one(text: &str) -> (Tag, &str) {
    let end = text.find([' ', '>', '\n']).unwrap_or_else(|| panic!("no end of <{text}"));
    let mut tag = Tag { name: text[..end].trim_end_matches('/').to_owned(), attributes: Vec::new() };
    let mut rest = text[end..].trim_start();
    loop {
        if let Some(after) = rest.strip_prefix("/>").or(rest.strip_prefix('>')) {
            return (tag, after);
        }
        let end = rest.find(['=', ' ', '>']).unwrap_or_else(|| panic!("no end of {rest}"));
        let name = rest[..end].to_owned();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (inside, after) = quoted.split_once('"').expect("a closing quote");
            (value, rest) = (inside, after.trim_start());
        } else {
            assert!(!rest.starts_with('='), "a value without quotes: {rest:.80}");
        }
        tag.attributes.push((name, value.to_owned()));
    }
}

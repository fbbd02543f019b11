//! Reads the captures in data/reference/wire.

use std::path::PathBuf;

/// One titled exchange: in order, what the client sent and everything the server sent in return.
pub struct Exchange {
    pub title: String,
    pub rounds: Vec<(Vec<u8>, Vec<u8>)>,
}

/// The exchanges of a capture file.
pub fn read(file: &str) -> Vec<Exchange> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/reference/wire").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut exchanges: Vec<Exchange> = Vec::new();
    for line in text.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            exchanges.push(Exchange { title: title.to_owned(), rounds: Vec::new() });
        } else if let Some(exchange) = exchanges.last_mut() {
            let literal = line.find(" b'").or_else(|| line.find(" b\"")).map(|at| &line[at + 2..]);
            match (&line[..line.len().min(2)], literal) {
                (">>", Some(literal)) => exchange.rounds.push((unescape(literal), Vec::new())),
                ("<<", Some(literal)) => exchange.rounds.last_mut().unwrap().1.extend(unescape(literal)),
                _ => {}
            }
        }
    }
    assert!(!exchanges.is_empty(), "{file} has no exchange");
    exchanges
}

/// One exchange by the beginning of its title.
pub fn find(file: &str, title: &str) -> Exchange {
    let found = read(file).into_iter().find(|exchange| exchange.title.starts_with(title));
    found.unwrap_or_else(|| panic!("{file} has no exchange {title:?}"))
}

/// The bytes of a Python literal, from its opening quote on.
fn unescape(literal: &str) -> Vec<u8> {
    let inside = &literal[1..literal.len() - 1];
    let mut bytes = Vec::new();
    let mut chars = inside.bytes();
    while let Some(byte) = chars.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match chars.next().unwrap() {
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'x' => {
                let digits = [chars.next().unwrap(), chars.next().unwrap()];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
            }
            other => bytes.push(other),
        }
    }
    bytes
}

//! The captures in data/reference/wire, one entry a title.

/// One titled exchange: in order, what the client sent and everything the server sent in return.
pub struct Exchange {
    pub title: String,
    pub rounds: Vec<(Vec<u8>, Vec<u8>)>,
}

/// The exchanges of a capture file.
pub fn read(file: &str) -> Vec<Exchange> {
    let mut exchanges: Vec<Exchange> = Vec::new();
    for round in wire_captures::exchanges().into_iter().filter(|round| round.file == file) {
        let response = round.response();
        match exchanges.last_mut() {
            Some(last) if last.title == round.title => last.rounds.push((round.request, response)),
            _ => exchanges.push(Exchange { title: round.title, rounds: vec![(round.request, response)] }),
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

//! Takes out of an answer what depends on time, text or model weights, and leaves every other byte.

/// Fields whose values are blanked; that they are there, and where, still counts.
const BLANK: [&str; 28] = [
    "created_at",
    "response",
    "content",
    "thinking",
    "reasoning",
    "context",
    "total_duration",
    "load_duration",
    "prompt_eval_count",
    "prompt_eval_duration",
    "eval_duration",
    "id",
    "created",
    "prompt_tokens",
    "total_tokens",
    "modified_at",
    "size",
    "digest",
    "format",
    "family",
    "families",
    "parameter_size",
    "quantization_level",
    "embedding_length",
    "expires_at",
    "size_vram",
    "context_length",
    "version",
];

/// An answer as a text that can be compared: head, then one line per chunk, then what follows the last chunk.
pub fn normal(bytes: &[u8]) -> String {
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let (head, mut rest) = text.split_once("\r\n\r\n").expect("an answer with a head");
    let mut out = String::new();
    let text_length = head.contains(" 200 ");
    for line in head.lines() {
        match line.split_once(": ") {
            Some(("Date", date)) => out += &format!("Date: {} bytes\n", date.len()),
            Some(("Content-Length", _)) if text_length && !rest.is_empty() => {
                out += "Content-Length: right\n"
            }
            _ => out += &format!("{line}\n"),
        }
    }
    if let Some(length) = head.lines().find_map(|line| line.strip_prefix("Content-Length: "))
        && !rest.is_empty()
    {
        assert_eq!(length.parse(), Ok(rest.len()), "Content-Length of {text:?}");
    }
    if head.contains("Transfer-Encoding: chunked") {
        loop {
            let (size, after) = rest.split_once("\r\n").expect("a chunk size");
            assert_eq!(
                size,
                format!("{:x}", usize::from_str_radix(size, 16).unwrap()),
                "lower case, no padding"
            );
            let length = usize::from_str_radix(size, 16).unwrap();
            let (payload, after) = after.split_at(length);
            rest = after.strip_prefix("\r\n").expect("a line end after the chunk");
            if length == 0 {
                out += &format!("end\n{rest}");
                break;
            }
            out += &format!("chunk {:?}\n", blank(payload));
        }
    } else {
        out += &blank(rest);
    }
    out
}

fn blank(json: &str) -> String {
    let mut json = json.to_owned();
    for field in BLANK {
        let name = format!("\"{field}\":");
        let mut from = 0;
        while let Some(at) = json[from..].find(&name).map(|at| from + at + name.len()) {
            let end = at + value_length(&json[at..]);
            // An empty string is not text: it marks a final record.
            let value = if &json[at..end] == "\"\"" { "\"\"" } else { "_" };
            json.replace_range(at..end, value);
            from = at + value.len();
        }
    }
    json
}

fn value_length(json: &str) -> usize {
    let bytes = json.as_bytes();
    match bytes[0] {
        b'"' => {
            let mut at = 1;
            while bytes[at] != b'"' {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at + 1
        }
        b'[' => json.find(']').unwrap() + 1,
        _ => json.find([',', '}']).unwrap(),
    }
}

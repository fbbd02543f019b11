//! Reads the captures of real servers in `data/reference/wire`, for tests of client and simulator.
//!
//! The format is described in that folder's README: one line per `send()` or `recv()`, with its bytes as a Python
//! literal. Broken captures are a broken checkout, so everything here panics with the file and line.

use std::fs;
use std::path::Path;

/// One request on a connection and the bytes that came back, in the pieces of the original `recv()` calls.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// File name.
    pub file: String,
    /// The capture's `## ` title.
    pub title: String,
    /// Bytes sent.
    pub request: Vec<u8>,
    /// Bytes received, one element a `recv()`.
    pub received: Vec<Vec<u8>>,
}

impl Exchange {
    /// Path of the request line.
    pub fn path(&self) -> &str {
        let line = self.request.split(|&b| b == b'\r').next().unwrap_or(&[]);
        std::str::from_utf8(line).ok().and_then(|line| line.split(' ').nth(1)).unwrap_or("")
    }

    /// All bytes received.
    pub fn response(&self) -> Vec<u8> {
        self.received.concat()
    }

    /// Status code of the response; `None` where the connection was closed without one.
    pub fn status(&self) -> Option<u16> {
        let response = self.response();
        std::str::from_utf8(response.get(9..12)?).ok()?.parse().ok()
    }

    /// The response's head, up to and with its blank line.
    pub fn head(&self) -> String {
        let response = self.response();
        let end = response.windows(4).position(|w| w == b"\r\n\r\n").map_or(response.len(), |at| at + 4);
        String::from_utf8_lossy(&response[..end]).into_owned()
    }

    /// The response's body with any chunked framing taken off.
    pub fn body(&self) -> Vec<u8> {
        let head = self.head();
        let body = self.response().split_off(head.len());
        if head.to_ascii_lowercase().contains("transfer-encoding: chunked") { dechunk(&body) } else { body }
    }

    /// The request's body.
    pub fn request_body(&self) -> &[u8] {
        let end =
            self.request.windows(4).position(|w| w == b"\r\n\r\n").map_or(self.request.len(), |at| at + 4);
        &self.request[end..]
    }
}

/// Every exchange of every capture, in file order.
pub fn exchanges() -> Vec<Exchange> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/reference/wire");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.expect("a folder that can be listed").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "txt"))
        .collect();
    files.sort();
    files.iter().flat_map(|path| read(path)).collect()
}

fn read(path: &Path) -> Vec<Exchange> {
    let file = path.file_name().expect("a file").to_string_lossy().into_owned();
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{file}: {e}"));
    let mut found: Vec<Exchange> = Vec::new();
    let mut title = String::new();
    let mut sending = false;
    for (number, line) in text.lines().enumerate() {
        let bytes = || {
            let literal = line.find("b'").or_else(|| line.find("b\"")).map(|at| &line[at..]);
            literal.and_then(unescape).unwrap_or_else(|| panic!("{file}:{}: no bytes literal", number + 1))
        };
        if let Some(rest) = line.strip_prefix("## ") {
            title = rest.to_string();
        } else if line.starts_with("CONN") {
            sending = false;
        } else if line.starts_with(">>") {
            match found.last_mut() {
                Some(last) if sending => last.request.extend(bytes()),
                _ => found.push(Exchange {
                    file: file.clone(),
                    title: title.clone(),
                    request: bytes(),
                    received: Vec::new(),
                }),
            }
            sending = true;
        } else if line.starts_with("<<") {
            let bytes = bytes();
            let last =
                found.last_mut().unwrap_or_else(|| panic!("{file}:{}: bytes before a request", number + 1));
            last.received.push(bytes);
            sending = false;
        }
    }
    found
}

/// Reads a Python bytes literal.
fn unescape(literal: &str) -> Option<Vec<u8>> {
    let quote = *literal.as_bytes().get(1)?;
    let mut bytes = Vec::new();
    let mut rest = literal.as_bytes().get(2..)?.iter().copied();
    loop {
        match rest.next()? {
            b'\\' => bytes.push(match rest.next()? {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
                }
                other => other,
            }),
            end if end == quote => return Some(bytes),
            byte => bytes.push(byte),
        }
    }
}

fn dechunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line_end) = bytes.windows(2).position(|w| w == b"\r\n") {
        let size =
            std::str::from_utf8(&bytes[..line_end]).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
        let (Some(size @ 1..), start) = (size, line_end + 2) else { break };
        body.extend_from_slice(&bytes[start..(start + size).min(bytes.len())]);
        bytes = bytes.get(start + size + 2..).unwrap_or(&[]);
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_literals_become_bytes() {
        assert_eq!(unescape(r#"b'a\r\n\x00\'\\"'"#).unwrap(), b"a\r\n\0'\\\"");
        assert_eq!(unescape("b'open"), None);
    }

    #[test]
    fn every_capture_is_read() {
        let all = exchanges();
        assert!(all.len() > 100, "{}", all.len());
        let with_status = all.iter().filter(|exchange| exchange.status().is_some()).count();
        assert!(with_status * 10 > all.len() * 9, "{with_status} of {}", all.len());
    }
}

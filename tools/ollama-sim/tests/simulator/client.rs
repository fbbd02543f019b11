//! A plain blocking HTTP client that shows every byte and every read.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

pub struct Client {
    pub socket: TcpStream,
    pending: Vec<u8>,
    /// Time and size of every read.
    pub reads: Vec<(Instant, usize)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Status line and headers, with the blank line.
    pub head: String,
    /// Chunk payloads, or the whole body as one.
    pub chunks: Vec<Vec<u8>>,
    /// All payload bytes.
    pub body: Vec<u8>,
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The JSON objects of an NDJSON or SSE body.
    pub fn objects(&self) -> Vec<serde_json::Value> {
        let lines = self.text().lines().map(|line| line.strip_prefix("data: ").unwrap_or(line));
        lines.filter(|line| line.starts_with('{')).map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The text that the tokens add up to.
    pub fn words(&self) -> String {
        let piece = |object: &serde_json::Value| {
            let places = [
                "/response",
                "/message/content",
                "/choices/0/delta/content",
                "/choices/0/text",
                "/choices/0/message/content",
            ];
            places
                .iter()
                .find_map(|place| object.pointer(place)?.as_str().map(str::to_owned))
                .unwrap_or_default()
        };
        self.objects().iter().map(piece).collect()
    }
}

impl Client {
    pub fn connect(addr: SocketAddr) -> Client {
        let socket = TcpStream::connect(addr).unwrap();
        socket.set_nodelay(true).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        Client { socket, pending: Vec::new(), reads: Vec::new() }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.socket.write_all(bytes.as_ref()).unwrap();
    }

    /// One read; false at the end.
    pub fn fill(&mut self) -> bool {
        let mut buffer = [0; 65536];
        let length = match self.socket.read(&mut buffer) {
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => 0,
            Err(error) => panic!("{error}; so far {:?}", String::from_utf8_lossy(&self.pending)),
        };
        self.reads.push((Instant::now(), length));
        self.pending.extend_from_slice(&buffer[..length]);
        length > 0
    }

    pub fn take_until(&mut self, end: &[u8]) -> Vec<u8> {
        loop {
            if let Some(at) = self.pending.windows(end.len()).position(|window| window == end) {
                return self.pending.drain(..at + end.len()).collect();
            }
            assert!(self.fill(), "connection ended within {:?}", String::from_utf8_lossy(&self.pending));
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        while self.pending.len() < length {
            assert!(self.fill(), "connection ended within a body");
        }
        self.pending.drain(..length).collect()
    }

    /// Reads one answer; `head_only` after HEAD.
    pub fn answer(&mut self, head_only: bool) -> Answer {
        let head = String::from_utf8(self.take_until(b"\r\n\r\n")).unwrap();
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let mut chunks = Vec::new();
        if head_only || head.starts_with("HTTP/1.1 100 ") || head.starts_with("HTTP/1.1 204 ") {
        } else if header("Transfer-Encoding:") == Some("chunked") {
            loop {
                let line = String::from_utf8(self.take_until(b"\r\n")).unwrap();
                let size = usize::from_str_radix(line.trim_end(), 16).unwrap();
                let payload = self.take(size);
                assert_eq!(self.take(2), b"\r\n");
                if size == 0 {
                    break;
                }
                chunks.push(payload);
            }
        } else if let Some(length) = header("Content-Length:") {
            chunks.push(self.take(length.parse().unwrap()));
        } else {
            while self.fill() {}
            chunks.push(std::mem::take(&mut self.pending));
        }
        let body = chunks.concat();
        Answer { head, chunks, body }
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        self.answer(false)
    }

    pub fn post(&mut self, path: &str, body: &str) -> Answer {
        self.send(post(path, body));
        self.answer(false)
    }
}

pub fn post(path: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// A body for `/api/generate`.
pub fn generate(prompt: &str, tokens: u32) -> String {
    format!(r#"{{"model":"sim","prompt":"{prompt}","options":{{"num_predict":{tokens},"seed":1}}}}"#)
}

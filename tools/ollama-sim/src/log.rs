//! The log of the streams: what a client's own figures are checked against.
//!
//! One CSV line per stream, kept in memory while streams run and written when nothing happens for a while and
//! at the end, so that no deadline waits for it. All times are CLOCK_MONOTONIC in nanoseconds:
//!
//! | column | meaning |
//! |---|---|
//! | `stream` | number of the stream in the order of the requests, shared with connections |
//! | `port` | TCP port of its server |
//! | `request_id` | header X-Request-ID, empty without a plain one |
//! | `request_ns` | when the request was parsed |
//! | `first_write_ns`, `last_write_ns` | just before the write of the first token, and of the final record |
//! | `end_ns` | when the last byte was handed to the kernel, or the client had gone |
//! | `status` | `done` or `cancelled` |
//! | `tokens` | tokens written |
//! | `late_max_ns` | most that a write was behind its deadline, empty when unpaced |
//! | `digest` | XXH3-64 of the text written, thinking included, as in the arms' request rows |
//! | `token_writes_ns` | with `--log-tokens` only: one time per token, separated by spaces |

use crate::config::LogTo;
use crate::error::SimError;
use crate::http::Request;
use crate::stream::Stream;
use crate::text::Text;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use tandem_records::regular_file;
use xxhash_rust::xxh3::Xxh3Default;

const COLUMNS: &str = "stream,port,request_id,request_ns,first_write_ns,last_write_ns,end_ns,status,tokens,\
                       late_max_ns,digest";
/// Longest response whose list of writes is allocated in advance: 8 bytes each.
const RESERVED: u32 = 100_000;

/// The write stamps of one stream, kept only for the log.
#[derive(Debug, Default)]
pub struct Stamps {
    request_id: Option<String>,
    first: Option<u64>,
    last: Option<u64>,
    tokens: Option<Vec<u64>>,
}

impl Stamps {
    /// `count` tokens go out in a write at `now`.
    pub fn tokens(&mut self, now: u64, count: u32) {
        self.first.get_or_insert(now);
        if let Some(tokens) = &mut self.tokens {
            tokens.extend(std::iter::repeat_n(now, count as usize));
        }
    }

    /// The final record goes out at `now`.
    pub fn finished(&mut self, now: u64) {
        self.last = Some(now);
    }
}

/// A stream that has ended.
#[derive(Debug)]
struct Line {
    stream: u64,
    port: u16,
    key: u64,
    /// Tokens at the beginning whose text was not sent.
    unsent: u32,
    request_ns: u64,
    end_ns: Option<u64>,
    tokens: u64,
    late_max_ns: Option<u64>,
    stamps: Stamps,
}

/// The open file and the lines that it lacks.
#[derive(Debug)]
pub struct StreamLog {
    file: File,
    tokens: bool,
    /// Size of the tokens, which decides the text of a key.
    token_bytes: Option<u32>,
    lines: Vec<Line>,
}

impl StreamLog {
    /// Begins the file.
    ///
    /// # Errors
    /// When it cannot be created.
    pub fn create(to: &LogTo, token_bytes: Option<u32>) -> Result<StreamLog, SimError> {
        let mut file = regular_file::check_writable(&to.file)
            .and_then(|()| File::create(&to.file))
            .map_err(SimError::system("create the file of --log"))?;
        let more = if to.tokens { ",token_writes_ns" } else { "" };
        writeln!(file, "{COLUMNS}{more}").map_err(SimError::system("write the file of --log"))?;
        Ok(StreamLog { file, tokens: to.tokens, token_bytes, lines: Vec::new() })
    }

    /// Room for the stamps of a stream of `tokens` tokens.
    pub fn stamps(&self, request: &Request, tokens: u32) -> Stamps {
        let list = || Vec::with_capacity(tokens.min(RESERVED) as usize);
        Stamps { request_id: request.id.clone(), tokens: self.tokens.then(list), ..Stamps::default() }
    }

    /// Keeps a stream that has ended on the server with this TCP port.
    pub fn keep(&mut self, stream: &mut Stream, port: u16) {
        let Some(stamps) = stream.stamps.take() else { return };
        self.lines.push(Line {
            stream: stream.id,
            port,
            key: stream.key(),
            unsent: stream.unsent(),
            request_ns: stream.record.began,
            end_ns: stream.record.ended,
            tokens: stream.record.tokens,
            late_max_ns: stream.record.late.max(),
            stamps,
        });
    }

    /// Whether the file lacks lines.
    pub fn has_lines(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Writes what the file lacks.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&mut self) -> Result<(), SimError> {
        let mut text = String::new();
        for line in self.lines.drain(..) {
            line.push(&mut text, self.token_bytes);
        }
        self.file.write_all(text.as_bytes()).map_err(SimError::system("write the file of --log"))
    }
}

impl Line {
    fn push(&self, out: &mut String, token_bytes: Option<u32>) {
        let cell = |value: Option<u64>| value.map_or_else(String::new, |value| value.to_string());
        let Stamps { request_id, first, last, tokens } = &self.stamps;
        let id = request_id.as_deref().unwrap_or_default();
        let status = if last.is_some() { "done" } else { "cancelled" };
        // Writing to a string never fails.
        let _ = write!(out, "{},{},{id},{},", self.stream, self.port, self.request_ns);
        let _ = write!(out, "{},{},{},", cell(*first), cell(*last), cell(self.end_ns));
        let _ = write!(
            out,
            "{status},{},{},{:016x}",
            self.tokens,
            cell(self.late_max_ns),
            self.digest(token_bytes)
        );
        if let Some(tokens) = tokens {
            let list: Vec<String> = tokens.iter().map(u64::to_string).collect();
            let _ = write!(out, ",{}", list.join(" "));
        }
        out.push('\n');
    }

    /// The text follows from the key: nothing of it had to be kept.
    fn digest(&self, token_bytes: Option<u32>) -> u64 {
        let mut hash = Xxh3Default::new();
        let mut text = Text::new(self.key, token_bytes);
        for number in 0..self.tokens {
            let token = text.next_plain().unwrap_or_default();
            if number >= u64::from(self.unsent) {
                hash.update(token.as_bytes());
            }
        }
        hash.digest()
    }
}

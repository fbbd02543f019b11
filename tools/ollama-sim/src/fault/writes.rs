//! The writes of a stream that a fault has struck.

use super::{After, Instead, Kind, Struck};
use crate::clock::WallClock;
use crate::pieces::Part;
use crate::response::LAST_CHUNK;
use crate::stream::Stream;
use crate::turn::Turn;
use crate::wire::{Moment, Summary};

/// What stands in a stream after Ollama's engine has died.
const ENGINE_DIED: &str = "an error was encountered while running the model: unexpected EOF";
/// Lines of an answer whose length is a lie.
const LINES: usize = 3;

impl Stream {
    /// The next write of a stream that has a fault before it or half a write behind it.
    pub(crate) fn push_faulty(&mut self, out: &mut Vec<u8>, turn: &mut Turn<'_>) -> After {
        out.append(&mut self.torn);
        if let Some(struck) = self.fault {
            if self.written() < struck.at {
                // The fault strikes between two tokens, also of one write or one piece.
                turn.until = struck.at;
            } else if let Some(after) = self.push_struck(struck, out, turn) {
                return after;
            }
        }
        self.push_head(out, turn);
        let (from, strikes) = (out.len(), self.fault.filter(|struck| self.written() >= struck.at));
        let after = self.push_lines(out, turn);
        if after == After::More
            && let Some(at) = strikes.and_then(|struck| struck.tear(&out[from..]))
        {
            self.torn = out.split_off(from + at);
            self.fault = None;
        }
        self.cut(out, after)
    }

    /// What the fault does now; `None` where the stream's own write comes now, too.
    fn push_struck(&mut self, struck: Struck, out: &mut Vec<u8>, turn: &mut Turn<'_>) -> Option<After> {
        let is_end = self.written() == self.tokens();
        match struck.kind {
            Kind::Reset => return Some(After::Reset),
            Kind::Close if !struck.counts_bytes() => return Some(After::Close),
            Kind::Stall => return Some(After::Hang),
            Kind::Pause | Kind::SlowHeaders => {
                self.fault = None;
                let ns = struck.value * 1_000_000;
                self.shift(ns);
                return Some(After::Later(ns));
            }
            kind if kind.is_endless() => return Some(self.push_endless(struck, out, turn)),
            Kind::NoMetrics | Kind::OutOfRange if !is_end => return None,
            Kind::SplitUtf8 | Kind::SplitEscape | Kind::SplitChunkSize | Kind::Close => return None,
            _ => {}
        }
        self.fault = None;
        self.push_head(out, turn);
        let now = turn.now;
        let created_at = turn.wall.created_at(now).to_owned();
        let at = Moment { created_at: &created_at, monotonic_ns: now };
        let mut line = Vec::new();
        match struck.kind {
            Kind::NoDone => return Some(After::Last),
            Kind::ErrorLine => {
                self.push_object(out, &format!("{{\"error\":\"{ENGINE_DIED}\"}}"));
                return Some(After::Last);
            }
            Kind::CutLength => {
                for piece in 0..struck.value {
                    line.clear();
                    self.reply.push_piece(&mut line, Part::Answer, " the", piece == 0, at);
                    self.push_line(out, &line);
                }
                return Some(After::Last);
            }
            Kind::NoMetrics => {
                self.reply.push_last(&mut line, &Summary { done_reason: "stop", ..Summary::default() }, at);
                self.push_line(out, &line);
                return Some(After::Last);
            }
            Kind::OutOfRange => {
                self.reply.push_last(&mut line, &self.summary(None, turn.due), at);
                self.push_line(out, out_of_range(&String::from_utf8_lossy(&line)).as_bytes());
                return Some(After::Last);
            }
            Kind::BadChunk => {
                out.extend_from_slice(b"zz\r\nno chunk\r\n");
                return Some(After::Close);
            }
            // Where no token is left, an empty chunk would be the end of the body.
            Kind::Coalesced if !is_end => {
                self.stamp_tokens(now, self.tokens() - self.written());
                while self.push_piece(&mut line, u32::MAX, at) {}
                self.push_line(out, &line);
                return Some(After::More);
            }
            Kind::NotJson => self.push_object(out, "this is no JSON"),
            Kind::WrongShape => {
                self.push_object(
                    out,
                    r#"{"model":["sim"],"response":{"text":1},"message":7,"choices":3,"done":"no"}"#,
                );
            }
            Kind::LongLine => self.push_object(out, &long_line(struck.value as usize)),
            _ => {}
        }
        // The head is out: what follows must not bring it again.
        turn.coalesce = 1;
        Some(self.push_lines(out, turn))
    }

    /// Ends a write where a close after so many bytes has it; the terminator counts.
    fn cut(&mut self, out: &mut Vec<u8>, after: After) -> After {
        let has_terminator = after == After::Last && self.has_terminator();
        let Some(struck) = self.fault.as_mut().filter(|struck| struck.counts_bytes()) else { return after };
        if has_terminator {
            out.extend_from_slice(LAST_CHUNK);
        }
        if struck.cut(out) || after == After::Last { After::Close } else { after }
    }

    /// One object as a line, or as an event.
    fn push_object(&self, out: &mut Vec<u8>, object: &str) {
        let line = if self.reply.dialect.is_openai() {
            format!("data: {object}\n\n")
        } else {
            format!("{object}\n")
        };
        self.push_line(out, line.as_bytes());
    }

    /// The answer in place of this stream.
    pub(crate) fn instead(&self, struck: Struck, path: &str, now: u64, wall: &mut WallClock) -> Instead {
        let at = Moment { created_at: wall.created_at(now), monotonic_ns: now };
        let mut lines = Vec::new();
        for first in (0..LINES).map(|n| n == 0) {
            self.reply.push_piece(&mut lines, Part::Answer, " lie", first, at);
        }
        struck.instead(self.reply.dialect, self.model(), path, &lines)
    }
}

/// The record with counts that no 64 bits hold, and a time before the beginning.
fn out_of_range(record: &str) -> String {
    let mut text = record.to_owned();
    for (name, value) in [
        ("eval_count", "99999999999999999999999"),
        ("completion_tokens", "99999999999999999999999"),
        ("total_duration", "-5"),
        ("total_tokens", "-5"),
    ] {
        let name = format!("\"{name}\":");
        if let Some(at) = text.find(&name).map(|at| at + name.len()) {
            let digits = text[at..].bytes().take_while(u8::is_ascii_digit).count();
            text.replace_range(at..at + digits, value);
        }
    }
    text
}

fn long_line(bytes: usize) -> String {
    let (start, end) = (r#"{"response":""#, r#"","done":false}"#);
    format!("{start}{}{end}", "x".repeat(bytes.saturating_sub(start.len() + end.len() + 1)))
}

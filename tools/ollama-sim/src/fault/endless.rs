//! Answers that have no end, from a server that never pauses: each write is as much as the socket takes.

use super::{After, Kind, Struck};
use crate::pieces::Part;
use crate::response::push_chunk;
use crate::stream::Stream;
use crate::turn::Turn;
use crate::wire::Moment;

/// Bytes of one write: others have their turn between two of them.
const WRITE_BYTES: usize = 64 * 1024;
/// A header or trailer field.
const FIELD: &[u8] = b"X-Fill: never the last one\r\n";
/// What stands before the body of a refusal.
const REFUSAL: &[u8] =
    b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";

impl Stream {
    /// The next write of an answer without an end: once what comes before, then the same part again and again.
    pub(super) fn push_endless(
        &mut self,
        mut struck: Struck,
        out: &mut Vec<u8>,
        turn: &mut Turn<'_>,
    ) -> After {
        if !std::mem::replace(&mut struck.begun, true) {
            self.push_beginning(struck.kind, out, turn);
            self.fault = Some(struck);
        }
        let part = self.endless_part(struck.kind, turn);
        let end = out.len() + WRITE_BYTES;
        while out.len() < end {
            out.extend_from_slice(&part);
        }
        // Its next deadline is now: one in the past would come before those of all other streams.
        self.shift(turn.now.saturating_sub(turn.due));
        After::More
    }

    fn push_beginning(&mut self, kind: Kind, out: &mut Vec<u8>, turn: &mut Turn<'_>) {
        match kind {
            Kind::EndlessHead => out.extend_from_slice(b"HTTP/1.1 200 OK\r\n"),
            Kind::EndlessInterim => {}
            Kind::EndlessRefusal => out.extend_from_slice(REFUSAL),
            _ => self.push_head(out, turn),
        }
        match kind {
            Kind::EndlessExtension => out.extend_from_slice(b"1;"),
            Kind::EndlessTrailers => out.extend_from_slice(b"0\r\n"),
            Kind::EndlessRest => {
                let created_at = turn.wall.created_at(turn.now).to_owned();
                let at = Moment { created_at: &created_at, monotonic_ns: turn.now };
                let mut line = Vec::new();
                self.reply.push_last(&mut line, &self.summary(None, turn.due), at);
                self.push_line(out, &line);
            }
            _ => {}
        }
    }

    fn endless_part(&self, kind: Kind, turn: &mut Turn<'_>) -> Vec<u8> {
        let mut part = Vec::new();
        let mut text = |text: &str| {
            let at = Moment { created_at: turn.wall.created_at(turn.now), monotonic_ns: turn.now };
            let mut line = Vec::new();
            self.reply.push_piece(&mut line, Part::Answer, text, false, at);
            line
        };
        match kind {
            Kind::EndlessHead | Kind::EndlessTrailers => part.extend_from_slice(FIELD),
            Kind::EndlessInterim => part.extend_from_slice(b"HTTP/1.1 102 Processing\r\n\r\n"),
            Kind::EndlessRefusal => push_chunk(&mut part, b"no memory is left; "),
            Kind::EndlessTokens => push_chunk(&mut part, &text(" the")),
            Kind::EndlessText => push_chunk(&mut part, &text(&"the ".repeat(WRITE_BYTES / 4))),
            Kind::EndlessSize => part.push(b'0'),
            Kind::EndlessExtension => part.push(b'x'),
            // Blank lines, which mean nothing in either dialect.
            _ => push_chunk(&mut part, b"\n\n\n\n\n\n\n\n"),
        }
        part
    }
}

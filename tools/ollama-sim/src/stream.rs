//! One answer on its way: what it says, what is written of it, what is due next.

use crate::clock::WallClock;
use crate::config::Config;
use crate::fault::{After, Struck};
use crate::go_json::quote;
use crate::key::{below, mix, request_key};
use crate::length::free_length;
use crate::log::Stamps;
use crate::pieces::Pieces;
use crate::report::StreamRecord;
use crate::request::Job;
use crate::response::{Answer, Manner, push_answer, push_chunk, push_stream_head};
use crate::runner::Held;
use crate::schedule::Schedule;
use crate::text::Text;
use crate::turn::{Lead, Start, Turn};
use crate::wire::{Dialect, Moment, Reply};

/// How far a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Waits for a slot.
    Queued,
    /// Its next write has a deadline, or is wanted at once.
    Running,
    /// Its client does not read: nothing more is written until the socket has room, as a real server blocks.
    Stalled,
    /// A fault: nothing more is ever written.
    Hung,
    /// Everything is written, the last bytes may still be on their way to the kernel.
    Written,
}

/// One answer.
#[derive(Debug)]
pub struct Stream {
    /// Never used twice in a process: tells a deadline of this stream from one of a predecessor on its
    /// connection.
    pub id: u64,
    /// Number of the port it came to.
    pub port: usize,
    /// How far it is.
    pub stage: Stage,
    /// What the report keeps of it.
    pub record: StreamRecord,
    /// What the log tells of it; `None` without a log.
    pub stamps: Option<Stamps>,
    /// The fault that it has still to suffer.
    pub fault: Option<Struck>,
    /// Its slot, from its turn to its last write; `None` where the port has no slots.
    pub slot: Option<Held>,
    /// Number of the load whose model serves it.
    pub load: u64,
    /// Real time at which its runner is there.
    pub runner_at: u64,
    /// The rest of a write that a fault has torn in two.
    pub(crate) torn: Vec<u8>,
    pub(crate) start: Start,
    pub(crate) lead: Lead,
    pub(crate) key: u64,
    pub(crate) job: Job,
    pub(crate) reply: Reply,
    pub(crate) schedule: Schedule,
    manner: Manner,
    pieces: Pieces,
}

impl Stream {
    /// The answer to a request that was parsed at `now`.
    pub fn new(
        id: u64,
        port: usize,
        job: Job,
        manner: Manner,
        config: &Config,
        wall: &mut WallClock,
        now: u64,
    ) -> Stream {
        let prompt: Vec<&str> = job.prompt.iter().map(String::as_str).collect();
        let key = request_key(config.seed, &job.model, &prompt, job.seed);
        let reply = Reply {
            dialect: job.dialect,
            model: quote(&job.model),
            id: below(mix(key), 999),
            created: wall.unix(now),
            version: config.ollama,
            include_usage: job.include_usage,
            stamp: config.write_stamp,
        };
        let free = || free_length(config.pacing.tokens, config.pacing.length_spread, key);
        let tokens = job.tokens.unwrap_or_else(free);
        let thinking = config.thinking.filter(|_| job.thinks).unwrap_or(0);
        let text = Text::new(key, config.token_bytes);
        Stream {
            id,
            port,
            stage: Stage::Queued,
            record: StreamRecord::new(now),
            stamps: None,
            fault: None,
            slot: None,
            load: 0,
            runner_at: now,
            torn: Vec::new(),
            start: Start { virt: 0, real: now },
            lead: Lead::default(),
            key,
            reply,
            schedule: Schedule::new(&config.pacing, key, tokens),
            manner,
            pieces: Pieces::new(text, tokens, thinking, config.tokens_per_piece),
            job,
        }
    }

    /// Length of the answer in tokens.
    pub fn tokens(&self) -> u32 {
        self.schedule.tokens()
    }

    /// What its text is drawn from.
    pub fn key(&self) -> u64 {
        self.key
    }

    /// Its turn has come: the schedule begins when its runner is there and its prompt is read, in `prompt_ns` where
    /// that takes a time of its own.
    pub fn begin(&mut self, start: Start, prompt_ns: Option<u64>) {
        self.lead = Lead { runner_ns: self.runner_at.saturating_sub(start.real), prompt_ns };
        self.start = Start { virt: start.virt + self.lead.ns(), ..start };
        self.stage = Stage::Running;
    }

    /// Virtual time at which the next write is due: when the last of its tokens is.
    pub fn next_due(&self, coalesce: u32) -> u64 {
        let due = if self.job.load_only {
            0
        } else if self.job.stream && self.written() < self.tokens() {
            self.schedule.token_due(self.pieces.end_of(coalesce) - 1)
        } else {
            self.schedule.end()
        };
        self.start.virt + due
    }

    /// True until an answer that waits for its runner, or for its prompt to be read, has begun: it has a deadline even
    /// where nothing else is paced.
    pub fn has_lead(&self) -> bool {
        self.written() == 0 && self.lead.ns() > 0
    }

    /// Whether the prompt is read to its end at this virtual time.
    pub fn has_read(&self, virt: u64) -> bool {
        virt >= self.start.virt
    }

    /// Appends the next write to `out`.
    pub fn push_next(&mut self, out: &mut Vec<u8>, turn: &mut Turn<'_>) -> After {
        if self.job.load_only {
            let at = Moment { created_at: turn.wall.created_at(turn.now), monotonic_ns: turn.now };
            let answer = self.reply.load_answer("load", at);
            push_answer(out, self.manner, &answer, turn.wall, turn.now);
            return After::Last;
        }
        if !self.job.stream {
            let (tokens, now) = (self.tokens(), turn.now);
            self.push_whole(out, turn);
            self.record.tokens = u64::from(tokens);
            self.stamp_tokens(now, tokens);
            self.stamp_end(now);
            return After::Last;
        }
        if self.fault.is_some() || !self.torn.is_empty() {
            return self.push_faulty(out, turn);
        }
        self.push_head(out, turn);
        self.push_lines(out, turn)
    }

    /// The head of a stream, with its first write.
    pub(crate) fn push_head(&self, out: &mut Vec<u8>, turn: &mut Turn<'_>) {
        if self.written() == 0 {
            push_stream_head(out, self.manner, self.job.dialect.stream_type(), turn.wall.http_date(turn.now));
        }
    }

    /// The next pieces, or the final record.
    pub(crate) fn push_lines(&mut self, out: &mut Vec<u8>, turn: &mut Turn<'_>) -> After {
        let (now, before) = (turn.now, self.written());
        let at = Moment { created_at: turn.wall.created_at(now), monotonic_ns: now };
        let mut line = Vec::with_capacity(512);
        if before == self.tokens() {
            let context = self.context();
            self.reply.push_last(&mut line, &self.summary(context.as_deref(), turn.due), at);
            self.push_line(out, &line);
            self.stamp_end(now);
            return After::Last;
        }
        for _ in 0..turn.coalesce {
            line.clear();
            if !self.push_piece(&mut line, turn.until, at) {
                break;
            }
            self.push_line(out, &line);
        }
        self.stamp_tokens(now, self.written() - before);
        After::More
    }

    /// The line of the next piece alone, without its chunk; false where there is none before token `until`.
    pub(crate) fn push_piece(&mut self, line: &mut Vec<u8>, until: u32, at: Moment<'_>) -> bool {
        let first = self.written() == 0;
        let Some((part, text)) = self.pieces.next(until) else { return false };
        self.reply.push_piece(line, part, text, first, at);
        self.record.tokens = u64::from(self.written());
        true
    }

    /// True when the client asked for its connection to be closed after the answer.
    pub(crate) fn closes(&self) -> bool {
        self.manner.close
    }

    /// Tokens written.
    pub(crate) fn written(&self) -> u32 {
        self.pieces.written()
    }

    /// Tokens whose text is not sent: OpenAI's completions have no field for thinking.
    pub(crate) fn unsent(&self) -> u32 {
        if self.job.dialect == Dialect::OpenAiCompletion { self.pieces.thinking() } else { 0 }
    }

    /// Model as the request names it.
    pub(crate) fn model(&self) -> &str {
        &self.job.model
    }

    /// True of a request that only loads the model.
    pub(crate) fn is_load_only(&self) -> bool {
        self.job.load_only
    }

    /// All that follows is due so much later.
    pub(crate) fn shift(&mut self, ns: u64) {
        self.start.virt += ns;
    }

    /// True when the answer ends with the empty chunk, which is a write of its own.
    pub fn has_terminator(&self) -> bool {
        self.job.stream && !self.job.load_only && !self.manner.http10
    }

    pub(crate) fn stamp_tokens(&mut self, now: u64, count: u32) {
        if let Some(stamps) = &mut self.stamps {
            stamps.tokens(now, count);
        }
    }

    fn stamp_end(&mut self, now: u64) {
        if let Some(stamps) = &mut self.stamps {
            stamps.finished(now);
        }
    }

    pub(crate) fn push_line(&self, out: &mut Vec<u8>, line: &[u8]) {
        if self.manner.http10 {
            out.extend_from_slice(line);
        } else {
            push_chunk(out, line);
        }
    }

    fn push_whole(&self, out: &mut Vec<u8>, turn: &mut Turn<'_>) {
        let (due, now, wall) = (turn.due, turn.now, &mut *turn.wall);
        let (thinking, answer) = self.pieces.rest();
        let context = self.context();
        let mut body = Vec::with_capacity(thinking.len() + answer.len() + 512);
        let at = Moment { created_at: wall.created_at(now), monotonic_ns: now };
        self.reply.push_whole(&mut body, (&thinking, &answer), &self.summary(context.as_deref(), due), at);
        push_answer(out, self.manner, &Answer::ok(self.job.dialect.whole_type(), body), wall, now);
    }
}

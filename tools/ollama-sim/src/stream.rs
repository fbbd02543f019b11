//! One answer on its way: what it says, what is written of it, what is due next.

use crate::clock::WallClock;
use crate::config::Config;
use crate::fault::{After, Struck};
use crate::go_json::quote;
use crate::key::{below, mix, request_key};
use crate::length::free_length;
use crate::log::Stamps;
use crate::report::StreamRecord;
use crate::request::Job;
use crate::response::{Answer, Manner, push_answer, push_chunk, push_stream_head};
use crate::schedule::Schedule;
use crate::text::Text;
use crate::wire::{Moment, Reply, Summary};

/// How far a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Waits for its turn on a serial port.
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

/// When a stream's turn came: the zero of its schedule.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// On the virtual clock.
    pub virt: u64,
    /// On CLOCK_MONOTONIC.
    pub real: u64,
}

/// A stream's turn to write.
pub struct Turn<'a> {
    /// Tokens of the write at most.
    pub coalesce: u32,
    /// Its deadline in real time.
    pub due: u64,
    /// The write stamp.
    pub now: u64,
    /// What tells dates.
    pub wall: &'a mut WallClock,
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
    /// The rest of a write that a fault has torn in two.
    pub(crate) torn: Vec<u8>,
    start: Start,
    key: u64,
    job: Job,
    pub(crate) reply: Reply,
    manner: Manner,
    schedule: Schedule,
    text: Text,
    written: u32,
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
            include_usage: job.include_usage,
            stamp: config.write_stamp,
        };
        let free = || free_length(config.pacing.tokens, config.pacing.length_spread, key);
        let tokens = job.tokens.unwrap_or_else(free);
        Stream {
            id,
            port,
            stage: Stage::Queued,
            record: StreamRecord::new(now),
            stamps: None,
            fault: None,
            torn: Vec::new(),
            start: Start { virt: 0, real: now },
            key,
            reply,
            manner,
            schedule: Schedule::new(&config.pacing, key, tokens),
            text: Text::new(key, config.token_bytes),
            written: 0,
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

    /// Its turn has come.
    pub fn begin(&mut self, start: Start) {
        self.start = start;
        self.stage = Stage::Running;
    }

    /// Virtual time at which the next write is due: with several tokens per write, when the last of them is.
    pub fn next_due(&self, coalesce: u32) -> u64 {
        let tokens = self.schedule.tokens();
        let due = if self.job.stream && self.written < tokens {
            self.schedule.token_due(self.written.saturating_add(coalesce).min(tokens) - 1)
        } else {
            self.schedule.end()
        };
        self.start.virt + due
    }

    /// Appends the next write to `out`.
    pub fn push_next(&mut self, out: &mut Vec<u8>, turn: &mut Turn<'_>) -> After {
        if !self.job.stream {
            let (tokens, now) = (self.schedule.tokens(), turn.now);
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
        if self.written == 0 {
            push_stream_head(out, self.manner, self.job.dialect.stream_type(), turn.wall.http_date(turn.now));
        }
    }

    /// The next tokens, or the final record.
    pub(crate) fn push_lines(&mut self, out: &mut Vec<u8>, turn: &mut Turn<'_>) -> After {
        let (tokens, now) = (self.schedule.tokens(), turn.now);
        let at = Moment { created_at: turn.wall.created_at(now), monotonic_ns: now };
        let mut line = Vec::with_capacity(512);
        if self.written == tokens {
            let context = self.context();
            self.reply.push_last(&mut line, &self.summary(context.as_deref(), turn.due), at);
            self.push_line(out, &line);
            self.stamp_end(now);
            return After::Last;
        }
        let count = turn.coalesce.min(tokens - self.written);
        self.stamp_tokens(now, count);
        for _ in 0..count {
            line.clear();
            self.push_token(&mut line, at);
            self.push_line(out, &line);
        }
        After::More
    }

    /// The next token's line alone, without its chunk.
    pub(crate) fn push_token(&mut self, line: &mut Vec<u8>, at: Moment<'_>) {
        let Some(piece) = self.text.next() else { return };
        self.reply.push_token(line, piece, self.written == 0, at);
        self.written += 1;
        self.record.tokens += 1;
    }

    /// Tokens written.
    pub(crate) fn written(&self) -> u32 {
        self.written
    }

    /// Model as the request names it.
    pub(crate) fn model(&self) -> &str {
        &self.job.model
    }

    /// All that follows is due so much later.
    pub(crate) fn shift(&mut self, ns: u64) {
        self.start.virt += ns;
    }

    /// True when the answer ends with the empty chunk, which is a write of its own.
    pub fn has_terminator(&self) -> bool {
        self.job.stream && !self.manner.http10
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
        let text: String = self.text.clone().take(self.schedule.tokens() as usize).collect();
        let context = self.context();
        let mut body = Vec::with_capacity(text.len() + 512);
        let at = Moment { created_at: wall.created_at(now), monotonic_ns: now };
        self.reply.push_whole(&mut body, &text, &self.summary(context.as_deref(), due), at);
        push_answer(out, self.manner, &Answer::ok(self.job.dialect.whole_type(), body), wall, now);
    }

    /// Token ids of prompt and answer, the newest that fit the context.
    fn context(&self) -> Option<Vec<u32>> {
        if self.job.dialect != crate::wire::Dialect::Generate || self.job.raw {
            return None;
        }
        let all = u64::from(self.job.prompt_tokens()) + u64::from(self.schedule.tokens());
        let kept = all.min(u64::from(self.job.context));
        // Four digits each, as in the captures.
        Some((all - kept..all).map(|place| 1000 + below(mix(self.key ^ place), 9000) as u32).collect())
    }

    /// Metrics of the final record. The schedule's parts are stretched by what the virtual clock did, so that
    /// on a shared server the durations tell of the sharing; engine durations are whole microseconds.
    pub(crate) fn summary<'a>(&self, context: Option<&'a [u32]>, due: u64) -> Summary<'a> {
        const MICROSECOND: u64 = 1000;
        /// What a loaded Ollama spends before the prompt (0.5 to 1 ms measured), taken from the first part.
        const LOAD: u64 = 500 * MICROSECOND;
        let span = due.saturating_sub(self.start.real);
        let whole = self.schedule.end();
        let lead = if whole == 0 {
            0
        } else {
            (span as f64 * (self.schedule.ttft_ns() as f64 / whole as f64)) as u64
        };
        let engine = |ns: u64| (ns / MICROSECOND * MICROSECOND).max(MICROSECOND);
        let load_duration = (lead / 4).clamp(MICROSECOND, LOAD);
        let prompt_eval_duration = engine(lead.saturating_sub(load_duration));
        let eval_duration = engine(span - lead);
        let since_request = due.saturating_sub(self.record.began);
        Summary {
            done_reason: if self.job.tokens.is_some() { "length" } else { "stop" },
            context,
            total_duration: since_request.max(load_duration + prompt_eval_duration + eval_duration),
            load_duration,
            prompt_eval_count: self.job.prompt_tokens(),
            prompt_eval_duration,
            eval_count: self.schedule.tokens(),
            eval_duration,
        }
    }
}

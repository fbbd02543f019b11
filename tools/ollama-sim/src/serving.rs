//! What the server does with its streams: answering, starting, writing, ending.

use crate::clock::monotonic_ns;
use crate::fault::After;
use crate::http::{BadRequest, Progress, Request};
use crate::pacer::Place;
use crate::response::{Answer, JSON, LAST_CHUNK, Manner, push_answer, push_bad_request};
use crate::routes::{Route, route};
use crate::runner::{Held, Runner};
use crate::server::Server;
use crate::stream::{Stage, Stream};
use crate::turn::{Start, Turn};

/// Deadlines served in a row before sockets get their turn.
const BATCH: usize = 256;
/// Unpaced tokens of one stream in a row before others get their turn.
const TURN: usize = 32;
/// A prompt that the slot holds is read in such a part of the time. Ollama v0.24.0 was measured at a sixtieth (49.7 against
/// 0.8 ms, data/reference/wire) and less (1,530 against 0.9 ms under load).
const CACHED_SHARE: u64 = 100;
/// Unsent bytes at which a stream stops writing, as a real server blocks on its socket.
const STALL_BYTES: usize = 256 * 1024;

impl Server {
    /// Answers the complete requests in a connection's input, one at a time.
    pub(crate) fn answer_input(&mut self, slot: usize) {
        loop {
            let Some(connection) = self.slots.get(slot) else { return };
            if connection.stream.is_some() || connection.closing {
                return;
            }
            let sent = match connection.reader.read(&mut connection.input) {
                Ok(Progress::Partial) => return,
                Ok(Progress::WantsContinue) => connection.send(b"HTTP/1.1 100 Continue\r\n\r\n"),
                Ok(Progress::Complete(request)) => {
                    self.answer(slot, &request);
                    continue;
                }
                Err(bad) => return self.refuse(slot, bad),
            };
            if sent.is_err() {
                return self.close(slot);
            }
        }
    }

    /// Says that a request is none that can be answered; the connection ends.
    pub(crate) fn refuse(&mut self, slot: usize, bad: BadRequest) {
        let Some(connection) = self.slots.get(slot) else { return };
        connection.closing = true;
        self.scratch.clear();
        push_bad_request(&mut self.scratch, bad);
        if connection.send(&self.scratch).is_err() {
            self.close(slot);
        }
    }

    fn answer(&mut self, slot: usize, request: &Request) {
        let now = monotonic_ns();
        let Some(connection) = self.slots.get(slot) else { return };
        let port = connection.port;
        let unix_ns = self.wall.unix_ns(now);
        let resident = &self.ports[port].resident;
        let (version, guarded) = (self.config.ollama, self.ports[port].guarded);
        let answer = match route(request, &self.models, resident, version, guarded, unix_ns) {
            Route::Answer(answer) => answer,
            Route::Job(job) => match self.accept_job(slot, job, request, now, unix_ns) {
                Some(answer) => answer,
                None => return,
            },
            Route::Reset => {
                self.ledger.reset();
                self.faults.reset();
                Answer::empty(204)
            }
            Route::Report(window) => Answer::ok(JSON, self.report(window).to_json()),
        };
        self.send_answer(slot, Manner::of(request), &answer, now);
    }

    fn send_answer(&mut self, slot: usize, manner: Manner, answer: &Answer, now: u64) {
        self.scratch.clear();
        push_answer(&mut self.scratch, manner, answer, &mut self.wall, now);
        let Some(connection) = self.slots.get(slot) else { return };
        connection.closing |= manner.close;
        match connection.send(&self.scratch) {
            Ok(()) => self.settle(slot),
            Err(_) => self.close(slot),
        }
    }

    fn stream(&mut self, (slot, id): Place) -> Option<&mut Stream> {
        self.slots.get(slot)?.stream.as_deref_mut().filter(|stream| stream.id == id)
    }

    /// A stream's turn has come at real time `at`.
    pub(crate) fn start(&mut self, place: Place, at: u64) {
        self.active += 1;
        self.clock.set_active(self.active, at);
        let start = Start { virt: self.clock.virtual_at(at), real: at };
        let prompt_eval_ns = self.config.prompt_eval_ns;
        if let Some(stream) = self.stream(place) {
            let cached = stream.slot.is_some_and(|slot| slot.cached);
            let read = prompt_eval_ns.map(|ns| if cached { ns / CACHED_SHARE } else { ns });
            stream.begin(start, read.filter(|_| !stream.is_load_only()));
        }
        self.schedule(place);
    }

    /// Says when a running stream writes next.
    fn schedule(&mut self, place: Place) {
        let (instant, coalesce) = (self.config.pacing.is_instant(), self.config.coalesce);
        let Some(stream) = self.stream(place) else { return };
        if instant && !stream.has_lead() {
            self.pacer.soon(place);
        } else {
            let due = stream.next_due(coalesce);
            self.pacer.at(due, place);
        }
    }

    /// A stream's turn is over at real time `at`: others speed up, and who waits for its slot begins.
    fn end_turn(&mut self, port: usize, slot: Option<Held>, read: bool, at: u64) {
        self.active -= 1;
        self.clock.set_active(self.active, at);
        if let (Some(runner), Some(slot)) = (&mut self.ports[port].runner, slot) {
            runner.give_back(slot, read);
        }
        while let Some(place) = self.ports[port].runner.as_mut().and_then(Runner::next_waiting) {
            let Some(prompt) = self.stream(place).map(|stream| stream.job.prompt_key()) else { continue };
            let slot = self.ports[port].runner.as_mut().and_then(|runner| runner.take(prompt));
            if let Some(stream) = self.stream(place) {
                stream.slot = slot;
            }
            self.start(place, at);
        }
    }

    /// Makes the writes whose deadline has come; true when there are more of them.
    pub(crate) fn fire_due(&mut self) -> bool {
        for _ in 0..BATCH {
            let Some((virtual_due, place)) = self.pacer.first() else { return false };
            if self.stream(place).is_none() {
                self.pacer.pop_first();
                continue;
            }
            let due = self.clock.real_at(virtual_due);
            let now = monotonic_ns();
            if due > now {
                return false;
            }
            self.pacer.pop_first();
            if self.write_next(place, due, now, STALL_BYTES) {
                self.schedule(place);
            }
        }
        true
    }

    /// Gives one unpaced stream its turn.
    pub(crate) fn take_turn(&mut self) {
        let Some(place) = self.pacer.pop_ready() else { return };
        for _ in 0..TURN {
            let now = monotonic_ns();
            // Not one byte may wait: an unpaced stream goes on when the socket has taken everything.
            if self.stream(place).is_none() || !self.write_next(place, now, now, 0) {
                return;
            }
        }
        self.schedule(place);
    }

    /// Makes a stream's next write; true when it goes on, false when it stalls, is complete or gone.
    fn write_next(&mut self, place: Place, due: u64, now: u64, stall_bytes: usize) -> bool {
        let paced = !self.config.pacing.is_instant();
        let Some(connection) = self.slots.get(place.0) else { return false };
        let Some(stream) = connection.stream.as_deref_mut() else { return false };
        self.scratch.clear();
        let mut turn =
            Turn { coalesce: self.config.coalesce, until: u32::MAX, due, now, wall: &mut self.wall };
        let after = stream.push_next(&mut self.scratch, &mut turn);
        if let After::Later(ns) = after {
            self.pacer.at(self.clock.virtual_at(now) + ns, place);
            return false;
        }
        if paced && !self.scratch.is_empty() {
            stream.record.late.record(now - due);
        }
        let last = matches!(after, After::Last | After::Close);
        let (port, terminator) = (stream.port, after == After::Last && stream.has_terminator());
        let held = if last { stream.slot.take() } else { None };
        if last {
            stream.stage = Stage::Written;
        } else if after == After::Hang {
            stream.stage = Stage::Hung;
        }
        let mut sent = connection.send(&self.scratch);
        if terminator {
            sent = sent.and_then(|()| connection.send(LAST_CHUNK));
        }
        connection.closing |= after == After::Close;
        let stalled = after == After::More && connection.waiting() > stall_bytes;
        if stalled && let Some(stream) = connection.stream.as_deref_mut() {
            stream.stage = Stage::Stalled;
        }
        if after == After::Reset {
            connection.reset_on_close();
        }
        if last {
            self.end_turn(port, held, true, due);
        }
        if sent.is_err() || after == After::Reset {
            self.close(place.0);
            return false;
        }
        if last {
            self.flush(place.0);
        }
        after == After::More && !stalled
    }

    /// Sends what waits; then a stalled stream goes on and a written one is complete.
    pub(crate) fn flush(&mut self, slot: usize) {
        let Some(connection) = self.slots.get(slot) else { return };
        match connection.flush() {
            Err(_) => return self.close(slot),
            Ok(false) => return,
            Ok(true) => {}
        }
        let Some(stream) = connection.stream.as_deref_mut() else { return self.settle(slot) };
        match stream.stage {
            Stage::Queued | Stage::Running | Stage::Hung => {}
            Stage::Stalled => {
                stream.stage = Stage::Running;
                let place = (slot, stream.id);
                self.schedule(place);
            }
            Stage::Written => {
                let unread = connection.unread;
                if let Some(stream) = connection.stream.take() {
                    self.end(*stream, monotonic_ns());
                }
                self.settle(slot);
                self.answer_input(slot);
                self.count_held(slot);
                if unread {
                    self.read(slot);
                }
            }
        }
    }

    /// The client of this stream has gone.
    pub(crate) fn cancel(&mut self, stream: Stream) {
        let now = monotonic_ns();
        if matches!(stream.stage, Stage::Running | Stage::Stalled | Stage::Hung) {
            let read = stream.has_read(self.clock.virtual_at(now));
            self.end_turn(stream.port, stream.slot, read, now);
        }
        self.end(stream, now);
    }

    /// Keeps of a stream what the report and the log say; its model's keep-alive begins.
    fn end(&mut self, mut stream: Stream, now: u64) {
        let unix_ns = self.wall.unix_ns(now);
        self.ports[stream.port].resident.leave(stream.load, unix_ns);
        if stream.is_load_only() {
            return;
        }
        stream.record.ended = Some(now);
        if let Some(log) = &mut self.log {
            let port = self.ports[stream.port].addr.port();
            log.keep(&mut stream, port);
        }
        self.ledger.close(stream.record);
    }
}

//! What becomes of a generation request: an answer at once, a place in the queue, or a stream that begins.

use crate::config::Config;
use crate::fault::Instead;
use crate::http::Request;
use crate::request::Job;
use crate::residency::Now;
use crate::response::{Answer, Manner};
use crate::server::Server;
use crate::stream::Stream;
use crate::wire::Moment;

impl Server {
    /// Puts a stream on its way, or returns the answer of a request that needs none.
    pub(crate) fn accept_job(
        &mut self,
        slot: usize,
        job: Job,
        request: &Request,
        now: u64,
        unix_ns: i64,
    ) -> Option<Answer> {
        let connection = self.slots.get(slot)?;
        let (port, manner) = (connection.port, Manner::of(request));
        self.last_id += 1;
        let id = self.last_id;
        let mut stream = Stream::new(id, port, job, manner, &self.config, &mut self.wall, now);
        if stream.job.load_only && stream.job.keep_alive_ns == Some(0) {
            self.ports[port].resident.unload(stream.model());
            return Some(self.load_answer(&stream, "unload", now));
        }
        self.admit(&mut stream, Now { monotonic: now, unix: unix_ns });
        if stream.is_load_only() && stream.runner_at <= now {
            self.ports[port].resident.leave(stream.load, unix_ns);
            return Some(self.load_answer(&stream, "load", now));
        }
        if !stream.is_load_only() {
            stream.fault = self.faults.strike(port, stream.key(), now, stream.tokens());
            stream.stamps = self.log.as_ref().map(|log| log.stamps(request, stream.tokens()));
        }
        if let Some(struck) = stream.fault.filter(|struck| struck.is_in_place_of_answer()) {
            self.ports[port].resident.leave(stream.load, unix_ns);
            let instead = stream.instead(struck, &request.path, now, &mut self.wall);
            return self.answer_instead(slot, instead);
        }
        self.enqueue(slot, stream, now);
        None
    }

    fn load_answer(&mut self, stream: &Stream, done_reason: &str, now: u64) -> Answer {
        let at = Moment { created_at: self.wall.created_at(now), monotonic_ns: now };
        stream.reply.load_answer(done_reason, at)
    }

    /// Finds out when the model of a request is resident, and begins to load it where it is not.
    fn admit(&mut self, stream: &mut Stream, now: Now) {
        let Config { keep_alive_ns, load_ns, false_load_ns, .. } = self.config;
        let port = &mut self.ports[stream.port];
        let job = &stream.job;
        let keep_alive_ns = job.keep_alive_ns.unwrap_or(keep_alive_ns);
        let admission = port.resident.admit(&job.model, job.context, keep_alive_ns, now, load_ns);
        if let Some(runner) = port.runner.as_mut().filter(|_| admission.is_new) {
            runner.forget_prompts();
        }
        stream.load = admission.load;
        stream.runner_at = admission.loaded.max(now.monotonic + false_load_ns);
    }

    /// Gives a stream to its connection, and a slot where there is one for it.
    fn enqueue(&mut self, slot: usize, mut stream: Stream, now: u64) {
        let place = (slot, stream.id);
        // To load the model takes no slot.
        let mut waits = false;
        if let Some(runner) = self.ports[stream.port].runner.as_mut().filter(|_| !stream.is_load_only()) {
            stream.slot = runner.take(stream.job.prompt_key());
            waits = stream.slot.is_none();
            if waits {
                runner.wait(place);
            }
        }
        let Some(connection) = self.slots.get(slot) else { return };
        connection.closing |= stream.closes();
        connection.stream = Some(Box::new(stream));
        if !waits {
            self.start(place, now);
        }
    }

    /// Sends what a fault puts in the place of a stream.
    fn answer_instead(&mut self, slot: usize, instead: Instead) -> Option<Answer> {
        match instead {
            Instead::Answer(answer) => Some(answer),
            Instead::Bytes(bytes) => {
                let connection = self.slots.get(slot)?;
                connection.closing = true;
                match connection.send(&bytes) {
                    Ok(()) => self.settle(slot),
                    Err(_) => self.close(slot),
                }
                None
            }
        }
    }
}

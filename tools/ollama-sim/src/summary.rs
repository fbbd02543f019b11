//! What the final record of an answer says: counts and times.

use crate::key::{below, mix};
use crate::stream::Stream;
use crate::wire::{Dialect, Summary};

const MICROSECOND: u64 = 1000;
/// What a loaded Ollama spends before the prompt (0.5 to 1 ms measured), taken from the time to first token.
const HANDLING: u64 = 500 * MICROSECOND;

impl Stream {
    /// Token ids of prompt and answer, the newest that fit the context.
    pub(crate) fn context(&self) -> Option<Vec<u32>> {
        if self.job.dialect != Dialect::Generate || self.job.raw {
            return None;
        }
        let all = u64::from(self.job.prompt_tokens()) + u64::from(self.tokens());
        let kept = all.min(u64::from(self.job.context));
        // Four digits each, as in the captures.
        Some((all - kept..all).map(|place| 1000 + below(mix(self.key ^ place), 9000) as u32).collect())
    }

    /// Metrics of the final record, which is due at real time `due`. The schedule's parts are stretched by what the
    /// virtual clock did, so that on a shared server the durations tell of the sharing; engine durations are whole
    /// microseconds.
    ///
    /// Waiting for the runner (a load) is in `load_duration`, waiting for a slot in `total_duration` only. The time to
    /// first token is `prompt_eval_duration`; where reading the prompt takes a time of its own it is that alone, and
    /// the time to first token is in `eval_duration`, as the step of the first token.
    pub(crate) fn summary<'a>(&self, context: Option<&'a [u32]>, due: u64) -> Summary<'a> {
        let span = due.saturating_sub(self.start.real);
        let work = span - self.lead.runner_ns.min(span);
        let whole = self.lead.prompt_ns.unwrap_or(0) + self.schedule.end();
        let share = |ns: u64| {
            if whole == 0 { 0 } else { (work as f64 * (ns as f64 / whole as f64)) as u64 }
        };
        let engine = |ns: u64| (ns / MICROSECOND * MICROSECOND).max(MICROSECOND);
        let to_first = share(self.schedule.ttft_ns());
        let handling = (to_first / 4).clamp(MICROSECOND, HANDLING);
        let (prompt_eval_duration, eval_duration) = match self.lead.prompt_ns {
            None => (engine(to_first.saturating_sub(handling)), engine(work - to_first)),
            Some(ns) => {
                // An unpaced answer has no end to stretch: what it takes beyond the prompt is its tokens.
                let read = if self.schedule.end() == 0 { ns.min(work) } else { share(ns) };
                (engine(read), engine(work.saturating_sub(read + handling)))
            }
        };
        let load_duration = handling + self.runner_at.saturating_sub(self.record.began);
        let since_request = due.saturating_sub(self.record.began);
        Summary {
            done_reason: if self.job.tokens.is_some() { "length" } else { "stop" },
            context,
            total_duration: since_request.max(load_duration + prompt_eval_duration + eval_duration),
            load_duration,
            prompt_eval_count: self.job.prompt_tokens(),
            prompt_eval_duration,
            eval_count: self.tokens(),
            eval_duration,
        }
    }
}

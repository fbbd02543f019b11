//! The slots of one port: who is served, who waits, and which prompt each slot still holds.

use crate::pacer::Place;
use std::collections::VecDeque;

/// One stream at a time.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    busy: bool,
    /// The prompt that was read last: a slot holds no other.
    prompt: Option<u64>,
    /// Number of its last use.
    used: u64,
}

/// A slot that a stream has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Which of the port's.
    number: usize,
    /// The slot held the stream's prompt before.
    pub cached: bool,
}

/// The slots of one port and the streams that wait for them.
#[derive(Debug, Default)]
pub struct Runner {
    slots: Vec<Slot>,
    uses: u64,
    queue: VecDeque<Place>,
}

impl Runner {
    /// A runner with so many empty slots.
    pub fn new(slots: u32) -> Runner {
        Runner { slots: vec![Slot::default(); slots as usize], ..Runner::default() }
    }

    /// Takes a free slot for this prompt: the one that holds it, else the one that was not used for longest.
    pub fn take(&mut self, prompt: u64) -> Option<Held> {
        let free = self.slots.iter().enumerate().filter(|(_, slot)| !slot.busy);
        let number = free.min_by_key(|(_, slot)| (slot.prompt != Some(prompt), slot.used))?.0;
        self.uses += 1;
        let slot = &mut self.slots[number];
        let cached = slot.prompt == Some(prompt);
        *slot = Slot { busy: true, prompt: Some(prompt), used: self.uses };
        Some(Held { number, cached })
    }

    /// Puts a stream behind those that wait. One that is cancelled stays and comes up like the others.
    pub fn wait(&mut self, place: Place) {
        self.queue.push_back(place);
    }

    /// The stream that has waited for longest, if a slot is free for it.
    pub fn next_waiting(&mut self) -> Option<Place> {
        let has_free = self.slots.iter().any(|slot| !slot.busy);
        if has_free { self.queue.pop_front() } else { None }
    }

    /// Gives a slot back. It holds its prompt if that was `read` to its end.
    pub fn give_back(&mut self, held: Held, read: bool) {
        let slot = &mut self.slots[held.number];
        slot.busy = false;
        if !read {
            slot.prompt = None;
        }
    }

    /// The model was loaded anew: no slot holds a prompt.
    pub fn forget_prompts(&mut self) {
        self.slots.iter_mut().for_each(|slot| slot.prompt = None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Serves one prompt alone; whether a slot held it.
    fn serve(runner: &mut Runner, prompt: u64) -> bool {
        let held = runner.take(prompt).unwrap();
        runner.give_back(held, true);
        held.cached
    }

    #[test]
    fn one_slot_holds_its_last_prompt_only() {
        let mut runner = Runner::new(1);
        assert_eq!(
            [1, 1, 2, 1, 1].map(|prompt| serve(&mut runner, prompt)),
            [false, true, false, false, true]
        );
    }

    #[test]
    fn the_slot_that_was_not_used_for_longest_gives_its_prompt_up() {
        let mut runner = Runner::new(2);
        let cached = [1, 2, 1, 3, 1, 2].map(|prompt| serve(&mut runner, prompt));
        assert_eq!(cached, [false, false, true, false, true, false]);
    }

    #[test]
    fn no_more_streams_than_slots_run_at_once() {
        let mut runner = Runner::new(2);
        let held = [runner.take(1), runner.take(1)];
        assert_eq!((held.map(|held| held.unwrap().cached), runner.take(1)), ([false, false], None));
        runner.give_back(held[0].unwrap(), true);
        assert!(runner.take(1).unwrap().cached);
    }

    #[test]
    fn a_prompt_that_was_not_read_to_its_end_is_not_held() {
        let mut runner = Runner::new(1);
        let held = runner.take(1).unwrap();
        runner.give_back(held, false);
        assert!(!serve(&mut runner, 1));
        runner.forget_prompts();
        assert!(!serve(&mut runner, 1));
    }
}

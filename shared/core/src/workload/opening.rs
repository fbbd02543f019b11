//! How every prompt begins, whatever the workload.

use super::AgentPlan;
use tandem_records::Phase;
use xxhash_rust::xxh3::xxh3_64;

impl AgentPlan {
    /// The first words of a prompt. The agent's number makes prompts differ between agents, so that a server cannot
    /// answer one from another's cache; it has a fixed width, so that all openings have the same length.
    pub fn opening(&self, phase: Phase, call: u32) -> String {
        let agent = format!("Agent {:05}.", self.index);
        match self.cold {
            Some(nonce) => {
                let key = format!("{nonce}/{}/{phase:?}/{call}", self.index);
                format!("{:016x} {agent}", xxh3_64(key.as_bytes()))
            }
            None => agent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::tests::agent;

    #[test]
    fn a_cold_opening_is_new_in_each_trial_phase_and_call_and_of_equal_length() {
        let cold = |nonce| AgentPlan { cold: Some(nonce), ..agent(0) };
        let openings = [
            cold(1).opening(Phase::Solo, 0),
            cold(1).opening(Phase::Concurrent, 0),
            cold(1).opening(Phase::Solo, 1),
            cold(2).opening(Phase::Solo, 0),
        ];
        for (index, opening) in openings.iter().enumerate() {
            assert_eq!(opening.len(), openings[0].len());
            assert!(openings[..index].iter().all(|other| other[..16] != opening[..16]), "{openings:?}");
        }
    }

    #[test]
    fn without_a_nonce_every_phase_and_call_begins_alike_and_every_agent_differently() {
        assert_eq!(agent(3).opening(Phase::Solo, 0), "Agent 00003.");
        assert_eq!(agent(3).opening(Phase::Concurrent, 1), "Agent 00003.");
    }
}

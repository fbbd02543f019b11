//! The simulator that a set asks for, and how a plan scales it.

use super::super::{SetFile, SimFile, SimProfile, SimScale};
use super::rules::{Checked, count, distinct, require};
use tandem_records::{Capacity, Length};

/// Checks the divisors of times and lengths.
pub(super) fn check_scale(scale: &SimScale) -> Checked {
    for (key, divisor) in [("time", scale.time), ("tokens", scale.tokens)] {
        require((1.0..=1e6).contains(&divisor), || {
            format!("sim_scale.{key}: {divisor}; valid are 1 to 1000000, a divisor")
        })?;
    }
    Ok(())
}

pub(super) fn check_sim(set: &SetFile) -> Checked {
    let sim = &set.sim;
    let times = [
        ("ttft_ms", sim.ttft_ms),
        ("itl_ms", sim.itl_ms),
        ("prompt_eval_ms", sim.prompt_eval_ms),
        ("load_ms", sim.load_ms),
        ("false_load_ms", sim.false_load_ms),
    ];
    for (key, value) in times {
        if let Some(ms) = value {
            require((0.0..=600_000.0).contains(&ms), || format!("sim.{key}: {ms}; valid are 0 to 600000"))?;
        }
    }
    if let Some(jitter) = sim.jitter {
        require((0.0..=0.5).contains(&jitter), || {
            format!("sim.jitter: {jitter}; valid are 0 to 0.5, a share of the gap")
        })?;
    }
    if let Some(factor) = sim.factor {
        let shared = sim.capacity.as_ref().is_some_and(|levels| levels.contains(&Capacity::Shared));
        require(shared, || "sim.factor: needs capacity = \"shared\"".into())?;
        require(factor.is_finite() && factor >= 1.0, || {
            format!("sim.factor: {factor}; valid are 1 and more")
        })?;
    }
    if let Some(capacity) = &sim.capacity {
        require(!capacity.is_empty(), || {
            format!("sim.capacity: at least one value is needed; valid are {}", Capacity::NAMES.join(", "))
        })?;
        distinct("sim.capacity", capacity.iter())?;
    }
    if let Some(spread) = sim.length_spread {
        require(set.length() == Length::Free, || {
            "sim.length_spread: needs length = \"free\"; a length that is asked for does not spread".into()
        })?;
        require((0.0..=0.9).contains(&spread), || {
            format!("sim.length_spread: {spread}; valid are 0 to 0.9, a share of tokens")
        })?;
    }
    check_slots(sim)?;
    let counts = [
        ("sim.slots", sim.slots, 4096),
        ("sim.thinking", sim.thinking, 1_000_000),
        ("sim.tokens_per_piece", sim.tokens_per_piece, 4096),
    ];
    for (key, value, most) in counts {
        value.map_or(Ok(()), |value| count(key, value, 1, most))?;
    }
    for (key, levels) in [("sim.coalesce", &sim.coalesce), ("sim.token_bytes", &sim.token_bytes)] {
        let Some(levels) = levels else { continue };
        require(!levels.is_empty(), || format!("{key}: at least one value is needed"))?;
        distinct(key, levels.iter())?;
        for level in levels.iter() {
            count(key, *level, 1, 4096)?;
        }
    }
    let timed = sim.ttft_ms.is_some() || sim.itl_ms.is_some();
    require(!(timed && sim.profile == Some(SimProfile::Instant)), || {
        "sim.profile: instant has no ttft_ms and itl_ms; drop them or the profile".into()
    })
}

/// `serial` is one slot, and only slots hold prompts.
fn check_slots(sim: &SimFile) -> Checked {
    let serial = |capacity: &Capacity| *capacity == Capacity::Serial;
    let any_serial = sim.capacity.as_ref().is_some_and(|levels| levels.iter().any(serial));
    let all_serial = sim.capacity.as_ref().is_some_and(|levels| levels.iter().all(serial));
    require(sim.slots.is_none() || !any_serial, || {
        "sim.slots: capacity = \"serial\" is one slot; drop it or slots".into()
    })?;
    require(sim.prompt_eval_ms.is_none() || sim.slots.is_some() || all_serial, || {
        "sim.prompt_eval_ms: needs slots, which hold the prompts; Ollama's default is slots = 1".into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::PlanFile;

    /// What is wrong with a set whose simulator has these keys.
    fn problem(sim: &str) -> Option<String> {
        let plan = format!(
            r#"description = "one"
blocks = 2
seed = 1
baseline = "arm-a"
margin_efficiency = 0.005
margin_log_time = 0.05
[[sets]]
name = "one"
arms = ["arm-a"]
client = "hyper"
agents = [2]
workload = "stream"
scenario = "chimera_homo"
tokens = [100]
sim = {{ {sim} }}"#
        );
        let plan: PlanFile = toml::from_str(&plan).unwrap();
        check_sim(&plan.sets[0]).err()
    }

    #[test]
    fn slots_prompts_thinking_and_pieces_are_checked_by_name() {
        for (sim, message) in [
            ("slots = 0", "sim.slots: 0; valid are 1 to 4096"),
            (
                "slots = 2, capacity = [\"shared\", \"serial\"]",
                "sim.slots: capacity = \"serial\" is one slot; drop it or slots",
            ),
            (
                "prompt_eval_ms = 20",
                "sim.prompt_eval_ms: needs slots, which hold the prompts; Ollama's default is slots = 1",
            ),
            (
                "prompt_eval_ms = 20, capacity = [\"shared\", \"serial\"]",
                "sim.prompt_eval_ms: needs slots, which hold the prompts; Ollama's default is slots = 1",
            ),
            ("slots = 1, prompt_eval_ms = -1", "sim.prompt_eval_ms: -1; valid are 0 to 600000"),
            ("load_ms = 1e9", "sim.load_ms: 1000000000; valid are 0 to 600000"),
            ("false_load_ms = -2", "sim.false_load_ms: -2; valid are 0 to 600000"),
            ("thinking = 0", "sim.thinking: 0; valid are 1 to 1000000"),
            ("tokens_per_piece = 5000", "sim.tokens_per_piece: 5000; valid are 1 to 4096"),
        ] {
            assert_eq!(problem(sim).as_deref(), Some(message), "{sim}");
        }
        for sim in [
            "slots = 1, prompt_eval_ms = 20, load_ms = 300, false_load_ms = 40",
            "capacity = \"serial\", prompt_eval_ms = 20",
            "slots = 2, capacity = \"shared\", factor = 2.0",
            "thinking = 200, tokens_per_piece = 4",
        ] {
            assert_eq!(problem(sim), None, "{sim}");
        }
    }
}

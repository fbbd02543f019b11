//! The simulator that a set asks for, and how a plan scales it.

use super::super::{SetFile, SimProfile, SimScale};
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
    for (key, value) in [("ttft_ms", sim.ttft_ms), ("itl_ms", sim.itl_ms)] {
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

//! Checks that a plan makes sense. A message names the set, the key and the valid values.

use super::described::study_client;
use super::{ClientChoice, PlanFile, Scenario, SetFile, SimProfile};
use std::collections::HashSet;
use std::hash::Hash;
use tandem_records::Capacity;

type Checked = Result<(), String>;

/// Checks a plan.
pub(super) fn validate(plan: &PlanFile) -> Checked {
    require(!plan.description.trim().is_empty(), || {
        "description: must say in one line what the plan is for".into()
    })?;
    require(!plan.description.contains('\n'), || "description: must be one line".into())?;
    count("blocks", plan.blocks, 1, 10_000)?;
    for (key, margin) in
        [("margin_efficiency", plan.margin_efficiency), ("margin_log_time", plan.margin_log_time)]
    {
        require(margin > 0.0 && margin < 1.0, || {
            format!("{key}: {margin} must lie between 0 and 1, as 0.005 for 0.5 pp")
        })?;
    }
    require(!plan.sets.is_empty(), || "sets: at least one [[sets]] is needed".into())?;
    distinct("sets: name", plan.sets.iter().map(|set| &set.name))?;
    for set in &plan.sets {
        check_set(set, &plan.baseline).map_err(|problem| format!("set {}: {problem}", set.name))?;
    }
    Ok(())
}

fn check_set(set: &SetFile, baseline: &str) -> Checked {
    name("name", &set.name)?;
    require(!set.arms.is_empty(), || "arms: at least one arm is needed".into())?;
    distinct("arms", &set.arms)?;
    for arm in &set.arms {
        name("arms", arm)?;
    }
    require(set.arms.iter().any(|arm| arm == baseline), || {
        format!("arms: the baseline {baseline} must be one of them; they are {}", set.arms.join(", "))
    })?;
    for (key, levels) in [("agents", &set.agents), ("tokens", &set.tokens)] {
        require(!levels.is_empty(), || format!("{key}: at least one value is needed"))?;
    }
    distinct("agents", set.agents.iter())?;
    for agents in set.agents.iter() {
        count("agents", *agents, 1, 10_000)?;
    }
    require(set.tokens.len() <= 2, || {
        format!(
            "tokens: {} values; valid are one for all agents, or two for collectors and insights",
            set.tokens.len()
        )
    })?;
    for tokens in set.tokens.iter() {
        count("tokens", *tokens, 2, 1_000_000)?;
    }
    for (key, value, most) in
        [("permits", set.permits, 10_000), ("blocks", set.blocks, 10_000), ("servers", set.servers, 64)]
    {
        if let Some(value) = value {
            count(key, value, 1, most)?;
        }
    }
    if let Some(timeout) = set.timeout_ms {
        require((1..=86_400_000).contains(&timeout), || {
            format!("timeout_ms: {timeout}; valid are 1 to 86400000")
        })?;
    }
    check_clients(set)?;
    check_options(set)?;
    check_sim(set)
}

fn check_clients(set: &SetFile) -> Checked {
    require(!set.client.is_empty(), || "client: valid are hyper, reqwest, as-described".into())?;
    distinct("client", set.client.iter())?;
    for arm in &set.arms {
        if set.client.contains(&ClientChoice::AsDescribed) {
            study_client(arm).map_err(|study| {
                format!("client: as-described is known for the study's arms only ({study}); name hyper or reqwest for {arm}")
            })?;
        }
    }
    let Some(caps) = &set.read_cap else { return Ok(()) };
    require(!caps.is_empty(), || "read_cap: at least one value is needed; 0 is uncapped".into())?;
    distinct("read_cap", caps.iter())?;
    require(!set.client.contains(&ClientChoice::AsDescribed), || {
        "read_cap: as-described fixes the read size; name hyper or reqwest as client".into()
    })?;
    require(!set.client.contains(&ClientChoice::Reqwest) || caps.contains(&0), || {
        "read_cap: reqwest reads uncapped only; add 0 or drop reqwest".into()
    })
}

fn check_options(set: &SetFile) -> Checked {
    let (a, b) = (!set.options_a.is_empty(), !set.options_b.is_empty());
    match set.scenario {
        Scenario::BaselineVsChimera => {
            require(!a, || {
                "options_a: baseline_vs_chimera gives collectors the server's defaults; drop it".into()
            })?;
            require(b, || "options_b: baseline_vs_chimera needs the options of the insights".into())
        }
        Scenario::ChimeraHomo => require(!b, || {
            "options_b: chimera_homo gives all agents options_a; drop it or use chimera_hetero".into()
        }),
        Scenario::ChimeraHetero => require(a && b && set.options_a != set.options_b, || {
            "options_a, options_b: chimera_hetero needs both, and different".into()
        }),
    }
}

fn check_sim(set: &SetFile) -> Checked {
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
        require(sim.capacity == Some(Capacity::Shared), || "sim.factor: needs capacity = \"shared\"".into())?;
        require(factor.is_finite() && factor >= 1.0, || {
            format!("sim.factor: {factor}; valid are 1 and more")
        })?;
    }
    if let Some(coalesce) = &sim.coalesce {
        require(!coalesce.is_empty(), || "sim.coalesce: at least one value is needed".into())?;
        distinct("sim.coalesce", coalesce.iter())?;
        for tokens in coalesce.iter() {
            count("sim.coalesce", *tokens, 1, 4096)?;
        }
    }
    let timed = sim.ttft_ms.is_some() || sim.itl_ms.is_some();
    require(!(timed && sim.profile == Some(SimProfile::Instant)), || {
        "sim.profile: instant has no ttft_ms and itl_ms; drop them or the profile".into()
    })
}

fn require(holds: bool, problem: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(problem()) }
}

fn count(key: &str, value: u32, least: u32, most: u32) -> Checked {
    require((least..=most).contains(&value), || format!("{key}: {value}; valid are {least} to {most}"))
}

fn distinct<T: Hash + Eq + std::fmt::Debug>(key: &str, values: impl IntoIterator<Item = T>) -> Checked {
    let mut seen = HashSet::new();
    for value in values {
        let text = format!("{value:?}");
        require(seen.insert(value), || format!("{key}: {text} stands there twice"))?;
    }
    Ok(())
}

/// Names become cell names, file names and command lines.
fn name(key: &str, value: &str) -> Checked {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    require(
        !value.is_empty()
            && value.chars().all(fits)
            && value.starts_with(|c: char| c.is_ascii_alphanumeric()),
        || {
            format!(
                "{key}: {value:?}; valid are letters, digits, '-', '_' and '.', beginning with a letter or digit"
            )
        },
    )
}

//! Checks that a plan makes sense. A message names the set, the key and the valid values.

mod clients;
mod open_loop;
mod options;
mod rules;
mod simulator;

use super::{PlanFile, SetFile};
use rules::{Checked, count, distinct, name, require};
use tandem_records::{Cache, Length, Pin, Workload};

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
    options::check_configurations(&plan.configurations)?;
    simulator::check_scale(&plan.sim_scale)?;
    if let Some(floor) = &plan.floor {
        name("floor", floor)?;
    }
    require(!plan.sets.is_empty(), || "sets: at least one [[sets]] or [[micro]] is needed".into())?;
    require(plan.micro.is_empty() || plan.micro.len() == plan.sets.len(), || {
        "micro: a plan of micro workloads has no other sets; put those into a plan of their own".into()
    })?;
    if let Some(agents) = plan.micro.iter().find(|set| !set.workload.is_micro()) {
        let valid: Vec<&str> = Workload::ALL
            .iter()
            .filter(|workload| workload.is_micro())
            .map(|workload| workload.as_str())
            .collect();
        return Err(format!(
            "micro: workload {} has agents and belongs into [[sets]]; valid are {}",
            agents.workload,
            valid.join(", ")
        ));
    }
    let in_sets = plan.sets.iter().find(|set| plan.micro.is_empty() && set.workload.is_micro());
    if let Some(set) = in_sets {
        return Err(format!(
            "set {}: workload {} has no agents and belongs into [[micro]]",
            set.name, set.workload
        ));
    }
    distinct("sets: name", plan.sets.iter().map(|set| &set.name))?;
    check_primary(plan)?;
    for set in &plan.sets {
        check_set(set, plan).map_err(|problem| format!("set {}: {problem}", set.name))?;
    }
    Ok(())
}

/// The primary set exists and is judged by efficiency.
fn check_primary(plan: &PlanFile) -> Checked {
    let Some(primary) = &plan.primary else { return Ok(()) };
    let judged = plan.sets.iter().filter(|set| set.is_judged()).map(|set| set.name.as_str());
    let valid: Vec<&str> = judged.collect();
    require(valid.contains(&primary.as_str()), || match valid.is_empty() {
        true => format!("primary: {primary}, but no set of this plan is judged by efficiency; drop it"),
        false => {
            format!(
                "primary: {primary} is no set that is judged by efficiency; valid are {}",
                valid.join(", ")
            )
        }
    })
}

fn check_set(set: &SetFile, plan: &PlanFile) -> Checked {
    let baseline = &plan.baseline;
    name("name", &set.name)?;
    require(!set.arms.is_empty(), || "arms: at least one arm is needed".into())?;
    distinct("arms", &set.arms)?;
    for arm in &set.arms {
        name("arms", arm)?;
    }
    require(set.arms.iter().any(|arm| arm == baseline), || {
        format!("arms: the baseline {baseline} must be one of them; they are {}", set.arms.join(", "))
    })?;
    require(plan.floor.as_ref().is_none_or(|floor| !set.arms.contains(floor)), || {
        let floor = plan.floor.as_deref().unwrap_or_default();
        format!(
            "arms: {floor} is the plan's floor, which runs in every cell and is compared with none; drop it here"
        )
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
    if let Some(pins) = &set.pin {
        require(!pins.is_empty(), || {
            format!("pin: at least one value is needed; valid are {}", Pin::NAMES.join(", "))
        })?;
        distinct("pin", pins.iter())?;
    }
    distinct("leave_out", &set.leave_out)?;
    clients::check_clients(set)?;
    options::check_scenario(set, plan)?;
    check_workload(set)?;
    open_loop::check_rate(set)?;
    simulator::check_sim(set)
}

/// What only some workloads and lengths know.
fn check_workload(set: &SetFile) -> Checked {
    let reports = set.workload == Workload::Report;
    require(reports || set.files.is_none(), || {
        format!("files: workload {} reads none; drop it or use workload report", set.workload)
    })?;
    require(!(reports && set.cache == Some(Cache::Warm)), || {
        "cache: warm cannot prime workload report, whose second prompt depends on the first answer; valid are cold, none".into()
    })?;
    require(set.length() == Length::Fixed || set.tokens.len() == 1, || {
        "tokens: with length = \"free\" one value is valid, which the server's lengths lie around".into()
    })
}

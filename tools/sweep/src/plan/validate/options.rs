//! Scenarios and the request options that belong to them.

use super::super::{Configuration, PlanFile, Scenario, SetFile};
use super::rules::{Checked, distinct, name, require};
use tandem_records::RequestOptions;

/// Checks the plan's configurations.
pub(super) fn check_configurations(configurations: &[Configuration]) -> Checked {
    distinct("configurations: name", configurations.iter().map(|configuration| &configuration.name))?;
    for configuration in configurations {
        name("configurations: name", &configuration.name)?;
        check_options(configuration)
            .map_err(|problem| format!("configuration {}: {problem}", configuration.name))?;
    }
    Ok(())
}

/// Checks that a set has a scenario of its own or configurations, and not both.
pub(super) fn check_scenario(set: &SetFile, plan: &PlanFile) -> Checked {
    let Some(names) = &set.configurations else {
        require(set.scenario.is_some(), || {
            "scenario: missing; valid are baseline_vs_chimera, chimera_homo, chimera_hetero, or configurations with names of [[configurations]]".into()
        })?;
        return set.configurations(plan).iter().try_for_each(check_options);
    };
    for (key, there) in [
        ("scenario", set.scenario.is_some()),
        ("options_a", !set.options_a.is_empty()),
        ("options_b", !set.options_b.is_empty()),
    ] {
        require(!there, || {
            format!("{key}: each of the set's configurations has its own; drop one of the two")
        })?;
    }
    require(!names.is_empty(), || "configurations: at least one name is needed".into())?;
    distinct("configurations", names.iter())?;
    for name in names.iter() {
        require(plan.configurations.iter().any(|there| there.name == *name), || {
            let there: Vec<&str> = plan.configurations.iter().map(|there| there.name.as_str()).collect();
            let there = if there.is_empty() { "none".to_string() } else { there.join(", ") };
            format!("configurations: {name} is no name in [[configurations]]; those there are: {there}")
        })?;
    }
    Ok(())
}

/// Keys of a request that are the instrument's own, with the reason.
const NO_OPTIONS: &[(&str, &str)] = &[
    ("n", "the first of several choices alone would be measured"),
    ("best_of", "the first of several choices alone would be measured"),
    ("stream", "a trial measures streams"),
    (
        "stream_options",
        "requests ask for the token counts themselves; leave_out = [\"stream_options\"] sends none",
    ),
    ("model", "it is named with --model"),
    ("prompt", "the workload makes it"),
    ("messages", "the workload makes them"),
];

fn check_options(configuration: &Configuration) -> Checked {
    let Configuration { scenario, options_a, options_b, .. } = configuration;
    for (name, options) in [("options_a", options_a), ("options_b", options_b)] {
        for (key, why) in NO_OPTIONS {
            require(!options.contains_key(*key), || format!("{name}: {key} is no option: {why}; drop it"))?;
        }
        check_thinking(name, options)?;
    }
    let (a, b) = (!options_a.is_empty(), !options_b.is_empty());
    match scenario {
        Scenario::BaselineVsChimera => {
            require(!a, || {
                "options_a: baseline_vs_chimera gives collectors the server's defaults; drop it".into()
            })?;
            require(b, || "options_b: baseline_vs_chimera needs the options of the insights".into())
        }
        Scenario::ChimeraHomo => require(!b, || {
            "options_b: chimera_homo gives all agents options_a; drop it or use chimera_hetero".into()
        }),
        Scenario::ChimeraHetero => require(a && b && options_a != options_b, || {
            "options_a, options_b: chimera_hetero needs both, and different".into()
        }),
    }
}

/// How much a model thinks, which each dialect has its own word for.
fn check_thinking(name: &str, options: &RequestOptions) -> Checked {
    if let Some(think) = options.get("think") {
        let is_level = think.as_str().is_some_and(|level| ["low", "medium", "high"].contains(&level));
        require(is_level || think.is_boolean(), || {
            format!("{name}: think = {think}; valid are true, false, \"low\", \"medium\", \"high\"")
        })?;
    }
    if let Some(effort) = options.get("reasoning_effort") {
        require(effort.as_str().is_some_and(|effort| !effort.is_empty()), || {
            format!(
                "{name}: reasoning_effort = {effort}; valid are the words that the server knows, as \"none\", \"low\", \"medium\", \"high\""
            )
        })?;
    }
    Ok(())
}

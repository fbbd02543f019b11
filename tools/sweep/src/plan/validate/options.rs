//! Scenarios and the request options that belong to them.

use super::super::{Configuration, PlanFile, Scenario, SetFile};
use super::rules::{Checked, distinct, name, require};

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

fn check_options(configuration: &Configuration) -> Checked {
    let Configuration { scenario, options_a, options_b, .. } = configuration;
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

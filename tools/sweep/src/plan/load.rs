//! Finds and reads a plan by name or path.

use super::{MicroFile, PlanFile, validate};
use crate::SweepError;
use std::path::{Path, PathBuf};

/// A plan that has passed every check.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// File stem: `quick`.
    pub name: String,
    /// The whole file.
    pub text: String,
    /// Its content.
    pub file: PlanFile,
}

impl Plan {
    /// Loads `plan`: a path to a TOML file, or the name of one in `plans_dir`.
    ///
    /// # Errors
    /// No such plan (lists those there are), or a plan that does not read (names file, line, key, valid values).
    pub fn load(plan: &str, plans_dir: &Path) -> Result<Plan, SweepError> {
        let path = find(plan, plans_dir)?;
        let text = tandem_records::regular_file::read_to_string(&path)
            .map_err(|e| SweepError::Usage(format!("plan {} does not read: {e}", path.display())))?;
        let name = path.file_stem().map_or_else(|| plan.into(), |stem| stem.to_string_lossy().into_owned());
        Ok(Plan { name, file: parse_plan(&path.display().to_string(), &text)?, text })
    }
}

/// Reads and checks the text of a plan; `source` names it in messages.
///
/// # Errors
/// The first thing wrong: file, line or set, key, valid values.
pub fn parse_plan(source: &str, text: &str) -> Result<PlanFile, SweepError> {
    let mut file: PlanFile =
        toml::from_str(text).map_err(|e| SweepError::Usage(toml_message(source, text, &e)))?;
    file.sets.extend(file.micro.iter().map(MicroFile::as_set));
    validate::validate(&file).map_err(|problem| SweepError::Usage(format!("{source}: {problem}")))?;
    Ok(file)
}

fn find(plan: &str, plans_dir: &Path) -> Result<PathBuf, SweepError> {
    let as_path = PathBuf::from(plan);
    if plan.ends_with(".toml") || plan.contains('/') {
        return if as_path.exists() {
            Ok(as_path)
        } else {
            Err(SweepError::Usage(format!("there is no plan file {plan}")))
        };
    }
    let path = plans_dir.join(format!("{plan}.toml"));
    if path.exists() {
        return Ok(path);
    }
    let mut names: Vec<String> = std::fs::read_dir(plans_dir)
        .map_err(|e| {
            SweepError::Usage(format!(
                "folder of plans {}: {e}; name it with --plans-dir",
                plans_dir.display()
            ))
        })?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".toml").map(str::to_string))
        .collect();
    names.sort();
    let there = plans_dir.display();
    Err(SweepError::Usage(format!(
        "there is no plan {plan} in {there}; the plans there are: {}",
        names.join(", ")
    )))
}

/// One line: where (file, line, the line itself), what, and the values that are valid.
fn toml_message(source: &str, text: &str, error: &toml::de::Error) -> String {
    let what = error.message().replace('\n', "; ");
    match error.span() {
        Some(span) => {
            let before = &text[..span.start.min(text.len())];
            let number = before.matches('\n').count() + 1;
            let line = text.lines().nth(number - 1).unwrap_or_default().trim();
            format!("{source} line {number} `{line}`: {what}")
        }
        None => format!("{source}: {what}"),
    }
}

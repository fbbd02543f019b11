//! The checks that all keys are made of.

use std::collections::HashSet;
use std::hash::Hash;

/// Nothing, or what is wrong: the key and the valid values.
pub(super) type Checked = Result<(), String>;

pub(super) fn require(holds: bool, problem: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(problem()) }
}

pub(super) fn count(key: &str, value: u32, least: u32, most: u32) -> Checked {
    require((least..=most).contains(&value), || format!("{key}: {value}; valid are {least} to {most}"))
}

pub(super) fn distinct<T: Hash + Eq + std::fmt::Debug>(
    key: &str,
    values: impl IntoIterator<Item = T>,
) -> Checked {
    let mut seen = HashSet::new();
    for value in values {
        let text = format!("{value:?}");
        require(seen.insert(value), || format!("{key}: {text} stands there twice"))?;
    }
    Ok(())
}

/// Names become cell names, file names and command lines.
pub(super) fn name(key: &str, value: &str) -> Checked {
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

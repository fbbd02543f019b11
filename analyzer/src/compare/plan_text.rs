//! What only the text of a plan tells of a cell: request options, files to read.

use crate::analysis::Facts;
use toml::{Table, Value};

/// Keys of a set that make the work what it is and that neither rows nor the servers' command lines tell.
const TOLD_BY_TEXT_ALONE: [&str; 3] = ["options_a", "options_b", "files"];

/// What differs for a cell between two plan texts, as (what, in the first, in the second). Layout, comments, order
/// of keys, and other sets do not matter.
pub(super) fn differing(before: &str, after: &str, cell: &Facts) -> Vec<(String, String, String)> {
    if before == after {
        return Vec::new();
    }
    let (Ok(before), Ok(after)) = (before.parse::<Table>(), after.parse::<Table>()) else {
        let kind = |text: &str| text.parse::<Table>().map_or("not TOML", |_| "TOML").to_owned();
        return vec![("the text of the plan".to_owned(), kind(before), kind(after))];
    };
    let (a, b) = (told(&before, cell), told(&after, cell));
    let both = a.into_iter().zip(b).filter(|((_, a), (_, b))| a != b);
    both.map(|((what, a), (_, b))| (what, a.unwrap_or_default(), b.unwrap_or_default())).collect()
}

/// Every value that counts for the cell, by name; none where the plan does not name it.
fn told(plan: &Table, cell: &Facts) -> Vec<(String, Option<String>)> {
    let named = |list: &str, name: &str| -> Option<&Table> {
        let tables = plan.get(list)?.as_array()?.iter().filter_map(Value::as_table);
        tables.into_iter().find(|table| table.get("name").and_then(Value::as_str) == Some(name))
    };
    let shown = |value: Option<&Value>| value.map(Value::to_string);
    let set = named("sets", &cell.set);
    let mut told: Vec<(String, Option<String>)> = TOLD_BY_TEXT_ALONE
        .iter()
        .map(|key| (format!("the plan's {key}"), shown(set.and_then(|set| set.get(*key)))))
        .collect();
    if !cell.configuration.is_empty() {
        let configuration = named("configurations", &cell.configuration);
        for key in ["options_a", "options_b"] {
            let value = configuration.and_then(|table| table.get(key));
            told.push((format!("the configuration's {key}"), shown(value)));
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use tandem_records::{ServerKind, Workload};

    const PLAN: &str =
        "blocks = 12\n[[sets]]\nname = \"s\"\narms = [\"smol\"]\noptions_a = { num_ctx = 512 }\n";

    fn cell(set: &str) -> Facts {
        Facts {
            set: set.into(),
            exploratory: false,
            workload: Workload::Stream,
            scenario: "chimera_homo".into(),
            configuration: String::new(),
            agents: 2,
            permits: 2,
            server_kind: ServerKind::Sim,
            capacity: None,
            length: None,
            tokens: String::new(),
            gap_ns: None,
            rate_per_s: None,
            arrivals: None,
        }
    }

    fn names(after: &str, cell: &Facts) -> Vec<String> {
        differing(PLAN, after, cell).into_iter().map(|(what, ..)| what).collect()
    }

    #[test]
    fn layout_comments_levels_and_other_sets_do_not_matter() {
        let other = "# quicker\nblocks = 20\n[[sets]]\nname = \"t\"\n[[sets]]\noptions_a = {num_ctx=512}\nname = \"s\" # here\nagents = [2, 4]\n";
        assert_eq!(names(other, &cell("s")), Vec::<String>::new());
    }

    #[test]
    fn options_of_the_cells_own_set_and_configuration_matter() {
        let options = PLAN.replace("512", "1024");
        assert_eq!(names(&options, &cell("s")), ["the plan's options_a"]);
        assert_eq!(names(&options, &cell("another")), Vec::<String>::new());
        let configured = Facts { configuration: "c".into(), ..cell("s") };
        let named = format!("{PLAN}[[configurations]]\nname = \"c\"\noptions_b = {{ top_k = 1 }}\n");
        assert_eq!(names(&named, &configured), ["the configuration's options_b"]);
        assert_eq!(names("<no toml>", &cell("s")), ["the text of the plan"]);
    }
}

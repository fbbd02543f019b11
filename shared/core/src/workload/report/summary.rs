//! The data summary: what an agent tells the model of its folder.

use super::contents::count;
use super::folder::{Kind, Skipped};
use super::inventory::Inventory;
use jiff::Timestamp;
use std::fmt::Write as _;

/// Files named of each kind, and skipped ones named. The study's smallest context holds 512 tokens; a longer list
/// would push the question out of it.
const NAMED: usize = 6;

/// Counts by kind, the first names with what they hold, the newest change, and what was skipped. The same for the
/// same folder, so that every phase asks the same.
pub(super) fn summary(inventory: &Inventory) -> String {
    let mut text = format!("Files read: {}.", counts(inventory));
    if let Some(changed) = inventory.newest_change().and_then(|time| Timestamp::try_from(time).ok()) {
        let _ = write!(text, " Newest change: {changed:.0}.");
    }
    for kind in Kind::ALL {
        let lines = inventory.of_kind(kind).map(|file| format!("{}: {}", file.name, file.contents));
        push_list(&mut text, kind.name(), lines);
    }
    push_list(&mut text, "Skipped", inventory.skipped.iter().map(Skipped::to_string));
    if inventory.ignored > 0 {
        let _ = write!(text, "\nNot looked into: {}.", count(inventory.ignored as usize, "other name"));
    }
    text
}

/// Number and size of the files read, by kind.
pub(super) fn counts(inventory: &Inventory) -> String {
    let of_kinds: Vec<String> = Kind::ALL
        .map(|kind| (kind, inventory.of_kind(kind).count()))
        .iter()
        .filter(|(_, number)| *number > 0)
        .map(|(kind, number)| format!("{number} {}", kind.name()))
        .collect();
    if of_kinds.is_empty() {
        return "none".into();
    }
    let bytes: u64 = inventory.files.iter().map(|file| file.bytes).sum();
    format!("{} ({}), {bytes} bytes", inventory.files.len(), of_kinds.join(", "))
}

/// A heading, the first lines, and how many there are beside them; nothing for an empty list.
fn push_list(text: &mut String, heading: &str, mut lines: impl Iterator<Item = String>) {
    let first: Vec<String> = lines.by_ref().take(NAMED).collect();
    if first.is_empty() {
        return;
    }
    let _ = write!(text, "\n{heading}:");
    for line in first {
        let _ = write!(text, "\n- {line}"); // into a string: cannot fail
    }
    let more = lines.count();
    if more > 0 {
        let _ = write!(text, "\n- and {more} more");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    #[test]
    fn the_summary_tells_counts_names_newest_change_and_what_was_skipped() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("a.csv", "arm,ms\nsmol,1\n"),
            ("b.json", "[1]"),
            ("bad.json", "{"),
            ("notes.md", "# Notes\n"),
            ("photo.png", ""),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
            let file = File::options().write(true).open(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_999)).unwrap();
        }
        assert_eq!(
            summary(&Inventory::of(folder.path())),
            "Files read: 3 (1 CSV, 1 JSON, 1 Markdown), 25 bytes. Newest change: 2023-11-14T22:13:20Z.\n\
             CSV:\n- a.csv: 1 row, 2 columns (arm, ms)\n\
             JSON:\n- b.json: an array of 1 element\n\
             Markdown:\n- notes.md: 1 heading, title \"Notes\"\n\
             Skipped:\n- bad.json: not JSON: EOF while parsing an object at line 1 column 1\n\
             Not looked into: 1 other name."
        );
    }

    #[test]
    fn a_long_list_is_cut_and_counted() {
        let folder = tempfile::tempdir().unwrap();
        (0..9).for_each(|i| fs::write(folder.path().join(format!("{i}.md")), "").unwrap());
        let text = summary(&Inventory::of(folder.path()));
        assert!(text.ends_with("\n- 5.md: 0 headings, no title\n- and 3 more"), "{text}");
    }

    #[test]
    fn an_empty_folder_has_a_summary_too() {
        assert_eq!(summary(&Inventory::default()), "Files read: none.");
    }
}

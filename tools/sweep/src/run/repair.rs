//! Brings the files of an interrupted run back to whole trials.

use super::folder::write_whole;
use super::whole::Tally;
use crate::SweepError;
use crate::schedule::PlannedTrial;
use anyhow::Context;
use serde::de::DeserializeOwned;
use std::collections::{HashMap, HashSet};
use std::io::ErrorKind;
use std::path::Path;
use tandem_records::{AgentRow, FootprintRow, MicroRow, RequestRow, Status, Table, TrialRow, regular_file};

/// What a run has done so far: the last attempt of each trial and how it ended.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Done {
    last: HashMap<u32, (u32, Status)>,
}

impl Done {
    /// The last attempt of a trial and how it ended.
    pub fn last_attempt(&self, trial: u32) -> Option<(u32, Status)> {
        self.last.get(&trial).copied()
    }

    /// Notes an attempt.
    pub fn note(&mut self, trial: u32, attempt: u32, status: Status) {
        let entry = self.last.entry(trial).or_insert((attempt, status));
        if attempt >= entry.0 {
            *entry = (attempt, status);
        }
    }

    /// Trials whose last attempt ended so.
    pub fn count(&self, wanted: impl Fn(Status) -> bool) -> u32 {
        self.last.values().filter(|(_, status)| wanted(*status)).count() as u32
    }
}

trait OfTrial {
    /// Whether an attempt has several rows in this file, so that zeros can have taken some of them.
    const HAS_MANY: bool;

    fn attempt(&self) -> (u32, u32);
}

macro_rules! of_trial {
    ($($row:ty: $many:literal),+) => { $(impl OfTrial for $row {
        const HAS_MANY: bool = $many;

        fn attempt(&self) -> (u32, u32) {
            (self.trial, self.attempt)
        }
    })+ };
}
of_trial!(TrialRow: false, AgentRow: true, RequestRow: true, MicroRow: true);

impl OfTrial for FootprintRow {
    const HAS_MANY: bool = false;

    fn attempt(&self) -> (u32, u32) {
        (self.trial, 0)
    }
}

/// What a repair found.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Repaired {
    /// What the run has done.
    pub done: Done,
    /// What the user should know of what was lost, one sentence each.
    pub notes: Vec<String>,
}

/// Cuts torn last lines, and drops zeroed lines, the rows of attempts that have no trial row, and attempts whose own rows
/// are not all there: what was lost is measured again.
///
/// # Errors
/// A line that is broken in another way and not the last, a repeated attempt, or columns of another version: the message
/// names file and line, and the column where it is one.
pub fn repair(folder: &Path, trials: &[PlannedTrial]) -> Result<Repaired, SweepError> {
    let mut notes = Vec::new();
    let mut found = read_trials(folder, &HashSet::new(), &mut notes)?;
    let lost = found.lost(folder, trials, &mut notes)?;
    if !lost.is_empty() {
        // Again, without them.
        found = read_trials(folder, &lost, &mut notes)?;
        found.lost(folder, trials, &mut notes)?;
        let mut numbers: Vec<u32> = lost.iter().map(|(trial, _)| *trial).collect();
        numbers.sort_unstable();
        notes.push(format!("rows of {} are missing: measured again", listed(&numbers)));
    }
    let mut noted = HashSet::new();
    rewrite::<FootprintRow>(folder, &mut notes, |row| {
        // A trial that is measured again is followed by a new look.
        let stays = found.done.last_attempt(row.trial).is_some_and(|(_, status)| status.is_ok());
        Ok(stays && noted.insert((row.trial, row.process.clone())))
    })?;
    Ok(Repaired { done: found.done, notes })
}

/// The committed attempts of a run in their order.
struct Committed {
    done: Done,
    attempts: Vec<((u32, u32), Status)>,
}

fn read_trials(
    folder: &Path,
    lost: &HashSet<(u32, u32)>,
    notes: &mut Vec<String>,
) -> Result<Committed, SweepError> {
    let mut found = Committed { done: Done::default(), attempts: Vec::new() };
    let mut seen = HashSet::new();
    rewrite::<TrialRow>(folder, notes, |row| {
        if !seen.insert(row.attempt()) {
            return Err("repeats an attempt".to_string());
        }
        if lost.contains(&row.attempt()) {
            return Ok(false);
        }
        found.done.note(row.trial, row.attempt, row.status);
        found.attempts.push((row.attempt(), row.status));
        Ok(true)
    })?;
    Ok(found)
}

impl Committed {
    /// Drops the rows of other attempts; returns those of these that are ok by their trial row and are not whole.
    fn lost(
        &self,
        folder: &Path,
        trials: &[PlannedTrial],
        notes: &mut Vec<String>,
    ) -> Result<HashSet<(u32, u32)>, SweepError> {
        let mut tallies: HashMap<(u32, u32), Tally> =
            self.attempts.iter().map(|(attempt, _)| (*attempt, Tally::default())).collect();
        let mut counted = |attempt: (u32, u32), count: &dyn Fn(&mut Tally)| {
            Ok(tallies.get_mut(&attempt).map(count).is_some())
        };
        let mut holed =
            rewrite::<AgentRow>(folder, notes, |row| counted(row.attempt(), &|tally| tally.agent(row)))?;
        holed.extend(rewrite::<RequestRow>(folder, notes, |row| {
            counted(row.attempt(), &|tally| tally.request(row))
        })?);
        holed.extend(rewrite::<MicroRow>(folder, notes, |row| counted(row.attempt(), &Tally::batch))?);
        let of_number: HashMap<u32, &PlannedTrial> =
            trials.iter().map(|trial| (trial.row.trial, trial)).collect();
        let is_lost = |(attempt, status): &&((u32, u32), Status)| {
            let planned = of_number.get(&attempt.0);
            let differs = || planned.is_some_and(|planned| tallies[attempt].differs(planned).is_some());
            status.is_ok() && (holed.contains(attempt) || differs())
        };
        Ok(self.attempts.iter().filter(is_lost).map(|(attempt, _)| *attempt).collect())
    }
}

/// `trial 3`, `trials 3, 4 and 9 more`.
fn listed(numbers: &[u32]) -> String {
    const MOST: usize = 20;
    let noun = if numbers.len() == 1 { "trial" } else { "trials" };
    let named: Vec<String> = numbers.iter().take(MOST).map(u32::to_string).collect();
    match numbers.len().saturating_sub(MOST) {
        0 => format!("{noun} {}", named.join(", ")),
        more => format!("{noun} {} and {more} more", named.join(", ")),
    }
}

/// Keeps the header and the rows that `keep` wants. Every row is one line: no cell holds a line break. Returns the attempts
/// that zeros may have taken rows from: those on both sides. While there are any, the file stays as it is, so that a
/// driver that is killed now does not take half an attempt for a whole one later.
fn rewrite<T: Table + DeserializeOwned + OfTrial>(
    folder: &Path,
    notes: &mut Vec<String>,
    mut keep: impl FnMut(&T) -> Result<bool, String>,
) -> Result<HashSet<(u32, u32)>, SweepError> {
    let path = folder.join(T::FILE);
    let mut holed = HashSet::new();
    let bytes = match regular_file::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(holed),
        Err(e) => return Err(anyhow::Error::new(e).context(format!("read {}", path.display())).into()),
    };
    let bad = |line: usize, why: &str| {
        SweepError::Usage(format!(
            "{} line {line}: {why}; start a new run or remove the line",
            path.display()
        ))
    };
    let header = T::COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>().join(",");
    let mut whole: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    if whole.last().is_some_and(|line| !line.ends_with(b"\n")) {
        whole.pop();
    }
    // A power cut can leave zeros in place of what was written. No text holds one.
    let is_zeroed = |line: &[u8]| memchr::memchr(0, line).is_some();
    if let Some(first) = whole.first()
        && first.trim_ascii_end() != header.as_bytes()
        && !is_zeroed(first)
    {
        return Err(bad(1, "the columns are those of another version of this program"));
    }
    let columns = csv::StringRecord::from(T::COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>());
    let mut kept: Vec<u8> = if whole.is_empty() { Vec::new() } else { (header + "\n").into_bytes() };
    let mut zeroed = whole.first().is_some_and(|first| is_zeroed(first)).then_some(1);
    let (mut before, mut in_hole) = (None, zeroed.is_some());
    for (number, line) in whole.iter().enumerate().skip(1) {
        if is_zeroed(line) {
            zeroed.get_or_insert(number + 1);
            in_hole = true;
            continue;
        }
        match parse::<T>(line, &columns) {
            Ok(row) => {
                let is_kept = keep(&row).map_err(|why| bad(number + 1, &why))?;
                if is_kept {
                    kept.extend_from_slice(line);
                }
                // Zeros before rows that were never committed, or before nothing, are those of the trial that was running.
                if std::mem::take(&mut in_hole) && is_kept && T::HAS_MANY {
                    holed.extend(before);
                    holed.insert(row.attempt());
                }
                before = is_kept.then(|| row.attempt());
            }
            // After a power cut the last line may have its end but not its middle.
            Err(_) if number + 1 == whole.len() => {}
            Err(e) => return Err(bad(number + 1, &e)),
        }
    }
    if let Some(line) = zeroed {
        let note = format!(
            "{} holds zeros from line {line} on, as a power cut leaves them: what they cover is taken out",
            path.display()
        );
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    if kept != bytes && holed.is_empty() {
        write_whole(folder, T::FILE, &kept).context("repair")?;
    }
    Ok(holed)
}

/// Reads one line.
///
/// # Errors
/// What is wrong with it, beginning with the column where it is one cell. csv's own message would count lines
/// from this one.
fn parse<T: Table + DeserializeOwned>(line: &[u8], columns: &csv::StringRecord) -> Result<T, String> {
    // Inside a cell quotes are doubled. csv would take the end of the line for the one that is missing.
    if memchr::memchr_iter(b'"', line).count() % 2 == 1 {
        return Err("has a quote that is not closed".to_string());
    }
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line);
    let record = match reader.records().next() {
        None => return Err("is empty".to_string()),
        Some(Err(_)) => return Err("is no text in UTF-8".to_string()),
        Some(Ok(record)) => record,
    };
    if record.len() != columns.len() {
        return Err(format!("has {} cells in place of {}", record.len(), columns.len()));
    }
    record.deserialize(Some(columns)).map_err(|error| {
        let csv::ErrorKind::Deserialize { err, .. } = error.kind() else { return error.to_string() };
        let cause = err.kind().to_string();
        // A word that is none of its column's comes without the column's number, but the message quotes it.
        let quoted =
            || record.iter().position(|cell| cause.starts_with(&format!("unknown variant `{cell}`")));
        let place = err.field().map(|field| field as usize).or_else(quoted);
        match place.and_then(|place| Some((columns.get(place)?, record.get(place)?))) {
            Some((column, cell)) => format!("column {column} holds {cell:?}: {cause}"),
            None => cause,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The complaint about line 3 of 4 when this is done to it.
    fn complaint(damage: impl Fn(&mut Vec<&str>)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let header: Vec<&str> = AgentRow::COLUMNS.iter().map(|column| column.name).collect();
        let cell = |column: &&str| match *column {
            "status" => "ok",
            "phase" => "solo",
            "role" => "collector",
            "run_id" => "r",
            "server" => "s",
            "structured" => "true",
            _ => "1",
        };
        let good: Vec<&str> = header.iter().map(cell).collect();
        let mut bad = good.clone();
        damage(&mut bad);
        let text = [header, good.clone(), bad, good].map(|line| line.join(",") + "\n").concat();
        std::fs::write(folder.path().join(AgentRow::FILE), text).unwrap();
        let message = repair(folder.path(), &[]).unwrap_err().to_string();
        let (place, rest) = message.split_once(" line 3: ").unwrap_or_else(|| panic!("{message}"));
        assert!(place.ends_with(AgentRow::FILE), "{message}");
        assert_eq!(rest.matches("line").count(), 1, "the remedy only: {rest}");
        rest.trim_end_matches("; start a new run or remove the line").to_string()
    }

    /// A row of a made-up run: one cell for each column, with these in place of 1.
    fn row<T: Table>(trial: u32, attempt: u32, agent: u32) -> String {
        let cell = |name: &str| match name {
            "trial" => trial.to_string(),
            "attempt" => attempt.to_string(),
            "agent" => agent.to_string(),
            "status" => "ok".to_string(),
            "phase" => "solo".to_string(),
            "role" => "collector".to_string(),
            "stage" => "stream".to_string(),
            "structured" | "receive_stamps" => "true".to_string(),
            "workload" => "stream".to_string(),
            "client" => "hyper".to_string(),
            "server_kind" => "sim".to_string(),
            "capacity" => "independent".to_string(),
            "phase_order" => "solo-first".to_string(),
            "pin" => "none".to_string(),
            "delay_source" => "none".to_string(),
            "tokens_from" => "server".to_string(),
            "arrivals" => String::new(),
            _ => "1".to_string(),
        };
        T::COLUMNS.iter().map(|column| cell(column.name)).collect::<Vec<_>>().join(",") + "\n"
    }

    fn header<T: Table>() -> String {
        T::COLUMNS.iter().map(|column| column.name).collect::<Vec<_>>().join(",") + "\n"
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// A driver writes agents, requests, trial, over and over, and is cut off at any byte.
        #[test]
        fn whatever_the_moment_of_a_kill_committed_trials_stay_and_the_rest_is_gone(
            attempts in proptest::collection::vec((0u32..4, 1u32..4), 1..8),
            moment in 0.0f64..=1.0,
            torn_end in any::<bool>(),
        ) {
            let mut seen = HashSet::new();
            let attempts: Vec<(u32, u32)> = attempts.into_iter().filter(|attempt| seen.insert(*attempt)).collect();
            let writes: Vec<(usize, String)> = attempts.iter().flat_map(|&(trial, attempt)| {
                let agents: String = (0..2).map(|agent| row::<AgentRow>(trial, attempt, agent)).collect();
                let requests: String = (0..2).map(|agent| row::<RequestRow>(trial, attempt, agent)).collect();
                [(0, agents), (1, requests), (2, row::<TrialRow>(trial, attempt, 0))]
            }).collect();
            let bytes: usize = writes.iter().map(|(_, text)| text.len()).sum();
            let mut left = (bytes as f64 * moment) as usize;
            let mut files = [header::<AgentRow>(), header::<RequestRow>(), header::<TrialRow>()];
            for (file, text) in &writes {
                let taken = left.min(text.len());
                files[*file].push_str(&text[..taken]);
                left -= taken;
            }
            if torn_end {
                // A power cut may leave the length of a file without its bytes.
                files[2].push_str("\0\0\0\0");
            }
            let folder = tempfile::tempdir().unwrap();
            let names = [AgentRow::FILE, RequestRow::FILE, TrialRow::FILE];
            for (name, text) in names.iter().zip(&files) {
                std::fs::write(folder.path().join(name), text).unwrap();
            }
            let whole = files[2].lines().skip(1).filter(|line| attempts.iter().any(|&(t, a)| row::<TrialRow>(t, a, 0).trim_end() == *line)).count();
            // A line that is whole but for its line end was not committed either.
            let ended = files[2].matches('\n').count() - 1;
            let committed = &attempts[..whole.min(ended)];

            let done = repair(folder.path(), &[]).unwrap().done;
            prop_assert_eq!(&repair(folder.path(), &[]).unwrap(), &Repaired { done: done.clone(), notes: Vec::new() }, "twice is once");
            let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
            let wanted = |rows: &dyn Fn(u32, u32) -> String, header: String| {
                header + &committed.iter().map(|&(trial, attempt)| rows(trial, attempt)).collect::<String>()
            };
            prop_assert_eq!(read(TrialRow::FILE), wanted(&|t, a| row::<TrialRow>(t, a, 0), header::<TrialRow>()));
            let both = |t, a| row::<AgentRow>(t, a, 0) + &row::<AgentRow>(t, a, 1);
            prop_assert_eq!(read(AgentRow::FILE), wanted(&both, header::<AgentRow>()));
            let both = |t, a| row::<RequestRow>(t, a, 0) + &row::<RequestRow>(t, a, 1);
            prop_assert_eq!(read(RequestRow::FILE), wanted(&both, header::<RequestRow>()));
            for trial in 0..4 {
                let last = committed.iter().filter(|(t, _)| *t == trial).map(|(_, attempt)| *attempt).max();
                prop_assert_eq!(done.last_attempt(trial).map(|(attempt, _)| attempt), last);
            }
        }
    }

    /// Three trials of two batches each, of which the first so many are committed; zeros over these lines of micro.csv.
    /// Returns the trials that stay done.
    fn zeroed(committed: u32, lines: std::ops::Range<usize>) -> Vec<u32> {
        let folder = tempfile::tempdir().unwrap();
        let trials: String = (0..committed).map(|trial| row::<TrialRow>(trial, 1, 0)).collect();
        std::fs::write(folder.path().join(TrialRow::FILE), header::<TrialRow>() + &trials).unwrap();
        let batches = (0..6).map(|line| row::<MicroRow>(line / 2, 1, 0));
        let mut micro: Vec<String> = std::iter::once(header::<MicroRow>()).chain(batches).collect();
        micro[lines].iter_mut().for_each(|line| *line = "\0".repeat(line.len()));
        std::fs::write(folder.path().join(MicroRow::FILE), micro.concat()).unwrap();
        let repaired = repair(folder.path(), &[]).unwrap();
        assert!(repaired.notes[0].contains("micro.csv holds zeros from line "), "{:?}", repaired.notes);
        let again = repair(folder.path(), &[]).unwrap();
        assert_eq!((&again.done, again.notes.len()), (&repaired.done, 0), "twice is once");
        (0..3).filter(|trial| repaired.done.last_attempt(*trial).is_some()).collect()
    }

    #[test]
    fn zeros_cost_the_attempts_on_both_sides_but_not_those_before_what_was_never_committed() {
        assert_eq!(
            zeroed(3, 2..3),
            [2],
            "the second batch of the first trial, and the line with what follows it"
        );
        assert_eq!(zeroed(3, 0..1), [1, 2], "the start of the file");
        assert_eq!(zeroed(1, 3..4), [0], "the first batch of a trial that was running");
        assert_eq!(zeroed(2, 5..6), [0, 1]);
    }

    #[test]
    fn a_broken_line_is_named_once_with_its_column_and_cause() {
        let place = |name: &str| AgentRow::COLUMNS.iter().position(|column| column.name == name).unwrap();
        let (trial, status) = (place("trial"), place("status"));
        assert_eq!(
            complaint(|cells| cells[trial] = "x"),
            "column trial holds \"x\": invalid digit found in string"
        );
        let status = complaint(|cells| cells[status] = "fine");
        assert!(
            status.starts_with("column status holds \"fine\": unknown variant `fine`, expected"),
            "{status}"
        );
        let open = "has a quote that is not closed";
        assert_eq!(complaint(|cells| cells[AgentRow::COLUMNS.len() - 1] = "\"1"), open);
        let server = place("server");
        assert_eq!(complaint(|cells| cells[server] = "\"no, such"), open);
        let count = AgentRow::COLUMNS.len();
        assert_eq!(complaint(|cells| cells.truncate(2)), format!("has 2 cells in place of {count}"));
    }
}

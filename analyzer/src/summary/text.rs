//! The summary as an aligned table for people.

use super::{CellSummary, Summaries, Summary};
use crate::columns::{ExcludedRow, Location, Origin};
use crate::report::{aligned, escape, format};

const NUMBERS: [&str; 7] = ["n", "mean", "sd", "min", "median", "p95", "max"];

/// Excluded rows that are named; `--json` lists all of them.
const NAMED: usize = 5;

impl Summaries {
    /// One line per cell and group, then the excluded rows.
    pub fn text(&self) -> String {
        let mut titles: Vec<String> = self.selection.by.iter().map(|column| shown(column)).collect();
        titles.push(self.selection.group.as_deref().map_or_else(|| "value".to_owned(), shown));
        let names = titles.len();
        titles.extend(NUMBERS.map(str::to_owned));
        let mut rows = vec![titles];
        for cell in &self.cells {
            let digits = Digits::of(cell);
            for (group, summary) in &cell.groups {
                let names = cell.by.iter().chain([group]).map(|name| shown(name));
                rows.push(names.chain(numbers(summary, cell.origin, digits)).collect());
            }
        }
        format!("{}\n{}{}", shown(&self.selection.value), aligned(&rows, names), self.excluded_text())
    }

    fn excluded_text(&self) -> String {
        let mut excluded: Vec<&ExcludedRow> =
            self.cells.iter().flat_map(|cell| &cell.excluded).chain(&self.excluded).collect();
        if excluded.is_empty() {
            return String::new();
        }
        excluded.sort_unstable_by_key(|row| row.line);
        let rows = self.excluded.len() + self.cells.iter().map(|cell| cell.n_rows).sum::<usize>();
        let mut text = format!("\n{} of {} excluded:\n", excluded.len(), format::plural(rows, "row"));
        for row in excluded.iter().take(NAMED) {
            text += &format!("  line {}: {}\n", row.line, escape::name(&row.reason));
        }
        if excluded.len() > NAMED {
            text += &format!("  and {} more; all of them with --json\n", excluded.len() - NAMED);
        }
        text
    }
}

/// How the numbers of one cell are written, all of them alike so that they can be compared.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Digits {
    Decimals(usize),
    Exponent,
}

impl Digits {
    /// Three digits of the smallest sd; without one, as many as all values need, six of the largest at most. Exponents
    /// where that takes too much space, but not where they would hide all differences.
    fn of(cell: &CellSummary) -> Digits {
        const MOST_DECIMALS: i32 = 9;
        const MOST_DIGITS: i32 = 15;
        let spread = cell.groups.iter().filter_map(|(_, s)| s.sd).filter(|sd| *sd > 0.0).reduce(f64::min);
        let largest = cell.groups.iter().map(|(_, s)| s.min.abs().max(s.max.abs())).fold(0.0, f64::max);
        let decimals = match spread {
            Some(sd) => 2 - magnitude(sd),
            None if largest > 0.0 => needed(cell, 5 - magnitude(largest)),
            None => 0,
        };
        let fits = cell.origin.is_some()
            || decimals <= MOST_DECIMALS && (largest == 0.0 || magnitude(largest) < MOST_DIGITS);
        if fits { Digits::Decimals(decimals.max(0) as usize) } else { Digits::Exponent }
    }

    fn write(self, value: f64) -> String {
        match self {
            Digits::Decimals(decimals) => format::fixed(value, decimals),
            Digits::Exponent => format!("{value:.5e}"),
        }
    }

    /// A number on the scale of the column.
    fn locate(self, origin: Option<Origin>, above: f64) -> String {
        let all = |decimals| Location::new(origin, above).fixed(decimals);
        match self {
            Digits::Decimals(decimals) => all(decimals),
            Digits::Exponent => None,
        }
        .unwrap_or_else(|| self.write(above))
    }
}

/// Decimals behind which the values of groups without spread have only zeros, at most `most`.
fn needed(cell: &CellSummary, most: i32) -> i32 {
    let written = |value: f64, decimals: i32| format::fixed(value, decimals.max(0) as usize).parse::<f64>();
    let enough =
        |decimals: &i32| cell.groups.iter().all(|(_, s)| written(s.mean, *decimals) == written(s.mean, most));
    (0..most).find(enough).unwrap_or(most)
}

fn magnitude(value: f64) -> i32 {
    value.log10().floor() as i32
}

fn numbers(s: &Summary, origin: Option<Origin>, digits: Digits) -> Vec<String> {
    let sd = s.sd.map_or_else(|| format::NONE.to_owned(), |sd| digits.write(sd));
    let [mean, min, median, p95, max] =
        [s.mean, s.min, s.median, s.p95, s.max].map(|above| digits.locate(origin, above));
    vec![s.n.to_string(), mean, sd, min, median, p95, max]
}

fn shown(name: &str) -> String {
    if name.trim().is_empty() { "(blank)".to_owned() } else { escape::name(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(values: &mut [f64]) -> CellSummary {
        let summary = super::super::summary(values).unwrap().unwrap();
        CellSummary {
            by: Vec::new(),
            origin: None,
            groups: vec![("a".to_owned(), summary)],
            n_rows: 0,
            excluded: Vec::new(),
        }
    }

    #[test]
    fn decimals_follow_the_spread() {
        assert_eq!(Digits::of(&cell(&mut [99.98, 99.99])), Digits::Decimals(5));
        assert_eq!(Digits::of(&cell(&mut [17e6, 18e6])), Digits::Decimals(0));
        assert_eq!(Digits::of(&cell(&mut [2.5, 2.5])), Digits::Decimals(1));
        assert_eq!(Digits::of(&cell(&mut [1.0 / 3.0])), Digits::Decimals(6));
        assert_eq!(Digits::of(&cell(&mut [-3e7])), Digits::Decimals(0));
        assert_eq!(Digits::of(&cell(&mut [0.0])), Digits::Decimals(0));
        assert_eq!(Digits::of(&cell(&mut [1e-9, 2e-9])), Digits::Exponent);
        assert_eq!(Digits::of(&cell(&mut [1e30, 2e30])), Digits::Exponent);
        assert_eq!(Digits::Decimals(2).write(-0.001), "0.00");
        assert_eq!(Digits::Exponent.write(1234.5), "1.23450e3");
    }
}

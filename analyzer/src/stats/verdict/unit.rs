//! How a difference is written: its unit and its digits.

/// Digits after the point are never more than this.
const MOST_DECIMALS: usize = 12;

/// How differences of a metric are shown.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Written after a number, with its leading space: `" pp"`.
    pub suffix: String,
    /// Digits after the point, where that many suffice to tell the numbers of a sentence apart.
    pub decimals: usize,
    /// From the unit of the data to the unit shown; increasing, and 0 at 0.
    pub shown: fn(f64) -> f64,
}

impl Unit {
    /// Differences of fractions in percentage points.
    pub fn percentage_points() -> Self {
        Self { suffix: " pp".into(), decimals: 2, shown: |d| 100.0 * d }
    }

    /// Differences of natural logarithms as the percentage that they stand for: .05 is +5.13 %.
    pub fn log_as_percent() -> Self {
        Self { suffix: " %".into(), decimals: 1, shown: |d| 100.0 * d.exp_m1() }
    }

    /// Differences in the data's own unit, of which `suffix` is the name (empty where unknown).
    pub fn plain(suffix: &str) -> Self {
        let suffix = if suffix.is_empty() { String::new() } else { format!(" {suffix}") };
        Self { suffix, decimals: 3, shown: |d| d }
    }

    /// The margin in words: `± 0.50 pp`, or both bounds where the scale shown is not symmetric.
    pub fn margin(&self, margin: f64) -> String {
        let (lo, hi) = ((self.shown)(-margin), (self.shown)(margin));
        let written = self.numbers(&[lo, hi], &[]);
        if lo == -hi {
            format!("± {}{}", written[1], self.suffix)
        } else {
            format!("({}{s}, +{}{s})", written[0], written[1], s = self.suffix)
        }
    }

    /// The numbers of one sentence, already in the unit shown, all with equally many decimals: as many as it takes
    /// that none but 0 reads as 0 and none reads as a landmark (a margin) that it differs from.
    pub(super) fn numbers(&self, values: &[f64], landmarks: &[f64]) -> Vec<String> {
        let write = |value: f64, decimals: usize| {
            let written = format!("{value:.decimals$}");
            // Not "-0.00".
            let zero = written.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
            if zero { written.trim_start_matches('-').to_owned() } else { written }
        };
        let misleads = |decimals: usize| {
            values.iter().any(|value| {
                std::iter::once(&0.0)
                    .chain(landmarks)
                    .any(|mark| value != mark && write(*value, decimals) == write(*mark, decimals))
            })
        };
        let enough = (self.decimals..MOST_DECIMALS).find(|&decimals| !misleads(decimals));
        values.iter().map(|value| write(*value, enough.unwrap_or(self.decimals))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_margin_is_symmetric_where_its_scale_is() {
        assert_eq!(Unit::percentage_points().margin(0.005), "± 0.50 pp");
        assert_eq!(Unit::log_as_percent().margin(0.05), "(-4.9 %, +5.1 %)");
        assert_eq!(Unit::plain("").margin(0.5), "± 0.500");
        assert_eq!(Unit::plain("ms").margin(2.0), "± 2.000 ms");
    }

    #[test]
    fn digits_are_added_until_no_number_misleads() {
        let unit = Unit::percentage_points();
        assert_eq!(unit.numbers(&[0.003, 1.2], &[]), ["0.003", "1.200"], "0.003 is not 0");
        assert_eq!(unit.numbers(&[0.498, 1.2], &[0.5]), ["0.498", "1.200"], "0.498 is not the margin");
        assert_eq!(unit.numbers(&[0.0, -0.0, 0.5], &[0.5]), ["0.00", "0.00", "0.50"]);
        assert_eq!(unit.numbers(&[1e-30], &[]), ["0.00"], "there is an end to it");
    }
}

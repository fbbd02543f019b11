//! Numbers as text: enough decimals to tell two values apart, never more than they deserve, never NaN.

use crate::stats::Interval;

/// What stands where a number does not exist.
pub const NONE: &str = "–";

/// Below this n there is no 95 % interval of a median or a pseudo-median.
pub const LEAST_N: usize = 6;

/// What stands where n does not support an interval.
fn no_interval(needs: usize) -> String {
    format!("[needs >= {needs}]")
}

/// A value with `decimals` digits; no negative zero.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = format!("{value:.decimals$}");
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero { text.trim_start_matches('-').to_owned() } else { text }
}

/// The same with a sign in front of positive values.
pub fn signed(value: f64, decimals: usize) -> String {
    let text = fixed(value, decimals);
    let positive = value.is_finite() && value > 0.0 && text.chars().any(|c| ('1'..='9').contains(&c));
    if positive { format!("+{text}") } else { text }
}

/// Three significant digits without an exponent.
pub fn significant(value: f64) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let magnitude = if value == 0.0 { 0 } else { value.abs().log10().floor() as i32 };
    fixed(value, (2 - magnitude).clamp(0, 6) as usize)
}

/// Decimals that show a quantity whose typical spread is `spread`: two digits of the spread, from 2 to 4.
pub fn decimals_for(spread: f64) -> usize {
    if !(spread.is_finite() && spread > 0.0) {
        return 2;
    }
    (1 - spread.log10().floor() as i32).clamp(2, 4) as usize
}

/// A fraction in percent: 0.9998 is `99.98`.
pub fn percent(fraction: f64) -> String {
    fixed(fraction * 100.0, 2)
}

/// A margin or threshold in percent without trailing zeros: 0.005 is `0.5`.
pub fn trimmed(value: f64) -> String {
    let text = fixed(value, 4);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Nanoseconds in microseconds, three significant digits.
pub fn micros(ns: f64) -> String {
    significant(ns / 1e3)
}

/// Small counts as words, as in running text.
pub fn count(n: usize) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// `1 trial`, `2 trials`.
pub fn plural(n: usize, thing: &str) -> String {
    format!("{n} {thing}{}", if n == 1 { "" } else { "s" })
}

/// `a`, `a and b`, `a, b and c`.
pub fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} and {last}", init.join(", ")),
    }
}

/// An interval with the decimals of its neighbours: `[-0.10, 0.25]`.
pub fn interval(ci: Interval, factor: f64, decimals: usize) -> String {
    format!("[{}, {}]", fixed(ci.lo * factor, decimals), fixed(ci.hi * factor, decimals))
}

/// A fraction with its interval in percent: `99.98 [99.95, 99.99]`.
pub fn percent_with(value: f64, ci: Option<Interval>) -> String {
    let decimals = ci.map_or(2, |ci| decimals_for(ci.half_width() * 100.0));
    let value = fixed(value * 100.0, decimals);
    ci.map_or_else(
        || format!("{value} {}", no_interval(LEAST_N)),
        |ci| format!("{value} {}", interval(ci, 100.0, decimals)),
    )
}

/// At least `decimals`, and more where a bound beside 0 would read as 0: on which side of 0 an interval ends decides
/// its verdict.
fn telling_zero(ci: Interval, factor: f64, decimals: usize) -> usize {
    const MOST: usize = 6;
    let reads_as_zero = |bound: f64, decimals: usize| {
        bound != 0.0 && fixed(bound * factor, decimals).bytes().all(|byte| matches!(byte, b'0' | b'.'))
    };
    (decimals..MOST).find(|&d| !reads_as_zero(ci.lo, d) && !reads_as_zero(ci.hi, d)).unwrap_or(MOST)
}

/// A difference of fractions with its interval in percentage points: `+0.02 [-0.10, 0.14]`; `needs` is the least n
/// at which the interval exists.
pub fn difference_pp(value: Option<f64>, ci: Option<Interval>, needs: usize) -> String {
    let Some(value) = value else { return NONE.to_owned() };
    let decimals = ci.map_or(2, |ci| telling_zero(ci, 100.0, decimals_for(ci.half_width() * 100.0)));
    let value = signed(value * 100.0, decimals);
    ci.map_or_else(
        || format!("{value} {}", no_interval(needs)),
        |ci| format!("{value} {}", interval(ci, 100.0, decimals)),
    )
}

/// A value with its interval, three significant digits, divided by `unit`.
pub fn significant_with(value: f64, ci: Option<Interval>, unit: f64) -> String {
    let shown = significant(value / unit);
    match ci {
        Some(ci) => format!("{shown} [{}, {}]", significant(ci.lo / unit), significant(ci.hi / unit)),
        None => format!("{shown} {}", no_interval(LEAST_N)),
    }
}

/// A p value with two significant digits; tiny ones as a bound.
pub fn p_value(p: f64) -> String {
    if p < 1e-4 {
        return "< 0.0001".to_owned();
    }
    let magnitude = p.log10().floor() as i32;
    fixed(p, (1 - magnitude).clamp(2, 5) as usize)
}

/// A level of confidence in percent, at most two decimals: 0.99375 is `99.38`.
pub fn level(fraction: f64) -> String {
    trimmed((fraction * 10_000.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_beside_zero_never_reads_as_zero() {
        let shown = |lo: f64, hi: f64| difference_pp(Some(0.0002), Some(Interval { lo, hi }), 8);
        assert_eq!(shown(-0.0001, 0.0023), "+0.02 [-0.01, 0.23]");
        assert_eq!(shown(0.000_004, 0.0023), "+0.0200 [0.0004, 0.2300]");
        assert_eq!(shown(0.0, 0.0023), "+0.02 [0.00, 0.23]", "exactly 0 may be shown as 0");
    }
}

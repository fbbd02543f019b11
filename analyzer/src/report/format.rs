//! Numbers as text: enough decimals to tell two values apart, never more than they deserve, never NaN.

/// What stands where a number does not exist.
pub const NONE: &str = "–";

/// A value with `decimals` digits; no negative zero, a real minus sign.
pub fn fixed(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = format!("{value:.decimals$}");
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    let text = text.trim_start_matches(if is_zero { "-" } else { "" });
    text.replace('-', "−")
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

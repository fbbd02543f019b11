//! One cell as a number.

use super::exact;

/// Squares and sums of larger values would leave the range of f64.
const LARGEST_MAGNITUDE: f64 = 1e100;

/// Longest quotation of a cell, in characters.
const LONGEST: usize = 40;

/// A number as it is kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Number {
    /// The nearest f64.
    pub(super) value: f64,
    /// What that lacks, see [`exact::lost`].
    pub(super) rest: Option<f64>,
}

/// The number in a cell, blanks around it trimmed; the reason why there is none, to stand behind the column's name.
pub(super) fn parse(cell: &[u8]) -> Result<Number, String> {
    if let Some(value) = short_decimal(cell) {
        return Ok(Number { value, rest: None });
    }
    let text = std::str::from_utf8(cell).map(str::trim).map_err(|_| not_a_number(cell))?;
    let value: f64 = text.parse().map_err(|_| match text {
        "" => "is blank".to_owned(),
        _ => not_a_number(cell),
    })?;
    if value.abs() <= LARGEST_MAGNITUDE {
        return Ok(Number { value: value + 0.0, rest: exact::lost(text, value) }); // no negative zero
    }
    Err(match value {
        _ if value.is_nan() => "is NaN".to_owned(),
        // Digits that overflow parse as infinite, too.
        _ if value.is_infinite() && !text.contains(|c: char| c.is_ascii_digit()) => "is infinite".to_owned(),
        _ => format!("is over 1e100 in magnitude: {}", quoted(cell)),
    })
}

/// Digits with or without a point, which nearly all cells are, when both digits and power of ten are exact as f64: one
/// division rounds once, as the right result does (Clinger 1990).
fn short_decimal(cell: &[u8]) -> Option<f64> {
    const LONGEST_EXACT: usize = 15;
    const POWERS: [f64; LONGEST_EXACT + 1] =
        [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
    let mut digits = 0u64;
    let mut point = None;
    for (at, &byte) in cell.iter().enumerate() {
        match byte {
            b'0'..=b'9' => digits = digits * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(at),
            _ => return None,
        }
        if at > LONGEST_EXACT {
            return None;
        }
    }
    let decimals = point.map_or(0, |at| cell.len() - 1 - at);
    let count = cell.len() - usize::from(point.is_some());
    (1..=LONGEST_EXACT).contains(&count).then(|| digits as f64 / POWERS[decimals])
}

fn not_a_number(cell: &[u8]) -> String {
    format!("is not a number: {}", quoted(cell))
}

/// At most [`LONGEST`] characters of a cell, in quotes, with escapes.
fn quoted(cell: &[u8]) -> String {
    // A character has at most four bytes: no need to look at a long cell to its end.
    let text = String::from_utf8_lossy(&cell[..cell.len().min(4 * LONGEST + 4)]);
    if text.chars().nth(LONGEST).is_none() {
        return format!("{text:?}");
    }
    let cut: String = text.chars().take(LONGEST - 1).chain(['…']).collect();
    format!("{cut:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_same_number_as_the_standard_library_reads(text in "-?[0-9]{0,18}[.]?[0-9]{0,18}(e-?[0-9]{1,2})?") {
            let expected = text.parse::<f64>().ok().filter(|value| value.abs() <= LARGEST_MAGNITUDE);
            prop_assert_eq!(parse(text.as_bytes()).ok().map(|number| number.value.to_bits()), expected.map(|v| (v + 0.0).to_bits()));
        }
    }

    #[test]
    fn numbers_in_the_usual_spellings() {
        for (text, value) in
            [("1", 1.0), (" 2.50\t", 2.5), ("-3e2", -300.0), ("+.5", 0.5), ("7.", 7.0), ("1e100", 1e100)]
        {
            assert_eq!(parse(text.as_bytes()), Ok(Number { value, rest: None }));
        }
        assert!(parse(b"-0").unwrap().value.is_sign_positive());
        assert_eq!(parse(b"1700000000000000097").unwrap().rest, Some(97.0));
    }

    #[test]
    fn what_is_no_number_says_why() {
        let reason = |cell: &[u8]| parse(cell).unwrap_err();
        assert_eq!(reason(b""), "is blank");
        assert_eq!(reason(b" \t"), "is blank");
        assert_eq!(reason(b"NaN"), "is NaN");
        assert_eq!(reason(b"-inf"), "is infinite");
        assert_eq!(reason(b"Infinity"), "is infinite");
        assert_eq!(reason(b"1e999"), "is over 1e100 in magnitude: \"1e999\"");
        assert_eq!(reason(b"-1.1e100"), "is over 1e100 in magnitude: \"-1.1e100\"");
        assert_eq!(reason(b"1,5"), "is not a number: \"1,5\"");
        assert_eq!(reason(b"a\"b\n\x1b"), "is not a number: \"a\\\"b\\n\\u{1b}\"");
        assert_eq!(reason(b"\xff1"), "is not a number: \"\u{fffd}1\"");
    }

    #[test]
    fn a_long_cell_is_cut() {
        assert_eq!(parse(&[b'x'; 40]).unwrap_err(), format!("is not a number: \"{}\"", "x".repeat(40)));
        let cut = format!("is not a number: \"{}…\"", "x".repeat(39));
        assert_eq!(parse(&[b'x'; 41]).unwrap_err(), cut);
        assert_eq!(parse(&[b'x'; 1_000_000]).unwrap_err(), cut);
        assert_eq!(parse("é".repeat(99).as_bytes()).unwrap_err(), cut.replace('x', "é"));
    }
}

//! What f64 loses of a number with many digits.

/// Powers of ten that f64 keeps exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Digits of a number that make an integer of 64 bits.
const HEAD: u32 = 19;

/// Digits behind these that are looked at: together twice as many as f64 keeps.
const TAIL: u32 = 15;

/// Decimal digits that f64 keeps whatever they are.
const KEPT_DIGITS: u32 = 15;

/// Digits that tell any two f64 apart: a number with no more of them may well be one.
const DIGITS_OF_F64: u32 = 17;

/// What `value`, read from `text`, lacks of the number: see [`rest`]. Nothing for a number of so few digits that f64 keeps
/// them; NaN where it is not known.
pub(super) fn lost(text: &str, value: f64) -> Option<f64> {
    let decimal = Decimal::read(text);
    if decimal.significant <= KEPT_DIGITS {
        return None;
    }
    let rest = decimal.minus(value);
    Some(if rest.is_nan() && decimal.significant <= DIGITS_OF_F64 { 0.0 } else { rest })
}

/// The number that `text` writes minus `value`, its nearest f64, to 15 digits of its own; NaN when the number has more
/// than 44 decimals or over 34 digits before the point.
pub(super) fn rest(text: &str, value: f64) -> f64 {
    Decimal::read(text).minus(value)
}

/// A number without its sign: `(head 10^tail_digits + tail) 10^exponent`.
struct Decimal {
    head: u64,
    tail: u64,
    tail_digits: u32,
    exponent: i64,
    /// Digits from the first that is not 0, as far as they are looked at.
    significant: u32,
}

impl Decimal {
    fn read(text: &str) -> Decimal {
        let mut read = Decimal { head: 0, tail: 0, tail_digits: 0, exponent: 0, significant: 0 };
        let mut behind_point = 0;
        for (at, byte) in text.bytes().enumerate() {
            let digit = u64::from(byte.wrapping_sub(b'0'));
            match byte {
                b'0'..=b'9' if read.significant < HEAD => {
                    read.head = read.head * 10 + digit;
                    read.significant += u32::from(read.head > 0);
                    read.exponent -= behind_point;
                }
                b'0'..=b'9' if read.significant < HEAD + TAIL => {
                    read.tail = read.tail * 10 + digit;
                    read.tail_digits += 1;
                    read.significant += 1;
                    read.exponent -= behind_point;
                }
                // Beyond these digits those before the point still move it.
                b'0'..=b'9' => read.exponent += 1 - behind_point,
                b'.' => behind_point = 1,
                b'e' | b'E' => {
                    read.exponent += text[at + 1..].parse::<i32>().map_or(i64::from(i32::MAX), i64::from);
                    break;
                }
                _ => {}
            }
        }
        read
    }

    /// With m the digits as an integer and d the decimals the difference is (m - value 10^d) / 10^d. The product is taken
    /// as an exact sum of f64 by fused multiply-add, in two steps because f64 keeps no power of ten above 22, and m is
    /// close to its largest part, so that the difference is exact (Sterbenz 1974).
    fn minus(&self, value: f64) -> f64 {
        let Some((nearest, less)) = self.integer() else { return f64::NAN };
        let decimals = self.exponent.min(0).unsigned_abs() as usize;
        let first = decimals.min(POWERS.len() - 1);
        let Some(&second) = POWERS.get(decimals - first) else { return f64::NAN };
        let (high, low) = product(value.abs(), POWERS[first]);
        let (highest, middle) = if second > 1.0 { product(high, second) } else { (high, 0.0) };
        let left = (nearest - highest) - middle - low * second + less;
        let rest = left / POWERS[first] / second;
        if value.is_sign_negative() { -rest } else { rest }
    }

    /// The digits as an integer, with the zeros that a positive exponent adds: its nearest f64, and what that lacks.
    fn integer(&self) -> Option<(f64, f64)> {
        if self.tail_digits == 0 && self.exponent <= 0 {
            let nearest = self.head as f64;
            return Some((nearest, self.head.wrapping_sub(nearest as u64) as i64 as f64));
        }
        let zeros = u32::try_from(self.exponent.max(0)).ok()?;
        if self.significant > 0 && self.significant.saturating_add(zeros) > HEAD + TAIL {
            return None;
        }
        let digits = i128::from(self.head) * 10i128.pow(self.tail_digits) + i128::from(self.tail);
        let digits = if digits == 0 { 0 } else { digits * 10i128.pow(zeros) };
        let nearest = digits as f64;
        Some((nearest, (digits - nearest as i128) as f64))
    }
}

/// A product as the sum of its nearest f64 and what that lacks.
fn product(a: f64, b: f64) -> (f64, f64) {
    let nearest = a * b;
    (nearest, a.mul_add(b, -nearest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rest_of(text: &str) -> f64 {
        rest(text, text.parse().unwrap())
    }

    #[test]
    fn the_rest_is_what_is_missing() {
        assert_eq!(rest_of("1700000000000000097"), 97.0);
        assert_eq!(rest_of("-1700000000000000097"), -97.0);
        assert_eq!(rest_of("1.700000000000000097e18"), 97.0);
        assert_eq!(rest_of("1700000000000000097.000"), 97.0);
        assert_eq!(rest_of("9007199254740993"), 1.0);
        assert_eq!(rest_of("9007199254740992"), 0.0);
        assert_eq!(rest_of("1700000000.000000097"), 9.7e-8);
        assert_eq!(rest_of("0.5000000000000000"), 0.0);
        assert_eq!(
            rest_of("1234567890123456789012345678901234"),
            rest_of("+1234567890123456789012345678901234.0")
        );
        assert_eq!(rest_of("0"), 0.0);
        // Both are nearest to the same f64, so their rests differ by what the texts differ.
        let apart = rest_of("1.0000000000000000012e-16") - rest_of("1e-16");
        assert!((apart / 1.2e-34 - 1.0).abs() < 1e-9, "{apart:e}");
    }

    #[test]
    fn what_is_too_long_is_not_known() {
        for text in ["1234567890123456e-45", "1.5e40", "12345678901234567890123456789012345", "1e-9999999999"]
        {
            assert!(rest_of(text).is_nan(), "{text}");
        }
    }

    #[test]
    fn nothing_is_lost_of_15_digits() {
        let lost = |text: &str| lost(text, text.parse().unwrap());
        for text in ["123456789012345", "0.000123456789012345", "1e300", "-12.5", "0.0000000000000000000"] {
            assert_eq!(lost(text), None, "{text}");
        }
        assert_eq!(lost("-1700000000000000097"), Some(-97.0));
        assert_eq!(lost("1.234567890123456e50"), Some(0.0), "as f64 is written");
        assert!(lost("1.23456789012345678e50").is_some_and(f64::is_nan));
    }

    proptest! {
        /// Integers and their tenths: i128 tells the truth.
        #[test]
        fn the_rest_of_an_integer_is_exact(number in -(1i128 << 90)..(1i128 << 90)) {
            let value = number as f64;
            let missing = (number - value as i128) as f64;
            prop_assert_eq!(rest_of(&number.to_string()), missing);
            prop_assert_eq!(rest_of(&format!("{number}.0")), missing);
        }

        /// A sum of a short number and a small one that begins where f64 ends.
        #[test]
        fn the_rest_of_decimals_is_exact(whole in 1i64..1 << 40, small in 1u64..1_000_000) {
            let text = format!("{whole}.0000000000{small:06}");
            let found = (text.parse::<f64>().unwrap() - whole as f64) + rest_of(&text);
            let expected = small as f64 * 1e-16;
            prop_assert!((found - expected).abs() <= 1e-14 * expected, "{} {}", found, expected);
        }
    }
}

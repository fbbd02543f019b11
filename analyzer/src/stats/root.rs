//! The root of a monotone function in a bracket.

/// Accuracy in the value of the function; the distributions are smooth to about 1e-11.
const CLOSE: f64 = 1e-10;

/// Regula falsi with the step of Anderson and Björck (1973): an x between `a` and `b` with `|f(x)| <= 1e-10`, or the
/// last one that f64 tells from its neighbours. f must have different signs at both ends; an infinite value is bisected.
pub(super) fn between(a: f64, b: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut a, mut b) = ((a, f(a)), (b, f(b)));
    loop {
        let secant = b.0 - b.1 * ((b.0 - a.0) / (b.1 - a.1));
        let inside = a.0.min(b.0) < secant && secant < a.0.max(b.0);
        let x = if inside { secant } else { a.0.midpoint(b.0) };
        if x == a.0 || x == b.0 {
            return x;
        }
        let y = f(x);
        if y.abs() <= CLOSE {
            return x;
        }
        if (y > 0.0) == (b.1 > 0.0) {
            let kept = 1.0 - y / b.1;
            a.1 *= if kept > 0.0 { kept } else { 0.5 };
        } else {
            a = b;
        }
        b = (x, y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_found_in_few_steps_from_either_end() {
        let calls = std::cell::Cell::new(0);
        let f = |x: f64| {
            calls.set(calls.get() + 1);
            x.ln() - 1.0
        };
        assert!((between(1.0, 9.0, f) - std::f64::consts::E).abs() < 1e-9);
        assert!((between(9.0, 1.0, f) - std::f64::consts::E).abs() < 1e-9);
        assert!(calls.get() < 30, "{} calls", calls.get());
    }

    #[test]
    fn an_infinite_end_and_a_jump_are_bisected() {
        assert!((between(0.0, 2.0, f64::ln) - 1.0).abs() < 1e-9);
        assert!((between(-1.0, 2.0, |x| if x < 0.5 { -1.0 } else { f64::INFINITY }) - 0.5).abs() < 1e-15);
    }
}

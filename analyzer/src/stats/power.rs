//! What a number of blocks can see, and how many more it would take.

use super::{Interval, Result, check, noncentral_t, root, student};

/// No plan asks for more blocks than this; a search that passes it has no useful answer.
const MOST_BLOCKS: usize = 10_000_000;

/// Squares of a larger t, or of its noncentrality, would leave the range of f64.
const MOST_CRITICAL: f64 = 1e90;

/// Smallest difference that would have put 0 outside the interval: its half-width, unit of the data.
/// What this run could see, attained; it says nothing of how often.
pub fn smallest_visible_difference(ci: Interval) -> f64 {
    ci.half_width()
}

/// Minimum detectable effect of a two-sided paired t test: the true difference that `n` blocks with standard deviation
/// `sd_diff` of the differences detect at significance `alpha` with probability `power`. Unit of `sd_diff`.
///
/// `delta sd / sqrt n`, delta the noncentrality at which `P(|T| > t(1 - alpha/2; n - 1)) = power` (Cohen 1988, section 2.5;
/// exact for normal differences); 0 when `power` is no more than `alpha`. `None` below two blocks, and for an alpha so
/// small that its t leaves the range of f64.
pub fn minimum_detectable_effect(n: usize, sd_diff: f64, alpha: f64, power: f64) -> Result<Option<f64>> {
    check::not_negative("standard deviation", sd_diff)?;
    check::fraction("alpha", alpha)?;
    check::fraction("power", power)?;
    if n < 2 {
        return Ok(None);
    }
    let df = (n - 1) as f64;
    let critical = student::upper_quantile(alpha / 2.0, df);
    Ok((critical <= MOST_CRITICAL).then(|| detectable(critical, df, power) * sd_diff / (n as f64).sqrt()))
}

/// The noncentrality at which |T| exceeds `critical` with probability `power`.
fn detectable(critical: f64, df: f64, power: f64) -> f64 {
    // By the chance of missing it, which keeps its digits for a power near 1.
    let missed = |delta: f64| {
        (noncentral_t::lower(critical, df, delta) - noncentral_t::lower(-critical, df, delta)) / (1.0 - power)
    };
    if missed(0.0) <= 1.0 {
        return 0.0;
    }
    let mut enough = 2.0 * critical.max(1.0);
    while missed(enough) > 1.0 {
        enough *= 2.0;
    }
    root::between(0.0, enough, |delta| missed(delta).ln())
}

/// Smallest number of blocks whose [`minimum_detectable_effect`] is at most `effect`; `None` when the effect is 0 or
/// ten million blocks do not suffice.
pub fn blocks_to_detect(effect: f64, sd_diff: f64, alpha: f64, power: f64) -> Result<Option<usize>> {
    check::not_negative("effect", effect)?;
    let suffice =
        |n| Ok(minimum_detectable_effect(n, sd_diff, alpha, power)?.is_some_and(|least| least <= effect));
    if effect == 0.0 || !suffice(MOST_BLOCKS)? {
        return Ok(None);
    }
    let (mut too_few, mut enough) = (1, MOST_BLOCKS);
    while enough - too_few > 1 {
        let middle = too_few.midpoint(enough);
        if suffice(middle)? { enough = middle } else { too_few = middle }
    }
    Ok(Some(enough))
}

/// Further blocks after which the interval that decides on equivalence would fit into the margin, if the estimate stayed and the half-width
/// shrank as 1 / sqrt n: `N = ceil(n (h / (m - |d|))^2) - n`, h its half-width, at least 1. `None` when |d| >= m: no number of
/// blocks shows an estimate at or beyond the margin to be inside it.
pub fn more_blocks(n: usize, estimate: f64, ci: Interval, margin: f64) -> Option<u64> {
    let room = margin - estimate.abs();
    if room.is_nan() || room <= 0.0 {
        return None;
    }
    // A lopsided interval may cross the margin although its half-width fits: then one more is the least to ask for.
    // 1e-9: a total that is a whole number but for rounding counts as whole.
    let total = (n as f64 * (ci.half_width() / room).powi(2) * (1.0 - 1e-9)).ceil();
    Some((total as u64).saturating_sub(n as u64).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_blocks_follow_the_formula() {
        let ci = Interval { lo: -0.4, hi: 0.8 };
        // 12 (0.6 / 0.3)^2 = 48.
        assert_eq!(more_blocks(12, 0.2, ci, 0.5), Some(36));
        assert_eq!(more_blocks(12, -0.2, ci, 0.5), Some(36));
        assert_eq!(more_blocks(12, 0.5, ci, 0.5), None, "at the margin");
        assert_eq!(more_blocks(12, 0.7, ci, 0.5), None, "beyond the margin");
    }

    #[test]
    fn a_lopsided_interval_never_asks_for_fewer_than_one_block() {
        assert_eq!(more_blocks(12, 0.1, Interval { lo: 0.0, hi: 0.52 }, 0.5), Some(1));
    }

    #[test]
    fn an_estimate_a_hair_inside_the_margin_does_not_overflow() {
        let hair = 0.5 - f64::EPSILON;
        assert!(more_blocks(12, hair, Interval { lo: -1e90, hi: 1e90 }, 0.5).unwrap() > 1_000_000_000);
    }

    #[test]
    fn the_blocks_that_detect_an_effect_are_the_fewest() {
        let n = blocks_to_detect(0.3, 1.0, 0.05, 0.8).unwrap().unwrap();
        assert!(minimum_detectable_effect(n, 1.0, 0.05, 0.8).unwrap().unwrap() <= 0.3);
        assert!(minimum_detectable_effect(n - 1, 1.0, 0.05, 0.8).unwrap().unwrap() > 0.3);
        assert_eq!(blocks_to_detect(0.0, 1.0, 0.05, 0.8).unwrap(), None);
        assert_eq!(blocks_to_detect(1.0, 0.0, 0.05, 0.8).unwrap(), Some(2));
        assert_eq!(
            minimum_detectable_effect(20, 1.0, 0.05, 0.04).unwrap(),
            Some(0.0),
            "chance alone has more power"
        );
        assert_eq!(minimum_detectable_effect(1, 1.0, 0.05, 0.8).unwrap(), None);
        assert!(minimum_detectable_effect(9, f64::NAN, 0.05, 0.8).is_err());
    }
}

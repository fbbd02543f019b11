//! Shapes of noise with known location.

use super::draws::Draws;

/// Efficiency that looks like that of a good client: 100 U^(1/19) %, at most 100, mean 95, a long tail downwards.
const BOUNDED_POWER: f64 = 19.0;

/// One trial in ten is a bad moment of the machine, ten times noisier.
const BAD_SHARE: f64 = 0.1;
const BAD_FACTOR: f64 = 10.0;

/// Distribution of noise, scaled to mean 0 and standard deviation 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Standard normal.
    Normal,
    /// U^(1/19), U uniform: bounded above, skewness -1.72.
    Bounded,
    /// Difference of two independent [`Shape::Bounded`], as of two arms within a block: symmetric.
    BoundedPair,
    /// Normal, but one value in ten has ten times the standard deviation: symmetric, kurtosis 25.
    HeavyTailed,
}

impl Shape {
    /// A value.
    pub fn draw(self, draws: &mut Draws) -> f64 {
        match self {
            Shape::Normal => draws.normal(),
            Shape::Bounded => bounded(draws.uniform().powf(1.0 / BOUNDED_POWER)),
            Shape::BoundedPair => {
                (Shape::Bounded.draw(draws) - Shape::Bounded.draw(draws)) * std::f64::consts::FRAC_1_SQRT_2
            }
            Shape::HeavyTailed => {
                let factor = if draws.uniform() < BAD_SHARE { BAD_FACTOR } else { 1.0 };
                let variance = 1.0 - BAD_SHARE + BAD_SHARE * BAD_FACTOR * BAD_FACTOR;
                factor * draws.normal() / variance.sqrt()
            }
        }
    }

    /// Its mean.
    pub fn mean(self) -> f64 {
        0.0
    }

    /// Its median.
    pub fn median(self) -> f64 {
        match self {
            Shape::Bounded => bounded(0.5f64.powf(1.0 / BOUNDED_POWER)),
            Shape::Normal | Shape::BoundedPair | Shape::HeavyTailed => 0.0,
        }
    }

    /// Its pseudo-median, the median of the mean of two independent values: what the Hodges-Lehmann estimate estimates.
    pub fn pseudo_median(self) -> f64 {
        match self {
            // The root of P((U1^(1/19) + U2^(1/19)) / 2 <= m) = 1/2, by quadrature in scipy 1.17.
            Shape::Bounded => bounded(0.957_108_327_986_229_8),
            Shape::Normal | Shape::BoundedPair | Shape::HeavyTailed => 0.0,
        }
    }

    /// The median of the difference of two values, the second of standard deviation `sd_b` and the first of `sd_a`. Known for
    /// the spreads that are simulated: 1 and 1, 2 and .5, .5 and 2.
    pub fn shift(self, sd_a: f64, sd_b: f64) -> f64 {
        match self {
            // The root of P(.5 B' - 2 B <= m) = 1/2, by quadrature in scipy 1.17.
            Shape::Bounded if sd_a > sd_b => -0.546_646_598_472_1,
            Shape::Bounded if sd_a < sd_b => 0.546_646_598_472_1,
            Shape::Normal | Shape::Bounded | Shape::BoundedPair | Shape::HeavyTailed => 0.0,
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Shape::Normal => "normal",
            Shape::Bounded => "bounded, skewed",
            Shape::BoundedPair => "difference of two bounded, skewed",
            Shape::HeavyTailed => "heavy-tailed",
        }
    }
}

/// U^(1/k) less its mean k / (k + 1), over its standard deviation.
fn bounded(value: f64) -> f64 {
    let k = BOUNDED_POWER;
    let mean = k / (k + 1.0);
    (value - mean) / (k / (k + 2.0) - mean * mean).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Shape; 4] = [Shape::Normal, Shape::Bounded, Shape::BoundedPair, Shape::HeavyTailed];
    const N: usize = 200_000;

    fn sample(shape: Shape) -> Vec<f64> {
        let mut draws = Draws::new(5, "shapes", 0);
        (0..N).map(|_| shape.draw(&mut draws)).collect()
    }

    #[test]
    fn mean_and_standard_deviation_are_as_stated() {
        for shape in ALL {
            let values = sample(shape);
            let mean = values.iter().sum::<f64>() / N as f64;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / N as f64;
            // Standard errors: .0022 of the mean; of the variance sqrt((kurtosis - 1) / N), .011 for the heavy tails.
            assert!((mean - shape.mean()).abs() < 0.01, "{shape:?}: mean {mean}");
            assert!((variance - 1.0).abs() < 0.05, "{shape:?}: variance {variance}");
        }
    }

    #[test]
    fn half_of_the_values_lie_below_the_median_and_half_of_the_means_of_two_below_the_pseudo_median() {
        for shape in ALL {
            let values = sample(shape);
            let below = values.iter().filter(|v| **v <= shape.median()).count() as f64 / N as f64;
            let pairs =
                values.chunks_exact(2).filter(|p| (p[0] + p[1]) / 2.0 <= shape.pseudo_median()).count();
            let pairs_below = pairs as f64 / (N / 2) as f64;
            // Standard errors: .0011 and .0016.
            assert!((below - 0.5).abs() < 0.006, "{shape:?}: {below}");
            assert!((pairs_below - 0.5).abs() < 0.008, "{shape:?}: {pairs_below}");
        }
    }

    #[test]
    fn the_bounded_shape_has_its_bound_and_its_tail() {
        let values = sample(Shape::Bounded);
        assert!(values.iter().all(|v| *v < 1.0514), "the bound is 1.0513 standard deviations above the mean");
        let skewness = values.iter().map(|v| v.powi(3)).sum::<f64>() / N as f64;
        assert!((skewness + 1.72).abs() < 0.05, "{skewness}");
    }
}

//! Made-up sweeps: arms, blocks, noise, drift and order, with a known truth.

use super::claim::{Data, Values};
use super::draws::Draws;
use super::shape::Shape;

/// In which order the trials of a sweep ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Block after block, the arms of each in an order of their own.
    Shuffled,
    /// All trials of the first arm, then all of the second (AAAA BBBB).
    ArmAfterArm,
}

/// How a sweep is made up. All sizes are in percentage points of efficiency.
///
/// Value of an arm in a block = block's level + drift so far + `step` in the second half + noise + (`shift`, in every arm but
/// the first). Against the first arm the true difference of every other is `shift`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sweep {
    /// Number of cells, each with arms of its own.
    pub cells: usize,
    /// Number of arms of a cell; one is a plain sample.
    pub arms: usize,
    /// Values per arm.
    pub blocks: usize,
    /// Shape of the noise of a single trial.
    pub noise: Shape,
    /// Its standard deviation.
    pub noise_sd: f64,
    /// Standard deviation of what all trials of a block share, normal.
    pub block_sd: f64,
    /// What the machine gains from the first trial to the last, evenly.
    pub drift: f64,
    /// What all trials of the second half of the blocks have more.
    pub step: f64,
    /// Correlation of an arm's noise with that of its block before (AR(1)).
    pub rho: f64,
    /// Order of the trials.
    pub order: Order,
    /// True difference of every other arm to the first.
    pub shift: f64,
}

impl Sweep {
    /// One arm without blocks: `n` independent values of `shape`.
    pub fn sample(shape: Shape, n: usize) -> Self {
        Self {
            cells: 1,
            arms: 1,
            blocks: n,
            noise: shape,
            noise_sd: 1.0,
            block_sd: 0.0,
            drift: 0.0,
            step: 0.0,
            rho: 0.0,
            order: Order::Shuffled,
            shift: 0.0,
        }
    }

    /// A sweep of `arms` equal arms over `blocks` blocks, noise of half a percentage point, shuffled within blocks.
    pub fn equal(arms: usize, blocks: usize, noise: Shape) -> Self {
        Self { arms, noise_sd: 0.5, ..Self::sample(noise, blocks) }
    }

    fn cell(&self, draws: &mut Draws) -> Values {
        let mut values = vec![vec![0.0; self.blocks]; self.arms];
        let mut before = vec![None; self.arms];
        let last = (self.arms * self.blocks).max(2) - 1;
        for block in 0..self.blocks {
            let level = if self.block_sd > 0.0 { self.block_sd * draws.normal() } else { 0.0 };
            let places = draws.order(self.arms);
            for (arm, values) in values.iter_mut().enumerate() {
                let position = match self.order {
                    Order::Shuffled => block * self.arms + places[arm],
                    Order::ArmAfterArm => arm * self.blocks + block,
                };
                let drift = self.drift * position as f64 / last as f64;
                let shift = if arm > 0 { self.shift } else { 0.0 };
                let step = if block >= self.blocks.div_ceil(2) { self.step } else { 0.0 };
                let fresh = self.noise.draw(draws);
                // Mean 0 and standard deviation 1 from the first block on.
                let noise = before[arm]
                    .map_or(fresh, |old: f64| self.rho * old + (1.0 - self.rho * self.rho).sqrt() * fresh);
                before[arm] = Some(noise);
                values[block] = level + drift + step + shift + self.noise_sd * noise;
            }
        }
        values
    }
}

impl Data for Sweep {
    fn draw(&self, draws: &mut Draws) -> Values {
        (0..self.cells).flat_map(|_| self.cell(draws)).collect()
    }

    fn words(&self) -> String {
        let noise = self.noise.words();
        if self.arms == 1 {
            return format!("n = {}, {noise}", self.blocks);
        }
        let cells = if self.cells > 1 { format!("{} cells of ", self.cells) } else { String::new() };
        let mut words =
            format!("{cells}{} arms, {} blocks, {noise}, sd {}", self.arms, self.blocks, self.noise_sd);
        if self.block_sd > 0.0 {
            words += &format!(", blocks sd {}", self.block_sd);
        }
        if self.shift != 0.0 {
            words += &format!(", true difference {:.3}", self.shift);
        }
        if self.drift != 0.0 {
            words += &format!(", drift {}", self.drift);
        }
        if self.step != 0.0 {
            words += &format!(", step {:.3} in the middle", self.step);
        }
        if self.rho != 0.0 {
            words += &format!(", AR(1) {}", self.rho);
        }
        if self.order == Order::ArmAfterArm {
            words += ", AAAA BBBB";
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(sweep: Sweep) -> Values {
        sweep.draw(&mut Draws::new(3, &sweep.words(), 0))
    }

    #[test]
    fn without_noise_only_the_true_difference_is_left() {
        let sweep = Sweep { noise_sd: 0.0, block_sd: 2.0, shift: 0.3, ..Sweep::equal(3, 8, Shape::Normal) };
        let values = draw(sweep);
        assert!(values[0].iter().zip(&values[1]).all(|(a, b)| (b - a - 0.3).abs() < 1e-12));
        assert_eq!(values[1], values[2]);
        assert!(values[0].windows(2).all(|pair| pair[0] != pair[1]), "blocks differ");
    }

    #[test]
    fn a_drift_follows_the_order_of_the_trials() {
        let quiet = Sweep { noise_sd: 0.0, drift: 1.0, ..Sweep::equal(2, 4, Shape::Normal) };
        let rows = draw(Sweep { order: Order::ArmAfterArm, ..quiet });
        let step = 1.0 / 7.0;
        for (position, value) in rows.iter().flatten().enumerate() {
            assert!((value - step * position as f64).abs() < 1e-12);
        }
        let shuffled = draw(Sweep { blocks: 200, ..quiet });
        let first: Vec<bool> = (0..200).map(|b| shuffled[0][b] < shuffled[1][b]).collect();
        let count = first.iter().filter(|first| **first).count();
        assert!((60..=140).contains(&count), "either arm is first in about half of the blocks: {count}");
        assert!((0..200).all(|b| (shuffled[0][b] - shuffled[1][b]).abs() < 1.01 / 399.0));
    }

    #[test]
    fn blocks_are_shared_by_the_arms_and_noise_is_not() {
        let sweep = Sweep { blocks: 4000, block_sd: 1.0, ..Sweep::equal(2, 20, Shape::HeavyTailed) };
        let values = draw(sweep);
        let variance = |values: &[f64]| values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
        let differences: Vec<f64> = values[0].iter().zip(&values[1]).map(|(a, b)| b - a).collect();
        assert!((variance(&values[0]) - 1.25).abs() < 0.2, "{}", variance(&values[0]));
        assert!((variance(&differences) - 0.5).abs() < 0.15, "{}", variance(&differences));
    }

    #[test]
    fn words_tell_sweeps_apart() {
        let one = Sweep::equal(5, 20, Shape::Bounded);
        assert_eq!(Sweep::sample(Shape::Normal, 10).words(), "n = 10, normal");
        assert_eq!(one.words(), "5 arms, 20 blocks, bounded, skewed, sd 0.5");
        let all = Sweep { block_sd: 1.0, drift: 1.0, order: Order::ArmAfterArm, shift: 0.3, ..one };
        assert_eq!(
            all.words(),
            "5 arms, 20 blocks, bounded, skewed, sd 0.5, blocks sd 1, true difference 0.300, drift 1, AAAA BBBB"
        );
    }
}

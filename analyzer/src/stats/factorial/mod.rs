//! A full factorial in complete blocks: every combination of the factors' levels once in every block.

mod anova;
mod contrast;
mod fill;

pub use anova::{Anova, Source, anova};
pub use contrast::{Contrast, per_block};

/// The combinations of a full factorial, numbered like the digits of a number: the last factor turns fastest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    levels: Vec<usize>,
}

impl Layout {
    /// Factors by their number of levels, each at least 1; a factor of one level takes no part.
    pub fn new(levels: Vec<usize>) -> Self {
        Self { levels: levels.into_iter().map(|n| n.max(1)).collect() }
    }

    /// Number of factors.
    pub fn factors(&self) -> usize {
        self.levels.len()
    }

    /// Number of levels of a factor.
    pub fn levels(&self, factor: usize) -> usize {
        self.levels[factor]
    }

    /// Number of combinations.
    pub fn combinations(&self) -> usize {
        self.levels.iter().product()
    }

    /// The combination's level of a factor, from 0.
    pub fn level(&self, combination: usize, factor: usize) -> usize {
        combination / self.stride(factor) % self.levels[factor]
    }

    /// The combination that has another level of one factor.
    pub fn with(&self, combination: usize, factor: usize, level: usize) -> usize {
        let stride = self.stride(factor);
        combination - self.level(combination, factor) * stride + level * stride
    }

    /// The combination of these levels, one for each factor.
    pub fn combination(&self, levels: &[usize]) -> usize {
        levels.iter().zip(&self.levels).fold(0, |number, (level, of)| number * of + level)
    }

    fn stride(&self, factor: usize) -> usize {
        self.levels[factor + 1..].iter().product()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_and_levels_lead_to_each_other() {
        let layout = Layout::new(vec![3, 1, 4]);
        assert_eq!(layout.combinations(), 12);
        for combination in 0..12 {
            let levels: Vec<usize> = (0..3).map(|factor| layout.level(combination, factor)).collect();
            assert_eq!(layout.combination(&levels), combination);
            assert_eq!(layout.with(combination, 2, 3), layout.combination(&[levels[0], 0, 3]));
        }
    }
}

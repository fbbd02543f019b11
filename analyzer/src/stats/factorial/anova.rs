//! How much of the variation belongs to which factor.

use super::super::{Result, check, fisher};
use super::{Layout, fill};

/// Part of the sum of squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Source {
    /// Sum of squares, in the square of the values' unit.
    pub squares: f64,
    /// Degrees of freedom.
    pub df: f64,
    /// P(F > f) against the residual; none for blocks and residual, and where the residual is 0.
    pub p: Option<f64>,
}

/// Analysis of variance of a full factorial in blocks.
#[derive(Debug, Clone, PartialEq)]
pub struct Anova {
    /// One source for each factor; no degrees of freedom where it has one level.
    pub main: Vec<Source>,
    /// The pairs of factors of more than one level, a < b, with their interaction.
    pub pairs: Vec<((usize, usize), Source)>,
    /// Interactions of three and more factors together.
    pub higher: Source,
    /// All combinations: the sum of the above.
    pub combinations: Source,
    /// Blocks.
    pub blocks: Source,
    /// What neither combinations nor blocks explain.
    pub residual: Source,
    /// Values that were missing.
    pub missing: usize,
    /// Mean of every combination, less the grand mean.
    means: Vec<f64>,
    error: Error,
}

/// Balanced analysis of variance with blocks (Montgomery 2017, sections 5.3, 5.4 and 5.6): with b blocks and k
/// combinations of mean m_c, a factor of levels l has `SS = b k/L sum_l (m_l - m)^2`, a pair
/// `SS = b k/(L M) sum_lm (m_lm - m_l - m_m + m)^2`, blocks `SS = k sum (y_i - m)^2`, and the residual is what is left of
/// the total, with (b - 1)(k - 1) degrees of freedom less the missing values.
///
/// Missing values are estimated first (Yates 1933), which leaves the residual exact and makes the other sums of squares a
/// little too large. `None` below two blocks, where a block or a combination lacks half of its values, and where all values
/// are the same.
pub fn anova(layout: &Layout, rows: &[Vec<Option<f64>>]) -> Result<Option<Anova>> {
    for row in rows {
        check::values(&row.iter().flatten().copied().collect::<Vec<f64>>())?;
    }
    if rows.len() < 2 {
        return Ok(None);
    }
    if check::constant(&rows.iter().flatten().flatten().copied().collect::<Vec<f64>>()) {
        return Ok(None);
    }
    Ok(fill::filled(rows).map(|(table, missing)| decompose(layout, &table, missing)))
}

fn decompose(layout: &Layout, table: &[Vec<f64>], missing: usize) -> Anova {
    let (b, k) = (table.len() as f64, layout.combinations() as f64);
    let grand = table.iter().flatten().sum::<f64>() / (b * k);
    let deviation = |value: f64| value - grand;
    let means: Vec<f64> = (0..layout.combinations())
        .map(|combination| table.iter().map(|row| deviation(row[combination])).sum::<f64>() / b)
        .collect();
    let of_block: Vec<f64> =
        table.iter().map(|row| row.iter().map(|y| deviation(*y)).sum::<f64>() / k).collect();

    let residual_squares: f64 = table
        .iter()
        .zip(&of_block)
        .flat_map(|(row, block)| row.iter().zip(&means).map(move |(y, mean)| y - grand - block - mean))
        .map(|residual| residual * residual)
        .sum();
    let residual =
        Source { squares: residual_squares, df: ((b - 1.0) * (k - 1.0) - missing as f64).max(0.0), p: None };
    let total = b * square(&means) + k * square(&of_block) + residual_squares;
    let error = Error { squares: residual_squares, df: residual.df, total };
    let source = |squares: f64, df: f64| error.source(squares, df);

    let crossed: Vec<usize> = (0..layout.factors()).filter(|&f| layout.levels(f) > 1).collect();
    let main: Vec<Source> = (0..layout.factors())
        .map(|f| {
            let levels = layout.levels(f) as f64;
            source(b * k / levels * square(&marginal(layout, &means, f)), levels - 1.0)
        })
        .collect();
    let mut pairs = Vec::new();
    for (place, &f) in crossed.iter().enumerate() {
        for &g in &crossed[place + 1..] {
            let (l, m) = (layout.levels(f) as f64, layout.levels(g) as f64);
            let squares = b * k / (l * m) * square(&joint(layout, &means, f, g));
            pairs.push(((f, g), source(squares, (l - 1.0) * (m - 1.0))));
        }
    }
    let combinations = source(b * square(&means), k - 1.0);
    let told = |part: fn(&Source) -> f64| -> f64 {
        main.iter().map(part).sum::<f64>() + pairs.iter().map(|(_, source)| part(source)).sum::<f64>()
    };
    let higher_df = combinations.df - told(|source| source.df);
    let higher = if higher_df > 0.0 {
        source((combinations.squares - told(|source| source.squares)).max(0.0), higher_df)
    } else {
        Source { squares: 0.0, df: 0.0, p: None }
    };
    let blocks = Source { squares: k * square(&of_block), df: b - 1.0, p: None };
    Anova { main, pairs, higher, combinations, blocks, residual, missing, means, error }
}

fn square(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum()
}

/// What sources are tested against.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Error {
    squares: f64,
    df: f64,
    total: f64,
}

impl Error {
    fn source(&self, squares: f64, df: f64) -> Source {
        // What is left of an additive table is the rounding of its values.
        let tested = df > 0.0 && self.df > 0.0 && self.squares > 1e-24 * self.total;
        let f = squares / df / (self.squares / self.df);
        Source { squares, df, p: tested.then(|| fisher::upper(f, df, self.df)) }
    }
}

/// Mean of every level of a factor, less the grand mean.
fn marginal(layout: &Layout, means: &[f64], factor: usize) -> Vec<f64> {
    let mut sums = vec![0.0; layout.levels(factor)];
    for (combination, mean) in means.iter().enumerate() {
        sums[layout.level(combination, factor)] += mean;
    }
    let each = (layout.combinations() / layout.levels(factor)) as f64;
    sums.into_iter().map(|sum| sum / each).collect()
}

/// What the mean of every pair of levels has beyond the means of the two.
fn joint(layout: &Layout, means: &[f64], f: usize, g: usize) -> Vec<f64> {
    let (of_f, of_g) = (marginal(layout, means, f), marginal(layout, means, g));
    let columns = layout.levels(g);
    let mut sums = vec![0.0; layout.levels(f) * columns];
    for (combination, mean) in means.iter().enumerate() {
        sums[layout.level(combination, f) * columns + layout.level(combination, g)] += mean;
    }
    let each = (layout.combinations() / sums.len()) as f64;
    sums.iter().enumerate().map(|(at, sum)| sum / each - of_f[at / columns] - of_g[at % columns]).collect()
}

impl Anova {
    /// Sum of squares of one contrast among the combinations, `b (sum w_c m_c)^2 / sum w_c^2` with one degree of freedom
    /// (Montgomery 2017, section 3.5.4): the part of a source that the contrast lies in. 0 where all weights are 0.
    pub fn contrast(&self, weights: &[f64]) -> Source {
        let size = square(weights);
        if size == 0.0 {
            return Source { squares: 0.0, df: 0.0, p: None };
        }
        let blocks = self.blocks.df + 1.0;
        self.error.source(blocks * self.slope(weights).powi(2) * size, 1.0)
    }

    /// Least-squares slope of the combinations' means on the weights, `sum w_c m_c / sum w_c^2`; 0 where all weights are 0.
    pub fn slope(&self, weights: &[f64]) -> f64 {
        let size = square(weights);
        let value: f64 = weights.iter().zip(&self.means).map(|(weight, mean)| weight * mean).sum();
        if size == 0.0 { 0.0 } else { value / size }
    }

    /// Another sum of squares, tested against the same residual.
    pub fn source(&self, squares: f64, df: f64) -> Source {
        self.error.source(squares.max(0.0), df)
    }
}

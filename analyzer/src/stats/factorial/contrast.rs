//! Effects inside a block: level against level, and differences of such differences.

use super::Layout;

/// A linear contrast as the mean of equal parts, each a sum of weighted values that stands for one combination of the
/// factors that the contrast does not speak of. The weights of a part add up to 0, so that the block drops out.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    parts: Vec<Vec<(usize, f64)>>,
}

impl Contrast {
    /// Main effect: level `level` of `factor` minus level 0, over the combinations of the other factors
    /// (Montgomery 2017, section 5.3) of which neither side is among those to be left out.
    pub fn main(layout: &Layout, factor: usize, level: usize, left_out: impl Fn(usize) -> bool) -> Self {
        let pair = |base| vec![(layout.with(base, factor, level), 1.0), (base, -1.0)];
        let mut all = Self::over_the_rest(layout, &[factor], pair);
        all.parts.retain(|pair| !pair.iter().any(|&(combination, _)| left_out(combination)));
        all
    }

    /// Two-way interaction: what level `a.1` of factor `a.0` does at level `b.1` of factor `b.0`, minus what it does at
    /// level 0 of it (the difference of differences), over the combinations of the other factors.
    pub fn interaction(layout: &Layout, a: (usize, usize), b: (usize, usize)) -> Self {
        Self::over_the_rest(layout, &[a.0, b.0], |base| {
            let (with_a, with_b) = (layout.with(base, a.0, a.1), layout.with(base, b.0, b.1));
            vec![(layout.with(with_a, b.0, b.1), 1.0), (with_a, -1.0), (with_b, -1.0), (base, 1.0)]
        })
    }

    /// A difference of differences between groups of levels: what level `b.1` of factor `b.0` does more than level 0,
    /// on the mean over the levels `these` of factor `a`, minus the same over the levels `those`.
    pub fn between(layout: &Layout, a: usize, these: &[usize], those: &[usize], b: (usize, usize)) -> Self {
        let sides = [(these, 1.0 / these.len() as f64), (those, -1.0 / those.len() as f64)];
        Self::over_the_rest(layout, &[a, b.0], |base| {
            let side = |(levels, weight): (&[usize], f64)| {
                let pair = |&level: &usize| {
                    let at = layout.with(base, a, level);
                    [(layout.with(at, b.0, b.1), weight), (at, -weight)]
                };
                levels.iter().flat_map(pair).collect::<Vec<_>>()
            };
            sides.into_iter().flat_map(side).collect()
        })
    }

    /// One part for every combination that has level 0 of all these factors.
    fn over_the_rest(layout: &Layout, factors: &[usize], part: impl Fn(usize) -> Vec<(usize, f64)>) -> Self {
        let bases = (0..layout.combinations())
            .filter(|&combination| factors.iter().all(|&factor| layout.level(combination, factor) == 0));
        Self { parts: bases.map(part).collect() }
    }

    /// Its value in one block: the mean of the parts that have all their values; `None` where no more than half have.
    fn of(&self, row: &[Option<f64>]) -> Option<f64> {
        let value = |part: &Vec<(usize, f64)>| -> Option<f64> {
            part.iter().map(|&(combination, weight)| Some(weight * row[combination]?)).sum()
        };
        let values: Vec<f64> = self.parts.iter().filter_map(value).collect();
        (2 * values.len() > self.parts.len()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }
}

/// The contrast's value in every block that has one; rows are blocks, one value per combination.
pub fn per_block(rows: &[Vec<Option<f64>>], contrast: &Contrast) -> Vec<f64> {
    rows.iter().filter_map(|row| contrast.of(row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two factors of two and three levels, and one of two that they do not depend on.
    fn layout() -> Layout {
        Layout::new(vec![2, 3, 2])
    }

    /// y = 100 block + 1 a1 + 2 b1 + 4 b2 + 8 a1 b2 + 16 c1.
    fn row(block: f64) -> Vec<Option<f64>> {
        let value = |c: usize| {
            let (a, b, c) = (layout().level(c, 0), layout().level(c, 1), layout().level(c, 2));
            let with = |yes: bool, size: f64| if yes { size } else { 0.0 };
            with(a == 1, 1.0)
                + with(b == 1, 2.0)
                + with(b == 2, 4.0)
                + with(a == 1 && b == 2, 8.0)
                + with(c == 1, 16.0)
        };
        (0..12).map(|c| Some(100.0 * block + value(c))).collect()
    }

    #[test]
    fn contrasts_find_what_was_put_in_whatever_the_block() {
        let (layout, rows) = (layout(), [row(0.0), row(7.0)]);
        let found = |contrast: Contrast| per_block(&rows, &contrast);
        let near = |found: Vec<f64>, wanted: f64| {
            assert!(
                found.len() == 2 && found.iter().all(|f| (f - wanted).abs() < 1e-9),
                "{found:?} {wanted}"
            );
        };
        near(found(Contrast::main(&layout, 0, 1, |_| false)), 1.0 + 8.0 / 3.0);
        near(found(Contrast::main(&layout, 1, 2, |_| false)), 4.0 + 8.0 / 2.0);
        near(found(Contrast::main(&layout, 2, 1, |_| false)), 16.0);
        near(
            found(Contrast::main(&layout, 0, 1, |c| layout.level(c, 0) == 1 && layout.level(c, 1) == 2)),
            1.0,
        );
        near(found(Contrast::interaction(&layout, (0, 1), (1, 2))), 8.0);
        near(found(Contrast::interaction(&layout, (1, 2), (0, 1))), 8.0);
        near(found(Contrast::interaction(&layout, (0, 1), (1, 1))), 0.0);
        near(found(Contrast::between(&layout, 1, &[2], &[0, 1], (0, 1))), 8.0);
        near(found(Contrast::between(&layout, 1, &[1, 2], &[0], (0, 1))), 4.0);
    }

    #[test]
    fn a_missing_value_takes_its_partners_along_and_more_than_half_must_be_left() {
        let layout = layout();
        let mut first = row(0.0);
        first[layout.combination(&[1, 0, 0])] = None;
        let main = Contrast::main(&layout, 0, 1, |_| false);
        // Five of six pairs: 1 in three of them, 1 + 8 in two.
        assert_eq!(per_block(&[first.clone()], &main), [(3.0 * 1.0 + 2.0 * 9.0) / 5.0]);
        for b in 1..3 {
            first[layout.combination(&[1, b, 0])] = None;
        }
        assert_eq!(per_block(&[first, row(1.0)], &main).len(), 1, "three of six pairs are no more than half");
    }
}

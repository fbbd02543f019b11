//! The largest balanced part of what was run: levels of each factor of which every combination is there.

use super::factor::COUNT;
use super::stratum::At;
use std::collections::BTreeSet;

/// Levels of a factor above which no design is looked for: their subsets are too many.
const MOST_LEVELS: usize = 12;
/// Designs of one stratum: the second and third tell of levels that the first had to leave out.
const MOST_DESIGNS: usize = 3;

/// For each factor the numbers of its levels, in ascending order.
pub(super) type Design = [Vec<usize>; COUNT];

/// Designs that cross two factors at least, the largest first; each further one is the largest that holds a combination
/// which those before do not. All hold the first level of the first factor, the baseline arm, where it is there.
pub(super) fn designs(present: &BTreeSet<At>) -> Vec<Design> {
    let levels = |factor: usize| present.iter().map(|at| at[factor]).collect::<BTreeSet<usize>>().len();
    if (0..COUNT).any(|factor| levels(factor) > MOST_LEVELS) {
        return Vec::new();
    }
    let baseline = present.iter().any(|at| at[0] == 0);
    let mut open = present.clone();
    let mut found = Vec::new();
    while found.len() < MOST_DESIGNS {
        let wanted = |design: &Design| {
            (!baseline || design[0][0] == 0)
                && design.iter().filter(|levels| levels.len() > 1).count() >= 2
                && open.iter().any(|at| holds(design, at))
        };
        let mut search = Search { wanted: &wanted, best: None };
        let all: BTreeSet<Vec<usize>> = present.iter().map(|at| at.to_vec()).collect();
        search.extend(&mut Vec::new(), &all);
        let Some(design) = search.best else { break };
        open.retain(|at| !holds(&design, at));
        found.push(design);
    }
    found
}

/// Whether a combination belongs to a design.
pub(super) fn holds(design: &Design, at: &At) -> bool {
    design.iter().zip(at).all(|(levels, level)| levels.contains(level))
}

struct Search<'a> {
    wanted: &'a dyn Fn(&Design) -> bool,
    best: Option<Design>,
}

impl Search<'_> {
    /// Tries all levels for the next factor. `rest` are the combinations of the factors still to come that are there with
    /// all levels chosen so far.
    fn extend(&mut self, chosen: &mut Vec<Vec<usize>>, rest: &BTreeSet<Vec<usize>>) {
        let levels: Vec<usize> =
            rest.iter().map(|tail| tail[0]).collect::<BTreeSet<_>>().into_iter().collect();
        let so_far: usize = chosen.iter().map(Vec::len).product();
        // From all levels downwards: the first finds are large and the bound spares most of the others.
        for subset in (1..1u32 << levels.len()).rev() {
            let subset: Vec<usize> =
                (0..levels.len()).filter(|i| subset >> i & 1 == 1).map(|i| levels[i]).collect();
            let tails = |level: &usize| -> BTreeSet<Vec<usize>> {
                rest.iter().filter(|tail| tail[0] == *level).map(|tail| tail[1..].to_vec()).collect()
            };
            let mut common = tails(&subset[0]);
            for level in &subset[1..] {
                let others = tails(level);
                common.retain(|tail| others.contains(tail));
            }
            if common.is_empty() || so_far * subset.len() * common.len() <= self.size() {
                continue;
            }
            chosen.push(subset);
            match <&Design>::try_from(chosen.as_slice()) {
                Ok(design) if (self.wanted)(design) => self.best = Some(design.clone()),
                Ok(_) => {}
                Err(_) => self.extend(chosen, &common),
            }
            chosen.pop();
        }
    }

    /// Combinations of the largest design so far.
    fn size(&self) -> usize {
        self.best.as_ref().map_or(0, |design| design.iter().map(Vec::len).product())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Combinations of arm, client and read cap; the other factors have one level.
    fn present(all: impl IntoIterator<Item = (usize, usize, usize)>) -> BTreeSet<At> {
        all.into_iter().map(|(arm, client, cap)| [arm, client, cap, 0, 0, 0]).collect()
    }

    fn full(arms: usize, clients: usize, caps: usize) -> BTreeSet<At> {
        present((0..arms).flat_map(|a| (0..clients).flat_map(move |c| (0..caps).map(move |r| (a, c, r)))))
    }

    fn sizes(design: &Design) -> [usize; 3] {
        [design[0].len(), design[1].len(), design[2].len()]
    }

    #[test]
    fn a_full_factorial_is_one_design() {
        let found = designs(&full(4, 3, 2));
        assert_eq!(found.iter().map(sizes).collect::<Vec<_>>(), [[4, 3, 2]]);
    }

    #[test]
    fn a_client_without_read_caps_has_a_design_of_its_own_at_the_cap_it_has() {
        let mut there = full(2, 2, 3);
        there.retain(|at| at[1] == 0 || at[2] == 0);
        let found = designs(&there);
        assert_eq!(found.iter().map(sizes).collect::<Vec<_>>(), [[2, 1, 3], [2, 2, 1]]);
        assert_eq!(found[1][2], [0]);
    }

    #[test]
    fn one_factor_alone_and_arms_with_their_own_client_cross_nothing() {
        assert_eq!(designs(&full(5, 1, 1)), Vec::<Design>::new());
        assert_eq!(designs(&present([(0, 1, 0), (1, 1, 0), (2, 1, 0), (3, 0, 0)])), Vec::<Design>::new());
        assert_eq!(designs(&BTreeSet::new()), Vec::<Design>::new());
    }

    #[test]
    fn a_hole_costs_the_level_that_is_smaller_and_the_baseline_stays() {
        let mut there = full(4, 3, 1);
        there.remove(&[3, 1, 0, 0, 0, 0]);
        let found = designs(&there);
        assert_eq!(
            found[0][0],
            [0, 1, 2],
            "nine combinations without the fourth arm, eight without the second client"
        );
        assert_eq!((found[1][0].as_slice(), found[1][1].as_slice()), (&[0, 1, 2, 3][..], &[0, 2][..]));
        there.remove(&[0, 1, 0, 0, 0, 0]);
        assert!(designs(&there).iter().all(|design| design[0].contains(&0)));
    }

    #[test]
    fn many_levels_end_soon() {
        let mut there = full(10, 4, 10);
        there.remove(&[7, 2, 9, 0, 0, 0]);
        assert_eq!(sizes(&designs(&there)[0]), [9, 4, 10]);
        assert_eq!(designs(&full(13, 2, 1)), Vec::<Design>::new());
    }
}

//! Which contrasts are judged together, and at which level.

use super::group::Group;
use super::open_loop;
use crate::load::Run;
use crate::stats::verdict::{LEAST_N, Levels};
use crate::stats::{self, hodges_lehmann};

/// Share of runs that may hold a false claim of either kind, a difference or an equivalence.
pub const ALPHA: f64 = 0.05;

/// Contrasts that are judged together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Family {
    /// How many.
    pub contrasts: usize,
    /// Level of their intervals, each of which decides in both directions.
    pub level: f64,
    /// Least number of blocks at which an interval of that level exists.
    pub least_blocks: usize,
}

impl Family {
    /// A family of `contrasts` among `families`: `ALPHA` is divided equally among the families, and inside each among its
    /// contrasts (Bonferroni). All intervals of a run then hold at once in 19 runs of 20, whatever the contrasts have in
    /// common, so that at most one run in twenty claims something false.
    pub fn new(contrasts: usize, families: usize) -> stats::Result<Family> {
        let level = 1.0 - ALPHA / (families.max(1) * contrasts.max(1)) as f64;
        let least_blocks = hodges_lehmann::least_n(level)?.max(LEAST_N);
        Ok(Family { contrasts, level, least_blocks })
    }

    /// Levels of a contrast of this family.
    pub fn levels(&self) -> Levels {
        Levels::simultaneous(self.level)
    }
}

/// The families of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Families {
    /// Contrasts of efficiency in the primary cell.
    pub primary: Family,
    /// Contrasts of efficiency in all other cells.
    pub others: Family,
    /// Contrasts of open loops, by their time to first token.
    pub open: Family,
}

impl Families {
    /// Those of all cells of a run.
    pub(super) fn of(groups: &[Group], baseline: &str) -> stats::Result<Families> {
        let count = |primary: bool| -> usize {
            let cells = groups.iter().filter(|group| group.is_primary == primary);
            cells.map(|group| group.contrasts(baseline).len()).sum()
        };
        let (primary, others) = (count(true), count(false));
        let open = groups.iter().map(|group| open_loop::contrasts(group, baseline)).sum();
        let families = [primary, others, open].into_iter().filter(|contrasts| *contrasts > 0).count();
        let family = |contrasts| Family::new(contrasts, families);
        Ok(Families { primary: family(primary)?, others: family(others)?, open: family(open)? })
    }

    /// Contrasts of efficiency in the whole run.
    pub fn of_efficiency(&self) -> usize {
        self.primary.contrasts + self.others.contrasts
    }
}

/// Marks the primary cell and puts it in front, of which the first sentence speaks. The choice rests on the plan alone, never on results:
/// the cell that the plan names; without one, cells judged by efficiency, like for like, servers that slow nobody,
/// lengths asked for, two agents, most arms, then in the order of the plan's `sets`.
pub(super) fn primary_first(groups: &mut [Group], run: &Run, baseline: &str) {
    use std::cmp::Reverse;
    use tandem_records::{Capacity, Length};
    let plan = &run.manifest.plan;
    let place = |set: &str| plan.sets.iter().position(|name| name == set).unwrap_or(plan.sets.len());
    groups.sort_by_key(|group| {
        let facts = &group.facts;
        (
            plan.primary_cell.as_deref() != Some(group.name.as_str()),
            (!facts.is_judged(), group.contrasts(baseline).is_empty()),
            !group.is_like_for_like(run),
            matches!(facts.capacity, Some(Capacity::Shared | Capacity::Serial)),
            facts.length == Some(Length::Free),
            facts.agents != 2,
            Reverse(group.arms.len()),
            place(&facts.set),
            facts.set.clone(),
            facts.agents,
            group.name.clone(),
        )
    });
    if let Some(first) = groups.first_mut() {
        first.is_primary = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_levels_of_a_run_add_up_to_one_in_twenty() {
        let (primary, others) = (Family::new(4, 2).unwrap(), Family::new(16, 2).unwrap());
        let missed = |family: Family| (1.0 - family.level) * family.contrasts as f64;
        assert!((missed(primary) + missed(others) - ALPHA).abs() < 1e-12);
        assert_eq!((primary.least_blocks, others.least_blocks), (9, 11));
        let alone = Family::new(4, 1).unwrap();
        assert!((alone.level - 0.9875).abs() < 1e-12 && alone.least_blocks == 8);
        assert_eq!(Family::new(0, 0).unwrap().level, 0.95);
    }
}

//! One cell: its arms, their differences to the baseline, its control, and whether it may be believed.

use super::arm::{self, Arm};
use super::contrast::{self, Contrast};
use super::control::{self, Control};
use super::family::{Families, Family};
use super::floor::{self, ToFloor};
use super::group::{Facts, Group};
use super::omnibus::{self, Omnibus};
use super::power::Design;
use super::{
    Cut, Fates, OpenContrast, Pieces, Queue, Reread, Settings, noise, open_loop, pieces, prompts, queue,
};
use crate::calibration;
use crate::load::Run;
use crate::metrics::Outcome;
use crate::stats::{self, order_null};
use std::collections::BTreeMap;
use tandem_records::Calibration;

/// Share of invalid trials above which a cell as a whole is invalid.
const MOST_INVALID: f64 = 0.1;

/// One combination of factor levels with everything computed from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Name.
    pub name: String,
    /// Its factor levels.
    pub facts: Facts,
    /// Its contrasts are the primary family.
    pub is_primary: bool,
    /// The family of its contrasts of efficiency.
    pub family: Family,
    /// Number of its servers; none where neither a trial nor the manifest tells.
    pub servers: Option<u32>,
    /// Arms in the order of the report.
    pub arms: Vec<Arm>,
    /// The arm without a runtime that the others are shown as a ratio to. It is described, compared with none, and in
    /// nothing else of the cell.
    pub floor: Option<Arm>,
    /// Every arm against the baseline; empty where there is none or the cell is not judged.
    pub contrasts: Vec<Contrast>,
    /// Every arm of an open loop against the baseline, its control among them; empty in a closed loop.
    pub open: Vec<OpenContrast>,
    /// The A/A control, if the cell has one and an efficiency.
    pub control: Option<Control>,
    /// All arms at once; none where the cell is not judged or has fewer than two.
    pub omnibus: Option<Omnibus>,
    /// Standard deviation of the A/A differences, a fraction; none below two blocks.
    pub control_sd: Option<f64>,
    /// CV of a single agent's solo duration inside the blocks.
    pub solo_cv: Option<f64>,
    /// Efficiency that noise of this size would give without any contention, a fraction.
    pub null_efficiency: Option<f64>,
    /// Every other arm as a ratio to it.
    pub to_floor: Vec<ToFloor>,
    /// Whether the calibration of the run's machine missed an effect of known size.
    pub is_miscalibrated: bool,
    /// In what pieces its responses came.
    pub pieces: Pieces,
    /// Requests that were queued at their server; none where no request was.
    pub queue: Option<Queue>,
    /// Streams that each of its servers generates at once; none where that is not known.
    pub slots: Option<u32>,
    /// Prompts that were read in one phase and came from the cache in the other: then the phases did not do the same work.
    pub reread: Option<Reread>,
    /// Prompts that were cut to the context length.
    pub cut: Option<Cut>,
}

impl Cell {
    /// An arm by its label.
    pub fn arm(&self, label: &str) -> Option<&Arm> {
        self.arms.iter().find(|arm| arm.label == label)
    }

    /// Every arm that has a row in the tables: the floor last.
    pub fn described(&self) -> impl Iterator<Item = &Arm> {
        self.arms.iter().chain(&self.floor)
    }

    /// What became of the trials with a row of the arms that are compared.
    pub fn fates(&self) -> Fates {
        self.arms.iter().fold(Fates::default(), |mut all, arm| {
            all.add(&arm.fates);
            all
        })
    }

    /// Trials with a row.
    pub fn finished(&self) -> usize {
        self.fates().finished
    }

    /// Trials that count.
    pub fn counted(&self) -> usize {
        self.arms.iter().map(|arm| arm.counted.len()).sum()
    }

    /// Invalid trials.
    pub fn invalid(&self) -> usize {
        self.fates().invalid
    }

    /// True when at least one trial counts.
    pub fn has_counted_trials(&self) -> bool {
        self.counted() > 0
    }

    /// True when there is a difference to draw.
    pub fn has_differences(&self) -> bool {
        self.facts.is_judged()
            && (self.contrasts.iter().any(|c| c.estimate.is_some())
                || self.control.as_ref().is_some_and(|c| c.estimate.is_some()))
    }

    /// True when over a tenth of its finished trials are invalid.
    pub fn has_many_invalid(&self) -> bool {
        self.invalid() as f64 > MOST_INVALID * self.finished() as f64
    }

    /// True when what it shows cannot be believed.
    pub fn is_invalid(&self) -> bool {
        self.why_invalid().is_some()
    }

    /// Why it cannot be believed, as a clause.
    pub fn why_invalid(&self) -> Option<String> {
        if self.is_miscalibrated {
            return Some("the calibration of its machine missed an effect of known size".to_owned());
        }
        let reread = self.reread.map(|reread| reread.to_string());
        reread
            .or_else(|| self.has_many_invalid().then(|| "over a tenth of its trials cannot count".to_owned()))
    }

    /// True when its A/A interval excludes equality.
    pub fn is_biased(&self) -> bool {
        self.control.as_ref().is_some_and(Control::is_biased) || self.open.iter().any(OpenContrast::is_biased)
    }

    /// True when its arms, or the baseline and its A/A arm, are compared by efficiency.
    pub fn is_judged(&self) -> bool {
        self.facts.is_judged() && (!self.contrasts.is_empty() || self.control.is_some())
    }

    /// True when the two cells differ in nothing that the rows tell but the number of agents and the plan's set:
    /// same workload, scenario and further factors, same token gap, same clients of the arms that both have.
    pub fn differs_in_agents_only(&self, other: &Cell) -> bool {
        let same_client = |arm: &Arm| {
            other
                .arm(&arm.label)
                .is_none_or(|there| (arm.client, arm.read_cap_bytes) == (there.client, there.read_cap_bytes))
        };
        self.conditions() == other.conditions()
            && self.facts.gap_ns == other.facts.gap_ns
            && self.arms.iter().all(same_client)
    }

    /// The cell's name without its set and its number of agents.
    fn conditions(&self) -> Vec<&str> {
        let agents = format!("a{}", self.facts.agents);
        let name = self.name.strip_prefix(&self.facts.set).unwrap_or(&self.name);
        name.split('/').filter(|part| *part != agents).collect()
    }
}

pub(super) fn analyse(
    run: &Run,
    outcomes: &[Outcome],
    group: &Group,
    settings: &Settings,
    families: &Families,
) -> stats::Result<Cell> {
    let summarise = |label: &str, places: &[usize], planned: &[usize]| {
        let plan: Vec<_> = planned.iter().map(|place| &run.plan[*place]).collect();
        arm::summarise(run, outcomes, label, places, &plan, settings.seed)
    };
    let mut arms = Vec::new();
    for ((label, places), planned) in group.arms.iter().zip(&group.planned) {
        arms.push(summarise(label, places, planned)?);
    }
    let floor = group.floor.as_ref().map(|(label, places)| summarise(label, &places.ran, &places.planned));
    let control = control::read(run, outcomes, group, settings)?;
    let family = if group.is_primary { families.primary } else { families.others };
    let design = Design::new(run, control.as_ref(), settings, family.level)?;
    let mut contrasts = Vec::new();
    for arm in group.contrasts(&settings.baseline) {
        contrasts.push(contrast::judge(run, outcomes, group, arm, settings, &design)?);
    }
    let solo_cv = noise::solo_cv(run, outcomes, group)?;
    let facts = &group.facts;
    let null_efficiency = match solo_cv.filter(|_| facts.has_efficiency()) {
        Some(cv) => order_null::null_efficiency(facts.agents as usize, cv)?,
        None => None,
    };
    let first = group.arms.iter().flat_map(|(_, places)| places).min();
    let servers = first.map(|p| run.trials[*p].row.servers).or_else(|| planned_servers(run, facts));
    let slots = queue::slots(run, facts);
    let agents_per_server = servers.map(|servers| facts.agents.div_ceil(servers.max(1)));
    Ok(Cell {
        to_floor: floor::ratios(run, outcomes, group)?,
        name: group.name.clone(),
        facts: facts.clone(),
        is_primary: group.is_primary,
        family,
        servers,
        omnibus: if facts.is_judged() { omnibus::test(run, outcomes, &arms)? } else { None },
        control_sd: design.control_sd,
        open: open_loop::judge(run, outcomes, group, settings, &families.open)?,
        control,
        arms,
        floor: floor.transpose()?,
        contrasts,
        solo_cv,
        null_efficiency,
        is_miscalibrated: is_miscalibrated(run),
        pieces: pieces::count(run, group),
        queue: queue::count(outcomes, group),
        reread: prompts::reread(run, outcomes, group, slots.zip(agents_per_server)),
        slots,
        cut: prompts::cut(run, group),
    })
}

/// A run of the plan that calibrates is what a calibration is made of, whatever an earlier one said.
fn is_miscalibrated(run: &Run) -> bool {
    let missed = |calibration: &Calibration| calibration.missed().next().is_some();
    run.manifest.plan.name != calibration::PLAN && run.manifest.calibration.as_ref().is_some_and(missed)
}

/// Number of servers of a cell without a trial. The manifest lists a simulator's ports once for each of its
/// configurations, so servers are counted by command line; none where the counts differ.
fn planned_servers(run: &Run, facts: &Facts) -> Option<u32> {
    let mut counts = BTreeMap::<&str, u32>::new();
    for server in run.manifest.servers.iter().filter(|server| facts.has_server(server)) {
        *counts.entry(&server.command).or_default() += 1;
    }
    let first = counts.values().next().copied()?;
    counts.values().all(|n| *n == first).then_some(first)
}

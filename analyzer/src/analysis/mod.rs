//! From trials to statements: cells, arms, contrasts with verdicts, the run's own control and error.

mod arm;
mod cell;
mod consistency;
mod contrast;
mod control;
mod exploratory;
mod factorial;
mod family;
mod fates;
mod fingerprint;
mod floor;
mod group;
mod instrument;
mod lanes;
mod latency;
mod metric;
mod noise;
mod omnibus;
mod open_loop;
mod order;
mod pieces;
mod power;
mod prompts;
mod queue;
mod settings;
mod sittings;
mod tally;
mod typical;

pub use arm::{Arm, Location, Spread};
pub use cell::Cell;
pub use consistency::{Consistency, Flagged};
pub use contrast::{Contrast, MeanView};
pub use control::Control;
pub use exploratory::Exploratory;
pub use factorial::{
    Bridge, Effect, Estimated, Factor, Factorial, Level, Part, Quantity, Share, Shares, Subject,
};
pub use family::{ALPHA, Families, Family};
pub use fates::{Fate, Fates};
pub use fingerprint::{Fingerprint, Late, Medians, Quartiles, Sign, SlowCause, UnevenCause, WaitCause};
pub use floor::{TO_FLOOR, ToFloor};
pub use group::Facts;
pub(crate) use group::{arms, repeated};
pub use instrument::Instrument;
pub use lanes::{Activity, Lane, Span, lanes};
pub use latency::{At, Latency};
pub use metric::{EXPLORATORY, EXPLORATORY_OPEN, Metric, Scale};
pub use omnibus::Omnibus;
pub use open_loop::OpenContrast;
pub use order::{
    AlikeDifferences, Flagged as FlaggedDifference, LEAST_BLOCKS, LEAST_TRIALS, Of, Order, OrderTest,
    Outlying, Place, RunOrder, Tested, Together,
};
pub use pieces::{Pieces, Told};
pub use power::{DETECTION, Power};
pub use prompts::{Cut, Reread};
pub use queue::Queue;
pub use settings::Settings;
pub use sittings::{LONG_PAUSE_S, Sittings};
pub use tally::{Excluded, ExcludedGroup, Tally};
pub use typical::{Examples, examples};

use crate::load::{Run, Trial};
use crate::metrics::{Outcome, may_queue, outcome};
use crate::parallel;
use crate::stats;
use tandem_records::{Phase, RequestRow};

/// Everything that a report says, computed.
#[derive(Debug)]
pub struct Analysis<'a> {
    /// The run.
    pub run: &'a Run,
    /// Baseline, margins, seed.
    pub settings: Settings,
    /// What became of each trial, in the order of `run.trials`.
    pub outcomes: Vec<Outcome>,
    /// Every arm label of the run: the baseline, its A/A arm, then the others.
    pub arms: Vec<String>,
    /// The cells, the headline first.
    pub cells: Vec<Cell>,
    /// Which contrasts are judged together, and at which level.
    pub families: Families,
    /// Comparisons of all other quantities, with p values adjusted over all of them.
    pub exploratory: Vec<Exploratory>,
    /// Balanced factorials of the run's sets: which factor has what part in the variation.
    pub factorials: Vec<Factorial>,
    /// Known causes whose mark the factors or the times to the first token bear, cell by cell.
    pub fingerprints: Vec<Fingerprint>,
    /// Counts of trials by what became of them.
    pub tally: Tally,
    /// The instrument's own error.
    pub instrument: Instrument,
    /// Whether equal work gave equal answers.
    pub consistency: Consistency,
    /// What the order of the trials shows, cell by cell and over the cells together.
    pub order: RunOrder,
    /// How often the run was taken up; none where no trial tells when it started.
    pub sittings: Option<Sittings>,
}

impl Analysis<'_> {
    /// The cell that the first sentence speaks of; none in a run without trials.
    pub fn headline(&self) -> Option<&Cell> {
        self.cells.first()
    }

    /// True when the baseline under its second label differs from itself by the same quantity in the same cell:
    /// then what is seen there is no property of an arm.
    pub fn control_differs_too(&self, one: &Exploratory) -> bool {
        let same = |e: &&Exploratory| e.is_control && e.metric == one.metric && e.cell == one.cell;
        self.exploratory.iter().filter(same).any(Exploratory::excludes_equality)
    }
}

/// Requests of a trial's measured phases that ended well.
fn measured(trial: &Trial) -> impl Iterator<Item = &RequestRow> {
    trial.requests.iter().filter(|row| row.phase != Phase::Warmup && row.status.is_ok())
}

/// Analyses a run.
///
/// # Errors
/// When a value cannot be analysed at all, which the loader should have kept away.
pub fn analyse(run: &Run, settings: Settings) -> stats::Result<Analysis<'_>> {
    let outcomes: Vec<Outcome> = run
        .trials
        .iter()
        .map(|trial| outcome(trial, settings.slo.as_ref(), may_queue(&run.manifest, &trial.row)))
        .collect();
    let arms = group::arms(run, &settings.baseline);
    let mut groups = group::cells(run, &arms);
    family::primary_first(&mut groups, run, &settings.baseline);
    let families = Families::of(&groups, &settings.baseline)?;
    let cells = parallel::map(&groups, |group| cell::analyse(run, &outcomes, group, &settings, &families));
    let cells = cells.into_iter().collect::<stats::Result<Vec<Cell>>>()?;
    let exploratory = exploratory::compare_all(run, &outcomes, &groups, &settings)?;
    Ok(Analysis {
        tally: tally::tally(run, &outcomes),
        instrument: instrument::own_error(run),
        consistency: consistency::check(run),
        order: order::check(run, &outcomes, &cells, &settings)?,
        sittings: sittings::count(run),
        fingerprints: fingerprint::find(&outcomes, &cells, &settings.baseline),
        factorials: factorial::find(run, &outcomes, &arms)?,
        run,
        settings,
        outcomes,
        arms,
        cells,
        families,
        exploratory,
    })
}

//! Two runs compared cell by cell and arm by arm: before and after a change, on two machines, with two versions of
//! the servers. A comes first ("before"), changes are B minus A.
//!
//! Two views of every arm, because two runs never share a moment:
//! - the *change*: the arm in B against the arm in A. Whatever changed is in it: the arm, code that all arms share,
//!   the machine, the servers. `--fail-on-regression` judges this one.
//! - the change *relative to the baseline*: (arm minus baseline) in B against the same in A. What all arms share is
//!   not in it; so it tells a changed arm from a changed machine, and cannot see a change that hits all arms alike.
//!
//! The unit is the trial. Blocks of two runs share no moment, but where plan and seed are the same, block k asked for
//! the same work twice, and the work is most of what varies between blocks in times to the first token. So blocks pair
//! exactly where the seeds of the work and the order of phases are the same in every block that both runs have, else
//! the groups are unpaired. Seeds decide that, never results. The second view takes its differences within the blocks
//! of each run, where the work is the same already, and compares them unpaired.

mod circumstances;
mod contrast;
mod error;
mod exploratory;
mod factors;
mod failing;
mod gate;
mod page;
mod pairing;
mod plan_text;
mod quantity;
mod request;
mod tail;

pub use circumstances::{Cause, Difference};
pub use contrast::{Contrast, Family, OwnError};
pub use error::CompareError;
pub use exploratory::Explored;
pub use factors::Factor;
pub use failing::{Failing, NewFailures};
pub use gate::{Gate, Undecided};
pub use page::{answer, render, summary, terminal};
pub use pairing::Shared;
pub use quantity::{Margins, Quantity};
pub use request::{CompareRequest, Done, compare};
pub use tail::{TailLoss, TailLosses};

use crate::analysis::Analysis;
use crate::stats;

/// Two runs compared, computed.
#[derive(Debug)]
pub struct Compared<'a> {
    /// A.
    pub before: &'a Analysis<'a>,
    /// B.
    pub after: &'a Analysis<'a>,
    /// Margins of the verdicts.
    pub margins: Margins,
    /// What the user chose after the data were there, in words.
    pub chosen: Vec<String>,
    /// A and B carry one run id.
    pub same_id: bool,
    /// A and B are one run: the same id, and the same rows.
    pub same_run: bool,
    /// Cells that both have.
    pub shared: Vec<Shared<'a>>,
    /// Cells and arms of A that B lacks.
    pub only_before: Vec<String>,
    /// Cells and arms of B that A lacks.
    pub only_after: Vec<String>,
    /// Factors that matter and differ all the same.
    pub factors: Vec<Factor>,
    /// What else differs.
    pub differences: Vec<Difference>,
    /// What a change may be attributed to.
    pub attribution: String,
    /// Families of the judged quantities.
    pub families: Vec<Family>,
    /// Judged contrasts: by quantity, then by cell, then by arm.
    pub contrasts: Vec<Contrast<'a>>,
    /// Arms of which single trials lose much in B.
    pub tail_losses: TailLosses<'a>,
    /// Changes without a verdict.
    pub explored: Vec<Explored<'a>>,
}

impl<'a> Compared<'a> {
    /// Compares two analysed runs by some quantities.
    ///
    /// # Errors
    /// When they share nothing, when they differ in a factor that matters and `allow_different` is not set, when one
    /// has no trial that counts, or when a number cannot be computed.
    pub fn new(
        before: &'a Analysis<'a>,
        after: &'a Analysis<'a>,
        margins: Margins,
        quantities: &[Quantity],
        allow_different: bool,
    ) -> Result<Compared<'a>, crate::report::ReportError> {
        let runs = [before, after];
        let mut shared = pairing::shared(before, after);
        if shared.is_empty() {
            let (before, after) = (pairing::all(before), pairing::all(after));
            return Err(CompareError::NothingInCommon { before, after }.into());
        }
        let factors = factors::differing(before, after, &shared);
        if !factors.is_empty() && !allow_different {
            return Err(CompareError::Different(factors).into());
        }
        pairing::unpair_different(&mut shared, &factors);
        something_counts(before, shared.iter().any(|cell| cell.before.has_counted_trials()))?;
        something_counts(after, shared.iter().any(|cell| cell.after.has_counted_trials()))?;
        let (families, contrasts) = judge_all(runs, &shared, quantities, margins)?;
        let tail_losses = tail::losses(runs, &shared, &contrasts, margins)?;
        let (a, b) = (&before.run.manifest, &after.run.manifest);
        let same_id = a.run_id == b.run_id;
        let differences = circumstances::differing(before.run, after.run);
        Ok(Compared {
            same_id,
            same_run: same_id && pairing::same_rows(before.run, after.run),
            attribution: circumstances::attribution(&differences, a, b),
            only_before: pairing::only_in(before, after),
            only_after: pairing::only_in(after, before),
            explored: exploratory::explore(runs, &shared, quantities)?,
            chosen: Vec::new(),
            before,
            after,
            margins,
            shared,
            factors,
            differences,
            families,
            contrasts,
            tail_losses,
        })
    }

    /// What `--fail-on-regression` makes of the contrasts.
    pub fn gate(&self) -> Gate<'_, 'a> {
        gate::gate(self)
    }

    /// The family of a judged quantity.
    pub fn family(&self, quantity: Quantity) -> Option<&Family> {
        self.families.iter().find(|family| family.quantity == quantity)
    }

    /// The judged contrasts of a quantity, without the control.
    pub fn judged(&self, quantity: Quantity) -> impl Iterator<Item = &Contrast<'a>> {
        self.contrasts.iter().filter(move |contrast| contrast.quantity == quantity && !contrast.is_control)
    }
}

fn something_counts(analysis: &Analysis, counts: bool) -> Result<(), CompareError> {
    let (finished, planned) = (analysis.tally.finished, analysis.tally.planned);
    let run = analysis.run.id.clone();
    if counts { Ok(()) } else { Err(CompareError::NothingCounts { run, finished, planned }) }
}

fn judge_all<'a>(
    runs: [&'a Analysis<'a>; 2],
    shared: &[Shared<'a>],
    quantities: &[Quantity],
    margins: Margins,
) -> stats::Result<(Vec<Family>, Vec<Contrast<'a>>)> {
    let (mut families, mut contrasts) = (Vec::new(), Vec::new());
    for quantity in quantities.iter().copied().filter(|quantity| quantity.is_judged()) {
        let (family, found) = contrast::judge(runs, shared, quantity, margins)?;
        if !found.is_empty() {
            families.push(family);
            contrasts.extend(found);
        }
    }
    Ok((families, contrasts))
}

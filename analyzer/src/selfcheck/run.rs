//! Draws the data sets and counts.

use super::claim::{Experiment, Finding};
use super::draws::Draws;
use crate::{parallel, stats};
use std::num::NonZeroUsize;

/// Draws `data_sets` data sets of an experiment and judges its claims, in their order. The result depends on `seed` and
/// `data_sets` and not on the number of threads, each of which takes every `threads`-th data set.
///
/// # Errors
/// When a statistic calls its input unsound.
pub fn findings(
    experiment: &Experiment,
    data_sets: NonZeroUsize,
    seed: u64,
    threads: NonZeroUsize,
) -> stats::Result<Vec<Finding>> {
    let name = experiment.data.words();
    let share = |first: usize| -> stats::Result<Vec<usize>> {
        let mut hits = vec![0; experiment.claims.len()];
        for data_set in (first..data_sets.get()).step_by(threads.get()) {
            let values = experiment.data.draw(&mut Draws::new(seed, &name, data_set as u64));
            for (hits, claim) in hits.iter_mut().zip(&experiment.claims) {
                *hits += usize::from((claim.happened)(&values)?);
            }
        }
        Ok(hits)
    };
    let firsts: Vec<usize> = (0..threads.get()).collect();
    let shares = parallel::map_on(threads, &firsts, |first| share(*first));
    let shares = shares.into_iter().collect::<stats::Result<Vec<_>>>()?;
    let judge = |(place, claim): (usize, &super::claim::Claim)| {
        let hits = shares.iter().map(|share| share[place]).sum();
        Finding::new(claim.what.clone(), name.clone(), claim.claimed, hits, data_sets.get())
    };
    Ok(experiment.claims.iter().enumerate().map(judge).collect())
}

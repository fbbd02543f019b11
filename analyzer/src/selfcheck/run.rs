//! Draws the data sets and counts.

use super::claim::{Experiment, Finding};
use super::draws::Draws;
use crate::stats;
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
    let name = experiment.sweep.words();
    let share = |first: usize| -> stats::Result<Vec<usize>> {
        let mut hits = vec![0; experiment.claims.len()];
        for data_set in (first..data_sets.get()).step_by(threads.get()) {
            let values = experiment.sweep.draw(&mut Draws::new(seed, &name, data_set as u64));
            for (hits, claim) in hits.iter_mut().zip(&experiment.claims) {
                *hits += usize::from((claim.happened)(&values)?);
            }
        }
        Ok(hits)
    };
    let shares: Vec<stats::Result<Vec<usize>>> = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads.get()).map(|first| scope.spawn(move || share(first))).collect();
        let own = share(0);
        let joined = others
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked)));
        std::iter::once(own).chain(joined).collect()
    });
    let shares = shares.into_iter().collect::<stats::Result<Vec<_>>>()?;
    let judge = |(place, claim): (usize, &super::claim::Claim)| {
        let hits = shares.iter().map(|share| share[place]).sum();
        Finding::new(claim.what.clone(), name.clone(), claim.claimed, hits, data_sets.get())
    };
    Ok(experiment.claims.iter().enumerate().map(judge).collect())
}

//! In which order the runs were made, and whether the place in that order shows in the efficiency.

use super::study::{Run, Tier};
use crate::stats::stratified::{Stratified, stratified, stratified_interval};
use crate::stats::{Interval, Result};
use jiff::Timestamp;

/// Consecutive runs of one runtime.
#[derive(Debug, Clone)]
pub struct Block {
    /// Runtime.
    pub runtime: String,
    /// First and last summary written.
    pub saved: (Timestamp, Timestamp),
    /// Number of runs.
    pub runs: usize,
    /// Configurations in the order in which they came.
    pub configs: Vec<String>,
    /// Seconds since the last run of the block before it.
    pub pause_s: Option<f64>,
}

/// A contrast of places in the order, within runtime and configuration.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// Shift of the efficiency (a fraction) and p.
    pub test: Stratified,
    /// Its 95 % interval.
    pub ci: Option<Interval>,
}

/// The order of a tier.
#[derive(Debug, Clone)]
pub struct Order {
    /// Blocks by time.
    pub blocks: Vec<Block>,
    /// Whether every block went through the same configurations in the same order.
    pub same_configs: bool,
    /// Whether repeats rose within every configuration.
    pub rising: bool,
    /// Runs after the first of their configuration: the later half minus the earlier half.
    pub later: Option<Place>,
    /// The first run of each configuration minus the others.
    pub first: Option<Place>,
}

impl Order {
    /// Whether every runtime has one block only.
    pub fn in_blocks(&self) -> bool {
        let once = |block: &Block| self.blocks.iter().filter(|b| b.runtime == block.runtime).count() == 1;
        self.blocks.len() > 1 && self.blocks.iter().all(once)
    }
}

/// Reads the order of a tier; the contrasts are of the runtimes named.
pub fn order(tier: &Tier, compared: &[&str]) -> Result<Order> {
    let mut blocks: Vec<Block> = Vec::new();
    for run in &tier.runs {
        let end = blocks.last().map(|block| block.saved.1);
        match blocks.last_mut().filter(|block| block.runtime == run.runtime) {
            Some(block) => {
                block.saved.1 = run.saved;
                block.runs += 1;
                if block.configs.last() != Some(&run.config) {
                    block.configs.push(run.config.clone());
                }
            }
            None => blocks.push(Block {
                runtime: run.runtime.clone(),
                saved: (run.saved, run.saved),
                runs: 1,
                configs: vec![run.config.clone()],
                pause_s: end.map(|end| run.saved.duration_since(end).as_secs_f64()),
            }),
        }
    }
    let cells = cells(tier, compared);
    let rising = cells.iter().all(|cell| cell.windows(2).all(|pair| pair[0].index < pair[1].index));
    let efficiency = |runs: &[&Run]| runs.iter().map(|run| run.efficiency).collect::<Vec<f64>>();
    let first: Vec<_> = cells
        .iter()
        .filter_map(|cell| cell.split_first())
        .map(|(first, rest)| (efficiency(rest), efficiency(&[first])))
        .collect();
    let later: Vec<_> = cells
        .iter()
        .filter_map(|cell| cell.split_first())
        .map(|(_, rest)| (efficiency(&rest[..rest.len() / 2]), efficiency(&rest[rest.len().div_ceil(2)..])))
        .collect();
    Ok(Order {
        same_configs: blocks.windows(2).all(|pair| pair[0].configs == pair[1].configs),
        blocks,
        rising,
        later: place(&later)?,
        first: place(&first)?,
    })
}

/// Runs by runtime and configuration, each in the order of time.
fn cells<'a>(tier: &'a Tier, compared: &[&str]) -> Vec<Vec<&'a Run>> {
    let mut cells: Vec<Vec<&Run>> = Vec::new();
    for run in tier.runs.iter().filter(|run| compared.contains(&run.runtime.as_str())) {
        let own = |cell: &&mut Vec<&Run>| {
            cell.first().is_some_and(|first| first.runtime == run.runtime && first.config == run.config)
        };
        match cells.iter_mut().find(own) {
            Some(cell) => cell.push(run),
            None => cells.push(vec![run]),
        }
    }
    cells
}

fn place(strata: &[(Vec<f64>, Vec<f64>)]) -> Result<Option<Place>> {
    let strata: Vec<(&[f64], &[f64])> = strata.iter().map(|(a, b)| (a.as_slice(), b.as_slice())).collect();
    let Some(test) = stratified(&strata)? else { return Ok(None) };
    Ok(Some(Place { test, ci: stratified_interval(&strata, 0.95)? }))
}

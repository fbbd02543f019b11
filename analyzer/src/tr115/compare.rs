//! The runtimes compared on the study's efficiency, with methods for unblocked data.

use super::study::{Run, Tier, first_seen};
use crate::stats::effect::{cliffs_delta, hedges_g};
use crate::stats::kruskal::{KruskalWallis, kruskal_wallis};
use crate::stats::quantile;
use crate::stats::stratified::{Stratified, stratified, stratified_interval};
use crate::stats::verdict::{Comparison, Contrast, Judgement, Names, SampleSize, Unit, Verdict};
use crate::stats::verdict::{Levels, compare_unpaired, judge};
use crate::stats::welch::{WelchAnova, WelchT, welch_anova, welch_t};
use crate::stats::{Interval, Result, multiple};

/// Significance level of tests and families.
pub const ALPHA: f64 = 0.05;

/// b against a, efficiencies as fractions.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Reference.
    pub a: String,
    /// What is compared with it.
    pub b: String,
    /// Runs of a and b.
    pub n: (usize, usize),
    /// Hodges-Lehmann shift, intervals and verdict, all configurations pooled.
    pub pooled: Comparison,
    /// Welch's t test of the means.
    pub welch: Option<WelchT>,
    /// Its p adjusted by Holm over the pairs.
    pub holm: Option<f64>,
    /// Hedges' g.
    pub hedges: Option<f64>,
    /// Cliff's delta.
    pub cliffs: Option<f64>,
    /// The same comparison within configurations.
    pub within: Option<Within>,
}

/// A comparison within configurations.
#[derive(Debug, Clone)]
pub struct Within {
    /// Shift and p.
    pub test: Stratified,
    /// p adjusted by Holm over the pairs.
    pub holm: f64,
    /// Interval at the level of the family.
    pub ci: Option<Interval>,
    /// Verdict.
    pub judgement: Judgement,
}

/// All pairs of some runtimes over some runs of a tier.
#[derive(Debug, Clone)]
pub struct Comparisons {
    /// The runtimes, by their first run.
    pub runtimes: Vec<String>,
    /// Runs compared.
    pub n: usize,
    /// Confidence level of the intervals, 1 - .05/k for k pairs.
    pub level: f64,
    /// Welch's analysis of variance.
    pub anova: Option<WelchAnova>,
    /// Kruskal and Wallis' test.
    pub kruskal: Option<KruskalWallis>,
    /// Every pair.
    pub pairs: Vec<Pair>,
}

/// One configuration.
#[derive(Debug, Clone)]
pub struct ByConfig {
    /// Its name.
    pub config: String,
    /// Runs and median efficiency (a fraction) of each runtime; no median without a run.
    pub medians: Vec<(usize, Option<f64>)>,
    /// Kruskal and Wallis' test between the runtimes.
    pub kruskal: Option<KruskalWallis>,
    /// Its p adjusted by Holm over the configurations.
    pub holm: Option<f64>,
    /// Verdicts on the pairs.
    pub verdicts: Vec<Verdict>,
}

impl Pair {
    /// Whether anything says that the two differ: the family's interval, Welch's test, or the comparison within
    /// configurations.
    pub fn differs(&self) -> bool {
        let excludes = |ci: Option<Interval>| ci.is_some_and(|ci| ci.excludes_zero());
        excludes(self.pooled.ci)
            || self.holm.is_some_and(|p| p < ALPHA)
            || self.within.as_ref().is_some_and(|within| excludes(within.ci) || within.holm < ALPHA)
    }
}

impl Comparisons {
    /// Pairs that something says differ.
    pub fn differing(&self) -> impl Iterator<Item = &Pair> {
        self.pairs.iter().filter(|pair| pair.differs())
    }

    /// Whether there was anything to compare.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

/// Compares runtimes over the given runs.
pub fn compare(runtimes: &[&str], runs: &[&Run], margin: f64) -> Result<Comparisons> {
    let of = |runtime: &str, config: Option<&str>| -> Vec<f64> {
        let wanted = |run: &&&Run| run.runtime == runtime && config.is_none_or(|config| run.config == config);
        runs.iter().filter(wanted).map(|run| run.efficiency).collect()
    };
    let runtimes: Vec<&str> = runtimes.iter().copied().filter(|r| !of(r, None).is_empty()).collect();
    let groups: Vec<Vec<f64>> = runtimes.iter().map(|runtime| of(runtime, None)).collect();
    let slices: Vec<&[f64]> = groups.iter().map(Vec::as_slice).collect();
    let configs = first_seen(runs.iter().map(|run| run.config.as_str()));
    let count = runtimes.len() * runtimes.len().saturating_sub(1) / 2;
    let level = 1.0 - ALPHA / count.max(1) as f64;
    let unit = Unit::percentage_points();
    let mut pairs = Vec::with_capacity(count);
    for (i, a) in runtimes.iter().enumerate() {
        for (j, b) in runtimes.iter().enumerate().skip(i + 1) {
            let (x, y) = (slices[i], slices[j]);
            let names = Names { a, b, unit: &unit };
            let strata: Vec<_> = configs.iter().map(|c| (of(a, Some(c)), of(b, Some(c)))).collect();
            pairs.push(Pair {
                a: (*a).to_owned(),
                b: (*b).to_owned(),
                n: (x.len(), y.len()),
                pooled: compare_unpaired(x, y, Levels::simultaneous(level), margin, names)?,
                welch: welch_t(x, y, level)?,
                holm: None,
                hedges: hedges_g(x, y)?,
                cliffs: cliffs_delta(x, y)?,
                within: within(&strata, level, margin, names)?,
            });
        }
    }
    adjust(&mut pairs)?;
    Ok(Comparisons {
        runtimes: runtimes.iter().map(|r| (*r).to_owned()).collect(),
        n: groups.iter().map(Vec::len).sum(),
        level,
        anova: welch_anova(&slices)?,
        kruskal: kruskal_wallis(&slices)?,
        pairs,
    })
}

fn within(strata: &[(Vec<f64>, Vec<f64>)], level: f64, margin: f64, names: Names) -> Result<Option<Within>> {
    let strata: Vec<(&[f64], &[f64])> = strata.iter().map(|(a, b)| (a.as_slice(), b.as_slice())).collect();
    let Some(test) = stratified(&strata)? else { return Ok(None) };
    let ci = stratified_interval(&strata, level)?;
    let judgement = judge(&Contrast {
        a: names.a,
        b: names.b,
        n: SampleSize::Groups(test.n.0, test.n.1),
        estimate: Some(test.shift),
        ci,
        ci_within: ci,
        levels: Levels::simultaneous(level),
        margin,
        no_variation: false,
        step: None,
        against: None,
        apart: &[],
        unit: names.unit,
    })?;
    Ok(Some(Within { test, holm: test.p, ci, judgement }))
}

/// Holm's adjustment over the pairs, of both tests.
fn adjust(pairs: &mut [Pair]) -> Result<()> {
    let ps: Vec<f64> = pairs.iter().filter_map(|pair| pair.welch?.p).collect();
    let mut adjusted = multiple::holm(&ps)?.into_iter();
    for pair in pairs.iter_mut().filter(|pair| pair.welch.is_some_and(|welch| welch.p.is_some())) {
        pair.holm = adjusted.next();
    }
    let ps: Vec<f64> = pairs.iter().filter_map(|pair| Some(pair.within.as_ref()?.test.p)).collect();
    let adjusted = multiple::holm(&ps)?;
    for (within, p) in pairs.iter_mut().filter_map(|pair| pair.within.as_mut()).zip(adjusted) {
        within.holm = p;
    }
    Ok(())
}

/// One entry for each configuration of a tier.
pub fn by_config(tier: &Tier, runtimes: &[&str], margin: f64) -> Result<Vec<ByConfig>> {
    let mut found = Vec::new();
    for config in tier.configs() {
        let runs: Vec<&Run> = tier.runs.iter().filter(|run| run.config == config).collect();
        let compared = compare(runtimes, &runs, margin)?;
        let mut medians = Vec::new();
        for runtime in runtimes {
            let values: Vec<f64> =
                runs.iter().filter(|run| run.runtime == *runtime).map(|run| run.efficiency).collect();
            medians.push((values.len(), quantile::median(&values)?));
        }
        found.push(ByConfig {
            config: config.to_owned(),
            medians,
            kruskal: compared.kruskal,
            holm: None,
            verdicts: compared.pairs.iter().map(|pair| pair.pooled.judgement.verdict).collect(),
        });
    }
    let ps: Vec<f64> = found.iter().filter_map(|entry| Some(entry.kruskal?.p)).collect();
    let mut adjusted = multiple::holm(&ps)?.into_iter();
    for entry in found.iter_mut().filter(|entry| entry.kruskal.is_some()) {
        entry.holm = adjusted.next();
    }
    Ok(found)
}

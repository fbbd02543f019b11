//! Cases of micro workloads with the value of every arm and its difference to the baseline.

use crate::analysis::{Settings, arms, repeated};
use crate::load::Run;
use crate::stats::verdict::{Comparison, Levels, Names, Unit, compare_paired};
use crate::stats::{self, Interval, quantile};
use std::collections::BTreeMap;
use tandem_records::{MicroRow, Workload};

/// Level of all intervals of this report: each is one of many, which the report says.
const LEVEL: f64 = 0.95;
/// The case that is a batch of nothing.
const EMPTY: &str = "empty";

/// What a case is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Nanoseconds an operation.
    Time,
    /// Nanoseconds of CPU time an operation.
    Cpu,
    /// Bytes an operation.
    Memory,
}

impl Quantity {
    /// Its value in a batch, per operation; none where the batch does not tell.
    fn of(self, row: &MicroRow) -> Option<f64> {
        let sum = match self {
            Quantity::Time => row.elapsed_ns,
            Quantity::Cpu => row.cpu_ns,
            Quantity::Memory => row.bytes,
        };
        (row.operations > 0).then_some(sum? as f64 / row.operations as f64)
    }
}

/// One arm in one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Arm label.
    pub arm: String,
    /// Values by block.
    pub by_block: BTreeMap<u32, f64>,
    /// Their median.
    pub median: f64,
    /// Its interval by order statistics; none under 6 blocks.
    pub ci: Option<Interval>,
    /// Median CPU time an operation in ns, beside a time.
    pub cpu: Option<f64>,
    /// Against the baseline; none for itself and where it has no such case.
    pub contrast: Option<Contrast>,
}

/// An arm over the baseline, paired by block.
#[derive(Debug, Clone, PartialEq)]
pub struct Contrast {
    /// exp of the Hodges-Lehmann estimate of the differences of logarithms.
    pub ratio: Option<f64>,
    /// Its 95 % interval.
    pub ci: Option<Interval>,
    /// The decision table on the log scale.
    pub comparison: Comparison,
}

/// One case of one workload.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Workload.
    pub workload: Workload,
    /// What was done.
    pub name: String,
    /// What it is judged by.
    pub quantity: Quantity,
    /// The arms that have it, in the order of [`Cases::arms`].
    pub values: Vec<Value>,
    /// Fact of workload `behaviour`: in how many trials of each arm it held, of how many.
    pub held: BTreeMap<String, (usize, usize)>,
    /// Median time of a batch of nothing over that of this case's batches, over all arms; none for what is not timed in
    /// batches.
    pub overhead: Option<f64>,
}

/// All cases of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Cases {
    /// Baseline.
    pub baseline: String,
    /// Margin on the log scale.
    pub margin: f64,
    /// Arms: the baseline, the same once more, then the others as in the plan.
    pub arms: Vec<String>,
    /// In the order of workloads and, inside them, of the rows.
    pub cases: Vec<Case>,
}

impl Case {
    /// An arm's value.
    pub fn value(&self, arm: &str) -> Option<&Value> {
        self.values.iter().find(|value| value.arm == arm)
    }
}

impl Cases {
    /// A case by its workload and name.
    pub fn find(&self, workload: Workload, name: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.workload == workload && case.name == name)
    }

    /// The cases of a workload.
    pub fn of(&self, workload: Workload) -> impl Iterator<Item = &Case> {
        self.cases.iter().filter(move |case| case.workload == workload)
    }

    /// Whether this label is the baseline once more.
    pub fn is_control(&self, arm: &str) -> bool {
        repeated(arm) == Some(self.baseline.as_str())
    }

    /// Contrasts of arms with the baseline, or of the baseline with itself. When a fact shows is no cost that arms are
    /// compared by.
    pub fn contrasts(&self, controls: bool) -> impl Iterator<Item = (&Case, &Value, &Contrast)> {
        let costs = self.cases.iter().filter(|case| case.workload != Workload::Behaviour);
        costs.flat_map(move |case| {
            let wanted = move |value: &&Value| self.is_control(&value.arm) == controls;
            case.values.iter().filter(wanted).filter_map(move |v| Some((case, v, v.contrast.as_ref()?)))
        })
    }
}

/// Rows of a case by arm and block.
type ByArm<'a> = BTreeMap<&'a str, BTreeMap<u32, Vec<&'a MicroRow>>>;

/// Reads the cases of a run.
///
/// # Errors
/// A value that cannot be analysed.
pub fn read(run: &Run, settings: &Settings) -> stats::Result<Cases> {
    let arms = arms(run, &settings.baseline);
    let mut order: Vec<(Workload, &str)> = Vec::new();
    let mut rows: BTreeMap<(Workload, &str), ByArm> = BTreeMap::new();
    for row in &run.micro {
        let key = (row.workload, row.case.as_str());
        let by_arm = rows.entry(key).or_insert_with(|| {
            order.push(key);
            ByArm::new()
        });
        by_arm.entry(&row.arm).or_default().entry(row.block).or_default().push(row);
    }
    // Workloads as their list has them; the rows of a shuffled run come in any order.
    order.sort_by_key(|(workload, _)| *workload);
    let empty = |workload| -> stats::Result<Option<f64>> {
        let batches: Vec<f64> = rows.get(&(workload, EMPTY)).map_or_else(Vec::new, |by_arm| elapsed(by_arm));
        quantile::median(&batches)
    };
    let mut cases = Vec::new();
    for (workload, name) in order.iter().copied().filter(|(_, name)| *name != EMPTY) {
        let by_arm = &rows[&(workload, name)];
        let has = |told: fn(&MicroRow) -> Option<u64>| all(by_arm).any(|row| told(row).is_some());
        let quantity = match (has(|row| row.elapsed_ns), has(|row| row.bytes)) {
            (true, _) => Quantity::Time,
            (false, true) => Quantity::Memory,
            (false, false) => Quantity::Cpu,
        };
        let overhead = match empty(workload)? {
            Some(empty) if has(|row| row.elapsed_ns) && has(|row| row.cpu_ns) => {
                quantile::median(&elapsed(by_arm))?.map(|batch| empty / batch)
            }
            _ => None,
        };
        let held = if workload == Workload::Behaviour { held(by_arm) } else { BTreeMap::new() };
        let values = values(by_arm, quantity, &arms, settings)?;
        cases.push(Case { workload, name: name.to_owned(), quantity, values, held, overhead });
    }
    Ok(Cases { baseline: settings.baseline.clone(), margin: settings.margin_log_time, arms, cases })
}

fn all<'a>(by_arm: &'a ByArm) -> impl Iterator<Item = &'a MicroRow> {
    by_arm.values().flat_map(BTreeMap::values).flatten().copied()
}

fn elapsed(by_arm: &ByArm) -> Vec<f64> {
    all(by_arm).filter_map(|row| row.elapsed_ns).map(|ns| ns as f64).collect()
}

fn held(by_arm: &ByArm) -> BTreeMap<String, (usize, usize)> {
    let count = |blocks: &BTreeMap<u32, Vec<&MicroRow>>| {
        let rows = blocks.values().flatten();
        (rows.clone().filter(|row| row.operations > 0).count(), rows.count())
    };
    by_arm.iter().map(|(arm, blocks)| ((*arm).to_owned(), count(blocks))).collect()
}

/// A trial's value: the median over its batches.
fn by_block(blocks: &BTreeMap<u32, Vec<&MicroRow>>, quantity: Quantity) -> stats::Result<BTreeMap<u32, f64>> {
    let mut found = BTreeMap::new();
    for (block, rows) in blocks {
        let batches: Vec<f64> = rows.iter().filter_map(|row| quantity.of(row)).collect();
        if let Some(median) = quantile::median(&batches)? {
            found.insert(*block, median);
        }
    }
    Ok(found)
}

fn values(
    rows: &ByArm,
    quantity: Quantity,
    arms: &[String],
    settings: &Settings,
) -> stats::Result<Vec<Value>> {
    let none = BTreeMap::new();
    let of = |arm: &str| by_block(rows.get(arm).unwrap_or(&none), quantity);
    let baseline = of(&settings.baseline)?;
    let mut values = Vec::new();
    for arm in arms {
        let by_block = of(arm)?;
        let told: Vec<f64> = by_block.values().copied().collect();
        let Some(median) = quantile::median(&told)? else { continue };
        let cpu = match quantity {
            Quantity::Time => {
                let cpu = self::by_block(rows.get(arm.as_str()).unwrap_or(&none), Quantity::Cpu)?;
                quantile::median(&cpu.into_values().collect::<Vec<_>>())?
            }
            Quantity::Cpu | Quantity::Memory => None,
        };
        let contrast = if *arm == settings.baseline || baseline.is_empty() {
            None
        } else {
            Some(contrast(&baseline, &by_block, settings.margin_log_time, (&settings.baseline, arm))?)
        };
        let ci = quantile::median_interval(&told, LEVEL)?.map(|found| found.interval);
        values.push(Value { arm: arm.clone(), by_block, median, ci, cpu, contrast });
    }
    Ok(values)
}

/// b over a within blocks. A value of 0, as a lateness may be, has no logarithm and is left out.
pub(super) fn contrast(
    a: &BTreeMap<u32, f64>,
    b: &BTreeMap<u32, f64>,
    margin: f64,
    (a_name, b_name): (&str, &str),
) -> stats::Result<Contrast> {
    let logs: Vec<f64> = a
        .iter()
        .filter_map(|(block, a)| Some((*a, *b.get(block)?)))
        .filter(|(a, b)| *a > 0.0 && *b > 0.0)
        .map(|(a, b)| (b / a).ln())
        .collect();
    let unit = Unit::log_as_percent();
    let comparison =
        compare_paired(&logs, Levels::SINGLE, margin, Names { a: a_name, b: b_name, unit: &unit })?;
    let as_ratio = |ci: Interval| Interval { lo: ci.lo.exp(), hi: ci.hi.exp() };
    Ok(Contrast { ratio: comparison.estimate.map(f64::exp), ci: comparison.ci.map(as_ratio), comparison })
}

//! What the order of the trials shows, in words and as tables.

mod sentence;
mod together;

pub(crate) use sentence::too_narrow;
pub(super) use sentence::{beside, found_over_the_run};

use super::{escape, format, words};
use crate::analysis::{Analysis, FlaggedDifference, LEAST_BLOCKS, LEAST_TRIALS, Order, OrderTest, Tested};
use sentence::sentence;

/// Most blocks listed with outlying differences.
const BLOCKS: usize = 40;

pub(super) fn section(analysis: &Analysis) -> String {
    let mut text = format!("### Run order\n\n{}\n\n", escape::sentence(&sentence(analysis)));
    if analysis.order.cells.is_empty() {
        return text;
    }
    text += &together::table(analysis);
    let titles = [
        "cell",
        "blocks",
        "trials",
        "drift: tau",
        "pp per block",
        "p",
        "step after block",
        "p",
        "lag-1 r",
        "Ljung-Box p",
        "runs p",
        "place in block p",
        "outlying: 1.5 IQR / 3 IQR / z 3.5",
    ];
    text += &words::head(&titles, 1);
    for order in &analysis.order.cells {
        let [drift, step, neighbours, runs, place] = order.tests;
        let number =
            |value: Option<f64>, show: fn(f64) -> String| value.map_or(format::NONE.to_owned(), show);
        text += &words::row(&[
            escape::markdown(&order.cell),
            order.blocks.to_string(),
            order.trials.to_string(),
            number(order.tau, |tau| format::signed(tau, 2)),
            number(order.slope, |slope| format::significant(slope * 100.0)),
            p(order, drift),
            order.step_after.map_or(format::NONE.to_owned(), |block| block.to_string()),
            p(order, step),
            number(order.acf1, |r| format::signed(r, 2)),
            p(order, neighbours),
            p(order, runs),
            p(order, place),
            outlying(order),
        ]);
    }
    text += "\nA trial's value is its efficiency minus the median of its arm. Drift: Kendall's tau and the Theil-Sen slope of \
             the blocks' means. Step: as above, of the cell alone. Neighbours: deviations from the block's mean in run order; lag-1 autocorrelation less what \
             shuffling gives on average, Ljung-Box over 10 lags and runs about the median, p by shuffling inside the \
             blocks. Place in block: Friedman with Iman and Davenport's F. Exploratory; p values as they are, bold where \
             under .05 after Benjamini-Hochberg over both tables. Outlying: within-block differences to the baseline beyond \
             Tukey's fences or with a modified z over 3.5; none is removed.\n\n";
    text + &list(analysis)
}

/// A p value, or what it lacks.
fn p(order: &Order, test: Tested) -> String {
    let (has, needs, of) = match test.test {
        OrderTest::Drift | OrderTest::Step => (order.blocks, LEAST_BLOCKS, "blocks"),
        OrderTest::Place => (order.complete_blocks, LEAST_BLOCKS, "complete blocks"),
        OrderTest::Neighbours | OrderTest::Runs => (order.trials, LEAST_TRIALS, "trials"),
    };
    match test.p {
        None if has < needs => format!("needs >= {needs} {of}"),
        _ => marked(test),
    }
}

/// A p value, bold where it stands out.
fn marked(test: Tested) -> String {
    match test.p {
        Some(p) if test.stands_out() => format!("**{}**", format::p_value(p)),
        Some(p) => format::p_value(p),
        None => format::NONE.to_owned(),
    }
}

fn outlying(order: &Order) -> String {
    let found = &order.outlying;
    if found.differences == 0 {
        return format!("needs >= {LEAST_BLOCKS} differences of an arm");
    }
    if found.of == 0 {
        return "no scale: half are equal".to_owned();
    }
    let fences = format!("{} / {}", found.beyond_1_5_iqr, found.beyond_3_iqr);
    match found.beyond_z_3_5 {
        Some(z) if found.of_z == found.of => format!("{fences} / {z} of {}", found.of),
        Some(z) => format!("{fences} of {}, z {z} of {}", found.of, found.of_z),
        None => format!("{fences} of {}, no z: half are equal", found.of),
    }
}

/// The flagged differences, block by block: where all arms of a block are flagged, the baseline's trial is the odd one.
fn list(analysis: &Analysis) -> String {
    let blocks: Vec<(&Order, &[FlaggedDifference])> = analysis
        .order
        .cells
        .iter()
        .flat_map(|order| {
            let blocks = order.outlying.flagged.chunk_by(|a, b| a.block == b.block);
            blocks.map(move |block| (order, block))
        })
        .collect();
    if blocks.is_empty() {
        return String::new();
    }
    let mut text = "<details><summary>Outlying differences with their trials</summary>\n\n".to_owned();
    for (order, block) in blocks.iter().take(BLOCKS) {
        let said: Vec<String> = block
            .iter()
            .map(|one| {
                let by = format::signed(one.difference * 100.0, 2);
                format!(
                    "{} {by} pp (trials {} and {})",
                    escape::name(&one.arm),
                    one.trial,
                    one.baseline_trial
                )
            })
            .collect();
        let number = block.first().map_or(0, |one| one.block);
        let line = format!("{}, block {number}: {}", escape::name(&order.cell), said.join("; "));
        text += &format!("- {}\n", escape::sentence(&line));
    }
    if blocks.len() > BLOCKS {
        text += &format!("- and {}\n", format::plural(blocks.len() - BLOCKS, "more block"));
    }
    text + "\nThe second trial is the baseline's: a block in which most arms stand here has an odd baseline.\n\n</details>\n\n"
}

//! What the order of the trials shows, in words and as a table.

use super::{escape, format, words};
use crate::analysis::{Analysis, FlaggedDifference, LEAST_BLOCKS, LEAST_TRIALS, Order, OrderTest, Tested};

/// Most cells named in the sentence for one kind of test, and most blocks listed with outlying differences.
const CELLS: usize = 3;
const BLOCKS: usize = 40;

pub(super) fn section(analysis: &Analysis) -> String {
    let mut text = format!("### Run order\n\n{}\n\n", escape::sentence(&sentence(analysis)));
    if analysis.order.is_empty() {
        return text;
    }
    let titles = [
        "cell",
        "blocks",
        "trials",
        "drift: tau",
        "pp per block",
        "p",
        "lag-1 r",
        "Ljung-Box p",
        "runs p",
        "place in block p",
        "outlying: 1.5 IQR / 3 IQR / z 3.5",
    ];
    text += &words::head(&titles, 1);
    for order in &analysis.order {
        let [drift, neighbours, runs, place] = order.tests;
        let number =
            |value: Option<f64>, show: fn(f64) -> String| value.map_or(format::NONE.to_owned(), show);
        text += &words::row(&[
            escape::markdown(&order.cell),
            order.blocks.to_string(),
            order.trials.to_string(),
            number(order.tau, |tau| format::signed(tau, 2)),
            number(order.slope, |slope| format::significant(slope * 100.0)),
            p(order, drift),
            number(order.acf1, |r| format::signed(r, 2)),
            p(order, neighbours),
            p(order, runs),
            p(order, place),
            outlying(order),
        ]);
    }
    text += "\nA trial's value is its efficiency minus the median of its arm. Drift: Kendall's tau and the Theil-Sen slope of \
             the blocks' means. Neighbours: deviations from the block's mean in run order; lag-1 autocorrelation less what \
             shuffling gives on average, Ljung-Box over 10 lags and runs about the median, p by shuffling inside the \
             blocks. Place in block: Friedman with Iman and Davenport's F. Exploratory; p values as they are, bold where \
             under .05 after Benjamini-Hochberg over this table. Outlying: within-block differences to the baseline beyond \
             Tukey's fences or with a modified z over 3.5; none is removed.\n\n";
    text + &list(analysis)
}

/// Whether anything stands out, plain text.
fn sentence(analysis: &Analysis) -> String {
    if analysis.order.is_empty() {
        return "No trial counts, so the run order shows nothing.".to_owned();
    }
    let tests: Vec<(&Order, Tested)> = analysis.order_tests().collect();
    let found: Vec<&(&Order, Tested)> = tests.iter().filter(|(_, test)| test.stands_out()).collect();
    let number = format::plural(tests.len(), "test");
    let mut text = if tests.is_empty() {
        format!(
            "The order of the trials cannot be tested: that needs >= {LEAST_BLOCKS} blocks or >= {LEAST_TRIALS} trials, \
             and values that vary."
        )
    } else if found.is_empty() {
        format!("Nothing stands out in run order ({number}, Benjamini-Hochberg at 5 %).")
    } else {
        let kinds = [OrderTest::Drift, OrderTest::Neighbours, OrderTest::Runs, OrderTest::Place];
        let said: Vec<String> = kinds.into_iter().filter_map(|kind| of_kind(kind, &found)).collect();
        format!("In run order stands out ({number}, Benjamini-Hochberg at 5 %): {}.", said.join("; "))
    };
    let of: usize = analysis.order.iter().map(|order| order.outlying.of).sum();
    let flagged: usize = analysis.order.iter().map(|order| order.outlying.flagged.len()).sum();
    if of > 0 {
        text += &match flagged {
            0 => format!(" None of {of} within-block differences is outlying."),
            1 => format!(" One of {of} within-block differences is outlying; it counts all the same."),
            n => format!(" {n} of {of} within-block differences are outlying; they count all the same."),
        };
    }
    text
}

/// What stands out by one test, where, and what it means for the verdicts.
fn of_kind(kind: OrderTest, found: &[&(&Order, Tested)]) -> Option<String> {
    let cells: Vec<&str> =
        found.iter().filter(|(_, test)| test.test == kind).map(|(order, _)| order.cell.as_str()).collect();
    let what = match kind {
        OrderTest::Drift => "efficiency drifts over the blocks",
        OrderTest::Neighbours => "trials inside a block depend on those shortly before them",
        OrderTest::Runs => "high and low trials inside the blocks do not follow each other at random",
        OrderTest::Place => "the place inside the block matters",
    };
    let so = match kind {
        OrderTest::Drift => "differences are taken inside blocks, which drift between blocks does not reach",
        _ => {
            "the arms' shuffled order keeps this from favouring an arm on average, and it widens the intervals"
        }
    };
    let more = cells.len().saturating_sub(CELLS);
    let mut named: Vec<String> = cells.iter().take(CELLS).map(|cell| escape::name(cell)).collect();
    if more > 0 {
        named.push(format::plural(more, "more cell"));
    }
    (!cells.is_empty()).then(|| format!("{what} in {} ({so})", format::listed(&named)))
}

/// A p value, or what it lacks.
fn p(order: &Order, test: Tested) -> String {
    let (has, needs, of) = match test.test {
        OrderTest::Drift => (order.blocks, LEAST_BLOCKS, "blocks"),
        OrderTest::Place => (order.complete_blocks, LEAST_BLOCKS, "complete blocks"),
        OrderTest::Neighbours | OrderTest::Runs => (order.trials, LEAST_TRIALS, "trials"),
    };
    match test.p {
        Some(p) if test.stands_out() => format!("**{}**", format::p_value(p)),
        Some(p) => format::p_value(p),
        None if has < needs => format!("needs >= {needs} {of}"),
        None => format::NONE.to_owned(),
    }
}

fn outlying(order: &Order) -> String {
    let found = &order.outlying;
    if found.of == 0 {
        return format!("needs >= {LEAST_BLOCKS} differences of an arm");
    }
    let z = found.beyond_z_3_5.map_or(format::NONE.to_owned(), |n| n.to_string());
    format!("{} / {} / {z} of {}", found.beyond_1_5_iqr, found.beyond_3_iqr, found.of)
}

/// The flagged differences, block by block: where all arms of a block are flagged, the baseline's trial is the odd one.
fn list(analysis: &Analysis) -> String {
    let blocks: Vec<(&Order, &[FlaggedDifference])> = analysis
        .order
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

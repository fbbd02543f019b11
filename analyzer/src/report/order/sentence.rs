//! What the order of the trials shows, as sentences. What is not shown may be there all the same.

use crate::analysis::{Analysis, LEAST_BLOCKS, LEAST_TRIALS, Of, Order, OrderTest, Place, Tested, Together};
use crate::report::{escape, format};
use crate::stats::autocorrelation::Alike;

/// Most cells named in the sentence for one kind of test.
const CELLS: usize = 3;

/// Whether anything stands out, plain text.
pub(super) fn sentence(analysis: &Analysis) -> String {
    let order = &analysis.order;
    if order.cells.is_empty() {
        return "No trial counts, so the run order shows nothing.".to_owned();
    }
    let number = order.tests().count();
    let basis = format!("{}, Benjamini-Hochberg at 5 %", format::plural(number, "test"));
    let found = found(analysis);
    let mut text = if number == 0 {
        format!(
            "The order of the trials cannot be tested: that needs >= {LEAST_BLOCKS} blocks or >= {LEAST_TRIALS} trials, \
             and values that vary."
        )
    } else if found.is_empty() {
        format!("No effect of the run order is shown ({basis}). {}", what_could_hide(analysis))
    } else {
        format!("In run order stands out ({basis}): {}.", found.join("; "))
    };
    text += &outlying(analysis);
    text
}

/// What a run in which nothing is shown would not have shown.
fn what_could_hide(analysis: &Analysis) -> String {
    let efficiency = analysis.order.together.iter().find(|one| one.of == Of::Efficiency);
    match efficiency.and_then(|one| Some((one, one.visible?))) {
        Some((one, least)) => format!(
            "That does not say that there is none: of steps of the efficiency that come in mid-run and stay, {} would show four in \
             five from about {} pp on, and fewer of smaller ones and of changes that go back again.",
            format::plural(one.blocks, "block"),
            format::significant(least * 100.0),
        ),
        None => format!(
            "That does not say that there is none: steps and drift need >= {LEAST_BLOCKS} blocks with values that vary."
        ),
    }
}

/// Everything that stands out, one clause each.
fn found(analysis: &Analysis) -> Vec<String> {
    let together = &analysis.order.together;
    let mut clauses: Vec<String> = together
        .iter()
        .filter_map(|one| Some(format!("{} ({})", over_the_run(analysis, one)?, consequence(one))))
        .collect();
    let whole_run = together.iter().any(|one| one.of == Of::Efficiency && stands_out(one));
    let kinds = [OrderTest::Drift, OrderTest::Step, OrderTest::Neighbours, OrderTest::Runs, OrderTest::Place];
    for kind in kinds {
        // What all cells share is told of the run, and their own values stand in the table.
        if !(whole_run && matches!(kind, OrderTest::Drift | OrderTest::Step)) {
            clauses.extend(in_cells(kind, &analysis.order.cells));
        }
    }
    clauses
}

/// What stands out over the cells together, one clause for each quantity.
pub(in crate::report) fn found_over_the_run(analysis: &Analysis) -> Vec<String> {
    analysis.order.together.iter().filter_map(|one| over_the_run(analysis, one)).collect()
}

fn stands_out(one: &Together) -> bool {
    one.tests.iter().any(Tested::stands_out)
}

/// `the efficiency falls by 10.0 pp between block 7 and 8 (2026-11-21T12:31:05Z), over 6 cells together`.
fn over_the_run(analysis: &Analysis, one: &Together) -> Option<String> {
    if !stands_out(one) {
        return None;
    }
    let what = match &one.of {
        Of::Efficiency => "the efficiency".to_owned(),
        Of::TimeAlone => "the time of agents alone".to_owned(),
        Of::CpuPerToken => "CPU per token".to_owned(),
        Of::Difference(arm) => {
            format!("{} minus {}", escape::name(arm), escape::name(&analysis.settings.baseline))
        }
    };
    let over = match one.cells {
        1 => "in the one cell".to_owned(),
        n => format!("over {n} cells together"),
    };
    match one.place.as_ref().filter(|_| !one.is_even && one.tests[1].stands_out()) {
        Some(place) => {
            let each = if one.cells > 1 { each_cell(&one.of, place) } else { String::new() };
            Some(format!("{what} {}, {over}{each}", step(&one.of, place)))
        }
        None => {
            let tau = one.tau?;
            let way = if tau < 0.0 { "falls" } else { "rises" };
            Some(format!("{what} {way} over the run, {over} (tau {})", format::signed(tau, 2)))
        }
    }
}

/// `falls by 10.0 pp between block 7 and 8 (2026-11-21T12:31:05Z)`.
fn step(of: &Of, place: &Place) -> String {
    let way = if place.size < 0.0 { "falls" } else { "rises" };
    let (before, after) = place.blocks;
    let at = place.at.as_deref().map(|at| format!(" ({})", escape::name(&to_the_second(at))));
    let whence = match before == after {
        true => format!("within block {before}"),
        false => format!("between block {before} and {after}"),
    };
    format!(
        "{way} by {} {whence}{}",
        by(of, place.size).trim_start_matches(['+', '-']),
        at.unwrap_or_default()
    )
}

/// A change in words: points of efficiency, or percent of a duration or cost.
pub(super) fn by(of: &Of, size: f64) -> String {
    let (value, unit) = if of.is_log() { (size.exp_m1(), "%") } else { (size, "pp") };
    let shown = format::significant(value * 100.0);
    format!("{}{shown} {unit}", if value > 0.0 { "+" } else { "" })
}

fn each_cell(of: &Of, place: &Place) -> String {
    let (least, most) = place.over_cells;
    format!(" ({} to {} in single ones)", by(of, least), by(of, most))
}

/// A time in UTC without parts of a second.
fn to_the_second(at: &str) -> String {
    at.split_once('.').map_or_else(|| at.to_owned(), |(whole, _)| format!("{whole}Z"))
}

/// What it means for the verdicts.
fn consequence(one: &Together) -> String {
    let within = one.place.as_ref().filter(|place| place.blocks.0 == place.blocks.1);
    match (&one.of, within) {
        (Of::Difference(_), _) => "its estimate mixes both states".to_owned(),
        (_, Some(place)) => format!(
            "the differences of block {} mix both levels, those of other blocks do not; medians of arms and comparisons with other \
             runs do",
            place.blocks.0
        ),
        _ => "differences are taken inside blocks, which it does not reach; medians of arms, their intervals and comparisons with \
              other runs mix both levels"
            .to_owned(),
    }
}

/// What stands out in single cells by one test, where, and what it means for the verdicts.
fn in_cells(kind: OrderTest, orders: &[Order]) -> Option<String> {
    let stands_out = |order: &&Order| order.tests.iter().any(|test| test.test == kind && test.stands_out());
    let cells: Vec<&Order> = orders.iter().filter(stands_out).collect();
    let what = match kind {
        OrderTest::Drift => "efficiency drifts over the blocks",
        OrderTest::Step => "efficiency steps",
        OrderTest::Neighbours => "trials inside a block depend on those shortly before them",
        OrderTest::Runs => "high and low trials inside the blocks do not follow each other at random",
        OrderTest::Place => "the place inside the block matters",
    };
    let so = match kind {
        OrderTest::Drift | OrderTest::Step => {
            "differences are taken inside blocks, which it does not reach; medians of arms mix the levels"
        }
        _ => {
            "the arms' shuffled order keeps this from favouring an arm on average, and it widens the intervals"
        }
    };
    let place = |order: &Order| match (kind, order.step_after) {
        (OrderTest::Step, Some(block)) => format!("{} after block {block}", escape::name(&order.cell)),
        _ => escape::name(&order.cell),
    };
    let more = cells.len().saturating_sub(CELLS);
    let mut named: Vec<String> = cells.iter().take(CELLS).map(|order| place(order)).collect();
    if more > 0 {
        named.push(format::plural(more, "more cell"));
    }
    (!cells.is_empty()).then(|| format!("{what} in {} ({so})", format::listed(&named)))
}

/// How many within-block differences are outlying, of those that any rule can judge.
fn outlying(analysis: &Analysis) -> String {
    let sum = |of: fn(&Order) -> usize| analysis.order.cells.iter().map(of).sum::<usize>();
    let (differences, of) = (sum(|order| order.outlying.differences), sum(|order| order.outlying.of));
    let flagged = sum(|order| order.outlying.flagged.len());
    let mut text = match (differences, of, flagged) {
        (0, ..) => String::new(),
        (_, 0, _) => {
            return " Whether a within-block difference is outlying cannot be told: at least half of each arm's are equal."
                .to_owned();
        }
        (_, of, 0) => format!(" None of {of} within-block differences is outlying."),
        (_, of, 1) => format!(" One of {of} within-block differences is outlying; it counts all the same."),
        (_, of, n) => format!(" {n} of {of} within-block differences are outlying; they count all the same."),
    };
    if differences > of {
        text += &format!(
            " Of {} more it cannot be told, because at least half of their arm's are equal.",
            differences - of
        );
    }
    text
}

/// What stands beside the verdict of an arm whose neighbouring blocks are alike; none elsewhere.
pub(in crate::report) fn beside(analysis: &Analysis, cell: &str, arm: &str) -> Option<String> {
    Some(too_narrow(analysis.alike(cell, arm)?.found))
}

/// What a reader must know of an interval over blocks that are alike.
pub(crate) fn too_narrow(found: Alike) -> String {
    format!(
        "neighbouring blocks are alike (lag-1 r = {}, p = {}): the interval is too narrow by a factor of about {}",
        format::fixed(found.r, 2),
        format::p_value(found.p),
        format::fixed(found.too_narrow_by(), 1),
    )
}

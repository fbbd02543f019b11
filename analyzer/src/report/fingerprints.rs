//! Fingerprints in words: what the factors show, and what is known to look like that.

use super::{escape, format, streams, words};
use crate::analysis::{Analysis, Cell, Fingerprint, Medians, Sign, SlowCause, UnevenCause, WaitCause};

/// Where agents waited whose requests were queued.
const QUEUED: &str = "agents waited in a server's queue, not in the client";

/// Most arms named in the line of caveats.
const NAMED: usize = 3;

/// The lines of one cell; arms that show the same share a line.
pub(super) fn lines(analysis: &Analysis, cell: &Cell) -> String {
    let here: Vec<&Fingerprint> = analysis.fingerprints.iter().filter(|f| f.cell == cell.name).collect();
    let mut text = String::new();
    for alike in by_sign(&here) {
        let who = if alike.len() == cell.arms.len() && alike.len() > 1 {
            "all arms".to_owned()
        } else {
            words::arms(alike.iter().map(|f| f.arm.as_str()))
        };
        let sentence = format!("{who}: {}{}.", sentence(&alike), invalid(cell, &alike));
        text += &format!("- {}\n", escape::sentence(&sentence));
    }
    text
}

/// One phrase for the line of caveats; none where every sign is one that the plan itself asks for.
pub(super) fn caveat(analysis: &Analysis) -> Option<String> {
    let found: Vec<&Fingerprint> = analysis.fingerprints.iter().filter(|f| !f.sign.is_planned()).collect();
    let phrases: Vec<String> =
        by_sign(&found).iter().map(|alike| format!("{}: {}", arms(alike), sentence(alike))).collect();
    (!phrases.is_empty()).then(|| format!("{} (see the cells)", phrases.join("; ")))
}

/// The fingerprints of each sign, in the order of its first.
fn by_sign<'a>(found: &[&'a Fingerprint]) -> Vec<Vec<&'a Fingerprint>> {
    let mut groups: Vec<Vec<&Fingerprint>> = Vec::new();
    for one in found {
        match groups.iter_mut().find(|group| group.iter().any(|f| f.sign == one.sign)) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups
}

/// The distinct arms, the first few by name.
fn arms(alike: &[&Fingerprint]) -> String {
    let mut arms: Vec<&str> = Vec::new();
    for one in alike {
        if !arms.contains(&one.arm.as_str()) {
            arms.push(&one.arm);
        }
    }
    match arms.len().saturating_sub(NAMED) {
        0 => words::arms(arms),
        more => {
            let named: Vec<String> = arms.into_iter().take(NAMED).map(escape::name).collect();
            format!("{} and {}", named.join(", "), format::plural(more, "more arm"))
        }
    }
}

/// What is seen and what it means, for fingerprints of one sign: `overlap 0.50: agents ran one after the other in the
/// client`.
fn sentence(alike: &[&Fingerprint]) -> String {
    match alike.first().map(|first| first.sign) {
        None => String::new(),
        Some(Sign::Waiting(cause)) => waiting(alike, cause),
        Some(Sign::Slowed(cause)) => slowed(alike, cause),
        Some(Sign::HeldBack) => held_back(alike),
        Some(Sign::Uneven(cause)) => uneven(alike, cause),
    }
}

fn waiting(alike: &[&Fingerprint], cause: WaitCause) -> String {
    let why = match cause {
        WaitCause::Permits => "agents waited for a permit, as the plan gives fewer permits than agents",
        WaitCause::OneByOne => "agents ran one after the other in the client",
        WaitCause::Client => "agents waited for each other in the client",
    };
    let overlap = range(alike, |m| Some(m.overlap), two_decimals);
    let delivered = match alike.iter().any(|f| f.medians.delivered.is_some()) {
        true => format!(" (delivered concurrency {} %)", range(alike, |m| m.delivered, whole_percent)),
        false => String::new(),
    };
    format!("overlap {overlap}: {why}{delivered}")
}

fn slowed(alike: &[&Fingerprint], cause: SlowCause) -> String {
    let why = match cause {
        SlowCause::SharedServers => {
            "the servers share one GPU, as the plan asks, and slow each other".to_owned()
        }
        SlowCause::SerialServers => format!("{QUEUED}: {}, as the plan asks", served(alike)),
        SlowCause::Queued { slots } => {
            let slots = slots.map_or(String::new(), |slots| format!(" (slots: {slots})"));
            format!("{QUEUED}: {}{slots}", served(alike))
        }
        SlowCause::NotAtOnce => format!(
            "the streams were not open at once (delivered concurrency {} %): agents ran one after the other in the client",
            range(alike, |m| m.delivered, whole_percent)
        ),
        SlowCause::OneThread => format!(
            "the agents' own work ran on one thread ({} cores busy together)",
            range(alike, |m| m.busy_cores, two_decimals)
        ),
        SlowCause::Unknown => "servers or clients slow each other; this run cannot tell which".to_owned(),
    };
    format!("isolation {}: {why}", range(alike, |m| Some(m.isolation), two_decimals))
}

/// How the server that had most streams went about them.
fn served(alike: &[&Fingerprint]) -> String {
    let most = alike.iter().filter_map(|f| f.medians.at_once_per_server).reduce(f64::max);
    streams::served(most.map(|most| most.round() as u32))
}

fn held_back(alike: &[&Fingerprint]) -> String {
    let millis = |ns: f64| two_decimals(ns / 1e6);
    format!(
        "the client holds tokens back: the first token comes {} token gaps ({} ms) later than the baseline's, and tokens \
         then arrive in bursts (gap {} ms at the median, {} ms at p99)",
        range(alike, |m| Some(m.late?.gaps()), |gaps| format::fixed(gaps, 1)),
        range(alike, |m| Some(m.late?.ns), millis),
        range(alike, |m| Some(m.itl_p50_ns?.median), millis),
        range(alike, |m| m.itl_p99_ns, millis),
    )
}

fn uneven(alike: &[&Fingerprint], cause: UnevenCause) -> String {
    let balance = range(alike, |m| Some(m.balance), two_decimals);
    let whole = |tokens: f64| format::fixed(tokens, 0);
    let lengths = format!(
        "{} against {} tokens",
        range(alike, |m| Some(m.tokens?.0), whole),
        range(alike, |m| Some(m.tokens?.1), whole)
    );
    let only =
        format!("ratio_tr115 ({} %) sees only that", range(alike, |m| Some(m.ratio_tr115), format::percent));
    let why = match cause {
        UnevenCause::Planned => format!("the plan asks for different response lengths ({lengths}): {only}"),
        UnevenCause::FreeLength => {
            format!("response lengths differ, as they were left to the model ({lengths}): {only}")
        }
        UnevenCause::Lengths => format!("response lengths differ ({lengths}): {only}"),
        UnevenCause::Pace => {
            "responses of equal length take different times alone: one agent's server, options or own work are slower"
                .to_owned()
        }
    };
    format!("balance {balance}: {why}")
}

/// The value of all arms, `0.50`, or its range, `0.50 to 0.53`.
fn range(
    alike: &[&Fingerprint],
    value: impl Fn(&Medians) -> Option<f64>,
    show: impl Fn(f64) -> String,
) -> String {
    let values: Vec<f64> = alike.iter().filter_map(|f| value(&f.medians)).collect();
    let least = values.iter().copied().reduce(f64::min).map(&show);
    let most = values.into_iter().reduce(f64::max).map(&show);
    match (least, most) {
        (Some(least), Some(most)) if least == most => least,
        (Some(least), Some(most)) => format!("{least} to {most}"),
        _ => format::NONE.to_owned(),
    }
}

fn two_decimals(value: f64) -> String {
    format::fixed(value, 2)
}

fn whole_percent(share: f64) -> String {
    format::fixed(share * 100.0, 0)
}

/// How many of the arms' trials do not count, which is why a reader may miss them in the table.
fn invalid(cell: &Cell, alike: &[&Fingerprint]) -> String {
    let arms = || alike.iter().filter_map(|f| cell.arm(&f.arm));
    let invalid: usize = arms().map(|arm| arm.fates.invalid).sum();
    if invalid == 0 {
        return String::new();
    }
    let finished: usize = arms().map(|arm| arm.fates.finished).sum();
    format!("; {invalid} of {} are invalid and not averaged above", format::plural(finished, "trial"))
}

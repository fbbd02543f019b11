//! When the tokens of a cell came, arm by arm.

use super::{escape, format, streams, words};
use crate::analysis::{Cell, Metric};
use tandem_records::{Stage, Workload};

/// The table of a cell's times.
pub(super) fn section(cell: &Cell) -> String {
    let staged = cell.facts.workload == Workload::Report;
    let mut titles = vec!["arm", if staged { "TTFT analysis / report, ms" } else { "TTFT, ms" }];
    let answers_later = cell.described().any(|arm| arm.spread(Metric::FirstAnswer).is_some());
    if answers_later {
        titles.push("first answer, ms");
    }
    titles.extend(["TPOT, ms", "gap p50 / p99, ms", "tokens/s", "mean slowdown"]);
    titles.extend(["start delay, µs", "start skew, µs", "solo CV, %"]);
    let own_work = cell.arms.iter().any(|arm| arm.spread(Metric::OwnWork).is_some());
    if own_work {
        titles.push("own work, %");
    }
    let mut table = words::head(&titles, 1);
    for arm in cell.described() {
        let shown = |metric, unit: f64| {
            arm.spread(metric).map_or(format::NONE.to_owned(), |s| format::significant(s.median / unit))
        };
        let stage = |stage| shown(Metric::TtftOf(stage), 1e6);
        let mut row = vec![
            escape::markdown(&arm.label),
            if staged {
                format!("{} / {}", stage(Stage::Analysis), stage(Stage::Report))
            } else {
                shown(Metric::Ttft, 1e6)
            },
        ];
        if answers_later {
            row.push(shown(Metric::FirstAnswer, 1e6));
        }
        row.extend([
            shown(Metric::Tpot, 1e6),
            format!("{} / {}", shown(Metric::ItlP50, 1e6), shown(Metric::ItlP99, 1e6)),
            shown(Metric::TokensPerSecond, 1.0),
            arm.spread(Metric::Antt).map_or(format::NONE.to_owned(), |s| format::fixed(s.median, 4)),
            shown(Metric::StartDelay, 1e3),
            shown(Metric::StartSkew, 1e3),
            arm.solo_cv.map_or(format::NONE.to_owned(), |cv| format::significant(cv * 100.0)),
        ]);
        if own_work {
            row.push(shown(Metric::OwnWork, 0.01));
        }
        table += &words::row(&row);
    }
    let mut note = streams::note(cell).to_owned();
    if answers_later {
        note += " TTFT is the time to the first piece of any kind, thinking or answer.";
    }
    if own_work {
        note += " Own work: the share of an agent's time in the concurrent phase that it spends reading, parsing and writing; the rest is its requests.";
    }
    format!("{table}\nMedians over trials.{note}\n\n")
}

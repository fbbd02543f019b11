//! What the checks of equal work found, one line each.

use super::{escape, format};
use crate::analysis::{Consistency, Flagged};
use tandem_records::Client;

/// Lines of the section on checks; a check that nothing could be checked by has none.
pub(super) fn lines(found: &Consistency) -> String {
    let mut text = String::new();
    let Flagged { flagged, of } = found.digests;
    if of > 0 {
        text += &format!(
            "- Texts on real servers: {flagged} of {} differ between the solo and the concurrent phase of the same agent. {}\n",
            format::plural(of, "request"),
            match flagged {
                0 => "The servers gave the same text for the same request.",
                _ =>
                    "A different text of equal length is comparable work, but the server does not repeat itself.",
            }
        );
    }
    let Flagged { flagged, of } = found.prompt_eval;
    if of > 0 {
        text += &format!(
            "- Prompts on real servers: for {flagged} of {} (each trial's counted apart) the servers took less than 0.8 or more than 1.25 times as long to evaluate the prompt together as alone. {}\n",
            format::plural(of, "agent"),
            match flagged {
                0 => "Both phases found the prompt cache in the same state, as far as this time tells.",
                _ => "There the prompt cache, or the server's speed, was not the same in both phases.",
            }
        );
    }
    let Flagged { flagged, of } = found.arms;
    match &found.arms_first {
        Some(first) => {
            text += &format!(
                "- **Equal seeds gave different texts on the simulators** in {flagged} of {} (cell, block, agent and phase) that several arms had: there the arms did not do the same work. The first: {}.\n",
                format::plural(of, "piece of work").replace("piece of works", "pieces of work"),
                escape::markdown(first)
            );
        }
        None if of > 0 => {
            text += "- On the simulators every arm of a block got the same texts, as equal seeds must give.\n"
        }
        None => {}
    }
    text + &connections(found)
}

fn connections(found: &Consistency) -> String {
    let Flagged { flagged, of } = found.connections;
    if of == 0 && found.unwatched.is_empty() {
        return String::new();
    }
    let cannot = |(client, n): (&Client, &usize)| {
        format!(" {client} cannot tell: {} with it are not in this count.", format::plural(*n, "request"))
    };
    let blind: String = found.unwatched.iter().map(cannot).collect();
    if of == 0 {
        return format!("- Prepared connections:{blind}\n");
    }
    let of = format::plural(of, "measured request");
    if flagged == 0 {
        return format!("- Prepared connections: none of {of} had to open its connection again.{blind}\n");
    }
    let (connections, time) = if flagged == 1 {
        ("connection", "its opening is inside the measured time")
    } else {
        ("connections", "their opening is inside the measured time")
    };
    format!("- The server closed {flagged} prepared {connections} ({of}): {time}.{blind}\n")
}

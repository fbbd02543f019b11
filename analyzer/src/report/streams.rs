//! What the streams of a cell were like, in words: pieces and tokens, queues, prompts. Nothing is said of what is as
//! everywhere: a token in each piece, an answer without thinking, streams that run at once, whole prompts.

use super::{escape, format};
use crate::analysis::{Analysis, Cell, Cut, Pieces, Queue, Told};

/// Lines of a cell.
pub(super) fn lines(cell: &Cell) -> String {
    let mut sentences = sentences(&cell.pieces);
    sentences.extend(cell.queue.map(|queue| queued(queue, cell.slots)));
    sentences.extend(cell.cut.map(|cut| {
        format!("{} (in {} of {})", cut_short(cut), cut.requests, format::plural(cut.of, "request"))
    }));
    sentences.iter().map(|sentence| format!("- {}.\n", escape::sentence(sentence))).collect()
}

/// What the first screen says of all cells; each phrase once.
pub(super) fn caveats(analysis: &Analysis) -> Vec<String> {
    let cells = || analysis.cells.iter();
    let several: Vec<Told> =
        cells().filter_map(|cell| cell.pieces.told).filter(|told| told.several).collect();
    let mut found = Vec::new();
    let ends = |value: fn(&Told) -> f64| {
        let values = || several.iter().map(value);
        values().reduce(f64::min).zip(values().reduce(f64::max))
    };
    if let Some(((least, _), (_, most))) = ends(|told| told.per_piece.0).zip(ends(|told| told.per_piece.1)) {
        found.push(format!(
            "a piece held {} tokens, so gaps are between pieces and TPOT is per token",
            range((least, most))
        ));
    }
    let untold: usize = cells().map(|cell| cell.pieces.counted_by_pieces).sum();
    if untold > 0 {
        found.push(format!(
            "in {} the server did not tell its tokens, so pieces were counted as tokens",
            format::plural(untold, "response")
        ));
    }
    let cut: Vec<&Cell> = cells().filter(|cell| cell.cut.is_some()).collect();
    if let Some(first) = cut.first().and_then(|cell| cell.cut) {
        found.push(format!("{}, in {}", cut_short(first), format::plural(cut.len(), "cell")));
    }
    if !found.is_empty() {
        found = vec![format!("{} (see the cells)", found.join("; "))];
    }
    found
}

/// The note under the table of times, where pieces are no tokens.
pub(super) fn note(cell: &Cell) -> &'static str {
    match cell.pieces.told {
        Some(told) if told.tokens != told.pieces => " Gaps are between pieces, TPOT is per token.",
        _ => "",
    }
}

/// How a server went about the streams that it had at once, `most` of which it generated at the same time.
pub(super) fn served(most: Option<u32>) -> String {
    match most {
        None | Some(0 | 1) => "the server ran them one after the other".to_owned(),
        Some(most) => format!("the server ran at most {most} of them at once"),
    }
}

fn sentences(pieces: &Pieces) -> Vec<String> {
    let mut found: Vec<String> = pieces.told.and_then(tokens).into_iter().collect();
    if pieces.counted_by_pieces > 0 {
        found.push(format!(
            "in {} of {} the server did not tell its tokens: pieces were counted as tokens, and a piece may hold several",
            pieces.counted_by_pieces,
            format::plural(pieces.responses, "response"),
        ));
    }
    if pieces.thinking > 0 {
        let answers = match pieces.without_answer {
            0 => String::new(),
            n => format!("; {n} of {} had no answer", format::plural(pieces.responses, "response")),
        };
        found.push(format!(
            "{} of {} were thinking{answers}",
            pieces.thinking,
            format::plural(pieces.pieces as usize, "piece"),
        ));
    }
    found
}

/// None where every piece is a token.
fn tokens(told: Told) -> Option<String> {
    if told.tokens == told.pieces {
        return None;
    }
    let how = "gaps are between pieces, TPOT is per token";
    if told.several {
        let held = range(told.per_piece);
        return Some(format!("a piece held {held} tokens: tokens come several at a time; {how}"));
    }
    Some(format!("the servers counted {} tokens in {} pieces: {how}", told.tokens, told.pieces))
}

/// `4.0` or `1.0 to 4.0`.
fn range((least, most): (f64, f64)) -> String {
    let (least, most) = (format::fixed(least, 1), format::fixed(most, 1));
    if least == most { least } else { format!("{least} to {most}") }
}

fn queued(queue: Queue, slots: Option<u32>) -> String {
    let slots = slots.map_or(String::new(), |slots| format!(" (slots: {slots})"));
    format!(
        "{} of {} of the concurrent phase were queued, as their first piece came after the end of another stream: {}{slots}",
        queue.queued,
        format::plural(queue.requests, "request"),
        served(Some(queue.at_once_per_server)),
    )
}

fn cut_short(cut: Cut) -> String {
    format!("prompts were cut: {} of {} tokens", cut.prompt_tokens, cut.context_length)
}

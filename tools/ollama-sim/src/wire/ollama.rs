//! Ollama's own objects, newline-delimited.

use super::{Dialect, Moment, Reply, Summary, put};
use crate::pieces::Part;

/// `{"model":…,"created_at":…,` and the text fields, which both endpoints begin with. The answer's is always there, that
/// of thinking only where there is any.
fn push_start(reply: &Reply, out: &mut Vec<u8>, (thinking, answer): (&str, &str), at: Moment<'_>) {
    put(out, format_args!("{{\"model\":{},\"created_at\":\"{}\",", reply.model, at.created_at));
    if reply.dialect == Dialect::Chat {
        out.extend_from_slice(b"\"message\":{\"role\":\"assistant\",\"content\":\"");
    } else {
        out.extend_from_slice(b"\"response\":\"");
    }
    out.extend_from_slice(answer.as_bytes());
    out.push(b'"');
    if !thinking.is_empty() {
        out.extend_from_slice(b",\"thinking\":\"");
        out.extend_from_slice(thinking.as_bytes());
        out.push(b'"');
    }
    if reply.dialect == Dialect::Chat {
        out.push(b'}');
    }
}

/// One piece with its line end.
pub fn push_piece(reply: &Reply, out: &mut Vec<u8>, part: Part, text: &str, at: Moment<'_>) {
    let text = match part {
        Part::Thinking => (text, ""),
        Part::Answer => ("", text),
    };
    push_start(reply, out, text, at);
    out.extend_from_slice(b",\"done\":false");
    reply.close(out, at);
    out.push(b'\n');
}

/// The final record, or the whole answer (thinking, answer) when `text` is not empty; without a line end. Zero metrics
/// are left out, as Go's omitempty does.
pub fn push_final(
    reply: &Reply,
    out: &mut Vec<u8>,
    text: (&str, &str),
    summary: &Summary<'_>,
    at: Moment<'_>,
) {
    push_start(reply, out, text, at);
    put(out, format_args!(",\"done\":true,\"done_reason\":\"{}\"", summary.done_reason));
    if let Some(context) = summary.context {
        for (place, id) in context.iter().enumerate() {
            put(out, format_args!("{}{id}", if place == 0 { ",\"context\":[" } else { "," }));
        }
        if !context.is_empty() {
            out.push(b']');
        }
    }
    for (name, value) in [
        ("total_duration", summary.total_duration),
        ("load_duration", summary.load_duration),
        ("prompt_eval_count", u64::from(summary.prompt_eval_count)),
        ("prompt_eval_duration", summary.prompt_eval_duration),
        ("eval_count", u64::from(summary.eval_count)),
        ("eval_duration", summary.eval_duration),
    ] {
        if value > 0 {
            put(out, format_args!(",\"{name}\":{value}"));
        }
    }
    reply.close(out, at);
}

/// Answer to a request that only loads or unloads the model: no metrics.
pub fn push_load(reply: &Reply, out: &mut Vec<u8>, done_reason: &str, at: Moment<'_>) {
    push_start(reply, out, ("", ""), at);
    put(out, format_args!(",\"done\":true,\"done_reason\":\"{done_reason}\""));
    reply.close(out, at);
}

//! OpenAI's events as Ollama's `/v1` layer writes them.

use super::{Dialect, Moment, Reply, Summary, put};
use crate::Ollama;
use crate::pieces::Part;

/// `{"id":…,"object":…,"created":…,` and, for chat, the fields that stand before `choices`.
fn push_start(reply: &Reply, out: &mut Vec<u8>, whole: bool) {
    let (id, object) = match (reply.dialect, whole) {
        (Dialect::OpenAiCompletion, _) => ("cmpl", "text_completion"),
        (_, false) => ("chatcmpl", "chat.completion.chunk"),
        (_, true) => ("chatcmpl", "chat.completion"),
    };
    put(
        out,
        format_args!("{{\"id\":\"{id}-{}\",\"object\":\"{object}\",\"created\":{},", reply.id, reply.created),
    );
    if reply.dialect == Dialect::OpenAiChat || whole {
        push_model(reply, out);
        out.push(b',');
    }
}

fn push_model(reply: &Reply, out: &mut Vec<u8>) {
    put(out, format_args!("\"model\":{},\"system_fingerprint\":\"fp_ollama\"", reply.model));
}

/// One event; `choices` is the JSON between the brackets, `usage` its JSON where the event has one.
fn push_event(reply: &Reply, out: &mut Vec<u8>, choices: &str, usage: Option<&str>, at: Moment<'_>) {
    out.extend_from_slice(b"data: ");
    push_start(reply, out, false);
    put(out, format_args!("\"choices\":[{choices}]"));
    if reply.dialect == Dialect::OpenAiCompletion {
        // Ollama's struct of a completion chunk has the model after the choices.
        out.push(b',');
        push_model(reply, out);
    }
    if let Some(usage) = usage {
        put(out, format_args!(",\"usage\":{usage}"));
    }
    reply.close(out, at);
    out.extend_from_slice(b"\n\n");
}

/// Ollama's completion chunks carry zero counts until the last one when usage was asked for.
fn empty_usage(reply: &Reply) -> Option<&'static str> {
    const ZERO: &str = r#"{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}"#;
    (reply.include_usage && reply.dialect == Dialect::OpenAiCompletion).then_some(ZERO)
}

fn usage(summary: &Summary<'_>) -> String {
    let (prompt, answer) = (u64::from(summary.prompt_eval_count), u64::from(summary.eval_count));
    format!(r#"{{"prompt_tokens":{prompt},"completion_tokens":{answer},"total_tokens":{}}}"#, prompt + answer)
}

/// One piece; the first of a chat names the role, and before v0.32 all do. Completions have no field for thinking: its
/// events come with an empty text.
pub fn push_piece(reply: &Reply, out: &mut Vec<u8>, part: Part, text: &str, first: bool, at: Moment<'_>) {
    let has_role = first || reply.version == Ollama::V0_24_0;
    let role = if has_role { r#""role":"assistant","# } else { "" };
    let choice = match (reply.dialect, part) {
        (Dialect::OpenAiCompletion, Part::Thinking) => r#"{"text":"","index":0,"finish_reason":null}"#.into(),
        (Dialect::OpenAiCompletion, Part::Answer) => {
            format!(r#"{{"text":"{text}","index":0,"finish_reason":null}}"#)
        }
        (_, Part::Thinking) => {
            format!(
                r#"{{"index":0,"delta":{{{role}"content":"","reasoning":"{text}"}},"finish_reason":null}}"#
            )
        }
        (_, Part::Answer) => {
            format!(r#"{{"index":0,"delta":{{{role}"content":"{text}"}},"finish_reason":null}}"#)
        }
    };
    push_event(reply, out, &choice, empty_usage(reply), at);
}

/// The finish event, the usage event where asked for, and `[DONE]`.
pub fn push_last(reply: &Reply, out: &mut Vec<u8>, summary: &Summary<'_>, at: Moment<'_>) {
    let finish = summary.done_reason;
    let choice = match reply.dialect {
        Dialect::OpenAiCompletion => format!(r#"{{"text":"","index":0,"finish_reason":"{finish}"}}"#),
        _ => {
            let delta = match reply.version {
                Ollama::V0_24_0 => r#"{"role":"assistant","content":""}"#,
                Ollama::V0_32_15 => "{}",
            };
            format!(r#"{{"index":0,"delta":{delta},"finish_reason":"{finish}"}}"#)
        }
    };
    push_event(reply, out, &choice, empty_usage(reply), at);
    if reply.include_usage {
        push_event(reply, out, "", Some(&usage(summary)), at);
    }
    out.extend_from_slice(b"data: [DONE]\n\n");
}

/// The whole answer with its line end.
pub fn push_whole(
    reply: &Reply,
    out: &mut Vec<u8>,
    (thinking, text): (&str, &str),
    summary: &Summary<'_>,
    at: Moment<'_>,
) {
    push_start(reply, out, true);
    let finish = summary.done_reason;
    if reply.dialect == Dialect::OpenAiCompletion {
        put(out, format_args!(r#""choices":[{{"text":"{text}","index":0,"finish_reason":"{finish}"}}]"#));
    } else {
        put(out, format_args!(r#""choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}""#));
        if !thinking.is_empty() {
            put(out, format_args!(r#","reasoning":"{thinking}""#));
        }
        put(out, format_args!(r#"}},"finish_reason":"{finish}"}}]"#));
    }
    put(out, format_args!(",\"usage\":{}", usage(summary)));
    reply.close(out, at);
    out.push(b'\n');
}

//! OpenAI's events as Ollama's `/v1` layer writes them (v0.32.15).

use super::{Dialect, Moment, Reply, Summary, put};

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

/// One token; the first of a chat names the role.
pub fn push_token(reply: &Reply, out: &mut Vec<u8>, piece: &str, first: bool, at: Moment<'_>) {
    let choice = match (reply.dialect, first) {
        (Dialect::OpenAiCompletion, _) => format!(r#"{{"text":"{piece}","index":0,"finish_reason":null}}"#),
        (_, true) => {
            format!(
                r#"{{"index":0,"delta":{{"role":"assistant","content":"{piece}"}},"finish_reason":null}}"#
            )
        }
        (_, false) => format!(r#"{{"index":0,"delta":{{"content":"{piece}"}},"finish_reason":null}}"#),
    };
    push_event(reply, out, &choice, empty_usage(reply), at);
}

/// The finish event, the usage event where asked for, and `[DONE]`.
pub fn push_last(reply: &Reply, out: &mut Vec<u8>, summary: &Summary<'_>, at: Moment<'_>) {
    let finish = summary.done_reason;
    let choice = match reply.dialect {
        Dialect::OpenAiCompletion => format!(r#"{{"text":"","index":0,"finish_reason":"{finish}"}}"#),
        _ => format!(r#"{{"index":0,"delta":{{}},"finish_reason":"{finish}"}}"#),
    };
    push_event(reply, out, &choice, empty_usage(reply), at);
    if reply.include_usage {
        push_event(reply, out, "", Some(&usage(summary)), at);
    }
    out.extend_from_slice(b"data: [DONE]\n\n");
}

/// The whole answer with its line end.
pub fn push_whole(reply: &Reply, out: &mut Vec<u8>, text: &str, summary: &Summary<'_>, at: Moment<'_>) {
    push_start(reply, out, true);
    let finish = summary.done_reason;
    if reply.dialect == Dialect::OpenAiCompletion {
        put(out, format_args!(r#""choices":[{{"text":"{text}","index":0,"finish_reason":"{finish}"}}]"#));
    } else {
        put(
            out,
            format_args!(
                r#""choices":[{{"index":0,"message":{{"role":"assistant","content":"{text}"}},"finish_reason":"{finish}"}}]"#
            ),
        );
    }
    put(out, format_args!(",\"usage\":{}", usage(summary)));
    reply.close(out, at);
    out.push(b'\n');
}

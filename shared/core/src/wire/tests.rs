//! Streams as servers write them, each with what has to be heard: kinds that the captures do not hold.

use super::*;
use tandem_records::TokensFrom;

/// Thinking, answer, pieces, tokens, and how it ended: the reason, or the status with its text.
#[derive(Debug, PartialEq)]
struct Heard {
    thinking: String,
    answer: String,
    pieces: usize,
    tokens: (Option<u64>, Option<TokensFrom>),
    ended: Result<Option<String>, (Status, String)>,
}

fn hear(api: Api, stream: &[u8]) -> Heard {
    let cut_by = |size: usize| {
        let (mut decoder, mut recorder) = (Decoder::new(api), Recorder::default());
        let mut read = || {
            for chunk in stream.chunks(size) {
                if decoder.push(chunk, &mut recorder)?.is_break() {
                    break;
                }
            }
            decoder.finish(&mut recorder)
        };
        let ended = read().map_err(|error| (error.status, error.message));
        let ended = ended.map(|()| recorder.told.done_reason.clone());
        let (pieces, tokens) = (recorder.pieces.len(), recorder.output_tokens());
        Heard { thinking: recorder.thinking, answer: recorder.answer, pieces, tokens, ended }
    };
    let whole = cut_by(stream.len().max(1));
    assert_eq!(cut_by(1), whole, "{}", String::from_utf8_lossy(stream));
    whole
}

/// The events of a stream of OpenAI, each as the object inside of `choices` and `finish_reason`.
fn events(choices: &[&str]) -> Vec<u8> {
    choices
        .iter()
        .map(|choice| format!("data: {{\"choices\":[{choice}]}}\n\n"))
        .collect::<String>()
        .into_bytes()
}

fn piece(text: &str) -> String {
    format!(r#"{{"index":0,"delta":{{"content":"{text}"}},"finish_reason":null}}"#)
}

const STOP: &str = r#"{"index":0,"delta":{},"finish_reason":"stop"}"#;
const DONE: &str = "data: [DONE]\n\n";

fn status(heard: &Heard) -> Option<(Status, &str)> {
    heard.ended.as_ref().err().map(|(status, text)| (*status, text.as_str()))
}

#[test]
fn thinking_is_generated_text_whatever_its_name() {
    for delta in [
        r#"{"reasoning_content":"a","content":null}"#,
        r#"{"reasoning":"a"}"#,
        r#"{"reasoning":"a","reasoning_content":"a","reasoning_details":[{"type":"reasoning.text","text":"a"}]}"#,
        r#"{"reasoning_details":[{"type":"reasoning.text","text":"a"}],"content":""}"#,
        r#"{"thinking":"a"}"#,
        r#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"a"}]}]}"#,
        r#"{"content":{"type":"reasoning","text":"a"}}"#,
    ] {
        let thought = format!(r#"{{"delta":{delta}}}"#);
        let heard = hear(Api::Openai, &events(&[&thought, &piece("b"), STOP]));
        assert_eq!((heard.thinking.as_str(), heard.answer.as_str(), heard.pieces), ("a", "b", 2), "{delta}");
        assert_eq!(heard.tokens, (Some(2), Some(TokensFrom::Pieces)), "{delta}");
    }
    let both = r#"{"delta":{"reasoning":"a","content":"b"}}"#;
    let heard = hear(Api::Openai, &events(&[both, STOP]));
    assert_eq!(
        (heard.thinking.as_str(), heard.answer.as_str(), heard.pieces),
        ("a", "b", 1),
        "one arrival is one piece"
    );
    for line in [
        r#"{"response":"","thinking":"a","done":false}"#,
        r#"{"message":{"role":"assistant","content":"","thinking":"a"}}"#,
    ] {
        let heard = hear(
            Api::Ollama,
            format!("{line}\n{{\"response\":\"b\",\"done\":true,\"eval_count\":7}}\n").as_bytes(),
        );
        assert_eq!((heard.thinking.as_str(), heard.answer.as_str(), heard.pieces), ("a", "b", 2), "{line}");
        assert_eq!(heard.tokens, (Some(7), Some(TokensFrom::Server)), "{line}");
    }
}

#[test]
fn other_generated_text_is_of_the_answer() {
    for (delta, answer) in [
        (r#"{"refusal":"no"}"#, "no"),
        (r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{\"a\""}}]}"#, "f{\"a\""),
        (r#"{"function_call":{"arguments":"x"}}"#, "x"),
        (r#"{"content":["a",{"type":"text","text":"b"}]}"#, "ab"),
    ] {
        let heard = hear(Api::Openai, &events(&[&format!(r#"{{"delta":{delta}}}"#), STOP]));
        assert_eq!((heard.answer.as_str(), heard.pieces, heard.ended.is_ok()), (answer, 1, true), "{delta}");
    }
    let call = r#"{"message":{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},"done":true}"#;
    assert_eq!(hear(Api::Ollama, call.as_bytes()).answer, "f{\"a\":1}");
}

#[test]
fn one_rule_says_when_a_stream_is_whole() {
    let named =
        |word: &str, text: &str| format!(r#"{{"delta":{{"content":"{text}"}},"finish_reason":"{word}"}}"#);
    let (stop_beside_text, aborted) = (named("stop", "b"), named("abort", ""));
    let text = piece("a");
    let stream = |choices: &[&str], end: &str| [events(choices), end.as_bytes().to_vec()].concat();
    let ok = |heard: &Heard| heard.ended.is_ok();
    for (choices, end, whole) in [
        (&[&text[..], STOP][..], DONE, true),
        (&[&text, STOP], "", true),
        (&[&text, &stop_beside_text], "", true),
        (&[&text, &named("", "b"), &named("null", "c"), &named("None", "d")], "", false),
        // The reason on every chunk means nothing; an end without text, or the marker, does.
        (&[&stop_beside_text, &stop_beside_text], "", false),
        (&[&stop_beside_text, &stop_beside_text], DONE, true),
        (&[&stop_beside_text, &stop_beside_text, STOP], "", true),
        (&[&text], DONE, true),
        (&[], DONE, false),
        (&[], "", false),
        (&[&text, &aborted], DONE, false),
    ] {
        let heard = hear(Api::Openai, &stream(choices, end));
        assert_eq!(ok(&heard), whole, "{choices:?} {end}: {heard:?}");
    }
    let gave_up = hear(Api::Openai, &stream(&[&text, &aborted], DONE));
    assert_eq!(status(&gave_up), Some((Status::ServerError, "the server gave up after 1 pieces: abort")));
    assert_eq!(hear(Api::Openai, &stream(&[&text], DONE)).ended, Ok(None), "an end without a reason");
    let late = hear(Api::Openai, &[stream(&[&text, STOP], DONE), events(&[&piece("late")])].concat());
    assert_eq!((late.answer.as_str(), late.pieces), ("a", 1), "behind the marker nothing counts");
    for marker in ["data:[DONE]", "data: \"[DONE]\"", "data: [done]\r\n"] {
        assert!(ok(&hear(Api::Openai, &stream(&[&text, STOP], marker))), "{marker}");
    }
    assert!(ok(&hear(Api::Ollama, b"{\"response\":\"a\",\"done\":true}\n{\"response\":\"late\"}\nnonsense")));
    assert_eq!(
        status(&hear(Api::Ollama, b"{\"response\":\"a\"}")).map(|(status, _)| status),
        Some(Status::NoDone)
    );
}

#[test]
fn events_are_read_as_the_standard_says() {
    let reference = hear(Api::Openai, &events(&[&piece("a"), &piece("b"), STOP]));
    let text = String::from_utf8(events(&[&piece("a"), &piece("b"), STOP])).unwrap();
    let several =
        text.replace(",\"delta\"", ",\ndata:\"delta\"").replace("{\"choices\"", "{\ndata: \"choices\"");
    for (how, stream) in [
        ("CR LF", text.replace('\n', "\r\n")),
        ("CR", text.replace('\n', "\r")),
        ("a byte order mark", format!("\u{feff}{text}")),
        ("several data lines", several),
        ("one line end between events", text.replace("\n\n", "\n")),
        ("no blank behind the colon", text.replace("data: ", "data:")),
        (
            "comments and other fields",
            text.replace("data:", ": ping\nid: 1\nretry: 5\nevent: message\nunknown\nx: y\ndata:"),
        ),
        ("signs of life", text.replace("\n\n", "\n\ndata:\n\ndata: null\n\ndata: {\"type\":\"ping\"}\n\n")),
        ("a bare marker", format!("{text}[DONE]\n\n")),
        ("no end of the last line", text.trim_end().to_string()),
    ] {
        assert_eq!(hear(Api::Openai, stream.as_bytes()), reference, "{how}");
    }
}

#[test]
fn fields_that_are_not_measured_never_end_a_stream() {
    let text = r#"data: {"choices":[{"delta":{"content":"a"},"finish_reason":null}]}"#;
    for event in [
        r#"{"choices":null,"usage":{"prompt_tokens":9.0,"completion_tokens":4.0}}"#,
        r#"{"choices":[],"usage":{"completion_tokens":4,"prompt_tokens":"many"}}"#,
        r#"{"choices":[{"delta":[],"finish_reason":7}],"usage":{"completion_tokens":4}}"#,
        r#"{"choices":[{"delta":null,"logprobs":{"content":[{"logprob":-Infinity}]}}],"usage":{"completion_tokens":4}}"#,
        r#"{"choices":{},"error":null,"usage":{"completion_tokens":4},"x":1e999}"#,
        r#"{"id":1,"id":2,"choices":[],"usage":{"completion_tokens":4}}"#,
        r#"{"choices":[{"index":"0","delta":{"content":null,"role":5}}],"error":"","usage":{"completion_tokens":4}}"#,
        r#"{"choices":[],"timings":{"predicted_n":4,"prompt_ms":"x"}}"#,
        r#"{"choices":[],"usage":{"completion_tokens":4}},"#,
    ] {
        let stream = format!("{text}\n\ndata: {event}\n\ndata: {{\"choices\":[{STOP}]}}\n\n");
        let heard = hear(Api::Openai, stream.as_bytes());
        if event.ends_with("},") {
            assert_eq!(
                status(&heard).map(|(status, _)| status),
                Some(Status::Malformed),
                "what is no JSON is told"
            );
            continue;
        }
        assert_eq!((&heard.ended, heard.answer.as_str()), (&Ok(Some("stop".into())), "a"), "{event}");
        assert_eq!(heard.tokens, (Some(4), Some(TokensFrom::Server)), "{event}");
    }
    let zero = format!("{text}\n\ndata: {{\"choices\":[{STOP}],\"usage\":{{\"completion_tokens\":0}}}}\n\n");
    assert_eq!(
        hear(Api::Openai, zero.as_bytes()).tokens,
        (Some(1), Some(TokensFrom::Pieces)),
        "0 is not told"
    );
    let ollama = b"{\"response\":\"a\",\"done\":false,\"total_duration\":-1}\n{\"done\":true,\"eval_count\":null,\"load_duration\":\"x\"}\n";
    assert_eq!(hear(Api::Ollama, ollama).tokens, (Some(1), Some(TokensFrom::Pieces)));
}

#[test]
fn half_characters_are_pieces() {
    for (first, second) in [(&br"\ud83d"[..], &br"\ude00"[..]), (b"\xf0\x9f", b"\x98\x80")] {
        let delta =
            |half: &[u8]| [br#"data: {"choices":[{"delta":{"content":""#, half, b"\"}}]}\n\n"].concat();
        let stream = [delta(first), delta(second), events(&[STOP])].concat();
        let heard = hear(Api::Openai, &stream);
        assert!(
            heard.pieces == 2 && heard.ended.is_ok() && heard.answer.starts_with('\u{fffd}'),
            "{heard:?}"
        );
        let line = |half: &[u8]| [br#"{"response":""#, half, b"\",\"done\":false}\n"].concat();
        let heard = hear(Api::Ollama, &[line(first), line(second), b"{\"done\":true}".to_vec()].concat());
        assert!(heard.pieces == 2 && heard.ended.is_ok(), "{heard:?}");
    }
}

#[test]
fn a_response_without_end_is_refused_before_it_fills_the_memory() {
    let token = b"{\"response\":\" the\",\"done\":false}\n".repeat(1000);
    let text = format!("{{\"response\":\"{}\",\"done\":false}}\n", "x".repeat(500_000)).into_bytes();
    let thought = format!("{{\"thinking\":\"{}\",\"done\":false}}\n", "x".repeat(500_000)).into_bytes();
    for (chunk, asked, within) in
        [(&token, 64, 300), (&token, 200_000, 500), (&text, 64, 40), (&text, 30_000, 70), (&thought, 64, 40)]
    {
        let (mut decoder, mut recorder) = (Decoder::new(Api::Ollama), Recorder::with_capacity(asked));
        let refused = (0..within).find_map(|_| decoder.push(chunk, &mut recorder).err());
        assert_eq!(refused.map(|error| error.status), Some(Status::TooLarge), "{asked}");
        assert!(recorder.pieces.len() > asked.min(30));
    }
    let (mut decoder, mut recorder) = (Decoder::new(Api::Ollama), Recorder::with_capacity(300_000));
    let all_asked_for = (0..300).all(|_| decoder.push(&token, &mut recorder).is_ok());
    assert!(all_asked_for, "what is asked for is never too long");
}

#[test]
fn objects_outside_of_the_stream_take_no_more_time_than_others() {
    // Each line might be the end of the object; read anew at each of them, it would take minutes.
    let mut stray = b"{\"a\":1\n".to_vec();
    stray.extend(b",\"b\":{}\n".repeat(1500));
    stray.extend(b"\n");
    let heard = hear(Api::Openai, &stray.repeat(400));
    assert_eq!(status(&heard).map(|(status, _)| status), Some(Status::NoDone));
}

#[test]
fn text_that_is_no_text_is_told() {
    for delta in
        [r#"{"content":5}"#, r#"{"content":true}"#, r#"{"content":{"text":1}}"#, r#"{"content":["a",1]}"#]
    {
        let heard = hear(Api::Openai, &events(&[&format!(r#"{{"delta":{delta}}}"#), STOP]));
        assert_eq!(status(&heard).map(|(status, _)| status), Some(Status::Malformed), "{delta}");
    }
    assert_eq!(
        status(&hear(Api::Ollama, b"{\"response\":5}")).map(|(status, _)| status),
        Some(Status::Malformed)
    );
}

#[test]
fn a_word_is_no_flag() {
    let heard = hear(Api::Ollama, b"{\"response\":\"a\",\"done\":\"no\"}\n");
    assert_eq!(status(&heard).map(|(status, _)| status), Some(Status::NoDone));
}

#[test]
fn of_several_choices_the_first_is_measured() {
    let other = r#"{"index":1,"delta":{"content":"x"},"finish_reason":"stop"}"#;
    let stream = [
        events(&[&piece("a"), other, STOP]),
        br#"data: {"choices":[],"usage":{"completion_tokens":2}}"#.to_vec(),
    ];
    let heard = hear(Api::Openai, &stream.concat());
    assert_eq!((heard.answer.as_str(), heard.pieces), ("a", 1));
    assert_eq!(heard.tokens, (Some(1), Some(TokensFrom::Pieces)), "the server counts all of them");
}

#[test]
fn errors_keep_the_words_of_the_server() {
    for stream in [
        "data: {\"error\":{\"message\":\"too long\"}}\n\ndata: [DONE]\n\n",
        "data: {\"object\":\"error\",\"message\":\"too long\",\"code\":400}\n\n",
        "data: {\"detail\":\"too long\"}\n\n",
        "data: [{\"error\":{\"message\":\"too long\"}}]\n\n",
        "[{\n\"error\":{\"message\":\"too long\"}}\n]",
        "error: {\"code\":400,\"message\":\"too long\"}\n\ndata: [DONE]\n\n",
        "event: error\ndata: {\"code\":400,\"details\":\"too long\"}\n\n",
        "event: error\ndata: too long\n\n",
        "data: {\"code\":400,\"text\":\"too long\"}\nevent: error\n\n",
        "{\"error\":{\"message\":\"too long\"}}",
        "{\n  \"error\": {\n    \"message\": \"too long\"\n  }\n}\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}],\"error\":{\"message\":\"too long\"}}\n\n",
    ] {
        for begun in ["", "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"] {
            let heard = hear(Api::Openai, format!("{begun}{stream}").as_bytes());
            let told = status(&heard)
                .filter(|(status, text)| *status == Status::ServerError && text.contains("too long"));
            assert!(told.is_some(), "{begun}{stream}: {heard:?}");
        }
    }
    for line in [
        "{\"error\":\"too long\"}",
        "{\"error\":{\"message\":\"too long\"}}",
        "{\"message\":\"too long\"}",
        "{\"detail\":\"too long\"}",
        "{\n  \"error\": {\n    \"message\": \"too long\"\n  }\n}",
    ] {
        let heard = hear(Api::Ollama, format!("{{\"response\":\"a\"}}\n{line}\n").as_bytes());
        assert_eq!(status(&heard), Some((Status::ServerError, "too long")), "{line}");
    }
    let words = hear(Api::Openai, b"data: upstream went away\n\n");
    assert!(
        status(&words)
            .is_some_and(|(status, text)| status == Status::NoDone && text.contains("upstream went away")),
        "{words:?}"
    );
    let answered = hear(
        Api::Openai,
        br#"{"object":"chat.completion","choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}"#,
    );
    assert!(
        status(&answered)
            .is_some_and(|(status, text)| status == Status::Malformed && text.contains("does not stream"))
    );
}

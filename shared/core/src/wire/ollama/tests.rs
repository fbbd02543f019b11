//! Whatever a line is, the quick reader and the typed parser record the same or fail alike.

use super::super::{End, Told};
use super::*;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What a line leaves behind; the moments at which pieces were seen are no part of it.
type Outcome = (String, Vec<Option<u64>>, Option<Told>, Option<(Status, String)>);

fn outcome(read: impl Fn(&[u8], &mut Recorder) -> Result<(), RequestError>, line: &[u8]) -> Outcome {
    let mut recorder = Recorder::with_capacity(1);
    let error = read(line, &mut recorder).err().map(|error| (error.status, error.message));
    let written = recorder.pieces.iter().map(|piece| piece.written_ns.map(u64::from)).collect();
    let told = (recorder.end == End::Marker).then_some(recorder.told);
    (recorder.thinking + &recorder.answer, written, told, error)
}

fn check(line: &[u8]) -> Result<(), TestCaseError> {
    prop_assert_eq!(outcome(read_line, line), outcome(read_any, line), "{}", String::from_utf8_lossy(line));
    Ok(())
}

fn recognised(line: &str) -> bool {
    token_line::record(line.as_bytes(), &mut Recorder::with_capacity(1))
}

/// Every line of every captured body, streams and error answers alike.
fn captured_lines() -> Vec<Vec<u8>> {
    let bodies: Vec<Vec<u8>> = wire_captures::exchanges().iter().map(wire_captures::Exchange::body).collect();
    bodies.iter().flat_map(|body| body.split(|&byte| byte == b'\n')).map(<[u8]>::to_vec).collect()
}

#[test]
fn every_captured_token_is_recognised() {
    let mut tokens = 0;
    for line in captured_lines() {
        let text = String::from_utf8(line.clone()).unwrap();
        assert_eq!(outcome(read_line, &line), outcome(read_any, &line), "{text}");
        // Thinking is left to the typed parser.
        let is_token = text.starts_with("{\"model\"")
            && text.ends_with("\"done\":false}")
            && !text.contains("\"thinking\"");
        assert_eq!(recognised(&text), is_token, "{text}");
        tokens += usize::from(is_token);
    }
    assert!(tokens > 500, "{tokens} tokens");
}

#[test]
fn usual_tokens_are_recognised_and_read() {
    for (json, text) in [
        (" x", " x"),
        ("", ""),
        ("längere Wörter 中文 🦀", "längere Wörter 中文 🦀"),
        (r#"\n\t\"\\\/\b\f\r"#, "\n\t\"\\/\u{8}\u{c}\r"),
        (r"\u003cb\u003E \u4e2d\u0000", "<b> 中\0"),
        (r#"\",\"done\":true"#, "\",\"done\":true"),
    ] {
        for line in [
            format!(
                r#"{{"model":"m","created_at":"2026","response":"{json}","done":false,"sim_write_ns":7}}"#
            ),
            format!(
                r#"{{"model":"m","created_at":"","message":{{"role":"assistant","content":"{json}"}},"done":false,"sim_write_ns":7}}"#
            ),
        ] {
            assert!(recognised(&line), "{line}");
            let written = if text.is_empty() { vec![] } else { vec![Some(7)] };
            assert_eq!(
                outcome(read_line, line.as_bytes()),
                (text.to_string(), written, None, None),
                "{line}"
            );
        }
    }
}

#[test]
fn lines_that_only_look_like_tokens_are_left_to_the_parser() {
    let generate = |fields: &str| format!(r#"{{"model":"m","created_at":"t",{fields}}}"#);
    for line in [
        generate(r#""response":"a","done":true"#),
        generate(r#""response":"a","done":false,"done":true"#),
        generate(r#""response":"a","done":false,"error":"e""#),
        generate(r#""response":"a","done":false,"sim_write_ns":01"#),
        generate(r#""response":"a","done":false,"sim_write_ns":-1"#),
        generate(r#""response":"a","done":false,"sim_write_ns":1.0"#),
        generate(r#""response":"a","done":false,"sim_write_ns":"#),
        generate(r#""response":"a","done":false,"sim_write_ns":18446744073709551616"#),
        generate(r#""response":"a","done":false,"sim_write_ns":18446744073709551615"#),
        generate(r#""response":"\ud83e\udd80","done":false"#),
        generate(r#""response":"\ud83e","done":false"#),
        generate(r#""response":"\u12","done":false"#),
        generate(r#""response":"\x","done":false"#),
        generate("\"response\":\"a\tb\",\"done\":false"),
        generate("\"response\":\"seven..\u{1f}\",\"done\":false"),
        generate(&format!(r#""response":"\n{}","done":false"#, "x".repeat(200))),
        generate(r#""message":{"role":"assistant","content":"a","thinking":"b"},"done":false"#),
        generate(r#""message":{"role":"user","content":"a"},"done":false"#),
        r#"{"model":"\",\"response\":\"","created_at":"t","response":"a","done":false}"#.to_string(),
        r#"{"model":"m","response":"a","created_at":"t","done":false}"#.to_string(),
        generate(r#""response":"a","done":false"#) + "}",
        generate(r#""response":"a","done":false"#) + " ",
        generate(r#""response":"a","done":false"#) + "\r",
    ] {
        assert!(!recognised(&line), "{line}");
        assert_eq!(outcome(read_line, line.as_bytes()), outcome(read_any, line.as_bytes()), "{line}");
    }
    let not_utf8 = b"{\"model\":\"m\",\"created_at\":\"t\",\"response\":\"a\xff\",\"done\":false}";
    assert_eq!(outcome(read_line, not_utf8), outcome(read_any, not_utf8));
    assert_eq!(outcome(read_line, not_utf8).0, "a\u{fffd}");
}

/// Pieces that matter to one of the two readers.
const PIECES: [&str; 24] = [
    "\"",
    "\\",
    "\\\"",
    "{",
    "}",
    ",",
    ":",
    "\u{0}",
    "\u{1f}",
    "é",
    "\\u00e9",
    "\\ud83e\\udd80",
    "\\ud800",
    "0",
    "1e3",
    "-1",
    "18446744073709551615",
    "18446744073709551616",
    "\"response\":\"",
    "\"done\":false",
    "\"done\":true",
    ",\"error\":\"e\"",
    ",\"sim_write_ns\":12",
    "\"message\":{\"role\":\"assistant\",\"content\":\"",
];

#[derive(Debug, Clone)]
enum Edit {
    Set(Index, u8),
    Remove(Index, usize),
    Insert(Index, &'static str),
    Repeat(Index, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Set(at, byte)),
        (any::<Index>(), 1usize..20).prop_map(|(at, length)| Edit::Remove(at, length)),
        (any::<Index>(), select(&PIECES[..])).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (any::<Index>(), 1usize..40).prop_map(|(at, length)| Edit::Repeat(at, length)),
    ]
}

fn apply(line: &mut Vec<u8>, edit: &Edit) {
    let span = |at: &Index, length: usize| {
        let start = at.index(line.len() + 1);
        start..(start + length).min(line.len())
    };
    match edit {
        Edit::Set(at, byte) => {
            let place = span(at, 1);
            line[place].fill(*byte);
        }
        Edit::Remove(at, length) => drop(line.drain(span(at, *length))),
        Edit::Insert(at, piece) => {
            let place = span(at, 0);
            drop(line.splice(place, piece.bytes()));
        }
        Edit::Repeat(at, length) => {
            let place = span(at, *length);
            let copy = line[place.clone()].to_vec();
            drop(line.splice(place.end..place.end, copy));
        }
    }
}

/// The inside of a JSON string, now and then not valid.
fn inside() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[ -~&&[^\"\\\\]]{0,40}",
        4 => proptest::collection::vec(prop_oneof![
            "[ -~&&[^\"\\\\]]{0,9}".boxed(),
            select(&["\\n", "\\\"", "\\\\", "\\/", "\\u003c", "\\u00E9", "é", "中", "🦀", "\\ud83e\\udd80"][..])
                .prop_map(str::to_string).boxed(),
        ], 0..6).prop_map(|pieces| pieces.concat()),
        1 => proptest::collection::vec(select(&PIECES[..]), 0..4).prop_map(|pieces| pieces.concat()),
    ]
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<u64>().prop_map(|number| number.to_string()),
        "-?[0-9]{1,25}",
        "[0-9]{1,3}[.eE][-+]?[0-9]{0,3}",
    ]
}

/// `"name":value`, names and types as often right as wrong.
fn field() -> impl Strategy<Value = String> {
    let string = || inside().prop_map(|text| format!("\"{text}\""));
    let message = proptest::collection::vec((select(&["role", "content", "thinking"][..]), string()), 0..4)
        .prop_map(|fields| {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
            format!("{{{}}}", fields.join(","))
        });
    let names = [
        "model",
        "created_at",
        "response",
        "message",
        "done",
        "done_reason",
        "error",
        "sim_write_ns",
        "context",
        "total_duration",
        "eval_duration",
    ];
    let value = prop_oneof![
        3 => string().boxed(),
        2 => number().boxed(),
        2 => message.boxed(),
        2 => select(&["true", "false", "null", "[1,2]", "[", "{}"][..]).prop_map(str::to_string).boxed(),
    ];
    (select(names.to_vec()), value).prop_map(|(name, value)| format!("\"{name}\":{value}"))
}

/// The fields of a token line in their order, with any values.
fn usual_fields() -> impl Strategy<Value = Vec<String>> {
    (
        inside(),
        inside(),
        any::<bool>(),
        inside(),
        select(&["false", "true"][..]),
        proptest::option::of(number()),
    )
        .prop_map(|(model, created, chat, text, done, written)| {
            let mut fields = vec![format!("\"model\":\"{model}\""), format!("\"created_at\":\"{created}\"")];
            fields.push(if chat {
                format!("\"message\":{{\"role\":\"assistant\",\"content\":\"{text}\"}}")
            } else {
                format!("\"response\":\"{text}\"")
            });
            fields.push(format!("\"done\":{done}"));
            fields.extend(written.map(|number| format!("\"sim_write_ns\":{number}")));
            fields
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn edited_captures_are_read_alike(line in select(captured_lines()), edits in proptest::collection::vec(edit(), 0..4)) {
        let mut line = line;
        for edit in &edits {
            apply(&mut line, edit);
        }
        check(&line)?;
    }

    #[test]
    fn generated_token_lines_are_read_alike(fields in usual_fields(), edits in proptest::collection::vec(edit(), 0..2)) {
        let mut line = format!("{{{}}}", fields.join(",")).into_bytes();
        check(&line)?;
        for edit in &edits {
            apply(&mut line, edit);
        }
        check(&line)?;
    }

    #[test]
    fn extra_doubled_and_reordered_fields_are_read_alike(
        (fields, swaps) in (usual_fields(), proptest::collection::vec(field(), 0..3), any::<Index>()).prop_map(|(mut fields, extra, at)| {
            for field in extra {
                let at = at.index(fields.len() + 1);
                fields.insert(at, field);
            }
            fields
        }).prop_flat_map(|fields| {
            let length = fields.len();
            (Just(fields), proptest::collection::vec((0..length, 0..length), 0..3))
        })
    ) {
        let mut fields = fields;
        for (a, b) in swaps {
            fields.swap(a, b);
        }
        check(format!("{{{}}}", fields.join(",")).as_bytes())?;
    }

    #[test]
    fn any_bytes_are_read_alike(line in proptest::collection::vec(any::<u8>(), 0..60)) {
        check(&line)?;
    }
}

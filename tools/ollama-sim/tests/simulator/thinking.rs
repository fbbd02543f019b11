//! Thinking before the answer, and several tokens in a piece.

use crate::client::{Answer, post};
use crate::sim::{Sim, config, instant};
use ollama_sim::{Config, Ollama};
use serde_json::Value;
use std::time::{Duration, Instant};

/// The bodies of one request on every endpoint that streams thinking: path, body, where thinking and answer stand.
const ENDPOINTS: [(&str, &str, &str, &str); 3] = [
    (
        "/api/generate",
        r#"{"model":"sim","prompt":"x","options":{"num_predict":10,"seed":1}"#,
        "/thinking",
        "/response",
    ),
    (
        "/api/chat",
        r#"{"model":"sim","messages":[{"role":"user","content":"x"}],"options":{"num_predict":10,"seed":1}"#,
        "/message/thinking",
        "/message/content",
    ),
    (
        "/v1/chat/completions",
        r#"{"model":"sim","messages":[{"role":"user","content":"x"}],"max_tokens":10,"seed":1,"stream":true,"stream_options":{"include_usage":true}"#,
        "/choices/0/delta/reasoning",
        "/choices/0/delta/content",
    ),
];

fn thinker(thinking: u32, tokens_per_piece: u32) -> Config {
    Config { thinking: Some(thinking), tokens_per_piece, ..instant() }
}

/// Texts of all pieces at one place, empty ones left out.
fn texts(answer: &Answer, place: &str) -> Vec<String> {
    let text = |object: &Value| object.pointer(place).and_then(Value::as_str).unwrap_or_default().to_owned();
    answer.objects().iter().map(text).filter(|text| !text.is_empty()).collect()
}

fn ask(sim: &Sim, path: &str, body: &str, more: &str) -> Answer {
    sim.client(0).post(path, &format!("{body}{more}}}"))
}

/// Tokens that the server counts.
fn counted(answer: &Answer) -> u64 {
    let places = ["/eval_count", "/usage/completion_tokens"];
    let count = |object: &Value| places.iter().find_map(|place| object.pointer(place)?.as_u64());
    answer.objects().iter().find_map(count).unwrap()
}

#[test]
fn the_first_tokens_are_thinking_and_all_of_them_count() {
    let (plain, thinking) = (Sim::start(1, instant()), Sim::start(1, thinker(4, 1)));
    for (path, body, thought, said) in ENDPOINTS {
        let answer = ask(&thinking, path, body, "");
        assert_eq!((texts(&answer, thought).len(), texts(&answer, said).len()), (4, 6), "{path}");
        assert_eq!(counted(&answer), 10, "{path}");
        // The same tokens as from a model that cannot think.
        let all = [texts(&answer, thought), texts(&answer, said)].concat();
        assert_eq!(all, texts(&ask(&plain, path, body, ""), said), "{path}");
    }
}

#[test]
fn no_object_holds_thinking_and_answer() {
    let sim = Sim::start(1, thinker(4, 3));
    for (path, body, thought, said) in ENDPOINTS {
        for object in ask(&sim, path, body, "").objects() {
            let there = |place: &str| object.pointer(place).is_some_and(|text| text != "");
            assert!(!(there(thought) && there(said)), "{object}");
            // Ollama sends the answer's field with every piece, and thinking only where there is some.
            assert!(object.pointer(thought).is_none_or(|text| text != ""), "{object}");
        }
    }
}

#[test]
fn a_request_turns_thinking_off_with_its_own_field_only() {
    let sim = Sim::start(1, thinker(4, 1));
    let [generate, chat, openai] = ENDPOINTS;
    for ((path, body, thought, _), more, pieces) in [
        (generate, r#","think":false"#, 0),
        (generate, r#","think":true"#, 4),
        (generate, r#","think":"high""#, 4),
        (generate, r#","think":null"#, 4),
        (chat, r#","think":false"#, 0),
        (openai, r#","reasoning_effort":"none""#, 0),
        (openai, r#","reasoning_effort":"low""#, 4),
        (openai, r#","think":false"#, 4),
    ] {
        let answer = ask(&sim, path, body, more);
        assert_eq!((texts(&answer, thought).len(), counted(&answer)), (pieces, 10), "{path} {more}");
    }
    let inside = r#"{"model":"sim","prompt":"x","options":{"num_predict":10,"think":false}}"#;
    assert_eq!(texts(&sim.client(0).post("/api/generate", inside), "/thinking").len(), 4);
}

#[test]
fn who_cannot_think_says_so() {
    let sim = Sim::start(1, instant());
    let [generate, chat, openai] = ENDPOINTS;
    for ((path, body, ..), more, status) in [
        (generate, r#","think":true"#, 400),
        (chat, r#","think":"low""#, 400),
        (openai, r#","reasoning_effort":"high""#, 400),
        (generate, r#","think":false"#, 200),
        (openai, r#","reasoning_effort":"none""#, 200),
    ] {
        let answer = ask(&sim, path, body, more);
        assert_eq!(answer.status(), status, "{path} {more}: {}", answer.text());
        assert_eq!(
            status == 400,
            answer.text().contains(r#"\"sim\" does not support thinking"#),
            "{path} {more}"
        );
    }
    let wrong = ask(&sim, "/api/generate", generate.1, r#","think":"hard""#);
    assert!(wrong.status() == 400 && wrong.text().contains("invalid think value"), "{}", wrong.text());
}

#[test]
fn an_answer_in_one_object_holds_both_texts() {
    let sim = Sim::start(1, thinker(4, 1));
    let [generate, chat, openai] = ENDPOINTS;
    for (path, body, thought, said) in
        [generate, chat, (openai.0, openai.1, "/choices/0/message/reasoning", "/choices/0/message/content")]
    {
        let streamed = ask(&sim, path, body, "");
        // Of two fields of one name the last counts.
        let whole = ask(&sim, path, body, r#","stream":false"#);
        let object: Value = serde_json::from_slice(&whole.body).unwrap();
        let (place, _, of_stream, answer) =
            ENDPOINTS.into_iter().find(|endpoint| endpoint.0 == path).unwrap();
        let joined = |at| texts(&streamed, at).concat();
        assert_eq!(object.pointer(thought).unwrap(), &joined(of_stream), "{place}");
        assert_eq!(object.pointer(said).unwrap(), &joined(answer), "{place}");
    }
}

#[test]
fn completions_have_no_field_for_thinking() {
    let sim = Sim::start(1, thinker(2, 1));
    let body = r#"{"model":"sim","prompt":"hi","max_tokens":5,"stream":true,"stream_options":{"include_usage":true}}"#;
    let answer = sim.client(0).post("/v1/completions", body);
    assert_eq!((texts(&answer, "/choices/0/text").len(), answer.chunks.len()), (3, 6));
}

#[test]
fn before_v0_32_every_delta_names_the_role() {
    let of = |ollama| {
        let sim = Sim::start(1, Config { ollama, ..thinker(4, 1) });
        let (path, body, ..) = ENDPOINTS[2];
        texts(&ask(&sim, path, body, ""), "/choices/0/delta/role").len()
    };
    assert_eq!((of(Ollama::V0_24_0), of(Ollama::V0_32_15)), (11, 1));
}

#[test]
fn capabilities_tell_who_can_think() {
    for (config, thinks) in [(instant(), false), (thinker(1, 1), true)] {
        let sim = Sim::start(1, config);
        let tags = sim.client(0).get("/api/tags");
        let show = sim.client(0).post("/api/show", r#"{"model":"sim"}"#);
        for page in [tags, show] {
            assert_eq!(page.text().contains(r#"["completion","thinking"]"#), thinks, "{}", page.text());
        }
    }
}

#[test]
fn a_piece_of_several_tokens_is_one_object_and_counts_them_all() {
    let (one, three) = (Sim::start(1, instant()), Sim::start(1, Config { tokens_per_piece: 3, ..instant() }));
    for (path, body, _, said) in ENDPOINTS {
        let (singly, joined) = (ask(&one, path, body, ""), ask(&three, path, body, ""));
        assert_eq!((texts(&singly, said).len(), texts(&joined, said).len()), (10, 4), "{path}");
        assert_eq!(texts(&singly, said).concat(), texts(&joined, said).concat(), "{path}");
        assert_eq!((counted(&joined), joined.chunks.len()), (10, 5), "{path}");
    }
    assert_eq!(three.report("").tokens, 30);
}

#[test]
fn a_piece_is_written_when_its_last_token_is_due() {
    let sim = Sim::start(1, Config { tokens_per_piece: 4, ..config(20, 10) });
    let mut client = sim.client(0);
    let began = Instant::now();
    client.post(ENDPOINTS[0].0, &format!("{}}}", ENDPOINTS[0].1));
    // Pieces end with tokens 4, 8 and 10, which are due 30, 70 and 90 ms after the first; the final record at 100.
    for (read, ms) in [(0, 50), (1, 90), (2, 110), (3, 120)] {
        let after = client.reads[read].0 - began;
        assert!(after >= Duration::from_millis(ms), "read {read} after {after:?}");
    }
}

#[test]
fn pieces_share_a_write_as_tokens_do() {
    let sim = Sim::start(1, Config { tokens_per_piece: 2, coalesce: 2, ..config(5, 2) });
    let answer = ask(&sim, ENDPOINTS[0].0, ENDPOINTS[0].1, "");
    let stamps: Vec<u64> =
        answer.objects().iter().map(|object| object["sim_write_ns"].as_u64().unwrap()).collect();
    assert_eq!((stamps.len(), answer.chunks.len()), (6, 6));
    assert_eq!((stamps[0], stamps[2]), (stamps[1], stamps[3]));
    assert!(stamps[1] < stamps[2] && stamps[3] < stamps[4] && stamps[4] < stamps[5], "{stamps:?}");
}

#[test]
fn a_fault_may_strike_inside_a_piece() {
    let fault = "error-line@token=5".parse().unwrap();
    let sim = Sim::start(1, Config { faults: vec![fault], tokens_per_piece: 4, ..instant() });
    let mut client = sim.client(0);
    client.send(post("/api/generate", &format!("{}}}", ENDPOINTS[0].1)));
    let answer = client.answer(false);
    assert_eq!((texts(&answer, "/response").len(), answer.objects().len()), (2, 3));
    assert!(answer.text().contains("unexpected EOF"));
    assert_eq!(sim.report("").tokens, 5);
}

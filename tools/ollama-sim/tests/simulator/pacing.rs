//! Deadlines, stamps, text and the report.

use crate::client::{generate, post};
use crate::sim::{Sim, config, instant};
use ollama_sim::Config;
use std::time::{Duration, Instant};

fn stamps(answer: &crate::client::Answer) -> Vec<u64> {
    answer.objects().iter().map(|object| object["sim_write_ns"].as_u64().unwrap()).collect()
}

#[test]
fn no_token_comes_before_its_time_and_lateness_does_not_add_up() {
    let sim = Sim::start(1, config(30, 10));
    let began = Instant::now();
    let answer = sim.client(0).post("/api/generate", &generate("x", 20));
    let (took, stamps) = (began.elapsed(), stamps(&answer));
    assert_eq!(stamps.len(), 21);
    // 30 + 20 * 10 ms; the upper bound is loose because the machine may be busy.
    assert!(took >= Duration::from_millis(230) && took < Duration::from_millis(1500), "{took:?}");
    let span = stamps[20] - stamps[0];
    assert!((185_000_000..=1_000_000_000).contains(&span), "{span}");
}

#[test]
fn the_head_waits_for_the_first_token_and_each_token_is_one_read() {
    let sim = Sim::start(1, config(60, 30));
    let mut client = sim.client(0);
    let began = Instant::now();
    let answer = client.post(
        "/api/chat",
        r#"{"model":"sim","messages":[{"role":"user","content":"x"}],"options":{"num_predict":4}}"#,
    );
    let (first, bytes) = client.reads[0];
    assert!(first - began >= Duration::from_millis(60));
    assert!(bytes >= answer.head.len() + answer.chunks[0].len(), "head and first chunk in one segment");
    // Four tokens and the final record, whose terminator is a write of its own and may share its read.
    assert!((5..=6).contains(&client.reads.len()), "{:?}", client.reads);
}

#[test]
fn the_stamp_is_the_last_field_and_can_be_left_out() {
    let bodies = [
        ("/api/generate", r#"{"model":"sim","prompt":"x","options":{"num_predict":2}}"#),
        ("/api/generate", r#"{"model":"sim","prompt":"x","stream":false,"options":{"num_predict":2}}"#),
        (
            "/v1/chat/completions",
            r#"{"model":"sim","messages":[{"role":"user","content":"x"}],"max_tokens":2,"stream":true,"stream_options":{"include_usage":true}}"#,
        ),
    ];
    let (with, without) =
        (Sim::start(1, instant()), Sim::start(1, Config { write_stamp: false, ..instant() }));
    for (path, body) in bodies {
        let stamped = with.client(0).post(path, body);
        for line in stamped.text().lines().filter(|line| line.contains('{')) {
            let (_, stamp) = line.rsplit_once(",\"sim_write_ns\":").expect(line);
            assert!(stamp.strip_suffix('}').unwrap().parse::<u64>().is_ok(), "{line}");
        }
        assert!(!without.client(0).post(path, body).text().contains("sim_write_ns"));
    }
}

#[test]
fn the_same_request_gives_the_same_text_in_every_dialect_of_its_prompt() {
    let sim = Sim::start(2, instant());
    let text = |port: usize, body: &str| sim.client(port).post("/api/generate", body).words();
    let once = text(0, &generate("a", 200));
    assert_eq!(once, text(1, &generate("a", 200)));
    assert!(once.starts_with(&text(0, &generate("a", 50))));
    assert_ne!(once, text(0, &generate("b", 200)));
    let whole = r#"{"model":"sim","prompt":"a","stream":false,"options":{"num_predict":200,"seed":1}}"#;
    assert_eq!(once, text(0, whole));
    let other = Sim::start(1, Config { seed: 2, ..instant() });
    assert_ne!(once, other.client(0).post("/api/generate", &generate("a", 200)).words());
}

#[test]
fn a_request_without_a_length_gets_the_configured_one() {
    let sim = Sim::start(1, instant());
    for options in ["{}", r#"{"num_predict":-1}"#, r#"{"num_predict":0}"#] {
        let body = format!(r#"{{"model":"sim","prompt":"x","options":{options}}}"#);
        let last = sim.client(0).post("/api/generate", &body).objects().pop().unwrap();
        assert_eq!((&last["eval_count"], &last["done_reason"]), (&10.into(), &"stop".into()), "{options}");
    }
}

#[test]
fn free_lengths_spread_by_request_and_stay_with_it() {
    let base = instant();
    let pacing = ollama_sim::Pacing { tokens: 100, length_spread: 0.5, ..base.pacing };
    let sim = Sim::start(2, Config { pacing, ..base });
    let length = |port: usize, prompt: &str, options: &str| {
        let body = format!(r#"{{"model":"sim","prompt":"{prompt}","options":{options}}}"#);
        let last = sim.client(port).post("/api/generate", &body).objects().pop().unwrap();
        (last["eval_count"].as_u64().unwrap(), last["done_reason"].as_str().unwrap().to_owned())
    };
    let lengths: Vec<u64> = ["a", "b", "c", "d", "e"].map(|prompt| length(0, prompt, "{}").0).to_vec();
    assert!(lengths.iter().all(|n| (50..=150).contains(n)), "{lengths:?}");
    assert!(lengths.iter().any(|n| *n != lengths[0]), "{lengths:?}");
    assert_eq!(length(1, "a", "{}"), (lengths[0], "stop".into()), "another port, the same request");
    assert_ne!(length(0, "a", r#"{"seed":1}"#), length(0, "a", r#"{"seed":2}"#), "the seed counts");
    assert_eq!(length(0, "a", r#"{"num_predict":7}"#), (7, "length".into()), "a length asked for");
}

#[test]
fn durations_come_from_the_schedule() {
    let sim = Sim::start(1, config(20, 5));
    let last = sim.client(0).post("/api/generate", &generate("x", 10)).objects().pop().unwrap();
    let ns = |name: &str| last[name].as_u64().unwrap();
    assert_eq!(ns("load_duration") + ns("prompt_eval_duration"), 20_000_000);
    assert_eq!((ns("eval_duration"), ns("total_duration")), (50_000_000, 70_000_000));
}

#[test]
fn coalesced_tokens_share_a_write_and_keep_their_chunks() {
    let sim = Sim::start(1, Config { coalesce: 4, ..config(10, 10) });
    let answer = sim.client(0).post("/api/generate", &generate("x", 10));
    assert_eq!(answer.chunks.len(), 11);
    let stamps = stamps(&answer);
    for group in [&stamps[0..4], &stamps[4..8], &stamps[8..10]] {
        assert!(group.iter().all(|stamp| *stamp == group[0]), "{stamps:?}");
    }
    assert!(stamps[0] < stamps[4] && stamps[4] < stamps[8] && stamps[8] < stamps[10]);
}

#[test]
fn every_token_has_the_bytes_asked_for_and_is_the_same_again() {
    for bytes in [1, 5, 256, 4096] {
        let sim = Sim::start(2, Config { token_bytes: Some(bytes), coalesce: 3, ..instant() });
        let answer = sim.client(0).post("/api/generate", &generate("x", 40));
        let mut objects = answer.objects();
        assert_eq!(objects.pop().unwrap()["response"], "", "the final record");
        let sizes: Vec<usize> = objects.iter().map(|o| o["response"].as_str().unwrap().len()).collect();
        assert_eq!(sizes, [bytes as usize; 40]);
        assert!(!answer.text().contains('\\'), "nothing to escape");
        // As in the other phase of a trial: another connection, another port, several at once.
        let mut clients: Vec<_> = (0..4).map(|i| sim.client(i % 2)).collect();
        for client in &mut clients {
            client.send(post("/api/generate", &generate("x", 40)));
        }
        for client in &mut clients {
            assert_eq!(client.answer(false).words(), answer.words());
        }
        let whole = r#"{"model":"sim","prompt":"x","stream":false,"options":{"num_predict":40,"seed":1}}"#;
        assert_eq!(sim.client(1).post("/api/generate", whole).words(), answer.words());
        let chat =
            r#"{"model":"sim","messages":[{"role":"user","content":"x"}],"max_tokens":40,"stream":true}"#;
        assert_eq!(sim.client(0).post("/v1/chat/completions", chat).words().len(), 40 * bytes as usize);
        assert_ne!(sim.client(0).post("/api/generate", &generate("y", 40)).words(), answer.words());
    }
}

#[test]
fn the_report_counts_what_was_served_and_how_late() {
    let sim = Sim::start(2, config(20, 5));
    assert_eq!(sim.report("").late_p50_ns, None);
    let mut clients: Vec<_> = (0..6).map(|i| sim.client(i % 2)).collect();
    for client in &mut clients {
        client.send(post("/api/generate", &generate("x", 10)));
    }
    let ends: Vec<u64> = clients.iter_mut().map(|client| stamps(&client.answer(false))[10]).collect();
    let report = sim.report("");
    assert_eq!((report.streams, report.tokens, report.streams_open_max), (6, 60, 6));
    assert!(report.late_p50_ns <= report.late_p99_ns && report.late_p99_ns <= report.late_max_ns);
    assert!(report.late_max_ns.is_some_and(|ns| ns < 5_000_000_000));
    let after = ends.iter().max().unwrap() + 1_000_000_000;
    let later = sim.report(&format!("?from_ns={after}"));
    assert_eq!((later.streams, later.late_max_ns), (0, None));
    assert_eq!(sim.client(1).get("/sim/report?from=1").status(), 400);
    assert_eq!(sim.client(1).post("/sim/reset", "").status(), 204);
    assert_eq!(sim.report("").streams, 0);
    assert_eq!(sim.stop().streams, 0);
}

#[test]
fn unpaced_streams_have_no_lateness() {
    let sim = Sim::start(1, instant());
    sim.client(0).post("/api/generate", &generate("x", 500));
    let report = sim.stop();
    assert_eq!((report.tokens, report.late_max_ns), (500, None));
}

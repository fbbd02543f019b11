//! Slots and the prompts that they hold; loads, and what looks like one.

use crate::client::{Answer, Client, post};
use crate::sim::{Sim, config, instant};
use ollama_sim::{Capacity, Config};
use serde_json::Value;
use std::time::{Duration, Instant};

const MS: u64 = 1_000_000;

/// One slot that reads a prompt in 100 ms, a first token 5 ms later, and a gap of 5 ms.
fn reads() -> Config {
    Config { slots: Some(1), prompt_eval_ns: Some(100 * MS), ..config(5, 5) }
}

/// A request of five tokens with this prompt and more fields.
fn body(prompt: &str, more: &str) -> String {
    format!(r#"{{"model":"sim","prompt":"{prompt}","options":{{"num_predict":5,"seed":1}}{more}}}"#)
}

/// Time to the first byte, and the final record.
fn ask(client: &mut Client, body: &str) -> (Duration, Value) {
    let began = Instant::now();
    let before = client.reads.len();
    let answer = client.post("/api/generate", body);
    (client.reads[before].0 - began, last(&answer))
}

fn last(answer: &Answer) -> Value {
    answer.objects().pop().unwrap()
}

fn ns(record: &Value, field: &str) -> u64 {
    record[field].as_u64().unwrap_or_else(|| panic!("{field} of {record}"))
}

#[test]
fn a_slot_holds_its_last_prompt_and_reads_it_in_a_hundredth() {
    let sim = Sim::start(1, reads());
    let mut client = sim.client(0);
    let (mut evaluated, mut counts) = (Vec::new(), Vec::new());
    for prompt in ["one", "one", "two", "one"] {
        let (first, record) = ask(&mut client, &body(prompt, ""));
        evaluated.push(ns(&record, "prompt_eval_duration"));
        counts.push(ns(&record, "prompt_eval_count"));
        // It is real: the first token comes that much later.
        assert!(first >= Duration::from_nanos(evaluated[evaluated.len() - 1] + 5 * MS), "{first:?}");
        assert!(ns(&record, "load_duration") < 2 * MS);
        let parts = ["load_duration", "prompt_eval_duration", "eval_duration"];
        let sum: u64 = parts.iter().map(|part| ns(&record, part)).sum();
        // Ten milliseconds for a deadline that was met late; without a queue nothing else is in the total.
        assert!((sum..sum + 10 * MS).contains(&ns(&record, "total_duration")), "{record}");
    }
    assert_eq!(evaluated, [100 * MS, MS, 100 * MS, 100 * MS]);
    assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
}

#[test]
fn other_seeds_and_lengths_are_the_same_prompt_and_other_thinking_is_not() {
    let sim = Sim::start(1, Config { thinking: Some(2), ..reads() });
    let mut client = sim.client(0);
    let mut evaluated = |body: &str| ns(&ask(&mut client, body).1, "prompt_eval_duration");
    assert_eq!(evaluated(&body("x", "")), 100 * MS);
    assert_eq!(evaluated(r#"{"model":"sim","prompt":"x","options":{"num_predict":2,"seed":9}}"#), MS);
    assert_eq!(evaluated(&body("x", r#","think":false"#)), 100 * MS);
    assert_eq!(evaluated(&body("x", r#","think":false"#)), MS);
}

#[test]
fn each_slot_holds_a_prompt_of_its_own() {
    let sim = Sim::start(1, Config { slots: Some(2), ..reads() });
    let mut client = sim.client(0);
    let evaluated = ["a", "b", "a", "b", "c", "b"]
        .map(|prompt| ns(&ask(&mut client, &body(prompt, "")).1, "prompt_eval_duration"));
    assert_eq!(evaluated.map(|ns| ns / MS), [100, 100, 1, 1, 100, 1]);
}

#[test]
fn agents_beyond_the_slots_overwrite_each_others_prompts() {
    let sim = Sim::start(1, reads());
    let mut clients = [sim.client(0), sim.client(0)];
    // Both are primed; together, each finds the prompt of the other.
    for (client, prompt) in clients.iter_mut().zip(["one", "two"]) {
        ask(client, &body(prompt, ""));
    }
    let began = Instant::now();
    for (client, prompt) in clients.iter_mut().zip(["one", "two"]) {
        client.send(post("/api/generate", &body(prompt, "")));
    }
    let records = clients.each_mut().map(|client| last(&client.answer(false)));
    let evaluated = records.each_ref().map(|record| ns(record, "prompt_eval_duration"));
    assert_eq!(evaluated, [100 * MS, 100 * MS]);
    // 100 + 5 + 5 * 5 ms each, one after the other; the wait is in the total of the second and nowhere else.
    let waited = ns(&records[1], "total_duration") - ns(&records[0], "total_duration");
    assert!((120 * MS..=150 * MS).contains(&waited), "{waited}");
    assert!(ns(&records[1], "load_duration") < 2 * MS);
    let head = clients[1].reads.iter().find(|(at, _)| *at > began).unwrap().0;
    assert!(head - began >= Duration::from_millis(235), "no head before the slot is free");
}

#[test]
fn two_of_four_run_together_on_two_slots() {
    let sim = Sim::start(1, Config { slots: Some(2), ..config(50, 10) });
    let mut clients = [0; 4].map(|_| sim.client(0));
    for client in &mut clients {
        client.send(post("/api/generate", &body("x", "")));
    }
    let totals = clients.each_mut().map(|client| ns(&last(&client.answer(false)), "total_duration") / MS);
    // 50 + 5 * 10 ms each.
    assert!(totals[..2].iter().all(|ms| (100..130).contains(ms)), "{totals:?}");
    assert!(totals[2..].iter().all(|ms| (190..250).contains(ms)), "{totals:?}");
}

#[test]
fn a_prompt_that_nobody_waited_for_is_not_held() {
    let sim = Sim::start(1, Config { prompt_eval_ns: Some(400 * MS), ..reads() });
    let mut gone = sim.client(0);
    gone.send(post("/api/generate", &body("x", "")));
    std::thread::sleep(Duration::from_millis(50));
    drop(gone);
    assert_eq!(ns(&ask(&mut sim.client(0), &body("x", "")).1, "prompt_eval_duration"), 400 * MS);
}

#[test]
fn reading_is_stretched_where_the_gpu_is_shared() {
    let config = Config { capacity: Capacity::Shared { factor: 3.0 }, ..reads() };
    let sim = Sim::start(2, config);
    let mut clients = [sim.client(0), sim.client(1)];
    for client in &mut clients {
        client.send(post("/api/generate", &body("x", "")));
    }
    for client in &mut clients {
        let evaluated = ns(&last(&client.answer(false)), "prompt_eval_duration");
        assert!((280 * MS..=305 * MS).contains(&evaluated), "{evaluated}");
    }
}

#[test]
fn an_unpaced_server_reads_and_loads_in_real_time_as_well() {
    let config = Config { prompt_eval_ns: Some(60 * MS), load_ns: 40 * MS, slots: Some(1), ..instant() };
    let sim = Sim::start(1, config);
    let mut client = sim.client(0);
    let (first, record) = ask(&mut client, &body("x", ""));
    assert!(first >= Duration::from_millis(100), "{first:?}");
    assert_eq!(ns(&record, "prompt_eval_duration"), 60 * MS);
    assert!((40 * MS..45 * MS).contains(&ns(&record, "load_duration")), "{record}");
    let (_, record) = ask(&mut client, &body("x", r#","stream":false"#));
    assert_eq!(ns(&record, "prompt_eval_duration"), 600_000);
}

#[test]
fn the_first_request_loads_and_again_after_an_unload() {
    let sim = Sim::start(1, Config { load_ns: 100 * MS, ..config(5, 5) });
    let mut client = sim.client(0);
    let loads = |client: &mut Client, more: &str| {
        let (first, record) = ask(client, &body("x", more));
        let load = ns(&record, "load_duration");
        assert!(first >= Duration::from_nanos(load), "{first:?}");
        assert!(ns(&record, "total_duration") >= load + ns(&record, "eval_duration"));
        load >= 100 * MS
    };
    assert!(loads(&mut client, ""));
    assert!(!loads(&mut client, ""));
    let unloaded = client.post("/api/generate", r#"{"model":"sim","keep_alive":0}"#);
    assert!(unloaded.text().contains(r#""done_reason":"unload""#));
    assert_eq!(client.get("/api/ps").text(), r#"{"models":[]}"#);
    // With a prompt, a keep-alive of zero unloads when the answer has ended.
    assert!(loads(&mut client, r#","keep_alive":0"#));
    assert_eq!(client.get("/api/ps").text(), r#"{"models":[]}"#);
    assert!(loads(&mut client, ""));
    let other = r#"{"model":"sim","prompt":"x","options":{"num_ctx":512,"num_predict":2}}"#;
    assert!(ns(&ask(&mut client, other).1, "load_duration") >= 100 * MS, "another context is another load");
}

#[test]
fn a_load_clears_the_slots() {
    let sim = Sim::start(1, reads());
    let mut client = sim.client(0);
    ask(&mut client, &body("x", r#","keep_alive":0"#));
    assert_eq!(ns(&ask(&mut client, &body("x", "")).1, "prompt_eval_duration"), 100 * MS);
    assert_eq!(ns(&ask(&mut client, &body("x", "")).1, "prompt_eval_duration"), MS);
}

#[test]
fn who_comes_during_a_load_waits_for_its_rest() {
    let sim = Sim::start(1, Config { load_ns: 200 * MS, ..config(5, 5) });
    let mut clients = [sim.client(0), sim.client(0)];
    clients[0].send(post("/api/generate", &body("x", "")));
    std::thread::sleep(Duration::from_millis(80));
    clients[1].send(post("/api/generate", &body("x", "")));
    let [first, second] = clients.map(|mut client| ns(&last(&client.answer(false)), "load_duration"));
    assert!((200 * MS..205 * MS).contains(&first), "{first}");
    assert!((1..=125 * MS).contains(&second), "{second}");
}

#[test]
fn a_request_that_only_loads_is_answered_when_the_model_is_there() {
    let sim = Sim::start(1, Config { load_ns: 100 * MS, slots: Some(1), ..config(5, 5) });
    let mut client = sim.client(0);
    for least in [100, 0] {
        let began = Instant::now();
        let answer = client.post("/api/generate", r#"{"model":"sim"}"#);
        assert!(answer.text().contains(r#""done_reason":"load""#), "{}", answer.text());
        assert!(answer.head.contains("Content-Length"), "{}", answer.head);
        assert!(began.elapsed() >= Duration::from_millis(least));
    }
    assert!(ns(&ask(&mut client, &body("x", "")).1, "load_duration") < 5 * MS);
    // It is no stream.
    assert_eq!(sim.report("").streams, 1);
}

#[test]
fn a_false_load_shows_in_its_number_and_not_in_residency() {
    let sim = Sim::start(1, Config { false_load_ns: 100 * MS, slots: Some(1), ..reads() });
    let mut client = sim.client(0);
    let evaluated = [0; 2].map(|_| {
        let (first, record) = ask(&mut client, &body("x", ""));
        assert!((100 * MS..105 * MS).contains(&ns(&record, "load_duration")), "{record}");
        assert!(first >= Duration::from_nanos(100 * MS + ns(&record, "prompt_eval_duration")), "{first:?}");
        ns(&record, "prompt_eval_duration")
    });
    assert_eq!(evaluated, [100 * MS, MS], "the slot kept its prompt: nothing was loaded");
}

#[test]
fn a_server_whose_keep_alive_is_zero_loads_for_every_request_that_names_none() {
    let sim = Sim::start(1, Config { load_ns: 50 * MS, keep_alive_ns: 0, ..config(5, 5) });
    let openai = r#"{"model":"sim","messages":[{"role":"user","content":"x"}],"max_tokens":2,"stream":true}"#;
    let mut client = sim.client(0);
    for _ in 0..2 {
        let began = Instant::now();
        client.post("/v1/chat/completions", openai);
        assert!(began.elapsed() >= Duration::from_millis(50));
        assert_eq!(client.get("/api/ps").text(), r#"{"models":[]}"#);
    }
    let mut load = || ns(&ask(&mut client, &body("x", r#","keep_alive":"5m""#)).1, "load_duration");
    assert!(load() >= 50 * MS && load() < 5 * MS);
}

#[test]
fn keep_alive_moves_the_moment_of_expiry() {
    let sim = Sim::start(1, Config { size_bytes: 700, size_vram_bytes: 500, ..config(5, 5) });
    let mut client = sim.client(0);
    let mut expires = |more: &str| -> i64 {
        client.post("/api/generate", &body("x", more));
        let ps: Value = serde_json::from_slice(&client.get("/api/ps").body).unwrap();
        let model = &ps["models"][0];
        assert_eq!((&model["context_length"], &model["name"]), (&4096.into(), &"sim:latest".into()));
        assert_eq!((&model["size"], &model["size_vram"]), (&700.into(), &500.into()));
        let at: jiff::Timestamp = model["expires_at"].as_str().unwrap().parse().unwrap();
        at.as_second() - jiff::Timestamp::now().as_second()
    };
    assert!((298..=300).contains(&expires("")));
    assert!((598..=600).contains(&expires(r#","keep_alive":"10m""#)));
    assert!((298..=300).contains(&expires("")));
}

#[test]
fn a_prompt_longer_than_the_context_is_cut_without_a_word() {
    let sim = Sim::start(1, reads());
    let mut client = sim.client(0);
    let prompt = "word ".repeat(8000);
    let sized = |num_ctx: u32| {
        format!(r#"{{"model":"sim","prompt":"{prompt}","options":{{"num_predict":2,"num_ctx":{num_ctx}}}}}"#)
    };
    for (body, count) in [(body(&prompt, ""), 4096), (sized(512), 512), (sized(20_000), 10_000)] {
        assert_eq!(ns(&ask(&mut client, &body).1, "prompt_eval_count"), count);
    }
}

//! What streams at once do to each other.

use crate::client::{Client, generate, post};
use crate::sim::{Sim, config};
use ollama_sim::{Capacity, Config};
use std::time::{Duration, Instant};

/// Sends one request per client and reads all answers at once; time from the first send to each end.
fn together(clients: &mut [Client], tokens: u32) -> Vec<Duration> {
    let began = Instant::now();
    for client in clients.iter_mut() {
        client.send(post("/api/generate", &generate("x", tokens)));
    }
    std::thread::scope(|scope| {
        let end = |client: &mut Client| {
            client.answer(false);
            client.reads.last().unwrap().0 - began
        };
        let readers: Vec<_> = clients.iter_mut().map(|client| scope.spawn(move || end(client))).collect();
        readers.into_iter().map(|reader| reader.join().unwrap()).collect()
    })
}

fn alone(sim: &Sim, tokens: u32) -> Duration {
    together(&mut [sim.client(0)], tokens)[0]
}

fn assert_ratio(ratio: f64, expected: f64) {
    // Late wake-ups only ever add time, to both sides of the ratio.
    assert!((expected * 0.8..expected * 1.35).contains(&ratio), "{ratio:.3}, expected about {expected}");
}

#[test]
fn independent_streams_do_not_slow_each_other() {
    let sim = Sim::start(1, config(50, 10));
    let solo = alone(&sim, 20);
    let both = together(&mut [sim.client(0), sim.client(0)], 20);
    assert_ratio(both[1].div_duration_f64(solo), 1.0);
}

#[test]
fn shared_streams_slow_each_other_by_the_factor_on_any_port() {
    let sim = Sim::start(2, Config { capacity: Capacity::Shared { factor: 2.6 }, ..config(50, 10) });
    let solo = alone(&sim, 20);
    let both = together(&mut [sim.client(0), sim.client(1)], 20);
    assert_ratio(both[0].div_duration_f64(solo), 2.6);
    assert_ratio(both[1].div_duration_f64(solo), 2.6);
}

#[test]
fn a_cancelled_stream_gives_its_share_back() {
    let sim = Sim::start(2, Config { capacity: Capacity::Shared { factor: 10.0 }, ..config(50, 10) });
    let solo = alone(&sim, 20);
    let mut gone = sim.client(0);
    gone.send(post("/api/generate", &generate("x", 1000)));
    let mut stays = sim.client(1);
    stays.send(post("/api/generate", &generate("x", 20)));
    let began = Instant::now();
    std::thread::sleep(Duration::from_millis(50));
    drop(gone);
    stays.answer(false);
    // Ten times slower for 50 ms, then alone again: 45 ms lost, not ten times the whole.
    let lost = began.elapsed().saturating_sub(solo);
    assert!(lost < solo, "lost {lost:?} beside {solo:?}");
}

#[test]
fn a_port_of_one_slot_serves_one_after_the_other_in_silence() {
    let sim = Sim::start(2, Config { slots: Some(1), ..config(50, 10) });
    let solo = alone(&sim, 10);
    let mut clients = [sim.client(0), sim.client(0), sim.client(0), sim.client(1)];
    let ends = together(&mut clients, 10);
    assert_ratio(ends[0].div_duration_f64(solo), 1.0);
    assert_ratio(ends[1].div_duration_f64(solo), 2.0);
    assert_ratio(ends[2].div_duration_f64(solo), 3.0);
    assert_ratio(ends[3].div_duration_f64(solo), 1.0);
    // The second heard nothing until the first was served.
    let (first_end, second_start) = (clients[0].reads.last().unwrap().0, clients[1].reads[0].0);
    assert!(second_start > first_end);
}

#[test]
fn waiting_shows_in_total_duration_only() {
    let sim = Sim::start(1, Config { slots: Some(1), ..config(50, 10) });
    let mut clients = [sim.client(0), sim.client(0)];
    for client in &mut clients {
        client.send(post("/api/generate", &generate("x", 10)));
    }
    let last = clients.map(|mut client| client.answer(false).objects().pop().unwrap());
    assert_eq!(last[0]["eval_duration"], last[1]["eval_duration"]);
    let waited = last[1]["total_duration"].as_u64().unwrap() - last[0]["total_duration"].as_u64().unwrap();
    assert!((100_000_000..=150_000_000).contains(&waited), "{waited}");
}

#[test]
fn a_disconnect_frees_the_slot_for_the_next_in_the_queue() {
    let sim = Sim::start(1, Config { slots: Some(1), ..config(50, 20) });
    let mut first = sim.client(0);
    first.send(post("/api/generate", &generate("x", 3000)));
    let mut waits_and_goes = sim.client(0);
    waits_and_goes.send(post("/api/generate", &generate("x", 3000)));
    let mut waits = sim.client(0);
    waits.send(post("/api/generate", &generate("x", 3)));
    first.take_until(b"\n");
    drop(waits_and_goes);
    drop(first);
    // A minute's worth of tokens lay before it.
    let began = Instant::now();
    assert_eq!(waits.answer(false).chunks.len(), 4);
    assert!(began.elapsed() < Duration::from_secs(15));
    let report = sim.stop();
    assert_eq!((report.streams, report.streams_open_max), (3, 3));
}

//! A simulator in a thread of the test.

use crate::client::Client;
use ollama_sim::{Config, Pacing, Report, Server, Shutdown, bind};
use std::net::SocketAddr;
use std::thread::JoinHandle;

pub struct Sim {
    addrs: Vec<SocketAddr>,
    shutdown: Shutdown,
    thread: Option<JoinHandle<Report>>,
}

impl Sim {
    pub fn start(ports: usize, config: Config) -> Sim {
        let listeners: Vec<_> = (0..ports).map(|_| bind("127.0.0.1:0".parse().unwrap()).unwrap()).collect();
        let addrs = listeners.iter().map(|listener| listener.local_addr().unwrap()).collect();
        let shutdown = Shutdown::new().unwrap();
        let handle = shutdown.clone();
        let thread =
            std::thread::spawn(move || Server::open(listeners, config, &handle).unwrap().serve().unwrap());
        Sim { addrs, shutdown, thread: Some(thread) }
    }

    pub fn client(&self, port: usize) -> Client {
        Client::connect(self.addrs[port])
    }

    /// Stops it and returns the report of the whole run.
    pub fn stop(mut self) -> Report {
        self.shutdown.trigger();
        self.thread.take().unwrap().join().unwrap()
    }

    /// The report of a window, over HTTP.
    pub fn report(&self, query: &str) -> Report {
        let answer = self.client(0).get(&format!("/sim/report{query}"));
        serde_json::from_slice(&answer.body).unwrap()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.shutdown.trigger();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

pub fn config(ttft_ms: u64, itl_ms: u64) -> Config {
    let pacing = Pacing {
        ttft_ns: ttft_ms * 1_000_000,
        itl_ns: itl_ms * 1_000_000,
        jitter: 0.0,
        tokens: 10,
        length_spread: 0.0,
    };
    Config { pacing, ..Config::default() }
}

pub fn instant() -> Config {
    config(0, 0)
}

//! Workload `http`: requests over kept connections, as fast as they go.

use super::asking::{Asking, together};
use super::log::timed;
use super::{Log, Measured, on};
use crate::Runtime;
use crate::http::Client;
use crate::trial::Setup;

const BATCHES: u32 = 3;
/// Connections at once.
const CONNECTIONS: [u64; 4] = [1, 16, 64, 256];
/// Requests of a timed batch, over all connections.
const REQUESTS: u64 = 1_024;
/// The shortest answer that is a stream.
const TOKENS: u32 = 2;

pub(super) fn measure<R: Runtime, C: Client<R>>(setup: &Setup) -> Measured {
    let asking = Asking::of(setup, TOKENS);
    on::<R, _>(async move {
        let mut log = Log::default();
        let mut levels = Vec::new();
        for connections in CONNECTIONS {
            levels.push((connections, asking.sessions::<R, C>(connections as usize).await?));
        }
        for round in 0..=BATCHES {
            for (connections, sessions) in &mut levels {
                let each = REQUESTS / *connections;
                timed!(log, &format!("{}/{connections}", C::KIND), round, each * *connections, {
                    let agent = |mut session| {
                        let asking = asking.clone();
                        async move {
                            for _ in 0..each {
                                asking.ask::<R, C>(&mut session).await?;
                            }
                            Ok(session)
                        }
                    };
                    *sessions = together::<R, C, _, _>(sessions.drain(..).map(agent)).await?;
                });
            }
        }
        Ok(log)
    })
}

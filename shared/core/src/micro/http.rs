//! Workload `http`: requests over kept connections, as fast as they go.

use super::asking::Asking;
use super::log::timed;
use super::{Log, Measured, on};
use crate::Runtime;
use crate::http::{Client, RequestError};
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
        for connections in CONNECTIONS {
            let each = REQUESTS / connections;
            let mut sessions = Vec::with_capacity(connections as usize);
            for _ in 0..connections {
                let mut session = asking.session::<R, C>()?;
                let proved = R::spawn(C::enter(async move { session.prepare().await.map(|()| session) }));
                sessions.push(proved.await?);
            }
            timed!(log, &format!("{}/{connections}", C::KIND), BATCHES, each * connections, {
                let tasks: Vec<_> = sessions
                    .drain(..)
                    .map(|mut session| {
                        let asking = asking.clone();
                        R::spawn(C::enter(async move {
                            for _ in 0..each {
                                asking.ask(&mut session).await?;
                            }
                            Ok::<_, RequestError>(session)
                        }))
                    })
                    .collect();
                for task in tasks {
                    sessions.push(task.await?);
                }
            });
        }
        Ok(log)
    })
}

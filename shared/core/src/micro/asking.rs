//! Requests of the micro workloads: the agents' own, with a body that is made once.

use crate::Runtime;
use crate::crew::{Errand, Exchange, Protocol, stream_request};
use crate::exchange::Session;
use crate::http::{Client, RequestError};
use crate::structured::{ScopeError, scope};
use crate::trial::Setup;
use crate::wire::Recorder;
use crate::workload::AgentPlan;
use bytes::Bytes;
use std::sync::Arc;
use tandem_records::{Phase, Stage, Status};

/// One request that is made again and again.
#[derive(Clone)]
pub(super) struct Asking {
    agent: Arc<AgentPlan>,
    protocol: Protocol,
    body: Bytes,
    tokens: u32,
}

impl Asking {
    /// A request for so many tokens from the first server.
    pub fn of(setup: &Setup, tokens: u32) -> Self {
        let agent = setup.agents[0].clone();
        let errand = Errand {
            agent: agent.clone(),
            phase: Phase::Concurrent,
            tokens,
            limited: true,
            prepared: true,
            start_after_ns: None,
        };
        let (body, _) = stream_request(&errand, setup.protocol);
        Asking { agent, protocol: setup.protocol, body, tokens }
    }

    /// A client without a connection.
    pub fn session<R: Runtime, C: Client<R>>(&self) -> Result<Session<R, C>, RequestError> {
        Ok(Session::new(C::new(&self.agent.target, self.protocol.reading)?, self.protocol))
    }

    /// Asks once and checks the answer.
    pub async fn ask<R: Runtime, C: Client<R>>(
        &self,
        session: &mut Session<R, C>,
    ) -> Result<Exchange, RequestError> {
        let recorder = Recorder::with_capacity(self.tokens as usize);
        let mut exchange = session.exchange(Stage::Stream, self.body.clone(), recorder).await;
        if let Some(error) = exchange.error.take() {
            return Err(error);
        }
        let came = exchange.recorder.pieces.len();
        if came != self.tokens as usize {
            let message = format!("{came} tokens came, {} were asked for", self.tokens);
            return Err(RequestError::new(Status::LengthMismatch, message));
        }
        Ok(exchange)
    }

    /// So many clients with a connection each.
    pub async fn sessions<R: Runtime, C: Client<R>>(
        &self,
        number: usize,
    ) -> Result<Vec<Session<R, C>>, RequestError> {
        let one = |_| {
            let asking = self.clone();
            async move {
                let mut session = asking.session::<R, C>()?;
                session.prepare().await.map(|()| session)
            }
        };
        together::<R, C, _, _>((0..number).map(one)).await
    }
}

/// Runs agents at the same time and ends after all of them; the first failure ends the others.
pub(super) async fn together<R, C, T, F>(agents: impl IntoIterator<Item = F>) -> Result<Vec<T>, RequestError>
where
    R: Runtime,
    C: Client<R>,
    T: Send + 'static,
    F: Future<Output = Result<T, RequestError>> + Send + 'static,
{
    scope::<R, _, _, _>(agents.into_iter().map(C::enter)).await.map_err(|error| match error {
        ScopeError::Failed(error) => error,
        ScopeError::Panicked(text) => RequestError::new(Status::Panicked, text),
    })
}

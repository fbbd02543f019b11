//! What an agent does on one connection, event by event: open it, send a request, read the response.

use crate::call::Call;
use crate::chunked::Piece;
use crate::connection::Connection;
use crate::response::Response;
use rustix::event::epoll::EventFlags;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use tandem_core::crew::AgentPlan;
use tandem_core::http::RequestError;
use tandem_core::now_ns;
use tandem_records::Status;

/// What all agents share.
pub struct Shared {
    /// The epoll set that every connection is in.
    pub epoll: OwnedFd,
    /// Every read goes here: what is read is used up before the next read.
    pub buffer: Vec<u8>,
}

/// What a task is for.
pub enum Goal {
    /// A connection that has answered a HEAD request, so that every client starts from one that is alive. `used` if it
    /// carried requests before.
    Prove { used: bool },
    /// A new connection in place of one that the server closed as soon as it was proved.
    Reopen,
    /// The response.
    Work(Box<Call>),
}

/// Whether there is still something to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// An event of the connection will tell.
    Waiting,
    /// The goal is reached.
    Over,
}

/// A goal, and how far it is.
pub struct Task {
    goal: Goal,
    step: Step,
    plan: Arc<AgentPlan>,
    /// Whether the connection is good for another request.
    reusable: bool,
}

enum Step {
    Closed,
    /// The connection is being opened.
    Opening {
        connection: Connection,
        since_ns: u64,
    },
    /// The request is on its way, or its response is.
    Answering {
        connection: Connection,
        response: Response,
    },
}

impl Task {
    /// A task that has not started.
    pub fn new(goal: Goal, plan: Arc<AgentPlan>) -> Self {
        Task { goal, step: Step::Closed, plan, reusable: false }
    }

    /// Starts, on this connection if there is one.
    ///
    /// # Errors
    /// No connection, or it is lost.
    pub fn start(&mut self, usable: Option<Connection>, shared: &Shared) -> Result<Progress, RequestError> {
        match usable {
            Some(connection) => self.ask(connection),
            None => self.open(shared),
        }
    }

    /// Goes on after an event of the connection.
    ///
    /// # Errors
    /// What kept the agent from its goal.
    pub fn advance(&mut self, events: EventFlags, shared: &mut Shared) -> Result<Progress, RequestError> {
        match &mut self.step {
            Step::Closed => Ok(Progress::Over),
            Step::Opening { connection, since_ns } => {
                connection.opened().map_err(|e| unreachable_server(&self.plan, &e))?;
                let took_ns = now_ns() - *since_ns;
                match &mut self.goal {
                    Goal::Reopen => {
                        self.reusable = true;
                        return Ok(Progress::Over);
                    }
                    Goal::Work(call) => call.connected(took_ns),
                    Goal::Prove { .. } => {}
                }
                match std::mem::replace(&mut self.step, Step::Closed) {
                    Step::Opening { connection, .. } => self.ask(connection),
                    _ => Ok(Progress::Over),
                }
            }
            Step::Answering { connection, response } => {
                connection.flush().map_err(|e| RequestError::from_io("write", &e))?;
                let mut call = match &mut self.goal {
                    Goal::Work(call) => Some(&mut **call),
                    Goal::Prove { .. } | Goal::Reopen => None,
                };
                let read = receive(connection, response, call.as_deref_mut(), events, &mut shared.buffer);
                let leftover = match (read, response.status()) {
                    (Ok(None), _) => return Ok(Progress::Waiting),
                    (Ok(Some(leftover)), _) => leftover,
                    // What cuts a refusal short is less than what it says.
                    (Err(_), Some(status)) if status != 200 && call.is_some() => true,
                    (Err(error), _) => return Err(error),
                };
                self.reusable = !leftover && response.leaves_connection_open();
                match call {
                    Some(call) => call.finish(response.status().unwrap_or_default()).map(|()| Progress::Over),
                    None if self.reusable && connection.is_at_rest() => Ok(Progress::Over),
                    None => {
                        self.goal = Goal::Reopen;
                        self.open(shared)
                    }
                }
            }
        }
    }

    /// The task to begin instead of one that failed. A server may close a used connection at any moment, as llama.cpp does
    /// after every stream: then a new one is proved.
    pub fn anew(&self) -> Option<Self> {
        let renew = matches!(self.goal, Goal::Prove { used: true });
        renew.then(|| Task::new(Goal::Prove { used: false }, self.plan.clone()))
    }

    /// The goal, and the connection where it is good for another request.
    pub fn end(self) -> (Goal, Option<Connection>) {
        match self.step {
            Step::Opening { connection, .. } | Step::Answering { connection, .. } if self.reusable => {
                (self.goal, Some(connection))
            }
            _ => (self.goal, None),
        }
    }

    fn open(&mut self, shared: &Shared) -> Result<Progress, RequestError> {
        let since_ns = now_ns();
        let index = self.plan.index;
        let connection = Connection::open(self.plan.target.address, shared.epoll.as_fd(), index)
            .map_err(|e| unreachable_server(&self.plan, &e))?;
        self.step = Step::Opening { connection, since_ns };
        Ok(Progress::Waiting)
    }

    fn ask(&mut self, mut connection: Connection) -> Result<Progress, RequestError> {
        let (request, bodiless) = match &mut self.goal {
            Goal::Work(call) => (call.send(), false),
            Goal::Prove { .. } | Goal::Reopen => (head_request(&self.plan), true),
        };
        connection.send(request).map_err(|e| RequestError::from_io("write", &e))?;
        self.step = Step::Answering { connection, response: Response::expected(bodiless) };
        Ok(Progress::Waiting)
    }
}

fn head_request(plan: &AgentPlan) -> Vec<u8> {
    format!("HEAD / HTTP/1.1\r\n{}\r\n", plan.target.header_lines()).into_bytes()
}

fn unreachable_server(plan: &AgentPlan, error: &io::Error) -> RequestError {
    RequestError::from_io(&format!("connect to {}", plan.target.host), error)
}

/// The measured path: reads until nothing is left, hands each piece of the body on. `None` if more is to come; at the end
/// of the response, whether bytes were left over.
fn receive(
    connection: &mut Connection,
    response: &mut Response,
    mut call: Option<&mut Call>,
    events: EventFlags,
    buffer: &mut [u8],
) -> Result<Option<bool>, RequestError> {
    // A read that does not fill the buffer has emptied the socket: its next bytes are a new event, epoll(7), question 9.
    // Not so the end of the stream that this event may have told already.
    let may_end = events.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
    loop {
        let read = match connection.read(buffer) {
            Ok(None) => return Ok(None),
            Ok(Some(0)) if response.ends_by_close() => return Ok(Some(false)),
            Ok(Some(0)) => {
                let what = "the server closed the connection before its response was over";
                return Err(RequestError::new(Status::Reset, what));
            }
            Ok(Some(read)) => read,
            Err(error) => return Err(RequestError::from_io("read", &error)),
        };
        let mut bytes = &buffer[..read];
        loop {
            match response.next(&mut bytes)? {
                Piece::Data(data) => {
                    if let (Some(call), Some(status)) = (call.as_deref_mut(), response.status()) {
                        call.receive(status, data)?;
                    }
                }
                Piece::End => return Ok(Some(!bytes.is_empty())),
                Piece::More => break,
            }
        }
        if read < buffer.len() && !may_end {
            return Ok(None);
        }
    }
}

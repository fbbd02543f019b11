//! What an agent does on one connection, event by event: open it, send a request, read the response.

use crate::call::Call;
use crate::connection::Connection;
use crate::response::{self, Response};
use rustix::event::epoll::EventFlags;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use tandem_core::crew::AgentPlan;
use tandem_core::http::{MAX_REST_BYTES, Method, RequestError};
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
    /// The turn is over, not what has been received: no event will tell of the rest.
    Unread,
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
        /// Place of its address among those of the server.
        place: usize,
    },
    /// The request is on its way, or its response is.
    Answering {
        connection: Connection,
        response: Response,
    },
}

/// A connection between two tasks.
pub struct Idle {
    connection: Connection,
    /// A response whose stream has ended, but not its body.
    unread: Option<Response>,
}

impl Idle {
    /// The connection, once all of the response has been read, if it is silent then.
    pub fn at_rest(self, shared: &mut Shared) -> Option<Connection> {
        let Idle { mut connection, unread } = self;
        if let Some(mut response) = unread {
            let mut nothing = |_: &_, _: &[u8]| Ok(ControlFlow::Continue(()));
            let mut progress = response.read(b"", &mut nothing).ok()?;
            let mut bytes_left = MAX_REST_BYTES;
            while progress == response::Progress::More && bytes_left > 0 {
                let read = connection.read(&mut shared.buffer).ok()?.filter(|&read| read > 0)?;
                bytes_left = bytes_left.saturating_sub(read);
                progress = response.read(&shared.buffer[..read], &mut nothing).ok()?;
            }
            let ended = progress == response::Progress::End { leftover: false };
            if !(ended && response.leaves_connection_open()) {
                return None;
            }
        }
        connection.is_at_rest().then_some(connection)
    }
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
            None => self.open(shared, 0, now_ns()),
        }
    }

    /// Goes on after an event of the connection.
    ///
    /// # Errors
    /// What kept the agent from its goal.
    pub fn advance(&mut self, events: EventFlags, shared: &mut Shared) -> Result<Progress, RequestError> {
        match std::mem::replace(&mut self.step, Step::Closed) {
            Step::Closed => Ok(Progress::Over),
            Step::Opening { mut connection, since_ns, place } => match connection.opened() {
                Ok(()) => self.opened(connection, now_ns() - since_ns),
                Err(_) if place + 1 < self.plan.target.addresses().len() => {
                    self.open(shared, place + 1, since_ns)
                }
                Err(error) => Err(self.plan.target.unreachable(&error)),
            },
            Step::Answering { mut connection, mut response } => {
                let call = match &mut self.goal {
                    Goal::Work(call) => Some(&mut **call),
                    Goal::Prove { .. } | Goal::Reopen => None,
                };
                let flushed = connection.flush().map_err(|e| RequestError::from_io("write", &e));
                let read = flushed
                    .and_then(|()| receive(&mut connection, &mut response, call, events, &mut shared.buffer));
                connection.answered |= response.answer().is_some();
                self.step = Step::Answering { connection, response };
                self.received(read, shared)
            }
        }
    }

    fn opened(&mut self, connection: Connection, took_ns: u64) -> Result<Progress, RequestError> {
        match &mut self.goal {
            Goal::Reopen => {
                self.reusable = true;
                self.step = Step::Answering { connection, response: Response::expected(Method::Head) };
                return Ok(Progress::Over);
            }
            Goal::Work(call) => call.connected(took_ns),
            Goal::Prove { .. } => {}
        }
        self.ask(connection)
    }

    /// Goes on after a read.
    fn received(
        &mut self,
        read: Result<response::Progress, RequestError>,
        shared: &Shared,
    ) -> Result<Progress, RequestError> {
        let Step::Answering { connection, response } = &mut self.step else { return Ok(Progress::Over) };
        let progress = match (read, response.answer()) {
            (Ok(response::Progress::More), _) => return Ok(Progress::Waiting),
            (Ok(response::Progress::Unread), _) => return Ok(Progress::Unread),
            (Ok(progress), _) => progress,
            // What cuts a refusal short is less than what it says.
            (Err(_), Some(answer)) if !answer.is_ok() && matches!(self.goal, Goal::Work(_)) => {
                response::Progress::End { leftover: true }
            }
            (Err(error), _) => return Err(error),
        };
        self.reusable =
            progress != response::Progress::End { leftover: true } && response.leaves_connection_open();
        match (&mut self.goal, response.answer()) {
            (Goal::Work(call), Some(answer)) => call.finish(answer).map(|()| Progress::Over),
            _ if self.reusable && connection.is_at_rest() => Ok(Progress::Over),
            _ => {
                self.goal = Goal::Reopen;
                self.open(shared, 0, now_ns())
            }
        }
    }

    /// Whether a task that failed is to begin anew, on a new connection. A server may close a used one at any moment, as llama.cpp does
    /// after every stream: then a new one is proved, and a request that was lost before any answer is sent once more.
    pub fn begins_anew_after(&self, error: &RequestError) -> bool {
        match (&self.goal, &self.step) {
            (Goal::Prove { used }, _) => *used,
            (Goal::Work(_), Step::Answering { connection, response }) => {
                error.status == Status::Reset && connection.answered && response.answer().is_none()
            }
            _ => false,
        }
    }

    /// The same task from its beginning.
    pub fn anew(self) -> Self {
        let goal = match self.goal {
            Goal::Prove { .. } => Goal::Prove { used: false },
            goal => goal,
        };
        Task::new(goal, self.plan)
    }

    /// The goal, and the connection where it is good for another request.
    pub fn end(self) -> (Goal, Option<Idle>) {
        let idle = match self.step {
            Step::Answering { connection, response } if self.reusable => {
                let unread = response.answer().is_some().then_some(response);
                Some(Idle { connection, unread })
            }
            _ => None,
        };
        (self.goal, idle)
    }

    /// Opens a connection to the first address from `place` on that does not refuse at once.
    fn open(&mut self, shared: &Shared, place: usize, since_ns: u64) -> Result<Progress, RequestError> {
        let target = &self.plan.target;
        let mut first_error = None;
        for (place, &address) in target.addresses().iter().enumerate().skip(place) {
            match Connection::open(address, shared.epoll.as_fd(), self.plan.index) {
                Ok(connection) => {
                    self.step = Step::Opening { connection, since_ns, place };
                    return Ok(Progress::Waiting);
                }
                Err(error) => drop(first_error.get_or_insert(error)),
            }
        }
        Err(target.unreachable(&first_error.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into())))
    }

    fn ask(&mut self, mut connection: Connection) -> Result<Progress, RequestError> {
        let (request, method) = match &mut self.goal {
            Goal::Work(call) => (call.send(), Method::Post),
            Goal::Prove { .. } | Goal::Reopen => (head_request(&self.plan), Method::Head),
        };
        let sent = connection.send(request);
        self.step = Step::Answering { connection, response: Response::expected(method) };
        sent.map_err(|e| RequestError::from_io("write", &e))?;
        Ok(Progress::Waiting)
    }
}

fn head_request(plan: &AgentPlan) -> Vec<u8> {
    format!("HEAD / HTTP/1.1\r\n{}\r\n", plan.target.header_lines()).into_bytes()
}

/// The measured path: reads until nothing is left or wanted or the turn is over, hands each piece of the body on. A read that fills the
/// buffer ends the turn: the others and the time limits must have theirs, also where a server never pauses.
fn receive(
    connection: &mut Connection,
    response: &mut Response,
    mut call: Option<&mut Call>,
    events: EventFlags,
    buffer: &mut [u8],
) -> Result<response::Progress, RequestError> {
    // A read that does not fill the buffer has emptied the socket: its next bytes are a new event, epoll(7), question 9.
    // Not so the end of the stream that this event may have told already.
    let may_end = events.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
    loop {
        let read = match connection.read(buffer) {
            Ok(None) => return Ok(response::Progress::More),
            Ok(Some(0)) if response.ends_by_close() => {
                return Ok(response::Progress::End { leftover: false });
            }
            Ok(Some(0)) => {
                let what = "the server closed the connection before its response was over";
                return Err(RequestError::new(Status::Reset, what));
            }
            Ok(Some(read)) => read,
            Err(error) => return Err(RequestError::from_io("read", &error)),
        };
        let progress = response.read(&buffer[..read], |answer, data| match call.as_deref_mut() {
            Some(call) => call.receive(answer, data),
            None => Ok(ControlFlow::Continue(())),
        })?;
        match progress {
            response::Progress::More if read == buffer.len() => return Ok(response::Progress::Unread),
            response::Progress::More if may_end => {}
            _ => return Ok(progress),
        }
    }
}

//! One agent: its connection between two tasks, and what came of the last one.

use crate::call::Call;
use crate::connection::Connection;
use crate::task::{Goal, Idle, Progress, Shared, Task};
use rustix::event::epoll::EventFlags;
use std::sync::Arc;
use tandem_core::crew::{AgentPlan, Outcome};
use tandem_core::http::RequestError;

/// An agent, at rest or at a task.
#[derive(Default)]
pub struct Agent {
    /// The connection that the next task begins with.
    idle: Option<Idle>,
    task: Option<Task>,
    /// When the present task has taken too long.
    pub deadline_ns: u64,
    /// Whether its last turn left something to read.
    has_unread: bool,
    /// What came of the last task.
    pub outcome: Outcome,
}

impl Agent {
    /// Whether it waits for something.
    pub fn is_busy(&self) -> bool {
        self.task.is_some()
    }

    /// Closes its connection.
    pub fn disconnect(&mut self) {
        self.idle = None;
    }

    /// Begins to open and prove a connection.
    pub fn prove(&mut self, plan: Arc<AgentPlan>, shared: &mut Shared) -> Progress {
        let usable = self.usable(shared);
        self.begin(Task::new(Goal::Prove { used: usable.is_some() }, plan), usable, shared)
    }

    /// Begins to work.
    pub fn work(&mut self, mut call: Call, plan: Arc<AgentPlan>, shared: &mut Shared) -> Progress {
        call.begin();
        let usable = self.usable(shared);
        self.begin(Task::new(Goal::Work(Box::new(call)), plan), usable, shared)
    }

    /// Goes on after an event of its connection.
    pub fn advance(&mut self, events: EventFlags, shared: &mut Shared) -> Progress {
        let Some(task) = &mut self.task else { return Progress::Over };
        match task.advance(events, shared) {
            Ok(Progress::Over) => self.end(Ok(())),
            Ok(going_on) => {
                self.has_unread = going_on == Progress::Unread;
                going_on
            }
            Err(error) => self.fail(error, shared),
        }
    }

    /// Goes on with what its last turn left.
    pub fn read_on(&mut self, shared: &mut Shared) -> Progress {
        // Its last event may have told of the end, too, and will not do so again.
        if self.has_unread {
            self.advance(EventFlags::IN | EventFlags::RDHUP, shared)
        } else {
            Progress::Waiting
        }
    }

    /// Gives up.
    pub fn stop(&mut self, error: RequestError) {
        self.end(Err(error));
    }

    /// The idle connection, unless the server has closed it in the meantime or still writes to it.
    fn usable(&mut self, shared: &mut Shared) -> Option<Connection> {
        self.idle.take()?.at_rest(shared)
    }

    fn begin(&mut self, task: Task, usable: Option<Connection>, shared: &mut Shared) -> Progress {
        self.has_unread = false;
        match self.task.insert(task).start(usable, shared) {
            Ok(Progress::Over) => self.end(Ok(())),
            Ok(going_on) => going_on,
            Err(error) => self.fail(error, shared),
        }
    }

    fn fail(&mut self, error: RequestError, shared: &mut Shared) -> Progress {
        match self.task.take_if(|task| task.begins_anew_after(&error)) {
            Some(task) => self.begin(task.anew(), None, shared),
            None => self.end(Err(error)),
        }
    }

    fn end(&mut self, result: Result<(), RequestError>) -> Progress {
        self.has_unread = false;
        let Some((goal, idle)) = self.task.take().map(Task::end) else { return Progress::Over };
        self.idle = idle.filter(|_| result.is_ok());
        self.outcome = match (goal, result) {
            (Goal::Work(call), result) => call.outcome(result),
            (_, Ok(())) => Outcome::default(),
            (_, Err(error)) => Outcome::stopped(error),
        };
        Progress::Over
    }
}

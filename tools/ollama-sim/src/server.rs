//! The event loop: one thread, one epoll, deadlines between the events.

use crate::clock::{WallClock, monotonic_ns};
use crate::config::Config;
use crate::connection::Connection;
use crate::error::SimError;
use crate::fault::Faults;
use crate::held::Held;
use crate::http::BadRequest;
use crate::listener::bind;
use crate::log::StreamLog;
use crate::models::Models;
use crate::pacer::Pacer;
use crate::ports::Port;
use crate::report::{Ledger, Report};
use crate::shutdown::Shutdown;
use crate::slots::Slots;
use crate::virtual_clock::VirtualClock;
use rustix::buffer::spare_capacity;
use rustix::event::Timespec;
use rustix::event::epoll::{self, EventData, EventFlags};
use rustix::io::Errno;
use rustix::net::{SocketFlags, accept_with};
use std::collections::VecDeque;
use std::net::TcpListener;
use std::num::NonZeroU64;
use std::ops::RangeInclusive;
use std::os::fd::OwnedFd;

/// Epoll names: connections by slot number, the others from the top.
const SHUTDOWN: u64 = u64::MAX;
const FIRST_PORT: u64 = u64::MAX / 2;
/// Events taken from the kernel at once; deadlines are looked at between any two.
const EVENTS: usize = 256;
/// Connections accepted before other work gets its turn.
const ACCEPTS: usize = 64;
/// How long a closed connection waits for its client to notice, as in Go's server.
const LINGER_NS: u64 = 500_000_000;
/// How long nothing must happen before the log is written: the next requests may be on their way.
const QUIET_NS: u64 = 50_000_000;

/// A simulator that listens.
pub struct Server {
    pub(crate) config: Config,
    pub(crate) ports: Vec<Port>,
    pub(crate) models: Models,
    pub(crate) slots: Slots,
    pub(crate) pacer: Pacer,
    pub(crate) clock: VirtualClock,
    pub(crate) wall: WallClock,
    pub(crate) ledger: Ledger,
    pub(crate) faults: Faults,
    pub(crate) log: Option<StreamLog>,
    held: Held,
    /// Streams whose turn it is, over all ports.
    pub(crate) active: usize,
    /// Last used stream id and connection serial.
    pub(crate) last_id: u64,
    /// Bytes of one write, kept for its memory.
    pub(crate) scratch: Vec<u8>,
    read_buffer: Vec<u8>,
    epoll: OwnedFd,
    /// Closed connections by the time to drop them: all wait equally long, so the order is that of closing.
    lingering: VecDeque<(u64, usize, u64)>,
    /// Out of file descriptors: listeners sleep until a connection closes.
    accept_paused: bool,
    /// The user has been told of it once.
    shortage_told: bool,
}

fn timespec(ns: u64) -> Timespec {
    Timespec { tv_sec: (ns / 1_000_000_000) as i64, tv_nsec: (ns % 1_000_000_000) as i64 }
}

impl Server {
    /// Opens everything that serving needs. Listeners best come from [`crate::bind`].
    ///
    /// # Errors
    /// When the kernel refuses it, or the log cannot be created.
    pub fn open(
        listeners: Vec<TcpListener>,
        config: Config,
        shutdown: &Shutdown,
    ) -> Result<Server, SimError> {
        let epoll =
            epoll::create(epoll::CreateFlags::CLOEXEC).map_err(SimError::system("create an epoll"))?;
        epoll::add(&epoll, shutdown, EventData::new_u64(SHUTDOWN), EventFlags::IN)
            .map_err(SimError::system("watch the shutdown handle"))?;
        let now = monotonic_ns();
        let faults = Faults::new(&config.faults, listeners.len(), now);
        let open = |listener| Port::new(listener, &config);
        let ports = listeners.into_iter().map(open).collect::<Result<Vec<_>, _>>();
        let mut wall = WallClock::new();
        let server = Server {
            models: Models::new(&config.models, config.thinking.is_some(), wall.unix_ns(now)),
            ports: ports.map_err(SimError::system("prepare a listener"))?,
            slots: Slots::default(),
            pacer: Pacer::default(),
            clock: VirtualClock::new(config.capacity, now),
            wall,
            ledger: Ledger::default(),
            faults,
            log: config.log.as_ref().map(|to| StreamLog::create(to, config.token_bytes)).transpose()?,
            held: Held::default(),
            active: 0,
            last_id: 0,
            scratch: Vec::with_capacity(64 * 1024),
            read_buffer: vec![0; 64 * 1024],
            epoll,
            lingering: VecDeque::new(),
            accept_paused: false,
            shortage_told: false,
            config,
        };
        for (number, port) in server.ports.iter().enumerate() {
            let Some(listener) = &port.listener else { continue };
            let name = EventData::new_u64(FIRST_PORT + number as u64);
            epoll::add(&server.epoll, listener, name, EventFlags::IN)
                .map_err(SimError::system("watch a listener"))?;
        }
        Ok(server)
    }

    /// Serves until the shutdown is triggered and returns the report of the whole run.
    ///
    /// The calling thread is the server; its timer slack becomes 1 ns.
    ///
    /// # Errors
    /// When the kernel refuses what the loop needs, such as epoll_pwait2 (Linux 5.11).
    pub fn serve(mut self) -> Result<Report, SimError> {
        // The default slack of 50 µs lets the kernel batch timers; one nanosecond is the least it accepts.
        rustix::thread::set_current_timer_slack(NonZeroU64::new(1))
            .map_err(SimError::system("set the timer slack"))?;
        let mut events: Vec<epoll::Event> = Vec::with_capacity(EVENTS);
        loop {
            self.refuse_or_listen()?;
            let behind = self.fire_due();
            self.take_turn();
            let timeout = if behind || self.pacer.has_ready() { Some(0) } else { self.sleep_ns() };
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), timeout.map(timespec).as_ref()) {
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => {
                    return Err(SimError::system("wait with epoll_pwait2 (needs Linux 5.11)")(error));
                }
            }
            for event in &events {
                match event.data.u64() {
                    SHUTDOWN => {
                        self.write_log()?;
                        return Ok(self.report(0..=u64::MAX));
                    }
                    port if port >= FIRST_PORT => self.accept((port - FIRST_PORT) as usize)?,
                    slot => self.handle(slot as usize, event.flags),
                }
                self.fire_due();
            }
            self.drop_lingering();
            if events.is_empty() && self.is_idle() {
                self.write_log()?;
            }
        }
    }

    /// The account of a window of monotonic time.
    pub(crate) fn report(&self, window: RangeInclusive<u64>) -> Report {
        let open = self
            .slots
            .iter()
            .filter_map(|connection| connection.stream.as_deref())
            .map(|stream| &stream.record);
        Report { faults: self.faults.counts(), ..self.ledger.report(window, open) }
    }

    /// Time to sleep; `None` is until something happens.
    fn sleep_ns(&self) -> Option<u64> {
        let due = self.pacer.first().map(|(due, _)| self.clock.real_at(due));
        let linger = self.lingering.front().map(|&(until, ..)| until);
        let next = due.into_iter().chain(linger).min().map(|next| next.saturating_sub(monotonic_ns()));
        let log = (self.is_idle() && self.log.as_ref().is_some_and(StreamLog::has_lines)).then_some(QUIET_NS);
        let next = next.into_iter().chain(log).min();
        if !self.faults.can_refuse() {
            return next;
        }
        let now = monotonic_ns();
        next.into_iter().chain(self.faults.next_change(now).map(|at| at - now)).min()
    }

    fn is_idle(&self) -> bool {
        self.active == 0
    }

    /// Writes what the log holds back, which takes time that a deadline would miss.
    fn write_log(&mut self) -> Result<(), SimError> {
        self.log.as_mut().map_or(Ok(()), StreamLog::write)
    }

    fn accept(&mut self, port: usize) -> Result<(), SimError> {
        for _ in 0..ACCEPTS {
            let Some(listener) = &self.ports[port].listener else { return Ok(()) };
            match accept_with(listener, SocketFlags::NONBLOCK | SocketFlags::CLOEXEC) {
                Ok(socket) => self.welcome(socket, port)?,
                Err(Errno::AGAIN) => break,
                Err(Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM) => {
                    if !std::mem::replace(&mut self.shortage_told, true) {
                        tandem_records::output::say(
                            "ollama-sim: no file descriptor for another connection; raise the limit (ulimit -n) or open fewer streams",
                        );
                    }
                    self.accept_paused = true;
                    return self.watch_listeners(EventFlags::empty());
                }
                // The client has gone before it was accepted.
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Makes every port refuse new connections, or take them again, as the faults have it.
    fn refuse_or_listen(&mut self) -> Result<(), SimError> {
        if !self.faults.can_refuse() {
            return Ok(());
        }
        for number in 0..self.ports.len() {
            let refuses = self.faults.refuses(number, monotonic_ns());
            let port = &mut self.ports[number];
            if refuses {
                // Closing it takes it out of the epoll, too.
                port.listener = None;
            } else if port.listener.is_none() {
                let listener = port.listener.insert(bind(port.addr)?);
                let name = EventData::new_u64(FIRST_PORT + number as u64);
                epoll::add(&self.epoll, listener, name, EventFlags::IN)
                    .map_err(SimError::system("watch a listener"))?;
            }
        }
        Ok(())
    }

    fn watch_listeners(&self, flags: EventFlags) -> Result<(), SimError> {
        for (number, port) in self.ports.iter().enumerate() {
            let Some(listener) = &port.listener else { continue };
            let name = EventData::new_u64(FIRST_PORT + number as u64);
            epoll::modify(&self.epoll, listener, name, flags)
                .map_err(SimError::system("watch a listener"))?;
        }
        Ok(())
    }

    fn welcome(&mut self, socket: OwnedFd, port: usize) -> Result<(), SimError> {
        // Edge-triggered and for both directions: no system call to change interest, ever.
        let flags = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        epoll::add(&self.epoll, &socket, EventData::new_u64(self.slots.next() as u64), flags)
            .map_err(SimError::system("watch a connection"))?;
        self.last_id += 1;
        self.slots.insert(Connection::new(socket, port, self.last_id));
        Ok(())
    }

    fn handle(&mut self, slot: usize, flags: EventFlags) {
        if flags.contains(EventFlags::OUT) {
            self.flush(slot);
        }
        if flags.intersects(EventFlags::IN | EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR) {
            self.read(slot);
        }
    }

    /// Reads what the socket has, answering requests as they become complete.
    pub(crate) fn read(&mut self, slot: usize) {
        use crate::connection::Received;
        loop {
            let Some(connection) = self.slots.get(slot) else { return };
            let received = connection.receive(&mut self.read_buffer);
            connection.ended |= received == Received::Ended;
            if connection.lingering {
                match received {
                    Received::Some => continue,
                    Received::Drained => return,
                    Received::Ended => return self.close(slot),
                }
            }
            if received == Received::Some {
                self.answer_input(slot);
                self.count_held(slot);
            } else {
                return self.settle(slot);
            }
        }
    }

    /// Refuses a request that would hold too much memory before it is complete.
    pub(crate) fn count_held(&mut self, slot: usize) {
        let Some(connection) = self.slots.get(slot) else { return };
        if !self.held.count(connection) {
            connection.forget_input();
            self.held.count(connection);
            self.refuse(slot, BadRequest::BodyTooLarge);
        }
    }

    /// Closes a connection that has nothing left to do. A client that goes away, or closes only its sending
    /// side, cancels its stream: that is how Ollama sees it.
    pub(crate) fn settle(&mut self, slot: usize) {
        let Some(connection) = self.slots.get(slot) else { return };
        let idle = connection.stream.is_none() && connection.is_drained();
        if connection.ended && (idle || connection.stream.is_some()) {
            self.close(slot);
        } else if connection.closing && idle && !connection.lingering {
            connection.linger();
            let serial = connection.serial;
            self.lingering.push_back((monotonic_ns() + LINGER_NS, slot, serial));
        }
    }

    fn drop_lingering(&mut self) {
        while let Some(&(until, slot, serial)) = self.lingering.front() {
            if until > monotonic_ns() {
                return;
            }
            self.lingering.pop_front();
            if self.slots.get(slot).is_some_and(|connection| connection.serial == serial) {
                self.close(slot);
            }
        }
    }

    /// Drops a connection and cancels its stream.
    pub(crate) fn close(&mut self, slot: usize) {
        let Some(mut connection) = self.slots.remove(slot) else { return };
        self.held.forget(&connection);
        if let Some(stream) = connection.stream.take() {
            self.cancel(*stream);
        }
        drop(connection);
        if self.accept_paused {
            self.accept_paused = false;
            // Failing would mean that the epoll itself is gone, which the next wait reports.
            let _ = self.watch_listeners(EventFlags::IN);
        }
    }
}

//! Places for connections, numbered so that epoll and the deadlines can name them.

use crate::connection::Connection;

/// Connections by number; a freed number is used again.
#[derive(Debug, Default)]
pub struct Slots {
    places: Vec<Option<Box<Connection>>>,
    free: Vec<usize>,
}

impl Slots {
    /// The number that the next connection will get.
    pub fn next(&self) -> usize {
        self.free.last().copied().unwrap_or(self.places.len())
    }

    /// Keeps a connection under [`Slots::next`].
    pub fn insert(&mut self, connection: Connection) {
        let connection = Some(Box::new(connection));
        match self.free.pop() {
            Some(slot) => self.places[slot] = connection,
            None => self.places.push(connection),
        }
    }

    /// The connection with this number, if it is still there.
    pub fn get(&mut self, slot: usize) -> Option<&mut Connection> {
        self.places.get_mut(slot)?.as_deref_mut()
    }

    /// Takes a connection out; its socket closes when it is dropped.
    pub fn remove(&mut self, slot: usize) -> Option<Box<Connection>> {
        let connection = self.places.get_mut(slot)?.take()?;
        self.free.push(slot);
        Some(connection)
    }

    /// All connections.
    pub fn iter(&self) -> impl Iterator<Item = &Connection> {
        self.places.iter().filter_map(|place| place.as_deref())
    }
}

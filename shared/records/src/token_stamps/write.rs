//! Writes a file of token stamps.

use super::varint::{put, zigzag};
use super::{HAS_RECEIVED, HAS_WRITTEN, MAGIC, MOST_TOKENS, StampsHeader, StampsRequest, TokenStamps};
use crate::Phase;
use std::io::{self, Write};
use xxhash_rust::xxh3::xxh3_64;

/// Writes the stamps of one trial and attempt, request by request.
#[derive(Debug)]
pub struct StampsWriter<W> {
    to: W,
    payload: Vec<u8>,
    requests: u64,
}

impl<W: Write> StampsWriter<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(mut to: W, header: &StampsHeader) -> io::Result<Self> {
        to.write_all(MAGIC)?;
        let mut writer = StampsWriter { to, payload: Vec::new(), requests: 0 };
        put(&mut writer.payload, header.run_id.len() as u64);
        writer.payload.extend_from_slice(header.run_id.as_bytes());
        put(&mut writer.payload, header.trial);
        put(&mut writer.payload, header.attempt);
        writer.frame()?;
        Ok(writer)
    }

    /// Writes the tokens of a request in their order.
    ///
    /// # Errors
    /// They are more than a file may hold of one request, or they cannot be written.
    pub fn request<T>(&mut self, request: &StampsRequest, tokens: T) -> io::Result<()>
    where
        T: ExactSizeIterator<Item = TokenStamps> + Clone,
    {
        if tokens.len() > MOST_TOKENS {
            let why = format!("{} tokens in one request; a file keeps up to {MOST_TOKENS}", tokens.len());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
        }
        let written = tokens.clone().any(|token| token.written_ns.is_some());
        let received = tokens.clone().any(|token| token.received_ns.is_some());
        let payload = &mut self.payload;
        put(payload, phase_number(request.phase));
        put(payload, request.agent);
        put(payload, request.call);
        put(payload, request.start_ns);
        put(payload, u64::from(written) * HAS_WRITTEN + u64::from(received) * HAS_RECEIVED);
        put(payload, tokens.len() as u64);
        let mut before_ns = request.start_ns;
        for TokenStamps { seen_ns, written_ns, received_ns } in tokens {
            put(payload, zigzag(seen_ns.wrapping_sub(before_ns)));
            before_ns = seen_ns;
            let (written_ns, received_ns) = (written_ns.map(u64::from), received_ns.map(u64::from));
            if written {
                put_optional(payload, written_ns.map(|ns| seen_ns.wrapping_sub(ns)));
            }
            if received {
                let distance = |ns: u64| match written_ns {
                    Some(written_ns) => ns.wrapping_sub(written_ns),
                    None => seen_ns.wrapping_sub(ns),
                };
                put_optional(payload, received_ns.map(distance));
            }
        }
        self.requests += 1;
        self.frame()
    }

    /// Ends the file.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        put(&mut self.payload, 0u64);
        put(&mut self.payload, self.requests);
        self.to.write_all(&self.payload)?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn frame(&mut self) -> io::Result<()> {
        let mut length = Vec::new();
        put(&mut length, self.payload.len() as u64);
        self.to.write_all(&length)?;
        self.to.write_all(&self.payload)?;
        self.to.write_all(&(xxh3_64(&self.payload) as u32).to_le_bytes())?;
        self.payload.clear();
        Ok(())
    }
}

fn put_optional(to: &mut Vec<u8>, difference: Option<u64>) {
    put(to, difference.map_or(0, |difference| 1 + u128::from(zigzag(difference))));
}

fn phase_number(phase: Phase) -> u64 {
    match phase {
        Phase::Warmup => 0,
        Phase::Solo => 1,
        Phase::Concurrent => 2,
    }
}

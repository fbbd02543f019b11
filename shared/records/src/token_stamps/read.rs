//! Reads a file of token stamps, request by request: the memory needed is that of its longest request.

use super::varint::{take, unzigzag};
use super::{
    HAS_RECEIVED, HAS_WRITTEN, MAGIC, MOST_FRAME_BYTES, MOST_TOKENS, StampsError, StampsHeader,
    StampsRequest, TokenStamps, VERSION_AT,
};
use crate::Phase;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::num::NonZeroU64;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;

/// Reads the stamps of one trial and attempt. After an error, as after the end, there is nothing more.
#[derive(Debug)]
pub struct StampsReader<R> {
    from: R,
    header: StampsHeader,
    payload: Vec<u8>,
    requests: u64,
    is_over: bool,
}

impl StampsReader<BufReader<File>> {
    /// Opens a file.
    ///
    /// # Errors
    /// It cannot be read, or does not begin as a file of token stamps does.
    pub fn open(path: &Path) -> Result<Self, StampsError> {
        StampsReader::new(BufReader::new(crate::regular_file::open(path)?))
    }
}

impl<R: Read> StampsReader<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// It cannot be read, or does not begin as a file of token stamps does.
    pub fn new(mut from: R) -> Result<Self, StampsError> {
        let mut magic = Vec::new();
        from.by_ref().take(MAGIC.len() as u64).read_to_end(&mut magic)?;
        if magic.len() < MAGIC.len() && MAGIC.starts_with(&magic) {
            return Err(StampsError::Torn { requests: 0 });
        }
        if !magic.starts_with(&MAGIC[..VERSION_AT]) {
            return Err(StampsError::Foreign);
        }
        if magic != MAGIC {
            return Err(StampsError::Version(char::from(magic[VERSION_AT])));
        }
        let header = StampsHeader { run_id: String::new(), trial: 0, attempt: 0 };
        let mut reader = StampsReader { from, header, payload: Vec::new(), requests: 0, is_over: false };
        if !reader.frame()? {
            return Err(reader.damaged("it has no header"));
        }
        reader.header = header_of(&reader.payload).ok_or_else(|| reader.damaged("its header is none"))?;
        Ok(reader)
    }

    /// The trial and attempt that the file is of.
    pub fn header(&self) -> &StampsHeader {
        &self.header
    }

    /// The next request with its tokens; none at the end of the file.
    fn request(&mut self) -> Result<Option<(StampsRequest, Vec<TokenStamps>)>, StampsError> {
        if !self.frame()? {
            let requests = self.number()?;
            if requests != u128::from(self.requests) {
                return Err(self.damaged("its end counts other requests"));
            }
            return match self.from.read(&mut [0])? {
                0 => Ok(None),
                _ => Err(self.damaged("bytes stand behind its end")),
            };
        }
        let read = request_of(&self.payload).ok_or_else(|| self.damaged("a request reads as none"))?;
        self.requests += 1;
        Ok(Some(read))
    }

    /// Reads a frame into `payload`; false at the end mark.
    fn frame(&mut self) -> Result<bool, StampsError> {
        let length = self.number()?;
        if length == 0 {
            return Ok(false);
        }
        let length = u64::try_from(length).ok().filter(|length| *length <= MOST_FRAME_BYTES);
        let length = length.ok_or_else(|| self.damaged("a request is too long"))?;
        self.payload.clear();
        // Memory grows with what the file holds, not with what it says.
        let found = self.from.by_ref().take(length).read_to_end(&mut self.payload)?;
        let mut checksum = [0; 4];
        if found as u64 != length {
            return Err(self.torn());
        }
        self.from.read_exact(&mut checksum).map_err(|error| self.ended(error))?;
        if checksum != (xxh3_64(&self.payload) as u32).to_le_bytes() {
            return Err(self.damaged("the checksum differs"));
        }
        Ok(true)
    }

    /// Reads a number that stands between frames.
    fn number(&mut self) -> Result<u128, StampsError> {
        let (mut bytes, mut byte) = (Vec::new(), [0x80]);
        while byte[0] >= 0x80 && bytes.len() < MAGIC.len() {
            self.from.read_exact(&mut byte).map_err(|error| self.ended(error))?;
            bytes.push(byte[0]);
        }
        take(&mut bytes.as_slice()).ok_or_else(|| self.damaged("a number is too long"))
    }

    fn ended(&self, error: std::io::Error) -> StampsError {
        if error.kind() == ErrorKind::UnexpectedEof { self.torn() } else { StampsError::Io(error) }
    }

    fn torn(&self) -> StampsError {
        StampsError::Torn { requests: self.requests }
    }

    fn damaged(&self, what: &'static str) -> StampsError {
        StampsError::Damaged { requests: self.requests, what }
    }
}

impl<R: Read> Iterator for StampsReader<R> {
    type Item = Result<(StampsRequest, Vec<TokenStamps>), StampsError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let read = self.request();
        self.is_over = !matches!(read, Ok(Some(_)));
        read.transpose()
    }
}

fn header_of(mut payload: &[u8]) -> Option<StampsHeader> {
    let bytes = &mut payload;
    let length = usize::try_from(take(bytes)?).ok()?;
    let (run_id, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    let run_id = std::str::from_utf8(run_id).ok()?.to_owned();
    let (trial, attempt) = (take_u32(bytes)?, take_u32(bytes)?);
    bytes.is_empty().then_some(StampsHeader { run_id, trial, attempt })
}

fn request_of(mut payload: &[u8]) -> Option<(StampsRequest, Vec<TokenStamps>)> {
    let bytes = &mut payload;
    let phase = match take(bytes)? {
        0 => Phase::Warmup,
        1 => Phase::Solo,
        2 => Phase::Concurrent,
        _ => return None,
    };
    let (agent, call, start_ns) = (take_u32(bytes)?, take_u32(bytes)?, take_u64(bytes)?);
    let has = take_u64(bytes).filter(|has| *has <= HAS_WRITTEN + HAS_RECEIVED)?;
    // A token takes a byte at least, so that memory is bounded by the bytes that are there.
    let count = usize::try_from(take(bytes)?).ok().filter(|n| *n <= MOST_TOKENS && *n <= bytes.len())?;
    let mut tokens = Vec::with_capacity(count);
    let mut before_ns = start_ns;
    for _ in 0..count {
        let seen_ns = before_ns.wrapping_add(unzigzag(take_u64(bytes)?));
        before_ns = seen_ns;
        let mut written_ns = None;
        if has & HAS_WRITTEN != 0 {
            written_ns = take_optional(bytes, |difference| seen_ns.wrapping_sub(difference))?;
        }
        let mut received_ns = None;
        if has & HAS_RECEIVED != 0 {
            received_ns = take_optional(bytes, |difference| match written_ns {
                Some(written_ns) => written_ns.get().wrapping_add(difference),
                None => seen_ns.wrapping_sub(difference),
            })?;
        }
        tokens.push(TokenStamps { seen_ns, written_ns, received_ns });
    }
    bytes.is_empty().then_some((StampsRequest { phase, agent, call, start_ns }, tokens))
}

/// A stamp that may be missing; the outer none is an error. No stamp is 0.
fn take_optional(bytes: &mut &[u8], stamp: impl Fn(u64) -> u64) -> Option<Option<NonZeroU64>> {
    let Some(number) = take(bytes)?.checked_sub(1) else { return Some(None) };
    let difference = unzigzag(u64::try_from(number).ok()?);
    Some(Some(NonZeroU64::new(stamp(difference))?))
}

fn take_u64(bytes: &mut &[u8]) -> Option<u64> {
    u64::try_from(take(bytes)?).ok()
}

fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    u32::try_from(take(bytes)?).ok()
}

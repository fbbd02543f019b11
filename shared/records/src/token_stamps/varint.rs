//! Numbers of as many bytes as they need: unsigned LEB128.

/// Most bytes of a number: 65 bits, seven a byte.
const MOST_BYTES: u32 = 10;

/// Appends a number of at most 65 bits.
pub(super) fn put(to: &mut Vec<u8>, number: impl Into<u128>) {
    let mut rest: u128 = number.into();
    while rest >= 0x80 {
        to.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    to.push(rest as u8);
}

/// Takes the next number off `bytes`; none where they end inside it or it is longer than any that [`put`] writes.
pub(super) fn take(bytes: &mut &[u8]) -> Option<u128> {
    let mut number = 0;
    for place in 0..MOST_BYTES {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u128::from(byte & 0x7f) << (7 * place);
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

/// A difference as a number that is small where the difference is.
pub(super) fn zigzag(difference: u64) -> u64 {
    (difference << 1) ^ ((difference as i64 >> 63) as u64)
}

/// The difference that [`zigzag`] was given.
pub(super) fn unzigzag(number: u64) -> u64 {
    (number >> 1) ^ (number & 1).wrapping_neg()
}

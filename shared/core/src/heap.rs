//! What the allocator has handed out, by its own books.

/// Bytes in use by glibc's allocator over all its arenas, its own headers included; `None` with another C library. Freed
/// memory in a thread's cache (at most some tens of KiB) counts as in use.
#[cfg(target_env = "gnu")]
#[allow(unsafe_code)] // a read of the C library's counters, which no safe crate offers
pub(crate) fn bytes_in_use() -> Option<u64> {
    // SAFETY: mallinfo2 takes nothing, returns a struct of numbers by value, and locks the arenas that it reads.
    let counted = unsafe { libc::mallinfo2() };
    Some((counted.uordblks + counted.hblkhd) as u64)
}

#[cfg(not(target_env = "gnu"))]
pub(crate) fn bytes_in_use() -> Option<u64> {
    None
}

#[cfg(all(test, target_env = "gnu"))]
mod tests {
    use super::bytes_in_use;
    use std::hint::black_box;

    #[test]
    fn what_is_held_is_counted() {
        const HELD: u64 = 64 << 20;
        let before = bytes_in_use().expect("glibc");
        let held = black_box(vec![1_u8; HELD as usize]);
        let during = bytes_in_use().expect("glibc");
        drop(held);
        let after = bytes_in_use().expect("glibc");
        // Other tests of the process allocate too, but not that much.
        assert!(during > before + HELD / 2 && after < during - HELD / 2, "{before} {during} {after}");
    }
}

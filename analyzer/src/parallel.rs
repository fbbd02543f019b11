//! Independent work on all cores.

use std::num::NonZeroUsize;
use std::thread;

/// `f` of every item, in the order of the items, on as many threads as there are cores: the results do not depend on how
/// many those are.
///
/// # Panics
/// When `f` does.
pub fn map<T: Sync, R: Send>(items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    map_on(thread::available_parallelism().unwrap_or(NonZeroUsize::MIN), items, f)
}

/// [`map`] on a given number of threads.
pub fn map_on<T: Sync, R: Send>(threads: NonZeroUsize, items: &[T], f: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let share = items.len().div_ceil(threads.get()).max(1);
    let mut shares = items.chunks(share);
    let own = shares.next().unwrap_or_default();
    let f = &f;
    thread::scope(|scope| {
        let others: Vec<_> =
            shares.map(|share| scope.spawn(move || share.iter().map(f).collect::<Vec<R>>())).collect();
        let mut results: Vec<R> = own.iter().map(f).collect();
        for other in others {
            results.extend(other.join().unwrap_or_else(|panicked| std::panic::resume_unwind(panicked)));
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items_at_any_number_of_threads() {
        for n in [0, 1, 2, 3, 7, 100] {
            let items: Vec<usize> = (0..n).collect();
            let expected: Vec<usize> = items.iter().map(|i| i * i).collect();
            for threads in [1, 2, 3, 8] {
                let threads = NonZeroUsize::new(threads).unwrap();
                assert_eq!(map_on(threads, &items, |i| i * i), expected, "{n} items, {threads} threads");
            }
        }
    }
}

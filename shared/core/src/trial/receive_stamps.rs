//! The kernel's receive stamps of a trial: switched on for its whole time, and never believed after the clock was set.

use crate::clock::WallOffset;
use crate::crew::Outcome;
use crate::http::keep_stamping;
use std::net::UdpSocket;

/// Keeps the kernel stamping until dropped; where it cannot, says so and the delays stay empty.
pub(super) fn keep_on() -> Option<UdpSocket> {
    keep_stamping()
        .inspect_err(|error| {
            tandem_records::output::say(&format!(
                "warning: --receive-stamps: this kernel keeps none ({error}); delays stay empty on servers that send no stamps"
            ));
        })
        .ok()
}

/// Takes the receive stamps out of a phase that ended after the wall clock was set: they are off by the step, before it or
/// after it. `offset` is that of the trial's beginning, which turned them into CLOCK_MONOTONIC; `None` keeps none.
///
/// A stamp that is later than agent code saw its token betrays a step as well, one that was taken back before the end.
pub(super) fn discard_unsound(offset: Option<WallOffset>, outcomes: &mut [Outcome]) {
    let Some(offset) = offset else { return };
    let recorders =
        || outcomes.iter().flat_map(|outcome| &outcome.done.exchanges).map(|exchange| &exchange.recorder);
    let mut tokens = recorders().flat_map(|recorder| &recorder.pieces);
    let from_the_future = tokens.any(|token| {
        token.received_ns.is_some_and(|received| received.get() > token.seen_ns + offset.error_ns())
    });
    if from_the_future || offset.stepped(WallOffset::read()) {
        let exchanges = outcomes.iter_mut().flat_map(|outcome| &mut outcome.done.exchanges);
        for token in exchanges.flat_map(|exchange| &mut exchange.recorder.pieces) {
            token.received_ns = None;
        }
    }
}

#[cfg(test)]
mod tests;

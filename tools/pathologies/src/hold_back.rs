//! A client that hands body bytes on only when enough of them are there.

use bytes::{Bytes, BytesMut};
use std::future::Future;
use tandem_core::Runtime;
use tandem_core::http::{Answer, Client, Method, Reading, RequestError, Target};

/// Bytes that must be there before any are handed on: those of the study's "1 KB client".
pub const HELD_BYTES: usize = 1024;

/// Holds the body back until [`HELD_BYTES`] have arrived, or its end. Every byte arrives, in order, later.
pub struct HoldBack<C> {
    inner: C,
    held: BytesMut,
}

impl<R: Runtime, C: Client<R>> Client<R> for HoldBack<C> {
    const KIND: tandem_records::Client = C::KIND;
    const BRIDGE: &'static str = C::BRIDGE;
    const PACKAGES: &'static [&'static str] = C::PACKAGES;

    fn new(target: &Target, reading: Reading) -> Result<Self, RequestError> {
        Ok(HoldBack { inner: C::new(target, reading)?, held: BytesMut::with_capacity(2 * HELD_BYTES) })
    }

    fn enter<F: Future + Send>(future: F) -> impl Future<Output = F::Output> + Send {
        C::enter(future)
    }

    async fn connect(&mut self) -> Result<Option<u64>, RequestError> {
        self.inner.connect().await
    }

    async fn send(&mut self, method: Method, path: &str, body: Bytes) -> Result<Answer, RequestError> {
        // What an aborted response left behind is no part of the next one.
        self.held.clear();
        self.inner.send(method, path, body).await
    }

    async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
        while self.held.len() < HELD_BYTES {
            match self.inner.chunk().await? {
                Some(bytes) => self.held.extend_from_slice(&bytes),
                None if self.held.is_empty() => return Ok(None),
                None => break,
            }
        }
        Ok(Some(self.held.split().freeze()))
    }

    fn received_ns(&self) -> Option<u64> {
        self.inner.received_ns()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Fixture, Tokio};
    use proptest::prelude::*;
    use std::collections::VecDeque;

    struct Test;

    impl Fixture for Test {
        const NAME: &'static str = "test";
    }

    /// A body whose chunks are known.
    struct Scripted(VecDeque<Bytes>);

    impl<R: Runtime> Client<R> for Scripted {
        const KIND: tandem_records::Client = tandem_records::Client::Hyper;
        const PACKAGES: &'static [&'static str] = &[];

        fn new(_: &Target, _: Reading) -> Result<Self, RequestError> {
            Ok(Scripted(VecDeque::new()))
        }

        async fn connect(&mut self) -> Result<Option<u64>, RequestError> {
            Ok(None)
        }

        async fn send(&mut self, _: Method, _: &str, _: Bytes) -> Result<Answer, RequestError> {
            Ok(Answer::new(200, None))
        }

        async fn chunk(&mut self) -> Result<Option<Bytes>, RequestError> {
            Ok(self.0.pop_front())
        }
    }

    fn handed_on(chunks: &[Vec<u8>]) -> Vec<Bytes> {
        let inner = Scripted(chunks.iter().cloned().map(Bytes::from).collect());
        let mut client = HoldBack { inner, held: BytesMut::new() };
        let mut pieces = Vec::new();
        smol::block_on(async {
            while let Some(piece) = Client::<Tokio<Test>>::chunk(&mut client).await.unwrap() {
                pieces.push(piece);
            }
        });
        pieces
    }

    proptest! {
        #[test]
        fn every_byte_arrives_in_order_and_only_the_last_piece_is_short(
            chunks in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..3000), 0..20)
        ) {
            let pieces = handed_on(&chunks);
            prop_assert_eq!(pieces.concat(), chunks.concat());
            let whole = pieces.len().saturating_sub(1);
            prop_assert!(pieces[..whole].iter().all(|piece| piece.len() >= HELD_BYTES));
            prop_assert!(pieces.iter().all(|piece| !piece.is_empty()));
        }
    }
}

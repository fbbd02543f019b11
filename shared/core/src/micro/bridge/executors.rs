//! The executor that all commands have in common.

use crate::Runtime;
use crate::http::RequestError;
use crate::runtime::OwnExecutor;
use std::io;
use std::marker::PhantomData;

/// The one that the process has for good, or one that was made for the commands.
pub(super) enum Common<R, E> {
    OfProcess(PhantomData<fn() -> R>),
    Made(E),
}

/// Why a command has no executor.
pub(super) fn not_built(error: io::Error) -> RequestError {
    RequestError::from_io("build the runtime", &error)
}

impl<R: Runtime, E: OwnExecutor> Common<R, E> {
    /// The usual one of this runtime, from what it makes if it makes one.
    pub fn ready(own: Option<io::Result<E>>) -> Result<Self, RequestError> {
        match own {
            Some(executor) if !R::ONE_PER_PROCESS => Ok(Common::Made(executor.map_err(not_built)?)),
            _ => Ok(Common::OfProcess(PhantomData)),
        }
    }
}

impl<R: Runtime, E: OwnExecutor> OwnExecutor for Common<R, E> {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self {
            Common::OfProcess(_) => R::block_on(future).expect("it needs no building"),
            Common::Made(executor) => executor.block_on(future),
        }
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = T> + Send {
        // Started here, not at the first poll of what is returned.
        let task = match self {
            Common::OfProcess(_) => Either::Left(R::spawn(future)),
            Common::Made(executor) => Either::Right(executor.spawn(future)),
        };
        async {
            match task {
                Either::Left(task) => task.await,
                Either::Right(task) => task.await,
            }
        }
    }
}

enum Either<A, B> {
    Left(A),
    Right(B),
}

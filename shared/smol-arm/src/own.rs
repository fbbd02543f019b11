//! A smol executor that a program makes for itself, in place of the global one.

use smol::Executor;
use smol::channel::{Sender, unbounded};
use std::future::Future;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tandem_core::{OwnExecutor, Threads};

/// An executor with one worker thread, as the global one has by default, or driven by whoever waits.
pub struct Own {
    executor: Arc<Executor<'static>>,
    /// The worker, and what ends it when it is dropped.
    worker: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Own {
    /// Makes one.
    ///
    /// # Errors
    /// The worker's thread does not start.
    pub fn build(threads: Threads) -> io::Result<Own> {
        let executor = Arc::new(Executor::new());
        let worker = match threads {
            Threads::Current => None,
            Threads::Usual => {
                let (stop, stopped) = unbounded::<()>();
                let run = executor.clone();
                let thread = thread::Builder::new().spawn(move || {
                    // Nothing is ever sent: it ends with the sender.
                    let _ = smol::block_on(run.run(stopped.recv()));
                })?;
                Some((stop, thread))
            }
        };
        Ok(Own { executor, worker })
    }
}

impl OwnExecutor for Own {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        match self.worker {
            Some(_) => smol::block_on(future),
            None => smol::block_on(self.executor.run(future)),
        }
    }

    fn spawn<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = T> + Send {
        self.executor.spawn(future)
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.worker.take() {
            drop(stop);
            // It does not panic: tasks catch their own.
            let _ = thread.join();
        }
    }
}

//! Calls for threads that may block.
use super::Ctx;
use crate::error::Error;
use crate::sync::{Arc, wake_by};
use crate::task::{Call, Task};
use core::future::Future;
use core::pin::pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::{Context, Poll, Waker};
use std::thread::{self, Thread};

impl<S: Send + Sync + 'static> Ctx<S> {
    /// Runs a call, and blocks the thread until its outcome is there. The thread drives the
    /// run meanwhile, if nobody else does.
    ///
    /// **Not in async code**: it holds up the thread, with all that it has to poll, and on a
    /// current-thread runtime may hang for ever. There, `ctx.run(…).await`. In a [blocking task](crate::blocking) it is the way to run
    /// others. It needs the feature `std`.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// #[task]
    /// async fn double(n: u64) -> u64 { 2 * n }
    ///
    /// let ctx = Ctx::new(());
    /// assert_eq!(ctx.run_blocking(double(4))?, 8);
    /// # Ok::<(), runce::Error>(())
    /// ```
    pub fn run_blocking<T: Task<S>>(&self, call: Call<T, T::Input>) -> Result<T::Output, Error> {
        block_on(self.run(call))
    }
}

/// A thread that sleeps until it is woken.
struct Parker {
    thread: Thread,
    woken: AtomicBool,
}

wake_by!(Parker);

impl Parker {
    fn woken(this: &Arc<Self>) {
        // ORDERING: what was done before the wake is seen by the thread that takes it.
        if !this.woken.swap(true, Ordering::AcqRel) {
            this.thread.unpark();
        }
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let parker = Arc::new(Parker {
        thread: thread::current(),
        woken: AtomicBool::new(false),
    });
    let waker = Waker::from(parker.clone());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        // ORDERING: pairs with the swap in `Parker::woken`. A park may end for no reason.
        while !parker.woken.swap(false, Ordering::AcqRel) {
            thread::park();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::future::poll_fn;

    /// It sleeps in between: otherwise it would poll over and over.
    #[test]
    fn it_polls_once_for_each_wake() {
        let (mut polls, woken) = (0, Arc::new(AtomicBool::new(false)));
        block_on(poll_fn(|cx| {
            polls += 1;
            // ORDERING: the wake orders it.
            if woken.load(Ordering::Relaxed) {
                return Poll::Ready(());
            }
            if polls == 1 {
                let (waker, woken) = (cx.waker().clone(), woken.clone());
                thread::spawn(move || {
                    // ORDERING: see above.
                    woken.store(true, Ordering::Relaxed);
                    waker.wake();
                });
            }
            Poll::Pending
        }));
        assert_eq!(polls, 2);
    }
}

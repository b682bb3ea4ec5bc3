//! `panics_are_outcomes` without `std`: nobody catches a panic, it unwinds into whoever
//! polled or dropped; and the books are right all the same.
#![allow(clippy::unwrap_used)]

use runce::{Call, Ctx, Error, ErrorKind, Task};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};

/// What the tasks wait for, and what is counted of them.
#[derive(Default)]
struct State {
    wakers: Mutex<Vec<Waker>>,
    open: AtomicUsize,
    live: AtomicUsize,
}

struct Live<'a>(&'a State, bool);

impl Drop for Live<'_> {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, SeqCst);
        assert!(!self.1 || std::thread::panicking(), "in a destructor");
    }
}

/// 0 waits and then panics; 1 waits for ever; others ask for the one two below. The destructor
/// of 3 panics.
struct Key;

impl Task<State> for Key {
    type Input = u32;
    type Output = u32;
    type Error = Error;

    async fn run(ctx: &Ctx<State>, n: u32) -> Result<u32, Error> {
        let state = ctx.state();
        state.live.fetch_add(1, SeqCst);
        let _live = Live(state, n == 3);
        if n > 1 {
            return ctx.run(key(n - 2)).await;
        }
        poll_fn(|cx| {
            if state.open.load(SeqCst) == 1 {
                return Poll::Ready(());
            }
            state.wakers.lock().unwrap().push(cx.waker().clone());
            Poll::Pending
        })
        .await;
        assert!(n == 1, "a task's panic");
        std::future::pending().await
    }
}

fn key(n: u32) -> Call<Key, u32> {
    Call::new(n)
}

fn open(ctx: &Ctx<State>) {
    ctx.state().open.store(1, SeqCst);
    let wakers = std::mem::take(&mut *ctx.state().wakers.lock().unwrap());
    wakers.into_iter().for_each(Waker::wake);
}

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// The panic of whatever it does.
fn panic_of<R>(work: impl FnOnce() -> R) -> String {
    let payload = catch_unwind(AssertUnwindSafe(work)).err().expect("a panic");
    (*payload.downcast_ref::<&str>().unwrap()).to_string()
}

/// At once, and after a wait; whoever polled sees it, the others get the error.
#[test]
fn law_panics_are_outcomes_and_unwind_into_whoever_polled() {
    for at_once in [true, false] {
        let ctx = Ctx::new(State::default());
        let mut other = Box::pin(ctx.run(key(2)));
        if at_once {
            open(&ctx);
        } else {
            assert!(poll(&mut other).is_pending());
            open(&ctx);
        }
        let mut polls = Box::pin(ctx.run(key(0)));
        assert_eq!(panic_of(|| poll(&mut polls)), "a task's panic");
        for mut caller in [polls, Box::pin(ctx.run(key(0)))] {
            let Poll::Ready(outcome) = poll(&mut caller) else {
                panic!("it hangs");
            };
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Panicked);
        }
        let Poll::Ready(outcome) = poll(&mut other) else {
            panic!("it hangs");
        };
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Panicked);
        assert_eq!(ctx.state().live.load(SeqCst), 0);
        assert_eq!((ctx.stats().panicked, ctx.stats().in_flight), (1, 0));
    }
}

/// A destructor that panics while runs are buried: the others are buried all the same.
#[test]
fn law_panics_are_outcomes_of_destructors_in_a_burial() {
    for cancel in [true, false] {
        let ctx = Ctx::new(State::default());
        let mut caller = Box::pin(ctx.run(key(5))); // 5, 3, 1
        assert!(poll(&mut caller).is_pending());
        assert_eq!(ctx.state().live.load(SeqCst), 3);
        let text = if cancel {
            panic_of(|| ctx.cancel())
        } else {
            panic_of(|| drop(caller))
        };
        assert_eq!(text, "in a destructor");
        let stats = ctx.stats();
        assert_eq!((ctx.state().live.load(SeqCst), ctx.len()), (0, 0));
        assert_eq!((stats.dropped, stats.in_flight), (3, 0));
    }
}

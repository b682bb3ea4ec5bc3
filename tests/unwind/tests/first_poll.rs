//! What panics in a first poll, without `std`: it unwinds into whoever polled, and what was begun
//! is left as if he had gone.
#![allow(clippy::unwrap_used)]

use runce::{Call, Ctx, Error, Task};
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};

static BAD_CLONES: AtomicBool = AtomicBool::new(false);

#[derive(Hash, PartialEq, Eq)]
struct Input;

impl Clone for Input {
    fn clone(&self) -> Self {
        assert!(!BAD_CLONES.load(SeqCst), "bad clone");
        Self
    }
}

struct OfInput;

impl Task<()> for OfInput {
    type Input = Input;
    type Output = u32;
    type Error = Error;

    async fn run(_: &Ctx, _: Input) -> Result<u32, Error> {
        Ok(7)
    }
}

fn poll<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

/// "In its first poll it clones the input for the task; if that panics, […] it is not remembered."
#[test]
fn law_panics_are_outcomes_of_a_clone_of_the_input_that_are_not_kept() {
    let ctx = Ctx::new(());
    let run = || {
        let run = pin!(ctx.run(Call::<OfInput, _>::new(Input)));
        match poll(run, Waker::noop()) {
            Poll::Ready(outcome) => outcome,
            Poll::Pending => unreachable!("nothing here waits"),
        }
    };
    BAD_CLONES.store(true, SeqCst);
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    BAD_CLONES.store(false, SeqCst);
    assert!(ctx.is_empty());
    assert_eq!(run().unwrap(), 7);
}

/// Panics when it is woken first.
struct Bad(AtomicBool);

impl Wake for Bad {
    fn wake(self: std::sync::Arc<Self>) {
        assert!(self.0.swap(true, SeqCst), "bad waker");
    }
}

type Hook = Box<dyn FnOnce() + Send>;

/// The waker of 0, and what is done in its second poll.
#[derive(Default)]
struct State(Mutex<Option<Waker>>, Mutex<Option<Hook>>);

/// 0 waits once, and then asks for 1, which wakes itself and waits for ever.
struct Key;

impl Task<State> for Key {
    type Input = u32;
    type Output = ();
    type Error = Error;

    async fn run(ctx: &Ctx<State>, n: u32) -> Result<(), Error> {
        if n == 1 {
            poll_fn(|cx| {
                cx.waker().wake_by_ref();
                Poll::<()>::Pending
            })
            .await;
        }
        let mut polls = 0;
        poll_fn(|cx| {
            *ctx.state().0.lock().unwrap() = Some(cx.waker().clone());
            polls += 1;
            if polls == 1 {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        let hook = ctx.state().1.lock().unwrap().take();
        hook.unwrap()();
        ctx.run(Call::<Self, _>::new(1)).await?;
        pending().await
    }
}

/// A waker that panics as it is told of what was begun.
#[test]
fn law_nothing_leaks_of_a_run_whose_first_poll_unwinds() {
    let ctx = Ctx::new(State::default());
    let mut polls = Box::pin(ctx.run(Call::<Key, _>::new(0)));
    assert!(poll(polls.as_mut(), Waker::noop()).is_pending());
    let handle: &'static Ctx<State> = Box::leak(Box::new(ctx.clone()));
    let hook: Hook = Box::new(move || {
        let mut other = Box::pin(handle.run(Call::<Key, _>::new(0)));
        let waker = Waker::from(std::sync::Arc::new(Bad(AtomicBool::new(false))));
        assert!(poll(other.as_mut(), &waker).is_pending());
        std::mem::forget(other); // it waits on
    });
    *ctx.state().1.lock().unwrap() = Some(hook);
    let waker = ctx.state().0.lock().unwrap().take();
    waker.unwrap().wake();
    let polled = catch_unwind(AssertUnwindSafe(|| poll(polls.as_mut(), Waker::noop())));
    let text = polled.err().expect("a panic");
    assert_eq!(*text.downcast_ref::<&str>().unwrap(), "bad waker");
    drop(polls);
    let stats = ctx.stats();
    assert_eq!((stats.panicked, stats.dropped, stats.in_flight), (1, 1, 0));
}

/// An output whose first clone panics.
struct Output(std::sync::Arc<AtomicBool>);

impl Clone for Output {
    fn clone(&self) -> Self {
        assert!(self.0.swap(true, SeqCst), "bad clone");
        Self(self.0.clone())
    }
}

struct Gives;

impl Task<()> for Gives {
    type Input = ();
    type Output = Output;
    type Error = Error;

    async fn run(_: &Ctx, (): ()) -> Result<Output, Error> {
        Ok(Output(std::sync::Arc::default()))
    }
}

/// Who polls again gets what is remembered.
#[test]
fn law_panics_are_outcomes_but_not_of_a_clone_of_the_output() {
    let ctx = Ctx::new(());
    let mut run = Box::pin(ctx.run(Call::<Gives, _>::new(())));
    for clones in 1..=2 {
        let polled = catch_unwind(AssertUnwindSafe(|| poll(run.as_mut(), Waker::noop())));
        match polled {
            Ok(Poll::Ready(outcome)) => assert!(outcome.is_ok() && clones == 2),
            Ok(Poll::Pending) => unreachable!("nothing here waits"),
            Err(text) => {
                assert_eq!(text.downcast_ref(), Some(&"bad clone"));
                assert_eq!(clones, 1);
            }
        }
    }
}

//! **Liveness**: `foreign_code_outside_locks`. Whatever the application brings along asks
//! its context for something, in the middle of whatever the engine is doing. If a lock
//! were held, the test would hang.
//!
//! | brought along | by |
//! |---|---|
//! | `Hash`, `Clone`, `Drop` of an input; `Clone`, `Drop` of an output; the label | the task |
//! | a body's poll and destructor | the task |
//! | clone, wake, drop of a waker | the caller |
//! | `spawn`, `enter` | the executor |
//!
//! `Eq` may run under the table's lock; if it panics, nothing is poisoned.
use crate::hooks::{Moment, at, hooked_waker, watch};
use runce::{Call, Ctx, Error, ErrorKind, Executor, Job, Task};
use runce_tests::*;
use std::fmt;
use std::future::poll_fn;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::task::{Poll, Waker};

struct Input(u32);

impl Hash for Input {
    fn hash<H: Hasher>(&self, state: &mut H) {
        at(Moment::Hash);
        self.0.hash(state);
    }
}

impl PartialEq for Input {
    fn eq(&self, other: &Self) -> bool {
        assert!(self.0 != 13, "bad eq");
        self.0 == other.0
    }
}

impl Eq for Input {}

impl Clone for Input {
    fn clone(&self) -> Self {
        at(Moment::CloneInput);
        Self(self.0)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        at(Moment::DropInput);
    }
}

struct Output(u32);

impl Clone for Output {
    fn clone(&self) -> Self {
        at(Moment::CloneOutput);
        Self(self.0)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        at(Moment::DropOutput);
    }
}

/// 0 and what is new is ready at once, 1 panics, 2 waits for itself, the others wait at the gate.
struct Foreign;

impl Task<Arc<Gate>> for Foreign {
    type Input = Input;
    type Output = Output;
    type Error = Error;

    async fn run(ctx: &Ctx<Arc<Gate>>, input: Input) -> Result<Output, Error> {
        let _end = OnDrop::new(|| at(Moment::DropBody));
        poll_fn(|_| {
            at(Moment::Poll);
            Poll::Ready(())
        })
        .await;
        match input.0 {
            0 | 100.. => {}
            1 => panic!("to be labelled"),
            2 => return Box::pin(ctx.run(foreign(2))).await,
            _ => ctx.state().wait().await,
        }
        Ok(Output(input.0))
    }

    fn label(input: &Input, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        at(Moment::Label);
        write!(f, "foreign({})", input.0)
    }
}

fn foreign(input: u32) -> Call<Foreign, Input> {
    Call::new(Input(input))
}

type World = Ctx<Arc<Gate>>;

/// An executor that refuses all jobs.
struct Refuses;

impl Executor for Refuses {
    fn spawn(&self, job: Job) {
        at(Moment::Spawn);
        drop(job);
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        at(Moment::Enter);
        work();
    }
}

/// What is asked in the middle of it: of what is there, of what is in flight, of what is
/// new; and that is withdrawn, or forgotten.
fn ask(ctx: &World, nth: u32) {
    assert!(nth < 10_000, "for ever");
    let _ = (ctx.len(), ctx.stats(), ctx.is_cancelled());
    let _ = ctx.peek(&foreign(3));
    for input in [0, 3, 4, 6, 100 + nth] {
        let mut run = Box::pin(ctx.run(foreign(input)));
        let _ = poll(&mut run, Waker::noop());
    }
    ctx.invalidate(&foreign(4));
    ctx.invalidate(&foreign(100 + nth));
    // From another thread, too.
    std::thread::scope(|threads| {
        threads.spawn(|| ctx.len());
    });
}

/// A life of runs: alone and in company, hit and missed, finished, failed, left,
/// forgotten, cancelled. Some of it in the moment that is watched.
fn live(ctx: &World) {
    let _ = now(ctx.run(foreign(0)));
    let _ = now(ctx.run(foreign(0)));
    let _ = now(ctx.run(foreign(1)));
    let _ = now(ctx.run(foreign(2)));
    let mut all = [6, 3, 3, 4, 5].map(|input| Box::pin(ctx.run(foreign(input))));
    for run in &mut all {
        let _ = poll(run, &hooked_waker(1));
        let _ = poll(run, &hooked_waker(2));
    }
    let [first, others @ ..] = all;
    drop(first);
    ctx.state().open();
    for run in others {
        let _ = now(run);
    }
    ctx.invalidate(&foreign(3));
    ctx.clear();
}

/// Asks at every such moment of that life; and there must be some.
fn asks_at(moment: Moment) {
    for executor in [false, true] {
        let ctx = if executor {
            Ctx::builder(Gate::new()).executor(Refuses).build()
        } else {
            Ctx::new(Gate::new())
        };
        let handle = ctx.clone();
        let times = watch(
            moment,
            move |nth| ask(&handle, nth),
            || {
                live(&ctx);
                ctx.cancel();
            },
        );
        let of_executor = matches!(moment, Moment::Spawn | Moment::Enter);
        assert!(times > 0 || (of_executor && !executor), "{moment:?}");
    }
}

#[test]
fn law_foreign_code_outside_locks_hash() {
    asks_at(Moment::Hash);
}

#[test]
fn law_foreign_code_outside_locks_clone_of_an_input() {
    asks_at(Moment::CloneInput);
}

#[test]
fn law_foreign_code_outside_locks_drop_of_an_input() {
    asks_at(Moment::DropInput);
}

#[test]
fn law_foreign_code_outside_locks_clone_of_an_output() {
    asks_at(Moment::CloneOutput);
}

#[test]
fn law_foreign_code_outside_locks_drop_of_an_output() {
    asks_at(Moment::DropOutput);
}

#[test]
fn law_foreign_code_outside_locks_label() {
    asks_at(Moment::Label);
}

#[test]
fn law_foreign_code_outside_locks_poll_of_a_body() {
    asks_at(Moment::Poll);
}

#[test]
fn law_foreign_code_outside_locks_drop_of_a_body() {
    asks_at(Moment::DropBody);
}

#[test]
fn law_foreign_code_outside_locks_clone_of_a_waker() {
    asks_at(Moment::CloneWaker);
}

#[test]
fn law_foreign_code_outside_locks_wake() {
    asks_at(Moment::Wake);
}

#[test]
fn law_foreign_code_outside_locks_drop_of_a_waker() {
    asks_at(Moment::DropWaker);
}

#[test]
fn law_foreign_code_outside_locks_spawn() {
    asks_at(Moment::Spawn);
}

#[test]
fn law_foreign_code_outside_locks_enter() {
    asks_at(Moment::Enter);
}

#[test]
fn law_foreign_code_outside_locks_eq_that_panics_poisons_nothing() {
    let ctx = Ctx::new(Gate::new());
    ctx.state().open();
    // The first of them is compared with nothing, the second with the first.
    let _ = now(ctx.run(foreign(13)));
    let error = now(ctx.run(foreign(13))).err().map(|error| error.kind());
    assert_eq!(error, Some(ErrorKind::Panicked));
    assert_eq!(
        now(ctx.run(foreign(7))).map(|output| output.0).ok(),
        Some(7)
    );
    assert_eq!(ctx.len(), 2);
}

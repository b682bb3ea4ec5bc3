//! What once broke a law or a promise of the docs, each as small as it gets: destructors,
//! clocks, wakers and labels that panic or call back, threads that block on top of a run.
//! What may abort its process has one of its own.
//!
//! Each was broken in the core, and seen to fail:
//!
//! | broken | seen by |
//! |---|---|
//! | a detached call on top of a poll, or blocking work, drains at random | `law_no_deadlock_detached_…`, `law_no_deadlock_blocking_work_polls_only_…` |
//! | a pinned run is not lent | `law_last_caller_out_leaves_no_thread_blocked_for_ever` |
//! | work whose future was dropped is done; work lets panics out | `blocking_work_…` |
//! | the clock is not read before a run begins | `a_context_past_its_deadline_begins_nothing` |
//! | an input, or a waker, is dropped unguarded; a group in one go | `law_panics_are_outcomes_…`, `law_nothing_leaks_…` |
#![allow(missing_docs, clippy::unwrap_used)]

mod detached;
mod foreign;
mod lent;
mod work;

use runce::testing::ManualClock;
use runce::{Call, Clock, Ctx, Error, ErrorKind, Executor, Job, Sleep, Task, Timer, Work};
use runce_tests::{App, Gate, Hand, app, app_with, caller, finish, gated, key, now, poll};
use std::future::{Future, poll_fn};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

/// Jobs by hand, and work that lies until the test does it.
#[derive(Clone, Default)]
struct Desk {
    hand: Hand,
    work: Arc<Mutex<Vec<Work>>>,
}

impl Executor for Desk {
    fn spawn(&self, job: Job) {
        self.hand.spawn(job);
    }

    fn spawn_blocking(&self, work: Work) {
        self.work.lock().unwrap().push(work);
    }
}

impl Desk {
    fn take(&self) -> Vec<Work> {
        std::mem::take(&mut *self.work.lock().unwrap())
    }
}

static ARMED: AtomicBool = AtomicBool::new(false);

/// Does it in a process of its own, since it may abort that: the same test, once more.
fn survives(test: &str, work: impl FnOnce()) {
    if is_within() {
        return work();
    }
    let mut process = std::process::Command::new(std::env::current_exe().unwrap());
    process.args(["--exact", test, "--nocapture"]);
    let output = process.env("RUNCE_TEST_WITHIN", "1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    let last: Vec<_> = text.lines().rev().take(3).collect();
    assert!(output.status.success(), "{:?}: {last:?}", output.status);
}

fn is_within() -> bool {
    std::env::var_os("RUNCE_TEST_WITHIN").is_some()
}

fn on_2_mib(work: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(2 << 20);
    thread.spawn(work).unwrap().join().unwrap();
}

#[test]
fn law_stack_safe_contexts_within_contexts() {
    survives("law_stack_safe_contexts_within_contexts", || {
        on_2_mib(|| {
            let mut all = vec![Ctx::new(())];
            for _ in 0..100_000 {
                let next = Ctx::builder(()).parent(all.last().unwrap()).build();
                all.push(next);
            }
            all[0].cancel();
            assert!(all[100_000].is_cancelled());
            drop(all); // outermost first
        });
    });
}

/// Of a group that fails, two outputs that panic when dropped.
struct BadOutput;

impl Clone for BadOutput {
    fn clone(&self) -> Self {
        Self
    }
}

impl Drop for BadOutput {
    fn drop(&mut self) {
        if is_within() {
            panic!("bad drop");
        }
    }
}

struct GivesBad;

impl Task<()> for GivesBad {
    type Input = u32;
    type Output = BadOutput;
    type Error = String;

    async fn run(_: &Ctx, n: u32) -> Result<BadOutput, String> {
        if n == 2 {
            Err("no".to_string())
        } else {
            Ok(BadOutput)
        }
    }
}

#[test]
fn law_panics_are_outcomes_and_dropped_outputs_do_not_abort() {
    survives(
        "law_panics_are_outcomes_and_dropped_outputs_do_not_abort",
        || {
            let ctx = Ctx::new(());
            let group = ctx.run_each((0..3).map(Call::<GivesBad, _>::new));
            assert!(now(group).is_err());
        },
    );
}

/// Its input and its output panic when they are dropped: what is forgotten has both.
struct BothBad;

#[derive(Clone, Hash, PartialEq, Eq)]
struct BadInput;

impl Drop for BadInput {
    fn drop(&mut self) {
        drop(BadOutput);
    }
}

impl Task<()> for BothBad {
    type Input = BadInput;
    type Output = BadOutput;
    type Error = String;

    async fn run(_: &Ctx, input: BadInput) -> Result<BadOutput, String> {
        std::mem::forget(input);
        Ok(BadOutput)
    }
}

#[test]
fn law_panics_are_outcomes_and_what_is_forgotten_does_not_abort() {
    survives(
        "law_panics_are_outcomes_and_what_is_forgotten_does_not_abort",
        || {
            let ctx = Ctx::new(());
            std::mem::forget(now(ctx.run(Call::<BothBad, _>::new(BadInput))));
            assert_eq!(ctx.len(), 1);
            ctx.clear();
            assert!(ctx.is_empty());
        },
    );
}

struct Plain;

impl Task<()> for Plain {
    type Input = u32;
    type Output = u64;
    type Error = Error;

    async fn run(ctx: &Ctx, n: u32) -> Result<u64, Error> {
        if n == 0 {
            runce_tests::yields(1).await;
            return Ok(0);
        }
        Box::pin(ctx.clone().run(Call::<Plain, _>::new(0))).await
    }

    fn label(n: &u32, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if *n == 2 {
            let _ = now(Ctx::new(()).run(Call::<Plain, _>::new(1)));
        }
        write!(f, "plain({n})")
    }
}

/// A label that runs something itself, while the word to the developer is being said.
#[test]
#[cfg(debug_assertions)]
fn law_foreign_code_outside_locks_labels_of_the_advice() {
    let (over, is_over) = channel();
    thread::spawn(move || {
        let _ = now(Ctx::new(()).run(Call::<Plain, _>::new(2)));
        over.send(()).unwrap();
    });
    assert!(
        is_over.recv_timeout(Duration::from_secs(60)).is_ok(),
        "hangs"
    );
}

/// A debug build whose standard error is a pipe that nobody reads any more.
#[test]
#[cfg(debug_assertions)]
fn law_panics_are_outcomes_of_a_word_that_cannot_be_said() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    if is_within() {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
        let first = now(Ctx::new(()).run(Call::<Plain, _>::new(1))).is_ok();
        let second = now(Ctx::new(()).run(Call::<Plain, _>::new(1))).is_ok();
        std::process::exit(if first && second {
            0
        } else {
            1 + i32::from(second)
        });
    }
    let mut process = Command::new(std::env::current_exe().unwrap());
    process.args([
        "--exact",
        "law_panics_are_outcomes_of_a_word_that_cannot_be_said",
        "--nocapture",
    ]);
    process.env("RUNCE_TEST_WITHIN", "1");
    process
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::null());
    let mut process = process.spawn().unwrap();
    drop(process.stderr.take());
    process.stdin.take().unwrap().write_all(b"go\n").unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(0));
}

struct Within;

impl Task<ManualClock> for Within {
    type Input = u32;
    type Output = u64;
    type Error = Error;

    async fn run(ctx: &Ctx<ManualClock>, n: u32) -> Result<u64, Error> {
        if n == 0 {
            ctx.state().sleep(Duration::from_secs(1)).await;
            return Ok(0);
        }
        let below = ctx.run(Call::<Within, _>::new(n - 1));
        Box::pin(below.within(Duration::from_secs(u64::from(n) + 1))).await
    }
}

#[test]
fn law_stack_safe_limits() {
    survives("law_stack_safe_limits", || {
        on_2_mib(|| {
            for dropped in [false, true] {
                let clock = ManualClock::new();
                let ctx = Ctx::builder(clock.clone()).timer(clock.clone()).build();
                let mut run = Box::pin(ctx.run(Call::<Within, _>::new(100_000)));
                assert!(finish(&mut run).is_none());
                if !dropped {
                    clock.advance(Duration::from_secs(1));
                    assert!(finish(&mut run).unwrap().0.is_ok());
                }
            }
        });
    });
}

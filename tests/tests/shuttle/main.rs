//! The whole engine under shuttle: random schedules of more threads, keys and operations
//! than loom could exhaust, and panics, which loom cannot model (its locks are poisoned by
//! whoever holds one while another thread unwinds).
//!
//! ```text
//! RUSTFLAGS="--cfg runce_shuttle" cargo test --release -p runce-tests --test shuttle
//! ```
//!
//! Each test runs its programs under a random scheduler and under one of few preemptions
//! (PCT). `SCHEDULES=100000` says how many each of the two tries; a schedule makes a program
//! of its own. One that fails prints itself: `REPLAY=<that text>` with the name of the test
//! runs it again, and nothing else.
//!
//! What holds in all of them: no two runs of a key at once, but for those that were detached;
//! everyone gets the right outcome, of a run that may still be served; nothing is in flight at
//! the end, each run was counted, nothing leaks; and nobody waits for ever, which shuttle
//! reports as a deadlock.
#![allow(missing_docs, clippy::unwrap_used)]
#![cfg(runce_shuttle)]

mod crew;
mod executor;
mod graph;
mod ledger;
#[path = "../modelled/parts.rs"]
mod parts;
mod time;

use shuttle as checker;

use crew::Crew;
use graph::Program;
use shuttle::scheduler::{PctScheduler, RandomScheduler, ReplayScheduler, Scheduler};
use shuttle::{Config, Runner};

/// So many each, where nobody says how many.
const SCHEDULES: usize = 1_500;
/// Preemptions of a schedule with few of them.
const FEW: usize = 5;

fn run(scheduler: impl Scheduler + 'static, program: fn(u64) -> Program) {
    let mut config = Config::new();
    config.stack_size = 1 << 20;
    Runner::new(scheduler, config).run(move || {
        // Part of the schedule, so that it is replayed with it.
        let seed = shuttle::rand::RngCore::next_u64(&mut shuttle::rand::thread_rng());
        let program = program(seed | 1);
        if replayed().is_some() {
            eprintln!("{program:#?}");
        }
        Crew::new(program).work();
    });
}

fn replayed() -> Option<String> {
    std::env::var("REPLAY").ok()
}

fn explore(program: fn(u64) -> Program) {
    if let Some(schedule) = replayed() {
        return run(ReplayScheduler::new_from_encoded(&schedule), program);
    }
    let asked = std::env::var("SCHEDULES").ok().and_then(|n| n.parse().ok());
    let schedules = asked.unwrap_or(SCHEDULES);
    run(RandomScheduler::new(schedules), program);
    run(PctScheduler::new(FEW, schedules), program);
}

/// Callers come, go and stall, over graphs whose runs wait, yield and fail.
#[test]
fn shuttle_callers() {
    explore(Program::of_callers);
}

/// The same with panics.
#[test]
fn shuttle_panics() {
    explore(Program::with_panics);
}

/// An executor, of which jobs are lost, and that finishes what is abandoned or does not.
#[test]
fn shuttle_jobs() {
    explore(Program::with_jobs);
}

/// What is remembered is edited, refreshed, evicted, and is over after a time.
#[test]
fn shuttle_memory() {
    explore(Program::with_memory);
}

/// All of that, and the end of the context in the middle of it.
#[test]
fn shuttle_everything() {
    explore(Program::with_everything);
}

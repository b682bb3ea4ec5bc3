//! Round after round of runs that an interrupt wakes, in whatever they are at.
use super::alarm::{self, Alarm};
use super::jobs::Jobs;
use crate::Board;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::pin::pin;
use core::time::Duration;
use runce::{Arc, Ctx, Error, ErrorKind, task};

const ROUNDS: u32 = 300;

/// Needs the one below, and sleeps before and after.
#[task]
async fn level(ctx: &Ctx, n: u32) -> Result<u32, Error> {
    Alarm::after(1 + n % 2).await;
    let below = match n {
        0 => 0,
        n => Box::pin(ctx.run(level(n / 2))).await?,
    };
    Alarm::after(1).await;
    Ok(below + 1)
}

/// Sleeps longer than it may.
#[task]
async fn late() {
    Alarm::after(1_000_000).await;
}

pub(super) fn all(board: &Board) -> bool {
    let jobs = Arc::new(Jobs::new());
    let right = by_callers(board, &jobs) & by_jobs(board, &jobs) & limited(board, &jobs);
    alarm::forget();
    right
}

/// What six levels come to, each waking the next.
const SUMS: [u32; 6] = [1, 2, 3, 3, 4, 4];

fn by_callers(board: &Board, jobs: &Jobs) -> bool {
    let mut wrong = 0;
    for _ in 0..ROUNDS {
        let ctx = Ctx::new(());
        let outcome = jobs.block_on(board, pin!(ctx.run_parallel([0, 1, 2, 3, 4, 5].map(level))));
        wrong += u32::from(!matches!(outcome, Ok(SUMS)) || ctx.stats().runs != 6);
    }
    board.check("woken by interrupts, driven by callers", wrong == 0, &wrong)
}

/// One context for all: what is remembered gets old, and the last round's callers hang up.
fn by_jobs(board: &Board, jobs: &Arc<Jobs>) -> bool {
    let ctx = Ctx::builder(()).executor(jobs.clone()).timer(Alarm);
    let ctx = ctx.ttl(Duration::from_millis(7)).capacity(4).build();
    let (mut wrong, mut hung_up) = (0, 0);
    for round in 0..ROUNDS {
        let calls: Vec<_> = (round % 3..6).map(level).collect();
        let outcome = jobs.block_on(board, pin!(ctx.run_parallel(calls)));
        let expected = &SUMS[round as usize % 3..];
        wrong += u32::from(!outcome.is_ok_and(|sums| sums == expected));
        let hasty = ctx.run(level(5)).within(Duration::from_millis(2));
        match jobs.block_on(board, pin!(hasty)) {
            Ok(sum) => wrong += u32::from(sum != 4),
            Err(error) if error.kind() == ErrorKind::DeadlineExceeded => hung_up += 1,
            Err(_) => wrong += 1,
        }
    }
    ctx.cancel();
    let left = ctx.stats().in_flight;
    board.check("woken by interrupts, driven by jobs", wrong == 0, &wrong)
        & board.check(
            "some hang up, not all",
            (1..ROUNDS).contains(&hung_up),
            &hung_up,
        )
        & board.check("nothing is left in flight", left == 0, &left)
}

fn limited(board: &Board, jobs: &Arc<Jobs>) -> bool {
    let ctx = Ctx::builder(())
        .timer(Alarm)
        .limit(Duration::from_millis(3))
        .build();
    let error = jobs.block_on(board, pin!(ctx.run(late()))).err();
    let kind = error.map(|error| error.kind());
    board.check("limits a run", kind == Some(ErrorKind::TimedOut), &kind)
}

//! What a hit, a context and a task cost, and what is left of those that are gone.
use crate::counting::{allocations, bytes};
use runce::{Call, Ctx, Task};
use runce_tests::{App, Gate, gated, now, poll, waiting};
use std::convert::Infallible;
use std::pin::pin;
use std::task::{Poll, Waker};

struct Trivial;

impl Task<()> for Trivial {
    type Input = u64;
    type Output = u64;
    type Error = Infallible;

    async fn run(_: &Ctx, n: u64) -> Result<u64, Self::Error> {
        Ok(2 * n)
    }
}

fn run_now(ctx: &Ctx, n: u64) -> u64 {
    let mut run = pin!(ctx.run(Call::<Trivial, _>::new(n)));
    match poll(&mut run.as_mut(), Waker::noop()) {
        Poll::Ready(outcome) => outcome.unwrap(),
        Poll::Pending => panic!("it waits for nothing"),
    }
}

#[test]
fn allocations_of_a_hit_a_context_and_further_tasks() {
    let before = allocations();
    let ctx = Ctx::new(());
    assert_eq!(run_now(&ctx, 1), 2);
    let first = allocations() - before;
    assert!(
        first <= 5,
        "{first} allocations for a context and its first task"
    );

    let before = allocations();
    assert_eq!(run_now(&ctx, 1), 2);
    assert_eq!(allocations() - before, 0, "a hit");

    let before = allocations();
    for n in 2..1_002 {
        run_now(&ctx, n);
    }
    let further = allocations() - before;
    // Two a task, and the growth of the table.
    assert!(
        further <= 2 * 1_000 + 12,
        "{further} allocations for 1,000 tasks"
    );
}

/// The bytes held after ten thousand keys were started and dropped.
fn held_after(ctx: &Ctx<App>, gate: &Gate) -> usize {
    for k in 0..10_000 {
        drop(waiting(ctx, k));
    }
    ctx.state().runs.lock().unwrap().clear();
    gate.pulse(); // it keeps their wakers
    bytes()
}

/// `nothing_leaks`: the bytes held are bounded by the peak of live keys, which is one.
#[test]
fn law_nothing_leaks_no_bytes_of_10_000_started_and_dropped() {
    let gate = Gate::new();
    let ctx = Ctx::new(gated(&gate));
    let first = held_after(&ctx, &gate);
    let second = held_after(&ctx, &gate);
    assert!(second <= first, "{first} bytes, then {second}");
    assert_eq!(ctx.len(), 0);
}

/// Large entries are freed when they are forgotten, however often they were asked for.
#[test]
fn law_nothing_leaks_of_what_was_asked_for_often() {
    const SIZE: usize = 16 * 1024;
    #[runce::task]
    async fn page(n: u8) -> [u8; SIZE] {
        [n; SIZE]
    }
    let ctx = Ctx::new(());
    let before = bytes();
    for n in 0..200 {
        for _ in 0..3 {
            assert_eq!(now(ctx.run(page(n))).unwrap()[0], n);
        }
    }
    assert!(bytes() > before + 200 * SIZE);
    ctx.clear();
    assert!(bytes() < before + 2 * SIZE);
}

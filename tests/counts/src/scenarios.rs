//! What is counted: each plays so many rounds. What comes before the rounds cancels out.
use crate::gate::Gate;
use crate::tasks::{chain, diamond, number, text, waiting_chain, waits};
use runce::{CoarseClock, Ctx};
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The most that is played; set up for as many where the rounds use something up.
pub(crate) const MOST: u64 = 1_100;
/// After so many hits a context has found out what it is asked for often.
const HOT: u64 = 100;
/// So often for each of 1,024: after fewer, hashes decide which of them are still looked up in the
/// table.
const HOT_EACH: u64 = 60;

pub(crate) fn context(rounds: u64) {
    for _ in 0..rounds {
        black_box(Ctx::new(()));
    }
}

pub(crate) fn hit(rounds: u64) {
    let ctx = Ctx::new(());
    for _ in 0..HOT + rounds {
        black_box(now(ctx.run(number(black_box(7)))));
    }
}

pub(crate) fn hit_of_1024(rounds: u64) {
    let ctx = Ctx::new(());
    for n in 0..HOT_EACH * 1024 {
        now(ctx.run(number(n % 1024)));
    }
    for n in 0..rounds {
        black_box(now(ctx.run(number(black_box(n * 37 % 1024)))));
    }
}

pub(crate) fn hit_string(rounds: u64) {
    let ctx = Ctx::new(());
    for _ in 0..HOT + rounds {
        black_box(now(ctx.run(text(black_box("a key of some 24 letters")))));
    }
}

pub(crate) fn hit_by(rounds: u64) {
    let ctx = Ctx::new(());
    for _ in 0..HOT + rounds {
        black_box(now(ctx.run_by(text, black_box("a key of some 24 letters"))));
    }
}

pub(crate) fn hit_ttl(rounds: u64) {
    let ctx = ageing();
    for _ in 0..=rounds {
        black_box(now(ctx.run(number(black_box(7)))));
    }
}

pub(crate) fn miss(rounds: u64) {
    let ctx = Ctx::new(());
    for n in 0..rounds {
        black_box(now(ctx.run(number(black_box(n)))));
    }
}

pub(crate) fn insert_ttl(rounds: u64) {
    let ctx = ageing();
    for n in 0..rounds {
        ctx.insert(number(black_box(n)), n);
    }
}

pub(crate) fn invalidate(rounds: u64) {
    let ctx = Ctx::new(());
    for n in 0..MOST {
        ctx.insert(number(n), n);
    }
    for n in 0..rounds {
        assert!(ctx.invalidate(&number(black_box(n))));
    }
    // Or the context would drop what the rounds have not.
    std::mem::forget(ctx);
}

/// A context of its own for each round, in which so many tasks are asked for four times.
pub(crate) fn request<const TASKS: u64>(rounds: u64) {
    for round in 0..rounds {
        let ctx = Ctx::new(());
        for n in (0..4).flat_map(|_| 0..TASKS) {
            black_box(now(ctx.run(number(black_box(round + n)))));
        }
    }
}

pub(crate) fn first(rounds: u64) {
    for n in 0..rounds {
        black_box(now(Ctx::new(()).run(number(black_box(n)))));
    }
}

pub(crate) fn diamonds(rounds: u64) {
    for n in 0..rounds {
        black_box(now(Ctx::new(()).run(diamond(black_box(n)))));
    }
}

pub(crate) fn chains(rounds: u64) {
    for n in 0..rounds {
        black_box(now(Ctx::new(()).run(chain(black_box(n)))));
    }
}

pub(crate) fn fan_out_vec(rounds: u64) {
    for round in 0..rounds {
        let calls: Vec<_> = (0..10).map(|n| number(black_box(round + n))).collect();
        black_box(now(Ctx::new(()).run_parallel(calls)));
    }
}

pub(crate) fn fan_out_array(rounds: u64) {
    for round in 0..rounds {
        let calls = std::array::from_fn::<_, 10, _>(|n| number(black_box(round + n as u64)));
        black_box(now(Ctx::new(()).run_parallel(calls)));
    }
}

/// One caller starts the run, and waits for it as the second does.
pub(crate) fn join(rounds: u64) {
    let gate = Arc::new(Gate::default());
    for n in 0..rounds {
        let ctx = Ctx::shared(gate.clone());
        let mut first = pin!(ctx.run(waits(black_box(n))));
        let mut second = pin!(ctx.run(waits(black_box(n))));
        assert!(poll(first.as_mut()).is_pending() && poll(second.as_mut()).is_pending());
        gate.open();
        let outcomes = (poll(first.as_mut()), poll(second.as_mut()));
        assert!(matches!(outcomes, (Poll::Ready(Ok(_)), Poll::Ready(Ok(_)))));
    }
}

pub(crate) fn wait(rounds: u64) {
    let gate = Arc::new(Gate::default());
    for n in 0..rounds {
        let ctx = Ctx::shared(gate.clone());
        let mut caller = pin!(ctx.run(waits(black_box(n))));
        assert!(poll(caller.as_mut()).is_pending());
        gate.open();
        assert!(matches!(poll(caller.as_mut()), Poll::Ready(Ok(_))));
    }
}

pub(crate) fn waiting_chains(rounds: u64) {
    let gate = Arc::new(Gate::default());
    for n in 0..rounds {
        let ctx = Ctx::shared(gate.clone());
        let mut caller = pin!(ctx.run(waiting_chain(black_box(n))));
        assert!(poll(caller.as_mut()).is_pending());
        gate.open();
        assert!(matches!(poll(caller.as_mut()), Poll::Ready(Ok(_))));
    }
}

/// Its clock stands still for as long as anything here takes.
fn ageing() -> Ctx {
    let clock = CoarseClock::start(Duration::from_secs(3600)).expect("a thread");
    Ctx::builder(())
        .clock(clock)
        .ttl(Duration::from_secs(300))
        .build()
}

/// Of what does not wait.
fn now<T>(future: impl Future<Output = Result<T, runce::Error>>) -> T {
    match poll(pin!(future)) {
        Poll::Ready(Ok(output)) => output,
        _ => panic!("it waits or fails"),
    }
}

fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

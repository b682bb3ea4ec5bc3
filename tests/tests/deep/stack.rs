//! `stack_safe`: polls of bodies and allocations, a level.
use crate::chain::{Level, Mode, SHARED, chain, on_2_mib};
use crate::counting::allocations;
use runce::{Call, Ctx, Error, ErrorKind, Task};
use runce_tests::{finish, now, poll};
use std::sync::atomic::Ordering::SeqCst;
use std::task::Waker;

/// Runs a chain to its end; polls and allocations per thousand levels.
fn cost(mode: Mode, n: u32) -> (usize, usize) {
    let ctx = chain(mode);
    let before = allocations();
    let mut keep = Box::pin(ctx.run(Call::<Level, _>::new(SHARED)));
    if mode == Mode::Joins {
        assert!(poll(&mut keep, Waker::noop()).is_pending());
    }
    let mut run = Box::pin(ctx.run(Call::<Level, _>::new(n)));
    if mode == Mode::Gated {
        assert!(finish(&mut run).is_none());
        assert_eq!(ctx.state().live.load(SeqCst), n as usize + 1);
        ctx.state().gate.open();
    }
    let outcome = finish(&mut run).expect("hangs").0;
    if mode == Mode::Fails {
        let error = outcome.unwrap_err();
        assert!(format!("{error:#}").ends_with("task `Level` failed: the root of it"));
        assert!(format!("{error:#}").len() < 10_000);
    } else {
        assert_eq!(outcome.unwrap(), u64::from(n));
    }
    drop((run, keep));
    assert_eq!(ctx.state().live.load(SeqCst), 0);
    let polls = ctx.state().polls.load(SeqCst);
    drop(ctx);
    let allocated = allocations() - before;
    (polls * 1000 / n as usize, allocated * 1000 / n as usize)
}

fn assert_linear(mode: Mode) {
    let (small, large) = on_2_mib(move || (cost(mode, 1_000), cost(mode, 100_000)));
    assert!(
        large.0 <= 2 * small.0,
        "{mode:?}: polls {small:?}, {large:?}"
    );
    assert!(
        large.1 <= 2 * small.1,
        "{mode:?}: allocations {small:?}, {large:?}"
    );
}

#[test]
fn law_stack_safe_ready_at_once() {
    assert_linear(Mode::Ready);
}

#[test]
fn law_stack_safe_each_yields() {
    assert_linear(Mode::Yields);
}

#[test]
fn law_stack_safe_woken_at_the_leaf() {
    assert_linear(Mode::Gated);
}

#[test]
fn law_stack_safe_fails() {
    assert_linear(Mode::Fails);
}

#[test]
fn law_stack_safe_joins_at_every_level() {
    assert_linear(Mode::Joins);
}

#[test]
fn law_stack_safe_through_detached_handles() {
    assert_linear(Mode::Detached);
}

#[test]
fn law_stack_safe_dropped_and_cancelled() {
    on_2_mib(|| {
        for (cancel, mode) in [
            (false, Mode::Gated),
            (true, Mode::Gated),
            (false, Mode::DetachedGated),
            (true, Mode::DetachedGated),
        ] {
            let ctx = chain(mode);
            let mut run = Box::pin(ctx.run(Call::<Level, _>::new(100_000)));
            assert!(finish(&mut run).is_none());
            if cancel {
                ctx.cancel();
                let error = finish(&mut run).unwrap().0.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Cancelled);
            }
            drop(run);
            assert_eq!((ctx.state().live.load(SeqCst), ctx.len()), (0, 0));
        }
    });
}

/// What a level adds to the stack grows with its output, which is moved on the way.
struct OfSize;

const SIZE: usize = 3 << 10;

impl Task<()> for OfSize {
    type Input = u32;
    type Output = [u8; SIZE];
    type Error = Error;

    async fn run(ctx: &Ctx, n: u32) -> Result<[u8; SIZE], Error> {
        match n {
            0 => Ok([0; SIZE]),
            _ => Box::pin(ctx.run(Call::<Self, _>::new(n - 1))).await,
        }
    }
}

#[test]
fn law_stack_safe_of_outputs_of_3_kib() {
    let run = || now(Ctx::new(()).run(Call::<OfSize, _>::new(1_000)));
    on_2_mib(move || assert!(run().is_ok()));
}

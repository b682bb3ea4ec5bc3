//! **Once**: whoever comes and goes, from however many threads.
use crate::platform::Platform;
use crate::scene::{Scene, begun};
use runce::Ctx;
use runce_tests::{App, Gate, Rng, block_on, caller, gated};
use std::sync::{Arc, Barrier};
use std::thread;

const THREADS: u64 = 4;
const HERD: usize = 10_000;

/// A part of the herd: all have begun when the others have too, then each leaves or waits.
fn part(ctx: &Ctx<App>, seed: u64, all_wait: &Barrier) -> usize {
    let callers: Vec<_> = (0..HERD / THREADS as usize)
        .map(|_| begun(caller(ctx, 7)))
        .collect();
    all_wait.wait();
    let mut rng = Rng(seed);
    let mut served = 0;
    for caller in callers {
        if rng.below(2) == 0 {
            assert_eq!(block_on(caller).unwrap(), 7);
            served += 1;
        }
    }
    served
}

/// Half of them leave, while the outcome comes.
pub(crate) fn law_once_herd_of_10_000_half_of_which_leave<P: Platform>() {
    let gate = Gate::new();
    let scene = Scene::<P, _>::new(gated(&gate));
    let all_wait = Arc::new(Barrier::new(THREADS as usize + 1));
    let threads = (1..=THREADS).map(|seed| {
        let (ctx, all_wait) = (scene.ctx.clone(), all_wait.clone());
        thread::spawn(move || part(&ctx, seed, &all_wait))
    });
    let threads: Vec<_> = threads.collect();
    all_wait.wait();
    gate.open();
    let served: usize = scene.attend(threads).into_iter().sum();
    assert!((HERD / 3..HERD).contains(&served), "{served}");
    assert_eq!(scene.ctx.state().runs(7), 1);
    let stats = scene.ctx.stats();
    assert_eq!((stats.runs, stats.joins), (1, HERD - 1));
    scene.end();
}

pub(crate) fn law_once_survives_its_caller_who_was_first<P: Platform>() {
    let gate = Gate::new();
    let scene = Scene::<P, _>::new(gated(&gate));
    let first = begun(caller(&scene.ctx, 7));
    let second = begun(caller(&scene.ctx, 7));
    drop(first);
    gate.open();
    assert_eq!(scene.block_on(second).unwrap(), 7);
    assert_eq!(scene.ctx.state().runs(7), 1);
    scene.end();
}

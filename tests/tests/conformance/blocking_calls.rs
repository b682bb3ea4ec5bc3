//! `run_blocking`, from threads that may.
use crate::platform::Platform;
use crate::scene::Scene;
use runce::{Ctx, Error, task};
use runce_tests::yields;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;

#[derive(Default)]
struct Runs(AtomicUsize);

#[task]
async fn below(ctx: &Ctx<Runs>, n: u64) -> u64 {
    ctx.state().0.fetch_add(1, SeqCst);
    yields(3).await;
    n
}

#[task(blocking)]
fn blocks(ctx: &Ctx<Runs>, n: u64) -> Result<u64, Error> {
    ctx.state().0.fetch_add(1, SeqCst);
    if n == 0 {
        return ctx.run_blocking(below(0));
    }
    Ok(ctx.run_blocking(blocks(n - 1))? + ctx.run_blocking(below(n))?)
}

#[task]
async fn above(ctx: &Ctx<Runs>, n: u64) -> Result<u64, Error> {
    let (blocks, below) = ctx.run_parallel((blocks(n), below(n))).await?;
    Ok(blocks + below)
}

pub(crate) fn plain_threads_block_on_one_run<P: Platform>() {
    let scene = Scene::<P, _>::new(Runs::default());
    let together = Arc::new(Barrier::new(4));
    let threads = (0..4).map(|_| {
        let (ctx, together) = (scene.ctx.clone(), together.clone());
        thread::spawn(move || {
            together.wait();
            let outcomes = (0..50).map(|n| ctx.run_blocking(below(n)).unwrap());
            outcomes.collect::<Vec<_>>()
        })
    });
    for outcomes in scene.attend(threads.collect()) {
        assert!(outcomes.into_iter().eq(0..50));
    }
    assert_eq!(scene.ctx.state().0.load(SeqCst), 50);
    scene.end();
}

/// Four deep, and what they share is run once.
pub(crate) fn law_no_deadlock_blocking_tasks_block_on_others<P: Platform>() {
    let scene = Scene::<P, _>::new(Runs::default());
    assert_eq!(scene.block_on(scene.ctx.run(above(3))).unwrap(), 9);
    assert_eq!(scene.ctx.state().0.load(SeqCst), 8);
    let ctx = scene.ctx.clone();
    let plain = thread::spawn(move || ctx.run_blocking(above(4)).unwrap());
    assert_eq!(scene.attend(vec![plain]), [14]);
    scene.end();
}

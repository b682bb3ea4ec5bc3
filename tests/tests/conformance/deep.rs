//! `stack_safe`: a chain of 100,000 tasks, driven by the platform's own threads, some of which
//! have 2 MiB of stack, as the thread of the test has.
use crate::platform::Platform;
use crate::scene::{Scene, begun, until};
use runce::{Call, Ctx, Error, ErrorKind, Task};
use runce_tests::{Gate, Live};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

const DEEP: u32 = 100_000;

struct Chain {
    fails: bool,
    gate: Arc<Gate>,
    live: Arc<AtomicUsize>,
}

struct Level;

impl Task<Chain> for Level {
    type Input = u32;
    type Output = u32;
    type Error = Error;

    async fn run(ctx: &Ctx<Chain>, n: u32) -> Result<u32, Error> {
        let _live = Live::new(&ctx.state().live);
        if n > 0 {
            return Ok(Box::pin(ctx.run(level(n - 1))).await? + 1);
        }
        ctx.state().gate.wait().await;
        assert!(!ctx.state().fails, "the root of it");
        Ok(0)
    }
}

fn level(n: u32) -> Call<Level, u32> {
    Call::new(n)
}

fn chain<P: Platform>(fails: bool) -> Scene<P, Chain> {
    Scene::new(Chain {
        fails,
        gate: Gate::new(),
        live: Arc::default(),
    })
}

/// Two callers, one of them in the middle, so that jobs drive it.
fn outcomes<P: Platform>(scene: &Scene<P, Chain>) -> [Result<u32, Error>; 2] {
    let ctx = &scene.ctx;
    let callers = [DEEP, DEEP / 2].map(|n| begun(ctx.run(level(n))));
    ctx.state().gate.open();
    callers.map(|caller| scene.block_on(caller))
}

pub(crate) fn law_stack_safe_completes<P: Platform>() {
    let scene = chain::<P>(false);
    let outcomes = outcomes(&scene).map(Result::unwrap);
    assert_eq!(outcomes, [DEEP, DEEP / 2]);
    assert_eq!(scene.ctx.stats().runs, DEEP as usize + 1);
    scene.end();
}

pub(crate) fn law_stack_safe_fails<P: Platform>() {
    let scene = chain::<P>(true);
    for outcome in outcomes(&scene) {
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Panicked);
    }
    scene.end();
}

pub(crate) fn law_stack_safe_is_dropped<P: Platform>() {
    let scene = chain::<P>(false);
    let live = scene.ctx.state().live.clone();
    let callers = [DEEP, DEEP / 2].map(|n| begun(scene.ctx.run(level(n))));
    drop(callers);
    scene.block_on(until(|| live.load(SeqCst) == 0));
    let ctx = scene.ctx.clone();
    let caller = begun(async move { ctx.run(level(DEEP)).await });
    scene.ctx.cancel();
    let error = scene.block_on(caller).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    scene.block_on(until(|| live.load(SeqCst) == 0));
    scene.end();
}

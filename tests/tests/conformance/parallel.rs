//! Parallelism that is real: those who meet are at work at the same time.
use crate::platform::Platform;
use crate::scene::{Scene, begun, until};
use runce::{Ctx, Error, task};
use runce_tests::{Gate, yields};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Barrier, Mutex};
use std::thread::{self, ThreadId};

/// Where two meet.
struct Place {
    gate: Arc<Gate>,
    barrier: Barrier,
}

impl Place {
    fn new() -> Self {
        Self {
            gate: Gate::new(),
            barrier: Barrier::new(2),
        }
    }
}

#[task]
async fn meet(ctx: &Ctx<Place>, n: usize) -> usize {
    yields(1).await;
    // Both are in their polls at the same time, or this never returns.
    ctx.state().barrier.wait();
    n
}

pub(crate) fn members_of_a_group_meet<P: Platform>() {
    if P::workers() < 2 {
        return;
    }
    let scene = Scene::<P, _>::new(Place::new());
    let both = scene.ctx.run_parallel((meet(1), meet(2)));
    assert_eq!(scene.block_on(both).unwrap(), (1, 2));
    scene.end();
}

#[task]
async fn both_meet(ctx: &Ctx<Place>) -> Result<(usize, usize), Error> {
    ctx.state().gate.wait().await;
    ctx.run_parallel((meet(1), meet(2))).await
}

/// Nobody waits for it, so workers alone are there.
pub(crate) fn members_of_a_group_that_a_worker_begins_meet<P: Platform>() {
    if P::workers() < 2 {
        return;
    }
    let scene = Scene::<P, _>::with(Place::new(), |builder| builder.finish_abandoned());
    drop(begun(scene.ctx.run(both_meet())));
    scene.ctx.state().gate.open();
    let met = || scene.ctx.peek(&both_meet());
    scene.block_on(until(|| met().is_some()));
    assert_eq!(met().unwrap().unwrap(), (1, 2));
    scene.end();
}

#[task(blocking)]
fn meet_blocking(ctx: &Ctx<Place>, _n: usize) -> ThreadId {
    ctx.state().barrier.wait();
    thread::current().id()
}

/// With a caller who is no thread of the runtime's either.
pub(crate) fn blocking_tasks_meet_off_the_callers_thread<P: Platform>() {
    if P::BLOCKING < 2 {
        return;
    }
    let scene = Scene::<P, _>::new(Place::new());
    let both = scene.ctx.run_parallel([meet_blocking(1), meet_blocking(2)]);
    let [one, other] = scene.block_on(both).unwrap();
    assert_ne!(one, other);
    assert!(![one, other].contains(&thread::current().id()));
    scene.end();
}

struct Doors {
    begun: Sender<()>,
    go: Mutex<Receiver<()>>,
}

#[task(blocking)]
fn held(ctx: &Ctx<Doors>, n: usize) -> usize {
    ctx.state().begun.send(()).unwrap();
    ctx.state().go.lock().unwrap().recv().unwrap();
    n
}

#[task]
async fn free(n: usize) -> usize {
    yields(5).await;
    n
}

/// While more of them block than threads poll, others are driven by jobs alone.
pub(crate) fn blocking_tasks_hold_up_nobody<P: Platform>() {
    let held_up = P::workers() + 1;
    if P::BLOCKING < held_up {
        return;
    }
    let ((begun, has_begun), (let_go, go)) = (channel(), channel());
    let go = Mutex::new(go);
    let scene = Scene::<P, _>::with(Doors { begun, go }, |builder| builder.finish_abandoned());
    let mut blocked = Box::pin(
        scene
            .ctx
            .run_parallel((0..held_up).map(held).collect::<Vec<_>>()),
    );
    let frees = scene.ctx.run_parallel((0..8).map(free).collect::<Vec<_>>());
    scene.block_on(async {
        let noop = std::task::Waker::noop();
        assert!(runce_tests::poll(&mut blocked, noop).is_pending());
        for _ in 0..held_up {
            let begun = || has_begun.try_recv().is_ok();
            until(begun).await;
        }
        assert_eq!(frees.await.unwrap(), (0..8).collect::<Vec<_>>());
        (0..held_up).for_each(|_| let_go.send(()).unwrap());
        assert_eq!(blocked.await.unwrap(), (0..held_up).collect::<Vec<_>>());
    });
    scene.end();
}

//! Parallelism that is real: those who meet are at work at the same time.
use crate::platform::Platform;
use crate::scene::Scene;
use runce::{Ctx, task};
use runce_tests::yields;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Barrier, Mutex};
use std::thread::{self, ThreadId};

#[task]
async fn meet(ctx: &Ctx<Barrier>, n: usize) -> usize {
    yields(1).await;
    // Both are in their polls at the same time, or this never returns.
    ctx.state().wait();
    n
}

pub(crate) fn members_of_a_group_meet<P: Platform>() {
    if P::WORKERS < 2 {
        return;
    }
    let scene = Scene::<P, _>::new(Barrier::new(2));
    let both = scene.ctx.run_parallel((meet(1), meet(2)));
    assert_eq!(scene.block_on(both).unwrap(), (1, 2));
    scene.end();
}

#[task(blocking)]
fn meet_blocking(ctx: &Ctx<Barrier>, _n: usize) -> ThreadId {
    ctx.state().wait();
    thread::current().id()
}

/// With a caller who is no thread of the runtime's either.
pub(crate) fn blocking_tasks_meet_off_the_callers_thread<P: Platform>() {
    if P::BLOCKING < 2 {
        return;
    }
    let scene = Scene::<P, _>::new(Barrier::new(2));
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
    let held_up = P::WORKERS + 1;
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
            crate::scene::until(begun).await;
        }
        assert_eq!(frees.await.unwrap(), (0..8).collect::<Vec<_>>());
        (0..held_up).for_each(|_| let_go.send(()).unwrap());
        assert_eq!(blocked.await.unwrap(), (0..held_up).collect::<Vec<_>>());
    });
    scene.end();
}

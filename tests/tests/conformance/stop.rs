//! The runtime is shut down in mid-run: callers drive their runs themselves. Where a platform
//! cannot be shut down, there is nothing to see.
use crate::platform::Platform;
use crate::scene::{Scene, begun};
use runce::{Ctx, task};
use runce_tests::{Gate, block_on, caller, gated, key};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// Two callers of one run, a group, and calls that begin later.
pub(crate) fn law_no_lost_wakeup_runtime_stops_in_mid_run<P: Platform>() {
    let gate = Gate::new();
    let scene = Scene::<P, _>::new(gated(&gate));
    let (first, second) = (begun(caller(&scene.ctx, 1)), begun(caller(&scene.ctx, 1)));
    let group_ctx = scene.ctx.clone();
    let group = async move { group_ctx.run_parallel([key(2), key(3), key(4)]).await };
    let group = begun(group);
    let waits = thread::spawn(move || block_on(second).unwrap());
    let Some((ctx, state)) = scene.stop() else {
        gate.open();
        return drop(waits.join());
    };
    gate.open();
    assert_eq!(block_on(first).unwrap(), 1);
    assert_eq!(waits.join().unwrap(), 1);
    assert_eq!(block_on(group).unwrap(), [2, 3, 4]);
    let all = (5..9).map(key).collect::<Vec<_>>();
    assert_eq!(block_on(ctx.run_parallel(all)).unwrap(), [5, 6, 7, 8]);
    assert_eq!(ctx.run_blocking(key(9)).unwrap(), 9);
    assert_eq!(ctx.state().all_runs(), 9);
    drop(ctx);
    block_on(crate::scene::until(|| state.strong_count() == 0));
}

struct Doors {
    begun: Sender<()>,
    go: Mutex<Receiver<()>>,
}

#[task(blocking)]
fn held(ctx: &Ctx<Doors>, n: u64) -> u64 {
    ctx.state().begun.send(()).unwrap();
    ctx.state().go.lock().unwrap().recv().unwrap();
    n
}

/// What was begun ends by itself; what was not is done by whoever waits for it.
pub(crate) fn law_no_lost_wakeup_runtime_stops_during_blocking_work<P: Platform>() {
    if P::BLOCKING == 0 {
        return;
    }
    let ((begun_at, has_begun), (let_go, go)) = (channel(), channel());
    let go = Mutex::new(go);
    let scene = Scene::<P, _>::new(Doors {
        begun: begun_at,
        go,
    });
    let ctx = scene.ctx.clone();
    let first = begun(async move { ctx.run(held(1)).await });
    has_begun.recv().unwrap();
    let_go.send(()).unwrap();
    let Some((ctx, state)) = scene.stop() else {
        return drop(block_on(first));
    };
    assert_eq!(block_on(first).unwrap(), 1);
    let_go.send(()).unwrap();
    assert_eq!(ctx.run_blocking(held(2)).unwrap(), 2);
    drop(ctx);
    block_on(crate::scene::until(|| state.strong_count() == 0));
}

/// What the executor alone wanted is dropped with it.
pub(crate) fn law_nothing_leaks_what_nobody_wants_goes_with_its_runtime<P: Platform>() {
    let scene = Scene::<P, _>::with(gated(&Gate::new()), |builder| builder.finish_abandoned());
    drop(begun(caller(&scene.ctx, 1)));
    let Some((ctx, state)) = scene.stop() else {
        return;
    };
    block_on(crate::scene::until(|| ctx.state().live() == 0));
    drop(ctx);
    block_on(crate::scene::until(|| state.strong_count() == 0));
}

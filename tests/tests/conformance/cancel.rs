//! `cancelled_serves_nothing`, whoever cancels.
use crate::platform::Platform;
use crate::scene::{Scene, begun, until};
use runce::{Ctx, ErrorKind};
use runce_tests::{App, Gate, block_on, caller, gated};
use std::thread::{self, JoinHandle};

type Callers = Vec<JoinHandle<ErrorKind>>;

/// Callers who wait: for the same, for another, on threads of their own.
fn callers(ctx: &Ctx<App>) -> Callers {
    let waits = |k| {
        let caller = begun(caller(ctx, k));
        thread::spawn(move || block_on(caller).unwrap_err().kind())
    };
    [7, 7, 8].map(waits).into()
}

/// All are told, everything is dropped, nobody is served.
fn is_over<P: Platform>(scene: Scene<P, App>, callers: Callers) {
    scene.block_on(scene.ctx.cancelled());
    for kind in scene.attend(callers) {
        assert_eq!(kind, ErrorKind::Cancelled);
    }
    for k in [7, 9] {
        let error = scene.block_on(caller(&scene.ctx, k)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
    scene.block_on(until(|| scene.ctx.state().live() == 0));
    assert_eq!(scene.ctx.len(), 0);
    scene.end();
}

pub(crate) fn law_cancelled_serves_nothing<P: Platform>() {
    let scene = Scene::<P, _>::new(gated(&Gate::new()));
    scene.ctx.insert(runce_tests::key(9), 9);
    let callers = callers(&scene.ctx);
    scene.ctx.cancel();
    is_over(scene, callers);
}

/// By hand, and because the parent's last handle goes away.
pub(crate) fn law_cancelled_serves_nothing_within_a_cancelled_parent<P: Platform>() {
    for by_hand in [true, false] {
        let parent = Ctx::new("any state");
        let scene = Scene::<P, _>::with(gated(&Gate::new()), |builder| builder.parent(&parent));
        let callers = callers(&scene.ctx);
        if by_hand {
            parent.cancel();
        } else {
            drop(parent);
        }
        is_over(scene, callers);
    }
}

pub(crate) fn law_cancelled_serves_nothing_whoever_cancels_from_afar<P: Platform>() {
    let scene = Scene::<P, _>::new(gated(&Gate::new()));
    let callers = callers(&scene.ctx);
    let cancellation = scene.ctx.cancellation();
    scene.attend(vec![thread::spawn(move || cancellation.cancel())]);
    is_over(scene, callers);
}

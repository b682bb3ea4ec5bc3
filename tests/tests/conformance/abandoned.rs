//! `last_caller_out`: finished where the context says so, dropped where not.
use crate::platform::Platform;
use crate::scene::{Scene, begun};
use runce::Ctx;
use runce_tests::{App, Gate, OnDrop, app_with, caller, key};
use std::sync::Arc;

/// Waits at the gate; tells when it is gone, and when it had passed.
#[derive(Clone)]
struct Gates {
    gate: Arc<Gate>,
    passed: Arc<Gate>,
    gone: Arc<Gate>,
}

fn gates() -> (Gates, App) {
    let gates = Gates {
        gate: Gate::new(),
        passed: Gate::new(),
        gone: Gate::new(),
    };
    let app = app_with(&gates, |_, k, gates| {
        Box::pin(async move {
            let _gone = OnDrop::new(|| gates.gone.open());
            gates.gate.wait().await;
            gates.passed.open();
            Ok(u64::from(k))
        })
    });
    (gates, app)
}

/// With one caller, who had driven it alone, and with two, so that a job exists already.
pub(crate) fn law_last_caller_out_is_finished_by_the_executor<P: Platform>() {
    for callers in [1, 2] {
        let (gates, state) = gates();
        let scene = Scene::<P, _>::with(state, |builder| builder.finish_abandoned());
        let callers: Vec<_> = (0..callers).map(|_| begun(caller(&scene.ctx, 7))).collect();
        drop(callers);
        assert_eq!(
            (scene.ctx.stats().in_flight, gates.gone.is_open()),
            (1, false)
        );
        gates.gate.open();
        scene.block_on(gates.gone.wait());
        assert!(gates.passed.is_open());
        assert_eq!(scene.block_on(caller(&scene.ctx, 7)).unwrap(), 7);
        assert_eq!(scene.ctx.state().runs(7), 1);
        scene.end();
    }
}

/// The run alone keeps its context then.
pub(crate) fn law_last_caller_out_is_finished_without_a_handle<P: Platform>() {
    let scene = Scene::<P, _>::new(());
    let (gates, state) = gates();
    let ctx = Ctx::builder(state).runtime(scene.platform.runtime());
    let ctx = ctx.finish_abandoned().build();
    drop(begun(ctx.run(key(7))));
    drop(ctx);
    gates.gate.open();
    scene.block_on(gates.gone.wait());
    assert!(gates.passed.is_open());
    scene.end();
}

/// And whoever comes then starts anew.
pub(crate) fn law_last_caller_out_is_dropped<P: Platform>() {
    for callers in [1, 2] {
        let (gates, state) = gates();
        let scene = Scene::<P, _>::new(state);
        let callers: Vec<_> = (0..callers).map(|_| begun(caller(&scene.ctx, 7))).collect();
        drop(callers);
        scene.block_on(gates.gone.wait());
        assert!(!gates.passed.is_open());
        gates.gate.open();
        assert_eq!(scene.block_on(caller(&scene.ctx, 7)).unwrap(), 7);
        assert_eq!(scene.ctx.state().runs(7), 2);
        scene.end();
    }
}

//! Panics and errors are outcomes: remembered, shared, and no harm to anybody else.
use crate::platform::Platform;
use crate::scene::{Scene, begun, until};
use runce::{Clock, Ctx, Error, ErrorKind, Sleep, Timer, task};
use runce_tests::{Gate, block_on, yields};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

#[derive(Default)]
struct State {
    runs: AtomicUsize,
    gate: Arc<Gate>,
}

#[task]
async fn panics(ctx: &Ctx<State>, n: u64) -> u64 {
    ctx.state().runs.fetch_add(1, SeqCst);
    yields(1).await;
    panic!("unlucky {n}")
}

#[task(blocking)]
fn panics_blocking(ctx: &Ctx<State>, n: u64) -> u64 {
    ctx.state().runs.fetch_add(1, SeqCst);
    panic!("unlucky {n}")
}

#[task]
async fn well(n: u64) -> u64 {
    yields(3).await;
    n
}

/// The neighbours in its group go on, and the platform after it.
pub(crate) fn law_panics_are_outcomes<P: Platform>() {
    let scene = Scene::<P, _>::new(State::default());
    for _ in 0..2 {
        let all = (panics(13), well(1), well(2));
        let (panicked, one, two) = scene.block_on(scene.ctx.run_settled(all));
        let error = panicked.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert_eq!(error.to_string(), "task `panics(13)` panicked: unlucky 13");
        assert_eq!((one.unwrap(), two.unwrap()), (1, 2));
    }
    assert_eq!(scene.ctx.state().runs.load(SeqCst), 1);
    scene.end();
}

pub(crate) fn law_panics_are_outcomes_of_blocking_tasks<P: Platform>() {
    let scene = Scene::<P, _>::new(State::default());
    for _ in 0..2 {
        let all = (panics_blocking(13), well(1));
        let (panicked, one) = scene.block_on(scene.ctx.run_settled(all));
        let error = panicked.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert!(error.to_string().ends_with("panicked: unlucky 13"));
        assert_eq!(one.unwrap(), 1);
    }
    assert_eq!(scene.ctx.state().runs.load(SeqCst), 1);
    scene.end();
}

#[derive(Debug)]
struct Broken(#[allow(dead_code)] u64);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

#[task]
async fn fails(ctx: &Ctx<State>, n: u64) -> Result<u64, Broken> {
    ctx.state().gate.wait().await;
    Err(Broken(ctx.state().runs.fetch_add(1, SeqCst) as u64 + n))
}

#[task]
async fn passes_on(ctx: &Ctx<State>, n: u64) -> Result<u64, Error> {
    ctx.run(fails(n)).await
}

/// All callers, on several threads, get the very same error.
pub(crate) fn law_errors_are_outcomes_shared_by_all<P: Platform>() {
    let scene = Scene::<P, _>::new(State::default());
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let ctx = scene.ctx.clone();
            let caller = async move { ctx.run(passes_on(7)).await };
            let caller = begun(caller);
            thread::spawn(move || block_on(caller).unwrap_err())
        })
        .collect();
    scene.ctx.state().gate.open();
    let mut errors = scene.attend(threads);
    errors.push(scene.block_on(scene.ctx.run(fails(7))).unwrap_err());
    let first = errors[0].find::<Broken>().unwrap();
    for error in &errors {
        assert!(std::ptr::eq(error.find::<Broken>().unwrap(), first));
        assert_eq!(error.to_string(), "task `fails(7)` failed");
    }
    assert_eq!(scene.ctx.state().runs.load(SeqCst), 1);
    scene.end();
}

/// A timer that is polled by a job, of the context's deadline, and panics there.
struct BrokenTimer(Arc<Gate>);

impl Clock for BrokenTimer {
    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

impl Timer for BrokenTimer {
    fn sleep(&self, _: Duration) -> Sleep {
        let polled = self.0.clone();
        Sleep::new(async move {
            polled.open();
            panic!("broken");
        })
    }
}

/// As often as there are workers, and once more; nobody but a worker finishes the last run.
pub(crate) fn a_job_that_panics_stops_no_worker<P: Platform>() {
    if !P::CATCHES {
        return;
    }
    let state = State::default();
    let scene = Scene::<P, _>::with(state, |builder| builder.finish_abandoned());
    for _ in 0..=P::workers() {
        let polled = Gate::new();
        let ctx = Ctx::builder(State::default()).executor(scene.platform.runtime());
        let ctx = ctx
            .timer(BrokenTimer(polled.clone()))
            .deadline(Duration::MAX);
        let ctx = ctx.build();
        let _waits = begun(ctx.run(fails(7)));
        scene.block_on(polled.wait());
    }
    drop(begun(scene.ctx.run(fails(7))));
    scene.ctx.state().gate.open();
    scene.block_on(until(|| scene.ctx.peek(&fails(7)).is_some()));
    scene.end();
}

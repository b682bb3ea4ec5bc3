//! The hand-over to an executor, and back.
use crate::world::{App, BoxFut, Gate, Seen, app, block_on, call, caller, model, stall};
use loom::thread;
use runce::{Ctx, Executor, Job};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Waker};

/// Keeps its job for whoever takes it.
#[derive(Clone, Default)]
struct Slot(Arc<std::sync::Mutex<Option<Job>>>);

impl Executor for Slot {
    fn spawn(&self, job: Job) {
        let before = self.0.lock().unwrap().replace(job);
        assert!(before.is_none(), "one set, one job");
    }
}

/// A gated run with a stalled creator, a second caller that has joined, and the job that
/// this called for.
fn handed_over() -> (Ctx<App>, Arc<Seen>, Arc<Gate>, [BoxFut<'static>; 2], Job) {
    let gate = Arc::<Gate>::default();
    let g = gate.clone();
    let (app, seen) = app(move |_, k| {
        let g = g.clone();
        Box::pin(async move {
            g.wait().await;
            Ok(k)
        })
    });
    let slot = Slot::default();
    let ctx = Ctx::builder(app).executor(slot.clone()).build();
    let mut callers = [caller(&ctx, 1), caller(&ctx, 1)];
    for caller in &mut callers {
        assert!(!stall(caller));
    }
    let job = slot.0.lock().unwrap().take().unwrap();
    (ctx, seen, gate, callers, job)
}

/// The executor drives; it drops its job after one poll while the gate opens. The
/// caller that waits drives again.
#[test]
fn model_job_is_dropped() {
    model(|| {
        let (ctx, seen, gate, [stalled, other], mut job) = handed_over();
        let executor = thread::spawn(move || {
            let mut cx = Context::from_waker(Waker::noop());
            let _ = Pin::new(&mut job).poll(&mut cx);
            drop(job);
        });
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(other).unwrap(), 1);
        executor.join().unwrap();
        opener.join().unwrap();
        assert_eq!((seen.runs.load(SeqCst), ctx.stats().in_flight), (1, 0));
        drop(stalled);
    });
}

/// The executor drives to the end; the job is over when nobody is interested any more.
#[test]
fn model_job_ends() {
    model(|| {
        let (ctx, seen, gate, [stalled, other], job) = handed_over();
        let executor = thread::spawn(move || block_on(job));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(other).unwrap(), 1);
        drop(stalled);
        executor.join().unwrap();
        opener.join().unwrap();
        assert_eq!((seen.runs.load(SeqCst), ctx.stats().in_flight), (1, 0));
    });
}

/// Refuses its job at once, in the middle of a hand-over.
struct Refuses;

impl Executor for Refuses {
    fn spawn(&self, job: Job) {
        drop(job);
    }
}

#[test]
fn model_job_is_refused() {
    model(|| {
        let gate = Arc::<Gate>::default();
        let g = gate.clone();
        let (app, seen) = app(move |_, k| {
            let g = g.clone();
            Box::pin(async move {
                g.wait().await;
                Ok(k)
            })
        });
        let ctx = Ctx::builder(app).executor(Refuses).build();
        let mut stalled = caller(&ctx, 1);
        assert!(!stall(&mut stalled));
        let opener = thread::spawn(move || gate.open());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        opener.join().unwrap();
        assert_eq!(seen.runs.load(SeqCst), 1);
        drop(stalled);
    });
}

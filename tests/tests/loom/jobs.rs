//! The hand-over to an executor, and back.
use crate::bench::Bench;
use crate::world::{
    App, BoxFut, Gate, Seen, app, assert_over, block_on, call, caller, gated_app, model,
    model_bound, stall, yields,
};
use loom::thread;
use runce::{Ctx, Executor, Job};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::{Context, Waker};

/// Keeps its job for whoever takes it.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<std::sync::Mutex<Option<Job>>>);

impl Slot {
    pub(crate) fn take(&self) -> Option<Job> {
        self.0.lock().unwrap().take()
    }
}

impl Executor for Slot {
    fn spawn(&self, job: Job) {
        let before = self.0.lock().unwrap().replace(job);
        assert!(before.is_none(), "one set, one job");
    }
}

/// Keeps the first job, and refuses the others.
#[derive(Clone, Default)]
pub(crate) struct First(Slot, Arc<AtomicBool>);

impl First {
    pub(crate) fn take(&self) -> Option<Job> {
        self.0.take()
    }
}

impl Executor for First {
    fn spawn(&self, job: Job) {
        if !self.1.swap(true, SeqCst) {
            self.0.spawn(job);
        }
    }
}

/// A run in the hands of a job.
pub(crate) struct HandedOver {
    pub(crate) ctx: Ctx<App>,
    pub(crate) seen: Arc<Seen>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) callers: [BoxFut<'static>; 2],
    pub(crate) job: Job,
    /// Where later jobs go.
    pub(crate) slot: Slot,
}

/// A gated run, which then yields, with a stalled creator, a second caller that has joined, and the job that
/// this called for.
///
/// `finish`: what is abandoned is finished.
pub(crate) fn handed_over(finish: bool) -> HandedOver {
    let gate = Arc::<Gate>::default();
    let g = gate.clone();
    let (app, seen) = app(move |_, k| {
        let g = g.clone();
        Box::pin(async move {
            g.wait().await;
            yields(1).await;
            Ok(k)
        })
    });
    let slot = Slot::default();
    let builder = Ctx::builder(app).executor(slot.clone());
    let ctx = match finish {
        true => builder.finish_abandoned().build(),
        false => builder.build(),
    };
    let mut callers = [caller(&ctx, 1), caller(&ctx, 1)];
    for caller in &mut callers {
        assert!(!stall(caller));
    }
    let job = slot.take().unwrap();
    HandedOver {
        ctx,
        seen,
        gate,
        callers,
        job,
        slot,
    }
}

/// The executor drives; it drops its job after one poll while the gate opens. The
/// caller that waits drives again.
#[test]
fn model_job_is_dropped() {
    model(|| {
        let HandedOver {
            ctx,
            seen,
            gate,
            callers: [stalled, other],
            mut job,
            ..
        } = handed_over(false);
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

/// Callers rely on the job, or come to, while the executor drops it: one was there before, one
/// comes meanwhile.
#[test]
fn model_job_that_callers_rely_on_is_dropped() {
    model(|| {
        let (app, seen, gate) = gated_app();
        let first = First::default();
        let ctx = Ctx::builder(app).executor(first.clone()).build();
        let mut callers = [caller(&ctx, 1), caller(&ctx, 1), caller(&ctx, 1)];
        for caller in &mut callers {
            assert!(!stall(caller));
        }
        let [stalled, also, relies] = callers;
        let mut job = first.take().unwrap();
        let executor = thread::spawn(move || {
            let _ = Pin::new(&mut job).poll(&mut Context::from_waker(Waker::noop()));
            drop(job);
        });
        let newcomer = caller(&ctx, 1);
        let newcomer = thread::spawn(move || block_on(newcomer).unwrap());
        gate.open();
        assert_eq!(block_on(relies).unwrap(), 1);
        assert_eq!(newcomer.join().unwrap(), 1);
        executor.join().unwrap();
        drop((stalled, also));
        assert_eq!(seen.runs.load(SeqCst), 1);
        assert_over(&ctx, &seen);
    });
}

/// The first two callers who come to rely on a job, which is dropped.
#[test]
fn model_two_come_to_rely_on_a_job_that_is_dropped() {
    model(|| {
        let (app, seen, gate) = gated_app();
        let first = First::default();
        let ctx = Ctx::builder(app).executor(first.clone()).build();
        let mut callers = [caller(&ctx, 1), caller(&ctx, 1)];
        for caller in &mut callers {
            assert!(!stall(caller));
        }
        let job = first.take().unwrap();
        gate.open();
        let executor = thread::spawn(move || drop(job));
        let newcomer = caller(&ctx, 1);
        let newcomer = thread::spawn(move || block_on(newcomer).unwrap());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        assert_eq!(newcomer.join().unwrap(), 1);
        executor.join().unwrap();
        drop(callers);
        assert_eq!(seen.runs.load(SeqCst), 1);
        assert_over(&ctx, &seen);
    });
}

/// The executor drives to the end; the job is over when nobody is interested any more.
#[test]
fn model_job_ends() {
    model(|| {
        let HandedOver {
            ctx,
            seen,
            gate,
            callers: [stalled, other],
            job,
            ..
        } = handed_over(false);
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
        let (app, seen, gate) = gated_app();
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

/// A second caller comes, and with it a job, while the first drains: both pop, and when the
/// job has it, both are told.
#[test]
fn model_hand_over_while_a_caller_drains() {
    model_bound(2, || {
        let bench = Bench::default();
        let (app, seen) = app(|_, k| {
            Box::pin(async move {
                yields(2).await;
                Ok(k)
            })
        });
        let ctx = Ctx::builder(app).executor(bench.clone()).build();
        let (first, workers) = (caller(&ctx, 1), bench.clone());
        let worker = thread::spawn(move || workers.work());
        let other = thread::spawn(move || block_on(first).unwrap());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        assert_eq!(other.join().unwrap(), 1);
        bench.close();
        worker.join().unwrap();
        assert_eq!(seen.runs.load(SeqCst), 1);
        assert_over(&ctx, &seen);
    });
}

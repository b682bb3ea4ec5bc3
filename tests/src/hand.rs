//! An executor driven by hand.
use crate::{App, Count, poll};
use runce::{Ctx, Executor, Job};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::Wake;

/// Keeps its jobs until it is told to go. Clones are the same executor.
#[derive(Default, Clone)]
pub struct Hand(Arc<Jobs>);

#[derive(Default)]
struct Jobs {
    /// With its waker, and how often that was woken before the last poll.
    jobs: Mutex<Vec<(Job, Arc<Count>, usize)>>,
    spawned: AtomicUsize,
    entered: AtomicUsize,
}

/// A context with or without an executor.
pub fn driven(app: App, executor: bool) -> (Ctx<App>, Hand) {
    let hand = Hand::default();
    let builder = Ctx::builder(app);
    let ctx = if executor {
        builder.executor(hand.clone()).build()
    } else {
        builder.build()
    };
    (ctx, hand)
}

impl Executor for Hand {
    fn spawn(&self, job: Job) {
        self.0.spawned.fetch_add(1, SeqCst);
        let woken = Arc::new(Count::default());
        woken.clone().wake();
        self.0.jobs.lock().unwrap().push((job, woken, 0));
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        self.0.entered.fetch_add(1, SeqCst);
        work();
    }
}

impl Hand {
    /// Polls every woken job until none is; how many polls.
    pub fn go(&self) -> usize {
        let mut polls = 0;
        while let Some((mut job, woken)) = self.next() {
            polls += 1;
            let seen = woken.get();
            if poll(&mut job, &woken.clone().into()).is_pending() {
                self.0.jobs.lock().unwrap().push((job, woken, seen));
            }
        }
        polls
    }

    fn next(&self) -> Option<(Job, Arc<Count>)> {
        let mut jobs = self.0.jobs.lock().unwrap();
        let index = jobs
            .iter()
            .position(|(_, woken, seen)| woken.get() > *seen)?;
        let (job, woken, _) = jobs.swap_remove(index);
        Some((job, woken))
    }

    pub fn jobs(&self) -> usize {
        self.0.jobs.lock().unwrap().len()
    }

    pub fn spawned(&self) -> usize {
        self.0.spawned.load(SeqCst)
    }

    pub fn entered(&self) -> usize {
        self.0.entered.load(SeqCst)
    }

    /// Shuts down: drops all jobs.
    pub fn shut_down(&self) {
        let jobs = std::mem::take(&mut *self.0.jobs.lock().unwrap());
        drop(jobs);
    }
}

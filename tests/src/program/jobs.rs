//! An executor driven by hand.
use crate::poll;
use runce::{Executor, Job};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::Wake;

#[derive(Default)]
pub(super) struct Jobs {
    jobs: Mutex<Vec<(Job, Arc<Woken>)>>,
    /// It drops jobs at once.
    refuses: AtomicBool,
    /// It dropped one.
    pub(super) lost: AtomicBool,
    entered: AtomicUsize,
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

impl Executor for Jobs {
    fn spawn(&self, job: Job) {
        if self.refuses.load(SeqCst) {
            self.lost.store(true, SeqCst);
            drop(job);
            return;
        }
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        self.jobs.lock().unwrap().push((job, woken));
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        self.entered.fetch_add(1, SeqCst);
        let _entered = Entered(&self.entered);
        work();
    }
}

struct Entered<'a>(&'a AtomicUsize);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Jobs {
    pub(super) fn refuse(&self, refuse: bool) {
        self.refuses.store(refuse, SeqCst);
    }

    /// Drops all jobs but the one that is being polled.
    pub(super) fn shut_down(&self) {
        let jobs = std::mem::take(&mut *self.jobs.lock().unwrap());
        self.lost.fetch_or(!jobs.is_empty(), SeqCst);
        drop(jobs);
    }

    pub(super) fn len(&self) -> usize {
        self.jobs.lock().unwrap().len()
    }

    /// How many are woken.
    pub(super) fn woken(&self) -> usize {
        let jobs = self.jobs.lock().unwrap();
        jobs.iter()
            .filter(|(_, woken)| woken.0.load(SeqCst))
            .count()
    }

    /// Polls the nth of those that are woken.
    pub(super) fn poll(&self, nth: usize) {
        let mut jobs = self.jobs.lock().unwrap();
        let mut woken = (0..jobs.len()).filter(|job| jobs[*job].1.0.load(SeqCst));
        let Some(job) = woken.nth(nth) else { return };
        drop(woken);
        let (mut job, woken) = jobs.remove(job);
        drop(jobs);
        woken.0.store(false, SeqCst);
        if poll(&mut job, &woken.clone().into()).is_pending() {
            self.jobs.lock().unwrap().push((job, woken));
        }
    }

    pub(super) fn is_entered(&self) -> bool {
        self.entered.load(SeqCst) > 0
    }
}

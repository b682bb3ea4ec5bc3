//! Executors on threads: the adapter's, and one that loses jobs.
use runce::{Executor, Job, Work};
use runce_threads::Threads;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::task::Wake;
use std::thread::{self, JoinHandle};

#[derive(Clone)]
pub(crate) enum Host {
    None,
    Threads(Threads),
    Loses(Arc<Loses>),
}

impl Host {
    /// Drops its jobs; later ones are dropped at once.
    pub(crate) fn close(&self) {
        match self {
            Self::None => {}
            Self::Threads(threads) => threads.shut_down(),
            Self::Loses(loses) => loses.close(),
        }
    }

    /// Also waits for its threads.
    pub(crate) fn end(&self) {
        self.close();
        if let Self::Loses(loses) = self {
            loses.join();
        }
    }
}

impl Executor for Host {
    fn spawn(&self, job: Job) {
        match self {
            Self::None => drop(job),
            Self::Threads(threads) => threads.spawn(job),
            Self::Loses(loses) => loses.spawn(job),
        }
    }

    fn spawn_blocking(&self, work: Work) {
        match self {
            Self::None => drop(work),
            Self::Threads(threads) => threads.spawn_blocking(work),
            Self::Loses(loses) => loses.work(work),
        }
    }

    fn enter(&self, work: &mut dyn FnMut()) {
        match self {
            Self::Threads(threads) => threads.enter(work),
            _ => work(),
        }
    }
}

/// One in four jobs is dropped when it is spawned, and one in eight after a poll.
#[derive(Default)]
pub(crate) struct Loses {
    queue: Mutex<Queue>,
    bell: Condvar,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Default)]
struct Queue {
    woken: VecDeque<Arc<Slot>>,
    slots: Vec<Arc<Slot>>,
    closed: bool,
    lot: u32,
}

/// A job's place.
struct Slot {
    state: Mutex<State>,
    pool: Weak<Loses>,
}

#[derive(Default)]
struct State {
    job: Option<Job>,
    busy: bool,
    /// It was woken while it was polled.
    again: bool,
    /// It is to be dropped.
    dead: bool,
}

impl Loses {
    pub(crate) fn start(threads: usize) -> Arc<Self> {
        let pool = Arc::new(Self::default());
        for _ in 0..threads {
            let worker = pool.clone();
            pool.join_later(thread::spawn(move || worker.serve()));
        }
        pool
    }

    fn join_later(&self, thread: JoinHandle<()>) {
        self.threads.lock().unwrap().push(thread);
    }

    fn join(&self) {
        loop {
            let Some(thread) = self.threads.lock().unwrap().pop() else {
                return;
            };
            thread.join().unwrap();
        }
    }

    /// One time in so many.
    fn one_in(&self, many: u32) -> bool {
        let lot = &mut self.queue.lock().unwrap().lot;
        *lot = lot.wrapping_mul(1_103_515_245).wrapping_add(12_345);
        (*lot >> 16) % many == 0
    }

    fn spawn(self: &Arc<Self>, job: Job) {
        if self.one_in(4) {
            return drop(job);
        }
        let state = State {
            job: Some(job),
            ..State::default()
        };
        let (state, pool) = (Mutex::new(state), Arc::downgrade(self));
        let slot = Arc::new(Slot { state, pool });
        let mut queue = self.queue.lock().unwrap();
        if !queue.closed {
            queue.slots.push(slot.clone());
            queue.woken.push_back(slot);
            self.bell.notify_one();
        }
    }

    /// On a thread of its own, or nowhere.
    fn work(&self, work: Work) {
        if self.one_in(3) || self.queue.lock().unwrap().closed {
            return drop(work);
        }
        self.join_later(thread::spawn(move || work.run()));
    }

    fn serve(&self) {
        while let Some(slot) = self.next() {
            let Some(job) = slot.take() else { continue };
            slot.poll(job, || self.one_in(8));
        }
    }

    fn next(&self) -> Option<Arc<Slot>> {
        let waits = |queue: &mut Queue| queue.woken.is_empty() && !queue.closed;
        let mut queue = self
            .bell
            .wait_while(self.queue.lock().unwrap(), waits)
            .unwrap();
        queue.woken.pop_front()
    }

    fn close(&self) {
        let mut queue = self.queue.lock().unwrap();
        queue.closed = true;
        let (slots, woken) = (
            std::mem::take(&mut queue.slots),
            std::mem::take(&mut queue.woken),
        );
        self.bell.notify_all();
        drop(queue);
        drop(woken);
        slots.iter().for_each(|slot| slot.kill());
    }
}

impl Slot {
    fn take(&self) -> Option<Job> {
        let mut state = self.state.lock().unwrap();
        if state.busy {
            state.again = true;
            return None;
        }
        let job = state.job.take()?;
        state.busy = true;
        Some(job)
    }

    fn poll(self: &Arc<Self>, mut job: Job, lose: impl Fn() -> bool) {
        let over = runce_tests::poll(&mut job, &self.clone().into()).is_ready() || lose();
        let mut state = self.state.lock().unwrap();
        state.busy = false;
        state.dead |= over;
        if state.dead {
            drop(state);
            return drop(job);
        }
        state.job = Some(job);
        if std::mem::take(&mut state.again) {
            drop(state);
            self.wake_by_ref();
        }
    }

    fn kill(&self) {
        let mut state = self.state.lock().unwrap();
        state.dead = true;
        let job = state.job.take();
        drop(state);
        drop(job);
    }
}

impl Wake for Slot {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let Some(pool) = self.pool.upgrade() else {
            return;
        };
        let mut queue = pool.queue.lock().unwrap();
        if !queue.closed {
            queue.woken.push_back(self.clone());
            pool.bell.notify_one();
        }
    }
}

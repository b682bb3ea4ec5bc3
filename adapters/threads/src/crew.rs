//! Threads that do what is put before them, and can be told to stop.
use crate::HELD;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{mem, thread};

/// At most so many threads, started when there is something to do for them.
pub(crate) struct Crew<T> {
    name: &'static str,
    most: usize,
    /// How long a thread stays without anything to do; for ever if not set.
    patience: Option<Duration>,
    work: fn(T),
    state: Mutex<State<T>>,
    /// There is something to do, or nothing will ever be again.
    bell: Condvar,
    /// The last thread has left.
    left: Condvar,
}

struct State<T> {
    queue: VecDeque<T>,
    threads: usize,
    /// Those that wait for the bell, or have heard it and are on their way.
    idle: usize,
    closed: bool,
}

impl<T: Send + 'static> Crew<T> {
    pub(crate) fn new(
        name: &'static str,
        most: usize,
        patience: Option<Duration>,
        work: fn(T),
    ) -> Arc<Self> {
        Arc::new(Self {
            name,
            most,
            patience,
            work,
            state: Mutex::new(State {
                queue: VecDeque::new(),
                threads: 0,
                idle: 0,
                closed: false,
            }),
            bell: Condvar::new(),
            left: Condvar::new(),
        })
    }

    /// Has it done by one of the threads; drops it if none will. Where all are busy and no more
    /// may be started it waits in the queue, unless it is `urgent`: then it is dropped too.
    pub(crate) fn give(self: &Arc<Self>, item: T, urgent: bool) {
        let mut state = self.lock();
        let a_thread_is_free = state.idle > state.queue.len();
        if state.closed {
            drop(state);
        } else if a_thread_is_free {
            state.queue.push_back(item);
            self.bell.notify_one();
        } else if state.threads < self.most {
            state.threads += 1;
            drop(state);
            self.start(item);
        } else if state.threads > 0 && !urgent {
            state.queue.push_back(item);
        } else {
            drop(state);
        }
    }

    /// From now on nothing is taken, and what is in the queue is dropped. The threads leave when
    /// they have done what they are at.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let undone = mem::take(&mut state.queue);
        self.bell.notify_all();
        drop(state);
        drop(undone);
    }

    /// Waits until all threads of a closed crew have left.
    pub(crate) fn wait(&self) {
        let mut state = self.lock();
        while state.threads > 0 {
            state = self
                .left
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn start(self: &Arc<Self>, first: T) {
        let crew = self.clone();
        let thread = thread::Builder::new().name(self.name.into());
        // Where the system has no thread for us, what there was to do is dropped with the closure.
        if thread.spawn(move || crew.serve(first)).is_err() {
            self.leave(self.lock());
        }
    }

    fn serve(&self, first: T) {
        HELD.set(true);
        let mut next = Some(first);
        while let Some(item) = next {
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| (self.work)(item))) {
                mem::forget(payload); // its destructor may panic again
            }
            next = self.next();
        }
    }

    fn next(&self) -> Option<T> {
        let mut state = self.lock();
        let mut patient = true;
        loop {
            if let Some(item) = state.queue.pop_front() {
                return Some(item);
            }
            if state.closed || !patient {
                self.leave(state);
                return None;
            }
            state.idle += 1;
            (state, patient) = self.listen(state);
            state.idle -= 1;
        }
    }

    fn listen<'s>(&self, state: MutexGuard<'s, State<T>>) -> (MutexGuard<'s, State<T>>, bool) {
        let Some(patience) = self.patience else {
            let state = self.bell.wait(state);
            return (state.unwrap_or_else(PoisonError::into_inner), true);
        };
        let heard = self.bell.wait_timeout(state, patience);
        let (state, timeout) = heard.unwrap_or_else(PoisonError::into_inner);
        (state, !timeout.timed_out())
    }

    fn leave(&self, mut state: MutexGuard<'_, State<T>>) {
        state.threads -= 1;
        if state.threads == 0 {
            self.left.notify_all();
        }
    }

    /// Nothing foreign runs under this lock: nobody poisons it.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

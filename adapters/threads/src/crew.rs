//! Threads that do what is put before them, and can be told to stop.
use crate::HELD;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{mem, thread};

/// A thread that has nothing to do leaves after so long.
const PATIENCE: Duration = Duration::from_secs(10);

/// At most so many threads, started when there is something to do for them.
pub(crate) struct Crew<T> {
    name: &'static str,
    most: usize,
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
    pub(crate) fn new(name: &'static str, most: usize, work: fn(T)) -> Arc<Self> {
        Arc::new(Self {
            name,
            most,
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
        drop(self.left.wait_while(self.lock(), |state| state.threads > 0));
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

    /// Nothing, if the thread is to leave: it is no longer one of the crew then.
    fn next(&self) -> Option<T> {
        let mut state = self.lock();
        state.idle += 1;
        let nothing = |state: &mut State<T>| state.queue.is_empty() && !state.closed;
        let heard = self.bell.wait_timeout_while(state, PATIENCE, nothing);
        let (mut state, _) = heard.unwrap_or_else(PoisonError::into_inner);
        state.idle -= 1;
        let next = state.queue.pop_front();
        if next.is_none() {
            self.leave(state);
        }
        next
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

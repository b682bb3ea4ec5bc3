//! Jobs in flight: each can be dropped at any time, except while it is being polled.
use crate::crew::Crew;
use async_task::{Runnable, Task};
use runce::Job;
use slab::Slab;
use std::sync::{Arc, Mutex, PoisonError};

pub(crate) struct Jobs {
    crew: Arc<Crew<Runnable>>,
    book: Arc<Book>,
}

/// The jobs in flight; once closed, none.
struct Book(Mutex<Option<Slab<Task<()>>>>);

impl Jobs {
    pub(crate) fn new(workers: usize) -> Self {
        let work = |runnable: Runnable| {
            runnable.run();
        };
        Self {
            crew: Crew::new("runce-worker", workers.max(1), work),
            book: Arc::new(Book(Mutex::new(Some(Slab::new())))),
        }
    }

    pub(crate) fn spawn(&self, job: Job) {
        let crew = self.crew.clone();
        let schedule = move |runnable| crew.give(runnable, false);
        let mut job = Some(job);
        let runnable = self.book.with(|tasks| {
            let place = tasks.as_mut()?.vacant_entry();
            let entered = Entered(self.book.clone(), place.key());
            let job = job.take()?;
            let work = async move {
                let _entered = entered;
                job.await;
            };
            let (runnable, task) = async_task::spawn(work, schedule);
            place.insert(task);
            Some(runnable)
        });
        // Nothing, if the book is closed: the job is dropped then.
        if let Some(runnable) = runnable {
            runnable.schedule();
        }
    }

    /// Drops all jobs; those that are being polled when their polls are over.
    pub(crate) fn close(&self) {
        self.crew.close();
        // A task that is dropped is cancelled: the crew, closed, drops what it is given.
        drop(self.book.with(Option::take));
    }

    pub(crate) fn wait(&self) {
        self.crew.wait();
    }
}

impl Book {
    fn with<R>(&self, f: impl FnOnce(&mut Option<Slab<Task<()>>>) -> R) -> R {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A job's place in the book, until the job is dropped.
struct Entered(Arc<Book>, usize);

impl Drop for Entered {
    fn drop(&mut self) {
        let task = self.0.with(|tasks| tasks.as_mut()?.try_remove(self.1));
        if let Some(task) = task {
            task.detach();
        }
    }
}

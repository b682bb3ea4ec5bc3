//! An executor whose jobs and work wait on a bench until a thread of the model takes them.
use crate::world::block_on;
use loom::sync::{Condvar, Mutex};
use runce::{Executor, Job, Work};
use std::sync::Arc;

pub(crate) type Todo = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct Inner {
    todo: Vec<Todo>,
    closed: bool,
}

#[derive(Clone, Default)]
pub(crate) struct Bench(Arc<(Mutex<Inner>, Condvar)>);

impl Bench {
    fn put(&self, todo: Todo) {
        self.0.0.lock().unwrap().todo.push(todo);
        self.0.1.notify_all();
    }

    /// Nothing comes any more.
    pub(crate) fn close(&self) {
        self.0.0.lock().unwrap().closed = true;
        self.0.1.notify_all();
    }

    /// What is next. `None`: it is closed, and empty.
    pub(crate) fn take(&self) -> Option<Todo> {
        let mut inner = self.0.0.lock().unwrap();
        loop {
            if !inner.todo.is_empty() {
                return Some(inner.todo.remove(0));
            }
            if inner.closed {
                return None;
            }
            inner = self.0.1.wait(inner).unwrap();
        }
    }

    /// Drops what there is.
    pub(crate) fn empty(&self) {
        let todo = std::mem::take(&mut self.0.0.lock().unwrap().todo);
        drop(todo);
    }

    /// Does what comes until it is closed.
    pub(crate) fn work(&self) {
        while let Some(todo) = self.take() {
            todo();
        }
    }
}

impl Executor for Bench {
    fn spawn(&self, job: Job) {
        self.put(Box::new(move || block_on(job)));
    }

    fn spawn_blocking(&self, work: Work) {
        self.put(Box::new(move || work.run()));
    }
}

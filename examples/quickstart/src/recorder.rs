//! What was asked of the database, and when.
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// One query that ran. Times are since the recorder was made.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) name: &'static str,
    pub(crate) argument: String,
    pub(crate) start: Duration,
    pub(crate) end: Duration,
}

pub(crate) struct Recorder {
    made: Instant,
    queries: Mutex<Vec<Query>>,
}

/// A query that is running.
#[must_use = "it is recorded when it ends"]
pub(crate) struct Started {
    name: &'static str,
    argument: String,
    start: Duration,
}

impl Recorder {
    pub(crate) fn new() -> Self {
        Self {
            made: Instant::now(),
            queries: Mutex::default(),
        }
    }

    pub(crate) fn start(&self, name: &'static str, argument: String) -> Started {
        Started {
            name,
            argument,
            start: self.made.elapsed(),
        }
    }

    pub(crate) fn end(&self, started: Started) {
        let query = Query {
            name: started.name,
            argument: started.argument,
            start: started.start,
            end: self.made.elapsed(),
        };
        let mut queries = self.queries.lock().unwrap_or_else(PoisonError::into_inner);
        queries.push(query);
    }

    /// All that have ended, in that order.
    pub(crate) fn queries(&self) -> Vec<Query> {
        self.queries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

//! What lives as long as one request: the state of its context.
use crate::alive::Guard;
use crate::db::DbError;
use crate::site::Site;
use runce::Ctx;
use rusqlite::Connection;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

pub(crate) struct Visit {
    pub(crate) site: Ctx<Site>,
    began: Instant,
    queries: Mutex<Vec<Query>>,
    _alive: Guard,
}

/// A query that ran, for the panel. Times are since the request came.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) call: String,
    pub(crate) start: Duration,
    pub(crate) end: Duration,
}

impl Visit {
    pub(crate) fn new(site: &Ctx<Site>) -> Self {
        Self {
            site: site.clone(),
            began: Instant::now(),
            queries: Mutex::default(),
            _alive: site.state().alive.enter(|counts| &mut counts.contexts),
        }
    }

    /// Runs a query, and records it. Blocks the thread.
    pub(crate) fn query<T>(
        &self,
        call: String,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DbError> {
        let Site { db, alive } = self.site.state();
        let _running = alive.enter(|counts| &mut counts.queries);
        let start = self.began.elapsed();
        let result = db.with(work);
        let end = self.began.elapsed();
        self.record().push(Query { call, start, end });
        result
    }

    /// Those that ran so far, by their start.
    pub(crate) fn queries(&self) -> Vec<Query> {
        let mut queries = self.record().clone();
        queries.sort_by_key(|query| query.start);
        queries
    }

    fn record(&self) -> std::sync::MutexGuard<'_, Vec<Query>> {
        self.queries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

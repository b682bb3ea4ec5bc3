//! The state of the application: connections, and a record of what they are asked.
use crate::recorder::Recorder;
use rusqlite::{Connection, OpenFlags};
use std::fmt::{self, Debug};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::{Builder, Runtime};

/// How many queries run at the same time, at most.
const CONNECTIONS: usize = 4;

pub(crate) struct App {
    pool: Arc<Pool>,
    pub(crate) recorder: Arc<Recorder>,
}

#[derive(Debug)]
pub(crate) enum DbError {
    NoSuchUser(i64),
    NoSuchService(String),
    Sqlite(rusqlite::Error),
}

/// Idle connections. It needs no queue: the runtime has as many threads for queries as
/// we want connections.
struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// A runtime whose blocking threads are there for queries.
pub(crate) fn runtime() -> std::io::Result<Runtime> {
    let mut builder = Builder::new_multi_thread();
    builder.max_blocking_threads(CONNECTIONS);
    builder.build()
}

impl App {
    pub(crate) fn new(path: &Path) -> Self {
        Self {
            pool: Arc::new(Pool {
                path: path.to_owned(),
                idle: Mutex::default(),
            }),
            recorder: Arc::new(Recorder::new()),
        }
    }

    /// Runs a query on a thread that may block, and records it.
    pub(crate) async fn query<A, T>(
        &self,
        name: &'static str,
        argument: A,
        read: impl FnOnce(&Connection, A) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, DbError>
    where
        A: Debug + Send + 'static,
        T: Send + 'static,
    {
        let (pool, recorder) = (self.pool.clone(), self.recorder.clone());
        let query = move || {
            pool.with(|connection| {
                let started = recorder.start(name, format!("{argument:?}"));
                let rows = read(connection, argument);
                recorder.end(started);
                rows
            })
        };
        match tokio::task::spawn_blocking(query).await {
            Ok(rows) => Ok(rows?),
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }
}

impl Pool {
    fn with<T>(
        &self,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let found = idle().pop();
        let connection = match found {
            Some(connection) => connection,
            None => Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let rows = read(&connection);
        idle().push(connection);
        rows
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchUser(id) => write!(f, "there is no user {id}"),
            Self::NoSuchService(name) => write!(f, "the table `services` has no row `{name}`"),
            Self::Sqlite(error) => write!(f, "the database refused: {error}"),
        }
    }
}

impl std::error::Error for DbError {}

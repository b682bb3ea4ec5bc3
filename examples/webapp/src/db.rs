//! The database: connections that are used again, rows, and what can go wrong.
use crate::seed;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Needs no queue: the runtime has as many threads for queries as we want connections.
pub(crate) struct Db {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

#[derive(Debug)]
pub(crate) enum DbError {
    NoSuchUser(i64),
    NoSuchPost(i64),
    NoSuchService(String),
    Sqlite(rusqlite::Error),
}

/// What a row is read into.
pub(crate) trait Record: Sized {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self>;
}

impl Db {
    pub(crate) fn open(path: &Path) -> Result<Self, Box<dyn Error + Send + Sync>> {
        seed::ensure(path)?;
        Ok(Self {
            path: path.to_owned(),
            idle: Mutex::default(),
        })
    }

    /// Blocks the thread.
    pub(crate) fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DbError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let found = idle().pop();
        let connection = match found {
            Some(connection) => connection,
            None => Connection::open(&self.path)?,
        };
        let result = work(&connection);
        idle().push(connection);
        Ok(result?)
    }
}

pub(crate) fn one<R: Record>(
    db: &Connection,
    sql: &str,
    params: impl Params,
) -> rusqlite::Result<Option<R>> {
    let mut statement = db.prepare_cached(sql)?;
    statement.query_row(params, R::read).optional()
}

pub(crate) fn all<R: Record>(
    db: &Connection,
    sql: &str,
    params: impl Params,
) -> rusqlite::Result<Vec<R>> {
    let mut statement = db.prepare_cached(sql)?;
    statement.query_map(params, R::read)?.collect()
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
            Self::NoSuchPost(id) => write!(f, "there is no post {id}"),
            Self::NoSuchService(name) => write!(f, "the table `services` has no row `{name}`"),
            Self::Sqlite(error) => write!(f, "the database refused: {error}"),
        }
    }
}

impl Error for DbError {}

//! What lives as long as the process: its state, and a context that remembers the settings.
use crate::alive::Alive;
use crate::db::{Db, DbError, Record, one};
use crate::visit::Visit;
use runce::{Ctx, task};
use runce_tokio::Tokio;
use rusqlite::{Connection, Row};
use std::sync::Arc;
use std::time::Duration;

/// So late is noticed what somebody changed in the database by hand.
const SETTINGS_HOLD: Duration = Duration::from_secs(60);

pub(crate) struct Site {
    pub(crate) db: Db,
    pub(crate) alive: Alive,
}

#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) motto: String,
    /// How many posts the front page has.
    pub(crate) posts: u32,
}

/// What requests share depends on none of them: who hangs up while the settings are read
/// harms nobody.
pub(crate) fn open(db: Db, tokio: Tokio) -> Ctx<Site> {
    let alive = Alive::default();
    Ctx::builder(Site { db, alive })
        .executor(tokio)
        .finish_abandoned()
        .ttl(SETTINGS_HOLD)
        .build()
}

/// Remembered for all requests, until its time is up or somebody says
/// `site.invalidate(&settings())`.
#[task(blocking)]
pub(crate) fn settings(site: &Ctx<Site>) -> Result<Arc<Settings>, DbError> {
    let sql = "SELECT
        (SELECT value FROM settings WHERE name = 'motto'),
        (SELECT value FROM settings WHERE name = 'posts')";
    let found = site.state().db.with(|db| one(db, sql, []))?;
    found
        .map(Arc::new)
        .ok_or(DbError::Sqlite(rusqlite::Error::QueryReturnedNoRows))
}

/// Changes something: once in each request, therefore in the request's context.
#[task(blocking)]
pub(crate) fn save_motto(ctx: &Ctx<Visit>, motto: String) -> Result<usize, DbError> {
    let sql = "UPDATE settings SET value = ?1 WHERE name = 'motto'";
    let save = |db: &Connection| db.execute(sql, [motto]);
    ctx.state().query("save_motto(…)".into(), save)
}

impl Record for Settings {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            motto: row.get(0)?,
            posts: row.get(1)?,
        })
    }
}

//! The queries, as plain functions. Both ways to the page go through these.
use crate::db::{App, DbError};
use crate::model::{Comment, Post, Service, Subscription, User};
use rusqlite::{Connection, OptionalExtension, Params, Row};

/// Counts what they wrote in a table of all comments, so it is no cheap query.
pub(crate) async fn user(app: &App, id: i64) -> Result<User, DbError> {
    let read = |db: &Connection, id| {
        let sql = "SELECT id, name, (SELECT count(*) FROM comments WHERE author = users.id)
            FROM users WHERE id = ?1";
        one(db, sql, [id], |row| {
            Ok(User {
                id: row.get(0)?,
                name: row.get(1)?,
                comments: row.get(2)?,
            })
        })
    };
    app.query("user", id, read)
        .await?
        .ok_or(DbError::NoSuchUser(id))
}

pub(crate) async fn subscription(app: &App, user: i64) -> Result<Option<Subscription>, DbError> {
    let read = |db: &Connection, user| {
        let sql = "SELECT plan, renews FROM subscriptions WHERE user = ?1";
        one(db, sql, [user], |row| {
            Ok(Subscription {
                plan: row.get(0)?,
                renews: row.get(1)?,
            })
        })
    };
    app.query("subscription", user, read).await
}

/// The latest posts of a user.
pub(crate) async fn posts(app: &App, author: i64, limit: u32) -> Result<Vec<Post>, DbError> {
    let read = |db: &Connection, (author, limit)| {
        let sql = "SELECT id, author, title FROM posts WHERE author = ?1 ORDER BY id DESC LIMIT ?2";
        all(db, sql, (author, limit), |row| {
            Ok(Post {
                id: row.get(0)?,
                author: row.get(1)?,
                title: row.get(2)?,
            })
        })
    };
    app.query("posts", (author, limit), read).await
}

pub(crate) async fn comments(app: &App, post: i64) -> Result<Vec<Comment>, DbError> {
    let read = |db: &Connection, post| {
        let sql = "SELECT author, text FROM comments WHERE post = ?1 ORDER BY id";
        all(db, sql, [post], |row| {
            Ok(Comment {
                author: row.get(0)?,
                text: row.get(1)?,
            })
        })
    };
    app.query("comments", post, read).await
}

/// Whom a user follows.
pub(crate) async fn followed(app: &App, user: i64) -> Result<Vec<i64>, DbError> {
    let read = |db: &Connection, user| {
        let sql = "SELECT followed FROM follows WHERE follower = ?1 ORDER BY followed";
        all(db, sql, [user], |row| row.get(0))
    };
    app.query("followed", user, read).await
}

pub(crate) async fn service(app: &App, name: &str) -> Result<Service, DbError> {
    let read = |db: &Connection, name: String| {
        let sql = "SELECT account FROM services WHERE name = ?1";
        one(db, sql, [name], |row| {
            Ok(Service {
                account: row.get(0)?,
            })
        })
    };
    let found = app.query("service", name.to_owned(), read).await?;
    found.ok_or_else(|| DbError::NoSuchService(name.to_owned()))
}

fn one<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    db.prepare_cached(sql)?.query_row(params, read).optional()
}

fn all<T>(
    db: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    db.prepare_cached(sql)?.query_map(params, read)?.collect()
}

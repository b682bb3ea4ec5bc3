//! The pages as tasks: each asks for what it needs, whoever else asked for it before.
//!
//! Users are loaded one by one, by whoever shows a name: where that would be a query for each
//! comment, it is one for each user.
use crate::db::{DbError, Record, all, one};
use crate::visit::Visit;
use runce::{Ctx, Error, task};
use rusqlite::Row;
use std::sync::Arc;

#[derive(Debug)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) city: String,
}

#[derive(Debug)]
pub(crate) struct Post {
    pub(crate) id: i64,
    pub(crate) author: i64,
    pub(crate) title: String,
    pub(crate) text: String,
}

#[derive(Debug)]
pub(crate) struct Comment {
    pub(crate) author: i64,
    pub(crate) text: String,
}

/// Something, and who wrote it.
pub(crate) type Signed<T> = (Arc<User>, T);

#[task(blocking)]
pub(crate) fn user(ctx: &Ctx<Visit>, id: i64) -> Result<Arc<User>, DbError> {
    let sql = "SELECT id, name, city FROM users WHERE id = ?1";
    let found = ctx
        .state()
        .query(format!("user({id})"), |db| one(db, sql, [id]));
    found?.map(Arc::new).ok_or(DbError::NoSuchUser(id))
}

#[task(blocking)]
fn post(ctx: &Ctx<Visit>, id: i64) -> Result<Arc<Post>, DbError> {
    let sql = "SELECT id, author, title, text FROM posts WHERE id = ?1";
    let found = ctx
        .state()
        .query(format!("post({id})"), |db| one(db, sql, [id]));
    found?.map(Arc::new).ok_or(DbError::NoSuchPost(id))
}

#[task(blocking)]
fn latest(ctx: &Ctx<Visit>, count: u32) -> Result<Arc<[Arc<Post>]>, DbError> {
    let sql = "SELECT id, author, title, text FROM posts ORDER BY id DESC LIMIT ?1";
    let call = format!("latest({count})");
    let posts = ctx.state().query(call, |db| all(db, sql, [count]))?;
    Ok(posts.into_iter().map(Arc::new).collect())
}

#[task(blocking)]
fn posts_by(ctx: &Ctx<Visit>, author: i64) -> Result<Arc<[Post]>, DbError> {
    let sql =
        "SELECT id, author, title, text FROM posts WHERE author = ?1 ORDER BY id DESC LIMIT 10";
    let call = format!("posts_by({author})");
    Ok(ctx.state().query(call, |db| all(db, sql, [author]))?.into())
}

#[task(blocking)]
fn comments(ctx: &Ctx<Visit>, post: i64) -> Result<Arc<[Comment]>, DbError> {
    let sql = "SELECT author, text FROM comments WHERE post = ?1 ORDER BY id";
    let call = format!("comments({post})");
    Ok(ctx.state().query(call, |db| all(db, sql, [post]))?.into())
}

/// Who wrote the most comments.
#[task(blocking)]
fn busiest(ctx: &Ctx<Visit>) -> Result<Arc<[i64]>, DbError> {
    let sql = "SELECT author FROM comments GROUP BY author ORDER BY count(*) DESC, author LIMIT 8";
    Ok(ctx
        .state()
        .query("busiest()".into(), |db| all(db, sql, []))?
        .into())
}

/// Whom a user follows.
#[task(blocking)]
fn followed(ctx: &Ctx<Visit>, user: i64) -> Result<Arc<[i64]>, DbError> {
    let sql = "SELECT followed FROM follows WHERE follower = ?1 ORDER BY followed";
    let call = format!("followed({user})");
    Ok(ctx.state().query(call, |db| all(db, sql, [user]))?.into())
}

#[task(blocking)]
fn service(ctx: &Ctx<Visit>, name: &str) -> Result<i64, DbError> {
    let sql = "SELECT account FROM services WHERE name = ?1";
    let call = format!("service({name:?})");
    let found = ctx.state().query(call, |db| one(db, sql, [name]))?;
    found.ok_or_else(|| DbError::NoSuchService(name.to_owned()))
}

/// The latest posts, and the busiest users. Most of those wrote some of these.
#[task]
pub(crate) async fn front(
    ctx: &Ctx<Visit>,
    count: u32,
) -> Result<(Vec<Signed<Arc<Post>>>, Vec<Arc<User>>), Error> {
    let (posts, busiest) = ctx.run_parallel((latest(count), busiest())).await?;
    let authors = posts.iter().map(|post| user(post.author));
    let authors = ctx.run_each(authors).await?;
    let users = ctx.run_each(busiest.iter().map(|&id| user(id))).await?;
    Ok((
        authors.into_iter().zip(posts.iter().cloned()).collect(),
        users,
    ))
}

/// The comments below a post, with their authors.
#[task]
async fn discussion(ctx: &Ctx<Visit>, post: i64) -> Result<Vec<Signed<String>>, Error> {
    let comments = ctx.run(comments(post)).await?;
    let authors = comments.iter().map(|comment| user(comment.author));
    let authors = ctx.run_each(authors).await?;
    let texts = comments.iter().map(|comment| comment.text.clone());
    Ok(authors.into_iter().zip(texts).collect())
}

/// A post and its author, and what was said about it: at the same time.
#[task]
pub(crate) async fn thread(
    ctx: &Ctx<Visit>,
    id: i64,
) -> Result<(Signed<Arc<Post>>, Vec<Signed<String>>), Error> {
    let (post, discussion) = ctx.run_parallel((signed(id), discussion(id))).await?;
    Ok((post, discussion))
}

#[task]
async fn signed(ctx: &Ctx<Visit>, id: i64) -> Result<Signed<Arc<Post>>, Error> {
    let post = ctx.run(post(id)).await?;
    Ok((ctx.run(user(post.author)).await?, post))
}

/// Whom a user follows, by name.
#[task]
async fn friends(ctx: &Ctx<Visit>, id: i64) -> Result<Vec<Arc<User>>, Error> {
    let followed = ctx.run(followed(id)).await?;
    ctx.run_each(followed.iter().map(|&id| user(id))).await
}

#[task]
pub(crate) async fn profile(
    ctx: &Ctx<Visit>,
    id: i64,
) -> Result<(Arc<User>, Arc<[Post]>, Vec<Arc<User>>), Error> {
    ctx.run_parallel((user(id), posts_by(id), friends(id)))
        .await
}

/// Fails: the service is not in the database.
#[task]
pub(crate) async fn recommendations(ctx: &Ctx<Visit>) -> Result<Arc<[Post]>, Error> {
    let account = ctx.run(service("recommender")).await?;
    ctx.run(posts_by(account)).await
}

impl Record for User {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (id, name, city) = row.try_into()?;
        Ok(Self { id, name, city })
    }
}

impl Record for Post {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (id, author, title, text) = row.try_into()?;
        Ok(Self {
            id,
            author,
            title,
            text,
        })
    }
}

impl Record for Comment {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let (author, text) = row.try_into()?;
        Ok(Self { author, text })
    }
}

impl Record for i64 {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        row.get(0)
    }
}

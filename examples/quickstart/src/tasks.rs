//! The page as tasks: each asks for what it needs, whoever else asked for it before.
use crate::db::{App, DbError};
use crate::model::{Comment, Page, Post, Service, Signed, Subscription, Thread, User};
use crate::queries;
use runce::{Ctx, Error, task};
use std::fmt;
use std::sync::Arc;

#[task]
pub(crate) async fn user(ctx: &Ctx<App>, id: i64) -> Result<Arc<User>, DbError> {
    queries::user(ctx.state(), id).await.map(Arc::new)
}

#[task]
async fn subscription(ctx: &Ctx<App>, user: i64) -> Result<Arc<Option<Subscription>>, DbError> {
    queries::subscription(ctx.state(), user).await.map(Arc::new)
}

#[task]
async fn posts(ctx: &Ctx<App>, author: i64, limit: u32) -> Result<Arc<Vec<Post>>, DbError> {
    queries::posts(ctx.state(), author, limit)
        .await
        .map(Arc::new)
}

#[task]
async fn comments(ctx: &Ctx<App>, post: i64) -> Result<Arc<Vec<Comment>>, DbError> {
    queries::comments(ctx.state(), post).await.map(Arc::new)
}

#[task]
async fn followed(ctx: &Ctx<App>, user: i64) -> Result<Arc<Vec<i64>>, DbError> {
    queries::followed(ctx.state(), user).await.map(Arc::new)
}

#[task]
async fn service(ctx: &Ctx<App>, name: &str) -> Result<Arc<Service>, DbError> {
    queries::service(ctx.state(), name).await.map(Arc::new)
}

/// The comments below a post, with their authors.
#[task]
async fn discussion(ctx: &Ctx<App>, post: i64) -> Result<Arc<Vec<Signed>>, Error> {
    let comments = ctx.run(comments(post)).await?;
    let calls: Vec<_> = comments
        .iter()
        .map(|comment| user(comment.author))
        .collect();
    let authors = ctx.run_parallel(calls).await?;
    let texts = comments.iter().map(|comment| &comment.text);
    Ok(Arc::new(signed(authors, texts)))
}

/// The posts of a user, with what was said about them.
#[task]
async fn threads(ctx: &Ctx<App>, author: i64, limit: u32) -> Result<Arc<Vec<Thread>>, Error> {
    let posts = ctx.run(posts(author, limit)).await?;
    let calls: Vec<_> = posts.iter().map(|post| discussion(post.id)).collect();
    let discussions = ctx.run_parallel(calls).await?;
    let thread = |(post, comments): (&Post, _)| Thread {
        title: post.title.clone(),
        comments,
    };
    Ok(Arc::new(
        posts.iter().zip(discussions).map(thread).collect(),
    ))
}

/// The latest posts of those whom a user follows.
#[task]
async fn feed(ctx: &Ctx<App>, reader: i64) -> Result<Arc<Vec<Signed>>, Error> {
    let followed = ctx.run(followed(reader)).await?;
    let calls: Vec<_> = followed.iter().map(|&author| posts(author, 3)).collect();
    let latest = ctx.run_parallel(calls).await?;
    let posts = || latest.iter().flat_map(|posts| posts.iter());
    let calls: Vec<_> = posts().map(|post| user(post.author)).collect();
    let authors = ctx.run_parallel(calls).await?;
    Ok(Arc::new(signed(authors, posts().map(|post| &post.title))))
}

#[task]
pub(crate) async fn recommendations(
    ctx: &Ctx<App>,
    reader: i64,
) -> Result<Arc<Vec<Post>>, NoAdvice> {
    let found = async {
        let service = ctx.run(service("recommender")).await?;
        ctx.run(posts(service.account, 3)).await
    };
    found.await.map_err(|source| NoAdvice { reader, source })
}

#[task]
pub(crate) async fn page(ctx: &Ctx<App>, id: i64, limit: u32) -> Result<Arc<Page>, Error> {
    let calls = (user(id), subscription(id), threads(id, limit), feed(id));
    let (user, subscription, threads, feed) = ctx.run_parallel(calls).await?;
    // On its own: in the group, its failure would be that of the page.
    let recommendations = match ctx.run(recommendations(id)).await {
        Ok(recommendations) => Some(recommendations),
        Err(error) if error.find::<NoAdvice>().is_some() => None,
        // Cancelled, say: that concerns the whole page.
        Err(error) => return Err(error),
    };
    Ok(Arc::new(Page {
        user,
        subscription,
        threads,
        feed,
        recommendations,
    }))
}

fn signed<'a>(authors: Vec<Arc<User>>, texts: impl Iterator<Item = &'a String>) -> Vec<Signed> {
    let sign = |(author, text): (_, &String)| Signed {
        author,
        text: text.clone(),
    };
    authors.into_iter().zip(texts).map(sign).collect()
}

/// There are no recommendations, for the reason that is its source.
#[derive(Debug)]
pub(crate) struct NoAdvice {
    reader: i64,
    source: Error,
}

impl fmt::Display for NoAdvice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nothing can be recommended to user {}", self.reader)
    }
}

impl std::error::Error for NoAdvice {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

//! The same page by plain functions: one query after the other, again and again.
use crate::db::{App, DbError};
use crate::model::{Page, Post, Signed, Thread};
use crate::queries::{comments, followed, posts, service, subscription, user};
use std::sync::Arc;

pub(crate) async fn page(app: &App, id: i64, limit: u32) -> Result<Page, DbError> {
    Ok(Page {
        user: Arc::new(user(app, id).await?),
        subscription: Arc::new(subscription(app, id).await?),
        threads: Arc::new(threads(app, id, limit).await?),
        feed: Arc::new(feed(app, id).await?),
        recommendations: recommendations(app).await.ok().map(Arc::new),
    })
}

async fn threads(app: &App, author: i64, limit: u32) -> Result<Vec<Thread>, DbError> {
    let mut threads = Vec::new();
    for post in posts(app, author, limit).await? {
        let comments = Arc::new(discussion(app, post.id).await?);
        threads.push(Thread {
            title: post.title,
            comments,
        });
    }
    Ok(threads)
}

/// A query for the comments, and one more for each of them.
async fn discussion(app: &App, post: i64) -> Result<Vec<Signed>, DbError> {
    let mut signed = Vec::new();
    for comment in comments(app, post).await? {
        let author = Arc::new(user(app, comment.author).await?);
        signed.push(Signed {
            author,
            text: comment.text,
        });
    }
    Ok(signed)
}

async fn feed(app: &App, reader: i64) -> Result<Vec<Signed>, DbError> {
    let mut signed = Vec::new();
    for followed in followed(app, reader).await? {
        for post in posts(app, followed, 3).await? {
            let author = Arc::new(user(app, post.author).await?);
            signed.push(Signed {
                author,
                text: post.title,
            });
        }
    }
    Ok(signed)
}

async fn recommendations(app: &App) -> Result<Vec<Post>, DbError> {
    let service = service(app, "recommender").await?;
    posts(app, service.account, 3).await
}

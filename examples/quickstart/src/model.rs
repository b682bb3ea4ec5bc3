//! What the rows are, and the page that is made of them.
use std::sync::Arc;

#[derive(Debug, PartialEq)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
    /// How many comments they wrote.
    pub(crate) comments: i64,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Subscription {
    pub(crate) plan: String,
    pub(crate) renews: String,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Post {
    pub(crate) id: i64,
    pub(crate) author: i64,
    pub(crate) title: String,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Comment {
    pub(crate) author: i64,
    pub(crate) text: String,
}

/// A service of ours, and the user whose posts it shows.
#[derive(Debug, PartialEq)]
pub(crate) struct Service {
    pub(crate) account: i64,
}

/// A text, such as a comment's or a post's title, by somebody.
#[derive(Debug, PartialEq)]
pub(crate) struct Signed {
    pub(crate) author: Arc<User>,
    pub(crate) text: String,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Thread {
    pub(crate) title: String,
    pub(crate) comments: Arc<Vec<Signed>>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Page {
    pub(crate) user: Arc<User>,
    pub(crate) subscription: Arc<Option<Subscription>>,
    pub(crate) threads: Arc<Vec<Thread>>,
    pub(crate) feed: Arc<Vec<Signed>>,
    /// The page is shown without them if they fail.
    pub(crate) recommendations: Option<Arc<Vec<Post>>>,
}

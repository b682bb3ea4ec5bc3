//! What the program prints.
use crate::model::Page;
use crate::recorder::Query;
use crate::timeline::{elapsed, most_at_once, timeline};
use runce::{Error, Stats};
use std::collections::HashSet;
use std::fmt::{self, Formatter};
use std::sync::Arc;
use std::time::Duration;

/// In the order in which they are listed.
pub(crate) const NAMES: [&str; 6] = [
    "user",
    "subscription",
    "posts",
    "comments",
    "followed",
    "service",
];

pub(crate) struct Report {
    pub(crate) page: Arc<Page>,
    pub(crate) same: bool,
    pub(crate) failure: Option<Error>,
    pub(crate) stats: Stats,
    pub(crate) naive: Vec<Query>,
    pub(crate) tasks: Vec<Query>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.page(f)?;
        self.table(f)?;
        self.verdict(f)?;
        timeline(f, "without a context", &self.naive)?;
        timeline(f, "with a context", &self.tasks)
    }
}

impl Report {
    fn page(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let page = &*self.page;
        write!(
            f,
            "The page of {} (user {}, {} comments)",
            page.user.name, page.user.id, page.user.comments
        )?;
        if let Some(subscription) = &*page.subscription {
            write!(
                f,
                ", plan {} until {}",
                subscription.plan, subscription.renews
            )?;
        }
        let comments: usize = page
            .threads
            .iter()
            .map(|thread| thread.comments.len())
            .sum();
        let (posts, feed) = (page.threads.len(), page.feed.len());
        writeln!(
            f,
            "\n  {posts} posts with {comments} comments, {feed} posts in the feed"
        )?;
        if let Some(thread) = page.threads.first() {
            writeln!(f, "  latest: {}", thread.title)?;
        }
        match (&page.recommendations, &self.failure) {
            (Some(posts), _) => writeln!(f, "  {} recommendations", posts.len()),
            (None, Some(error)) => writeln!(f, "  no recommendations: {error:#}"),
            (None, None) => writeln!(f, "  no recommendations"),
        }
    }

    fn table(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\n{:14}{:>22}{:>22}",
            "", "without a context", "with a context"
        )?;
        writeln!(
            f,
            "{:14}{:>10}{:>12}{:>10}{:>12}",
            "query", "asked=run", "time", "run", "time"
        )?;
        for name in NAMES {
            self.row(f, name, |query| query.name == name)?;
        }
        self.row(f, "all", |_| true)?;
        let (naive, tasks) = (elapsed(&self.naive), elapsed(&self.tasks));
        writeln!(
            f,
            "{:14}{:>22}{:>22}",
            "first to last",
            millis(naive),
            millis(tasks)
        )
    }

    fn row(
        &self,
        f: &mut Formatter<'_>,
        name: &str,
        which: impl Fn(&Query) -> bool,
    ) -> fmt::Result {
        write!(f, "{name:14}")?;
        for queries in [&self.naive, &self.tasks] {
            let times = queries
                .iter()
                .filter(|query| which(query))
                .map(|query| query.end - query.start);
            write!(
                f,
                "{:>10}{:>12}",
                times.clone().count(),
                millis(times.sum())
            )?;
        }
        writeln!(f)
    }

    fn verdict(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (naive, tasks) = (most_at_once(&self.naive), most_at_once(&self.tasks));
        writeln!(
            f,
            "\nmost queries at the same time: {naive} without a context, {tasks} with one"
        )?;
        writeln!(
            f,
            "each distinct query ran once: {}",
            yes(each_once(&self.tasks))
        )?;
        writeln!(f, "both gave the same page: {}", yes(self.same))?;
        let Stats {
            runs,
            hits,
            joins,
            failed,
            ..
        } = self.stats;
        writeln!(
            f,
            "the context: {runs} runs ({failed} failed), {hits} hits, {joins} joins\n  \
             (a hit is answered from memory, a join by a run that is in flight: nothing runs again)"
        )
    }
}

/// Was no query asked twice with the same argument?
pub(crate) fn each_once(queries: &[Query]) -> bool {
    let mut seen = HashSet::new();
    queries
        .iter()
        .all(|query| seen.insert((query.name, &*query.argument)))
}

pub(crate) fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn yes(so: bool) -> &'static str {
    if so { "yes" } else { "no" }
}

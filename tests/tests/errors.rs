//! What a caller reads when something is wrong.
#![allow(missing_docs, clippy::unwrap_used)]

use anyhow::Context as _;
use runce::{Call, Ctx, Error, ErrorKind, Executor, Job, Task, Work, task};
use runce_tests::now;
use std::error::Error as _;
use std::fmt;
use std::panic::{catch_unwind, resume_unwind};
use std::thread;

#[derive(Debug, PartialEq)]
struct NoSuchUser(u64);

impl fmt::Display for NoSuchUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no user {}", self.0)
    }
}

impl std::error::Error for NoSuchUser {}

/// An application's own error, with runce's among its sources.
#[derive(Debug)]
enum AppError {
    Task(Error),
    Empty,
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Task(_) => f.write_str("the page could not be loaded"),
            Self::Empty => f.write_str("the page is empty"),
        }
    }
}

impl std::error::Error for AppError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Task(error) => Some(error),
            Self::Empty => None,
        }
    }
}

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        Self::Task(error)
    }
}

#[task]
async fn user(id: u64) -> Result<u64, NoSuchUser> {
    if id == 7 { Err(NoSuchUser(id)) } else { Ok(id) }
}

#[task]
async fn page(ctx: &Ctx, ids: Vec<u64>) -> Result<u64, AppError> {
    if ids.is_empty() {
        return Err(AppError::Empty);
    }
    let users = ids.into_iter().map(user).collect::<Vec<_>>();
    Ok(ctx.run_parallel(users).await?.into_iter().sum())
}

/// Passes on what it got.
#[task]
async fn site(ctx: &Ctx, ids: Vec<u64>) -> Result<u64, Error> {
    ctx.run(page(ids)).await
}

fn fails<T: fmt::Debug>(outcome: Result<T, Error>) -> Error {
    outcome.unwrap_err()
}

#[test]
fn chain_through_an_own_enum_and_a_group() {
    let error = fails(now(Ctx::new(()).run(site(vec![1, 7, 2]))));
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(error.to_string(), "task `page([1, 7, 2])` failed");
    assert_eq!(
        format!("{error:#}"),
        "task `page([1, 7, 2])` failed: the page could not be loaded: task `user(7)` failed: \
         no user 7"
    );
    assert_eq!(error.find::<NoSuchUser>(), Some(&NoSuchUser(7)));
    assert!(matches!(error.find(), Some(AppError::Task(_))));
    let source = error.source().unwrap();
    assert_eq!(source.to_string(), "the page could not be loaded");
    let error = fails(now(Ctx::new(()).run(page(vec![]))));
    assert!(matches!(error.find(), Some(AppError::Empty)));
    assert!(error.find::<NoSuchUser>().is_none());
}

#[task]
async fn text(n: u64) -> Result<u64, String> {
    Err(format!("{n} is out of range"))
}

#[test]
fn a_string_is_an_error() {
    let error = fails(now(Ctx::new(()).run(text(3))));
    assert_eq!(
        format!("{error:#}"),
        "task `text(3)` failed: 3 is out of range"
    );
}

#[task]
async fn with_context(ctx: &Ctx, id: u64) -> anyhow::Result<u64> {
    let found = ctx.run(user(id)).await.context("looking for the author")?;
    Ok(found)
}

#[task]
async fn as_it_is(ctx: &Ctx, id: u64) -> anyhow::Result<u64> {
    Ok(ctx.run(user(id)).await?)
}

#[task]
async fn own_in_anyhow(id: u64) -> anyhow::Result<u64> {
    Err(NoSuchUser(id).into())
}

#[test]
fn anyhow_is_kept_whole() {
    let ctx = Ctx::new(());
    let error = fails(now(ctx.run(with_context(7))));
    assert_eq!(
        format!("{error:#}"),
        "task `with_context(7)` failed: looking for the author: task `user(7)` failed: no user 7"
    );
    assert_eq!(error.find::<NoSuchUser>(), Some(&NoSuchUser(7)));
    let error = fails(now(ctx.run(own_in_anyhow(8))));
    assert_eq!(error.find::<NoSuchUser>(), Some(&NoSuchUser(8)));
    assert_eq!(
        error.source().unwrap().downcast_ref::<NoSuchUser>(),
        Some(&NoSuchUser(8))
    );
}

/// Nothing was added to it: it is passed on, not wrapped again.
#[test]
fn an_error_of_ours_is_passed_on_also_in_anyhow() {
    let error = fails(now(Ctx::new(()).run(as_it_is(7))));
    assert_eq!(format!("{error:#}"), "task `user(7)` failed: no user 7");
}

#[task]
async fn ping(ctx: &Ctx, n: u64) -> anyhow::Result<u64> {
    let below = Box::pin(ctx.run(pong(n))).await.context("asking pong")?;
    Ok(below)
}

#[task]
async fn pong(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    Box::pin(ctx.run(ping(n))).await
}

/// And such an error is not remembered, whatever it was wrapped in.
#[test]
fn law_cancellation_is_not_an_outcome_cycles_read_well() {
    let ctx = Ctx::new(());
    let error = fails(now(ctx.run(ping(1))));
    assert_eq!(
        format!("{error:#}"),
        "task `ping(1)` failed: asking pong: task `pong(1)` would wait for itself: \
         pong(1) → ping(1) → pong(1)"
    );
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(ctx.len(), 0, "nothing is remembered");
}

#[task]
async fn panics(n: u64) -> u64 {
    assert!(n > 9, "{n} is too little");
    n
}

/// Its destructor, which runs while the panic unwinds, drops what is caught by itself.
#[task]
async fn panics_below(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    let _unfinished = ctx.run(panics(n + 100));
    ctx.run(panics(n)).await
}

#[test]
fn law_panics_are_outcomes_and_say_where() {
    runce::record_panic_locations();
    runce::record_panic_locations();
    let error = fails(now(Ctx::new(()).run(panics_below(4))));
    let place = concat!("task `panics(4)` panicked at ", file!(), ":");
    assert_eq!(error.kind(), ErrorKind::Panicked);
    let text = error.to_string();
    assert!(text.starts_with(place), "{text}");
    assert!(text.ends_with(": 4 is too little"), "{text}");
}

#[test]
fn an_error_and_all_its_causes_from_the_outermost() {
    let error = fails(now(Ctx::new(()).run(page(vec![7]))));
    let causes: Vec<_> = error.causes().map(ToString::to_string).collect();
    let expected = [
        "task `page([7])` failed",
        "the page could not be loaded",
        "task `user(7)` failed",
        "no user 7",
    ];
    assert_eq!(causes, expected);
}

/// Not from where something else panicked on this thread, before.
#[test]
fn what_a_task_resumes_comes_from_nowhere_known() {
    #[task]
    async fn resumes() {
        resume_unwind(Box::new("planned"))
    }

    runce::record_panic_locations();
    assert!(catch_unwind(|| panic!("elsewhere")).is_err());
    let error = now(Ctx::new(()).run(resumes())).unwrap_err();
    assert_eq!(error.to_string(), "task `resumes()` panicked: planned");
}

/// A destructor runs another task while a panic unwinds.
#[test]
fn law_panics_are_outcomes_and_say_where_whatever_runs_meanwhile() {
    struct Asks(Ctx);

    impl Drop for Asks {
        fn drop(&mut self) {
            assert_eq!(now(self.0.run(panics(10))).unwrap(), 10);
        }
    }

    #[task]
    async fn asks_and_panics() {
        let _asks = Asks(Ctx::new(()));
        panic!("then")
    }

    runce::record_panic_locations();
    let error = now(Ctx::new(()).run(asks_and_panics())).unwrap_err();
    let text = error.to_string();
    let place = concat!("task `asks_and_panics()` panicked at ", file!(), ":");
    assert!(
        text.starts_with(place) && text.ends_with(": then"),
        "{text}"
    );
}

#[test]
fn law_panics_are_outcomes_and_say_where_on_another_thread() {
    struct Apart;

    impl Executor for Apart {
        fn spawn(&self, job: Job) {
            drop(job);
        }

        fn spawn_blocking(&self, work: Work) {
            thread::spawn(|| work.run()).join().unwrap();
        }
    }

    #[task(blocking)]
    fn broken() -> u64 {
        panic!("there")
    }

    runce::record_panic_locations();
    let ctx = Ctx::builder(()).executor(Apart).build();
    let text = now(ctx.run(broken())).unwrap_err().to_string();
    let place = concat!("task `broken()` panicked at ", file!(), ":");
    assert!(
        text.starts_with(place) && text.ends_with(": there"),
        "{text}"
    );
}

#[test]
fn labels_are_cut() {
    let ctx = Ctx::new(());
    let error = fails(now(ctx.run(page((0..1000).collect()))));
    let label = error.to_string();
    assert!(label.starts_with("task `page([0, 1, 2,"), "{label}");
    assert!(label.chars().count() < 90, "{label}");
    assert!(label.contains('…'), "{label}");
}

struct Down;

impl Task<()> for Down {
    type Input = usize;
    type Output = ();
    type Error = Box<dyn std::error::Error + Send + Sync>;

    async fn run(ctx: &Ctx, n: usize) -> Result<(), Self::Error> {
        match n {
            0 => Err("no such thing".into()),
            _ => match Box::pin(ctx.run(Call::<Self, _>::new(n - 1))).await {
                Ok(()) => Ok(()),
                Err(below) => Err(Box::new(Wrapped(below))),
            },
        }
    }

    fn label(n: &usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "down({n})")
    }
}

/// An error of the application, which says what it wraps.
#[derive(Debug)]
struct Wrapped(Error);

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("below")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// The text of an error that came up through so many tasks.
fn text_through(levels: usize) -> String {
    let ctx = Ctx::new(());
    let run = ctx.run(Call::<Down, _>::new(levels - 1));
    format!("{:#}", now(run).unwrap_err())
}

/// More than 64 levels: the outermost are named, the others counted, and there is the root.
#[test]
fn law_stack_safe_an_error_through_many_tasks_names_some_and_counts_the_others() {
    assert_eq!(text_through(64).matches("`down(").count(), 64);
    assert_eq!(
        text_through(65),
        "task `down(64)` failed: through `down(63)`, and 62 more tasks: \
         task `down(0)` failed: no such thing"
    );
    let text = text_through(90);
    assert_eq!(text.matches("`down(").count(), 1 + 8 + 1, "{text}");
    assert!(
        text.contains("`down(81)`, and 80 more tasks: task `down(0)`"),
        "{text}"
    );
}

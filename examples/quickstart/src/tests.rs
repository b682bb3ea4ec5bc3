//! What the example promises.
use crate::args::{self, Args, Command};
use crate::db::{self, App, DbError};
use crate::{explain, naive, report, run, seed, tasks, timeline};
use runce::Ctx;
use runce_tokio::Tokio;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// A new file beside the test program, for all tests.
fn file() -> &'static Path {
    static FILE: OnceLock<PathBuf> = OnceLock::new();
    FILE.get_or_init(|| {
        let program = std::env::current_exe().expect("we are running");
        let path = program.with_extension("sqlite");
        let _ = std::fs::remove_file(&path);
        seed::ensure(&path).expect("the target directory takes files");
        path
    })
}

fn block_on<F: Future>(future: F) -> F::Output {
    db::runtime()
        .expect("threads can be started")
        .block_on(future)
}

fn context() -> (Arc<App>, Ctx<App>) {
    let app = Arc::new(App::new(file()));
    let tokio = Tokio::current().expect("we are in a runtime");
    let ctx = Ctx::builder_shared(app.clone()).executor(tokio).build();
    (app, ctx)
}

fn parse(line: &str) -> Result<Command, String> {
    args::parse(line.split_whitespace().map(str::to_owned))
}

#[test]
fn with_a_context_each_query_runs_once() {
    block_on(async {
        let (app, ctx) = context();
        ctx.run(tasks::page(42, 10)).await.expect("user 42 exists");
        ctx.run(tasks::page(42, 10)).await.expect("user 42 exists");
        assert!(report::each_once(&app.recorder.queries()));
    });
}

#[test]
fn without_a_context_queries_run_again_for_the_same_page() {
    block_on(async {
        let (app, ctx) = context();
        let page = ctx.run(tasks::page(42, 10)).await.expect("user 42 exists");
        let plain = App::new(file());
        assert_eq!(
            *page,
            naive::page(&plain, 42, 10).await.expect("user 42 exists")
        );
        let queries = plain.recorder.queries();
        assert!(!report::each_once(&queries));
        assert!(queries.len() > app.recorder.queries().len());
        assert_eq!(timeline::most_at_once(&queries), 1);
    });
}

#[test]
fn the_page_is_shown_without_what_failed() {
    block_on(async {
        let (app, ctx) = context();
        let page = ctx.run(tasks::page(42, 10)).await.expect("user 42 exists");
        assert_eq!(page.recommendations, None);
        assert!(!page.threads.is_empty() && !page.feed.is_empty());
        let before = app.recorder.queries().len();
        let error = ctx
            .run(tasks::recommendations(42))
            .await
            .expect_err("the row is missing");
        assert_eq!(
            app.recorder.queries().len(),
            before,
            "the failure is remembered"
        );
        assert_eq!(
            format!("{error:#}"),
            "task `recommendations(42)` failed: nothing can be recommended to user 42: \
             task `service(\"recommender\")` failed: the table `services` has no row `recommender`"
        );
        assert!(matches!(error.find(), Some(DbError::NoSuchService(_))));
    });
}

#[test]
fn an_unknown_user_is_named() {
    let args = Args {
        user: 99_999,
        db: file().to_owned(),
        ..Args::default()
    };
    let error = run(&args).err().expect("there are not that many users");
    assert_eq!(explain(&*error), "there is no user 99999");
}

#[test]
fn arguments_are_read() {
    assert_eq!(parse(""), Ok(Command::Load(Args::default())));
    assert_eq!(parse("--user 7 --help"), Ok(Command::Help));
    let args = Args {
        user: 7,
        posts: 3,
        db: "x.sqlite".into(),
    };
    assert_eq!(
        parse("--user 7 --posts 3 --db x.sqlite"),
        Ok(Command::Load(args))
    );
}

#[test]
fn bad_arguments_are_refused_by_name() {
    let refused = |line, why: &str| assert_eq!(parse(line), Err(why.to_owned()));
    refused("--user", "--user needs a value");
    refused("--user ann", "--user takes a number, not `ann`");
    refused("--posts -1", "--posts takes a number, not `-1`");
    refused("--posts 0", "--posts takes 1 to 100, not 0");
    refused(
        "--colour red",
        "`--colour` is not an argument of this program",
    );
}

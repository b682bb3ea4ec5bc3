//! Running tasks that depend on each other, in one context and in several.
use crate::{Log, gated, logged, noted};
use runce::{Ctx, Error, task};
use runce_tests::{Gate, counter, finish, now, poll, yields};
use std::collections::BTreeMap;
use std::sync::Arc;

#[test]
fn a_task_runs() {
    #[task]
    async fn hello(name: &str) -> String {
        format!("Hello, {name}")
    }
    assert_eq!(
        now(Ctx::new(()).run(hello("World"))).unwrap(),
        "Hello, World"
    );
}

/// Each waits for the other to have begun.
#[test]
fn different_tasks_run_in_parallel() {
    type Gates = (Gate, Gate);
    #[task]
    async fn double(ctx: &Ctx<Gates>, n: u64) -> u64 {
        ctx.state().0.open();
        ctx.state().1.wait().await;
        n * 2
    }
    #[task]
    async fn append(ctx: &Ctx<Gates>, text: &str) -> String {
        ctx.state().1.open();
        ctx.state().0.wait().await;
        format!("{text}3")
    }
    let ctx = Ctx::new(Gates::default());
    let group = now(ctx.run_parallel((double(5), append("3")))).unwrap();
    assert_eq!(group, (10, "33".to_string()));
}

#[test]
fn a_task_depends_on_another() {
    #[task]
    async fn auth(id: &str) -> String {
        format!("token-{id}")
    }
    #[task]
    async fn user(ctx: &Ctx, id: &str) -> Result<String, Error> {
        let token = ctx.run(auth(id)).await?;
        Ok(format!("user-{token}"))
    }
    assert_eq!(
        now(Ctx::new(()).run(user("123"))).unwrap(),
        "user-token-123"
    );
}

#[test]
fn three_concurrent_callers_share_one_run() {
    let ctx = logged();
    let mut callers = [(); 3].map(|()| ctx.run(gated("test")));
    let (_, waker) = counter();
    for caller in &mut callers {
        assert!(poll(caller, &waker).is_pending());
    }
    ctx.state().gate.open();
    for caller in &mut callers {
        assert_eq!(finish(caller).unwrap().0.unwrap(), "result-test");
    }
    assert_eq!(ctx.state().count("test"), 1);
}

/// The request is the state.
#[test]
fn a_task_sees_its_request() {
    struct Request {
        url: &'static str,
    }
    #[task]
    async fn url(ctx: &Ctx<Request>) -> String {
        ctx.state().url.to_string()
    }
    let request = Request {
        url: "http://example.com",
    };
    assert_eq!(
        now(Ctx::new(request).run(url())).unwrap(),
        "http://example.com"
    );
}

#[task]
async fn auth(ctx: &Ctx<Log>) -> u64 {
    ctx.state().note("auth");
    yields(3).await;
    ctx.state().note("auth-end");
    123
}

#[task]
async fn user(ctx: &Ctx<Log>, name: &str) -> Result<String, Error> {
    ctx.state().note("user");
    let token = ctx.run(auth()).await?;
    yields(1).await;
    ctx.state().note("user-end");
    Ok(format!("user-{name}-{token}"))
}

#[task]
async fn user2(ctx: &Ctx<Log>, name: &str) -> Result<String, Error> {
    ctx.state().note("user2");
    let token = ctx.run(auth()).await?;
    yields(2).await;
    ctx.state().note("user2-end");
    Ok(format!("user2-{name}-{token}"))
}

#[task]
async fn profile(ctx: &Ctx<Log>, name: &str) -> Result<BTreeMap<&'static str, String>, Error> {
    ctx.state().note("profile");
    let alt = format!("{name}_alt");
    let (user, user2) = ctx.run_parallel((user(name), user2(&alt))).await?;
    yields(1).await;
    ctx.state().note("profile-end");
    let status = "complete".to_string();
    Ok([("user", user), ("user2", user2), ("status", status)].into())
}

#[test]
fn parallel_tasks_share_a_dependency() {
    let ctx = logged();
    let group = now(ctx.run_parallel((user("test"), user2("test")))).unwrap();
    assert_eq!(group.0, "user-test-123");
    assert_eq!(group.1, "user2-test-123");
    assert!(
        ctx.state().is_before("user2", "auth-end"),
        "not in parallel"
    );
    assert_eq!(ctx.state().count("auth"), 1);
}

#[test]
fn a_second_handle_shares_what_is_remembered() {
    let ctx = logged();
    let second = ctx.clone();
    assert_eq!(now(ctx.run(noted("a"))).unwrap(), "result-a");
    assert_eq!(now(second.run(noted("a"))).unwrap(), "result-a");
    assert_eq!(ctx.state().count("a"), 1);
    second.cancel();
    assert!(ctx.is_cancelled());
}

#[test]
fn a_graph_runs_once_in_each_of_two_contexts() {
    let log = Arc::new(Log::default());
    for name in ["input_1", "input_2"] {
        let profile = now(Ctx::shared(log.clone()).run(profile(name))).unwrap();
        assert_eq!(profile["user"], format!("user-{name}-123"));
        assert_eq!(profile["user2"], format!("user2-{name}_alt-123"));
        assert_eq!(profile["status"], "complete");
    }
    for task in ["auth", "user", "user2", "profile"] {
        assert_eq!(log.count(task), 2, "{task}");
    }
    for dependent in ["user-end", "user2-end"] {
        assert!(log.is_before("auth-end", dependent));
        assert!(log.is_before(dependent, "profile-end"));
    }
}

#[test]
fn without_a_ttl_nothing_expires() {
    let ctx = logged();
    for _ in 0..1_000 {
        now(ctx.run(noted("test"))).unwrap();
    }
    assert_eq!(ctx.state().count("test"), 1);
    assert_eq!(ctx.len(), 1);
}

#[test]
fn contexts_remember_independently() {
    #[task]
    async fn count(ctx: &Ctx<Log>) -> usize {
        ctx.state().note("count");
        ctx.state().count("count")
    }
    let log = Arc::new(Log::default());
    let contexts = [Ctx::shared(log.clone()), Ctx::shared(log.clone())];
    for _ in 0..2 {
        let counts = contexts
            .each_ref()
            .map(|ctx| now(ctx.run(count())).unwrap());
        assert_eq!(counts, [1, 2]);
    }
    assert_eq!(log.count("count"), 2);
}

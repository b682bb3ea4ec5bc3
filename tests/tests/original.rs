//! The behaviours that the tests of the original check, the Go package `kit/tasks` of the
//! Vorma framework, in the same order. Nothing here sleeps: what has to be concurrent
//! waits for gates.
//!
//! | behaviour | test |
//! |---|---|
//! | a task runs and returns its value | `a_task_runs` |
//! | different tasks run in parallel | `different_tasks_run_in_parallel` |
//! | a task runs another | `a_task_depends_on_another` |
//! | cancelling the context ends a call in progress | `cancelling_the_context_ends_a_call_in_progress` |
//! | an error reaches the caller, and no value | `an_error_reaches_the_caller` |
//! | concurrent callers share one run | `three_concurrent_callers_share_one_run` |
//! | a task sees the request it works for (early versions) | `a_task_sees_its_request` |
//! | parallel tasks share a dependency | `parallel_tasks_share_a_dependency` |
//! | a second handle shares what is remembered | `a_second_handle_shares_what_is_remembered` |
//! | a cancelled context runs nothing | `a_cancelled_context_runs_nothing` |
//! | a whole graph, in two contexts | `a_graph_runs_once_in_each_of_two_contexts` |
//! | the same input is run once | `the_same_input_is_run_once` |
//! | different inputs are run separately | `different_inputs_are_run_separately` |
//! | inputs of other types | `inputs_of_every_kind` |
//! | structs as inputs | `structs_as_inputs` |
//! | duplicates in a group are run once | `duplicates_in_a_group_are_run_once` |
//! | without a TTL nothing expires | `without_a_ttl_nothing_expires` |
//! | contexts remember independently | `contexts_remember_independently` |
//! | an error is remembered as a value is | `an_error_is_remembered` |
//! | an empty group, and a group of one (documented only) | `an_empty_group_and_a_group_of_one` |
//!
//! # What waits
//!
//! For a TTL: an outcome expires after it, and is fetched anew; zero means none; each
//! input expires by itself; the expired are removed, and not in every call; concurrent
//! callers after the expiry share one run; so does a dependency of a group; an error may
//! be retried after it; a very short TTL; contexts with one remember independently. (A
//! negative TTL, no TTL in the original, cannot be written as a `Duration`.)
//!
//! For tasks made at run time: an input of a type not known in advance is checked, a wrong
//! or missing one is an error; an empty one of the right type (a typed nil pointer there,
//! `None` here) is an input like any other.
//!
//! # What differs on purpose
//!
//! | there | here | why | test |
//! |---|---|---|---|
//! | after a cancellation the function runs to its end, then its callers get the error | callers get it at once, the run is dropped | a request that is gone should cost nothing | `cancelling_the_context_ends_a_call_in_progress` |
//! | the cancellation is remembered as the outcome | never | a caller's fate says nothing about the work | `a_failed_sibling_leaves_no_cancellation_behind` |
//! | a failed sibling cancels the group's context under the others | takes back the group's interest: who else waits gets the outcome | the same | `a_failed_sibling_does_not_stop_what_another_wants` |
//! | the caller gets the function's error as it was returned | one error type, which names the call and holds that error | many tasks have one name for it; `find` digs the original out | `an_error_reaches_the_caller` |
//! | a child handle has a cancellation of its own | a handle has none; whoever stops waiting drops the future | one caller's deadline must not fail another's run | `a_second_handle_shares_what_is_remembered` |
//! | after a panic later callers get a zero value | all callers get an error | a zero value is a lie | `law_panics_are_outcomes` |
//! | a task that waits for itself never returns | gets an error with the path | | `law_no_deadlock_cycles` |
//! | nil tasks, contexts and members are errors, or skipped | cannot be written | | |
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Ctx, Error, ErrorKind, task};
use runce_tests::{Gate, counter, finish, now, poll, yields};
use std::collections::BTreeMap;
use std::error::Error as _;
use std::sync::{Arc, Mutex};

/// What happened, in order, and a gate for tasks to wait at.
#[derive(Default)]
struct Log {
    events: Mutex<Vec<String>>,
    gate: Gate,
}

impl Log {
    fn note(&self, event: impl Into<String>) {
        self.events.lock().unwrap().push(event.into());
    }

    fn count(&self, event: &str) -> usize {
        let events = self.events.lock().unwrap();
        events.iter().filter(|other| *other == event).count()
    }

    fn is_before(&self, first: &str, second: &str) -> bool {
        let events = self.events.lock().unwrap();
        let place = |event| events.iter().position(|other| other == event).unwrap();
        place(first) < place(second)
    }
}

fn logged() -> Ctx<Log> {
    Ctx::new(Log::default())
}

/// Notes its run, waits for the gate.
#[task]
async fn gated(ctx: &Ctx<Log>, name: &str) -> String {
    ctx.state().note(name);
    ctx.state().gate.wait().await;
    format!("result-{name}")
}

/// Notes its run.
#[task]
async fn noted(ctx: &Ctx<Log>, name: &str) -> String {
    ctx.state().note(name);
    format!("result-{name}")
}

#[task]
async fn fails(ctx: &Ctx<Log>, name: &str) -> Result<String, String> {
    ctx.state().note(name);
    Err("task failed".into())
}

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
fn cancelling_the_context_ends_a_call_in_progress() {
    let ctx = logged();
    let mut call = ctx.run(gated("test"));
    let (woken, waker) = counter();
    assert!(poll(&mut call, &waker).is_pending());
    ctx.cancel();
    assert_eq!(woken.get(), 1);
    // The gate was never opened.
    let error = finish(&mut call).unwrap().0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    assert_eq!(ctx.stats().dropped, 1);
}

#[test]
fn an_error_reaches_the_caller() {
    let error = now(logged().run(fails("test"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(error.source().unwrap().to_string(), "task failed");
    let chain = format!("{error:#}");
    assert_eq!(chain, r#"task `fails("test")` failed: task failed"#);
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
fn a_cancelled_context_runs_nothing() {
    let ctx = logged();
    now(ctx.run(noted("before"))).unwrap();
    ctx.cancel();
    for name in ["before", "after"] {
        let error = now(ctx.run(noted(name))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
    assert_eq!(ctx.state().count("after"), 0);
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
fn the_same_input_is_run_once() {
    let ctx = logged();
    for _ in 0..3 {
        assert_eq!(now(ctx.run(noted("foo"))).unwrap(), "result-foo");
    }
    assert_eq!(ctx.state().count("foo"), 1);
}

#[test]
fn different_inputs_are_run_separately() {
    let ctx = logged();
    for name in ["foo", "bar", "baz", "foo", "bar"] {
        assert_eq!(now(ctx.run(noted(name))).unwrap(), format!("result-{name}"));
    }
    assert_eq!(*ctx.state().events.lock().unwrap(), ["foo", "bar", "baz"]);
}

/// Also such as Go cannot compare: lists.
#[test]
fn inputs_of_every_kind() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    enum Shape {
        Dot,
        Box { width: u8 },
    }
    #[task]
    async fn double(n: i64) -> i64 {
        n * 2
    }
    #[task]
    async fn nothing() -> u8 {
        7
    }
    #[task]
    async fn several(a: u8, b: char, c: bool) -> String {
        format!("{a}{b}{c}")
    }
    #[task]
    async fn maybe(n: Option<u8>) -> u8 {
        n.unwrap_or(9)
    }
    #[task]
    async fn list(bytes: &[u8]) -> usize {
        bytes.len()
    }
    #[task]
    async fn shape(shape: Shape) -> u8 {
        match shape {
            Shape::Dot => 0,
            Shape::Box { width } => width,
        }
    }
    let ctx = Ctx::new(());
    for _ in 0..2 {
        assert_eq!(now(ctx.run(double(5))).unwrap(), 10);
        assert_eq!(now(ctx.run(double(-10))).unwrap(), -20);
        assert_eq!(now(ctx.run(nothing())).unwrap(), 7);
        assert_eq!(now(ctx.run(several(1, 'b', true))).unwrap(), "1btrue");
        assert_eq!(now(ctx.run(several(1, 'b', false))).unwrap(), "1bfalse");
        assert_eq!(now(ctx.run(maybe(None))).unwrap(), 9);
        assert_eq!(now(ctx.run(maybe(Some(1)))).unwrap(), 1);
        assert_eq!(now(ctx.run(list(&[1, 2]))).unwrap(), 2);
        assert_eq!(now(ctx.run(list(&[]))).unwrap(), 0);
        assert_eq!(now(ctx.run(shape(Shape::Dot))).unwrap(), 0);
        assert_eq!(now(ctx.run(shape(Shape::Box { width: 3 }))).unwrap(), 3);
    }
    assert_eq!((ctx.stats().runs, ctx.stats().hits), (11, 11));
}

#[test]
fn structs_as_inputs() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Person {
        name: &'static str,
        age: u32,
    }
    #[task]
    async fn describe(ctx: &Ctx<Log>, person: Person) -> String {
        ctx.state().note("describe");
        format!("{} is {}", person.name, person.age)
    }
    let ctx = logged();
    let people = [("Alice", 30), ("Bob", 25), ("Alice", 30)];
    for (name, age) in people {
        let text = now(ctx.run(describe(Person { name, age }))).unwrap();
        assert_eq!(text, format!("{name} is {age}"));
    }
    assert_eq!(ctx.state().count("describe"), 2);
}

#[test]
fn duplicates_in_a_group_are_run_once() {
    let ctx = logged();
    ctx.state().gate.open();
    let group = now(ctx.run_parallel(["alpha", "beta", "alpha"].map(gated))).unwrap();
    assert_eq!(group, ["result-alpha", "result-beta", "result-alpha"]);
    let runs = ["alpha", "beta"].map(|name| ctx.state().count(name));
    assert_eq!(runs, [1, 1]);
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

#[test]
fn an_error_is_remembered() {
    let ctx = logged();
    for _ in 0..2 {
        assert!(now(ctx.run(fails("test"))).is_err());
    }
    assert_eq!(ctx.state().count("test"), 1);
}

#[test]
fn an_empty_group_and_a_group_of_one() {
    let ctx = logged();
    let none = now(ctx.run_parallel(["none"; 0].map(noted))).unwrap();
    assert_eq!(none.len(), 0);
    let one = now(ctx.run_parallel(vec![noted("one")])).unwrap();
    assert_eq!(one, ["result-one"]);
    assert_eq!(ctx.stats().runs, 1);
}

#[test]
fn a_failed_sibling_leaves_no_cancellation_behind() {
    let ctx = logged();
    let error = now(ctx.run_parallel((gated("slow"), fails("test")))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    ctx.state().gate.open();
    assert_eq!(now(ctx.run(gated("slow"))).unwrap(), "result-slow");
}

#[test]
fn a_failed_sibling_does_not_stop_what_another_wants() {
    let ctx = logged();
    let mut other = ctx.run(gated("slow"));
    let (_, waker) = counter();
    assert!(poll(&mut other, &waker).is_pending());
    now(ctx.run_parallel((gated("slow"), fails("test")))).unwrap_err();
    ctx.state().gate.open();
    assert_eq!(finish(&mut other).unwrap().0.unwrap(), "result-slow");
    assert_eq!(ctx.state().count("slow"), 1);
}

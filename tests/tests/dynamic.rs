//! Erased calls, tasks made at run time, any tasks, and forgetting all calls of one.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{AnyTask, AnyValue, Call, Ctx, DynTask, ErasedCall, Error, ErrorKind, TaskFn, task};
use runce_tests::{Gate, Way, now};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, OnceLock};

#[derive(Default)]
struct App {
    gate: Arc<Gate>,
    runs: AtomicUsize,
}

#[task]
async fn double(ctx: &Ctx<App>, n: u64) -> u64 {
    ctx.state().runs.fetch_add(1, SeqCst);
    2 * n
}

/// Waits for the gate.
#[task]
async fn slow(ctx: &Ctx<App>, n: u64) -> u64 {
    ctx.state().runs.fetch_add(1, SeqCst);
    ctx.state().gate.wait().await;
    n
}

#[task]
async fn greet(greeting: &str, name: &str) -> String {
    format!("{greeting}, {name}!")
}

#[task]
async fn nothing() {}

#[task]
async fn show<T: Debug + Clone + Eq + Hash + Send + Sync>(value: T) -> String {
    format!("{value:?}")
}

#[task]
async fn half(n: u64) -> Result<u64, String> {
    if n % 2 == 0 {
        Ok(n / 2)
    } else {
        Err(format!("{n} is odd"))
    }
}

/// Counts its runs.
fn counting(name: &'static str, runs: &Arc<AtomicUsize>) -> DynTask<App, u64, u64> {
    let runs = runs.clone();
    DynTask::new(name, move |_: &Ctx<App>, n: u64| {
        let runs = runs.clone();
        Box::pin(async move {
            runs.fetch_add(1, SeqCst);
            Ok::<_, Error>(n + 1)
        })
    })
}

#[test]
fn law_once_an_erased_call_is_the_same_call() {
    for way in Way::all() {
        let ctx = way.ctx(App::default());
        // What is remembered.
        assert_eq!(now(ctx.run(double(1))).unwrap(), 2);
        assert_eq!(now(ctx.run_erased(double(1).erase())).unwrap(), 2);
        let text = double(1).erase().map(|two| format!("{two}"));
        assert_eq!(now(ctx.run_erased(text)).unwrap(), "2");
        assert_eq!(ctx.peek(&double(1)).unwrap().unwrap(), 2);
        // What is in flight, whoever came first.
        let mut erased = Box::pin(ctx.run_erased(slow(1).erase()));
        assert!(way.finish(&mut erased).is_none());
        let mut plain = Box::pin(ctx.run(slow(1)));
        assert!(way.finish(&mut plain).is_none());
        let mut group = Box::pin(ctx.run_parallel([slow(1).erase(), double(1).erase()]));
        assert!(way.finish(&mut group).is_none());
        ctx.state().gate.open();
        assert_eq!(way.finish(&mut erased).unwrap().unwrap(), 1);
        assert_eq!(way.finish(&mut plain).unwrap().unwrap(), 1);
        assert_eq!(way.finish(&mut group).unwrap().unwrap(), [1, 2]);
        assert_eq!(ctx.state().runs.load(SeqCst), 2);
    }
}

#[test]
fn different_calls_fit_one_vec() {
    for way in Way::all() {
        let ctx = way.ctx(App::default());
        let calls: Vec<ErasedCall<App, String>> = vec![
            greet("Hello", "Ada").erase(),
            slow(3).erase().map(|three| three.to_string()),
            nothing().erase().map(|()| "nothing".to_string()),
            show(4_u8)
                .erase()
                .map(|four| four + "!")
                .map(|four| four + "?"),
        ];
        let mut all = Box::pin(ctx.run_each(calls));
        assert!(way.finish(&mut all).is_none());
        ctx.state().gate.open();
        let all = way.finish(&mut all).unwrap().unwrap();
        assert_eq!(all, ["Hello, Ada!", "3", "nothing", "4!?"]);
    }
}

#[test]
fn law_last_caller_out_of_an_erased_call() {
    for way in Way::all() {
        let ctx = way.ctx(App::default());
        let mut erased = Box::pin(ctx.run_erased(slow(1).erase().map(|n| n + 1)));
        assert!(way.finish(&mut erased).is_none());
        assert_eq!(ctx.len(), 1);
        drop(erased);
        assert_eq!((ctx.len(), ctx.stats().dropped), (0, 1));
    }
}

#[test]
fn what_is_made_of_an_output_is_not_remembered() {
    let ctx = Ctx::new(App::default());
    let doubled = double(1).erase().map(|two| 100 * two);
    assert_eq!(now(ctx.run_erased(doubled)).unwrap(), 200);
    assert_eq!(now(ctx.run(double(1))).unwrap(), 2);
    let error = now(ctx.run_erased(half(7).erase().map(|n| n.to_string()))).unwrap_err();
    assert_eq!(format!("{error:#}"), "task `half(7)` failed: 7 is odd");
}

#[test]
fn an_erased_call_shows_its_label() {
    let call: ErasedCall<App, _> = greet("Hello", "Ada").erase();
    assert_eq!(format!("{call:?}"), r#"ErasedCall(greet("Hello", "Ada"))"#);
    let call = call.map(|text| text.len());
    assert_eq!(format!("{call:?}"), r#"ErasedCall(greet("Hello", "Ada"))"#);
}

#[task]
async fn ping(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    ctx.run_erased(pong(n).erase()).await
}

#[task]
async fn pong(ctx: &Ctx, n: u64) -> Result<u64, Error> {
    let [n] = ctx.run_parallel([ping(n).erase()]).await?;
    Ok(n)
}

#[test]
fn law_no_deadlock_circles_of_erased_calls_are_found_at_run_time() {
    let ctx = Ctx::new(());
    let error = now(ctx.run(ping(1))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cycle);
    let path = "task `pong(1)` would wait for itself: pong(1) → ping(1) → pong(1)";
    assert_eq!(error.to_string(), path);
    assert!(ctx.is_empty());
}

#[test]
fn law_identity_two_dyn_tasks_of_one_name_share_nothing() {
    for way in Way::all() {
        let ctx = way.ctx(App::default());
        let counts: [Arc<AtomicUsize>; 2] = Default::default();
        let [first, second] = [0, 1].map(|task| counting("same", &counts[task]));
        assert_ne!(first, second);
        let calls = [first.call(1), second.call(1), first.clone().call(1)];
        let mut all = Box::pin(ctx.run_parallel(calls));
        assert_eq!(way.finish(&mut all).unwrap().unwrap(), [2, 2, 2]);
        assert!(ctx.invalidate(&first.call(1)));
        assert!(ctx.peek(&first.call(1)).is_none());
        assert!(ctx.peek(&second.call(1)).is_some());
        let counts = counts.map(|count| count.load(SeqCst));
        assert_eq!(counts, [1, 1], "the clone is the first");
    }
}

/// Its address would be used again soon, if the context did not keep it.
#[test]
fn law_identity_a_dyn_task_that_is_gone_is_not_mistaken_for_a_later_one() {
    let ctx = Ctx::new(App::default());
    let runs: Arc<AtomicUsize> = Arc::default();
    for round in 1..=100 {
        let task = counting("same", &runs);
        assert_eq!(now(ctx.run(task.call(1))).unwrap(), 2);
        assert_eq!(runs.load(SeqCst), round);
    }
    assert_eq!((ctx.stats().hits, ctx.len()), (0, 100));
}

#[test]
fn law_nothing_leaks_a_forgotten_dyn_task_is_dropped() {
    let ctx = Ctx::new(App::default());
    let runs: Arc<AtomicUsize> = Arc::default();
    for _ in 0..2 {
        let task = counting("task", &runs);
        now(ctx.run(task.call(1))).unwrap();
        now(ctx.run(task.call(2))).unwrap();
        assert_eq!(Arc::strong_count(&runs), 2, "the task holds it");
        assert_eq!(ctx.invalidate_all(&task), 2);
        drop(task);
        assert_eq!(Arc::strong_count(&runs), 1);
    }
}

#[test]
fn a_dyn_task_runs_like_any_other() {
    for way in Way::all() {
        let ctx = way.ctx(App::default());
        let sum = DynTask::new("sum", |ctx: &Ctx<App>, (a, b): (u64, u64)| {
            Box::pin(async move {
                let (a, b) = ctx.run_parallel((slow(a), double(b))).await?;
                Ok::<_, Error>(a + b)
            })
        });
        let mut group = Box::pin(ctx.run_settled((sum.call((1, 2)), Some(sum.call((1, 2))))));
        assert!(way.finish(&mut group).is_none());
        assert!(ctx.peek(&sum.call((1, 2))).is_none());
        let mut erased = Box::pin(ctx.run_erased(sum.call((1, 2)).erase()));
        assert!(way.finish(&mut erased).is_none());
        ctx.state().gate.open();
        let (one, two) = way.finish(&mut group).unwrap();
        assert_eq!((one.unwrap(), two.unwrap()), (5, Some(5)));
        assert_eq!(way.finish(&mut erased).unwrap().unwrap(), 5);
        assert_eq!(ctx.peek(&sum.call((1, 2))).unwrap().unwrap(), 5);
        assert_eq!(ctx.stats().runs, 3);
    }
}

#[test]
fn the_label_of_a_dyn_task_shows_its_input_on_request_only() {
    let ctx = Ctx::new(());
    let fails = DynTask::new("secret".to_string(), |_: &Ctx, _: u64| {
        Box::pin(async move { Err::<(), _>("no") })
    });
    let label = |task: &DynTask<(), u64, ()>| {
        let error = now(ctx.run(task.call(7))).unwrap_err();
        format!("{error:#}")
    };
    assert_eq!(label(&fails), "task `secret` failed: no");
    let shown = fails.clone().label(|n, f| write!(f, "open({n})"));
    assert_ne!(shown, fails);
    assert_eq!(label(&shown), "task `open(7)` failed: no");
    assert_eq!((fails.name(), shown.name()), ("secret", "secret"));
    assert_eq!(format!("{shown:?}"), r#"DynTask("secret")"#);
}

#[test]
fn law_panics_are_outcomes_of_a_dyn_task() {
    let ctx = Ctx::new(());
    let task = DynTask::new("bad", |_: &Ctx, at_once: bool| {
        assert!(!at_once, "at once");
        Box::pin(async move {
            assert!(at_once, "later");
            Ok::<_, Error>(())
        })
    });
    for _ in 0..2 {
        let error = now(ctx.run(task.call(true))).unwrap_err();
        assert_eq!(error.to_string(), "task `bad` panicked: at once");
        let error = now(ctx.run(task.call(false))).unwrap_err();
        assert_eq!(error.to_string(), "task `bad` panicked: later");
    }
    assert_eq!(ctx.stats().panicked, 2, "and are remembered");
}

/// A state that holds a task of its own.
#[derive(Default)]
struct Registry {
    task: OnceLock<DynTask<Registry, u64, u64>>,
}

/// An error of ours is passed on as it is, and one that is not to be kept is not.
#[test]
fn law_no_deadlock_circles_of_dyn_tasks_are_found_at_run_time() {
    let task = DynTask::new("ring", |ctx: &Ctx<Registry>, n: u64| {
        Box::pin(async move {
            let next = ctx.state().task.get().unwrap().call((n + 1) % 3);
            ctx.run(next).await
        })
    });
    let ctx = Ctx::new(Registry::default());
    let task = task.label(|n, f| write!(f, "ring({n})"));
    assert!(ctx.state().task.set(task.clone()).is_ok());
    let error = now(ctx.run(task.call(0))).unwrap_err();
    let path = "task `ring(2)` would wait for itself: ring(2) → ring(0) → ring(1) → ring(2)";
    assert_eq!(error.to_string(), path);
    assert!(ctx.is_empty());
}

/// Where the task's type is known, its closure needs none.
#[test]
fn the_closure_of_a_dyn_task_needs_no_types() {
    let half: DynTask<App, u64, u64> = DynTask::new("half", |ctx, n| {
        Box::pin(async move { Ok::<_, Error>(ctx.run(double(n)).await? / 4) })
    });
    let same = DynTask::<App, u64, u64>::new("same", |_, n| {
        Box::pin(async move { Ok::<_, std::convert::Infallible>(n) })
    });
    let ctx = Ctx::new(App::default());
    let both = now(ctx.run_parallel([half.call(6), same.call(5)])).unwrap();
    assert_eq!(both, [3, 5]);
}

/// A chain through a task made at run time, erased calls and groups of one.
#[test]
fn law_stack_safe_erased_and_dynamic() {
    let chain = || {
        let task = DynTask::new("level", |ctx: &Ctx<Registry>, n: u64| {
            Box::pin(async move {
                let level = ctx.state().task.get().unwrap();
                match n {
                    0 => Ok(0),
                    n if n % 2 == 0 => ctx.run_erased(level.call(n - 1).erase()).await,
                    n => Ok(ctx.run_each([level.call(n - 1).erase()]).await?[0]),
                }
            })
        });
        let ctx = Ctx::new(Registry::default());
        assert!(ctx.state().task.set(task.clone()).is_ok());
        assert_eq!(now(ctx.run(task.call(100_000))).unwrap(), 0);
        assert_eq!(ctx.stats().runs, 100_001);
    };
    let stack = std::thread::Builder::new().stack_size(2 << 20);
    stack.spawn(chain).unwrap().join().unwrap();
}

#[test]
fn any_value_remembers_its_type() {
    let value = AnyValue::new("text".to_string());
    assert_eq!(format!("{value:?}"), "AnyValue(alloc::string::String)");
    assert!(value.downcast_ref::<u64>().is_none());
    let value = value.downcast::<&str>().unwrap_err();
    assert_eq!(value.type_name(), "alloc::string::String");
    assert_eq!(value.downcast_ref::<String>().unwrap(), "text");
    assert_eq!(value.downcast::<String>().unwrap(), "text");
}

fn any<Args>(task: impl TaskFn<App, Args>) -> AnyTask<App> {
    AnyTask::new(task)
}

#[test]
fn any_task_tells_name_and_types() {
    let told = |task: &AnyTask<App>| {
        let (name, input, output) = (task.name(), task.input_type(), task.output_type());
        format!("{name}: {input} -> {output}")
    };
    let string = "alloc::string::String";
    assert_eq!(told(&any(double)), "double: u64 -> u64");
    assert_eq!(told(&any(nothing)), "nothing: () -> ()");
    assert_eq!(told(&any(show::<u8>)), format!("show: u8 -> {string}"));
    let greet = any(greet);
    assert_eq!(
        told(&greet),
        format!("greet: ({string}, {string}) -> {string}")
    );
    assert_eq!(told(&any(&greet)), told(&greet));
    let add = counting("add", &Arc::default());
    assert_eq!(told(&any(&add)), "add: u64 -> u64");
    let debug = "AnyTask { name: \"add\", input: u64, output: u64 }";
    assert_eq!(format!("{:?}", any(&add)), debug);
}

#[task]
#[allow(clippy::too_many_arguments)]
async fn twelve(
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
    k: u8,
    l: u8,
) -> u8 {
    a + b + c + d + e + f + g + h + i + j + k + l
}

#[test]
fn a_task_is_named_by_a_fn_of_up_to_twelve_parameters() {
    let task = any(twelve);
    assert_eq!(task.input_type().matches("u8").count(), 12);
    let input = AnyValue::new((
        1_u8, 2_u8, 3_u8, 4_u8, 5_u8, 6_u8, 7_u8, 8_u8, 9_u8, 10_u8, 11_u8, 12_u8,
    ));
    let ctx = Ctx::new(App::default());
    let sum = now(ctx.run_erased(task.call(input).unwrap())).unwrap();
    assert_eq!(sum.downcast::<u8>().unwrap(), 78);
}

#[test]
fn law_once_a_call_of_any_task_is_the_same_call() {
    for way in Way::all() {
        let ctx = way.ctx(App::default());
        let add = counting("add", &Arc::default());
        let any = [any(slow), any(&add)];
        let [one, two] = any
            .each_ref()
            .map(|task| task.call(AnyValue::new(7_u64)).unwrap());
        let mut all = Box::pin(ctx.run_parallel((one, slow(7), two, add.call(7))));
        assert!(way.finish(&mut all).is_none());
        ctx.state().gate.open();
        let (one, typed_one, two, typed_two) = way.finish(&mut all).unwrap().unwrap();
        assert_eq!((one.downcast().unwrap(), typed_one), (7_u64, 7));
        assert_eq!((two.downcast().unwrap(), typed_two), (8_u64, 8));
        assert_eq!(ctx.stats().runs, 2);
    }
}

#[test]
fn a_wrong_input_is_refused_by_name() {
    let wrong = |task: AnyTask<App>, input| {
        let error = task.call(input).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WrongInput);
        error.to_string()
    };
    assert_eq!(
        wrong(any(double), AnyValue::new(7_u32)),
        "task `double` takes an input of type `u64`, not `u32`"
    );
    assert_eq!(
        wrong(any(show::<String>), AnyValue::new("text")),
        "task `show` takes an input of type `alloc::string::String`, not `&str`"
    );
    assert_eq!(
        wrong(any(&counting("add", &Arc::default())), AnyValue::new(())),
        "task `add` takes an input of type `u64`, not `()`"
    );
}

#[test]
fn invalidate_all_forgets_the_calls_of_one_task() {
    for calls in [1_u64, 2, 50] {
        let ctx = Ctx::new(App::default());
        let [first, second] = [0, 1].map(|_| counting("same", &Arc::default()));
        for n in 0..calls {
            let text = n.to_string();
            now(ctx.run_parallel((double(n), show(n), show(text), half(n).erase())))
                .map_or_else(|error| assert!(error.to_string().contains("half")), drop);
            now(ctx.run_parallel((first.call(n), second.call(n), greet("Hello", "Ada")))).unwrap();
        }
        let (all, calls) = (ctx.len(), calls as usize);
        assert_eq!(all, 6 * calls + 1);
        let mut left = all;
        let mut forgets = |count: usize, found: usize| {
            assert_eq!(found, count);
            left -= count;
            assert_eq!(ctx.len(), left);
        };
        forgets(0, ctx.invalidate_all(nothing));
        forgets(0, ctx.invalidate_all(show::<u32>));
        forgets(calls, ctx.invalidate_all(double));
        forgets(calls, ctx.invalidate_all(show::<u64>));
        forgets(calls, ctx.invalidate_all(&first));
        forgets(0, ctx.invalidate_all(&first));
        forgets(calls, ctx.invalidate_all(&any(half)));
        forgets(1, ctx.invalidate_all(greet));
        assert!(ctx.peek(&double(0)).is_none() && ctx.peek(&first.call(0)).is_none());
        assert!(ctx.peek(&show("0".to_string())).is_some());
        assert_eq!(ctx.peek(&second.call(0)).unwrap().unwrap(), 1);
        assert_eq!(now(ctx.run(double(0))).unwrap(), 0);
        assert_eq!(ctx.state().runs.load(SeqCst), calls + 1);
    }
}

#[test]
fn law_invalidate_in_flight_all_calls_of_a_task() {
    for way in Way::all() {
        let ctx = way.ctx(App::default());
        let wait = DynTask::new("wait", |ctx: &Ctx<App>, n: u64| {
            Box::pin(async move {
                ctx.state().gate.wait().await;
                Ok::<_, Error>(n)
            })
        });
        let mut old = Box::pin(ctx.run_parallel((slow(1), slow(2), wait.call(1))));
        assert!(way.finish(&mut old).is_none());
        assert_eq!(
            (ctx.invalidate_all(slow), ctx.invalidate_all(&wait)),
            (2, 1)
        );
        assert_eq!(ctx.len(), 0);
        let mut new = Box::pin(ctx.run_parallel((slow(1), wait.call(1))));
        assert!(way.finish(&mut new).is_none());
        assert_eq!(ctx.stats().runs, 5, "later callers start anew");
        ctx.state().gate.open();
        assert_eq!(way.finish(&mut old).unwrap().unwrap(), (1, 2, 1));
        assert!(ctx.peek(&slow(2)).is_none(), "the old outcome is not kept");
        assert_eq!(way.finish(&mut new).unwrap().unwrap(), (1, 1));
        assert_eq!(ctx.len(), 2);
    }
}

#[test]
fn law_invalidate_in_flight_all_calls_are_found_by_cancel() {
    for way in Way::all() {
        let ctx = way.ctx(App::default());
        let mut old = Box::pin(ctx.run_settled([slow(1), slow(2)]));
        assert!(way.finish(&mut old).is_none());
        assert_eq!(ctx.invalidate_all(slow), 2);
        ctx.cancel();
        for outcome in way.finish(&mut old).unwrap() {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Cancelled);
        }
        assert_eq!(ctx.stats().dropped, 2);
    }
}

/// A value that uses the context when it is dropped, which would lock the table again.
#[test]
fn law_foreign_code_outside_locks_invalidate_all_drops_outputs_without() {
    #[derive(Clone)]
    struct Looks(Arc<OnceLock<Ctx>>);
    impl Drop for Looks {
        fn drop(&mut self) {
            if let Some(ctx) = self.0.get() {
                let _ = ctx.len();
            }
        }
    }
    let slot = Arc::new(OnceLock::new());
    let looks = Looks(slot.clone());
    let task = DynTask::new("looks", move |_: &Ctx, _: u64| {
        let looks = looks.clone();
        Box::pin(async move { Ok::<_, Error>(looks) })
    });
    let ctx = Ctx::new(());
    drop(now(ctx.run(task.call(1))).unwrap());
    assert!(slot.set(ctx.clone()).is_ok());
    assert_eq!(ctx.invalidate_all(&task), 1);
}

#[test]
fn what_is_erased_is_send() {
    fn is_send<T: Send>() {}
    fn is_sync<T: Send + Sync>() {}
    is_send::<ErasedCall<App, String>>();
    is_sync::<AnyTask<App>>();
    is_sync::<AnyValue>();
    is_sync::<DynTask<App, u64, String>>();
    fn calls_are_send<T, I: Send>(_: Call<T, I>) {
        is_send::<Call<T, I>>();
    }
    calls_are_send(counting("add", &Arc::default()).call(1));
}

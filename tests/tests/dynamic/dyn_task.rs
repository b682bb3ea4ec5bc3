//! Tasks made at run time.
use super::*;

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

//! Forgetting all calls of a task.
use super::*;

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

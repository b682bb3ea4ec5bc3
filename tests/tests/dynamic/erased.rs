//! Erased calls.
use super::*;

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

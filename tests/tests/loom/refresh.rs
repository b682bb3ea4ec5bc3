//! Refreshes: beside what is remembered, in its place, or let go of.
use crate::time::{TTL, forgetful, numbered};
use crate::world::{App, BoxFut, assert_over, block_on, call, caller, model, model_bound, stall};
use loom::thread;
use runce::{Call, Ctx, Task};
use std::convert::Infallible;
use std::sync::atomic::Ordering::SeqCst;

pub(crate) fn refresher(ctx: &Ctx<App>, k: u32) -> BoxFut<'static> {
    let ctx = ctx.clone();
    Box::pin(async move { ctx.refresh(call(k)).await })
}

/// The old is found to be over while its refresh completes: whoever found it joins that, or
/// hits what it came to.
#[test]
fn model_once_refreshed_while_found_over() {
    model(|| {
        let (ctx, seen, hands) = forgetful(2);
        assert_eq!(block_on(caller(&ctx, 1)).unwrap(), 0);
        let mut refresh = refresher(&ctx, 1);
        assert!(!stall(&mut refresh));
        hands.advance(TTL);
        let refresh = thread::spawn(move || block_on(refresh).unwrap());
        let ours = block_on(ctx.run(call(1))).unwrap();
        assert_eq!((ours, refresh.join().unwrap()), (1, 1));
        assert_eq!(seen.runs.load(SeqCst), 2);
        let stats = ctx.stats();
        assert_eq!((ctx.len(), stats.in_flight), (1, 0));
        assert!(stats.hits <= 1, "{stats:?}");
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), 1);
    });
}

/// Nothing was remembered of what is refreshed: it has the place itself, and whoever hits it knows
/// how long it lasts, also where it is found without the lock.
#[test]
fn model_refreshed_from_nothing_lasts_as_long_as_any() {
    model(|| {
        let (ctx, seen, hands) = forgetful(0);
        let refresh = refresher(&ctx, 1);
        let refresh = thread::spawn(move || block_on(refresh).unwrap());
        let _ = block_on(ctx.run(call(1))).unwrap();
        refresh.join().unwrap();
        hands.advance(TTL);
        let before = seen.runs.load(SeqCst);
        let after = block_on(ctx.run(call(1))).unwrap();
        assert_eq!(usize::try_from(after), Ok(before), "a run of our own");
        assert_over(&ctx, &seen);
    });
}

/// The only caller of a refresh leaves while another asks for one: it is revived or begun
/// anew, never are two in being, and meanwhile the old value is served.
#[test]
fn model_last_caller_out_of_a_refresh() {
    model(|| {
        let (ctx, seen, _) = forgetful(2);
        assert_eq!(block_on(caller(&ctx, 1)).unwrap(), 0);
        let mut leaver = refresher(&ctx, 1);
        assert!(!stall(&mut leaver));
        let other = ctx.clone();
        let leaver = thread::spawn(move || {
            drop(leaver);
            other.peek(&call(1)).map(Result::unwrap)
        });
        let ours = block_on(ctx.refresh(call(1))).unwrap();
        let meanwhile = leaver
            .join()
            .unwrap()
            .expect("the old value, or the new one");
        assert!(meanwhile == 0 || meanwhile == ours);
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), ours);
        assert_eq!(seen.most_live.load(SeqCst), 1);
        let stats = ctx.stats();
        assert_eq!((ctx.len(), stats.in_flight, stats.succeeded), (1, 0, 2));
        assert_eq!(stats.runs, 2 + stats.dropped);
    });
}

/// Drives out what else is remembered.
struct Rival;

impl Task<App> for Rival {
    type Input = ();
    type Output = ();
    type Error = Infallible;

    async fn run(_: &Ctx<App>, (): ()) -> Result<(), Infallible> {
        Ok(())
    }
}

/// There is room for one, which is asked for, refreshed and driven out: never are two runs of
/// it in being.
#[test]
fn model_once_evicted_while_hit_and_refreshed() {
    model_bound(2, || {
        let (app, seen) = numbered(0);
        let ctx = Ctx::builder(app).capacity(1).build();
        assert_eq!(block_on(caller(&ctx, 1)).unwrap(), 0);
        let (rivals, refresh) = (ctx.clone(), refresher(&ctx, 1));
        let rival = thread::spawn(move || block_on(rivals.run(Call::<Rival, _>::new(()))));
        let refresh = thread::spawn(move || block_on(refresh).unwrap());
        let ours = block_on(ctx.run(call(1))).unwrap();
        rival.join().unwrap().unwrap();
        let refreshed = refresh.join().unwrap();
        assert_eq!(seen.most_live.load(SeqCst), 1);
        // What we got is the old, that of the refresh, or of a run of our own.
        let own = ours != 0 && ours != refreshed;
        assert_eq!(seen.runs.load(SeqCst), 2 + usize::from(own));
        let stats = ctx.stats();
        assert_eq!((ctx.len(), stats.in_flight, stats.failed), (1, 0, 0));
    });
}

/// Something newer comes while a refresh is in flight: what that comes to is found nowhere.
#[test]
fn model_insert_while_refreshed() {
    model(|| {
        let (ctx, seen, _) = forgetful(2);
        assert_eq!(block_on(caller(&ctx, 1)).unwrap(), 0);
        let refresh = refresher(&ctx, 1);
        let refresh = thread::spawn(move || block_on(refresh).unwrap());
        ctx.insert(call(1), 7);
        assert_eq!(
            ctx.peek(&call(1)).map(Result::unwrap).filter(|k| *k == 0),
            None
        );
        assert_eq!(refresh.join().unwrap(), 1);
        // It was asked for after that, or before: then it is detached.
        let found = block_on(ctx.run(call(1))).unwrap();
        assert!(found == 7 || found == 1);
        assert_eq!((seen.runs.load(SeqCst), ctx.len()), (2, 1));
        assert_over(&ctx, &seen);
    });
}

/// Forgotten, with the refresh that is in flight: later callers begin anew.
#[test]
fn model_invalidate_while_refreshed() {
    model(|| {
        let (ctx, seen, _) = forgetful(2);
        assert_eq!(block_on(caller(&ctx, 1)).unwrap(), 0);
        let mut refresh = refresher(&ctx, 1);
        assert!(!stall(&mut refresh));
        let refresh = thread::spawn(move || block_on(refresh).unwrap());
        let before = ctx.peek(&call(1)).map(Result::unwrap);
        assert!(ctx.invalidate(&call(1)));
        let ours = block_on(ctx.run(call(1))).unwrap();
        assert_eq!((ours, refresh.join().unwrap()), (2, 1));
        assert!(before == Some(0) || before == Some(1));
        assert_eq!(ctx.peek(&call(1)).unwrap().unwrap(), 2);
        assert_eq!((seen.runs.load(SeqCst), ctx.len()), (3, 1));
        assert_over(&ctx, &seen);
    });
}

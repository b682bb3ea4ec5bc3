//! Limits: due while callers come and go.
use crate::time::Due;
use crate::world::{
    App, Seen, app, assert_over, block_on, call, caller, gated_app, is_kind, model, stall,
};
use loom::thread;
use runce::{Ctx, Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

/// The first run hangs, later ones are ready at once.
fn limited() -> (Ctx<App>, Arc<Seen>, Due) {
    let due = Due::default();
    let hung = AtomicBool::new(false);
    let (app, seen) = app(move |_, k| match hung.swap(true, SeqCst) {
        false => Box::pin(std::future::pending()),
        true => Box::pin(async move { Ok(k) }),
    });
    let limit = Duration::from_secs(1);
    let ctx = Ctx::builder(app).timer(due.clone()).limit(limit).build();
    (ctx, seen, due)
}

/// Told that it took too long, or served by a run of its own. What took too long is not
/// remembered.
fn told_or_anew(ctx: &Ctx<App>, seen: &Seen, outcome: &Result<u32, Error>) {
    let anew = outcome.is_ok();
    assert!(anew || is_kind(outcome, ErrorKind::TimedOut), "{outcome:?}");
    let stats = ctx.stats();
    assert_eq!(seen.runs.load(SeqCst), 1 + usize::from(anew));
    assert_eq!((ctx.len(), stats.hits), (usize::from(anew), 0));
    assert_eq!((stats.in_flight, seen.live.load(SeqCst)), (0, 0));
    assert_eq!(seen.most_live.load(SeqCst), 1);
}

/// Due, and found to be so by its creator, while another joins.
#[test]
fn model_limit_while_joined() {
    model(|| {
        let (ctx, seen, due) = limited();
        let mut creator = caller(&ctx, 1);
        assert!(!stall(&mut creator));
        let creator = thread::spawn(move || {
            due.come();
            block_on(creator)
        });
        let ours = block_on(ctx.run(call(1)));
        let creators = creator.join().unwrap();
        assert!(is_kind(&creators, ErrorKind::TimedOut), "{creators:?}");
        told_or_anew(&ctx, &seen, &ours);
    });
}

/// Due while one of two callers leaves: the other is told.
#[test]
fn model_limit_while_one_leaves() {
    model(|| {
        let (ctx, seen, due) = limited();
        let mut leaver = caller(&ctx, 1);
        let mut other = caller(&ctx, 1);
        assert!(!stall(&mut leaver) && !stall(&mut other));
        let leaver = thread::spawn(move || drop(leaver));
        let timer = thread::spawn(move || due.come());
        let outcome = block_on(other);
        leaver.join().unwrap();
        timer.join().unwrap();
        assert!(is_kind(&outcome, ErrorKind::TimedOut), "{outcome:?}");
        assert_eq!(ctx.stats().dropped, 0);
        told_or_anew(&ctx, &seen, &outcome);
    });
}

/// Due while the last caller leaves and another comes.
#[test]
fn model_limit_while_the_last_leaves() {
    model(|| {
        let (ctx, seen, due) = limited();
        let mut leaver = caller(&ctx, 1);
        assert!(!stall(&mut leaver));
        let leaver = thread::spawn(move || drop(leaver));
        let timer = thread::spawn(move || due.come());
        let ours = block_on(ctx.run(call(1)));
        leaver.join().unwrap();
        timer.join().unwrap();
        told_or_anew(&ctx, &seen, &ours);
    });
}

/// A caller's own time is up while the outcome comes: told either way, he leaves nothing.
#[test]
fn model_within_while_it_settles() {
    model(|| {
        let (due, (app, seen, gate)) = (Due::default(), gated_app());
        let ctx = Ctx::builder(app).timer(due.clone()).build();
        let timer = thread::spawn(move || due.come());
        let opener = thread::spawn(move || gate.open());
        let outcome = block_on(ctx.run(call(1)).within(Duration::from_secs(1)));
        let late = is_kind(&outcome, ErrorKind::DeadlineExceeded);
        assert!(late || matches!(outcome, Ok(1)), "{outcome:?}");
        timer.join().unwrap();
        opener.join().unwrap();
        assert_over(&ctx, &seen);
        assert_eq!(
            (ctx.len(), ctx.stats().dropped),
            if late { (0, 1) } else { (1, 0) }
        );
    });
}

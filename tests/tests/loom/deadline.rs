//! The end of a context's time: what is remembered is served, and nothing else.
use crate::bench::Bench;
use crate::time::Due;
use crate::world::{
    App, BoxFut, Seen, assert_over, block_on, call, caller, gated_app, is_kind, model_bound, stall,
};
use loom::thread;
use runce::{Ctx, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

/// Nothing that is run here ever ends by itself; 7 is remembered.
fn timed(bench: &Bench, due: &Due) -> (Ctx<App>, Arc<Seen>) {
    let (app, seen, _gate) = gated_app();
    let ctx = Ctx::builder(app)
        .executor(bench.clone())
        .timer(due.clone())
        .deadline(Duration::from_secs(1))
        .build();
    ctx.insert(call(7), 7);
    (ctx, seen)
}

/// The deadline comes while the run is created, or joined, by somebody who waits for ever
/// otherwise.
fn comes(before: impl Fn(&Ctx<App>) -> Option<BoxFut<'static>> + Send + Sync + 'static) {
    model_bound(2, move || {
        let (bench, due) = (Bench::default(), Due::default());
        let (ctx, seen) = timed(&bench, &due);
        let creator = before(&ctx);
        let (workers, waiter) = (bench.clone(), caller(&ctx, 1));
        let worker = thread::spawn(move || workers.work());
        let waiter = thread::spawn(move || block_on(waiter));
        due.come();
        let outcome = waiter.join().unwrap();
        assert!(
            is_kind(&outcome, ErrorKind::DeadlineExceeded),
            "{outcome:?}"
        );
        drop(creator);
        assert_eq!(block_on(ctx.run(call(7))).unwrap(), 7);
        bench.close();
        worker.join().unwrap();
        assert_over(&ctx, &seen);
        assert_eq!(ctx.len(), 1);
    });
}

#[test]
fn model_deadline_while_created() {
    comes(|_| None);
}

#[test]
fn model_deadline_while_joined() {
    comes(|ctx| {
        let mut creator = caller(ctx, 1);
        assert!(!stall(&mut creator));
        Some(creator)
    });
}

//! Contexts within contexts, and waiting for a context's end.
#![allow(missing_docs, clippy::unwrap_used)]

use futures_core::FusedFuture;
use runce::{Ctx, ErrorKind};
use runce_tests::{App, Gate, app, caller, counter, finish, key, now, poll};
use std::sync::Arc;
use std::task::Poll;

fn gated() -> App {
    let gate = Gate::new();
    app(move |_, _| {
        let gate = gate.clone();
        Box::pin(async move {
            gate.wait().await;
            Ok(0)
        })
    })
}

/// By hand, or because its last handle goes away.
#[test]
fn law_cancelled_serves_nothing_within_a_cancelled_parent() {
    for by_hand in [true, false] {
        let parent = Ctx::new("any state");
        let child = Ctx::builder(gated()).parent(&parent).build();
        let grandchild = Ctx::builder(gated()).parent(&child).build();
        let mut callers = [caller(&child, 1), caller(&grandchild, 1)];
        for caller in &mut callers {
            assert!(finish(caller).is_none());
        }
        if by_hand {
            parent.cancel();
        } else {
            drop(parent);
        }
        assert!(child.is_cancelled() && grandchild.is_cancelled());
        for caller in callers {
            assert_eq!(now(caller).unwrap_err().kind(), ErrorKind::Cancelled);
        }
        assert_eq!((child.state().live(), grandchild.state().live()), (0, 0));
    }
}

#[test]
fn a_child_ends_alone() {
    let parent = Ctx::new(gated());
    let child = Ctx::builder(gated()).parent(&parent).build();
    let sibling = Ctx::builder(()).parent(&parent).build();
    child.cancel();
    assert!(!parent.is_cancelled() && !sibling.is_cancelled());
}

#[test]
fn a_child_of_a_cancelled_parent_is_cancelled() {
    let parent = Ctx::new(());
    parent.cancel();
    let child = Ctx::builder(gated()).parent(&parent).build();
    assert!(child.is_cancelled());
    let outcome = now(caller(&child, 1));
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(child.state().all_runs(), 0);
}

/// Neither keeps the other alive, and the parent keeps no books of the dead.
#[test]
fn law_nothing_leaks_of_children() {
    let parent = Ctx::new(Arc::new(()));
    let state = Arc::new(());
    for _ in 0..1000 {
        drop(Ctx::builder_shared(state.clone()).parent(&parent).build());
    }
    assert_eq!(Arc::strong_count(&state), 1);
    let child = Ctx::builder(()).parent(&parent).build();
    let of_parent = parent.state().clone();
    drop(parent);
    assert_eq!(Arc::strong_count(&of_parent), 1, "the child outlives it");
    assert!(child.is_cancelled());
}

#[test]
fn cancelled_wakes_whoever_waits_once() {
    let ctx = Ctx::new(());
    let (count, waker) = counter();
    let (mut one, mut other) = (Box::pin(ctx.cancelled()), Box::pin(ctx.cancelled()));
    let gone = counter();
    {
        let mut left = Box::pin(ctx.cancelled());
        assert!(poll(&mut left, &gone.1).is_pending());
    }
    for _ in 0..3 {
        assert!(poll(&mut one, &waker).is_pending());
        assert!(poll(&mut other, &waker).is_pending());
    }
    ctx.cancel();
    ctx.cancel();
    assert_eq!((count.get(), gone.0.get()), (2, 0));
    assert_eq!(poll(&mut one, &waker), Poll::Ready(()));
    assert_eq!(poll(&mut one, &waker), Poll::Ready(()), "and it stays so");
    drop(other);
    now(ctx.cancelled());
}

#[test]
fn cancelled_hears_of_the_parent() {
    let parent = Ctx::new(());
    let child = Ctx::builder(()).parent(&parent).build();
    let (count, waker) = counter();
    let mut end = Box::pin(child.cancelled());
    assert!(poll(&mut end, &waker).is_pending());
    parent.cancel();
    assert_eq!(count.get(), 1);
    assert!(poll(&mut end, &waker).is_ready());
}

/// A waker that calls the context: it is called with no lock held.
#[test]
fn law_foreign_code_outside_locks_when_a_context_ends() {
    struct Looks(Ctx<App>);
    impl std::task::Wake for Looks {
        fn wake(self: Arc<Self>) {
            assert!(self.0.is_cancelled());
            assert_eq!(self.0.len(), 0);
            drop(Box::pin(self.0.cancelled()));
        }
    }
    let ctx = Ctx::new(gated());
    let waker = Arc::new(Looks(ctx.clone())).into();
    let mut end = Box::pin(ctx.cancelled());
    let mut waiting = caller(&ctx, 1);
    assert!(poll(&mut end, &waker).is_pending());
    assert!(poll(&mut waiting, &waker).is_pending());
    ctx.cancel();
    assert!(poll(&mut end, &waker).is_ready());
}

#[test]
fn law_invalidate_in_flight_by_insert() {
    let gate = Gate::new();
    let g = gate.clone();
    let ctx = Ctx::new(app(move |_, _| {
        let gate = g.clone();
        Box::pin(async move {
            gate.wait().await;
            Ok(1)
        })
    }));
    let mut old = caller(&ctx, 7);
    assert!(finish(&mut old).is_none());
    ctx.insert(key(7), 2);
    assert_eq!(now(caller(&ctx, 7)).unwrap(), 2);
    gate.open();
    assert_eq!(now(old).unwrap(), 1, "its callers get its outcome");
    assert_eq!(ctx.peek(&key(7)).unwrap().unwrap(), 2, "which is not kept");
    ctx.insert(key(7), 3);
    assert_eq!(now(caller(&ctx, 7)).unwrap(), 3);
    assert_eq!((ctx.state().runs(7), ctx.len()), (1, 1));
    ctx.cancel();
    ctx.insert(key(7), 4);
    assert_eq!(ctx.len(), 0);
    assert_eq!(
        now(caller(&ctx, 7)).unwrap_err().kind(),
        ErrorKind::Cancelled
    );
}

/// What an adapter asks of a context that it does not keep alive, and ends it by.
#[test]
fn a_cancellation_ends_its_context_and_knows_of_its_end() {
    let ctx = Ctx::new(());
    let cancellation = ctx.cancellation();
    assert!(!cancellation.is_cancelled());
    cancellation.cancel();
    assert!(ctx.is_cancelled() && cancellation.is_cancelled());
    let gone = Ctx::new(()).cancellation();
    assert!(gone.is_cancelled());
}

/// `select!` asks whether a future may still be polled.
#[test]
fn the_end_of_a_context_is_heard_again_and_again() {
    let ctx = Ctx::new(());
    let mut end = ctx.cancelled();
    assert!(!end.is_terminated() && finish(&mut end).is_none());
    ctx.cancel();
    for _ in 0..2 {
        assert!(finish(&mut end).is_some());
        assert!(!end.is_terminated());
    }
}

#[test]
fn a_call_is_heard_once() {
    let ctx = Ctx::new(gated());
    let mut run = ctx.run(key(1));
    assert!(!run.is_terminated() && finish(&mut run).is_none());
    ctx.cancel();
    assert!(!run.is_terminated() && finish(&mut run).is_some());
    assert!(run.is_terminated());
}

//! Contexts that end with others, and those who wait for the end.
use crate::world::{
    above_a_gate, app, assert_over, block_on, caller, context, gated, gated_app, is_kind, model,
    stall,
};
use loom::sync::atomic::AtomicUsize as Modelled;
use loom::thread;
use runce::{Ctx, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

/// Built within a context that ends: it is told, or sees it.
#[test]
fn model_child_of_a_parent_that_ends() {
    model(|| {
        let (parent, _, _gate) = gated();
        let (state, seen) = app(|_, _| Box::pin(std::future::pending()));
        let other = parent.clone();
        let ender = thread::spawn(move || other.cancel());
        let child = Ctx::builder(state).parent(&parent).build();
        let outcome = block_on(caller(&child, 1));
        assert!(is_kind(&outcome, ErrorKind::Cancelled), "{outcome:?}");
        ender.join().unwrap();
        drop(child);
        assert_eq!((seen.live.load(SeqCst), seen.gone.load(SeqCst)), (0, 1));
    });
}

#[test]
fn model_end_of_a_context_is_heard() {
    model(|| {
        let (ctx, _, _gate) = gated();
        let other = ctx.clone();
        let ender = thread::spawn(move || other.cancel());
        block_on(ctx.cancelled());
        ender.join().unwrap();
        assert!(ctx.is_cancelled());
    });
}

/// 1 waits for 0 and loses its last caller: whoever asks for 0 meanwhile has it back, or
/// waits for the end of its destructor. Never are two of 0 in being.
#[test]
fn model_orphan_is_revived_or_begun_anew() {
    struct Alive(Arc<Modelled>);
    impl Drop for Alive {
        fn drop(&mut self) {
            assert_eq!(self.0.fetch_sub(1, SeqCst), 1, "two at once");
        }
    }
    model(|| {
        let alive = Arc::new(Modelled::new(0));
        let a = alive.clone();
        let (ctx, seen) = context(move |ctx, k| {
            let alive = a.clone();
            Box::pin(async move {
                if k == 1 {
                    return ctx.run(crate::world::call(0)).await;
                }
                alive.fetch_add(1, SeqCst);
                let _alive = Alive(alive);
                crate::world::yields(2).await;
                Ok(0)
            })
        });
        let mut parent = caller(&ctx, 1);
        assert!(!stall(&mut parent));
        let leaver = thread::spawn(move || drop(parent));
        assert_eq!(block_on(caller(&ctx, 0)).unwrap(), 0);
        leaver.join().unwrap();
        assert_eq!((alive.load(SeqCst), ctx.stats().in_flight), (0, 0));
        assert!(seen.runs.load(SeqCst) <= 3);
    });
}

/// The end goes on to contexts within those within, also to one that is built meanwhile.
#[test]
fn model_grandchild_of_a_parent_that_ends() {
    model(|| {
        let (parent, _, _gate) = gated();
        let child = Ctx::builder(()).parent(&parent).build();
        let other = parent.clone();
        let ender = thread::spawn(move || other.cancel());
        let (grandchild, seen, _gate) = {
            let (state, seen, gate) = gated_app();
            (Ctx::builder(state).parent(&child).build(), seen, gate)
        };
        let outcome = block_on(caller(&grandchild, 1));
        assert!(is_kind(&outcome, ErrorKind::Cancelled), "{outcome:?}");
        ender.join().unwrap();
        assert!(child.is_cancelled());
        assert_over(&grandchild, &seen);
    });
}

/// A context goes away while the one that it is within ends, and while somebody waits for
/// its own end.
#[test]
fn model_child_goes_while_its_parent_ends() {
    model(|| {
        let (parent, _, _gate) = gated();
        let (state, seen, _gate) = gated_app();
        let child = Ctx::builder(state).parent(&parent).build();
        let mut stalled = caller(&child, 1);
        assert!(!stall(&mut stalled));
        let end = child.cancelled();
        let ender = thread::spawn(move || parent.cancel());
        let leaver = thread::spawn(move || drop((child, stalled)));
        block_on(end);
        ender.join().unwrap();
        leaver.join().unwrap();
        assert_eq!((seen.live.load(SeqCst), seen.gone.load(SeqCst)), (0, 1));
    });
}

/// The same, while somebody comes and goes: nobody wants it in the end.
#[test]
fn model_orphan_is_buried() {
    model(|| {
        let (app, seen, _gate) =
            above_a_gate(|ctx, _| Box::pin(async move { ctx.run(crate::world::call(0)).await }));
        let ctx = Ctx::new(app);
        let (mut parent, mut other) = (caller(&ctx, 1), caller(&ctx, 0));
        assert!(!stall(&mut parent));
        let leaver = thread::spawn(move || drop(parent));
        assert!(!stall(&mut other));
        drop(other);
        leaver.join().unwrap();
        assert_over(&ctx, &seen);
        assert_eq!(ctx.len(), 0);
    });
}

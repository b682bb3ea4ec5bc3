//! `last_caller_out` where abandoned runs are finished: what was asked for from outside is;
//! what only tasks have asked for is dropped, so that nothing runs on for nobody.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::Ctx;
use runce_tests::{Gate, Hand, app, app_with, caller, finish, gated, key};
use std::future::Future;
use std::task::Poll;

/// A task starts 0 and lets go of it.
#[test]
fn law_last_caller_out_a_task_lets_go() {
    for asked_from_outside in [false, true] {
        let (hand, gate) = (Hand::default(), Gate::new());
        let g = gate.clone();
        let state = app(move |ctx, k| {
            let gate = g.clone();
            Box::pin(async move {
                if k == 1 {
                    let mut below = Box::pin(ctx.run(key(0)));
                    std::future::poll_fn(|cx| {
                        assert!(below.as_mut().poll(cx).is_pending());
                        Poll::Ready(())
                    })
                    .await;
                } else {
                    gate.wait().await;
                }
                Ok(u64::from(k))
            })
        });
        let builder = Ctx::builder(state).executor(hand.clone());
        let ctx = builder.finish_abandoned().build();
        if asked_from_outside {
            let mut outside = caller(&ctx, 0);
            assert!(finish(&mut outside).is_none());
            drop(outside);
        }
        hand.go();
        assert_eq!(finish(&mut caller(&ctx, 1)).expect("hangs").0.unwrap(), 1);
        hand.go();
        assert_eq!(ctx.state().live() == 1, asked_from_outside);
        gate.open();
        hand.go();
        assert_eq!(ctx.peek(&key(0)).is_some(), asked_from_outside);
        assert_eq!((hand.jobs(), ctx.stats().in_flight), (0, 0));
    }
}

/// What a run of another context lets go of was asked for from outside; that has no executor, or
/// another one.
#[test]
fn law_last_caller_out_another_context_lets_go() {
    for of_its_own in [false, true] {
        let (hand, other, gate) = (Hand::default(), Hand::default(), Gate::new());
        let builder = Ctx::builder(gated(&gate)).executor(hand.clone());
        let ctx = builder.finish_abandoned().build();
        let state = app_with(&ctx, |_, k, ctx| Box::pin(caller(&ctx, k)));
        let builder = Ctx::builder(state);
        let asks = match of_its_own {
            true => builder.executor(other.clone()).build(),
            false => builder.build(),
        };
        let mut asked = caller(&asks, 1);
        assert!(finish(&mut asked).is_none());
        drop(asked);
        assert_eq!((asks.state().live(), ctx.state().live()), (0, 1));
        gate.open();
        hand.go();
        assert!(ctx.peek(&key(1)).is_some());
        assert_eq!((other.spawned(), ctx.stats().in_flight), (0, 0));
    }
}

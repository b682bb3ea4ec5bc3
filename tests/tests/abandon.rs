//! `last_caller_out` where abandoned runs are finished: what was asked for from outside is;
//! what only tasks have asked for is dropped, so that nothing runs on for nobody.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::Ctx;
use runce_tests::{Gate, Hand, app, caller, finish, key};
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

//! `last_caller_out`: what nobody wants any more is dropped in its turn, and until its
//! own destructor begins whoever asks for it has it back.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::Ctx;
use runce_tests::{App, BoxFuture, Gate, app, caller, counter, finish, key, poll};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

/// Runs its closure when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

type Late = Arc<Mutex<Option<BoxFuture<'static>>>>;

/// 1 asks 2, which waits at the gate. The first body of 1, dropped, asks 2 again after it
/// has let go of it, and keeps that caller in `late`.
fn asks_again(gate: &Arc<Gate>, late: &Late) -> Ctx<App> {
    let (gate, late, first) = (gate.clone(), late.clone(), AtomicUsize::new(0));
    Ctx::new(app(move |ctx, k| {
        let (gate, late) = (gate.clone(), late.clone());
        let first = k == 1 && first.fetch_add(1, SeqCst) == 0;
        let again = ctx.clone();
        Box::pin(async move {
            let _after = OnDrop(move || {
                if first {
                    let mut caller = caller(&again, 2);
                    if poll(&mut caller, &counter().1).is_pending() {
                        *late.lock().unwrap() = Some(caller);
                    }
                }
            });
            if k == 1 {
                return ctx.run(key(2)).await;
            }
            gate.wait().await;
            Ok(2)
        })
    }))
}

#[test]
fn law_last_caller_out_revived_before_its_destructor_begins() {
    for woken in [false, true] {
        let (gate, late) = (Gate::new(), Late::default());
        let ctx = asks_again(&gate, &late);
        let mut first = caller(&ctx, 1);
        assert!(finish(&mut first).is_none());
        if woken {
            gate.open(); // 2 is queued when its last caller leaves
        }
        drop(first);
        let second = late.lock().unwrap().take();
        assert_eq!(second.is_none(), woken, "a woken one is driven at once");
        gate.open();
        if let Some(mut second) = second {
            assert_eq!(finish(&mut second).expect("hangs").0.unwrap(), 2);
        }
        assert_eq!(ctx.peek(&key(2)).unwrap().unwrap(), 2);
        assert_eq!(ctx.state().runs(2), 1, "it was revived");
        assert_eq!((ctx.stats().dropped, ctx.state().live()), (1, 0));
    }
}

//! Calls that live in a run and that it does not know.
use super::*;

/// 0 asks for 1 and 2; 3 asks for 1 through a clone of its handle, under a waker of its own;
/// 2 blocks on 3. No circle.
#[test]
fn law_no_deadlock_detached_calls_under_foreign_wakers_inside_a_poll() {
    let gates = [Gate::new(), Gate::new(), Gate::new()];
    let state = app_with(&gates, |ctx, k, gates| {
        Box::pin(async move {
            match k {
                0 => Ok(ctx.run_parallel([key(1), key(2)]).await?.iter().sum()),
                1 => {
                    gates[0].wait().await;
                    Ok(1)
                }
                2 => {
                    gates[1].wait().await;
                    ctx.run_blocking(key(3))
                }
                _ => {
                    gates[2].wait().await;
                    let clone = ctx.clone();
                    let mut one = Box::pin(clone.run(key(1)));
                    poll_fn(|cx| {
                        let own = Arc::new(Relay(cx.waker().clone()));
                        poll(&mut one, &Waker::from(own))
                    })
                    .await
                }
            }
        })
    });
    let ctx = Ctx::new(state);
    let (over, is_over) = channel();
    thread::spawn(move || {
        let (mut root, mut three) = (caller(&ctx, 0), caller(&ctx, 3));
        assert!(poll(&mut root, Waker::noop()).is_pending());
        assert!(poll(&mut three, Waker::noop()).is_pending());
        gates[1].open();
        gates[2].open();
        let _ = poll(&mut three, Waker::noop());
        gates[0].open();
        over.send(now(root).unwrap() + now(three).unwrap()).unwrap();
    });
    let sum = is_over.recv_timeout(Duration::from_secs(60));
    assert_eq!(sum, Ok(3), "blocked for ever");
}

struct Relay(Waker);

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.0.wake_by_ref();
    }
}

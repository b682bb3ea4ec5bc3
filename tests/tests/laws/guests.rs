//! **Liveness**: wakers inside a run's poll that are not its own: of combinators, and of threads
//! that block. Who is told of what, and who polls.
use runce::Ctx;
use runce_tests::*;
use std::future::poll_fn;
use std::task::Poll;

/// 0 polls 1 once under each of some wakers that are not its own, lets go of all but the first,
/// and wakes 1: how often each was woken.
fn wakes_of_guests(wakers: usize) -> Vec<usize> {
    let (gate, seen) = (Gate::new(), Slot::default());
    let ctx = Ctx::new(app_with(
        &(gate, seen.clone()),
        move |ctx, k, (gate, seen)| {
            Box::pin(async move {
                if k == 1 {
                    gate.wait().await;
                    return Ok(1);
                }
                let guests: Vec<_> = (0..wakers).map(|_| counter()).collect();
                let mut calls: Vec<_> = (0..wakers).map(|_| Box::pin(ctx.run(key(1)))).collect();
                for (call, (_, waker)) in calls.iter_mut().zip(&guests) {
                    assert!(poll(call, waker).is_pending());
                }
                calls.truncate(1);
                gate.pulse();
                seen.put(guests.iter().map(|(count, _)| count.get()).collect());
                Ok(0)
            })
        },
    ));
    let _other = waiting(&ctx, 1);
    assert_eq!(now(caller(&ctx, 0)).unwrap(), 0);
    seen.take().unwrap()
}

#[test]
fn law_no_lost_wakeup_who_has_let_go_is_not_told() {
    assert_eq!(wakes_of_guests(3), [1, 0, 0]);
}

/// A combinator polls a call under a waker of its own in four polls of its run: no thread is
/// blocked on it, so it polls nothing itself.
#[test]
fn a_combinator_is_not_taken_for_a_thread_that_blocks() {
    let gate = Gate::new();
    let ctx = Ctx::new(app_with(&gate, |ctx, k, gate| {
        Box::pin(async move {
            if k == 1 {
                gate.wait().await;
                return Ok(1);
            }
            let (_, waker) = counter();
            let (mut call, mut polls) = (Box::pin(ctx.run(key(1))), 0);
            let last = poll_fn(|cx| {
                polls += 1;
                cx.waker().wake_by_ref();
                if polls == 4 {
                    gate.open();
                }
                match (poll(&mut call, &waker), polls) {
                    (outcome, 4) => Poll::Ready(outcome),
                    _ => Poll::Pending,
                }
            });
            Ok(u64::from(last.await.is_pending()))
        })
    }));
    assert_eq!(
        now(caller(&ctx, 0)).unwrap(),
        1,
        "0: 1 was polled on top of 0"
    );
}

/// In its second poll, 0 polls another call under a waker of its own, then a combinator's call as
/// before: that one's place was given back with the first poll, and is the other's by now.
#[test]
fn law_no_lost_wakeup_a_guest_of_an_earlier_poll_drives_out_no_other() {
    let gates = [Gate::new(), Gate::new()];
    let ctx = Ctx::new(app_with(&gates, |ctx, k, gates| {
        Box::pin(async move {
            if k > 0 {
                gates[k as usize - 1].wait().await;
                return Ok(0);
            }
            let ((_, waker), (count, other)) = (counter(), counter());
            let mut calls = [1, 2].map(|k| Box::pin(ctx.run(key(k))));
            assert!(poll(&mut calls[0], &waker).is_pending());
            yields(1).await;
            assert!(poll(&mut calls[1], &other).is_pending());
            assert!(poll(&mut calls[0], &waker).is_pending());
            let before = count.get();
            gates[1].pulse();
            Ok((count.get() - before) as u64)
        })
    }));
    assert_eq!(now(caller(&ctx, 0)).unwrap(), 1);
}

/// A thread that blocks inside its run's poll polls what it waits for itself, soon.
#[test]
fn a_thread_that_blocks_is_known_by_its_third_poll() {
    let ctx = Ctx::new(app(|ctx, k| {
        Box::pin(async move {
            if k == 1 {
                yields(1).await;
                return Ok(1);
            }
            let (outcome, polls) = finish(&mut Box::pin(ctx.run(key(1)))).expect("it hangs");
            outcome.map(|_| polls as u64)
        })
    }));
    assert_eq!(now(caller(&ctx, 0)).unwrap(), 3);
}

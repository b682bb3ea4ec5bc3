//! A run that nobody wants is wanted again before its turn to be buried comes.
use crate::world::{
    assert_over, block_on, call, caller, context, model, model_bound, poll_once, stall, yielding,
    yields,
};
use loom::thread;
use std::pin::pin;
use std::sync::atomic::Ordering::SeqCst;

/// 0 is woken, and in a queue, when its last caller leaves. Who waits for 1 drains the same
/// queue, and passes 0 over; who asks for 0 then queues it again.
#[test]
fn model_revived_after_it_was_passed_over() {
    model_bound(2, || {
        let (ctx, seen) = context(|ctx, k| {
            Box::pin(async move {
                if k == 1 {
                    yields(4).await;
                    return Ok(1);
                }
                let mut below = pin!(ctx.run(call(1)));
                poll_once(below.as_mut()).await;
                yields(4).await;
                Ok(0)
            })
        });
        let (mut leaver, mut other) = (caller(&ctx, 0), caller(&ctx, 1));
        assert!(!stall(&mut leaver) && !stall(&mut other));
        let leaver = thread::spawn(move || drop(leaver));
        let other = thread::spawn(move || block_on(other).unwrap());
        assert_eq!(block_on(caller(&ctx, 0)).unwrap(), 0);
        leaver.join().unwrap();
        assert_eq!(other.join().unwrap(), 1);
        assert_over(&ctx, &seen);
        assert_eq!(ctx.len(), 2);
    });
}

/// Revived, and left again, while the first burial has not come to it: one of the two drops
/// it, and whoever asks after that begins anew.
#[test]
fn model_buried_twice() {
    model(|| {
        let (ctx, seen) = yielding(2);
        let mut leaver = caller(&ctx, 1);
        assert!(!stall(&mut leaver));
        let mut second = caller(&ctx, 1);
        let leaver = thread::spawn(move || drop(leaver));
        let second = thread::spawn(move || {
            let _ = stall(&mut second);
            drop(second);
        });
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        leaver.join().unwrap();
        second.join().unwrap();
        assert_over(&ctx, &seen);
        assert_eq!((seen.most_live.load(SeqCst), ctx.stats().succeeded), (1, 1));
    });
}

//! How calls are counted.
use crate::world::{app, block_on, call, caller, model_bound, yields};
use loom::thread;
use runce::Ctx;

/// Each call is counted once: it ran, joined, or was answered from memory.
#[test]
fn model_calls_are_counted_once() {
    model_bound(4, || {
        let (app, _) = app(|_, k| {
            Box::pin(async move {
                yields(1).await;
                Ok(k)
            })
        });
        let ctx = Ctx::new(app);
        let other = caller(&ctx, 1);
        let other = thread::spawn(move || block_on(other).unwrap());
        assert_eq!(block_on(ctx.run(call(1))).unwrap(), 1);
        assert_eq!(other.join().unwrap(), 1);
        let stats = ctx.stats();
        assert_eq!((stats.runs, stats.hits + stats.joins), (1, 1), "{stats:?}");
    });
}

//! What is peculiar to smol: an executor that can go away.
#![allow(missing_docs, clippy::unwrap_used)]

use runce::{Ctx, task};
use runce_smol::Smol;
use smol::channel::{Receiver, bounded};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};

/// Goes on when the test says so.
#[task]
async fn gated(ctx: &Ctx<Receiver<()>>, n: u64) -> u64 {
    ctx.state().recv().await.unwrap();
    n
}

fn begin(run: &mut Pin<Box<impl Future>>) {
    let poll = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(poll.is_pending());
}

#[test]
fn an_executor_is_not_kept_alive_and_loses_nothing_when_it_goes() {
    let executor = Arc::new(smol::Executor::new());
    let (open, gate) = bounded(9);
    let ctx = Ctx::builder(gate).runtime(Smol::on(&executor)).build();
    let mut callers = [Box::pin(ctx.run(gated(7))), Box::pin(ctx.run(gated(7)))];
    callers.iter_mut().for_each(begin);
    assert!(!executor.is_empty(), "a job drives it");
    assert!(Arc::into_inner(executor).is_some(), "somebody else has it");
    open.try_send(()).unwrap();
    for caller in callers {
        assert_eq!(smol::block_on(caller).unwrap(), 7);
    }
    // Also what is begun later.
    open.try_send(()).unwrap();
    open.try_send(()).unwrap();
    let group = ctx.run_parallel((gated(8), gated(9)));
    assert_eq!(smol::block_on(group).unwrap(), (8, 9));
}

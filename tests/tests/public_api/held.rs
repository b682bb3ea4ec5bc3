//! Types that users hold go to other threads, and are as large as is written here.
use runce::testing::{ManualClock, Seeded};
use runce::{
    AnyTask, AnyValue, Builder, Call, Cancelled, Concurrency, Ctx, Detail, Detailed, DynInput,
    DynTask,
};
use runce::{Cancellation, ErasedCall, NoTimer, Sleep, Source, WithClock, WithTimer, Work};
use runce::{CoarseClock, MonotonicClock, Outcome, Retention, TickClock};
use runce::{Error, ErrorKind, Job, NoExecutor, Run, RunBy, Stats, Task, WithExecutor};
use runce_async_std::AsyncStd;
use runce_axum::{CtxBody, CtxFuture, CtxLayer, CtxService, Failure, MissingCtx, RequestCtx};
use runce_smol::Smol;
use runce_threads::Threads;
use runce_tokio::{NoRuntime, Tokio};
use std::any::type_name;
use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::marker::PhantomPinned;

/// No more than a state must be.
struct State(#[allow(dead_code)] PhantomPinned);

/// No more than a task must be.
struct Own(#[allow(dead_code)] *const PhantomPinned);

impl Task<State> for Own {
    type Input = u64;
    type Output = u64;
    type Error = Infallible;

    async fn run(_: &Ctx<State>, n: u64) -> Result<u64, Infallible> {
        Ok(n)
    }
}

struct Held {
    name: &'static str,
    size: usize,
    expected: usize,
}

fn shared<T: Send + Sync + Unpin>(expected: usize) -> Held {
    sent::<T>(expected)
}

fn sent<T: Send + Unpin>(expected: usize) -> Held {
    Held {
        name: type_name::<T>(),
        size: size_of::<T>(),
        expected,
    }
}

fn held() -> Vec<Held> {
    vec![
        shared::<AnyTask<State>>(16),
        shared::<AnyValue>(32),
        shared::<AsyncStd>(16),
        shared::<Builder<State, NoExecutor>>(64),
        shared::<Call<Own, u64>>(8),
        shared::<Cancellation>(8),
        shared::<Cancelled>(24),
        shared::<CoarseClock>(8),
        shared::<Ctx<State>>(16),
        shared::<Concurrency>(16),
        shared::<CtxBody<()>>(8),
        shared::<CtxFuture<()>>(8),
        shared::<CtxLayer<State>>(24),
        shared::<CtxService<()>>(16),
        shared::<Detail<u64>>(48),
        sent::<Detailed<'_, State, Own, ()>>(48),
        shared::<DynInput<State, u64, u64>>(16),
        shared::<DynTask<State, u64, u64>>(8),
        shared::<Error>(8),
        shared::<ErrorKind>(1),
        shared::<Failure>(8),
        shared::<ManualClock>(8),
        shared::<MissingCtx>(16),
        shared::<MonotonicClock>(0),
        shared::<NoExecutor>(0),
        shared::<NoRuntime>(0),
        shared::<NoTimer>(0),
        shared::<Outcome<'_, State, State>>(16),
        shared::<RequestCtx<State>>(16),
        shared::<Retention>(16),
        shared::<Seeded>(16),
        shared::<Smol>(24),
        shared::<Source>(1),
        shared::<Stats>(88),
        shared::<Threads>(8),
        shared::<TickClock<fn() -> u32>>(40),
        shared::<Tokio>(32),
        shared::<WithClock>(0),
        shared::<WithExecutor>(0),
        shared::<WithTimer>(0),
        sent::<ErasedCall<State, u64>>(16),
        sent::<Job>(16),
        sent::<Run<'_, State, Own, ()>>(48),
        sent::<RunBy<'_, '_, State, Own, u64, ()>>(64),
        sent::<Sleep>(16),
        sent::<Work>(16),
    ]
}

#[test]
#[cfg(target_pointer_width = "64")]
fn sizes_are_as_written() {
    let differs = |held: &Held| held.size != held.expected;
    let differs: Vec<_> = held().into_iter().filter(differs).collect();
    let line = |held: &Held| format!("{}: {}, not {}", held.name, held.size, held.expected);
    let lines: Vec<_> = differs.iter().map(line).collect();
    assert!(lines.is_empty(), "{lines:#?}");
}

/// A type that is new is to be named above.
#[test]
fn every_public_type_is_looked_at() {
    let last = |path: &str| {
        let end = path.find(['<', ' ']).unwrap_or(path.len());
        path[..end].rsplit("::").next().map(str::to_owned)
    };
    let mut lines = crate::api("runce", "core");
    for entry in fs::read_dir(crate::root().join("adapters")).unwrap() {
        let name = entry.unwrap().file_name();
        lines.extend(crate::adapter(name.to_str().unwrap()));
    }
    let types = lines
        .iter()
        .filter(|line| line.contains("struct]") || line.contains("[enum]"));
    let known: BTreeSet<_> = held().iter().filter_map(|held| last(held.name)).collect();
    assert_eq!(known, types.filter_map(|line| last(line)).collect());
}

/// The future that `Ctx::run` returns names a task's future too.
#[test]
fn the_futures_of_calls_are_send_and_unpin() {
    fn is<T: Send + Unpin>(_: T) {}
    let ctx = Ctx::new(State(PhantomPinned));
    let call = || Call::<Own, _>::new(7);
    is(ctx.run(call()));
    is(ctx.run_erased(call().erase()));
    is(ctx.run_parallel((call(), call().erase())));
    is(ctx.run_each([call()]));
    is(ctx.run_settled([call()]));
}

//! `no_callers_context`: a task that is instrumented is in its own span in each of its polls,
//! whoever polls; and its spans are seen by nobody else.
use crate::platform::Platform;
use crate::scene::{Scene, begun};
use runce::{Ctx, Error, task};
use runce_tests::{Gate, block_on, yields};
use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Once};
use std::thread;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Instrument, Metadata, Span, Subscriber, info_span};

thread_local! {
    /// The spans that this thread is in.
    static INSIDE: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// Numbers the spans, and knows where each thread is.
#[derive(Default)]
struct Spans(AtomicU64);

impl Subscriber for Spans {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(self.0.fetch_add(1, SeqCst) + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, span: &Id) {
        INSIDE.with_borrow_mut(|inside| inside.push(span.into_u64()));
    }

    fn exit(&self, span: &Id) {
        let left = INSIDE.with_borrow_mut(Vec::pop);
        assert_eq!(left, Some(span.into_u64()), "spans are crossed");
    }
}

fn innermost() -> Option<u64> {
    INSIDE.with_borrow(|inside| inside.last().copied())
}

#[derive(Default)]
struct State {
    gate: Arc<Gate>,
    polls: AtomicUsize,
}

/// Looks, at each poll, whether it is in that span.
async fn looking<F: Future>(state: &State, span: Span, future: F) -> F::Output {
    let own = span.id().map(|id| id.into_u64());
    let looks = async {
        let mut future = pin!(future);
        poll_fn(|cx| {
            assert!(own.is_some() && innermost() == own, "not in its own span");
            state.polls.fetch_add(1, SeqCst);
            future.as_mut().poll(cx)
        })
        .await
    };
    looks.instrument(span).await
}

#[task]
async fn leaf(ctx: &Ctx<State>, n: u64) -> u64 {
    let state = ctx.state();
    let work = async {
        state.gate.wait().await;
        yields(2).await;
        n
    };
    looking(state, info_span!("leaf", n), work).await
}

#[task]
async fn root(ctx: &Ctx<State>, n: u64) -> Result<u64, Error> {
    let work = async {
        let both = ctx.run_parallel((leaf(n), leaf(n + 1))).await?;
        Ok(both.0 + both.1 + ctx.run(leaf(n)).await?)
    };
    looking(ctx.state(), info_span!("root", n), work).await
}

/// Begun by a caller that leaves; driven on by jobs and by callers on other threads, which are
/// in spans of their own.
pub(crate) fn law_no_callers_context_spans_are_the_runs_own<P: Platform>() {
    static GLOBAL: Once = Once::new();
    GLOBAL.call_once(|| tracing::subscriber::set_global_default(Spans::default()).unwrap());
    let scene = Scene::<P, _>::new(State::default());
    let request = info_span!("a request");
    let first = request.in_scope(|| begun(scene.ctx.run(root(1))));
    let threads = (0..2).map(|request| {
        let ctx = scene.ctx.clone();
        let caller = async move { ctx.run(root(1)).await.unwrap() };
        let span = info_span!("another request", request);
        let caller = begun(caller.instrument(span));
        thread::spawn(move || (block_on(caller), innermost()))
    });
    let threads = threads.collect();
    drop(first);
    scene.ctx.state().gate.open();
    for (outcome, left_behind) in scene.attend(threads) {
        assert_eq!((outcome, left_behind), (1 + 2 + 1, None));
    }
    assert!(scene.ctx.state().polls.load(SeqCst) >= 2 + 2 * 3);
    assert_eq!(innermost(), None);
    scene.end();
}

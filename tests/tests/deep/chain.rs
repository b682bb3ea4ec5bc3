//! A chain of tasks, each of which asks for the next.
use runce::{Call, Ctx, Task};
use runce_tests::{Gate, Live, counting, yields};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Mode {
    Ready,
    Yields,
    Gated,
    Fails,
    /// Each level joins a run in flight that waits for another.
    Joins,
    /// Each level asks through a clone of its handle.
    Detached,
    DetachedGated,
}

pub(crate) struct Chain {
    mode: Mode,
    pub(crate) gate: Arc<Gate>,
    pub(crate) live: Arc<AtomicUsize>,
    pub(crate) polls: AtomicUsize,
}

pub(crate) struct Level;

pub(crate) const SHARED: u32 = u32::MAX;
const LEAF: u32 = u32::MAX - 1;

impl Task<Chain> for Level {
    type Input = u32;
    type Output = u64;
    type Error = Wrapped;

    async fn run(ctx: &Ctx<Chain>, n: u32) -> Result<u64, Wrapped> {
        let state = ctx.state();
        let _live = Live::new(&state.live);
        counting(&state.polls, level(ctx, n)).await
    }
}

async fn level(ctx: &Ctx<Chain>, n: u32) -> Result<u64, Wrapped> {
    let state = ctx.state();
    if n == LEAF {
        state.gate.wait().await;
        return Ok(0);
    }
    if n == SHARED {
        return Ok(Box::pin(ctx.run(Call::<Level, _>::new(LEAF))).await?);
    }
    if state.mode == Mode::Yields {
        yields(1).await;
    }
    if n == 0 {
        match state.mode {
            Mode::Fails => return Err(Wrapped("the root of it", None)),
            Mode::Gated | Mode::DetachedGated => state.gate.wait().await,
            _ => {}
        }
        return Ok(0);
    }
    if state.mode == Mode::Joins {
        let mut shared = Box::pin(ctx.run(Call::<Level, _>::new(SHARED)));
        std::future::poll_fn(|cx| {
            assert!(shared.as_mut().poll(cx).is_pending());
            std::task::Poll::Ready(())
        })
        .await;
    }
    let below = Call::<Level, _>::new(n - 1);
    if matches!(state.mode, Mode::Detached | Mode::DetachedGated) {
        return Ok(Box::pin(ctx.clone().run(below)).await? + 1);
    }
    Ok(Box::pin(ctx.run(below)).await? + 1)
}

/// An error of the application's own, with a source.
#[derive(Debug)]
pub(crate) struct Wrapped(&'static str, Option<runce::Error>);

impl std::fmt::Display for Wrapped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.1.as_ref().map(|error| error as _)
    }
}

impl From<runce::Error> for Wrapped {
    fn from(error: runce::Error) -> Self {
        Self("the level below failed", Some(error))
    }
}

pub(crate) fn on_2_mib<R: Send + 'static>(work: impl FnOnce() -> R + Send + 'static) -> R {
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    thread.spawn(work).unwrap().join().unwrap()
}

pub(crate) fn chain(mode: Mode) -> Ctx<Chain> {
    Ctx::new(Chain {
        mode,
        gate: Gate::new(),
        live: Arc::default(),
        polls: AtomicUsize::new(0),
    })
}

//! Work that blocks its thread, done where the executor puts such work.
use super::Ctx;
use crate::drive;
use crate::executor::Work;
use crate::guard::{Finally, Panic, catch, catch_panic, drop_quietly, resume};
use crate::sync::{Arc, Lock};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

/// Does work that blocks its thread where the context's executor
/// [puts it](crate::Executor::spawn_blocking); without an executor, on the thread of whoever
/// polls.
///
/// For the body of a task: `#[task(blocking)]` on a plain fn writes this. The work cannot be
/// interrupted: while it is being done its run stays in flight, whoever leaves, and
/// newcomers join it. What it runs with the handle that it is given, from its own thread, its
/// run waits for; [`Ctx::run_blocking`] does that.
///
/// # Panics
///
/// Where the work does, as if it were done here.
///
/// # Cancel safety
///
/// Dropping the future drops work that was not begun. What is being done goes on to its end,
/// and its result is lost.
///
/// # Examples
///
/// ```
/// use runce::{Call, Ctx, Task};
///
/// struct Length;
///
/// impl<S: Send + Sync + 'static> Task<S> for Length {
///     type Input = String;
///     type Output = u64;
///     type Error = std::io::Error;
///
///     async fn run(ctx: &Ctx<S>, path: String) -> Result<u64, std::io::Error> {
///         runce::blocking(ctx, move |_| Ok(std::fs::metadata(path)?.len())).await
///     }
/// }
///
/// # fn main() { pollster::block_on(async {
/// let ctx = Ctx::new(());
/// let error = ctx.run(Call::<Length, _>::new("/no/such/file".into())).await.unwrap_err();
/// assert!(error.find::<std::io::Error>().is_some());
/// # }) }
/// ```
pub fn blocking<S, R, F>(ctx: &Ctx<S>, work: F) -> impl Future<Output = R> + Send + use<S, R, F>
where
    S: Send + Sync + 'static,
    R: Send + 'static,
    F: FnOnce(&Ctx<S>) -> R + Send + 'static,
{
    Blocking {
        ctx: ctx.same(),
        desk: Arc::new(Desk(Lock::new(Inner {
            stage: Stage::Given(work),
            waker: None,
        }))),
        handed_over: false,
    }
}

struct Blocking<S: Send + Sync + 'static, F, R> {
    ctx: Ctx<S>,
    desk: Arc<Desk<F, R>>,
    handed_over: bool,
}

/// Where the work lies between who wants it done and who does it.
struct Desk<F, R>(Lock<Inner<F, R>>);

struct Inner<F, R> {
    stage: Stage<F, R>,
    waker: Option<Waker>,
}

enum Stage<F, R> {
    Given(F),
    /// Nobody else will do it.
    Refused(F),
    /// It is being done, or was given away.
    Away,
    Done(Result<R, Panic>),
}

impl<S, R, F> Future for Blocking<S, F, R>
where
    S: Send + Sync + 'static,
    R: Send + 'static,
    F: FnOnce(&Ctx<S>) -> R + Send + 'static,
{
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R> {
        if !self.handed_over {
            self.handed_over = true;
            self.hand_over();
        }
        match self.desk.look(cx.waker()) {
            Stage::Done(Ok(result)) => Poll::Ready(result),
            Stage::Done(Err(panic)) => resume(panic),
            Stage::Refused(work) => Poll::Ready(work(&self.ctx)),
            Stage::Given(_) | Stage::Away => Poll::Pending,
        }
    }
}

impl<S: Send + Sync + 'static, F, R> Unpin for Blocking<S, F, R> {}

impl<S, R, F> Blocking<S, F, R>
where
    S: Send + Sync + 'static,
    R: Send + 'static,
    F: FnOnce(&Ctx<S>) -> R + Send + 'static,
{
    fn hand_over(&self) {
        let handed = Handed(self.desk.clone());
        let Some(executor) = &self.ctx.handle.engine.host.executor else {
            return drop(handed);
        };
        let ctx = self.ctx.same();
        let work = Work::new(move || handed.work(ctx));
        // An executor that panics has dropped the work.
        let _ = catch(|| executor.spawn_blocking(work));
    }
}

impl<F, R> Desk<F, R> {
    /// What there is for the one who waits; a fresh waker where that is nothing.
    fn look(&self, waker: &Waker) -> Stage<F, R> {
        let fresh = waker.clone();
        let (stage, stale) = self.0.with(|inner| {
            let stage = match core::mem::replace(&mut inner.stage, Stage::Away) {
                Stage::Given(work) => {
                    inner.stage = Stage::Given(work);
                    Stage::Away
                }
                stage => stage,
            };
            (stage, inner.waker.replace(fresh))
        });
        drop_quietly(stale);
        stage
    }

    fn begin(&self) -> Option<F> {
        self.0.with(
            |inner| match core::mem::replace(&mut inner.stage, Stage::Away) {
                Stage::Given(work) => Some(work),
                stage => {
                    inner.stage = stage;
                    None
                }
            },
        )
    }

    fn put(&self, stage: Stage<F, R>) {
        let (gone, waker) = self.0.with(|inner| {
            let gone = core::mem::replace(&mut inner.stage, stage);
            (gone, inner.waker.take())
        });
        drop_quietly(gone);
        if let Some(waker) = waker {
            let _ = catch(|| waker.wake());
        }
    }
}

impl<S: Send + Sync + 'static, F, R> Drop for Blocking<S, F, R> {
    fn drop(&mut self) {
        drop_quietly(self.desk.begin());
    }
}

/// The work in the hands of the executor.
struct Handed<F, R>(Arc<Desk<F, R>>);

impl<F, R> Handed<F, R> {
    fn work<S>(self, ctx: Ctx<S>)
    where
        S: Send + Sync + 'static,
        F: FnOnce(&Ctx<S>) -> R,
    {
        // From here on nobody drops the run; if somebody did, its work went with it.
        let pinned = ctx
            .handle
            .run
            .as_ref()
            .map(|run| (run.clone(), drive::pin(run)));
        if matches!(pinned, Some((_, None))) {
            return drop_quietly(self.0.begin());
        }
        // Without `std` a panic unwinds through us.
        let unpin = Finally::new(|| {
            if let Some((run, Some(slot))) = pinned {
                drive::unpin(&run, slot, ctx.handle.engine.finish);
            }
        });
        if let Some(work) = self.0.begin() {
            let unwound = Finally::new(|| self.0.put(Stage::Done(Err(Panic::unknown()))));
            let result = catch_panic(|| work(&ctx));
            unwound.defuse();
            self.0.put(Stage::Done(result));
        }
        drop(unpin);
    }
}

impl<F, R> Drop for Handed<F, R> {
    fn drop(&mut self) {
        if let Some(work) = self.0.begin() {
            self.0.put(Stage::Refused(work));
        }
    }
}

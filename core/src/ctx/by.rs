//! Calls by what an input lends: a hit needs no input of its own.
use super::terms::Time;
use super::{Ctx, Of, Run, outcome};
use crate::entry::Node;
use crate::error::Error;
use crate::freshness::Age;
use crate::guard::{Message, catch, drop_quietly};
use crate::sync::Arc;
use crate::table::{Life, Sight, Table};
use crate::task::{Call, Task};
use alloc::borrow::ToOwned;
use core::borrow::Borrow;
use core::fmt;
use core::future::Future;
use core::hash::Hash;
use core::pin::Pin;
use core::task::{Context, Poll};
use futures_core::FusedFuture;

/// The future of a call by a borrowed input, made by [`Ctx::run_by`].
///
/// With the feature `compile-time-cycles` its last parameter is the type of the task's own future,
/// as that of a [`Run`] is.
///
/// # Cancel safety
///
/// That of the [`Run`] that it becomes where there is no hit.
#[must_use = "futures do nothing unless polled"]
pub struct RunBy<'c, 'k, S: Send + Sync + 'static, T: Task<S>, Q: ?Sized, F> {
    ctx: &'c Ctx<S>,
    key: &'k Q,
    stage: Stage<Run<'c, S, T, F>>,
}

enum Stage<R> {
    /// It was not polled.
    New,
    Missed(R),
    /// It was ready at once.
    Hit,
}

impl<S: Send + Sync + 'static> Ctx<S> {
    #[doc = include_str!("run_by.md")]
    #[cfg(feature = "compile-time-cycles")]
    pub fn run_by<'c, 'k, T, Q, A, N>(
        &'c self,
        task: N,
        key: &'k Q,
    ) -> RunBy<'c, 'k, S, T, Q, impl Send + use<S, T, Q, A, N>>
    where
        T: Task<S>,
        T::Input: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = T::Input> + ?Sized,
        N: Fn(A) -> Call<T, T::Input>,
    {
        let _ = task;
        RunBy::new(self, key, |ctx, input| T::run(ctx, input))
    }

    #[doc = include_str!("run_by.md")]
    #[cfg(not(feature = "compile-time-cycles"))]
    pub fn run_by<'c, 'k, T, Q, A, N>(&'c self, task: N, key: &'k Q) -> RunBy<'c, 'k, S, T, Q, ()>
    where
        T: Task<S>,
        T::Input: Borrow<Q>,
        Q: Hash + Eq + ToOwned<Owned = T::Input> + ?Sized,
        N: Fn(A) -> Call<T, T::Input>,
    {
        let _ = task;
        RunBy::new(self, key, |_, _| ())
    }
}

impl<'c, 'k, S, T, Q, F> RunBy<'c, 'k, S, T, Q, F>
where
    S: Send + Sync + 'static,
    T: Task<S>,
    Q: ?Sized,
{
    /// The closure is never called: its type tells the type of the task's future.
    fn new(ctx: &'c Ctx<S>, key: &'k Q, _: impl FnOnce(&'static Ctx<S>, T::Input) -> F) -> Self {
        Self {
            ctx,
            key,
            stage: Stage::New,
        }
    }
}

impl<S, T, Q, F> RunBy<'_, '_, S, T, Q, F>
where
    S: Send + Sync + 'static,
    T: Task<S>,
    T::Input: Borrow<Q>,
    Q: Hash + Eq + ToOwned<Owned = T::Input> + ?Sized,
{
    /// Where there was no hit at the first glance.
    #[inline(never)]
    fn poll_at(&mut self, time: &Time, cx: &mut Context<'_>) -> Poll<Result<T::Output, Error>> {
        if let Stage::New = self.stage {
            let (ctx, key) = (self.ctx, self.key);
            let begun = catch(|| match ctx.hit_by::<T, Q>(key, time) {
                Some(outcome) => Err(outcome),
                None => Ok(key.to_owned()),
            });
            match begun {
                Ok(Ok(input)) => self.stage = Stage::Missed(Run::of(ctx, input)),
                Ok(Err(outcome)) => return self.hit(outcome),
                Err(message) => return self.hit(Err(panicked::<S, T>(message))),
            }
        }
        match &mut self.stage {
            Stage::Missed(run) => run.poll_at(time, cx),
            _ => panic!("polled after it was ready"),
        }
    }

    fn hit(&mut self, outcome: Result<T::Output, Error>) -> Poll<Result<T::Output, Error>> {
        self.stage = Stage::Hit;
        Poll::Ready(outcome)
    }
}

impl<S: Send + Sync + 'static> Ctx<S> {
    /// A hit of what nothing is to be done about. Foreign: hashes, compares, clones, and asks for
    /// the time.
    fn hit_by<T: Task<S>, Q>(&self, key: &Q, time: &Time) -> Option<Result<T::Output, Error>>
    where
        T::Input: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (engine, mut key) = (&self.handle.engine, self.key_of::<T, Q>(key));
        let now = || time.of(engine);
        let shelved = engine.table.hit_shelved(&key, now);
        if shelved.is_some() {
            return shelved;
        }
        let (shelved, mut sight) = (Table::shelved::<Of<S, T>>(), Sight::default());
        let node = (engine.table).hit(key.hash, &mut key, shelved, &mut sight)?;
        let plain = self.is_plain(&node, sight.life.as_ref(), time);
        let outcome = catch(|| plain.then(|| outcome::<S, T>(&node)).flatten());
        drop_quietly(node);
        outcome.unwrap_or_else(|message| Some(Err(panicked::<S, T>(message))))
    }

    /// Or else somebody has to see to it, who has an input.
    fn is_plain(&self, node: &Arc<dyn Node>, life: Option<&Life>, time: &Time) -> bool {
        let Some(life) = life else { return true };
        match self.handle.engine.judge(node, life, time) {
            Some((Age::Good, now)) if !life.is_stale(now) => true,
            Some(_) => {
                self.handle.engine.table.missed();
                false
            }
            None => false,
        }
    }
}

/// There is no input to make a label of.
fn panicked<S, T: Task<S>>(message: Message) -> Error {
    Error::panicked(T::name().into(), message)
}

impl<S: Send + Sync + 'static, T: Task<S>, Q: ?Sized, F> Unpin for RunBy<'_, '_, S, T, Q, F> {}

impl<S, T, Q, F> Future for RunBy<'_, '_, S, T, Q, F>
where
    S: Send + Sync + 'static,
    T: Task<S>,
    T::Input: Borrow<Q>,
    Q: Hash + Eq + ToOwned<Owned = T::Input> + ?Sized,
{
    type Output = Result<T::Output, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let time = Time::default();
        if matches!(self.stage, Stage::New) && self.ctx.handle.engine.table.has_shelf() {
            let (ctx, key) = (self.ctx, self.key);
            let hash = || ctx.key_of::<T, Q>(key).hash;
            let now = || time.of(&ctx.handle.engine);
            let found = catch(|| {
                let table = &ctx.handle.engine.table;
                table.hit_at_once::<Of<S, T>, Q>(key, hash, now)
            });
            match found {
                Ok(Some(outcome)) => return self.hit(outcome),
                Ok(None) => {}
                Err(message) => return self.hit(Err(panicked::<S, T>(message))),
            }
        }
        self.poll_at(&time, cx)
    }
}

/// With `futures::select!` and the like: it is terminated once it was ready.
impl<S, T, Q, F> FusedFuture for RunBy<'_, '_, S, T, Q, F>
where
    S: Send + Sync + 'static,
    T: Task<S>,
    T::Input: Borrow<Q>,
    Q: Hash + Eq + ToOwned<Owned = T::Input> + ?Sized,
{
    fn is_terminated(&self) -> bool {
        match &self.stage {
            Stage::New => false,
            Stage::Missed(run) => run.is_terminated(),
            Stage::Hit => true,
        }
    }
}

/// The task's name alone: its input may be secret.
impl<S, T, Q, F> fmt::Debug for RunBy<'_, '_, S, T, Q, F>
where
    S: Send + Sync + 'static,
    T: Task<S>,
    Q: ?Sized,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RunBy");
        debug.field("task", &T::name()).finish_non_exhaustive()
    }
}

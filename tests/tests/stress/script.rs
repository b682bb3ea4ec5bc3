//! A task's script, step by step.
use crate::books::End;
use crate::callers::block_on;
use crate::task::{Boxed, Fault, Source, Value, end, node};
use crate::world::World;
use runce::{Ctx, Error};
use runce_tests::program::{Act, Key, Manner, Outcome, Own, Step, add, race};
use std::future::poll_fn;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::task::Poll;

/// A run, as its script sees it.
pub(crate) struct Me<'c> {
    pub(crate) ctx: &'c Ctx<World>,
    pub(crate) key: Key,
    /// It is about to panic.
    pub(crate) panics: Arc<AtomicBool>,
}

type Asked<'c> = Boxed<'c, Result<Value, Error>>;

/// What lives as long as the script.
#[derive(Default)]
struct Held<'c>(Vec<Asked<'c>>, Vec<AtEnd<'c>>);

pub(crate) fn script<'c>(me: Me<'c>) -> Boxed<'c, Result<u64, Source>> {
    Box::pin(async move {
        let world = me.ctx.state();
        let mut sum = 1 + u64::from(me.key);
        let mut held = Held::default();
        for step in &world.plan.program.keys[usize::from(me.key)] {
            let got = me.step(step, &mut held).await?;
            sum = got.into_iter().fold(sum, add);
        }
        Ok(sum)
    })
}

impl<'c> Me<'c> {
    fn world(&self) -> &'c World {
        self.ctx.state()
    }

    async fn step(&self, step: &Step, held: &mut Held<'c>) -> Result<Vec<u64>, Source> {
        Ok(match step {
            Step::Run(key) => vec![self.run(*key).await?.value],
            Step::Detached(key) => vec![self.ask(*key, Manner::Detached).await?.value],
            Step::Try(key) => vec![end(&self.run(*key).await, |value| value.value).code()],
            Step::Group(keys) => self.group(keys).await?,
            Step::Own(keys, manner) => self.own(keys, *manner).await?,
            Step::Race(keys) => vec![self.race(keys).await?.value],
            step => {
                self.aside(step, held).await?;
                Vec::new()
            }
        })
    }

    /// The steps that add nothing.
    async fn aside(&self, step: &Step, held: &mut Held<'c>) -> Result<(), Source> {
        let world = self.world();
        match step {
            Step::Hold(key) => held.0.extend(self.once(*key).await),
            Step::Touch(key) => drop(self.once(*key).await),
            Step::Wait(_) => world.post.answer().await,
            Step::Yield(times) => runce_tests::yields(usize::from(*times)).await,
            Step::Wake => {
                poll_fn(|cx| {
                    cx.waker().wake_by_ref();
                    Poll::Ready(())
                })
                .await;
            }
            Step::Fail => return Err(Fault(self.key, world.token.clone()).into()),
            Step::Panic => self.panic(),
            Step::Do(act) => world.act(*act),
            Step::AtEnd(act) => held.1.push(AtEnd(world, *act)),
            _ => {}
        }
        Ok(())
    }

    fn run(&self, key: Key) -> Asked<'c> {
        self.ask(key, Manner::Plain)
    }

    fn ask(&self, key: Key, manner: Manner) -> Asked<'c> {
        let (ctx, call) = (self.ctx, node(self.world(), key));
        let circular = self.world().plan.meaning.is_circular(self.key, key);
        if manner == Manner::Detached && !circular {
            let ctx = ctx.clone();
            return Box::pin(async move { ctx.run(call).await });
        }
        Box::pin(async move { ctx.run(call).await })
    }

    async fn group(&self, keys: &[Key]) -> Result<Vec<u64>, Error> {
        let calls: Vec<_> = keys.iter().map(|key| node(self.world(), *key)).collect();
        let group: Boxed<'_, _> = Box::pin(self.ctx.run_parallel(calls));
        Ok(group.await?.iter().map(|value| value.value).collect())
    }

    async fn own(&self, keys: &[Key], manner: Manner) -> Result<Vec<u64>, Error> {
        let members = || keys.iter().map(|key| self.ask(*key, manner));
        let stubborn = manner == Manner::Stubborn;
        let all = if stubborn && self.world().plan.blocks {
            block_on(self.world(), Own::new(members(), None::<fn(usize)>))?
        } else {
            Own::new(members(), stubborn.then_some(|_| {})).await?
        };
        Ok(all.iter().map(|value: &Value| value.value).collect())
    }

    async fn race(&self, keys: &[Key]) -> Result<Value, Error> {
        race(keys.iter().map(|key| self.run(*key)).collect()).await
    }

    /// Polls a call once. It comes back if it is pending.
    async fn once(&self, key: Key) -> Option<Asked<'c>> {
        let mut asked = self.run(key);
        let poll = poll_fn(|cx| Poll::Ready(runce_tests::poll(&mut asked, cx.waker())));
        let pending = poll.await.is_pending();
        pending.then_some(asked)
    }

    fn panic(&self) -> ! {
        self.panics.store(true, SeqCst);
        let book = self.world().book(self.key);
        book.come(End::Came(Outcome::Panicked(self.key)));
        // Does not pass through the hook.
        resume_unwind(Box::new(format!("planned {}", self.key)))
    }
}

struct AtEnd<'c>(&'c World, Act);

impl Drop for AtEnd<'_> {
    fn drop(&mut self) {
        self.0.act(self.1);
    }
}

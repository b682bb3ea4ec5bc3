//! A task's script, step by step.
use super::books::{Ending, Run};
use super::node::{Asked, Boxed, Fault, Ground, Source, Value, anew, node, outcome};
use super::own::{Own, race};
use super::wanted::Wanted;
use super::wants::{By, On};
use super::world::World;
use super::{Act, Key, Manner, Outcome, Step, add};
use runce::{Ctx, Error, ErrorKind};
use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

/// A run, as its script sees it.
#[derive(Clone, Copy)]
pub(super) struct Me<'c> {
    pub(super) ctx: &'c Ctx<Ground>,
    pub(super) world: &'c Arc<World>,
    pub(super) key: Key,
    pub(super) run: Run,
}

impl<'c> Me<'c> {
    fn wanted<F: Future>(self, on: On, inner: F) -> Wanted<Pin<Box<F>>> {
        Wanted::new(self.world, By::Run(self.run), on, Box::pin(inner))
    }

    fn ask(self, key: Key, manner: Manner, by: By) -> Asked<'c> {
        let detached = manner == Manner::Detached && !self.world.is_circular(self.key, key);
        let call: Boxed<'c, _> = if detached {
            let (ctx, world) = (self.ctx.clone(), self.world.clone());
            Box::pin(async move { ctx.run(node(&world, key)).await })
        } else {
            Box::pin(self.seen(key))
        };
        Wanted::new(self.world, by, On::Keys(vec![key]), call)
    }

    /// A call that the engine sees as a wait of this run.
    async fn seen(self, key: Key) -> Result<Value, Error> {
        let _edge = Edge::new(self, key);
        let result = self.ctx.run(node(self.world, key)).await;
        if matches!(&result, Err(error) if error.kind() == ErrorKind::Cycle) {
            self.world.books(|books| books.blamed(self.run, key));
        }
        result
    }

    /// Whatever is remembered; but not without end.
    async fn anew(self, key: Key) -> Result<Vec<u64>, Error> {
        if !self.world.may_act() {
            return self.one(key, Manner::Plain).await;
        }
        let call = async {
            let _edge = Edge::new(self, key);
            self.ctx.refresh(anew(self.world, key)).await
        };
        let result = self.wanted(On::Anew(key), call).await;
        if matches!(&result, Err(error) if error.kind() == ErrorKind::Cycle) {
            self.world.books(|books| books.blamed(self.run, key));
        }
        Ok(vec![result?.value])
    }

    async fn settled(self, keys: &[Key]) -> Vec<u64> {
        let calls: Vec<_> = keys.iter().map(|key| node(self.world, *key)).collect();
        let _edges: Vec<_> = keys.iter().map(|key| Edge::new(self, *key)).collect();
        let group = self.ctx.run_settled(calls);
        let circular = |key: &Key| self.world.is_circular(self.key, *key);
        let on = match keys.iter().any(circular) {
            // One that would wait for itself is over at once.
            true => On::Rest(keys.to_vec()),
            false => On::Keys(keys.to_vec()),
        };
        let all = self.wanted(on, group).await;
        let code = |result| outcome(result, |value: &Value| value.value).code();
        all.iter().map(code).collect()
    }

    fn run(self, key: Key, manner: Manner) -> Asked<'c> {
        self.ask(key, manner, By::Run(self.run))
    }

    async fn all(self, keys: &[Key], manner: Manner) -> Result<Vec<u64>, Error> {
        let members = keys.iter().map(|key| self.run(*key, manner));
        let stuck = |member: usize| self.world.stuck(keys[member]);
        let stuck = (manner == Manner::Stubborn).then_some(stuck);
        let all = Own::new(members, stuck).await?;
        Ok(all.iter().map(|value| value.value).collect())
    }

    async fn group(self, keys: &[Key]) -> Result<Vec<u64>, Error> {
        let calls: Vec<_> = keys.iter().map(|key| node(self.world, *key)).collect();
        let _edges: Vec<_> = keys.iter().map(|key| Edge::new(self, *key)).collect();
        let group = self.ctx.run_parallel(calls);
        let all = self.wanted(On::Keys(keys.to_vec()), group).await?;
        Ok(all.iter().map(|value| value.value).collect())
    }

    async fn race(self, keys: &[Key]) -> Result<Vec<u64>, Error> {
        let members = keys.iter().map(|key| self.run(*key, Manner::Plain));
        Ok(vec![race(members.collect()).await?.value])
    }

    async fn one(self, key: Key, manner: Manner) -> Result<Vec<u64>, Error> {
        Ok(vec![self.run(key, manner).await?.value])
    }

    async fn caught(self, key: Key) -> u64 {
        let result = self.run(key, Manner::Plain).await;
        outcome(&result, |value| value.value).code()
    }

    /// Polls a call once. It comes back if it is pending.
    async fn once(self, key: Key) -> Option<Asked<'c>> {
        let mut asked = self.ask(key, Manner::Plain, By::Keeps(self.run));
        let pending = poll_fn(|cx| Poll::Ready(crate::poll(&mut asked, cx.waker()).is_pending()));
        pending.await.then_some(asked)
    }

    async fn wait(self, gate: u8) {
        let door = poll_fn(|cx| self.world.door(gate).poll(cx));
        self.wanted(On::Gate(gate), door).await;
    }

    async fn yields(self, mut times: u8) {
        poll_fn(|cx| {
            if times == 0 {
                return Poll::Ready(());
            }
            times -= 1;
            self.world.yielded(self.run);
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    async fn wake(self) {
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            Poll::Ready(())
        })
        .await;
    }

    fn fail(self) -> Source {
        Fault(self.key, self.ctx.state().token.clone()).into()
    }

    fn panic(self) -> ! {
        let outcome = Outcome::Panicked(self.key);
        self.world
            .books(|books| books.complete(self.run, outcome, Ending::Panics));
        // Does not pass through the hook.
        resume_unwind(Box::new(format!("planned {}", self.key)))
    }
}

pub(super) async fn script(me: Me<'_>) -> Result<u64, Source> {
    let mut sum = 1 + u64::from(me.key);
    let mut held = Vec::new();
    let mut ends = Vec::new();
    for step in me.world.script(me.key) {
        let got = match step {
            Step::Run(key) => me.one(*key, Manner::Plain).await?,
            Step::Detached(key) => me.one(*key, Manner::Detached).await?,
            Step::Try(key) => vec![me.caught(*key).await],
            Step::Group(keys) => me.group(keys).await?,
            Step::Settled(keys) => me.settled(keys).await,
            Step::Refresh(key) => me.anew(*key).await?,
            Step::Own(keys, manner) => me.all(keys, *manner).await?,
            Step::Race(keys) => me.race(keys).await?,
            step => {
                me.aside(step, &mut held, &mut ends).await?;
                Vec::new()
            }
        };
        sum = got.into_iter().fold(sum, add);
    }
    Ok(sum)
}

impl<'c> Me<'c> {
    /// The steps that add nothing.
    async fn aside(
        self,
        step: &Step,
        held: &mut Vec<Asked<'c>>,
        ends: &mut Vec<AtEnd>,
    ) -> Result<(), Source> {
        match step {
            Step::Hold(key) => held.extend(self.once(*key).await),
            Step::Touch(key) => drop(self.once(*key).await),
            Step::Wait(gate) => self.wait(*gate).await,
            Step::Yield(times) => self.yields(*times).await,
            Step::Wake => self.wake().await,
            Step::Fail => return Err(self.fail()),
            Step::Panic => self.panic(),
            Step::Do(act) => self.world.act(*act),
            Step::AtEnd(act) => ends.push(AtEnd(self.world.clone(), *act)),
            _ => {}
        }
        Ok(())
    }
}

/// It waits for that key.
struct Edge<'c>(Me<'c>, Key);

impl<'c> Edge<'c> {
    fn new(me: Me<'c>, key: Key) -> Self {
        me.world.books(|books| books.ask(me.run, key));
        Self(me, key)
    }
}

impl Drop for Edge<'_> {
    fn drop(&mut self) {
        self.0.world.books(|books| books.asked(self.0.run, self.1));
    }
}

struct AtEnd(Arc<World>, Act);

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.0.act(self.1);
    }
}

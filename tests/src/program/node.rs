//! The task: it plays the script of its key.
use super::books::{By, Ending, On, Run};
use super::own::{Own, race};
use super::wanted::Wanted;
use super::world::World;
use super::{Act, Key, Manner, Outcome, Step, add};
use runce::{Call, Ctx, Error, ErrorKind, Task};
use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{Hash, Hasher};
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

type Source = Box<dyn StdError + Send + Sync>;
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Asked<'a> = Wanted<Boxed<'a, Result<Value, Error>>>;

/// What the contexts' state is.
pub(super) struct Ground {
    pub(super) world: Arc<World>,
    /// Counts what is alive.
    pub(super) token: Arc<()>,
}

/// An output, and the run that it comes from.
pub(super) struct Value {
    pub(super) value: u64,
    pub(super) run: Run,
    world: Weak<World>,
    token: Arc<()>,
}

/// A key's own failure.
struct Fault(Key, #[allow(dead_code)] Arc<()>);

/// An input.
pub(super) struct Name {
    key: Key,
    world: Arc<World>,
}

pub(super) struct Node;

pub(super) fn node(world: &Arc<World>, key: Key) -> Call<Node, Name> {
    let world = world.clone();
    Call::new(Name { key, world })
}

impl Task<Ground> for Node {
    type Input = Name;
    type Output = Value;
    type Error = Source;

    async fn run(ctx: &Ctx<Ground>, name: Name) -> Result<Value, Source> {
        Body::new(ctx, name.key).await
    }

    fn label(name: &Name, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key({})", name.key)
    }
}

/// What a call came to, without where it came from.
pub(super) fn outcome<T>(result: &Result<T, Error>, value: impl FnOnce(&T) -> u64) -> Outcome {
    match result {
        Ok(output) => Outcome::Value(value(output)),
        Err(error) => trouble(error),
    }
}

fn trouble(error: &Error) -> Outcome {
    match error.kind() {
        ErrorKind::Cancelled => Outcome::Cancelled,
        ErrorKind::Cycle => Outcome::Cycle,
        ErrorKind::Panicked => Outcome::Panicked(planned(&error.to_string())),
        _ => match error.find::<Fault>() {
            Some(fault) => Outcome::Failed(fault.0),
            None => Outcome::Failed(Key::MAX),
        },
    }
}

/// Which key's planned panic this is the message of.
fn planned(text: &str) -> Key {
    let key = text.rsplit_once("planned ").map(|(_, key)| key.parse());
    key.and_then(Result::ok).unwrap_or(Key::MAX)
}

/// A run's future. Its fields are dropped in this order.
struct Body<'c> {
    begin: Begin<'c>,
    script: Boxed<'c, Result<u64, Source>>,
    _end: End,
}

struct Begin<'c> {
    ctx: &'c Ctx<Ground>,
    run: Run,
}

struct End {
    world: Arc<World>,
    run: Run,
    _token: Arc<()>,
}

impl<'c> Body<'c> {
    fn new(ctx: &'c Ctx<Ground>, key: Key) -> Self {
        let Ground { world, token } = ctx.state();
        world.entered();
        let run = world.books(|books| books.start(key));
        let me = Me {
            ctx,
            world,
            key,
            run,
        };
        Self {
            begin: Begin { ctx, run },
            script: Box::pin(script(me)),
            _end: End {
                world: world.clone(),
                run,
                _token: token.clone(),
            },
        }
    }
}

impl Future for Body<'_> {
    type Output = Result<Value, Source>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Begin { ctx, run } = self.begin;
        let world = &ctx.state().world;
        world.entered();
        if world.spins() {
            return Poll::Ready(Err("too many polls".into()));
        }
        let Poll::Ready(result) = self.script.as_mut().poll(cx) else {
            return Poll::Pending;
        };
        let outcome = match &result {
            Ok(value) => Outcome::Value(*value),
            Err(source) => failed(source),
        };
        let cancelled = ctx.is_cancelled();
        let end = [Ending::Returns, Ending::Cancelled][usize::from(cancelled)];
        world.books(|books| books.complete(run, outcome, end));
        let token = ctx.state().token.clone();
        Poll::Ready(result.map(|value| Value {
            value,
            run,
            world: Arc::downgrade(world),
            token,
        }))
    }
}

fn failed(source: &Source) -> Outcome {
    match (source.downcast_ref::<Error>(), source.downcast_ref()) {
        (Some(error), _) => trouble(error),
        (_, Some(Fault(key, _))) => Outcome::Failed(*key),
        _ => Outcome::Failed(Key::MAX),
    }
}

impl Drop for Begin<'_> {
    fn drop(&mut self) {
        let world = &self.ctx.state().world;
        world.entered();
        let cancelled = self.ctx.is_cancelled();
        world.books(|books| books.begin_end(self.run, cancelled));
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.world.books(|books| books.end(self.run));
    }
}

/// A run, as its script sees it.
#[derive(Clone, Copy)]
struct Me<'c> {
    ctx: &'c Ctx<Ground>,
    world: &'c Arc<World>,
    key: Key,
    run: Run,
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

async fn script(me: Me<'_>) -> Result<u64, Source> {
    let mut sum = 1 + u64::from(me.key);
    let mut held = Vec::new();
    let mut ends = Vec::new();
    for step in me.world.script(me.key) {
        let got = match step {
            Step::Run(key) => me.one(*key, Manner::Plain).await?,
            Step::Detached(key) => me.one(*key, Manner::Detached).await?,
            Step::Try(key) => vec![me.caught(*key).await],
            Step::Group(keys) => me.group(keys).await?,
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
            Step::Wake => poll_fn(|cx| Poll::Ready(cx.waker().wake_by_ref())).await,
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

impl Clone for Name {
    fn clone(&self) -> Self {
        self.world.cloned();
        let world = self.world.clone();
        Self { world, ..*self }
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl Clone for Value {
    fn clone(&self) -> Self {
        self.world.upgrade().iter().for_each(World::cloned);
        let (world, token) = (self.world.clone(), self.token.clone());
        Self {
            world,
            token,
            ..*self
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({})", self.0)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key {} fails", self.0)
    }
}

impl StdError for Fault {}

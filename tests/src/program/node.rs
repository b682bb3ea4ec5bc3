//! The task: it plays the script of its key.
use super::books::{Ending, Run};
use super::script::{Me, script};
use super::wanted::Wanted;
use super::world::World;
use super::{Keeps, Key, Outcome, inserted, memory};
use runce::{Call, Ctx, Error, ErrorKind, Retention, Task};
use std::cell::Cell;
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};
use std::time::Duration;

pub(super) type Source = Box<dyn StdError + Send + Sync>;
pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
pub(super) type Asked<'a> = Wanted<Boxed<'a, Result<Value, Error>>>;

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
pub(super) struct Fault(pub(super) Key, #[allow(dead_code)] pub(super) Arc<()>);

/// An input.
pub(super) struct Name {
    key: Key,
    /// Of a refresh; it makes no other call of it.
    anew: bool,
    world: Arc<World>,
}

pub(super) struct Node;

pub(super) fn node(world: &Arc<World>, key: Key) -> Call<Node, Name> {
    named(world, key, false)
}

/// For a refresh.
pub(super) fn anew(world: &Arc<World>, key: Key) -> Call<Node, Name> {
    named(world, key, true)
}

fn named(world: &Arc<World>, key: Key, anew: bool) -> Call<Node, Name> {
    let world = world.clone();
    Call::new(Name { key, anew, world })
}

/// What is inserted.
pub(super) fn value(world: &Arc<World>, token: &Arc<()>, key: Key, run: Run) -> Value {
    let (world, token) = (Arc::downgrade(world), token.clone());
    let value = inserted(key);
    Value {
        value,
        run,
        world,
        token,
    }
}

thread_local! {
    /// A task is asked for its limit without its input: a program sets it for its thread.
    pub(super) static OWN_LIMIT: Cell<Option<Duration>> = const { Cell::new(None) };
}

impl Task<Ground> for Node {
    type Input = Name;
    type Output = Value;
    type Error = Source;

    async fn run(ctx: &Ctx<Ground>, name: Name) -> Result<Value, Source> {
        Body::new(ctx, name.key, name.anew).await
    }

    fn retention(outcome: runce::Outcome<'_, Value, Source>) -> Option<Retention> {
        let runce::Outcome::Value(value) = outcome else {
            return None;
        };
        let keeps = value.world.upgrade()?.program.config.keeps;
        (keeps == Keeps::NoValues).then_some(Retention::CallersOnly)
    }

    fn limit() -> Option<Duration> {
        OWN_LIMIT.get()
    }

    fn weight(name: &Name, _: &Value) -> usize {
        memory::weight(name.key)
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
        ErrorKind::TimedOut => Outcome::TimedOut,
        ErrorKind::DeadlineExceeded => Outcome::Late,
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
    fn new(ctx: &'c Ctx<Ground>, key: Key, anew: bool) -> Self {
        let Ground { world, token } = ctx.state();
        world.entered();
        world.sync();
        let run = world.books(|books| books.start(key, anew));
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
            world.books(|books| books.pending(run));
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
        self.world.sync();
        self.world.books(|books| books.end(self.run));
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
        let collides = self.world.program.config.collides;
        (if collides { 0 } else { self.key }).hash(state);
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

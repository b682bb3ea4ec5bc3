//! The task: it plays the script of its key.
use crate::books::End;
use crate::callers::block_on;
use crate::script::{Me, script};
use crate::world::World;
use runce::{Call, Ctx, Error, ErrorKind, Task};
use runce_tests::program::{Key, Outcome};
use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

pub(crate) type Source = Box<dyn StdError + Send + Sync>;
pub(crate) type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

pub(crate) struct Node;

/// An input.
#[derive(Clone)]
pub(crate) struct Name {
    key: Key,
    _token: Arc<()>,
}

/// An output.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) key: Key,
    pub(crate) value: u64,
    _token: Arc<()>,
}

/// A key's own failure.
pub(crate) struct Fault(pub(crate) Key, #[allow(dead_code)] pub(crate) Arc<()>);

pub(crate) fn node(world: &World, key: Key) -> Call<Node, Name> {
    Call::new(Name {
        key,
        _token: world.token.clone(),
    })
}

impl Value {
    pub(crate) fn new(world: &World, key: Key, value: u64) -> Self {
        Self {
            key,
            value,
            _token: world.token.clone(),
        }
    }
}

impl Task<World> for Node {
    type Input = Name;
    type Output = Value;
    type Error = Source;

    async fn run(ctx: &Ctx<World>, name: Name) -> Result<Value, Source> {
        let (world, key) = (ctx.state(), name.key);
        let mut body = Body::new(world, key);
        let panics = body.panics.clone();
        let result = if world.plan.blocking[usize::from(key)] {
            let work =
                move |ctx: &Ctx<World>| block_on(ctx.state(), script(Me { ctx, key, panics }));
            runce::blocking(ctx, work).await
        } else {
            script(Me { ctx, key, panics }).await
        };
        body.complete(&result);
        result.map(|value| Value::new(world, key, value))
    }

    fn label(name: &Name, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "key({})", name.key)
    }
}

/// A run's future is alive.
struct Body<'c> {
    world: &'c World,
    key: Key,
    panics: Arc<AtomicBool>,
    is_remembered: bool,
    _token: Arc<()>,
}

impl<'c> Body<'c> {
    fn new(world: &'c World, key: Key) -> Self {
        let started = world.book(key).start(key);
        started.unwrap_or_else(|broken| world.law(false, || broken));
        let (panics, _token) = (Arc::default(), world.token.clone());
        Self {
            world,
            key,
            panics,
            is_remembered: false,
            _token,
        }
    }

    fn complete(&mut self, result: &Result<u64, Source>) {
        let end = match result {
            Ok(value) => End::Came(Outcome::Value(*value)),
            Err(source) => failed(source),
        };
        let (world, key) = (self.world, self.key);
        world.law(world.allows(key, end), || {
            format!("outcomes: key {key} comes to {end:?}")
        });
        self.is_remembered = !end.is_transient();
        world.book(key).come(end);
    }
}

impl Drop for Body<'_> {
    fn drop(&mut self) {
        let book = self.world.book(self.key);
        // Work that panicked may have lost its run before.
        let panics = self.panics.load(SeqCst) && !self.world.plan.blocks;
        if !self.is_remembered && !panics {
            book.forgotten.fetch_add(1, SeqCst);
        }
        book.running.fetch_sub(1, SeqCst);
    }
}

/// What a call came to.
pub(crate) fn end<T>(result: &Result<T, Error>, value: impl FnOnce(&T) -> u64) -> End {
    match result {
        Ok(output) => End::Came(Outcome::Value(value(output))),
        Err(error) => trouble(error),
    }
}

fn failed(source: &Source) -> End {
    match (source.downcast_ref::<Error>(), source.downcast_ref()) {
        (Some(error), _) => trouble(error),
        (_, Some(Fault(key, _))) => End::Came(Outcome::Failed(*key)),
        _ => End::Came(Outcome::Failed(Key::MAX)),
    }
}

fn trouble(error: &Error) -> End {
    End::Came(match error.kind() {
        ErrorKind::TimedOut => return End::TimedOut,
        ErrorKind::DeadlineExceeded => return End::Late,
        ErrorKind::Cancelled => Outcome::Cancelled,
        ErrorKind::Cycle => Outcome::Cycle,
        ErrorKind::Panicked => Outcome::Panicked(planned(&error.to_string())),
        _ => Outcome::Failed(error.find::<Fault>().map_or(Key::MAX, |fault| fault.0)),
    })
}

/// Which key's planned panic this is the message of.
fn planned(text: &str) -> Key {
    let key = text.rsplit_once("planned ").map(|(_, key)| key.parse());
    key.and_then(Result::ok).unwrap_or(Key::MAX)
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

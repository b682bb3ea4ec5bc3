//! Random programs over the engine, and a naive oracle for them.
//!
//! A [`Program`] is a small graph of tasks and a list of operations from outside. It is
//! read from bytes, so the same generator serves seeds, a fuzzer and the files of a corpus.
//! [`check`] runs it against the engine and compares, after each operation, with what can be
//! computed plainly:
//!
//! | module | its one job |
//! |---|---|
//! | `code`, `records` | bytes → program → bytes |
//! | `nature` | what can be said of a program, a step, an outcome by itself |
//! | `meaning` | what a key may come to: plain recursion over the graph |
//! | `books` | what was seen of each run, and the laws about that |
//! | `memory` | what is remembered of each key, and for how long |
//! | `wants` | who waits for what, and the laws about that |
//! | `world` | what surrounds the engine |
//! | `acts` | what may be done to it |
//! | `callers` | futures of calls from outside, and their wakers |
//! | `verify` | what callers get |
//! | `jobs` | an executor driven by hand |
//! | `node`, `script` | the task, which plays the script of its key |
//! | `wanted` | futures that tell the books what they wait for; gates |
//! | `own` | combinators with wakers of their own |
//! | `play` | plays the operations |
//! | `hold` | what is checked after each |
//! | `shrink`, `text` | the smallest program that still fails, for people |
mod acts;
mod books;
mod callers;
mod code;
mod hold;
mod jobs;
mod meaning;
mod memory;
mod nature;
mod node;
mod own;
mod play;
mod records;
mod script;
mod shrink;
mod text;
mod verify;
mod wanted;
mod wants;
mod world;

pub use meaning::Meaning;
pub use own::{Own, race};
pub use play::{Seen, check};
pub use shrink::shrink;
pub(crate) use shrink::without_a_part;
pub use text::tell;

/// Names a task of the graph.
pub type Key = u8;
/// Names something that is waited for.
pub type Gate = u8;

/// Keys are fewer than that.
pub const KEYS: usize = 8;
/// Gates are so many.
pub const GATES: usize = 3;

/// A graph of tasks, and what is done from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    pub config: Config,
    /// The script of each key.
    pub keys: Vec<Vec<Step>>,
    pub ops: Vec<Op>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    pub depth: usize,
    pub budget: usize,
    pub host: Host,
    pub store: Store,
    pub keeps: Keeps,
    pub limit: Limit,
    /// All inputs have the same hash.
    pub collides: bool,
    pub end: End,
}

/// Who drives the runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Host {
    Callers,
    Executor,
    /// An executor that finishes what is abandoned.
    Finisher,
}

/// How outcomes are remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Store {
    /// As long as the context.
    Plain,
    /// With a TTL and a capacity, of which only the first is ever reached.
    Managed,
    /// With a TTL, and room for few.
    Tight,
}

/// Which outcomes are remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keeps {
    Alike,
    /// Errors and panics for a shorter time, where there is a TTL.
    ErrorsBriefly,
    NoErrors,
    NoValues,
}

/// How long a run may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    None,
    /// As the task says.
    Task,
    /// As the context does.
    Context,
}

/// What happens after the last operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum End {
    /// All gates open, everybody is polled.
    Finish,
    /// All callers are dropped.
    Drop,
    Cancel,
    /// The executor drops its jobs; then as `Finish`.
    ShutDown,
}

/// What a task does next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    Run(Key),
    /// Errors are caught.
    Try(Key),
    /// Through a clone of the handle. Where that could close a circle, which nobody would
    /// see, it is a `Run`.
    Detached(Key),
    /// Polled once, then kept until the task ends.
    Hold(Key),
    /// Polled once, then dropped.
    Touch(Key),
    Group(Vec<Key>),
    /// All of them, whatever fails.
    Settled(Vec<Key>),
    /// Run anew, whatever is remembered.
    Refresh(Key),
    /// All, by a combinator with wakers of its own.
    Own(Vec<Key>, Manner),
    /// The first of them; the others are dropped.
    Race(Vec<Key>),
    Wait(Gate),
    Yield(u8),
    /// Wakes itself, without yielding.
    Wake,
    Fail,
    Panic,
    Do(Act),
    /// When the task's future is dropped.
    AtEnd(Act),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Manner {
    Plain,
    /// Through clones of the handle.
    Detached,
    /// Polls again within one poll, as long as a member is woken, like a thread that blocks.
    Stubborn,
}

/// What may be done from outside and from within a task.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    Start(Key),
    /// Polls that caller, woken or not.
    Poll(u8),
    Drop(u8),
    Open(Gate),
    /// Wakes those who wait, without opening.
    Pulse(Gate),
    Invalidate(Key),
    Clear,
    /// A caller of a refresh.
    Refresh(Key),
    Insert(Key),
    /// Looks at what is remembered.
    Peek(Key),
    /// The clock goes on, past the TTL.
    Expire,
    /// It goes on by less than that.
    Age,
    Cancel,
    DropHandle,
    ShutDown,
}

/// What is done from outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    /// A caller of these; polled at once.
    Start(Vec<Key>, Waking),
    /// A caller that asks in another way; polled at once.
    Ask(Vec<Key>, Way, Waking),
    /// A caller that is not polled yet.
    Lazy(Key),
    /// Polls one of the callers and jobs that are woken.
    Turn(u8),
    /// Polls that caller with another waker.
    Fresh(u8),
    /// That caller is not polled any more.
    Stall(u8),
    Close(Gate),
    /// From now on the executor drops its jobs at once, or takes them again.
    Refuse(bool),
    /// The next clone of an input or an output does that.
    OnClone(Act),
    /// Polls all that is woken, until nothing is.
    Settle,
    Do(Act),
}

/// How a caller asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// For one key, or a group.
    Plain,
    /// For the first key, anew.
    Refresh,
    /// For the first key, and not for long.
    Within,
    Each,
    /// For all, whatever fails.
    Settled,
}

/// What a caller's waker does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waking {
    /// It is noted.
    Notes,
    /// It polls the caller on the spot.
    Polls,
    Panics,
}

/// What a call comes to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    Value(u64),
    /// That key failed.
    Failed(Key),
    /// That key panicked.
    Panicked(Key),
    Cycle,
    Cancelled,
    /// A run took longer than its limit.
    TimedOut,
    /// A caller waited no longer.
    Late,
}

/// What is inserted for a key.
#[must_use]
pub fn inserted(key: Key) -> u64 {
    7000 + u64::from(key)
}

/// How a task adds up what it gets.
#[must_use]
pub fn add(sum: u64, value: u64) -> u64 {
    sum.wrapping_mul(31).wrapping_add(value)
}

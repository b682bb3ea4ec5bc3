//! The guide: one page a question, each with a problem, an example that runs, and the
//! rules. In this order they read as a book; each can be read alone.
//!
//! | page | what it answers |
//! |---|---|
//! | [`first_graph`] | What is a task, a call, a context? How do I put them together? |
//! | [`errors`] | What do I get when a task fails, panics, is cancelled? What is remembered? |
//! | [`parallelism`] | What runs at the same time, and on how many threads? |
//! | [`deadlines`] | How long may a call take? What is remembered of one that was late? |
//! | [`editing`] | How do I look at, set, and forget what a context remembers? |
//! | [`scopes`] | What lives as long as a request, what as long as the process? How does it end? |
//! | [`remembering`] | How long, and how much, does a context remember that lives long? |
//! | [`slow_upstream`] | What if an upstream is slow, fails, hangs, or takes only so many calls at once? |
//! | [`dynamic`] | How do I choose tasks by name, or make them at run time? Mix them in a list? |
//! | [`recursion`] | May a task call itself? What is "queries overflow the depth limit"? |
//! | [`testing`] | How do I test tasks without sleeping? |
//! | [`bare_metal`] | How do I use it without an operating system? What may an interrupt do? |
//! | [`what_not_to_do`] | Which mistakes does the compiler not find? |
//! | [`compiler_says`] | What does this message of the compiler mean, and what do I do? |
//! | [`from_go`] | How do I say in Rust what I said with Vorma's `kit/tasks`? |

#[doc = include_str!("guide/first_graph.md")]
pub mod first_graph {}

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/parallelism.md")]
pub mod parallelism {}

#[doc = include_str!("guide/deadlines.md")]
pub mod deadlines {}

#[doc = include_str!("guide/editing.md")]
pub mod editing {}

#[doc = include_str!("guide/scopes.md")]
pub mod scopes {}

#[doc = include_str!("guide/remembering.md")]
pub mod remembering {}

#[doc = include_str!("guide/slow_upstream.md")]
pub mod slow_upstream {}

#[doc = include_str!("guide/dynamic.md")]
pub mod dynamic {}

#[doc = include_str!("guide/recursion.md")]
pub mod recursion {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/bare_metal.md")]
pub mod bare_metal {}

#[doc = include_str!("guide/what_not_to_do.md")]
pub mod what_not_to_do {}

#[doc = include_str!("guide/compiler_says.md")]
pub mod compiler_says {}

#[doc = include_str!("guide/from_go.md")]
pub mod from_go {}

//! What the expansion of `#[task]` needs. Not public API: it changes in any release.

use crate::{Ctx, Task};
use alloc::boxed::Box;
pub use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::convert::Infallible;
use core::error::Error as StdError;
use core::fmt::{self, Debug, Formatter};
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

/// The two halves of a `Result`, also of one behind an alias.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is named like a `Result`, but is none",
    label = "a name that ends in `Result` makes the task fallible",
    note = "return `Result<{Self}, core::convert::Infallible>`, or give the type another name"
)]
pub trait Fallible {
    type Output;
    type Error;
}

impl<T, E> Fallible for Result<T, E> {
    type Output = T;
    type Error = E;
}

/// Whether `R` is a `Result`: [`Verdict::VERDICT`] is [`No`] for every type, but the
/// constant of the same name on `Returned<Result<_, _>>` itself goes before it.
pub struct Returned<R>(PhantomData<R>);
pub struct No;
pub struct Hides;

impl<T, E> Returned<Result<T, E>> {
    pub const VERDICT: Hides = Hides;
}

pub trait Verdict {
    const VERDICT: No = No;
}

impl<R> Verdict for Returned<R> {}

#[diagnostic::on_unimplemented(
    message = "the return type of this task is a `Result` behind an alias",
    label = "its errors would be taken for values",
    note = "write `Result<_, _>`, or give the alias a name that ends in `Result`"
)]
pub trait NotAResult {}

impl NotAResult for No {}

pub fn not_a_result<V: NotAResult>(_: V) {}

/// A part of an input in a label: its `Debug` where the type has it, else `_`.
/// The method on `Part` itself goes before the trait's.
pub struct Part<'a, T>(pub &'a T);

impl<'a, T: Debug> Part<'a, T> {
    pub fn shown(&self) -> &'a dyn Debug {
        self.0
    }
}

pub trait NoDebug {
    fn shown(&self) -> &'static dyn Debug {
        &Unknown
    }
}

impl<T> NoDebug for Part<'_, T> {}

struct Unknown;

impl Debug for Unknown {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

/// Writes `name(part, part)`.
pub fn label(f: &mut Formatter<'_>, name: &str, parts: &[&dyn Debug]) -> fmt::Result {
    write!(f, "{name}(")?;
    for (index, part) in parts.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(f, "{comma}{part:?}")?;
    }
    f.write_str(")")
}

pin_project_lite::pin_project! {
    /// The future of an `async` task that cannot fail, as one that did not. A struct
    /// and no `async` block: that would halve how deep tasks may call each other at a
    /// given `recursion_limit`, and show up in errors about circular tasks.
    pub struct Infallibly<F> {
        #[pin]
        future: F,
    }
}

impl<F: Future> Infallibly<F> {
    pub fn new(future: F) -> Self {
        Self { future }
    }
}

impl<F: Future> Future for Infallibly<F> {
    type Output = Result<F::Output, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.project().future.poll(cx).map(Ok)
    }
}

/// In the place of a function that `#[task]` refused: nothing that calls it is ever run.
pub struct Refused<O, E>(PhantomData<fn() -> (O, E)>);

impl<S, O, E> Task<S> for Refused<O, E>
where
    O: Clone + Send + Sync + 'static,
    E: Into<Box<dyn StdError + Send + Sync>> + Send + 'static,
{
    type Input = ();
    type Output = O;
    type Error = E;

    fn run(_: &Ctx<S>, (): ()) -> impl Future<Output = Result<O, E>> + Send {
        core::future::pending()
    }
}

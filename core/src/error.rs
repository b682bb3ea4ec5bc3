//! The one error of the crate.
mod elided;
mod label;
mod text;
mod whole;

use crate::guard::Message;
use crate::sync::Arc;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::any::Any;
use core::error::Error as StdError;
use elided::Elided;

pub(crate) use label::Label;

type Source = Box<dyn StdError + Send + Sync>;

/// How many levels of tasks an error keeps whole on its way up.
const LEVELS: usize = 64;

/// Why a call has no output. Cheap to clone: all callers of a run share it.
///
/// With the feature `anyhow`, an `anyhow::Error` that a task returns is kept whole: it is
/// found by the type that it wraps, and shows the context that was added to it.
///
/// `{}` shows this level, `{:#}` the whole chain of causes, [`source`] the next level.
///
/// [`source`]: core::error::Error::source
///
/// # Examples
///
/// ```
/// use runce::{Ctx, Error, ErrorKind, task};
///
/// #[derive(Debug, PartialEq)]
/// struct NoSuchUser;
/// impl std::fmt::Display for NoSuchUser {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         f.write_str("no such user")
///     }
/// }
/// impl std::error::Error for NoSuchUser {}
///
/// #[task]
/// async fn user(id: u64) -> Result<String, NoSuchUser> {
///     if id == 7 { Err(NoSuchUser) } else { Ok(format!("user {id}")) }
/// }
///
/// # fn main() { pollster::block_on(async {
/// let error: Error = Ctx::new(()).run(user(7)).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Failed);
/// assert_eq!(error.to_string(), "task `user(7)` failed");
/// assert_eq!(format!("{error:#}"), "task `user(7)` failed: no such user");
/// assert_eq!(error.find::<NoSuchUser>(), Some(&NoSuchUser));
/// # }) }
/// ```
#[derive(Clone)]
pub struct Error(Repr);

#[derive(Clone)]
enum Repr {
    Cancelled,
    Detailed(Arc<Detail>),
}

struct Detail {
    kind: ErrorKind,
    /// Of the task that failed.
    label: Box<str>,
    cause: Cause,
    /// How many tasks it came up through.
    levels: usize,
    /// Goes back to a cancellation or a cycle: not to be kept.
    transient: bool,
}

enum Cause {
    Error(Source),
    Elided(Elided),
    Message(Message),
    Path(Vec<Box<str>>),
    /// The types that were expected, and given.
    Types(&'static str, &'static str),
    /// What the context was not given.
    Lacks(Lack),
    /// The kind says it all.
    Nothing,
}

/// What needs a timer, and has none.
#[derive(Clone, Copy)]
pub(crate) enum Lack {
    /// A wait that is bounded in time.
    Wait,
    /// A run that may not take longer than that.
    Limit,
}

/// What went wrong with a call.
///
/// # Examples
///
/// ```
/// use runce::{Error, ErrorKind};
///
/// /// The status of an HTTP response.
/// fn status(error: &Error) -> u16 {
///     match error.root_kind() { // `kind` is `Failed` where a task passed it on in its own
///         ErrorKind::DeadlineExceeded | ErrorKind::TimedOut => 504,
///         ErrorKind::Cancelled | ErrorKind::Overloaded => 503,
///         ErrorKind::WrongInput => 400,
///         _ => 500, // more may be added
///     }
/// }
/// # let _ = status;
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The task returned an error. It is remembered.
    Failed,
    /// The context was cancelled, or ended with its [parent](crate::Builder::parent).
    Cancelled,
    /// The caller's time is up, or the context's. The run goes on for others that want it;
    /// nothing is remembered.
    DeadlineExceeded,
    /// The run took longer than its [limit](crate::Builder::limit), and was dropped; nothing
    /// is remembered.
    TimedOut,
    /// Too many runs of the task wait for their turn: see [`Concurrency`](crate::Concurrency).
    /// The task was not called, nothing is remembered.
    Overloaded,
    /// The call would wait for itself. Nobody waited, nothing is remembered.
    Cycle,
    /// The task panicked. It is remembered. Also: the `Hash`, `Eq` or `Clone` of its input or
    /// output did; that is not.
    Panicked,
    /// A task whose types are known at run time only was given an input of another type
    /// than it takes. Nothing was run.
    WrongInput,
    /// It needs something that the context was not given, such as a timer. Nothing was run.
    Unsupported,
}

impl ErrorKind {
    fn is_transient(self) -> bool {
        matches!(
            self,
            Self::Cycle | Self::DeadlineExceeded | Self::TimedOut | Self::Overloaded
        )
    }
}

impl Error {
    /// What went wrong at this level. That of the root is [`root_kind`](Self::root_kind).
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.0 {
            Repr::Cancelled => ErrorKind::Cancelled,
            Repr::Detailed(detail) => detail.kind,
        }
    }

    /// The first error of type `E` among this one and its causes, through any depth of tasks:
    /// the outermost. For another one see [`causes`](Self::causes).
    #[must_use]
    pub fn find<E: StdError + 'static>(&self) -> Option<&E> {
        chain(self).find_map(|error| error.downcast_ref())
    }

    /// This error and its sources, outermost first, through any depth of tasks.
    ///
    /// # Examples
    ///
    /// Where the whole application has one type of error, the innermost says what went wrong:
    ///
    /// ```
    /// use runce::{Ctx, Error, task};
    ///
    /// #[derive(Debug)]
    /// enum AppError {
    ///     NotFound,
    ///     Task(Error),
    /// }
    /// # impl std::fmt::Display for AppError {
    /// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("…") }
    /// # }
    /// # impl std::error::Error for AppError {
    /// #     fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
    /// #         match self { Self::Task(error) => Some(error), Self::NotFound => None }
    /// #     }
    /// # }
    /// # impl From<Error> for AppError { fn from(error: Error) -> Self { Self::Task(error) } }
    ///
    /// #[task]
    /// async fn user(id: u64) -> Result<u64, AppError> {
    ///     if id == 7 { Err(AppError::NotFound) } else { Ok(id) }
    /// }
    /// #[task]
    /// async fn page(ctx: &Ctx, id: u64) -> Result<u64, AppError> {
    ///     Ok(ctx.run(user(id)).await?)
    /// }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let error = Ctx::new(()).run(page(7)).await.unwrap_err();
    /// let root = error.causes().filter_map(|cause| cause.downcast_ref()).last();
    /// assert!(matches!(root, Some(AppError::NotFound)));
    /// assert!(matches!(error.find(), Some(AppError::Task(_)))); // the outermost
    /// # }) }
    /// ```
    pub fn causes(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        chain(self)
    }

    /// What went wrong at the root: the kind of the innermost error of this type among the
    /// causes. [`kind`](Self::kind) is that of the outermost task alone.
    #[must_use]
    pub fn root_kind(&self) -> ErrorKind {
        let ours = chain(self).filter_map(|error| error.downcast_ref::<Self>());
        ours.last().unwrap_or(self).kind()
    }

    pub(crate) fn cancelled() -> Self {
        Self(Repr::Cancelled)
    }

    #[cold]
    pub(crate) fn panicked(label: Box<str>, message: Message) -> Self {
        Self::new(ErrorKind::Panicked, label, Cause::Message(message))
    }

    #[cold]
    pub(crate) fn cycle(path: Vec<Box<str>>) -> Self {
        let label = path.first().cloned().unwrap_or_default();
        Self::new(ErrorKind::Cycle, label, Cause::Path(path))
    }

    #[cold]
    pub(crate) fn deadline_exceeded(label: Box<str>) -> Self {
        Self::new(ErrorKind::DeadlineExceeded, label, Cause::Nothing)
    }

    #[cold]
    pub(crate) fn timed_out(label: Box<str>) -> Self {
        Self::new(ErrorKind::TimedOut, label, Cause::Nothing)
    }

    #[cold]
    pub(crate) fn overloaded(label: Box<str>) -> Self {
        Self::new(ErrorKind::Overloaded, label, Cause::Nothing)
    }

    /// A bound on time, and no timer.
    #[cold]
    pub(crate) fn no_timer(label: Box<str>, lack: Lack) -> Self {
        Self::new(ErrorKind::Unsupported, label, Cause::Lacks(lack))
    }

    #[cold]
    pub(crate) fn wrong_input(task: &str, expected: &'static str, given: &'static str) -> Self {
        let cause = Cause::Types(expected, given);
        Self::new(ErrorKind::WrongInput, task.into(), cause)
    }

    fn new(kind: ErrorKind, label: Box<str>, cause: Cause) -> Self {
        Self(Repr::Detailed(Arc::new(Detail {
            kind,
            label,
            cause,
            levels: 1,
            transient: kind.is_transient(),
        })))
    }

    /// Did the work fail, and not the program?
    pub(crate) fn is_failure(&self) -> bool {
        use ErrorKind::{Cycle, Unsupported, WrongInput};
        !matches!(self.kind(), Cycle | Unsupported | WrongInput)
    }

    /// What a task returned as its error. One of ours is passed on as it is.
    #[cold]
    pub(crate) fn failed<E: Into<Source> + 'static>(
        error: E,
        label: impl FnOnce() -> Box<str>,
    ) -> Self {
        let mut error = Some(error);
        if let Some(ours) = (&mut error as &mut dyn Any).downcast_mut::<Option<Self>>() {
            return ours.take().expect("just put there");
        }
        let error = error.take().expect("just put there");
        let source = whole::keep(error).unwrap_or_else(Into::into);
        match source.downcast::<Self>() {
            Ok(ours) => *ours,
            Err(source) => Self::wrapped(source, label()),
        }
    }

    fn wrapped(source: Source, label: Box<str>) -> Self {
        let inner = chain(&*source).find_map(|error| error.downcast_ref::<Self>());
        let levels = inner.map_or(0, Self::levels) + 1;
        let transient = inner.is_some_and(Self::is_transient);
        let cause = match inner {
            Some(inner) if levels > LEVELS => Cause::Elided(Elided::of(inner)),
            _ => Cause::Error(source),
        };
        Self(Repr::Detailed(Arc::new(Detail {
            kind: ErrorKind::Failed,
            label,
            cause,
            levels,
            transient,
        })))
    }

    fn levels(&self) -> usize {
        match &self.0 {
            Repr::Cancelled => 0,
            Repr::Detailed(detail) => detail.levels,
        }
    }

    /// Is it, or does it go back to, what must not be remembered?
    pub(crate) fn is_transient(&self) -> bool {
        match &self.0 {
            Repr::Cancelled => true,
            Repr::Detailed(detail) => detail.transient,
        }
    }
}

/// An error and its sources.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    core::iter::successors(Some(whole::head(error)), |error| {
        let error: &'a (dyn StdError + 'static) = *error;
        error.source().map(whole::head)
    })
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let Repr::Detailed(detail) = &self.0 else {
            return None;
        };
        match &detail.cause {
            Cause::Error(source) => Some(whole::head(&**source)),
            Cause::Elided(elided) => Some(elided),
            Cause::Message(_) | Cause::Path(_) | Cause::Types(..) => None,
            Cause::Lacks(_) | Cause::Nothing => None,
        }
    }
}

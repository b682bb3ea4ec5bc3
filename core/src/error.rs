//! The one error of the crate.
use crate::guard::{Message, catch};
use crate::sync::Arc;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::any::Any;
use core::error::Error as StdError;
use core::fmt;

type Source = Box<dyn StdError + Send + Sync>;

/// How many levels of tasks an error keeps whole on its way up.
const LEVELS: usize = 64;
/// How many of the outermost levels are named above that.
const NAMED: usize = 8;
/// Labels are cut at so many characters.
const LABEL: usize = 64;

/// Why a call has no output. Cheap to clone: all callers of a run share it.
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
}

/// What went wrong with a call.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The task returned an error.
    Failed,
    /// The context was cancelled.
    Cancelled,
    /// The call would wait for itself. Nobody waited, nothing is remembered.
    Cycle,
    /// The task panicked.
    Panicked,
    /// A task whose types are known at run time only was given an input of another type
    /// than it takes. Nothing was run.
    WrongInput,
}

/// Stands in a chain for levels that were left out.
#[derive(Debug)]
struct Elided {
    named: Vec<Box<str>>,
    others: usize,
    root: Error,
}

impl Error {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.0 {
            Repr::Cancelled => ErrorKind::Cancelled,
            Repr::Detailed(detail) => detail.kind,
        }
    }

    /// The first error of type `E` among the causes, through any depth of tasks.
    #[must_use]
    pub fn find<E: StdError + 'static>(&self) -> Option<&E> {
        chain(self).find_map(|error| error.downcast_ref())
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
            transient: kind == ErrorKind::Cycle,
        })))
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
        let source: Source = error.take().expect("just put there").into();
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
            Some(inner) if levels > LEVELS => Cause::Elided(inner.elided()),
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

    /// Ourselves and all below us, as a stand-in that holds but the root of it.
    fn elided(&self) -> Elided {
        let Repr::Detailed(detail) = &self.0 else {
            return Elided::new(Vec::new(), 0, self.clone());
        };
        let mut named = Vec::with_capacity(NAMED);
        named.push(detail.label.clone());
        if let Cause::Elided(below) = &detail.cause {
            named.extend(below.named.iter().take(NAMED - 1).cloned());
            return Elided::new(named, detail.levels, below.root.clone());
        }
        let ours = |error: &&(dyn StdError + 'static)| error.is::<Self>();
        let root = chain(self).filter(ours).last();
        let root = root.and_then(|error| error.downcast_ref::<Self>());
        Elided::new(named, detail.levels, root.unwrap_or(self).clone())
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

impl Elided {
    fn new(named: Vec<Box<str>>, levels: usize, root: Error) -> Self {
        let shown = named.len() + root.levels();
        Self {
            others: levels.saturating_sub(shown),
            named,
            root,
        }
    }
}

/// An error and its sources.
fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    core::iter::successors(Some(error), |error| {
        let error: &'a (dyn StdError + 'static) = *error;
        error.source()
    })
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Cancelled => f.write_str("the context was cancelled")?,
            Repr::Detailed(detail) => detail.fmt(f)?,
        }
        if f.alternate() {
            for error in chain(self).skip(1) {
                write!(f, ": {error}")?;
            }
        }
        Ok(())
    }
}

impl Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            Cause::Error(_) | Cause::Elided(_) => write!(f, "task `{}` failed", self.label),
            Cause::Message(None) => write!(f, "task `{}` panicked", self.label),
            Cause::Message(Some(text)) => write!(f, "task `{}` panicked: {text}", self.label),
            Cause::Path(path) => {
                write!(f, "task `{}` would wait for itself: ", self.label)?;
                write_path(f, path)
            }
            Cause::Types(expected, given) => {
                let task = &self.label;
                write!(
                    f,
                    "task `{task}` takes an input of type `{expected}`, not `{given}`"
                )
            }
        }
    }
}

fn write_path(f: &mut fmt::Formatter<'_>, path: &[Box<str>]) -> fmt::Result {
    for label in path {
        write!(f, "{label} → ")?;
    }
    f.write_str(path.first().map_or("", |first| first))
}

impl fmt::Display for Elided {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("through")?;
        for label in &self.named {
            write!(f, " `{label}`,")?;
        }
        write!(f, " and {} more tasks", self.others)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self:#})")
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        let Repr::Detailed(detail) = &self.0 else {
            return None;
        };
        match &detail.cause {
            Cause::Error(source) => Some(&**source),
            Cause::Elided(elided) => Some(elided),
            Cause::Message(_) | Cause::Path(_) | Cause::Types(..) => None,
        }
    }
}

impl StdError for Elided {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.root)
    }
}

/// Writes a call of a task for people.
pub(crate) struct Label<I>(pub(crate) fn(&I, &mut fmt::Formatter<'_>) -> fmt::Result);

impl<I> Label<I> {
    /// Foreign: it runs the input's `Debug`.
    pub(crate) fn of(&self, input: &I) -> Box<str> {
        let mut text = Cut(String::new(), LABEL);
        let shown = Shown(self, input);
        // Cut short, it stops with an error; if it panics, what it wrote until then stays.
        let _ = catch(|| fmt::Write::write_fmt(&mut text, format_args!("{shown}")));
        text.0.into_boxed_str()
    }
}

struct Shown<'a, I>(&'a Label<I>, &'a I);

impl<I> fmt::Display for Shown<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0.0)(self.1, f)
    }
}

/// Takes so many characters, then refuses.
struct Cut(String, usize);

impl fmt::Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.1 == 0 {
                self.0.push('…');
                return Err(fmt::Error);
            }
            self.1 -= 1;
            self.0.push(character);
        }
        Ok(())
    }
}

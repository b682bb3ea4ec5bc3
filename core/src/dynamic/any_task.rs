//! Tasks without their types.
use super::{AnyValue, DynTask, ErasedCall, TaskFn};
use crate::ctx::Of;
use crate::entry::{Entry, Node};
use crate::error::Error;
use crate::sync::{Arc, share};
use crate::task::{Call, Task};
use core::any::type_name;
use core::fmt;
use core::hash::Hash;
use core::marker::PhantomData;

/// Any task of state `S`, erased in input and output: for tables of them.
///
/// Its calls are the task's own: they share runs and what is remembered with typed ones.
///
/// # Examples
///
/// ```
/// use runce::{AnyTask, AnyValue, Ctx, ErrorKind, task};
///
/// #[task]
/// async fn double(n: u64) -> u64 { 2 * n }
///
/// # fn main() { pollster::block_on(async {
/// let task = AnyTask::new(double);
/// assert_eq!((task.name(), task.input_type(), task.output_type()), ("double", "u64", "u64"));
///
/// let ctx = Ctx::new(());
/// let output = ctx.run_erased(task.call(AnyValue::new(4_u64))?).await?;
/// assert_eq!(output.downcast::<u64>().unwrap(), 8);
///
/// let error = task.call(AnyValue::new("four")).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::WrongInput);
/// assert_eq!(error.to_string(), "task `double` takes an input of type `u64`, not `&str`");
/// # Ok::<(), runce::Error>(()) }).unwrap() }
/// ```
pub struct AnyTask<S = ()>(Arc<dyn Kind<S>>);

/// What is left of a task's types.
trait Kind<S>: Send + Sync {
    fn name(&self) -> &str;
    fn input_type(&self) -> &'static str;
    fn output_type(&self) -> &'static str;
    fn call(&self, input: AnyValue) -> Result<ErasedCall<S, AnyValue>, Error>;
    /// Is that an entry of this task? Runs under the table's lock: nothing foreign.
    fn is_of(&self, node: &dyn Node) -> bool;
}

impl<S: Send + Sync + 'static> AnyTask<S> {
    /// Any task, given as what [`TaskFn`] says.
    #[must_use]
    pub fn new<Args>(task: impl TaskFn<S, Args>) -> Self {
        task.any()
    }

    /// A task that is its type.
    pub(super) fn of<T: Task<S>>() -> Self {
        Self(share!(Known::<T>(PhantomData) => dyn Kind<S>))
    }

    pub(super) fn of_dyn<I, O>(task: &DynTask<S, I, O>) -> Self
    where
        I: Hash + Eq + Clone + Send + Sync + 'static,
        O: Clone + Send + Sync + 'static,
    {
        Self(share!(task.clone() => dyn Kind<S>))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.name()
    }

    /// The name of the type of its input, for people: `()` for none, a tuple for several.
    #[must_use]
    pub fn input_type(&self) -> &'static str {
        self.0.input_type()
    }

    /// The name of the type of its output, for people.
    #[must_use]
    pub fn output_type(&self) -> &'static str {
        self.0.output_type()
    }

    /// A call of the task with an input of its type: `()` if it takes none, a tuple if it
    /// takes several, the owned form of what it takes by reference.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::WrongInput`](crate::ErrorKind::WrongInput), which names both types,
    /// if the value is of another one.
    pub fn call(&self, input: AnyValue) -> Result<ErasedCall<S, AnyValue>, Error> {
        self.0.call(input)
    }
}

impl<S> AnyTask<S> {
    pub(super) fn is_of(&self, node: &dyn Node) -> bool {
        self.0.is_of(node)
    }
}

struct Known<T>(PhantomData<fn() -> T>);

impl<S: Send + Sync + 'static, T: Task<S>> Kind<S> for Known<T> {
    fn name(&self) -> &str {
        T::name()
    }

    fn input_type(&self) -> &'static str {
        type_name::<T::Input>()
    }

    fn output_type(&self) -> &'static str {
        type_name::<T::Output>()
    }

    fn call(&self, input: AnyValue) -> Result<ErasedCall<S, AnyValue>, Error> {
        let input = typed(T::name(), input)?;
        Ok(Call::<T, T::Input>::new(input).erase().map(AnyValue::new))
    }

    fn is_of(&self, node: &dyn Node) -> bool {
        node.as_any().is::<Entry<Of<S, T>>>()
    }
}

impl<S, I, O> Kind<S> for DynTask<S, I, O>
where
    S: Send + Sync + 'static,
    I: Hash + Eq + Clone + Send + Sync + 'static,
    O: Clone + Send + Sync + 'static,
{
    fn name(&self) -> &str {
        self.name()
    }

    fn input_type(&self) -> &'static str {
        type_name::<I>()
    }

    fn output_type(&self) -> &'static str {
        type_name::<O>()
    }

    fn call(&self, input: AnyValue) -> Result<ErasedCall<S, AnyValue>, Error> {
        let input = typed(self.name(), input)?;
        Ok(self.call(input).erase().map(AnyValue::new))
    }

    fn is_of(&self, node: &dyn Node) -> bool {
        let entry = node.as_any().downcast_ref::<Entry<Of<S, Self>>>();
        entry.is_some_and(|entry| entry.input.task == *self)
    }
}

fn typed<I: 'static>(task: &str, input: AnyValue) -> Result<I, Error> {
    input
        .downcast()
        .map_err(|other| Error::wrong_input(task, type_name::<I>(), other.type_name()))
}

impl<S> Clone for AnyTask<S> {
    /// The same task.
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> fmt::Debug for AnyTask<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("AnyTask");
        debug.field("name", &self.0.name());
        debug.field("input", &format_args!("{}", self.0.input_type()));
        debug.field("output", &format_args!("{}", self.0.output_type()));
        debug.finish()
    }
}

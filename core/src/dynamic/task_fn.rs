//! What names a task where one is needed.
use super::{AnyTask, AnyValue, DynTask};
use crate::task::{Call, Task};
use core::hash::Hash;

/// What names a task where one is needed: the fn that [`#[task]`](crate::task) makes (any
/// fn of at most 12 parameters that returns a [`Call`]), a `&DynTask`, or an
/// `&AnyTask`. Implemented here only.
///
/// `Args` tells the kinds of them apart; it is always inferred. The fn is not called: its
/// type says which task it is of.
///
/// # Examples
///
/// ```
/// use runce::{AnyTask, Ctx, TaskFn, task};
///
/// #[task]
/// async fn length(text: &str) -> usize { text.len() }
/// #[task]
/// async fn debug<T: Clone + Eq + std::hash::Hash + std::fmt::Debug + Send + Sync>(
///     value: T,
/// ) -> String {
///     format!("{value:?}")
/// }
///
/// /// A table of tasks, whose inputs can be read from text.
/// fn add<Args, F: TaskFn<(), Args>>(tasks: &mut Vec<AnyTask>, task: F)
/// where
///     F::Input: std::str::FromStr,
/// {
///     tasks.push(AnyTask::new(task));
/// }
///
/// let mut tasks = Vec::new();
/// add(&mut tasks, length);
/// add(&mut tasks, debug::<u64>);
/// assert_eq!(tasks[0].input_type(), "alloc::string::String");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` names no task of a `Ctx<{S}>`",
    note = "what names a task is the fn that `#[task]` makes, a `&DynTask`, or an `&AnyTask`",
    note = "the fn of a generic task needs its types: `user::<X>`"
)]
pub trait TaskFn<S, Args>: sealed::TaskFn<S, Args> {
    /// What its calls take: `()` for nothing, a tuple for several parameters.
    type Input: Send + Sync + 'static;
    /// What its calls come to.
    type Output: Send + Sync + 'static;

    #[doc(hidden)]
    fn any(self) -> AnyTask<S>;
}

mod sealed {
    pub trait TaskFn<S, Args> {}

    /// Instead of a fn's parameters.
    pub struct Dynamic;
    pub struct Any;
}

impl<S, I, O> sealed::TaskFn<S, sealed::Dynamic> for &DynTask<S, I, O> {}
impl<S, I, O> TaskFn<S, sealed::Dynamic> for &DynTask<S, I, O>
where
    S: Send + Sync + 'static,
    I: Hash + Eq + Clone + Send + Sync + 'static,
    O: Clone + Send + Sync + 'static,
{
    type Input = I;
    type Output = O;

    fn any(self) -> AnyTask<S> {
        AnyTask::of_dyn(self)
    }
}

impl<S> sealed::TaskFn<S, sealed::Any> for &AnyTask<S> {}
impl<S> TaskFn<S, sealed::Any> for &AnyTask<S> {
    type Input = AnyValue;
    type Output = AnyValue;

    fn any(self) -> AnyTask<S> {
        self.clone()
    }
}

macro_rules! task_fn {
    ($($arg:ident)*) => {
        impl<S, F, T, $($arg),*> sealed::TaskFn<S, ($($arg,)*)> for F
        where
            F: Fn($($arg),*) -> Call<T, T::Input>,
            T: Task<S>,
        {
        }

        impl<S, F, T, $($arg),*> TaskFn<S, ($($arg,)*)> for F
        where
            S: Send + Sync + 'static,
            F: Fn($($arg),*) -> Call<T, T::Input>,
            T: Task<S>,
        {
            type Input = T::Input;
            type Output = T::Output;

            fn any(self) -> AnyTask<S> {
                AnyTask::of::<T>()
            }
        }
    };
}

task_fn!();
task_fn!(A);
task_fn!(A B);
task_fn!(A B C);
task_fn!(A B C D);
task_fn!(A B C D E);
task_fn!(A B C D E G);
task_fn!(A B C D E G H);
task_fn!(A B C D E G H I);
task_fn!(A B C D E G H I J);
task_fn!(A B C D E G H I J K);
task_fn!(A B C D E G H I J K L);
task_fn!(A B C D E G H I J K L M);

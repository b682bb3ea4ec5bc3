//! What macros write is not read; it is asked of the compiler.
use runce::{Call, Calls, Error, Member, Task, TaskFn};

fn is_group<S: Send + Sync + 'static, G, Outputs, Outcomes>()
where
    G: Calls<S, Outputs = Outputs, Outcomes = Outcomes>,
{
}

fn is_task_fn<S, T: Task<S>, F, Args>()
where
    F: TaskFn<S, Args, Input = T::Input, Output = T::Output>,
{
}

macro_rules! group {
    ($($member:ident)*) => {{
        #[allow(dead_code)] // that it compiles is the test
        fn group<S: Send + Sync + 'static, $($member: Member<S>),*>() {
            is_group::<
                S,
                ($($member,)*),
                ($($member::Output,)*),
                ($(Result<$member::Output, Error>,)*),
            >();
        }
    }};
}

macro_rules! task_fn {
    ($($arg:ident)*) => {{
        #[allow(dead_code)] // that it compiles is the test
        fn task_fn<S: Send + Sync + 'static, T: Task<S>, X, $($arg),*>()
        where
            X: Fn($($arg),*) -> Call<T, T::Input>,
        {
            is_task_fn::<S, T, X, ($($arg,)*)>();
        }
    }};
}

#[test]
fn a_group_is_a_tuple_of_2_to_12_members() {
    group!(A B);
    group!(A B C);
    group!(A B C D);
    group!(A B C D E);
    group!(A B C D E F);
    group!(A B C D E F G);
    group!(A B C D E F G H);
    group!(A B C D E F G H I);
    group!(A B C D E F G H I J);
    group!(A B C D E F G H I J K);
    group!(A B C D E F G H I J K L);
}

#[test]
fn a_task_fn_has_0_to_12_parameters() {
    task_fn!();
    task_fn!(A);
    task_fn!(A B);
    task_fn!(A B C);
    task_fn!(A B C D);
    task_fn!(A B C D E);
    task_fn!(A B C D E F);
    task_fn!(A B C D E F G);
    task_fn!(A B C D E F G H);
    task_fn!(A B C D E F G H I);
    task_fn!(A B C D E F G H I J);
    task_fn!(A B C D E F G H I J K);
    task_fn!(A B C D E F G H I J K L);
}

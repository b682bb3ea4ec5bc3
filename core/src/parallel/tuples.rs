//! Groups of different calls, and of equal ones.
use super::{Calls, Place, Roll, all, sealed};
use crate::ctx::Ctx;
use crate::error::Error;
use crate::task::{Call, Task};
use alloc::vec::Vec;
use core::future::poll_fn;
use core::task::Poll;

impl<S, T: Task<S>> sealed::Sealed<S> for Vec<Call<T, T::Input>> {}
impl<S: Send + Sync + 'static, T: Task<S>> Calls<S> for Vec<Call<T, T::Input>> {
    type Outputs = Vec<T::Output>;

    async fn join(self, ctx: &Ctx<S>) -> Result<Self::Outputs, Error> {
        all(ctx, self.into_iter(), |ctx, input| T::run(ctx, input)).await
    }
}

impl<S, T: Task<S>, const N: usize> sealed::Sealed<S> for [Call<T, T::Input>; N] {}
impl<S: Send + Sync + 'static, T: Task<S>, const N: usize> Calls<S> for [Call<T, T::Input>; N] {
    type Outputs = [T::Output; N];

    async fn join(self, ctx: &Ctx<S>) -> Result<Self::Outputs, Error> {
        let outputs = all(ctx, self.into_iter(), |ctx, input| T::run(ctx, input)).await?;
        match outputs.try_into() {
            Ok(outputs) => Ok(outputs),
            Err(_) => unreachable!("one output a call"),
        }
    }
}

/// For its type only: that of the future of a task's body.
fn layout<S: 'static, I, F>(_: impl FnOnce(&'static Ctx<S>, I) -> F) -> [F; 0] {
    []
}

macro_rules! tuple {
    ($($task:ident $index:tt),*) => {
        impl<S, $($task: Task<S>),*> sealed::Sealed<S> for ($(Call<$task, $task::Input>,)*) {}
        impl<S, $($task),*> Calls<S> for ($(Call<$task, $task::Input>,)*)
        where
            S: Send + Sync + 'static,
            $($task: Task<S>,)*
        {
            type Outputs = ($($task::Output,)*);

            #[allow(clippy::drop_non_drop)]
            async fn join(self, ctx: &Ctx<S>) -> Result<Self::Outputs, Error> {
                let layouts = ($(layout(|ctx: &'static Ctx<S>, input| $task::run(ctx, input)),)*);
                let mut places = ($(Place::new(ctx, self.$index, $index),)*);
                let mut roll = Roll::new([$($index),*].len());
                poll_fn(|cx| {
                    let polled = roll.call(cx.waker(), |index, caller| match index {
                        $($index => places.$index.poll(cx.waker(), caller),)*
                        _ => Poll::Pending,
                    });
                    match polled {
                        Err(error) => Poll::Ready(Err(error)),
                        Ok(()) if true $(&& places.$index.is_done())* => Poll::Ready(Ok(())),
                        Ok(()) => Poll::Pending,
                    }
                })
                .await?;
                drop(layouts);
                Ok(($(places.$index.output(),)*))
            }
        }
    };
}

tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);

//! Groups of calls: all at once, on as many threads as there are.
use crate::ctx::{Ctx, Member};
use crate::error::Error;
use crate::notify::{Bell, Caller};
use crate::sync::Arc;
use crate::task::{Call, Task};
use alloc::vec::Vec;
use core::future::{Future, poll_fn};
use core::task::{Poll, Waker};

mod tuples;

/// Calls that can run as a group: tuples of 2 to 12 different calls, arrays and `Vec`s of
/// calls of one task. Implemented here only.
pub trait Calls<S: Send + Sync + 'static>: sealed::Sealed<S> {
    /// All outputs, in the order of the calls.
    type Outputs;

    #[doc(hidden)]
    fn join(self, ctx: &Ctx<S>) -> impl Future<Output = Result<Self::Outputs, Error>> + Send;
}

mod sealed {
    pub trait Sealed<S> {}
}

impl<S: Send + Sync + 'static> Ctx<S> {
    /// Runs a group of calls at the same time: all outputs, or the first error. Equal
    /// calls of a group are run once.
    ///
    /// With an executor the group runs on as many threads as that has; without one,
    /// concurrently on the caller's.
    ///
    /// # Errors
    ///
    /// The first error in order of time. The interest in the other calls is then
    /// withdrawn, as if their futures were dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future withdraws the interest in all of the calls.
    ///
    /// # Examples
    ///
    /// ```
    /// # use runce::{Ctx, task};
    /// #[task]
    /// async fn double(n: u64) -> u64 { 2 * n }
    /// #[task]
    /// async fn name(n: u64) -> String { format!("number {n}") }
    ///
    /// # fn main() { pollster::block_on(async {
    /// let ctx = Ctx::new(());
    /// let (eight, four) = ctx.run_parallel((double(4), name(4))).await?;
    /// assert_eq!((eight, &*four), (8, "number 4"));
    /// let all: Vec<u64> = ctx.run_parallel((0..3).map(double).collect::<Vec<_>>()).await?;
    /// assert_eq!(all, [0, 2, 4]);
    /// # Ok::<(), runce::Error>(()) }).unwrap() }
    /// ```
    pub fn run_parallel<C: Calls<S>>(
        &self,
        calls: C,
    ) -> impl Future<Output = Result<C::Outputs, Error>> + Send + use<'_, S, C> {
        calls.join(self)
    }
}

/// Who of a group is to be polled: at first all, then those who rang.
struct Roll {
    bell: Option<Arc<Bell>>,
    due: Vec<usize>,
    members: usize,
}

impl Roll {
    fn new(members: usize) -> Self {
        Self {
            bell: None,
            due: Vec::new(),
            members,
        }
    }

    /// Polls those who are due. `poll` says whether that member is done, or fails.
    fn call(
        &mut self,
        waker: &Waker,
        mut poll: impl FnMut(usize, Caller<'_>) -> Poll<Result<(), Error>>,
    ) -> Result<(), Error> {
        let first = self.bell.is_none();
        let bell = self.bell.get_or_insert_with(Bell::new);
        bell.answer(waker, &mut self.due);
        if first {
            self.due.extend(0..self.members);
        }
        for member in self.due.drain(..) {
            if let Poll::Ready(outcome) = poll(member, Caller::Member(bell, member)) {
                outcome?;
            }
        }
        Ok(())
    }
}

/// A member of a group, until it is done, then its output.
enum Place<'c, S: Send + Sync + 'static, T: Task<S>> {
    Going(Member<'c, S, T>),
    Done(T::Output),
    Taken,
}

impl<'c, S: Send + Sync + 'static, T: Task<S>> Place<'c, S, T> {
    /// All but the first are started by the executor, if there is one.
    fn new(ctx: &'c Ctx<S>, call: Call<T, T::Input>, index: usize) -> Self {
        let member = Member::new(ctx, call.input);
        Self::Going(if index == 0 { member } else { member.apart() })
    }

    fn poll(&mut self, waker: &Waker, caller: Caller<'_>) -> Poll<Result<(), Error>> {
        let Self::Going(member) = self else {
            return Poll::Pending;
        };
        match member.poll(waker, caller) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Ready(Ok(output)) => {
                *self = Self::Done(output);
                Poll::Ready(Ok(()))
            }
        }
    }

    fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    fn output(&mut self) -> T::Output {
        match core::mem::replace(self, Self::Taken) {
            Self::Done(output) => output,
            _ => unreachable!("all members are done"),
        }
    }
}

/// All calls of one task. The witness is that of `Ctx::run`; using it at the end keeps it
/// alive, and so in the layout.
#[allow(clippy::drop_non_drop)]
async fn all<S: Send + Sync + 'static, T: Task<S>, F>(
    ctx: &Ctx<S>,
    calls: impl ExactSizeIterator<Item = Call<T, T::Input>> + Send,
    _witness: impl FnOnce(&'static Ctx<S>, T::Input) -> F,
) -> Result<Vec<T::Output>, Error> {
    let layout: [F; 0] = [];
    let place = |(index, call)| Place::new(ctx, call, index);
    let mut places: Vec<_> = calls.enumerate().map(place).collect();
    let mut roll = Roll::new(places.len());
    let mut left = places.len();
    poll_fn(|cx| {
        let polled = roll.call(cx.waker(), |index, caller| {
            let polled = places[index].poll(cx.waker(), caller);
            left -= usize::from(polled.is_ready());
            polled
        });
        match polled {
            Err(error) => Poll::Ready(Err(error)),
            Ok(()) if left == 0 => Poll::Ready(Ok(())),
            Ok(()) => Poll::Pending,
        }
    })
    .await?;
    drop(layout);
    Ok(places.iter_mut().map(Place::output).collect())
}

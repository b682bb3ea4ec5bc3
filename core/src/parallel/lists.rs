//! Groups: arrays and `Vec`s of one kind of members, tuples of different ones.
use super::group::{Place, Places};
use super::{Calls, Going, Member, Turn, sealed};
use crate::ctx::Ctx;
use crate::error::Error;
use alloc::vec::Vec;
use core::task::Poll;

/// Gives out the places. All but the first that runs anything are to be started by the
/// executor: that one is ours.
struct Usher<'c, S: Send + Sync + 'static> {
    ctx: &'c Ctx<S>,
    taken: bool,
}

impl<'c, S: Send + Sync + 'static> Usher<'c, S> {
    fn new(ctx: &'c Ctx<S>) -> Self {
        Self { ctx, taken: false }
    }

    fn place<M: Member<S>>(
        &mut self,
        call: M,
    ) -> Place<impl Going<Output = M::Output> + Send + use<'c, S, M>> {
        let apart = self.taken;
        self.taken |= call.runs();
        Place::Going(call.go(self.ctx, apart))
    }
}

/// Those of a list.
pub(super) fn places<S: Send + Sync + 'static, M: Member<S>, I: IntoIterator<Item = M>>(
    calls: I,
    ctx: &Ctx<S>,
) -> impl Places<Outputs = Vec<M::Output>, Outcomes = Vec<Result<M::Output, Error>>>
+ Send
+ use<'_, S, M, I> {
    let mut usher = Usher::new(ctx);
    let places = calls.into_iter().map(|call| usher.place(call));
    places.collect::<Vec<_>>()
}

impl<S: Send + Sync + 'static, M: Member<S>> sealed::Calls<S> for Vec<M> {}
impl<S: Send + Sync + 'static, M: Member<S>> Calls<S> for Vec<M> {
    type Outputs = Vec<M::Output>;
    type Outcomes = Vec<Result<M::Output, Error>>;

    fn places(
        self,
        ctx: &Ctx<S>,
    ) -> impl Places<Outputs = Self::Outputs, Outcomes = Self::Outcomes> + Send {
        places(self, ctx)
    }

    fn witness() -> impl Send {
        M::witness()
    }
}

impl<G: Going> Places for Vec<Place<G>> {
    type Outputs = Vec<G::Output>;
    type Outcomes = Vec<Result<G::Output, Error>>;

    fn count(&self) -> usize {
        self.len()
    }

    fn is_apart(&self, member: usize) -> bool {
        self[member].is_apart()
    }

    fn poll(&mut self, member: usize, turn: Turn<'_>) -> Poll<Result<(), Error>> {
        self[member].poll(turn)
    }

    fn outputs(self) -> Self::Outputs {
        self.into_iter().map(Place::output).collect()
    }

    fn outcomes(self) -> Self::Outcomes {
        self.into_iter().map(Place::outcome).collect()
    }

    fn discard(&mut self) {
        self.iter_mut().for_each(Place::discard);
    }
}

impl<S: Send + Sync + 'static, M: Member<S>, const N: usize> sealed::Calls<S> for [M; N] {}
impl<S: Send + Sync + 'static, M: Member<S>, const N: usize> Calls<S> for [M; N] {
    type Outputs = [M::Output; N];
    type Outcomes = [Result<M::Output, Error>; N];

    fn places(
        self,
        ctx: &Ctx<S>,
    ) -> impl Places<Outputs = Self::Outputs, Outcomes = Self::Outcomes> + Send {
        let mut usher = Usher::new(ctx);
        self.map(|call| usher.place(call))
    }

    fn witness() -> impl Send {
        M::witness()
    }
}

impl<G: Going, const N: usize> Places for [Place<G>; N] {
    type Outputs = [G::Output; N];
    type Outcomes = [Result<G::Output, Error>; N];

    fn count(&self) -> usize {
        N
    }

    fn is_apart(&self, member: usize) -> bool {
        self[member].is_apart()
    }

    fn poll(&mut self, member: usize, turn: Turn<'_>) -> Poll<Result<(), Error>> {
        self[member].poll(turn)
    }

    fn outputs(self) -> Self::Outputs {
        self.map(Place::output)
    }

    fn outcomes(self) -> Self::Outcomes {
        self.map(Place::outcome)
    }

    fn discard(&mut self) {
        self.iter_mut().for_each(Place::discard);
    }
}

macro_rules! tuple {
    ($($member:ident $index:tt),*) => {
        impl<S, $($member),*> sealed::Calls<S> for ($($member,)*)
        where
            S: Send + Sync + 'static,
            $($member: Member<S>,)*
        {
        }

        impl<S, $($member),*> Calls<S> for ($($member,)*)
        where
            S: Send + Sync + 'static,
            $($member: Member<S>,)*
        {
            type Outputs = ($($member::Output,)*);
            type Outcomes = ($(Result<$member::Output, Error>,)*);

            fn places(
                self,
                ctx: &Ctx<S>,
            ) -> impl Places<Outputs = Self::Outputs, Outcomes = Self::Outcomes> + Send {
                let mut usher = Usher::new(ctx);
                ($(usher.place(self.$index),)*)
            }

            fn witness() -> impl Send {
                ($($member::witness(),)*)
            }
        }

        impl<$($member: Going),*> Places for ($(Place<$member>,)*) {
            type Outputs = ($($member::Output,)*);
            type Outcomes = ($(Result<$member::Output, Error>,)*);

            fn count(&self) -> usize {
                [$($index),*].len()
            }

            fn is_apart(&self, member: usize) -> bool {
                match member {
                    $($index => self.$index.is_apart(),)*
                    _ => false,
                }
            }

            fn poll(&mut self, member: usize, turn: Turn<'_>) -> Poll<Result<(), Error>> {
                match member {
                    $($index => self.$index.poll(turn),)*
                    _ => Poll::Pending,
                }
            }

            fn outputs(self) -> Self::Outputs {
                ($(self.$index.output(),)*)
            }

            fn outcomes(self) -> Self::Outcomes {
                ($(self.$index.outcome(),)*)
            }

            fn discard(&mut self) {
                $(self.$index.discard();)*
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

//! Generics: named by the caller, inferred, shown, constants.
use crate::{App, HasFactor, app, said};
use runce::{Ctx, task};
use runce_tests::now;
use std::str::FromStr;

#[test]
fn a_generic_that_is_named_by_the_caller() {
    #[task]
    fn parse<T>(text: &str) -> Result<T, String>
    where
        T: FromStr + Clone + Send + Sync,
    {
        text.parse().map_err(|_| String::from("does not parse"))
    }
    let ctx = Ctx::new(());
    assert_eq!(now(ctx.run(parse::<u32>("7"))).unwrap(), 7);
    assert!(now(ctx.run(parse::<bool>("true"))).unwrap());
}

#[test]
fn a_generic_that_is_inferred_from_the_input() {
    #[task]
    async fn show<T: std::hash::Hash + Eq + Clone + Send + Sync + ToString + 'static>(
        part: T,
    ) -> String {
        std::future::ready(part.to_string()).await
    }
    assert_eq!(now(Ctx::new(()).run(show(7))).unwrap(), "7");
    assert_eq!(now(Ctx::new(()).run(show('c'))).unwrap(), "c");
}

#[test]
fn a_generic_input_is_shown_if_its_bounds_say_debug() {
    #[task]
    fn shown<T: std::fmt::Debug + std::hash::Hash + Eq + Clone + Send + Sync + 'static>(
        _: T,
    ) -> Result<(), String> {
        Err(String::new())
    }
    #[task]
    fn left_out<T: std::hash::Hash + Eq + Clone + Send + Sync + 'static>(
        _: T,
    ) -> Result<(), String> {
        Err(String::new())
    }
    let ctx = Ctx::new(());
    let error = now(ctx.run(shown(7))).unwrap_err();
    assert!(said(&error).contains("`shown(7)`"), "{error:#}");
    let error = now(ctx.run(left_out(7))).unwrap_err();
    assert!(said(&error).contains("`left_out(_)`"), "{error:#}");
}

#[test]
fn constants_and_state_and_types_at_once() {
    trait Repo<T>: HasFactor {
        fn find(&self) -> T;
    }
    impl Repo<u64> for App {
        fn find(&self) -> u64 {
            self.factor
        }
    }
    #[task]
    fn find<const N: u64, S: Repo<T>, T>(ctx: &Ctx<S>) -> T
    where
        T: Repeat + Clone + Send + Sync + 'static,
    {
        ctx.state().find().times(N)
    }
    trait Repeat {
        fn times(self, n: u64) -> Self;
    }
    impl Repeat for u64 {
        fn times(self, n: u64) -> Self {
            self * n
        }
    }
    assert_eq!(now(app().run(find::<2, u64>())).unwrap(), 6);
}

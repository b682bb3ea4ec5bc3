//! The context: none, by type, by path, generic, unnamed.
use crate::{App, HasFactor, app};
use runce::{Ctx, task};
use runce_tests::now;
use std::sync::Arc;

#[test]
fn without_a_context_it_runs_in_any() {
    #[task]
    fn double(n: u64) -> u64 {
        n * 2
    }
    assert_eq!(now(Ctx::new(()).run(double(1))).unwrap(), 2);
    assert_eq!(now(app().run(double(1))).unwrap(), 2);
}

#[test]
fn contexts_by_path_and_unnamed() {
    #[task]
    async fn path(c: &runce::Ctx<App>) -> u64 {
        std::future::ready(c.state().factor).await
    }
    #[task]
    fn unnamed(_: &Ctx<App>) -> u64 {
        1
    }
    #[task]
    fn unused(_ctx: &Ctx<App>) -> u64 {
        2
    }
    assert_eq!(now(app().run(path())).unwrap(), 3);
    assert_eq!(now(app().run(unnamed())).unwrap(), 1);
    assert_eq!(now(app().run(unused())).unwrap(), 2);
}

#[test]
fn one_call_fits_every_state() {
    #[task]
    fn times<S: HasFactor>(ctx: &Ctx<S>, n: u64) -> u64 {
        n * ctx.state().factor()
    }
    struct Other;
    impl HasFactor for Other {
        type Id = u64;
        fn factor(&self) -> u64 {
            5
        }
    }
    let same_type = [times(2), times(2)];
    let [one, other] = same_type;
    assert_eq!(now(app().run(one)).unwrap(), 6);
    assert_eq!(now(Ctx::new(Other).run(other)).unwrap(), 10);
}

#[test]
fn a_state_around_a_generic() {
    #[task]
    fn times<S>(ctx: &Ctx<Arc<S>>, n: u64) -> u64
    where
        S: HasFactor,
    {
        n * ctx.state().factor()
    }
    let ctx = Ctx::new(Arc::new(App { factor: 3 }));
    assert_eq!(now(ctx.run(times(2))).unwrap(), 6);
}

#[test]
fn a_state_with_a_constant() {
    #[task]
    fn len<const N: usize>(ctx: &Ctx<[u8; N]>) -> usize {
        ctx.state().len()
    }
    assert_eq!(now(Ctx::new([0; 4]).run(len())).unwrap(), 4);
}

#[test]
fn a_state_that_is_a_part_of_a_generic() {
    trait Module: 'static {
        type State: HasFactor;
    }
    struct Main;
    impl Module for Main {
        type State = App;
    }
    #[task]
    fn times<M: Module>(ctx: &Ctx<M::State>, n: u64) -> u64 {
        n * ctx.state().factor()
    }
    assert_eq!(now(app().run(times::<Main>(2))).unwrap(), 6);
}

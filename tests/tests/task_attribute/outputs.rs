//! Outputs: none, a value, `Result` and its aliases, of the state.
use crate::{App, HasFactor, app, said};
use runce::{Ctx, task};
use runce_tests::now;
use std::sync::Arc;

#[test]
fn no_output() {
    #[task]
    fn nothing() {}
    #[task]
    async fn nothing_async(ctx: &Ctx) {
        std::future::ready(ctx).await;
    }
    let ctx = Ctx::new(());
    assert_eq!(now(ctx.run(nothing())).ok(), Some(()));
    assert_eq!(now(ctx.run(nothing_async())).ok(), Some(()));
}

#[test]
fn a_value_that_needs_a_coercion() {
    #[task]
    async fn coerced(ctx: &Ctx, early: bool) -> Arc<dyn Fn() -> u8 + Send + Sync> {
        std::future::ready(ctx).await;
        if early {
            return Arc::new(|| 1);
        }
        Arc::new(|| 2)
    }
    assert_eq!(now(Ctx::new(()).run(coerced(true))).unwrap()(), 1);
}

#[test]
fn results_by_path_and_alias() {
    type ParseResult<T> = Result<T, std::num::ParseIntError>;
    #[task]
    fn aliased(text: &str) -> ParseResult<u8> {
        text.parse()
    }
    #[task]
    fn by_path(text: &str) -> std::io::Result<u8> {
        text.parse().map_err(std::io::Error::other)
    }
    let ctx = Ctx::new(());
    assert_eq!(now(ctx.run(aliased("7"))).unwrap(), 7);
    assert_eq!(now(ctx.run(by_path("7"))).unwrap(), 7);
    assert!(said(&now(ctx.run(aliased("x"))).unwrap_err()).contains("invalid digit"));
    assert!(said(&now(ctx.run(by_path("x"))).unwrap_err()).contains("invalid digit"));
}

#[test]
fn a_result_inside_another_type_is_a_value() {
    #[task]
    fn maybe(n: u8) -> Option<Result<u8, String>> {
        Some(Ok(n))
    }
    assert_eq!(now(Ctx::new(()).run(maybe(1))).unwrap(), Some(Ok(1)));
}

#[test]
fn an_output_of_the_state() {
    #[task]
    fn first<S: HasFactor>(ctx: &Ctx<S>, id: S::Id) -> Result<S::Id, String> {
        let _ = ctx;
        Ok(id)
    }
    assert_eq!(now(app().run(first::<App>(2))).unwrap(), 2);
}

//! Inputs: none, one, several, references, patterns, of the state.
use crate::{App, HasFactor, app, said};
use runce::{Call, Ctx, task};
use runce_tests::now;
use std::path::Path;

#[test]
fn no_input() {
    #[task]
    fn config() -> Result<u64, String> {
        Err(String::from("none"))
    }
    let call: Call<_, ()> = config();
    let error = now(Ctx::new(()).run(call)).unwrap_err();
    assert!(said(&error).contains("`config()`"), "{error:#}");
}

#[test]
fn several_inputs_are_a_tuple() {
    #[task]
    fn posts(user: u64, limit: u8) -> Result<u64, String> {
        Err(format!("no posts of {user}, up to {limit}"))
    }
    let call: Call<_, (u64, u8)> = posts(7, 20);
    let error = now(Ctx::new(()).run(call)).unwrap_err();
    assert!(said(&error).contains("`posts(7, 20)`"), "{error:#}");
}

#[test]
fn references_are_kept_as_their_owned_form() {
    #[derive(Clone, PartialEq, Eq, Hash, Debug)]
    struct Id(u64);

    #[task]
    async fn sum(ctx: &Ctx, text: &str, bytes: &[u8], path: &Path, id: &Id) -> u64 {
        std::future::ready(ctx).await;
        let lengths = text.len() + bytes.len() + path.iter().count();
        lengths as u64 + id.0
    }
    let input = (
        String::from("abc"),
        vec![1, 2],
        Path::new("a/b/c").to_path_buf(),
        Id(4),
    );
    let call: Call<_, (String, Vec<u8>, std::path::PathBuf, Id)> =
        sum(&input.0, &input.1, &input.2, &input.3);
    drop(input);
    assert_eq!(now(Ctx::new(()).run(call)).unwrap(), 12);
}

#[test]
fn a_static_reference_is_kept_as_it_is() {
    #[task]
    fn len(text: &'static str) -> usize {
        text.len()
    }
    let call: Call<_, &'static str> = len("abc");
    assert_eq!(now(Ctx::new(()).run(call)).unwrap(), 3);
}

#[test]
fn what_the_last_expression_borrows_of_a_reference() {
    #[task]
    async fn len(ctx: &Ctx, text: &str) -> Result<usize, String> {
        async fn of<'a>(text: &&'a str, _: &Ctx) -> Result<&'a str, String> {
            std::future::ready(Ok(*text)).await
        }
        Ok(of(&text, ctx).await?.len())
    }
    assert_eq!(now(Ctx::new(()).run(len("abc"))).unwrap(), 3);
}

#[test]
fn patterns() {
    #[task]
    fn sum(
        mut a: u64,
        (b, _): (u64, u64),
        [c, ..]: [u64; 2],
        _: u64,
        _e: u64,
        &[d, ..]: &[u64; 2],
    ) -> u64 {
        a += b + c + d;
        a
    }
    assert_eq!(
        now(Ctx::new(()).run(sum(1, (2, 0), [3, 0], 0, 0, &[4, 0]))).unwrap(),
        10
    );
}

#[test]
fn an_input_of_the_state() {
    #[task]
    fn id<S: HasFactor>(ctx: &Ctx<S>, id: S::Id) -> u64 {
        id.into() * ctx.state().factor()
    }
    assert_eq!(now(app().run(id::<App>(2_u32))).unwrap(), 6);
}

#[test]
fn an_input_without_debug() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Opaque;
    #[task]
    fn opaque(_: Opaque, n: u8) -> Result<(), String> {
        Err(n.to_string())
    }
    let error = now(Ctx::new(()).run(opaque(Opaque, 2))).unwrap_err();
    assert!(said(&error).contains("`opaque(_, 2)`"), "{error:#}");
}

//! Every shape that `#[task]` accepts, one test each.
//!
//! | what | shapes |
//! |---|---|
//! | fn | async, plain, generic, with attributes, in a module, in a fn |
//! | context | none, `&Ctx`, `&Ctx<App>`, `&Ctx<S>`, `&Ctx<Arc<S>>`, a path, unnamed |
//! | inputs | none, one, several, references, patterns, generic, of the state |
//! | output | none, a value, `Result`, an alias of it, generic, of the state |
//! | options | `no_label`, `name`, `crate` |
#![forbid(unsafe_code)]
// The expansion is clean; what is allowed here is what these examples do themselves.
#![deny(missing_docs, warnings, clippy::all, clippy::pedantic)]
#![allow(
    clippy::unnecessary_wraps,
    unused_qualifications,
    unreachable_pub,
    clippy::unwrap_used
)]

mod support;

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use runce::{Call, Ctx, task};
use support::block_on;

struct App {
    factor: u64,
}

trait HasFactor: Send + Sync + 'static {
    type Id: std::hash::Hash + Eq + Copy + Into<u64> + Send + Sync + 'static;
    fn factor(&self) -> u64;
}

impl HasFactor for App {
    type Id = u32;
    fn factor(&self) -> u64 {
        self.factor
    }
}

fn app() -> Ctx<App> {
    Ctx::new(App { factor: 3 })
}

/// What an error says of the call that failed.
fn said(error: &runce::Error) -> String {
    format!("{error:#}")
}

// The fn

#[test]
fn an_async_fn() {
    #[task]
    async fn times(ctx: &Ctx<App>, n: u64) -> Result<u64, String> {
        let factor = std::future::ready(ctx.state().factor).await;
        Ok(n * factor)
    }
    assert_eq!(block_on(app().run(times(2))).unwrap(), 6);
}

#[test]
fn a_plain_fn() {
    #[task]
    fn times(ctx: &Ctx<App>, n: u64) -> Result<u64, String> {
        Ok(n * ctx.state().factor)
    }
    #[task]
    fn double(n: u64) -> u64 {
        n * 2
    }
    assert_eq!(block_on(app().run(times(2))).unwrap(), 6);
    assert_eq!(block_on(app().run(double(2))).unwrap(), 4);
}

#[test]
fn a_body_runs_other_tasks_and_returns_early() {
    #[task]
    fn half(n: u64) -> Result<u64, String> {
        if n % 2 == 1 {
            return Err(format!("{n} is odd"));
        }
        Ok(n / 2)
    }
    #[task]
    async fn quarter(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
        let half = ctx.run(half_of(n)).await?;
        ctx.run(half_of(half)).await
    }
    use half as half_of;
    let ctx = Ctx::new(());
    assert_eq!(block_on(ctx.run(quarter(12))).unwrap(), 3);
    let error = block_on(ctx.run(quarter(6))).unwrap_err();
    assert!(said(&error).contains("3 is odd"), "{error:#}");
}

#[test]
fn its_own_name_is_the_task_within_its_body() {
    #[task]
    async fn sum_to(ctx: &Ctx, n: u64) -> Result<u64, runce::Error> {
        if n == 0 {
            return Ok(0);
        }
        Ok(n + Box::pin(ctx.run(sum_to(n - 1))).await?)
    }
    assert_eq!(block_on(Ctx::new(()).run(sum_to(4))).unwrap(), 10);
}

mod elsewhere {
    pub(super) mod deep {
        use runce::task;

        /// Visible from outside, as any fn.
        #[task]
        pub async fn exported(n: u64) -> u64 {
            std::future::ready(n).await
        }

        #[task]
        pub(in crate::elsewhere) fn restricted() -> u64 {
            1
        }
    }

    pub(super) use deep::exported as renamed;

    pub(super) fn call() -> runce::Call<impl runce::Task<(), Input = (), Output = u64>, ()> {
        deep::restricted()
    }
}

#[test]
fn a_task_is_imported_renamed_and_re_exported_as_a_fn() {
    use elsewhere::deep::exported;
    let ctx = Ctx::new(());
    assert_eq!(block_on(ctx.run(exported(1))).unwrap(), 1);
    assert_eq!(block_on(ctx.run(elsewhere::renamed(2))).unwrap(), 2);
    assert_eq!(block_on(ctx.run(elsewhere::call())).unwrap(), 1);
}

#[test]
fn a_task_is_a_value() {
    #[task]
    fn double(n: u64) -> u64 {
        n * 2
    }
    let ctx = Ctx::new(());
    let doubled = [1, 2]
        .map(double)
        .map(|call| block_on(ctx.run(call)).unwrap());
    assert_eq!(doubled, [2, 4]);
}

#[test]
fn attributes_are_kept() {
    #[task]
    #[cfg(any())]
    async fn left_out(nothing: Missing) -> Missing {}

    /// Said of the call.
    #[task]
    #[deprecated = "old"]
    #[must_use]
    #[inline]
    #[allow(clippy::unused_async)]
    #[expect(unused_variables, reason = "to see that it is met")]
    async fn attributed(ctx: &Ctx, n: u64) -> u64 {
        let unused = n;
        1
    }
    #[allow(deprecated)]
    let call = attributed(1);
    assert_eq!(block_on(Ctx::new(()).run(call)).unwrap(), 1);
}

#[test]
fn a_raw_name() {
    #[task]
    fn r#type(r#fn: u64) -> Result<u64, String> {
        Err(r#fn.to_string())
    }
    let error = block_on(Ctx::new(()).run(r#type(7))).unwrap_err();
    assert!(said(&error).contains("`type(7)`"), "{error:#}");
}

macro_rules! task_of {
    ($name:ident: $in:ty => $out:ty, $body:block) => {
        #[task]
        #[allow(unused_variables, clippy::unused_async)]
        async fn $name(ctx: &Ctx<App>, n: $in, text: &str) -> $out $body
    };
}

#[test]
fn written_by_a_macro() {
    task_of!(fails: u64 => Result<u64, String>, { Err(String::from("by a macro")) });
    task_of!(one: u64 => u64, { 1 });
    let error = block_on(app().run(fails(7, "a"))).unwrap_err();
    assert!(said(&error).contains("`fails(7, \"a\")`"), "{error:#}");
    assert_eq!(block_on(app().run(one(7, "a"))).unwrap(), 1);
}

// The context

#[test]
fn without_a_context_it_runs_in_any() {
    #[task]
    fn double(n: u64) -> u64 {
        n * 2
    }
    assert_eq!(block_on(Ctx::new(()).run(double(1))).unwrap(), 2);
    assert_eq!(block_on(app().run(double(1))).unwrap(), 2);
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
    assert_eq!(block_on(app().run(path())).unwrap(), 3);
    assert_eq!(block_on(app().run(unnamed())).unwrap(), 1);
    assert_eq!(block_on(app().run(unused())).unwrap(), 2);
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
    assert_eq!(block_on(app().run(one)).unwrap(), 6);
    assert_eq!(block_on(Ctx::new(Other).run(other)).unwrap(), 10);
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
    assert_eq!(block_on(ctx.run(times(2))).unwrap(), 6);
}

#[test]
fn a_state_with_a_constant() {
    #[task]
    fn len<const N: usize>(ctx: &Ctx<[u8; N]>) -> usize {
        ctx.state().len()
    }
    assert_eq!(block_on(Ctx::new([0; 4]).run(len())).unwrap(), 4);
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
    assert_eq!(block_on(app().run(times::<Main>(2))).unwrap(), 6);
}

// Inputs

#[test]
fn no_input() {
    #[task]
    fn config() -> Result<u64, String> {
        Err(String::from("none"))
    }
    let call: Call<_, ()> = config();
    let error = block_on(Ctx::new(()).run(call)).unwrap_err();
    assert!(said(&error).contains("`config()`"), "{error:#}");
}

#[test]
fn several_inputs_are_a_tuple() {
    #[task]
    fn posts(user: u64, limit: u8) -> Result<u64, String> {
        Err(format!("no posts of {user}, up to {limit}"))
    }
    let call: Call<_, (u64, u8)> = posts(7, 20);
    let error = block_on(Ctx::new(()).run(call)).unwrap_err();
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
    assert_eq!(block_on(Ctx::new(()).run(call)).unwrap(), 12);
}

#[test]
fn a_static_reference_is_kept_as_it_is() {
    #[task]
    fn len(text: &'static str) -> usize {
        text.len()
    }
    let call: Call<_, &'static str> = len("abc");
    assert_eq!(block_on(Ctx::new(()).run(call)).unwrap(), 3);
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
    assert_eq!(block_on(Ctx::new(()).run(len("abc"))).unwrap(), 3);
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
        block_on(Ctx::new(()).run(sum(1, (2, 0), [3, 0], 0, 0, &[4, 0]))).unwrap(),
        10
    );
}

#[test]
fn an_input_of_the_state() {
    #[task]
    fn id<S: HasFactor>(ctx: &Ctx<S>, id: S::Id) -> u64 {
        id.into() * ctx.state().factor()
    }
    assert_eq!(block_on(app().run(id::<App>(2_u32))).unwrap(), 6);
}

#[test]
fn an_input_without_debug() {
    #[derive(Clone, PartialEq, Eq, Hash)]
    struct Opaque;
    #[task]
    fn opaque(_: Opaque, n: u8) -> Result<(), String> {
        Err(n.to_string())
    }
    let error = block_on(Ctx::new(()).run(opaque(Opaque, 2))).unwrap_err();
    assert!(said(&error).contains("`opaque(_, 2)`"), "{error:#}");
}

// Generics

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
    assert_eq!(block_on(ctx.run(parse::<u32>("7"))).unwrap(), 7);
    assert!(block_on(ctx.run(parse::<bool>("true"))).unwrap());
}

#[test]
fn a_generic_that_is_inferred_from_the_input() {
    #[task]
    async fn show<T: std::hash::Hash + Eq + Clone + Send + Sync + ToString + 'static>(
        part: T,
    ) -> String {
        std::future::ready(part.to_string()).await
    }
    assert_eq!(block_on(Ctx::new(()).run(show(7))).unwrap(), "7");
    assert_eq!(block_on(Ctx::new(()).run(show('c'))).unwrap(), "c");
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
    let error = block_on(ctx.run(shown(7))).unwrap_err();
    assert!(said(&error).contains("`shown(7)`"), "{error:#}");
    let error = block_on(ctx.run(left_out(7))).unwrap_err();
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
    assert_eq!(block_on(app().run(find::<2, u64>())).unwrap(), 6);
}

// Outputs

#[test]
fn no_output() {
    #[task]
    fn nothing() {}
    #[task]
    async fn nothing_async(ctx: &Ctx) {
        std::future::ready(ctx).await;
    }
    let ctx = Ctx::new(());
    assert_eq!(block_on(ctx.run(nothing())).ok(), Some(()));
    assert_eq!(block_on(ctx.run(nothing_async())).ok(), Some(()));
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
    assert_eq!(block_on(Ctx::new(()).run(coerced(true))).unwrap()(), 1);
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
    assert_eq!(block_on(ctx.run(aliased("7"))).unwrap(), 7);
    assert_eq!(block_on(ctx.run(by_path("7"))).unwrap(), 7);
    assert!(said(&block_on(ctx.run(aliased("x"))).unwrap_err()).contains("invalid digit"));
    assert!(said(&block_on(ctx.run(by_path("x"))).unwrap_err()).contains("invalid digit"));
}

#[test]
fn a_result_inside_another_type_is_a_value() {
    #[task]
    fn maybe(n: u8) -> Option<Result<u8, String>> {
        Some(Ok(n))
    }
    assert_eq!(block_on(Ctx::new(()).run(maybe(1))).unwrap(), Some(Ok(1)));
}

#[test]
fn an_output_of_the_state() {
    #[task]
    fn first<S: HasFactor>(ctx: &Ctx<S>, id: S::Id) -> Result<S::Id, String> {
        let _ = ctx;
        Ok(id)
    }
    assert_eq!(block_on(app().run(first::<App>(2))).unwrap(), 2);
}

// Options

#[test]
fn no_label_keeps_a_secret() {
    #[task(no_label)]
    fn login(password: &str) -> Result<(), String> {
        let _ = password;
        Err(String::from("refused"))
    }
    let error = block_on(Ctx::new(()).run(login("hunter2"))).unwrap_err();
    assert!(said(&error).contains("`login`"), "{error:#}");
    assert!(!said(&error).contains("hunter2"), "{error:#}");
}

#[test]
fn a_name_of_its_own() {
    #[task(name = "user by id")]
    fn user(id: u64) -> Result<(), String> {
        Err(format!("no {id}"))
    }
    let error = block_on(Ctx::new(()).run(user(7))).unwrap_err();
    assert!(said(&error).contains("`user by id(7)`"), "{error:#}");
}

#[test]
fn another_path_to_the_crate() {
    mod reexported {
        pub(super) mod inner {
            pub(crate) use runce;
        }
    }
    #[task(crate = reexported::inner::runce,)]
    fn one(ctx: &runce::Ctx, text: &str) -> usize {
        let _ = ctx;
        text.len()
    }
    assert_eq!(block_on(Ctx::new(()).run(one("a"))).unwrap(), 1);
}

mod facade {
    #[allow(clippy::single_component_path_imports)]
    pub(crate) use runce;

    macro_rules! task_here {
        ($name:ident) => {
            #[runce::task(crate = $crate::facade::runce)]
            async fn $name(text: &str) -> usize {
                std::future::ready(text.len()).await
            }
        };
    }
    pub(crate) use task_here;
}

#[test]
fn the_crate_by_the_path_of_a_macro() {
    facade::task_here!(len);
    assert_eq!(block_on(Ctx::new(()).run(len("abc"))).unwrap(), 3);
}

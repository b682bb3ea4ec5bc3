//! The fn: async, plain, with attributes, in a module, in a fn, by a macro.
use crate::{App, app, said};
use runce::{Ctx, task};
use runce_tests::now;

#[test]
fn an_async_fn() {
    #[task]
    async fn times(ctx: &Ctx<App>, n: u64) -> Result<u64, String> {
        let factor = std::future::ready(ctx.state().factor).await;
        Ok(n * factor)
    }
    assert_eq!(now(app().run(times(2))).unwrap(), 6);
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
    assert_eq!(now(app().run(times(2))).unwrap(), 6);
    assert_eq!(now(app().run(double(2))).unwrap(), 4);
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
    assert_eq!(now(ctx.run(quarter(12))).unwrap(), 3);
    let error = now(ctx.run(quarter(6))).unwrap_err();
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
    assert_eq!(now(Ctx::new(()).run(sum_to(4))).unwrap(), 10);
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
        pub(in crate::functions::elsewhere) fn restricted() -> u64 {
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
    assert_eq!(now(ctx.run(exported(1))).unwrap(), 1);
    assert_eq!(now(ctx.run(elsewhere::renamed(2))).unwrap(), 2);
    assert_eq!(now(ctx.run(elsewhere::call())).unwrap(), 1);
}

#[test]
fn a_task_is_a_value() {
    #[task]
    fn double(n: u64) -> u64 {
        n * 2
    }
    let ctx = Ctx::new(());
    let doubled = [1, 2].map(double).map(|call| now(ctx.run(call)).unwrap());
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
    assert_eq!(now(Ctx::new(()).run(call)).unwrap(), 1);
}

#[test]
fn a_raw_name() {
    #[task]
    fn r#type(r#fn: u64) -> Result<u64, String> {
        Err(r#fn.to_string())
    }
    let error = now(Ctx::new(()).run(r#type(7))).unwrap_err();
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
    let error = now(app().run(fails(7, "a"))).unwrap_err();
    assert!(said(&error).contains("`fails(7, \"a\")`"), "{error:#}");
    assert_eq!(now(app().run(one(7, "a"))).unwrap(), 1);
}

// A `dyn Future` between two tasks ends what rustc looks through: 129 build.
use runce::{Ctx, Error, task};
use std::future::Future;
use std::pin::Pin;

type Boxed<'a> = Pin<Box<dyn Future<Output = Result<u64, Error>> + Send + 'a>>;

macro_rules! chain {
    ($last:ident) => {
        #[task]
        async fn $last(_ctx: &Ctx, n: u64) -> Result<u64, Error> {
            Ok(n)
        }
    };
    ($first:ident $next:ident $($rest:ident)*) => {
        #[task]
        async fn $first(ctx: &Ctx, n: u64) -> Result<u64, Error> {
            let next: Boxed<'_> = Box::pin(ctx.run($next(n)));
            next.await
        }
        chain!($next $($rest)*);
    };
}

chain! {
    t0 t1 t2 t3 t4 t5 t6 t7 t8 t9
    t10 t11 t12 t13 t14 t15 t16 t17 t18 t19
    t20 t21 t22 t23 t24 t25 t26 t27 t28 t29
    t30 t31 t32 t33 t34 t35 t36 t37 t38 t39
    t40 t41 t42 t43 t44 t45 t46 t47 t48 t49
}

fn main() {
    assert_eq!(runce_tests::now(Ctx::new(()).run(t0(7))).unwrap(), 7);
}

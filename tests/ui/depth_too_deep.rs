// rustc gives up on a chain of tasks at the default `recursion_limit`.
use runce::{Ctx, Error, task};

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
            ctx.run($next(n)).await
        }
        chain!($next $($rest)*);
    };
}

chain! {
    t0 t1 t2 t3 t4 t5 t6 t7 t8 t9
    t10 t11 t12 t13 t14 t15 t16 t17 t18 t19
    t20 t21 t22 t23 t24 t25 t26 t27 t28 t29
}

fn main() {}

// 21 build, of 18 it is promised.
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
            Ok(ctx.run_each([n].map($next)).await?[0])
        }
        chain!($next $($rest)*);
    };
}

chain! {
    t0 t1 t2 t3 t4 t5 t6 t7 t8 t9
    t10 t11 t12 t13 t14 t15 t16 t17
}

fn main() {
    assert_eq!(runce_tests::now(Ctx::new(()).run(t0(7))).unwrap(), 7);
}

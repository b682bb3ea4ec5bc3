// 16 build, of 14 it is promised: the least deep of all shapes.
use runce::{Ctx, task};

macro_rules! chain {
    ($last:ident) => {
        #[task]
        async fn $last(_ctx: &Ctx, n: u64) -> u64 {
            n
        }
    };
    ($first:ident $next:ident $($rest:ident)*) => {
        #[task]
        async fn $first(ctx: &Ctx, n: u64) -> u64 {
            match ctx.run_parallel(($next(n), $next(n))).await {
                Ok((n, _)) => n,
                Err(error) => panic!("{error:#}"),
            }
        }
        chain!($next $($rest)*);
    };
}

chain! {
    t0 t1 t2 t3 t4 t5 t6 t7 t8 t9
    t10 t11 t12 t13
}

fn main() {
    assert_eq!(runce_tests::now(Ctx::new(()).run(t0(7))).unwrap(), 7);
}

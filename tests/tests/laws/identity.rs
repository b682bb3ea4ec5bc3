//! **Once**: `identity`, `lazy`.
use runce::{Call, Ctx, Task};
use runce_tests::*;
use std::convert::Infallible;
use std::fmt;
use std::future::{Future, ready};
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// Two tasks that nothing tells apart but their types.
struct Numbered<const N: u64>;

impl<const N: u64> Task<Arc<Gate>> for Numbered<N> {
    type Input = u32;
    type Output = u64;
    type Error = Infallible;

    fn name() -> &'static str {
        "numbered"
    }

    async fn run(ctx: &Ctx<Arc<Gate>>, _: u32) -> Result<u64, Infallible> {
        ctx.state().wait().await;
        Ok(N)
    }
}

fn numbered<const N: u64>(input: u32) -> Call<Numbered<N>, u32> {
    Call::new(input)
}

#[test]
fn law_identity_tasks_of_one_name_share_nothing_in_flight() {
    let ctx = Ctx::new(Gate::new());
    let (mut one, mut two) = (ctx.run(numbered::<1>(7)), ctx.run(numbered::<2>(7)));
    assert!(finish(&mut one).is_none());
    assert!(finish(&mut two).is_none());
    assert_eq!((ctx.len(), ctx.stats().joins), (2, 0));
    ctx.state().open();
    assert_eq!((now(one).unwrap(), now(two).unwrap()), (1, 2));
}

#[test]
fn law_identity_tasks_of_one_name_share_nothing_remembered() {
    let ctx = Ctx::new(Gate::new());
    ctx.state().open();
    for _ in 0..2 {
        assert_eq!(now(ctx.run(numbered::<1>(7))).unwrap(), 1);
        assert_eq!(now(ctx.run(numbered::<2>(7))).unwrap(), 2);
    }
    assert!(ctx.invalidate(&numbered::<1>(7)));
    assert_eq!(ctx.peek(&numbered::<2>(7)).unwrap().unwrap(), 2);
    assert_eq!((ctx.len(), ctx.stats().runs), (1, 2));
}

/// All of them hash to the same.
#[derive(Clone, PartialEq, Eq)]
struct Collides(u64);

impl Hash for Collides {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

struct Doubles;

impl Task<()> for Doubles {
    type Input = Collides;
    type Output = u64;
    type Error = Infallible;

    async fn run(_: &Ctx, Collides(n): Collides) -> Result<u64, Infallible> {
        Ok(2 * n)
    }
}

fn double(n: u64) -> Call<Doubles, Collides> {
    Call::new(Collides(n))
}

/// From the few that are kept in place to the many in a hash table.
#[test]
fn law_identity_inputs_are_compared_though_their_hashes_collide() {
    let ctx = Ctx::new(());
    for n in 0..50 {
        assert_eq!(now(ctx.run(double(n))).unwrap(), 2 * n);
    }
    for n in 0..50 {
        assert_eq!(now(ctx.run(double(n))).unwrap(), 2 * n);
    }
    assert_eq!((ctx.len(), ctx.stats().runs), (50, 50));
    assert!(ctx.invalidate(&double(20)));
    for n in 0..50 {
        assert_eq!(ctx.peek(&double(n)).is_some(), n != 20, "{n}");
    }
}

/// Equal but for their case.
#[derive(Clone)]
struct Name(&'static str);

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(other.0)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_ascii_lowercase().hash(state);
    }
}

struct Spelt;

impl Task<()> for Spelt {
    type Input = Name;
    type Output = &'static str;
    type Error = Infallible;

    async fn run(_: &Ctx, name: Name) -> Result<&'static str, Infallible> {
        Ok(name.0)
    }
}

#[test]
fn law_identity_what_the_input_calls_equal_is_one_call() {
    let ctx = Ctx::new(());
    for name in ["Ada", "ADA", "ada"] {
        let call = Call::<Spelt, _>::new(Name(name));
        assert_eq!(now(ctx.run(call)).unwrap(), "Ada", "the first spelling");
    }
    assert_eq!(ctx.stats().runs, 1);
}

/// Counts the calls of the task function itself, before its future is polled.
struct Counted;

#[derive(Default)]
struct Calls {
    function: AtomicUsize,
}

impl Task<Arc<Calls>> for Counted {
    type Input = u32;
    type Output = u32;
    type Error = Infallible;

    fn run(
        ctx: &Ctx<Arc<Calls>>,
        input: u32,
    ) -> impl Future<Output = Result<u32, Infallible>> + Send {
        ctx.state().function.fetch_add(1, SeqCst);
        ready(Ok(input))
    }

    fn label(_: &u32, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("counted")
    }
}

fn counted(input: u32) -> Call<Counted, u32> {
    Call::new(input)
}

#[test]
fn law_lazy_a_hit_does_not_call_the_task_function() {
    let ctx = Ctx::new(Arc::new(Calls::default()));
    for _ in 0..10 {
        assert_eq!(now(ctx.run(counted(7))).unwrap(), 7);
    }
    assert_eq!(ctx.state().function.load(SeqCst), 1);
}

#[test]
fn law_lazy_an_unpolled_call_reserves_nothing() {
    let ctx = Ctx::new(Arc::new(Calls::default()));
    drop(ctx.run(counted(7)));
    let kept = ctx.run(counted(7));
    assert_eq!((ctx.len(), ctx.stats().runs), (0, 0));
    assert_eq!(ctx.state().function.load(SeqCst), 0);
    drop(kept);
}

#[test]
fn law_lazy_an_unpolled_group_reserves_nothing() {
    let ctx = Ctx::new(Arc::new(Calls::default()));
    let (tuple, all) = (
        ctx.run_parallel((counted(1), counted(2))),
        ctx.run_parallel(vec![counted(3), counted(4)]),
    );
    assert_eq!((ctx.len(), ctx.stats().runs), (0, 0));
    assert_eq!(ctx.state().function.load(SeqCst), 0);
    drop((tuple, all));
}

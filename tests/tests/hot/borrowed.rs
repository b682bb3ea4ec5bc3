//! Calls by what an input lends: the same as by the input.
use crate::{BOTH, OFTEN, Runs, hot, owned};
use runce::testing::Seeded;
use runce::{Ctx, ErrorKind, task};
use runce_tests::now;
use std::borrow::Borrow;
use std::future::pending;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

#[test]
fn law_identity_of_what_an_input_lends() {
    for ctx in [Ctx::new(Runs::default()), hot(), BOTH[1]()] {
        let runs = ctx.stats().runs;
        let first = now(ctx.run_by(owned, "one")).unwrap();
        let before = ctx.stats().hits;
        for _ in 0..OFTEN {
            let lent = now(ctx.run_by(owned, "one")).unwrap();
            let own = now(ctx.run(owned("one".into()))).unwrap();
            assert!(Arc::ptr_eq(&first, &lent) && Arc::ptr_eq(&first, &own));
            assert_eq!(*now(ctx.run_by(owned, "two")).unwrap(), "two");
        }
        let stats = ctx.stats();
        assert_eq!(stats.runs, runs + 2);
        assert_eq!((stats.hits - before) as u64, 3 * OFTEN - 1);
        assert!(ctx.invalidate(&owned("one".into())));
        assert!(!Arc::ptr_eq(
            &first,
            &now(ctx.run_by(owned, "one")).unwrap()
        ));
        ctx.cancel();
        let error = now(ctx.run_by(owned, "one")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
}

#[test]
fn law_lazy_of_what_an_input_lends() {
    let ctx = hot();
    drop(ctx.run_by(owned, "one"));
    assert_eq!(ctx.len(), 1);
}

/// It joins the run of who came first, and that goes on when it leaves.
#[test]
fn law_once_survives_who_came_by_what_an_input_lends() {
    #[task]
    async fn never(_key: String) {
        pending().await
    }
    let ctx = Ctx::new(());
    let mut cx = Context::from_waker(Waker::noop());
    let (by, key) = (String::from("one"), String::from("one"));
    let mut lent = Box::pin(ctx.run_by(never, by.as_str()));
    assert!(lent.as_mut().poll(&mut cx).is_pending());
    let mut own = pin!(ctx.run(never(key)));
    assert!(own.as_mut().poll(&mut cx).is_pending());
    assert_eq!((ctx.stats().runs, ctx.stats().joins), (1, 1));
    drop(lent);
    assert_eq!(ctx.stats().in_flight, 1);
}

/// It is served by who renews it behind.
#[test]
fn what_is_stale_is_served_by_what_an_input_lends() {
    let runtime = Seeded::new(1);
    let ctx = Ctx::builder(Runs::default())
        .runtime(runtime.clone())
        .ttl(Duration::from_secs(1))
        .stale_while_revalidate(Duration::from_secs(1))
        .build();
    let ask = || now(ctx.run_by(owned, "one")).unwrap();
    let first = ask();
    for _ in 0..OFTEN {
        assert!(Arc::ptr_eq(&first, &ask()));
    }
    runtime.clock().advance(Duration::from_secs(1));
    assert!(Arc::ptr_eq(&first, &ask()));
    assert_eq!((ctx.stats().stale, ctx.stats().hits as u64), (1, OFTEN + 1));
    runtime.run_until_idle();
    assert!(!Arc::ptr_eq(&first, &ask()));
    assert_eq!(ctx.stats().runs, 2);
}

/// What it lends has another hash: it is found by the owner, and not run twice.
#[test]
fn law_once_where_borrow_is_not_kept_to() {
    #[derive(Clone, PartialEq, Eq, Debug)]
    struct Loud(String);
    impl Hash for Loud {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.len().hash(state);
        }
    }
    #[derive(PartialEq, Eq, Hash)]
    #[repr(transparent)]
    struct Lent(String);
    impl ToOwned for Lent {
        type Owned = Owner;
        fn to_owned(&self) -> Owner {
            Owner(Loud(self.0.clone()), Lent(self.0.clone()))
        }
    }
    struct Owner(Loud, Lent);
    impl Clone for Owner {
        fn clone(&self) -> Self {
            Self(self.0.clone(), Lent(self.1.0.clone()))
        }
    }
    impl PartialEq for Owner {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for Owner {}
    impl Hash for Owner {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }
    impl Borrow<Lent> for Owner {
        fn borrow(&self) -> &Lent {
            &self.1
        }
    }
    #[task]
    async fn length(owner: Owner) -> usize {
        owner.1.0.len()
    }
    let ctx = Ctx::new(());
    for _ in 0..OFTEN {
        assert_eq!(now(ctx.run_by(length, &Lent("four".into()))).unwrap(), 4);
    }
    assert_eq!(ctx.stats().runs, 1);
}

#[test]
fn law_panics_are_outcomes_of_what_an_input_lends() {
    #[derive(PartialEq, Eq, Clone)]
    struct Nasty;
    impl Hash for Nasty {
        fn hash<H: Hasher>(&self, _: &mut H) {
            panic!("cannot be hashed");
        }
    }
    #[task]
    async fn nasty(_key: Nasty) {}
    let ctx = Ctx::new(());
    let error = now(ctx.run_by(nasty, &Nasty)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert!(
        error.to_string().starts_with("task `nasty` panicked"),
        "{error}"
    );
    assert!(ctx.is_empty());
}

/// A task that takes a reference is known by it.
#[test]
fn a_task_of_a_reference_is_called_by_what_its_input_lends() {
    #[task]
    async fn length(text: &str) -> usize {
        text.len()
    }
    let ctx = Ctx::new(());
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..OFTEN {
        let mut run = pin!(ctx.run_by(length, "four"));
        assert!(matches!(run.as_mut().poll(&mut cx), Poll::Ready(Ok(4))));
    }
    assert_eq!(
        (ctx.stats().runs, now(ctx.run(length("four"))).unwrap()),
        (1, 4)
    );
}

/// What is said of what can be lent.
#[test]
fn what_can_be_lent() {
    #[task]
    async fn bytes(list: Vec<u8>) -> usize {
        list.len()
    }
    #[task]
    async fn path(path: PathBuf) -> usize {
        path.as_os_str().len()
    }
    #[task]
    async fn pair((name, n): (String, usize)) -> usize {
        name.len() + n
    }
    let ctx = Ctx::new(());
    let key = ("four".to_string(), 4);
    for _ in 0..OFTEN {
        assert_eq!(now(ctx.run_by(bytes, &b"ab"[..])).unwrap(), 2);
        assert_eq!(now(ctx.run_by(path, Path::new("abc"))).unwrap(), 3);
        assert_eq!(now(ctx.run_by(pair, &key)).unwrap(), 8);
    }
    assert_eq!(ctx.stats().runs, 3);
}

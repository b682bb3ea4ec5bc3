//! In which order what is begun, run once and handed out.
use crate::{gated, gates, keys};
use runce::{Call, Ctx, ErrorKind};
use runce_tests::{App, Hand, Way, app, app_with, caller, counter, key, now, poll};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Waker;

#[test]
fn law_lazy_a_group_reserves_nothing_before_its_first_poll() {
    for way in Way::all() {
        let ctx = way.ctx(gated(&[]));
        let tuple = ctx.run_parallel((key(1), key(2)));
        let each = ctx.run_each([1, 2].map(key));
        let settled = ctx.run_settled([key(1), key(2)]);
        let erased = ctx.run_erased(key(1).erase());
        assert_eq!((ctx.len(), ctx.state().all_runs()), (0, 0));
        drop((tuple, each, settled, erased));
    }
}

#[test]
fn outputs_come_in_the_order_of_the_calls() {
    for way in Way::all() {
        let gates = gates(4);
        let ctx = way.ctx(gated(&gates));
        let mut tuple = Box::pin(ctx.run_parallel((key(0), key(1), key(2), key(3))));
        let mut array = Box::pin(ctx.run_parallel([key(3), key(1)]));
        let mut vec = Box::pin(ctx.run_parallel(keys([2, 3])));
        let mut each = Box::pin(ctx.run_each((0..4).rev().map(key)));
        for k in [3, 1, 2] {
            assert!(way.finish(&mut tuple).is_none());
            gates[k].open();
        }
        assert_eq!(way.finish(&mut array).unwrap().unwrap(), [3, 1]);
        assert_eq!(way.finish(&mut vec).unwrap().unwrap(), [2, 3]);
        assert!(way.finish(&mut each).is_none());
        gates[0].open();
        assert_eq!(way.finish(&mut tuple).unwrap().unwrap(), (0, 1, 2, 3));
        assert_eq!(way.finish(&mut each).unwrap().unwrap(), [3, 2, 1, 0]);
    }
}

#[test]
fn twelve_different_members() {
    let ctx = Ctx::new(gated(&[]));
    let none: Option<Call<runce_tests::Key, u32>> = None;
    let some = Some(key(10));
    let twelve = (
        key(1),
        key(2),
        key(3),
        key(4),
        key(5),
        key(6),
        key(7),
        key(8),
        key(9),
        some,
        none,
        key(12).erase().map(|twelve| twelve.to_string()),
    );
    let outputs = now(ctx.run_parallel(twelve)).unwrap();
    let all = (1, 2, 3, 4, 5, 6, 7, 8, 9, Some(10), None, "12".to_string());
    assert_eq!(outputs, all);
}

#[test]
fn law_once_equal_calls_of_a_group_run_once() {
    for way in Way::all() {
        let gates = gates(2);
        let ctx = way.ctx(gated(&gates));
        let mut group = Box::pin(ctx.run_parallel([1, 1, 0, 1].map(key)));
        assert!(way.finish(&mut group).is_none());
        gates[1].open();
        gates[0].open();
        assert_eq!(way.finish(&mut group).unwrap().unwrap(), [1, 1, 0, 1]);
        assert_eq!((ctx.state().runs(1), ctx.state().runs(0)), (1, 1));
    }
}

#[test]
fn an_empty_group_is_done_at_once() {
    for way in Way::all() {
        let ctx = way.ctx(gated(&[]));
        let (_, waker) = counter();
        let mut vec = Box::pin(ctx.run_parallel(keys([])));
        assert!(poll(&mut vec, &waker).map(Result::unwrap).is_ready());
        let mut array = Box::pin(ctx.run_parallel([0_u32; 0].map(key)));
        assert!(poll(&mut array, &waker).map(Result::unwrap).is_ready());
        let mut each = Box::pin(ctx.run_each((0..0).map(key)));
        assert!(poll(&mut each, &waker).map(Result::unwrap).is_ready());
        let mut settled = Box::pin(ctx.run_settled(keys([])));
        assert!(poll(&mut settled, &waker).is_ready());
    }
}

#[test]
fn a_member_that_is_none_is_done_at_once() {
    for way in Way::all() {
        let gates = gates(1);
        let ctx = way.ctx(gated(&gates));
        let mut group = Box::pin(ctx.run_parallel([None, Some(key(0)), None]));
        assert!(way.finish(&mut group).is_none());
        gates[0].open();
        let outputs = way.finish(&mut group).unwrap().unwrap();
        assert_eq!(outputs, [None, Some(0), None]);
        let none = now(ctx.run_parallel([None::<Call<runce_tests::Key, u32>>])).unwrap();
        assert_eq!(none, [None]);
        let error = way
            .now(ctx.run_parallel((None::<Call<runce_tests::Key, u32>>, Some(key(101)))))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Failed);
    }
}

/// All but the first are the executor's to start; what runs nothing is not the first.
#[test]
fn the_first_member_that_runs_is_started_by_its_caller() {
    let hand = Hand::default();
    let ctx = Ctx::builder(gated(&[])).executor(hand.clone()).build();
    let (_, waker) = counter();
    let mut one = Box::pin(ctx.run_parallel([None, Some(key(1))]));
    assert!(poll(&mut one, &waker).is_ready());
    assert_eq!(hand.spawned(), 0);
    let mut two = Box::pin(ctx.run_parallel([Some(key(2)), Some(key(3))]));
    assert!(poll(&mut two, &waker).is_pending());
    assert_eq!((ctx.state().runs(2), ctx.state().runs(3)), (1, 0));
    hand.go();
    assert!(poll(&mut two, &waker).is_ready());
}

#[test]
fn law_last_caller_out_dropping_a_group_drops_its_runs() {
    for way in Way::all() {
        let ctx = way.ctx(gated(&gates(3)));
        let mut group = Box::pin(ctx.run_settled([0, 1, 2].map(key)));
        assert!(way.finish(&mut group).is_none());
        assert_eq!(ctx.state().live(), 3);
        drop(group);
        assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
    }
}

/// Keys 2 and 3 are groups of 1 and 0, and of 1 and 2; key 4 is one of 2, 3 and 3.
#[test]
fn law_once_in_nested_groups() {
    for way in Way::all() {
        let gates = gates(2);
        let opened = gates.clone();
        let ctx = way.ctx(app(move |ctx, k| {
            let gates = gates.clone();
            Box::pin(async move {
                match k {
                    2 => Ok(ctx.run_each((0..2).map(key)).await?.iter().sum()),
                    3 => {
                        let (one, two) = ctx.run_parallel((key(1), Some(key(2)))).await?;
                        Ok(one + two.unwrap_or(0))
                    }
                    4 => {
                        let calls = [key(2).erase(), key(3).erase(), key(3).erase()];
                        let all = ctx.run_settled(calls).await;
                        all.into_iter().sum()
                    }
                    k => {
                        gates[k as usize].wait().await;
                        Ok(10 + u64::from(k))
                    }
                }
            })
        }));
        let mut top = caller(&ctx, 4);
        assert!(way.finish(&mut top).is_none());
        opened[1].open();
        assert!(way.finish(&mut top).is_none());
        opened[0].open();
        let two = 10 + 11;
        let three = 11 + two;
        assert_eq!(way.finish(&mut top).unwrap().unwrap(), two + 2 * three);
        assert_eq!(ctx.state().all_runs(), 5);
    }
}

#[test]
fn futures_of_groups_are_send() {
    fn is_send<F: Future + Send>(_: F) {}
    let ctx = Ctx::new(gated(&[]));
    is_send(ctx.run_parallel((key(1), None::<Call<runce_tests::Key, u32>>)));
    is_send(ctx.run_each((0..2).map(key)));
    is_send(ctx.run_settled([key(1).erase()]));
    is_send(ctx.run_erased(key(1).erase().map(|n| n.to_string())));
    is_send(async {
        let ids = [1, 2];
        let calls = ids.iter().map(|id| key(*id));
        ctx.run_each(calls).await
    });
}

/// How many calls the context knows of as the body of the first member begins.
fn known_as_the_first_begins(begin: impl FnOnce(&Ctx<App>)) -> usize {
    let known = Arc::default();
    let state = app_with(&known, |ctx, k, known: Arc<AtomicUsize>| {
        Box::pin(async move {
            if k == 0 {
                known.store(ctx.len(), SeqCst);
            }
            Ok(u64::from(k))
        })
    });
    begin(&Way(Some(Hand::default())).ctx(state));
    known.load(SeqCst)
}

fn once<F: Future>(future: F) {
    let _ = poll(&mut Box::pin(future), Waker::noop());
}

/// The first is polled by the caller, and may block: the executor has the others by then.
#[test]
fn what_the_executor_starts_goes_before_what_the_caller_polls() {
    let known = [
        known_as_the_first_begins(|ctx| once(ctx.run_parallel((key(0), key(1))))),
        known_as_the_first_begins(|ctx| once(ctx.run_parallel([key(0), key(1)]))),
        known_as_the_first_begins(|ctx| once(ctx.run_parallel(keys([0, 1])))),
        known_as_the_first_begins(|ctx| once(ctx.run_each([0, 1].map(key)))),
        known_as_the_first_begins(|ctx| once(ctx.run_settled([0, 1].map(key)))),
        known_as_the_first_begins(|ctx| once(ctx.run_parallel([Some(key(0)), Some(key(1))]))),
        known_as_the_first_begins(|ctx| once(ctx.run_parallel([0, 1].map(|k| key(k).erase())))),
        known_as_the_first_begins(|ctx| {
            once(ctx.run_parallel([0, 1].map(|k| key(k).erase().map(|n| n + 1))));
        }),
    ];
    assert_eq!(known, [2; 8]);
}

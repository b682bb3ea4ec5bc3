//! The laws **Once**, **Liveness**, **Outcomes** and **Memory**, one test each or more.
//! Wakers, gates and the executor are driven by hand: nothing here sleeps or measures
//! time. Cases with several threads are bounded in number and cannot fail by luck.
//!
//! What was broken on purpose, and the tests that then failed (here, in `editing` and in
//! the core's own):
//!
//! | broken | seen by |
//! |---|---|
//! | a wake during a poll is not noted | `law_last_caller_out_revived_during_a_poll` and others, some by hanging |
//! | release keeps a run that nobody wants | `law_last_caller_out_revived_during_a_poll`, `law_once_every_sequence_of_events` |
//! | a link is not armed again | `law_no_lost_wakeup_links_are_armed_again` |
//! | a job that is lost tells nobody | `law_no_lost_wakeup_executor_drops_its_job` |
//! | a drainer that stops does not tell itself | `law_no_futurelock_across_sets` and others |
//! | a cancellation is remembered | `law_errors_are_outcomes_and_cycles_are_not` |
//! | a panic frees its place in the table | `law_panics_are_outcomes` |
//! | circles are not looked for | `law_errors_are_outcomes_and_cycles_are_not` |
//! | a finished run keeps its keeper | `law_last_caller_out_finishing_keeps_the_context_alive` |
//! | the end of a run leaves its entry in the flight | `law_invalidate_in_flight` and others |
//! | `enter` is left out | `law_no_callers_context_every_poll_and_drop_is_entered` |
//! | detached handles are driven on top of their run | `law_stack_safe_through_detached_handles` |
//! | no limit to nesting | `law_stack_safe_ready_at_once` |
//! | a blocked thread polls nothing; guests are not told | `law_no_deadlock_block_on_inside_a_task` hangs |
//! | removal by key | `law_invalidate_in_flight_old_run_does_not_remove_the_new` |
//! | a cleared run is not found by `cancel` | `law_invalidate_in_flight_is_found_by_cancel` |
//!
//! Not seen yet: a link that goes back to the wrong queue; a search that visits again;
//! orphans that are not left to their parent's burial (with `std` the thread's burial
//! takes them all the same).
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::too_many_lines,
    clippy::type_complexity
)]
use runce::{Ctx, Error, ErrorKind};
use runce_tests::*;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering::*};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};

fn gated(gate: &Arc<Gate>) -> Ctx<App> {
    let g = gate.clone();
    Ctx::new(app(move |_, k| {
        let g = g.clone();
        Box::pin(async move {
            g.wait().await;
            Ok(k as u64)
        })
    }))
}

#[test]
fn law_once_with_1000_callers() {
    let gate = Gate::new();
    let ctx = gated(&gate);
    let mut callers: Vec<_> = (0..1000).map(|_| caller(&ctx, 7)).collect();
    let (_, w) = counter();
    for c in &mut callers {
        assert!(poll(c, &w).is_pending());
    }
    gate.open();
    for c in &mut callers {
        assert_eq!(finish(c).unwrap().0.unwrap(), 7);
    }
    assert_eq!(ctx.state().runs(7), 1);
    assert_eq!(finish(&mut caller(&ctx, 7)).unwrap().0.unwrap(), 7);
    assert_eq!(ctx.state().runs(7), 1);
}

#[test]
fn law_once_survives_its_caller() {
    let gate = Gate::new();
    let ctx = gated(&gate);
    let (_, w) = counter();
    let (c2, w2) = counter();
    let (mut a, mut b) = (caller(&ctx, 1), caller(&ctx, 1));
    assert!(poll(&mut a, &w).is_pending());
    assert!(poll(&mut b, &w2).is_pending());
    drop(a);
    gate.open();
    assert_eq!(c2.get(), 1);
    assert!(matches!(poll(&mut b, &w2), Poll::Ready(Ok(1))));
    assert_eq!(ctx.state().runs(1), 1);
}

#[test]
fn law_no_futurelock_on_one_run() {
    let gate = Gate::new();
    let ctx = gated(&gate);
    let (_, w) = counter();
    let (mut a, mut b) = (caller(&ctx, 1), caller(&ctx, 1));
    assert!(poll(&mut a, &w).is_pending()); // and never again
    let (c2, w2) = counter();
    assert!(poll(&mut b, &w2).is_pending());
    gate.open();
    assert!(c2.get() > 0);
    assert!(matches!(poll(&mut b, &w2), Poll::Ready(Ok(1))));
    std::mem::forget(a);
}

/// Two outside callers whose trees meet below: 1 -> 9, 2 -> 9; the one that
/// started 9 is never polled again.
#[test]
fn law_no_futurelock_across_sets() {
    for deep in [false, true] {
        let gate = Gate::new();
        let g = gate.clone();
        let ctx = Ctx::new(app(move |ctx, k| {
            let g = g.clone();
            Box::pin(async move {
                match k {
                    9 => {
                        g.wait().await;
                        yields(3).await;
                        Ok(9)
                    }
                    4 => ctx.run(key(9)).await,
                    1 => ctx.run(key(9)).await.map(|x| x + 1),
                    _ if deep => ctx.run(key(4)).await.map(|x| x + 2),
                    _ => ctx.run(key(9)).await.map(|x| x + 2),
                }
            })
        }));
        let (_, w) = counter();
        let (mut a, mut b) = (caller(&ctx, 1), caller(&ctx, 2));
        assert!(poll(&mut a, &w).is_pending());
        let (c2, w2) = counter();
        assert!(poll(&mut b, &w2).is_pending());
        // a third joins 4/2 behind b, then b stalls as well
        let mut c = caller(&ctx, 2);
        let (c3, w3) = counter();
        assert!(poll(&mut c, &w3).is_pending());
        gate.open();
        assert_eq!((c2.get(), c3.get()), (1, 1));
        assert_eq!(finish(&mut c).expect("hangs").0.unwrap(), 11);
        drop((a, b));
    }
}

#[test]
fn law_last_caller_out_and_lazy() {
    let gate = Gate::new();
    let ctx = gated(&gate);
    let (_, w) = counter();
    let (mut a, mut b) = (caller(&ctx, 1), caller(&ctx, 1));
    assert!(poll(&mut a, &w).is_pending());
    assert!(poll(&mut b, &w).is_pending());
    assert_eq!((ctx.state().live(), ctx.len()), (1, 1));
    drop(a);
    assert_eq!((ctx.state().live(), ctx.len()), (1, 1));
    drop(b);
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
    // lazy
    let c = caller(&ctx, 1);
    drop(c);
    assert_eq!((ctx.state().runs(1), ctx.len()), (1, 0));
    for k in 0..10_000 {
        assert!(poll(&mut caller(&ctx, k), &w).is_pending());
    }
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
}

/// Order one: the last caller leaves while the run is being polled (by a caller
/// who wants something else of the same driver), a new one comes before the poll
/// ends: revived. Order two: nobody comes: dropped by the poller.
#[test]
fn law_last_caller_out_revived_during_a_poll() {
    for revive in [true, false] {
        let gate = Gate::new();
        let hook: Arc<Mutex<Option<Box<dyn FnOnce() + Send>>>> = Default::default();
        let (g, h) = (gate.clone(), hook.clone());
        let ctx = Ctx::new(app(move |ctx, k| {
            let (g, h) = (g.clone(), h.clone());
            Box::pin(async move {
                match k {
                    0 => Ok(ctx.run_parallel(vec![key(1), key(2)]).await?.iter().sum()),
                    1 => {
                        poll_fn(|cx| {
                            let hook = h.lock().unwrap().take();
                            if let Some(hook) = hook {
                                hook();
                                cx.waker().wake_by_ref();
                                return Poll::Pending;
                            }
                            let mut w = Box::pin(g.wait());
                            poll(&mut w, cx.waker())
                        })
                        .await;
                        Ok(1)
                    }
                    _ => {
                        g.wait().await;
                        yields(100).await;
                        Ok(2)
                    }
                }
            })
        }));
        let (_, w) = counter();
        let mut a = caller(&ctx, 0);
        assert!(poll(&mut a, &w).is_pending()); // 1 and 2 wait at the gate
        let mut b = caller(&ctx, 2);
        assert!(poll(&mut b, &w).is_pending());
        let mut c = caller(&ctx, 1);
        let late = Arc::new(Mutex::new(None));
        let (late2, ctx2) = (late.clone(), ctx.clone());
        *hook.lock().unwrap() = Some(Box::new(move || {
            drop(a); // the last one interested in 1
            if revive {
                let (_, w) = counter();
                assert!(poll(&mut c, &w).is_pending());
                *late2.lock().unwrap() = Some(c);
            }
            drop(ctx2);
        }));
        gate.pulse(); // 1 is polled by b, who wants 2 only
        assert!(poll(&mut b, &w).is_pending());
        assert_eq!(ctx.state().runs(1), 1);
        if revive {
            gate.open();
            let mut c = late.lock().unwrap().take().unwrap();
            assert_eq!(finish(&mut c).unwrap().0.unwrap(), 1);
            assert_eq!(ctx.state().runs(1), 1);
        } else {
            assert_eq!((ctx.state().live(), ctx.len()), (1, 1));
        }
    }
}

/// A caller comes while the old run's future is being dropped: it waits for the
/// end of that, then starts anew; the two never overlap.
#[test]
fn law_last_caller_out_newcomer_waits_for_the_drop() {
    struct OnDrop(Option<Box<dyn FnOnce() + Send>>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            (self.0.take().unwrap())()
        }
    }
    let late: Arc<Mutex<Option<BoxFuture<'static>>>> = Default::default();
    let (late2, first) = (late.clone(), AtomicUsize::new(0));
    let gate = Gate::new();
    let g = gate.clone();
    let (c, w) = counter();
    let ctx = Ctx::new(app(move |ctx, _| {
        let (late, g, w) = (late2.clone(), g.clone(), w.clone());
        let nth = first.fetch_add(1, SeqCst);
        Box::pin(async move {
            let ctx2 = ctx.clone();
            let live = ctx.state().live.clone();
            let _d = OnDrop(Some(Box::new(move || {
                if nth == 0 {
                    let mut c = caller(&ctx2, 5);
                    assert!(poll(&mut c, &w).is_pending());
                    assert_eq!(live.load(SeqCst), 1);
                    assert_eq!(ctx2.state().runs(5), 1);
                    *late.lock().unwrap() = Some(c);
                }
            })));
            g.wait().await;
            Ok(5)
        })
    }));
    let mut a = caller(&ctx, 5);
    let (_, w) = counter();
    assert!(poll(&mut a, &w).is_pending());
    drop(a);
    assert_eq!(c.get(), 1);
    assert_eq!((ctx.state().runs(5), ctx.len()), (1, 0));
    gate.open();
    let mut b = late.lock().unwrap().take().unwrap();
    assert_eq!(finish(&mut b).unwrap().0.unwrap(), 5);
    assert_eq!(ctx.state().runs(5), 2);
}

#[test]
fn law_no_lost_wakeup_in_own_poll_while_another_registers() {
    let second: Arc<Mutex<Option<BoxFuture<'static>>>> = Default::default();
    let (c2, w2) = counter();
    let (s, w) = (second.clone(), w2.clone());
    let ctx = Ctx::new(app(move |ctx, k| {
        let (s, w) = (s.clone(), w.clone());
        let ctx = ctx.clone();
        Box::pin(async move {
            let mut n = 0;
            poll_fn(|cx| {
                n += 1;
                cx.waker().wake_by_ref();
                if n == 1 {
                    let mut b = caller(&ctx, k);
                    assert!(poll(&mut b, &w).is_pending());
                    *s.lock().unwrap() = Some(b);
                }
                if n < 1000 {
                    Poll::Pending
                } else {
                    Poll::Ready(())
                }
            })
            .await;
            Ok(k as u64)
        })
    }));
    let (_, w1) = counter();
    let mut a = caller(&ctx, 3);
    assert!(poll(&mut a, &w1).is_pending()); // ran out of budget
    assert_eq!(c2.get(), 1);
    drop(a);
    let mut b = second.lock().unwrap().take().unwrap();
    assert_eq!(finish(&mut b).unwrap().0.unwrap(), 3);
    assert_eq!(ctx.state().runs(3), 1);
}

/// A waker that polls from inside `wake()`.
struct Inline {
    fut: Mutex<Option<BoxFuture<'static>>>,
    again: AtomicUsize,
    out: Mutex<Option<Result<u64, Error>>>,
}
impl Inline {
    fn start(f: BoxFuture<'static>) -> Arc<Inline> {
        let i = Arc::new(Inline {
            fut: Mutex::new(Some(f)),
            again: AtomicUsize::new(0),
            out: Mutex::new(None),
        });
        i.clone().wake();
        i
    }
}
impl Wake for Inline {
    fn wake(self: Arc<Self>) {
        self.again.fetch_add(1, SeqCst);
        while let Ok(mut f) = self.fut.try_lock() {
            if self.again.swap(0, SeqCst) == 0 {
                return;
            }
            let Some(fut) = &mut *f else { return };
            if let Poll::Ready(o) = poll(fut, &self.clone().into()) {
                *self.out.lock().unwrap() = Some(o);
                let done = f.take();
                drop(f);
                drop(done);
                return;
            }
        }
    }
}

#[test]
fn law_no_lost_wakeup_waker_that_polls_inside_wake() {
    let gate = Gate::new();
    let g = gate.clone();
    let ctx = Ctx::new(app(move |ctx, k| {
        let g = g.clone();
        Box::pin(async move {
            yields(2).await;
            if k > 0 {
                return ctx.run(key(k - 1)).await.map(|x| x + 1);
            }
            g.wait().await;
            yields(200).await;
            Ok(0)
        })
    }));
    let callers: Vec<_> = (0..20)
        .map(|i| Inline::start(caller(&ctx, 40 + i % 3)))
        .collect();
    gate.pulse();
    gate.open();
    for (i, c) in callers.iter().enumerate() {
        assert_eq!(
            c.out.lock().unwrap().take().unwrap().unwrap(),
            40 + i as u64 % 3
        );
    }
    assert_eq!(ctx.state().all_runs(), 43);
}

#[test]
fn law_no_deadlock_cycles() {
    // self
    let ctx = Ctx::new(app(|ctx, k| Box::pin(async move { ctx.run(key(k)).await })));
    assert!(
        matches!(finish(&mut caller(&ctx, 1)).unwrap().0, Err(e) if format!("{e}") == "task `key(1)` would wait for itself: key(1) → key(1)")
    );
    // A -> B -> A, with and without yields, plain and in branches
    for y in [0, 1, 100] {
        for parallel in [false, true] {
            let ctx = Ctx::new(app(move |ctx, k| {
                Box::pin(async move {
                    yields(y).await;
                    if parallel {
                        Ok(ctx
                            .run_parallel(vec![key((k + 1) % 3), key((k + 2) % 3)])
                            .await?
                            .len() as u64)
                    } else {
                        ctx.run(key((k + 1) % 3)).await
                    }
                })
            }));
            let mut callers: Vec<_> = (0..3).map(|k| caller(&ctx, k)).collect();
            for caller in &mut callers {
                let outcome = finish(caller).expect("hangs").0;
                assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Cycle);
            }
            // Not remembered.
            assert_eq!(ctx.len(), 0);
        }
    }
}

/// Random graphs, some cyclic, against an oracle: a node fails iff it reaches a
/// cycle. Several outside callers polled in random order, some dropped.
#[test]
fn law_no_deadlock_random_graphs_against_an_oracle() {
    let (mut cyclic, mut fine) = (0, 0);
    for case in 0..2000u64 {
        let mut r = Rng(case.wrapping_mul(0x9E3779B97F4A7C15) | 1);
        let n = 2 + r.below(12) as usize;
        let dag = case % 2 == 0;
        let mut edges: Vec<Vec<u32>> = vec![vec![]; n];
        for (i, out) in edges.iter_mut().enumerate() {
            for _ in 0..r.below(4) {
                let to = if dag {
                    if i == 0 { continue } else { r.below(i as u64) }
                } else {
                    r.below(n as u64)
                };
                out.push(to as u32);
            }
        }
        let reach = |from: usize| {
            let mut seen = vec![false; n];
            let mut work: Vec<usize> = edges[from].iter().map(|e| *e as usize).collect();
            while let Some(x) = work.pop() {
                if !std::mem::replace(&mut seen[x], true) {
                    work.extend(edges[x].iter().map(|e| *e as usize));
                }
            }
            seen
        };
        let on_cycle: Vec<bool> = (0..n).map(|i| reach(i)[i]).collect();
        let fails: Vec<bool> = (0..n)
            .map(|i| on_cycle[i] || reach(i).iter().zip(&on_cycle).any(|(a, b)| *a && *b))
            .collect();
        let style: Vec<(u64, u64)> = (0..n).map(|_| (r.below(3), r.below(3))).collect();
        let e2 = edges.clone();
        let ctx = Ctx::new(app(move |ctx, k| {
            let deps = e2[k as usize].clone();
            let (how, y) = style[k as usize];
            Box::pin(async move {
                yields(y as usize).await;
                let mut sum = 1;
                match how {
                    0 => {
                        for d in deps {
                            sum += ctx.run(key(d)).await?;
                        }
                    }
                    1 => {
                        sum += ctx
                            .run_parallel(deps.into_iter().map(key).collect::<Vec<_>>())
                            .await?
                            .iter()
                            .sum::<u64>()
                    }
                    _ => {
                        let mid = deps.len() / 2;
                        sum += ctx
                            .run_parallel(deps[..mid].iter().copied().map(key).collect::<Vec<_>>())
                            .await?
                            .iter()
                            .sum::<u64>();
                        yields(1).await;
                        for d in &deps[mid..] {
                            sum += ctx.run(key(*d)).await?;
                        }
                    }
                }
                Ok(sum)
            })
        }));
        fn value(edges: &[Vec<u32>], k: usize) -> u64 {
            1 + edges[k]
                .iter()
                .map(|e| value(edges, *e as usize))
                .sum::<u64>()
        }
        let mut callers: Vec<_> = (0..1 + r.below(6))
            .map(|_| {
                let k = r.below(n as u64) as u32;
                (k, caller(&ctx, k), counter(), 0, false)
            })
            .collect();
        let mut rounds = 0;
        while !callers.is_empty() {
            rounds += 1;
            assert!(rounds < 10_000, "case {case}: hangs");
            let i = r.below(callers.len() as u64) as usize;
            let all_stuck = callers
                .iter()
                .all(|(_, _, (c, _), seen, started)| *started && c.get() <= *seen);
            assert!(!all_stuck, "case {case}: lost wakeup");
            if r.below(20) == 0 {
                drop(callers.swap_remove(i));
                continue;
            }
            let (k, f, (c, w), seen, started) = &mut callers[i];
            if *started && c.get() <= *seen {
                continue; // not woken
            }
            *seen = c.get();
            *started = true;
            let k = *k as usize;
            match poll(f, &w.clone()) {
                Poll::Pending => {}
                Poll::Ready(o) => {
                    match (o, fails[k]) {
                        (Err(e), true) if e.kind() == ErrorKind::Cycle => cyclic += 1,
                        (Ok(v), false) => {
                            fine += 1;
                            assert_eq!(v, value(&edges, k), "case {case}")
                        }
                        (o, _) => panic!("case {case}: {k} gave {o:?}, edges {edges:?}"),
                    }
                    drop(callers.swap_remove(i));
                }
            }
        }
        if dag {
            assert!(ctx.state().live() == 0, "case {case}");
        }
        assert_eq!(ctx.state().live(), 0);
    }
    println!("cyclic {cyclic}, fine {fine}");
}

fn block_on<F: Future + Unpin>(mut f: F) -> F::Output {
    struct Thread(std::thread::Thread);
    impl Wake for Thread {
        fn wake(self: Arc<Self>) {
            self.0.unpark()
        }
    }
    let w: Waker = Arc::new(Thread(std::thread::current())).into();
    loop {
        if let Poll::Ready(o) = poll(&mut f, &w) {
            return o;
        }
        std::thread::park();
    }
}
use std::future::Future;

#[test]
fn law_no_deadlock_across_threads() {
    for round in 0..300 {
        let ctx = Ctx::new(app(move |ctx, k| {
            Box::pin(async move {
                yields(round % 5).await;
                match k {
                    0 => ctx.run(key(1)).await,
                    1 => ctx.run(key(2)).await,
                    2 => ctx.run(key(3)).await,
                    _ => ctx.run(key(0)).await,
                }
            })
        }));
        let start = std::sync::Barrier::new(2);
        std::thread::scope(|s| {
            for k in [0, 2] {
                let (ctx, start) = (&ctx, &start);
                s.spawn(move || {
                    start.wait();
                    let o = block_on(caller(ctx, k));
                    assert!(
                        matches!(&o, Err(e) if e.kind() == ErrorKind::Cycle),
                        "{o:?}"
                    );
                });
            }
        });
        assert_eq!(ctx.state().live(), 0);
    }
}

#[test]
fn law_once_wakes_and_polls_of_10_000_callers() {
    const N: usize = 10_000;
    for executor in [false, true] {
        let gate = Gate::new();
        let polls = Arc::new(AtomicUsize::new(0));
        let (g, p) = (gate.clone(), polls.clone());
        let hand = Hand::default();
        let b = Ctx::builder(app(move |_, k| {
            let (g, p) = (g.clone(), p.clone());
            let mut w: Option<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>> = None;
            Box::pin(poll_fn(move |cx| {
                p.fetch_add(1, SeqCst);
                let g = g.clone();
                let f = w.get_or_insert_with(|| Box::pin(async move { g.wait().await }));
                poll(f, cx.waker()).map(|()| Ok(k as u64))
            }))
        }));
        let ctx = if executor {
            b.executor(hand.clone()).build()
        } else {
            b.build()
        };
        let mut callers: Vec<_> = (0..N).map(|_| (caller(&ctx, 1), counter())).collect();
        let mut caller_polls = 0;
        for (c, (_, w)) in &mut callers {
            assert!(poll(c, w).is_pending());
            caller_polls += 1;
        }
        hand.go();
        for _ in 0..10 {
            let before: Vec<usize> = callers.iter().map(|c| c.1.0.get()).collect();
            gate.pulse();
            hand.go();
            for (i, (c, (n, w))) in callers.iter_mut().enumerate() {
                if n.get() > before[i] {
                    assert!(poll(c, w).is_pending());
                    caller_polls += 1;
                }
            }
        }
        gate.open();
        hand.go();
        for (c, (n, w)) in &mut callers {
            assert!(n.get() > 0);
            assert!(poll(c, w).is_ready());
            caller_polls += 1;
        }
        let wakes: usize = callers.iter().map(|c| c.1.0.get()).sum();
        println!(
            "executor {executor}: 10,000 callers, run woken 11 times: {wakes} wakes, {caller_polls} caller polls, {} polls of the run, {} spawns",
            polls.load(SeqCst),
            hand.spawned(),
        );
        assert_eq!(polls.load(SeqCst), 12);
        if executor {
            assert_eq!(wakes, N);
        }
        drop(callers);
        hand.go();
        assert_eq!(hand.jobs(), 0);
    }
}

#[test]
fn law_no_lost_wakeup_executor_drops_its_job() {
    // An executor that drops its jobs: callers take the work back.
    for when in 0..3 {
        let gate = Gate::new();
        let g = gate.clone();
        let hand = Hand::default();
        let ctx = Ctx::builder(app(move |ctx, k| {
            let g = g.clone();
            Box::pin(async move {
                if k == 1 {
                    return ctx.run(key(0)).await;
                }
                yields(70).await;
                g.wait().await;
                yields(70).await;
                Ok(9)
            })
        }))
        .executor(hand.clone())
        .build();
        let (_, w) = counter();
        let (mut a, mut b) = (caller(&ctx, 1), caller(&ctx, 1));
        assert!(poll(&mut a, &w).is_pending());
        let (c2, w2) = counter();
        assert!(poll(&mut b, &w2).is_pending());
        assert_eq!(hand.jobs(), 1);
        if when > 0 {
            hand.go();
            assert!(!gate.is_open());
        }
        if when > 1 {
            gate.open(); // woken, in the queue, job told
            assert_eq!(c2.get(), 0);
        }
        hand.shut_down();
        if when <= 1 {
            gate.open();
        }
        assert!(c2.get() >= 1, "{when}");
        std::mem::forget(a);
        assert_eq!(finish(&mut b).unwrap().0.unwrap(), 9);
    }
}

#[test]
fn law_panics_are_outcomes() {
    // (the panics of tasks are printed)
    let gate = Gate::new();
    let g = gate.clone();
    let ctx = Ctx::new(app(move |ctx, k| {
        let g = g.clone();
        Box::pin(async move {
            match k {
                0 => panic!("at once"),
                1 => {
                    g.wait().await;
                    panic!("later {k}")
                }
                _ => ctx.run(key(1)).await,
            }
        })
    }));
    assert!(
        matches!(finish(&mut caller(&ctx, 0)).unwrap().0, Err(e) if e.to_string() == "task `key(0)` panicked: at once")
    );
    let mut callers: Vec<_> = [1, 1, 2, 2].map(|k| (caller(&ctx, k), counter())).into();
    for (c, (_, w)) in &mut callers {
        assert!(poll(c, w).is_pending());
    }
    gate.open();
    for (c, (n, _)) in &mut callers {
        assert!(n.get() > 0);
        assert!(
            matches!(finish(c).unwrap().0, Err(e) if e.to_string() == "task `key(1)` panicked: later 1")
        );
    }
    assert!(
        matches!(finish(&mut caller(&ctx, 1)).unwrap().0, Err(e) if e.kind() == ErrorKind::Panicked)
    );
    assert_eq!((ctx.state().runs(0), ctx.state().runs(1)), (1, 1));
    assert_eq!(ctx.state().live(), 0);
}

#[test]
fn law_nothing_leaks() {
    for forget in [false, true] {
        let gate = Gate::new();
        let ctx = Ctx::new(App {
            body: Box::new({
                let g = gate.clone();
                move |ctx, k| {
                    let g = g.clone();
                    Box::pin(async move {
                        if k > 0 {
                            return ctx.run(key(k - 1)).await;
                        }
                        g.wait().await;
                        Ok(0)
                    })
                }
            }),
            runs: Default::default(),
            live: Default::default(),
        });
        let live = ctx.state().live.clone();
        {
            let (_, w) = counter();
            let mut a = Box::pin(ctx.run(key(50)));
            let mut b = Box::pin(ctx.run(key(70)));
            assert!(poll(&mut a, &w).is_pending());
            assert!(poll(&mut b, &w).is_pending());
            if forget {
                std::mem::forget(a);
                std::mem::forget(b);
            }
        }
        assert_eq!(live.load(SeqCst), if forget { 71 } else { 0 });
        // `live` is shared with App: one strong count there, plus ours, plus per guard
        drop(ctx);
        assert_eq!(live.load(SeqCst), 0);
        gate.open();
        assert_eq!(
            Arc::strong_count(&live),
            1,
            "App was dropped, so was the context"
        );
    }
    // Callers that own their handles; with an executor that never polls.
    let gate = Gate::new();
    let hand = Hand::default();
    let g = gate.clone();
    let ctx = Ctx::builder(app(move |_, k| {
        let g = g.clone();
        Box::pin(async move {
            g.wait().await;
            Ok(k as u64)
        })
    }))
    .executor(hand.clone())
    .build();
    let live = ctx.state().live.clone();
    let (_, w) = counter();
    let mut callers: Vec<_> = (0..20).map(|k| caller(&ctx, k % 10)).collect();
    callers
        .iter_mut()
        .for_each(|c| assert!(poll(c, &w).is_pending()));
    drop(ctx);
    assert_eq!(live.load(SeqCst), 10);
    drop(callers);
    assert_eq!(live.load(SeqCst), 0);
    assert_eq!(Arc::strong_count(&live), 1);
    assert_eq!(hand.jobs(), 10);
    hand.go();
    assert_eq!(hand.jobs(), 0);
}

#[test]
fn law_cancelled_serves_nothing() {
    let gate = Gate::new();
    let ctx = gated(&gate);
    let (n, w) = counter();
    let mut a = caller(&ctx, 1);
    assert!(poll(&mut a, &w).is_pending());
    ctx.cancel();
    assert_eq!(n.get(), 1);
    assert!(matches!(poll(&mut a, &w), Poll::Ready(Err(e)) if e.kind() == ErrorKind::Cancelled));
    assert!(
        matches!(finish(&mut caller(&ctx, 2)).unwrap().0, Err(e) if e.kind() == ErrorKind::Cancelled)
    );
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
}

/// A run's own calls, polled by somebody else: their caller may be gone, they go on.
#[test]
fn law_no_lost_wakeup_inner_call_polled_by_another() {
    let gate = Gate::new();
    let moved: Arc<Mutex<Option<BoxFuture<'static>>>> = Default::default();
    let (g, m) = (gate.clone(), moved.clone());
    let ctx = Ctx::new(app(move |ctx, k| {
        let (g, m) = (g.clone(), m.clone());
        Box::pin(async move {
            if k == 1 {
                let mut c = caller(ctx, 0);
                let (_, w) = counter();
                assert!(poll(&mut c, &w).is_pending());
                *m.lock().unwrap() = Some(c);
                yields(1).await;
                return Ok(1);
            }
            g.wait().await;
            yields(3).await;
            Ok(0)
        })
    }));
    assert_eq!(finish(&mut caller(&ctx, 1)).unwrap().0.unwrap(), 1);
    let mut c = moved.lock().unwrap().take().unwrap();
    let (n, w) = counter();
    assert!(poll(&mut c, &w).is_pending());
    gate.open();
    assert!(n.get() > 0);
    assert_eq!(finish(&mut c).unwrap().0.unwrap(), 0);
}

/// The other driver has work more than once.
#[test]
fn law_no_lost_wakeup_links_are_armed_again() {
    let gates = [Gate::new(), Gate::new(), Gate::new()];
    let g = gates.clone();
    let ctx = Ctx::new(app(move |ctx, k| {
        let g = g.clone();
        Box::pin(async move {
            if k != 9 {
                return ctx.run(key(9)).await;
            }
            for g in g {
                g.wait().await;
            }
            Ok(9)
        })
    }));
    let (_, w) = counter();
    let mut a = caller(&ctx, 1);
    assert!(poll(&mut a, &w).is_pending());
    let mut b = caller(&ctx, 2);
    let (n, w) = counter();
    assert!(poll(&mut b, &w).is_pending());
    for (i, g) in gates.iter().enumerate() {
        assert_eq!(n.get(), i);
        g.open();
        assert_eq!(n.get(), i + 1);
        assert_eq!(poll(&mut b, &w).is_ready(), i == 2);
    }
    drop(a);
}

/// Two nodes a layer, each asking both of the next: 2^25 paths up, when the
/// lowest joins a run in flight that has asked something.
#[test]
fn law_no_deadlock_lattice_is_searched_once() {
    let (up, down) = (Gate::new(), Gate::new());
    let (u, d) = (up.clone(), down.clone());
    let ctx = Ctx::new(app(move |ctx, k| {
        let (u, d) = (u.clone(), d.clone());
        Box::pin(async move {
            match k {
                100 => {
                    d.wait().await;
                    Ok(1)
                }
                99 => ctx.run(key(100)).await,
                50 | 51 => {
                    u.wait().await;
                    ctx.run(key(99)).await
                }
                _ => {
                    let next = (k / 2 + 1) * 2;
                    Ok(ctx
                        .run_parallel(vec![key(next), key(next + 1)])
                        .await?
                        .iter()
                        .sum())
                }
            }
        })
    }));
    let (mut a, mut b) = (caller(&ctx, 0), caller(&ctx, 99));
    assert!(finish(&mut b).is_none());
    assert!(finish(&mut a).is_none());
    up.open();
    assert!(finish(&mut a).is_none());
    down.open();
    assert_eq!(finish(&mut a).unwrap().0.unwrap(), 1 << 25);
}

/// Cancelled from inside the run's own poll.
#[test]
fn law_cancelled_serves_nothing_during_a_poll_below() {
    let ctx = Ctx::new(app(|ctx, k| {
        Box::pin(async move {
            if k > 0 {
                return ctx.run(key(k - 1)).await;
            }
            yields(1).await;
            ctx.cancel();
            std::future::pending().await
        })
    }));
    let mut a = caller(&ctx, 3);
    assert!(
        finish(&mut a).is_some_and(|o| matches!(o.0, Err(e) if e.kind() == ErrorKind::Cancelled))
    );
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
}
#[test]
fn law_cancelled_serves_nothing_during_its_own_poll() {
    let ctx = Ctx::new(app(|ctx, _| {
        Box::pin(async move {
            ctx.cancel();
            std::future::pending().await
        })
    }));
    let mut a = caller(&ctx, 0);
    assert!(
        finish(&mut a).is_some_and(|o| matches!(o.0, Err(e) if e.kind() == ErrorKind::Cancelled))
    );
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
}

/// A caller's waker changes between polls: only the last one counts.
#[test]
fn law_no_lost_wakeup_waker_changes() {
    let gate = Gate::new();
    let ctx = gated(&gate);
    let mut a = caller(&ctx, 1);
    let (n1, w1) = counter();
    let (n2, w2) = counter();
    assert!(poll(&mut a, &w1).is_pending());
    assert!(poll(&mut a, &w2).is_pending());
    gate.open();
    assert_eq!((n1.get(), n2.get()), (0, 1));
    assert!(poll(&mut a, &w2).is_ready());
}

/// Polls a child only when that child's own waker was woken (FuturesUnordered).
struct Each<'a>(Vec<(Option<BoxFuture<'a>>, Arc<Flag>)>, u64);
#[derive(Default)]
struct Flag(std::sync::atomic::AtomicBool, Mutex<Option<Waker>>);
impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
        let w = self.1.lock().unwrap().take();
        w.into_iter().for_each(Waker::wake)
    }
}
impl Future for Each<'_> {
    type Output = Result<u64, Error>;
    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Self::Output> {
        let this = &mut *self;
        for (f, flag) in &mut this.0 {
            *flag.1.lock().unwrap() = Some(cx.waker().clone());
            if let Some(fut) = f
                && flag.0.swap(false, SeqCst)
                && let Poll::Ready(o) = poll(fut, &flag.clone().into())
            {
                this.1 += o?;
                *f = None;
            }
        }
        if this.0.iter().all(|f| f.0.is_none()) {
            Poll::Ready(Ok(this.1))
        } else {
            Poll::Pending
        }
    }
}
#[test]
fn law_no_futurelock_combinators_with_wakers_of_their_own() {
    for executor in [false, true] {
        let gate = Gate::new();
        let g = gate.clone();
        let hand = Hand::default();
        let b = Ctx::builder(app(move |ctx, k| {
            let g = g.clone();
            Box::pin(async move {
                if k >= 32 {
                    yields(3).await;
                    g.wait().await;
                    yields(3).await;
                    return Ok(k as u64);
                }
                let kids = [2 * k, 2 * k + 1].map(|c| {
                    let f: BoxFuture<'_> = Box::pin(ctx.run(key(c)));
                    let flag = Arc::new(Flag::default());
                    flag.0.store(true, SeqCst);
                    (Some(f), flag)
                });
                Each(kids.into(), 0).await
            })
        }));
        let ctx = if executor {
            b.executor(hand.clone()).build()
        } else {
            b.build()
        };
        let (mut a, mut b) = (caller(&ctx, 1), caller(&ctx, 2));
        assert!(finish(&mut a).is_none());
        assert!(finish(&mut b).is_none());
        gate.open();
        hand.go();
        std::mem::forget(a); // futurelock
        let (out, polls) = finish(&mut b).expect("hangs");
        assert_eq!(out.unwrap(), (32..48).sum::<u64>());
        println!("executor {executor}: {polls} polls");
        hand.go();
    }
}

#[test]
fn law_once_parallel_group_on_the_executor() {
    let gate = Gate::new();
    let g = gate.clone();
    let hand = Hand::default();
    let ctx = Ctx::builder(app(move |ctx, k| {
        let g = g.clone();
        Box::pin(async move {
            if k == 0 {
                return Ok(ctx
                    .run_parallel((1..11).map(key).collect::<Vec<_>>())
                    .await?
                    .iter()
                    .sum());
            }
            g.wait().await;
            Ok(k as u64)
        })
    }))
    .executor(hand.clone())
    .build();
    let mut a = caller(&ctx, 0);
    let (n, w) = counter();
    assert!(poll(&mut a, &w).is_pending());
    assert_eq!((hand.jobs(), ctx.state().live()), (9, 2)); // begun: 0 and 1
    hand.go();
    assert_eq!(ctx.state().live(), 11);
    gate.open();
    hand.go();
    assert!(n.get() >= 1);
    assert_eq!(finish(&mut a).unwrap().0.unwrap(), 55);
    hand.go();
    assert_eq!(hand.jobs(), 0);
}

#[test]
fn law_no_lost_wakeup_waker_that_panics() {
    struct Bad;
    impl Wake for Bad {
        fn wake(self: Arc<Self>) {
            panic!("bad waker")
        }
    }
    for executor in [false, true] {
        let gate = Gate::new();
        let g = gate.clone();
        let hand = Hand::default();
        let b = Ctx::builder(app(move |_, k| {
            let g = g.clone();
            Box::pin(async move {
                g.wait().await;
                Ok(k as u64)
            })
        }));
        let ctx = if executor {
            b.executor(hand.clone()).build()
        } else {
            b.build()
        };
        let (mut a, mut b) = (caller(&ctx, 1), caller(&ctx, 1));
        let (n, w) = counter();
        assert!(poll(&mut a, &Arc::new(Bad).into()).is_pending());
        assert!(poll(&mut b, &w).is_pending());
        hand.go();
        gate.open();
        hand.go();
        assert_eq!(n.get(), 1);
        assert!(poll(&mut b, &w).is_ready());
    }
}

#[test]
fn law_no_lost_wakeup_waker_changes_with_an_executor() {
    let gate = Gate::new();
    let g = gate.clone();
    let hand = Hand::default();
    let ctx = Ctx::builder(app(move |_, k| {
        let g = g.clone();
        Box::pin(async move {
            g.wait().await;
            Ok(k as u64)
        })
    }))
    .executor(hand.clone())
    .build();
    let (mut a, mut b) = (caller(&ctx, 1), caller(&ctx, 1));
    let (n1, w1) = counter();
    let (n2, w2) = counter();
    assert!(poll(&mut a, Waker::noop()).is_pending());
    assert!(poll(&mut b, &w1).is_pending());
    hand.go();
    assert!(poll(&mut b, &w2).is_pending());
    gate.open();
    hand.go();
    assert_eq!((n1.get(), n2.get()), (0, 1));
    assert!(poll(&mut b, &w2).is_ready());
}

/// A (blocking) task that blocks on a call of its own handle drives it itself;
/// and a cycle through it is still seen.
#[test]
fn law_no_deadlock_block_on_inside_a_task() {
    let ctx = Ctx::new(app(|ctx, k| {
        Box::pin(async move {
            match k {
                0 => {
                    yields(3).await;
                    Ok(7)
                }
                1 => block_on(Box::pin(ctx.run(key(0)))),
                2 => block_on(Box::pin(ctx.run(key(3)))),
                _ => {
                    yields(1).await;
                    ctx.run(key(2)).await
                }
            }
        })
    }));
    assert_eq!(finish(&mut caller(&ctx, 1)).unwrap().0.unwrap(), 7);
    assert!(
        matches!(finish(&mut caller(&ctx, 2)).unwrap().0, Err(e) if e.kind() == ErrorKind::Cycle)
    );
}

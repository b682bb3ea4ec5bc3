//! Work that blocks its thread.
use super::*;
use runce_tests::{BoxFuture, counter, counting, yields};
use std::sync::mpsc::Sender;

/// `runce::blocking`: "Dropping the future drops work that was not begun."
#[test]
fn blocking_work_whose_future_is_dropped_is_not_begun() {
    let (desk, done) = (Desk::default(), Arc::new(AtomicUsize::new(0)));
    let state = app_with(&done, |ctx, _, done| {
        Box::pin(async move {
            let mut work = Box::pin(runce::blocking(ctx, move |_| done.fetch_add(1, SeqCst)));
            poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx).is_pending())).await;
            drop(work); // the loser of a race, say
            std::future::pending().await
        })
    });
    let ctx = Ctx::builder(state).executor(desk.clone()).build();
    let mut run = caller(&ctx, 1);
    assert!(poll(&mut run, Waker::noop()).is_pending());
    desk.take().into_iter().for_each(Work::run);
    assert_eq!(done.load(SeqCst), 0);
}

/// `finish_abandoned`: asked for from outside, left while its work is being done.
#[test]
fn law_last_caller_out_finishes_what_is_abandoned_during_its_blocking_work() {
    let (desk, gate) = (Desk::default(), Gate::new());
    let (begun, has_begun) = channel();
    let (go, may_go) = channel::<()>();
    let door = Arc::new(Mutex::new(Some((begun, may_go))));
    let state = app_with(&(door, gate.clone()), |ctx, _, (door, gate)| {
        Box::pin(async move {
            let seven = runce::blocking(ctx, move |_| {
                let (begun, may_go) = door.lock().unwrap().take().unwrap();
                begun.send(()).unwrap();
                may_go.recv().unwrap();
                7
            });
            let seven = seven.await;
            gate.wait().await;
            Ok(seven)
        })
    });
    let ctx = Ctx::builder(state)
        .executor(desk.clone())
        .finish_abandoned()
        .build();
    let mut run = caller(&ctx, 1);
    assert!(poll(&mut run, Waker::noop()).is_pending());
    let threads: Vec<_> = desk
        .take()
        .into_iter()
        .map(|work| thread::spawn(|| work.run()))
        .collect();
    has_begun.recv().unwrap();
    drop(run); // the only caller
    go.send(()).unwrap();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
    gate.open();
    desk.hand.go();
    assert_eq!(ctx.stats().dropped, 0);
    assert_eq!(ctx.peek(&key(1)).map(Result::unwrap), Some(7));
}

/// A stream of chunks: an async producer, fed to work that blocks. The caller goes away.
#[test]
fn law_last_caller_out_leaves_no_thread_blocked_for_ever() {
    let (desk, gate) = (Desk::default(), Gate::new());
    let (begun, has_begun) = channel();
    let begun = Arc::new(Mutex::new(begun));
    let state = app_with(&(begun, gate.clone()), |ctx, _, (begun, gate)| {
        Box::pin(async move {
            let (chunks, received) = channel::<u64>();
            let write = runce::blocking(ctx, move |_| {
                begun.lock().unwrap().send(()).unwrap();
                received.into_iter().sum::<u64>()
            });
            let mut write = Box::pin(write);
            let mut read = Box::pin(async move {
                gate.wait().await;
                chunks.send(7).unwrap();
                drop(chunks);
            });
            let mut read_all = false;
            let sum = poll_fn(|cx| {
                read_all = read_all || read.as_mut().poll(cx).is_ready();
                write.as_mut().poll(cx)
            });
            Ok(sum.await)
        })
    });
    let ctx = Ctx::builder(state).executor(desk.clone()).build();
    let mut run = caller(&ctx, 1);
    assert!(poll(&mut run, Waker::noop()).is_pending());
    let (over, is_over) = channel();
    for work in desk.take() {
        let over = over.clone();
        thread::spawn(move || {
            work.run();
            over.send(()).unwrap();
        });
    }
    has_begun.recv().unwrap();
    drop(run);
    gate.open();
    desk.hand.go();
    // Either the run is dropped, and its channel closes, or somebody drives it.
    let ended = is_over.recv_timeout(Duration::from_secs(60));
    ctx.cancel(); // or the thread stays
    assert!(ended.is_ok(), "blocked, with nobody to drive it");
}

/// `Work::run`: "Panics of the work are its run's outcome; with `std` none comes out of here."
#[test]
fn blocking_work_lets_no_panic_out() {
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("bad drop");
        }
    }
    let desk = Desk::default();
    let ctx = Ctx::builder(()).executor(desk.clone()).build();
    // Whoever waits goes away while the work is being done: nobody takes its result.
    type Waits = Option<std::pin::Pin<Box<dyn Future<Output = Bad> + Send>>>;
    let place: Arc<Mutex<Waits>> = Arc::default();
    let theirs = place.clone();
    let mut waits = Box::pin(runce::blocking(&ctx, move |_| {
        drop(theirs.lock().unwrap().take());
        Bad
    }));
    assert!(poll(&mut waits, Waker::noop()).is_pending());
    *place.lock().unwrap() = Some(waits);
    let work = desk.take().pop().unwrap();
    let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work.run()));
    assert!(ran.is_ok());
}

/// Work polls a call from its own thread, on top of what its run may wait for: 2 is in the set
/// of 3, is woken, and could block on 1.
#[test]
fn law_no_deadlock_blocking_work_polls_only_what_it_waits_for() {
    let (desk, two, three) = (Desk::default(), Gate::new(), Gate::new());
    let state = app_with(&(two.clone(), three.clone()), |ctx, k, (two, three)| {
        Box::pin(async move {
            match k {
                0 => {
                    let mut second = Box::pin(ctx.run(key(2)));
                    poll_fn(|cx| Poll::Ready(poll(&mut second, cx.waker()).is_pending())).await;
                    Ok(ctx.run(key(1)).await? + second.await?)
                }
                1 => {
                    let inner = two.clone();
                    runce::blocking(ctx, move |ctx| {
                        let mut call = Box::pin(ctx.run(key(3)));
                        assert!(poll(&mut call, Waker::noop()).is_pending());
                        inner.open();
                        assert!(poll(&mut call, Waker::noop()).is_pending());
                        let touched = ctx.peek(&key(2)).is_some();
                        three.open();
                        now(call).map(|three| three + u64::from(touched) * 100)
                    })
                    .await
                }
                2 => {
                    two.wait().await;
                    Ok(2)
                }
                _ => {
                    three.wait().await;
                    Ok(1)
                }
            }
        })
    });
    let ctx = Ctx::builder(state).executor(desk.clone()).build();
    let mut root = caller(&ctx, 0);
    assert!(poll(&mut root, Waker::noop()).is_pending());
    desk.take().pop().unwrap().run();
    assert_eq!(now(root).unwrap(), 3, "more than 100: it polled 2");
}

/// A run whose work is done on a thread of its own, and which waits for ever after that.
struct Working {
    desk: Desk,
    ctx: Ctx<App>,
    go: Sender<()>,
    thread: thread::JoinHandle<()>,
}

/// Polled once; its work has begun, and waits to be let go.
fn working() -> (Working, BoxFuture<'static>) {
    let desk = Desk::default();
    let ((begun, has_begun), (go, may_go)) = (channel(), channel::<()>());
    let door = Arc::new(Mutex::new(Some((begun, may_go))));
    let state = app_with(&door, |ctx, _, door| {
        Box::pin(async move {
            let work = runce::blocking(ctx, move |_| {
                let (begun, may_go) = door.lock().unwrap().take().unwrap();
                begun.send(()).unwrap();
                may_go.recv().unwrap();
            });
            work.await;
            std::future::pending().await
        })
    });
    let ctx = Ctx::builder(state).executor(desk.clone()).build();
    let mut run = caller(&ctx, 1);
    assert!(poll(&mut run, Waker::noop()).is_pending());
    let work = desk.take().pop().unwrap();
    let thread = thread::spawn(move || work.run());
    has_begun.recv().unwrap();
    let working = Working {
        desk,
        ctx,
        go,
        thread,
    };
    (working, run)
}

/// The executor has it only until the work is done.
#[test]
fn law_last_caller_out_drops_a_run_when_its_work_is_done() {
    let (working, run) = working();
    let (desk, ctx) = (working.desk, working.ctx);
    drop(run);
    desk.hand.go();
    assert_eq!(ctx.state().live(), 1);
    working.go.send(()).unwrap();
    working.thread.join().unwrap();
    desk.hand.go();
    let stats = ctx.stats();
    assert_eq!((ctx.state().live(), ctx.len(), stats.dropped), (0, 0, 1));
    assert_eq!(desk.hand.jobs(), 0);
}

/// Its thread is not that of the run's poll, so what it waits for is polled at once.
#[test]
fn blocking_work_drives_what_it_asks_for_from_its_first_poll() {
    let desk = Desk::default();
    let state = app(|ctx, k| {
        Box::pin(async move {
            if k == 0 {
                yields(1).await;
                return Ok(0);
            }
            let work = runce::blocking(ctx, |ctx| {
                let call = &mut Box::pin(ctx.run(key(0)));
                finish(call).map(|(_, polls)| polls)
            });
            Ok(work.await.unwrap() as u64)
        })
    });
    let ctx = Ctx::builder(state).executor(desk.clone()).build();
    let mut run = caller(&ctx, 1);
    assert!(poll(&mut run, Waker::noop()).is_pending());
    desk.take().pop().unwrap().run();
    assert_eq!(now(run).unwrap(), 1, "polls of the call");
}

/// Who waits is there to poll the run when its work is done: the work's thread leaves it alone.
#[test]
fn blocking_work_leaves_its_run_to_who_waits() {
    let (desk, polls) = (Desk::default(), Arc::new(AtomicUsize::new(0)));
    let state = app_with(&polls, |ctx, _, polls| {
        Box::pin(async move {
            let work = runce::blocking(ctx, |_| 7);
            Ok(counting(&polls, work).await)
        })
    });
    let ctx = Ctx::builder(state).executor(desk.clone()).build();
    let mut run = caller(&ctx, 1);
    let (count, waker) = counter();
    assert!(poll(&mut run, &waker).is_pending());
    desk.take().pop().unwrap().run();
    assert_eq!((polls.load(SeqCst), count.get()), (1, 1));
    assert_eq!(now(run).unwrap(), 7);
}

/// Two pieces of work; the only caller leaves; one is done. The other may wait for the rest of
/// the run, so the executor still polls that.
#[test]
fn law_last_caller_out_lends_a_run_as_long_as_there_is_work() {
    let (desk, gate, polls) = (Desk::default(), Gate::new(), Arc::new(AtomicUsize::new(0)));
    let doors = [channel::<()>(), channel()].map(|(go, may_go)| (go, Mutex::new(Some(may_go))));
    let [(first, one), (second, two)] = doors;
    let doors = Arc::new([one, two]);
    let (begun, has_begun) = channel();
    let begun = Arc::new(Mutex::new(begun));
    let data = (gate.clone(), polls.clone(), doors, begun);
    let state = app_with(&data, |ctx, _, (gate, polls, doors, begun)| {
        Box::pin(async move {
            let mut work = [0, 1].map(|nth| {
                let (door, begun) = (doors[nth].lock().unwrap().take().unwrap(), begun.clone());
                Box::pin(runce::blocking(ctx, move |_| {
                    begun.lock().unwrap().send(()).unwrap();
                    door.recv().unwrap();
                }))
            });
            let mut over = [false; 2];
            let all = poll_fn(|cx| {
                let _ = poll(&mut Box::pin(gate.wait()), cx.waker());
                for (work, over) in work.iter_mut().zip(&mut over) {
                    *over = *over || poll(work, cx.waker()).is_ready();
                }
                Poll::<()>::Pending
            });
            counting(&polls, all).await;
            Ok(1)
        })
    });
    let ctx = Ctx::builder(state).executor(desk.clone()).build();
    let mut run = caller(&ctx, 1);
    assert!(poll(&mut run, Waker::noop()).is_pending());
    let threads: Vec<_> = (desk.take().into_iter())
        .map(|work| thread::spawn(|| work.run()))
        .collect();
    (0..2).for_each(|_| has_begun.recv().unwrap());
    drop(run);
    first.send(()).unwrap();
    let mut threads = threads.into_iter();
    threads.next().unwrap().join().unwrap();
    desk.hand.go();
    let before = polls.load(SeqCst);
    gate.pulse();
    desk.hand.go();
    assert_eq!(polls.load(SeqCst), before + 1);
    second.send(()).unwrap();
    threads.next().unwrap().join().unwrap();
    desk.hand.go();
    assert_eq!((ctx.state().live(), desk.hand.jobs()), (0, 0));
}

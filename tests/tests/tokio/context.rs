//! `no_callers_context`: a run finds the runtime of its context, whoever drives it, and nothing
//! of its callers. A timer that is asked for, and a task that is spawned, stand for the runtime: that
//! they are found is what is tested.
use crate::runtimes;
use runce::{Ctx, task};
use runce_tests::{Gate, poll};
use runce_tokio::Tokio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Waker;
use std::time::Duration;
use tokio::runtime::Runtime;

fn on<S: Send + Sync + 'static>(runtime: &Runtime, state: S) -> Ctx<S> {
    let tokio = Tokio::new(runtime.handle().clone());
    Ctx::builder(state).runtime(tokio).build()
}

/// Where there is none, tokio panics.
fn has_a_timer() -> bool {
    let mut hour = Box::pin(tokio::time::sleep(Duration::from_secs(3600)));
    poll(&mut hour, Waker::noop()).is_pending()
}

async fn spawned() -> u64 {
    let spawned = tokio::spawn(async {
        tokio::task::yield_now().await;
        7
    });
    spawned.await.unwrap()
}

#[test]
fn law_no_callers_context_a_plain_thread_begins_a_run_that_needs_the_reactor() {
    #[task]
    async fn asks() -> u64 {
        assert!(has_a_timer());
        spawned().await
    }
    let [_, runtime] = runtimes();
    let ctx = on(&runtime, ());
    assert_eq!(ctx.run_blocking(asks()).unwrap(), 7);
}

/// Begun inside the runtime, and driven on from a plain thread, as its sole caller: timers and
/// tasks are first asked for there.
#[test]
fn law_no_callers_context_a_plain_thread_drives_on_what_tokio_began() {
    #[task]
    async fn spawns(ctx: &Ctx<Arc<Gate>>) -> u64 {
        ctx.state().wait().await;
        assert!(has_a_timer());
        spawned().await
    }
    let [_, runtime] = runtimes();
    let gate = Gate::new();
    let ctx = on(&runtime, gate.clone());
    let mut run = Box::pin(async move { ctx.run(spawns()).await });
    let begins = runtime.spawn(async move {
        assert!(poll(&mut run, Waker::noop()).is_pending());
        Some(run)
    });
    let run = runtime.block_on(begins).unwrap().unwrap();
    gate.open();
    let plain = std::thread::spawn(move || pollster::block_on(run));
    assert_eq!(plain.join().unwrap().unwrap(), 7);
}

/// The destructor of what a run holds finds the runtime too: here it spawns.
#[test]
fn law_no_callers_context_a_plain_thread_drops_the_run() {
    struct Spawns(Arc<AtomicUsize>);
    impl Drop for Spawns {
        fn drop(&mut self) {
            let count = self.0.clone();
            tokio::spawn(async move { count.fetch_add(1, SeqCst) });
        }
    }
    #[task]
    async fn holds(ctx: &Ctx<Arc<AtomicUsize>>) {
        let _held = Spawns(ctx.state().clone());
        std::future::pending().await
    }
    let [_, runtime] = runtimes();
    let count = Arc::new(AtomicUsize::new(0));
    let ctx = on(&runtime, count.clone());
    let mut run = Box::pin(ctx.run(holds()));
    assert!(poll(&mut run, Waker::noop()).is_pending());
    drop(run);
    runtime.block_on(async {
        while count.load(SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
    });
}

tokio::task_local! {
    static USER: &'static str;
}

/// What the docs warn of: a run sees the task-locals of whoever happens to poll it, at each poll
/// another's, or none.
#[test]
fn task_locals_are_those_of_whoever_polls() {
    #[task]
    async fn who(ctx: &Ctx<Arc<Gate>>) -> (&'static str, &'static str) {
        let look = || USER.try_with(|user| *user).unwrap_or("nobody");
        let first = look();
        ctx.state().wait().await;
        (first, look())
    }
    let [runtime, _] = runtimes();
    let ways: [(&[&'static str], _); 3] = [
        (&["Ada"], ("Ada", "Ada")),
        (&["Ada", "Grace"], ("Ada", "nobody")), // two callers, so a job drives it
        (&[], ("nobody", "nobody")),
    ];
    for (users, seen) in ways {
        let gate = Gate::new();
        let ctx = on(&runtime, gate.clone());
        let outcome = runtime.block_on(async {
            let mut callers = Vec::new();
            for user in users {
                let mut caller = Box::pin(USER.scope(user, ctx.run(who())));
                assert!(poll(&mut caller, Waker::noop()).is_pending());
                callers.push(caller);
            }
            gate.open();
            match callers.pop() {
                Some(last) => last.await,
                None => ctx.run(who()).await,
            }
        });
        assert_eq!(outcome.unwrap(), seen);
    }
}

//! Tokio's time, paused: it passes when all are asleep, or when a test says so.
use runce::{Clock, Ctx, ErrorKind, task};
use runce_tests::{Gate, caller, gated, key};
use runce_tokio::Tokio;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

const HOUR: Duration = Duration::from_secs(3600);

fn paused() -> (Runtime, Tokio) {
    let builder = &mut Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    let tokio = Tokio::new(runtime.handle().clone()); // made outside of it
    (runtime, tokio)
}

#[test]
fn a_bounded_wait_takes_exactly_its_time_on_a_paused_clock() {
    let (runtime, tokio) = paused();
    let ctx = Ctx::builder(gated(&Gate::new()))
        .runtime(tokio.clone())
        .build();
    let bounded = ctx.run(key(1)).within(HOUR);
    let error = runtime.block_on(bounded).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    // Tokio's wheel is a millisecond wide.
    let late = tokio.now() - HOUR;
    assert!(late <= Duration::from_millis(1), "{late:?} too late");
    assert_eq!((ctx.state().live(), ctx.len()), (0, 0));
}

#[test]
fn a_deadline_passes_on_a_paused_clock() {
    let (runtime, tokio) = paused();
    let ctx = Ctx::builder(gated(&Gate::new()))
        .runtime(tokio.clone())
        .deadline(2 * HOUR)
        .build();
    ctx.insert(key(9), 9);
    let error = runtime.block_on(caller(&ctx, 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    assert!(tokio.now() >= 2 * HOUR && tokio.now() < 3 * HOUR);
    assert_eq!(runtime.block_on(caller(&ctx, 9)).unwrap(), 9);
}

/// What is done in time is, to the millisecond.
#[test]
fn what_is_done_in_time_is_served_on_a_paused_clock() {
    #[task]
    async fn hours(n: u32) -> u32 {
        tokio::time::sleep(n * HOUR).await;
        n
    }
    let (runtime, tokio) = paused();
    let ctx = Ctx::builder(()).runtime(tokio).build();
    runtime.block_on(async {
        let (one, two) = tokio::join!(
            ctx.run(hours(1)).within(2 * HOUR),
            ctx.run(hours(3)).within(2 * HOUR)
        );
        assert_eq!(one.unwrap(), 1);
        assert_eq!(two.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    });
}

/// A plain thread reads the runtime's clock, and not that of the system.
#[test]
fn the_clock_is_the_runtimes_whoever_reads_it() {
    let (runtime, tokio) = paused();
    assert_eq!(tokio.now(), Duration::ZERO);
    runtime.block_on(tokio::time::advance(HOUR));
    assert_eq!(tokio.now(), HOUR);
    let [_, other] = crate::runtimes();
    assert_eq!(other.block_on(async { tokio.now() }), HOUR);
}

//! Bounded waits and deadlines. No outcome depends on how fast anything is: what is given a
//! time waits for ever otherwise.
use crate::platform::Platform;
use crate::scene::{Scene, begun, until};
use runce::ErrorKind;
use runce_tests::{Gate, caller, gated, key};
use std::time::Duration;

const SOON: Duration = Duration::from_millis(5);

pub(crate) fn law_a_run_has_no_callers_deadline<P: Platform>() {
    let gate = Gate::new();
    let scene = Scene::<P, _>::new(gated(&gate));
    let hurried = begun(scene.ctx.run(key(7)).within(SOON));
    let patient = begun(caller(&scene.ctx, 7));
    scene.platform.pass(SOON);
    let error = scene.block_on(hurried).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DeadlineExceeded);
    gate.open();
    assert_eq!(scene.block_on(patient).unwrap(), 7);
    assert_eq!(scene.ctx.state().runs(7), 1);
    scene.end();
}

pub(crate) fn law_last_caller_out_when_its_time_is_up<P: Platform>() {
    let scene = Scene::<P, _>::new(gated(&Gate::new()));
    let hurried = begun(scene.ctx.run(key(7)).within(SOON));
    assert_eq!(scene.ctx.state().live(), 1);
    scene.platform.pass(SOON);
    scene.block_on(hurried).unwrap_err();
    scene.block_on(until(|| scene.ctx.state().live() == 0));
    scene.block_on(until(|| scene.ctx.is_empty()));
    scene.end();
}

/// The runtime's time, and then as much as there can be.
pub(crate) fn a_sleep_may_be_endless<P: Platform>() {
    let scene = Scene::<P, _>::new(gated(&Gate::new()));
    drop(begun(scene.ctx.run(key(7)).within(Duration::MAX)));
    scene.end();
}

pub(crate) fn a_context_past_its_deadline_serves_what_it_remembers<P: Platform>() {
    let scene = Scene::<P, _>::with(gated(&Gate::new()), |builder| builder.deadline(SOON));
    scene.ctx.insert(key(9), 9);
    // Its time may be up before it begins.
    let (one, other) = (caller(&scene.ctx, 7), caller(&scene.ctx, 7));
    let mut callers = runce_tests::Each::new([one, other]);
    let polled = runce_tests::poll(&mut callers, std::task::Waker::noop());
    scene.platform.pass(SOON);
    let outcome = match polled {
        std::task::Poll::Ready(outcome) => {
            drop(callers); // they hold handles
            outcome
        }
        std::task::Poll::Pending => scene.block_on(callers),
    };
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::DeadlineExceeded);
    scene.block_on(until(|| scene.ctx.state().live() == 0));
    let late = scene.block_on(caller(&scene.ctx, 8)).unwrap_err();
    assert_eq!(late.kind(), ErrorKind::DeadlineExceeded);
    assert_eq!(scene.block_on(caller(&scene.ctx, 9)).unwrap(), 9);
    scene.end();
}

/// Nobody has to poll while it takes too long; afterwards its key is alive.
pub(crate) fn a_run_that_takes_too_long_is_dropped_and_its_callers_are_told<P: Platform>() {
    let gate = Gate::new();
    let scene = Scene::<P, _>::with(gated(&gate), |builder| builder.limit(SOON));
    let callers = [begun(caller(&scene.ctx, 7)), begun(caller(&scene.ctx, 7))];
    scene.platform.pass(SOON);
    for caller in callers {
        let error = scene.block_on(caller).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
    }
    assert_eq!(scene.ctx.state().runs(7), 1);
    assert_eq!((scene.ctx.state().live(), scene.ctx.len()), (0, 0));
    gate.open();
    assert_eq!(scene.block_on(caller(&scene.ctx, 7)).unwrap(), 7);
    scene.end();
}

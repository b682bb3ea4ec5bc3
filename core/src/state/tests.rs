//! Every sequence of events, up to a length.
use super::*;

/// Every sequence of events up to a length, from the moment a run is claimed.
///
/// | law | what is checked after each event |
/// |---|---|
/// | `once` | the future is given out only to one who may have it, and never twice |
/// | `last_caller_out` | with no caller left nothing stays in the flight |
/// | `no_lost_wakeup` | a wake of a run at rest queues it; one during a poll is seen at release |
#[test]
fn law_once_every_sequence_of_events() {
    let mut cases = 0;
    walk(
        State::claimed(),
        Model {
            home: false,
            joined: 1,
            woken: false,
            items: 0,
            doomed: false,
        },
        9,
        &mut cases,
    );
    assert!(cases > 100_000, "{cases}");
}

#[derive(Clone, Copy)]
struct Model {
    /// The future is in the flight, and not on somebody's stack.
    home: bool,
    joined: usize,
    woken: bool,
    /// So often is it in the queue of its ready set.
    items: usize,
    /// Somebody was told to bury it, and has not come to it yet.
    doomed: bool,
}

fn copy(state: &State) -> State {
    State { ..*state }
}

fn walk(state: State, model: Model, left: usize, cases: &mut usize) {
    *cases += 1;
    assert_eq!(state.future_is_home(), model.home);
    assert_eq!(state.callers, model.joined);
    if model.home && !model.doomed {
        assert!(state.is_wanted(), "kept for nobody: {state:?}");
    }
    if state.phase == Phase::Queued && state.is_wanted() {
        assert!(model.items > 0, "passed over: {state:?}");
    }
    if left == 0 {
        return;
    }
    for event in 0..8 {
        let mut next = copy(&state);
        if let Some(model) = step(&mut next, model, event) {
            walk(next, model, left - 1, cases);
        }
    }
}

/// `None`: that cannot happen here.
fn step(state: &mut State, mut model: Model, event: usize) -> Option<Model> {
    let polled = matches!(state.phase, Phase::Polling | Phase::Woken);
    match event {
        0 => wake(state, &mut model),
        1 if model.items > 0 => {
            let claim = state.claim();
            model.items -= 1;
            assert!(claim == Claim::Stale || (model.home && model.woken));
            if claim == Claim::Poll {
                (model.home, model.woken) = (false, false);
            }
        }
        2 if polled => {
            let wanted = state.is_wanted();
            match state.release() {
                Release::Bury => assert!(!wanted),
                Release::Rest => assert!(wanted && !model.woken),
                Release::Enqueue => assert!(wanted && model.woken),
            }
            model.home = true;
            model.doomed |= !wanted;
            model.items += usize::from(wanted && model.woken);
        }
        3 => match state.join() {
            Join::Joined => model.joined += 1,
            Join::Revived => {
                assert!(model.joined == 0 && model.woken);
                model.joined = 1;
                model.items += 1;
            }
            Join::Settled => assert_eq!(state.phase, Phase::Settled),
            Join::Dropped => assert_eq!(state.phase, Phase::Dropped),
            Join::Cancelled => assert!(state.killed),
        },
        4 if model.joined > 0 && !state.is_over() => {
            model.joined -= 1;
            let bury = state.leave(false) == Leave::Bury;
            assert_eq!(bury, model.home && model.joined == 0 && !state.killed);
            model.doomed |= bury;
        }
        5 if polled => state.settle(),
        5 if state.phase == Phase::Dropping => state.buried(),
        6 => {
            let bury = state.kill() == Kill::Bury;
            assert_eq!(bury, model.home);
            model.doomed |= bury;
        }
        7 if model.doomed => {
            model.doomed = false;
            let wanted = state.is_wanted();
            let dropped = state.doom() == Doom::Drop;
            assert_eq!(dropped, model.home && !wanted);
            model.home &= !dropped;
        }
        _ => return None,
    }
    Some(model)
}

fn wake(state: &mut State, model: &mut Model) {
    let rests = state.phase == Phase::Idle;
    assert_eq!(state.wake() == Wake::Enqueue, rests);
    model.items += usize::from(rests);
    model.woken |= matches!(state.phase, Phase::Queued | Phase::Woken);
}

/// Work that cannot be interrupted counts as a caller until it is done. The last one to leave it
/// alone leaves the executor in his place.
#[test]
fn law_last_caller_out_not_while_its_work_is_done() {
    let mut state = State::claimed();
    assert!(!state.is_pinned());
    assert_eq!((state.pin(), state.pin()), (Pin::Shared, Pin::Shared));
    assert_eq!(state.release(), Release::Rest);
    assert!(state.is_pinned() && !state.is_only_pinned(0));
    assert_eq!(state.leave(false), Leave::Lend);
    assert!(state.is_only_pinned(1) && !state.is_only_pinned(0));
    assert_eq!(state.unpin(), Leave::Nothing);
    assert!(state.is_pinned() && state.is_only_pinned(1));
    assert_eq!(state.unpin(), Leave::Nothing);
    assert!(!state.is_pinned());
    assert_eq!(state.let_go(), Leave::Bury);
}

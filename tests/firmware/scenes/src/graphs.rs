//! Graphs of tasks, driven by their callers.
use crate::Board;
use crate::app::{App, NoSuchSensor, bottom, reading, source, stuck, total};
use crate::wakes::finish;
use alloc::boxed::Box;
use alloc::format;
use core::pin::pin;
use portable_atomic::Ordering::Relaxed;
use runce::{Ctx, Error, ErrorKind};

pub(crate) fn all(board: &Board) -> bool {
    // One run per poll, so that the loop is needed: with the usual budget, one poll
    // of the caller also polls all that was woken during it.
    let ctx = &Ctx::builder(App::default()).poll_budget(1).build();
    diamond(board, ctx)
        & remembered(board, ctx)
        & group(board, ctx)
        & failure(board, ctx)
        & cancelled(board, ctx)
}

fn diamond(board: &Board, ctx: &Ctx<App>) -> bool {
    let outcome = finish(pin!(ctx.run(bottom(4))));
    let right = matches!(&outcome, Some((Ok(text), _)) if text == "50/8");
    let app = ctx.state();
    let sources = app.sources.load(Relaxed);
    let yields = app.yields.load(Relaxed);
    let polls = outcome.as_ref().map_or(0, |(_, polls)| *polls);
    board.check("diamond", right, &outcome)
        & board.check("its source ran once", sources == 1, &sources)
        & board.check(
            "yielded once, so polled again",
            yields == 1 && polls > 1,
            &(yields, polls),
        )
}

fn remembered(board: &Board, ctx: &Ctx<App>) -> bool {
    let before = ctx.stats().runs;
    let outcome = finish(pin!(ctx.run(bottom(4))));
    let right = matches!(&outcome, Some((Ok(text), 1)) if text == "50/8");
    let fresh = ctx.stats().runs - before;
    board.check("remembered", right && fresh == 0, &outcome)
}

fn group(board: &Board, ctx: &Ctx<App>) -> bool {
    let before = ctx.state().sources.load(Relaxed);
    let outcome = finish(pin!(ctx.run(total(4))));
    let right = matches!(outcome, Some((Ok(11), _)));
    let fresh = ctx.state().sources.load(Relaxed) - before;
    board.check("group", right, &outcome) & board.check("equal calls ran once", fresh == 4, &fresh)
}

fn failure(board: &Board, ctx: &Ctx<App>) -> bool {
    let Some((Err(error), _)) = finish(pin!(ctx.run(reading(7)))) else {
        return board.check("failure", false, &"no error");
    };
    let text = format!("{error:#}");
    let right =
        text == "task `reading(7)` failed: no reading: task `sensor(7)` failed: no such sensor";
    board.check("failure", right && error.kind() == ErrorKind::Failed, &text)
        & board.check(
            "its cause is found",
            error.find::<NoSuchSensor>().is_some(),
            &error.kind(),
        )
}

fn cancelled(board: &Board, ctx: &Ctx<App>) -> bool {
    let mut call = Box::pin(ctx.run(stuck()));
    let waits = finish(call.as_mut()).is_none();
    ctx.cancel();
    let dropped = ctx.state().stuck_dropped.load(Relaxed);
    let is_cancelled = |outcome: Option<(Result<u64, Error>, usize)>| matches!(outcome, Some((Err(error), 1)) if error.kind() == ErrorKind::Cancelled);
    let told = is_cancelled(finish(call.as_mut()));
    let later = is_cancelled(finish(pin!(ctx.run(source(99)))));
    board.check(
        "cancel drops the run",
        waits && dropped == 1,
        &(waits, dropped),
    ) & board.check(
        "calls are told, also later ones",
        told && later,
        &(told, later),
    ) & board.check(
        "nothing is left in flight",
        ctx.stats().in_flight == 0,
        &ctx.stats(),
    )
}

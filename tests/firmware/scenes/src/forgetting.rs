//! Outcomes age by a counter that wraps, and no more are remembered than there is room for.
use crate::Board;
use crate::app::{App, source, total};
use crate::wakes::finish;
use core::pin::pin;
use core::time::Duration;
use portable_atomic::{AtomicU32, Ordering::Relaxed};
use runce::{Ctx, TickClock};

/// In the place of a timer's register, of which a tick is a millisecond: about to wrap.
static TICKS: AtomicU32 = AtomicU32::new(u32::MAX - 100);

pub(crate) fn all(board: &Board) -> bool {
    let clock = TickClock::new(1_000, || TICKS.load(Relaxed));
    let ctx = Ctx::builder(App::default()).clock(clock);
    let ctx = ctx.ttl(Duration::from_millis(500)).capacity(4).build();
    let runs = || {
        let outcome = finish(pin!(ctx.run(source(1))));
        board.check("a reading", matches!(outcome, Some((Ok(2), _))), &outcome);
        ctx.stats().runs
    };
    let first = runs();
    TICKS.fetch_add(499, Relaxed);
    let fresh = runs();
    TICKS.fetch_add(1, Relaxed);
    let over = runs();
    let ages = board.check(
        "ages",
        (first, fresh, over) == (1, 1, 2),
        &(first, fresh, over),
    );
    let _ = finish(pin!(ctx.run(total(8))));
    ages & board.check(
        "remembers what there is room for",
        ctx.len() == 4,
        &ctx.len(),
    )
}

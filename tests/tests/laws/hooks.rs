//! Moments in which foreign code runs, and what is done in them.
use std::cell::{Cell, RefCell};
use std::ptr::without_provenance;
use std::task::{RawWaker, RawWakerVTable, Waker};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Moment {
    Hash,
    CloneInput,
    DropInput,
    CloneOutput,
    DropOutput,
    Label,
    Poll,
    DropBody,
    CloneWaker,
    Wake,
    DropWaker,
    Spawn,
    Enter,
}

type Watch = (Moment, Box<dyn Fn(u32)>);

thread_local! {
    static WATCH: RefCell<Option<Watch>> = const { RefCell::new(None) };
    static TIMES: Cell<u32> = const { Cell::new(0) };
}

/// Foreign code runs. What is done in a moment is not itself watched.
pub(crate) fn at(moment: Moment) {
    let Ok(Some(watch)) = WATCH.try_with(|watch| watch.try_borrow_mut().ok()?.take()) else {
        return;
    };
    if watch.0 == moment {
        watch.1(TIMES.replace(TIMES.get() + 1));
    }
    WATCH.with(|place| *place.borrow_mut() = Some(watch));
}

/// Does something at every such moment of some work; how many there were.
pub(crate) fn watch(moment: Moment, then: impl Fn(u32) + 'static, work: impl FnOnce()) -> u32 {
    TIMES.set(0);
    WATCH.with(|watch| *watch.borrow_mut() = Some((moment, Box::new(then))));
    work();
    let watched = WATCH.with(|watch| watch.borrow_mut().take());
    drop(watched);
    TIMES.get()
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |data| {
        at(Moment::CloneWaker);
        RawWaker::new(data, &VTABLE)
    },
    |_| at(Moment::Wake),
    |_| at(Moment::Wake),
    |_| at(Moment::DropWaker),
);

/// A waker whose clone, wake and drop are such moments. Those of one number are the same.
pub(crate) fn hooked_waker(number: usize) -> Waker {
    // SAFETY: the functions never look behind their data.
    unsafe { Waker::new(without_provenance(number), &VTABLE) }
}

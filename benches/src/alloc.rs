//! Counts allocations while told to, on all threads.
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering::Relaxed};

pub struct Counting;

static ON: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicI64 = AtomicI64::new(0);
static HELD: AtomicI64 = AtomicI64::new(0);

/// Since the counting began.
#[derive(Clone, Copy, Debug)]
pub struct Count {
    pub allocations: f64,
    /// Allocated and not freed.
    pub held: f64,
}

/// What that allocates. Not nested.
pub fn count<R>(work: impl FnOnce() -> R) -> (R, Count) {
    ALLOCATIONS.store(0, Relaxed);
    HELD.store(0, Relaxed);
    ON.store(true, Relaxed);
    let result = work();
    let count = Count {
        allocations: ALLOCATIONS.load(Relaxed) as f64,
        held: HELD.load(Relaxed) as f64,
    };
    ON.store(false, Relaxed);
    (result, count)
}

fn note(allocations: i64, bytes: i64) {
    // Off while time is taken: a load that is predicted.
    if ON.load(Relaxed) {
        ALLOCATIONS.fetch_add(allocations, Relaxed);
        HELD.fetch_add(bytes, Relaxed);
    }
}

// SAFETY: all is passed on to the system's allocator; the counters are not allocated.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        note(1, layout.size() as i64);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        note(0, -(layout.size() as i64));
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        note(1, size as i64 - layout.size() as i64);
        // SAFETY: the caller's promise is passed on.
        unsafe { System.realloc(block, layout, size) }
    }
}

//! A heap of a stated size that knows its peak.
#![no_std]
#![deny(unsafe_code)]

use core::alloc::{GlobalAlloc, Layout};
use embedded_alloc::LlffHeap;
use portable_atomic::{AtomicUsize, Ordering::Relaxed};

/// The allocator of a firmware image: [`embedded_alloc::init`] gives it its memory.
pub struct Heap {
    heap: LlffHeap,
    peak: AtomicUsize,
}

impl Heap {
    #[expect(clippy::new_without_default, reason = "it is a static")]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            heap: LlffHeap::empty(),
            peak: AtomicUsize::new(0),
        }
    }

    /// # Safety
    ///
    /// That of [`LlffHeap::init`].
    #[expect(unsafe_code, reason = "an allocator is given its memory")]
    pub unsafe fn init(&self, start: usize, size: usize) {
        // SAFETY: our caller's promise.
        unsafe { self.heap.init(start, size) };
    }

    /// Bytes in use.
    pub fn used(&self) -> usize {
        self.heap.used()
    }

    /// The most bytes that were in use at once.
    pub fn peak(&self) -> usize {
        self.peak.load(Relaxed)
    }
}

// SAFETY: it is the inner heap that allocates.
#[expect(unsafe_code, reason = "an allocator is unsafe to implement")]
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: our caller's promise.
        let place = unsafe { self.heap.alloc(layout) };
        self.peak.fetch_max(self.used(), Relaxed);
        place
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: our caller's promise.
        unsafe { self.heap.dealloc(place, layout) };
    }
}

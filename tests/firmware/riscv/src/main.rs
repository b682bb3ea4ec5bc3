//! runce on a RISC-V without atomic instructions (riscv32imc): its own heap, clock and
//! executor, and runs woken by the timer's interrupt. The emulator exits with 0 if all was
//! right.
#![no_std]
#![no_main]

use core::fmt;
use core::ops::Range;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use heap::Heap;
use riscv::interrupt::Interrupt;
use scenes::{Board, interrupts};
use semihosting::println;

#[global_allocator]
static HEAP: Heap = Heap::new();

/// All the heap there is, in bytes.
const SIZE: usize = 10 * 1024;

/// The timer interrupts after so many of its ticks, and each time after some more, so that it
/// falls everywhere.
const PERIODS: Range<u32> = 150..300;
static PERIOD: AtomicU32 = AtomicU32::new(PERIODS.start);

/// The timer of the emulated board.
mod timer {
    const NOW: *const u32 = core::ptr::with_exposed_provenance(0x0200_BFF8);
    const COMPARE: *mut u32 = core::ptr::with_exposed_provenance_mut(0x0200_4000);

    /// The next interrupt comes after so many ticks.
    pub(super) fn arm(ticks: u32) {
        // SAFETY: the timer's registers, which nobody else touches. It does not fire between
        // the writes: the upper half is the largest there is meanwhile.
        unsafe {
            let now = NOW.read_volatile();
            COMPARE.add(1).write_volatile(u32::MAX);
            COMPARE.write_volatile(now.wrapping_add(ticks));
            COMPARE.add(1).write_volatile(0);
        }
    }
}

#[riscv_rt::core_interrupt(Interrupt::MachineTimer)]
fn machine_timer() {
    let next = PERIOD.load(Relaxed) + 7;
    let next = if next < PERIODS.end {
        next
    } else {
        PERIODS.start
    };
    PERIOD.store(next, Relaxed);
    timer::arm(next);
    interrupts::tick();
}

fn say(line: fmt::Arguments<'_>) {
    println!("{line}");
}

const BOARD: Board = Board {
    name: "riscv32imc",
    say,
    used: || HEAP.used(),
    idle: riscv::asm::wfi,
};

#[riscv_rt::entry]
fn main() -> ! {
    // SAFETY: once, before anything is allocated.
    unsafe {
        embedded_alloc::init!(HEAP, SIZE);
    }
    let mut right = scenes::run(&BOARD);
    timer::arm(PERIODS.start);
    // SAFETY: the handler is there, and no critical section is open.
    unsafe {
        riscv::interrupt::enable_interrupt(Interrupt::MachineTimer);
        riscv::interrupt::enable();
    }
    right &= interrupts::run(&BOARD);
    let verdict = if right { "PASS" } else { "FAIL" };
    println!(
        "{}: {verdict}, peak heap {} of {SIZE} bytes",
        BOARD.name,
        HEAP.peak()
    );
    semihosting::process::exit(i32::from(!right))
}

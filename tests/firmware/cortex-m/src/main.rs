//! runce on a Cortex-M: its own heap, clock and executor, and runs woken by the timer's
//! interrupt. Says what it sees by semihosting; the emulator exits with 0 if all was right.
#![no_std]
#![no_main]

mod stack;

use core::fmt;
use cortex_m::Peripherals;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::{entry, exception};
use cortex_m_semihosting::{debug, hprintln};
use heap::Heap;
use panic_semihosting as _;
use scenes::{Board, interrupts};

#[global_allocator]
static HEAP: Heap = Heap::new();

/// All the heap there is, in bytes.
const SIZE: usize = 10 * 1024;

/// The timer interrupts after so many instructions, and each time after some more, so that it
/// falls everywhere.
const PERIODS: core::ops::Range<u32> = 1_500..3_000;

#[exception]
fn SysTick() {
    // SAFETY: nobody else touches the timer any more.
    let timer = unsafe { &*SYST::PTR };
    let period = timer.rvr.read() + 7;
    let period = if period < PERIODS.end {
        period
    } else {
        PERIODS.start
    };
    // SAFETY: any period is a valid one.
    unsafe { timer.rvr.write(period) };
    interrupts::tick();
}

fn say(line: fmt::Arguments<'_>) {
    hprintln!("{}", line);
}

const BOARD: Board = Board {
    name: if cfg!(target_has_atomic = "ptr") {
        "cortex-m3"
    } else {
        "cortex-m0"
    },
    say,
    used: || HEAP.used(),
    idle: cortex_m::asm::wfi,
};

#[entry]
fn main() -> ! {
    stack::paint();
    // SAFETY: once, before anything is allocated.
    unsafe {
        embedded_alloc::init!(HEAP, SIZE);
    }
    let mut right = scenes::run(&BOARD);
    if let Some(mut board) = Peripherals::take() {
        board.SYST.set_clock_source(SystClkSource::Core);
        board.SYST.set_reload(PERIODS.start);
        board.SYST.clear_current();
        board.SYST.enable_counter();
        board.SYST.enable_interrupt();
        right &= interrupts::run(&BOARD);
    } else {
        right = false;
    }
    right &= stack::is_sound();
    let verdict = if right { "PASS" } else { "FAIL" };
    say(format_args!(
        "{}: {verdict}, peak heap {} of {SIZE} bytes, peak stack {} of {}",
        BOARD.name,
        HEAP.peak(),
        stack::peak(),
        stack::size()
    ));
    loop {
        debug::exit(if right { Ok(()) } else { Err(()) });
    }
}

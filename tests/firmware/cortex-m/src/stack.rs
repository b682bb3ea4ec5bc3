//! How much of the stack was used: it is painted first, and looked at last. It grows down to
//! where the statics end, the heap among them; nothing else stops it there.
use core::ptr::addr_of;

const PAINT: u32 = 0x5EA1_ED5E;

/// Left unpainted below the frame that paints.
const ROOM: usize = 256;

unsafe extern "C" {
    static __sheap: u32;
    static _stack_start: u32;
}

fn ends() -> (usize, usize) {
    // Only their addresses mean something; the linker's script says which.
    (addr_of!(__sheap).addr(), addr_of!(_stack_start).addr())
}

/// At the start of all.
pub(crate) fn paint() {
    let here = cortex_m::register::msp::read() as usize;
    let (mut at, _) = ends();
    while at < here - ROOM {
        let word = core::ptr::with_exposed_provenance_mut::<u32>(at);
        // SAFETY: between the statics and the stack as it is now: nobody's.
        unsafe { word.write_volatile(PAINT) };
        at += 4;
    }
}

/// The most bytes that were in use.
pub(crate) fn peak() -> usize {
    let (mut at, top) = ends();
    while at < top {
        let word = core::ptr::with_exposed_provenance::<u32>(at);
        // SAFETY: in the stack's memory.
        if unsafe { word.read_volatile() } != PAINT {
            break;
        }
        at += 4;
    }
    top - at
}

/// All there is.
pub(crate) fn size() -> usize {
    let (bottom, top) = ends();
    top - bottom
}

/// Some of it was never reached.
pub(crate) fn is_sound() -> bool {
    peak() < size()
}

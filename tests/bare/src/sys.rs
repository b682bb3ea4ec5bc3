//! What libc and std would give: the way in and out, output, memory, and the symbols that
//! the prebuilt `core` and `alloc` refer to.
use core::alloc::{GlobalAlloc, Layout};
use core::arch::{asm, global_asm};
use core::cell::UnsafeCell;
use core::fmt::{self, Write};
use core::panic::PanicInfo;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
compile_error!("the entry point and the system calls are those of x86_64 Linux");

const WRITE: usize = 1;
const EXIT_GROUP: usize = 231;

// The kernel jumps here with no return address; the ABI wants the stack aligned before a
// call, and a zero frame pointer at the outermost frame.
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "and rsp, -16",
    "call {start}",
    "ud2",
    start = sym start,
);

extern "C" fn start() -> ! {
    exit(usize::from(!crate::run()))
}

/// # Safety
///
/// That of the system call.
unsafe fn syscall(number: usize, a: usize, b: usize, c: usize) -> isize {
    let result: usize;
    // SAFETY: the registers are those of the kernel's ABI, which changes no others; the
    // rest is promised by our caller.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") a,
            in("rsi") b,
            in("rdx") c,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result as isize
}

fn exit(code: usize) -> ! {
    loop {
        // SAFETY: touches no memory of ours.
        unsafe { syscall(EXIT_GROUP, code, 0, 0) };
    }
}

/// Standard output.
pub(crate) struct Out;

impl Write for Out {
    fn write_str(&mut self, mut text: &str) -> fmt::Result {
        while !text.is_empty() {
            // SAFETY: the kernel only reads, and only what `text` borrows.
            let written = unsafe { syscall(WRITE, 1, text.as_ptr() as usize, text.len()) };
            let written = usize::try_from(written).map_err(|_| fmt::Error)?;
            text = text.get(written..).ok_or(fmt::Error)?;
        }
        Ok(())
    }
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let _ = writeln!(Out, "bare: {info}");
    exit(1)
}

const ARENA: usize = 1 << 20;

#[repr(align(64))]
struct Arena(UnsafeCell<[u8; ARENA]>);

// SAFETY: only `Bump` touches it, and hands out each byte once.
unsafe impl Sync for Arena {}

static MEMORY: Arena = Arena(UnsafeCell::new([0; ARENA]));
static NEXT: AtomicUsize = AtomicUsize::new(0);
static LIVE: AtomicUsize = AtomicUsize::new(0);

/// Hands out the arena from front to back and takes nothing back, but counts what is
/// given back, so that a leak shows.
struct Bump;

#[global_allocator]
static BUMP: Bump = Bump;

// SAFETY: blocks are aligned (the arena's base is aligned to 64, more is refused), inside
// the arena, and disjoint, as `NEXT` only grows.
unsafe impl GlobalAlloc for Bump {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > align_of::<Arena>() {
            return null_mut();
        }
        let place = |next: usize| {
            let at = next.checked_next_multiple_of(layout.align())?;
            let end = at.checked_add(layout.size())?;
            (end <= ARENA).then_some((at, end))
        };
        let next = NEXT.fetch_update(Relaxed, Relaxed, |next| place(next).map(|(_, end)| end));
        let Some((at, _)) = next.ok().and_then(place) else {
            return null_mut();
        };
        LIVE.fetch_add(layout.size(), Relaxed);
        // SAFETY: `at` is inside the arena.
        unsafe { MEMORY.0.get().cast::<u8>().add(at) }
    }

    unsafe fn dealloc(&self, _: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
    }
}

/// How many bytes were ever handed out.
pub(crate) fn heap_bytes() -> usize {
    NEXT.load(Relaxed)
}

/// How many bytes were not given back.
pub(crate) fn live_bytes() -> usize {
    LIVE.load(Relaxed)
}

// The compiler emits calls of these. They are written with string instructions and
// volatile reads: plain loops would be compiled to calls of themselves.

#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, n: usize) -> *mut u8 {
    // SAFETY: C's contract: both are valid for `n` bytes and do not overlap. The ABI keeps
    // the direction flag clear.
    unsafe {
        asm!(
            "rep movsb",
            inout("rcx") n => _,
            inout("rdi") to => _,
            inout("rsi") from => _,
            options(nostack, preserves_flags),
        );
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, n: usize) -> *mut u8 {
    if (to as usize).wrapping_sub(from as usize) >= n {
        // SAFETY: forwards is right, as `to` is not inside `from..from + n`.
        return unsafe { memcpy(to, from, n) };
    }
    // SAFETY: C's contract: both are valid for `n` bytes, and here `n > 0`. Backwards, as
    // `to` is inside the source; the direction flag is cleared again.
    unsafe {
        asm!(
            "std",
            "rep movsb",
            "cld",
            inout("rcx") n => _,
            inout("rdi") to.add(n - 1) => _,
            inout("rsi") from.add(n - 1) => _,
            options(nostack),
        );
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, n: usize) -> *mut u8 {
    // SAFETY: C's contract: `to` is valid for `n` bytes.
    unsafe {
        asm!(
            "rep stosb",
            inout("rcx") n => _,
            inout("rdi") to => _,
            in("al") byte.to_le_bytes()[0],
            options(nostack, preserves_flags),
        );
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    for i in 0..n {
        // SAFETY: C's contract: both are valid for `n` bytes.
        let (x, y) = unsafe { (a.add(i).read_volatile(), b.add(i).read_volatile()) };
        if x != y {
            return i32::from(x) - i32::from(y);
        }
    }
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: the same contract.
    unsafe { memcmp(a, b, n) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(text: *const u8) -> usize {
    let mut n = 0;
    // SAFETY: C's contract: there is a zero, and all up to it is valid.
    while unsafe { text.add(n).read_volatile() } != 0 {
        n += 1;
    }
    n
}

// The prebuilt `core` and `alloc` were built to unwind, so they refer to these. With
// `panic = "abort"` nothing calls them.

#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    exit(1)
}

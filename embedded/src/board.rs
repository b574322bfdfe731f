//! The start of the program on a Cortex-M4.

use core::panic::PanicInfo;

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hio};

use super::{Session, report};

/// What `cortex-m-rt` paints the stack with before `main`.
const PAINT: u32 = 0xcccc_cccc;

unsafe extern "C" {
    static _stack_start: u32;
    static _stack_end: u32;
}

/// The bytes between the start of the stack and the last of them that was written.
fn taken() -> Option<usize> {
    let (mut at, start) = (&raw const _stack_end, &raw const _stack_start);
    // SAFETY: the linker reserves what is between the two symbols.
    while at < start && unsafe { at.read_volatile() } == PAINT {
        at = at.wrapping_add(1);
    }
    Some(start.addr() - at.addr())
}

#[entry]
fn main() -> ! {
    static mut SESSION: Session = Session::new();
    let printed = hio::hstdout().is_ok_and(|mut out| report(SESSION, &mut out, taken).is_ok());
    debug::exit(if printed { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    loop {}
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    debug::exit(debug::EXIT_FAILURE);
    loop {}
}

//! Predicts, trains ten steps, and predicts again; prints the bits of all results. On a Cortex-M4 it
//! prints to the host by semihosting.

#![cfg_attr(target_os = "none", no_std, no_main)]

mod glyphs;

use core::fmt::Write;

use glyphs::Session;

/// Steps of training.
const STEPS: usize = 10;

/// Writes all results; `taken` is the stack that was taken so far, if that is known.
fn report(session: &mut Session, out: &mut impl Write, taken: fn() -> Option<usize>) -> core::fmt::Result {
    session.start();
    for (name, bound, trains) in [("predict", glyphs::STACK[0], false), ("step", glyphs::STACK[1], true)] {
        for _ in 0..if trains { STEPS } else { 0 } {
            writeln!(out, "loss {:08x}", session.step())?;
        }
        let bits = session.predict();
        if let Some(taken) = taken() {
            writeln!(out, "stack {name} {taken} of {bound}")?;
        }
        for bits in bits {
            writeln!(out, "output {bits:08x}")?;
        }
    }
    Ok(())
}

#[cfg(not(target_os = "none"))]
fn main() {
    let (mut session, mut text) = (Session::new(), String::new());
    report(&mut session, &mut text, || None).expect("a string takes all text");
    print!("{text}");
}

#[cfg(target_os = "none")]
mod board {
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
}

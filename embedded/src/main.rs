//! Predicts, trains ten steps, and predicts again; prints the bits of all results. On a Cortex-M4 it
//! prints to the host by semihosting, and WebAssembly gives the text to JavaScript.

#![cfg_attr(any(target_os = "none", target_family = "wasm"), no_std, no_main)]

#[cfg(target_os = "none")]
mod board;
mod glyphs;
#[cfg(target_family = "wasm")]
mod web;

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

/// With the argument `times` it prints how long a prediction and a step take.
#[cfg(not(any(target_os = "none", target_family = "wasm")))]
fn main() {
    let (mut session, mut text) = (Session::new(), String::new());
    report(&mut session, &mut text, || None).expect("a string takes all text");
    if std::env::args().nth(1).is_none_or(|argument| argument != "times") {
        print!("{text}");
        return;
    }
    let mut time = |name: &str, call: fn(&mut Session), calls: u32| {
        let mut least = f64::INFINITY;
        for _ in 0..500 {
            let start = std::time::Instant::now();
            for _ in 0..calls {
                call(&mut session);
            }
            least = least.min(start.elapsed().as_secs_f64() * 1e6 / f64::from(calls));
        }
        println!("{name} {least:.2} µs");
    };
    time("predict", |session| _ = std::hint::black_box(session.predict()), 50);
    time("step", |session| _ = std::hint::black_box(session.step()), 5);
}

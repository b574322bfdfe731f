//! What WebAssembly exports to `wasm.mjs`.

use core::cell::UnsafeCell;
use core::fmt::{self, Write};
use core::panic::PanicInfo;

use super::{Session, report};

/// The most bytes of a report.
const MOST: usize = 1024;

/// All that the module keeps between calls.
struct Page {
    session: Session,
    text: [u8; MOST],
}

/// A value that the exported functions use, one call after the other.
struct Alone(UnsafeCell<Page>);

// SAFETY: a module without shared memory has one thread.
unsafe impl Sync for Alone {}

static PAGE: Alone = Alone(UnsafeCell::new(Page { session: Session::new(), text: [0; MOST] }));

/// The page, for the time of one call from JavaScript.
fn with_page<T>(call: impl FnOnce(&mut Page) -> T) -> T {
    // SAFETY: no exported function calls another, so nothing else refers to the page.
    call(unsafe { &mut *PAGE.0.get() })
}

/// Text in memory that is reserved.
struct Text<'a> {
    bytes: &'a mut [u8; MOST],
    length: usize,
}

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Starts again and computes what the program reports. How many bytes that is: 0 if they are too many.
#[unsafe(no_mangle)]
extern "C" fn report_length() -> usize {
    with_page(|Page { session, text }| {
        let mut text = Text { bytes: text, length: 0 };
        report(session, &mut text, || None).map_or(0, |()| text.length)
    })
}

/// Where the report is.
#[unsafe(no_mangle)]
extern "C" fn report_text() -> *const u8 {
    with_page(|page| page.text.as_ptr())
}

/// Predicts so many times; the bits of all outputs, added up.
#[unsafe(no_mangle)]
extern "C" fn predict(times: u32) -> u32 {
    with_page(|page| (0..times).fold(0, |sum: u32, _| page.session.predict().into_iter().fold(sum, u32::wrapping_add)))
}

/// Trains so many steps; the bits of all losses, added up.
#[unsafe(no_mangle)]
extern "C" fn step(times: u32) -> u32 {
    with_page(|page| (0..times).fold(0, |sum: u32, _| sum.wrapping_add(page.session.step())))
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

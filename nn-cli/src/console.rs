//! The output: results on the standard output, errors and notes on the standard error.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

use crate::error::{Error, in_full};

/// Prints results. A reader that stops reading, such as `head`, is not an error.
pub fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => Err(Error::Print { source }),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints to the standard error. A failure cannot be reported anywhere.
pub fn print_error(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Prints an error.
pub fn error(error: &Error) {
    print_error(&format!("error: {}\n", in_full(error)));
}

/// Prints a note.
pub fn note(note: &str) {
    print_error(&format!("note: {note}\n"));
}

/// Whether messages are coloured: on a terminal, unless `NO_COLOR` is set (<https://no-color.org>).
pub fn has_colors() -> bool {
    io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

//! The two streams: results on the standard output, errors on the standard error.

use std::env;
use std::io::{self, ErrorKind, IsTerminal, Write};

use crate::error::Error;

/// Prints results. That the reader stopped reading, as `head` does, is no error.
pub fn print(text: &str) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != ErrorKind::BrokenPipe => Err(Error::Print { source }),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Prints to the standard error. Where that fails nobody can be told.
pub fn print_error(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Prints an error as such.
pub fn error(error: &Error) {
    print_error(&format!("error: {error}\n"));
}

/// Prints what is worth knowing.
pub fn note(note: &str) {
    print_error(&format!("note: {note}\n"));
}

/// Whether the standard error shows colours; <https://no-color.org> is heeded.
pub fn has_colors() -> bool {
    io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

//! Runs a network's program: checks that it is the right one, sends it rows, receives its events,
//! asks it to stop, and reports a crash.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::arrays::Arrays;
use crate::console;
use crate::error::Error;
use crate::interrupts::{self, Handling};
use crate::program::event::Event;
use crate::replace;

/// The time between two checks for signals.
const TICK: Duration = Duration::from_millis(20);

/// This many events are shown if the program crashes.
const LAST_EVENTS: usize = 3;

/// Why a run failed.
pub enum Failure {
    /// The weights do not fit the network.
    Mismatch(String),
    /// Any other reason.
    Other(Box<Error>),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(Box::new(error))
    }
}

/// What a program is run with.
pub struct Job<'a> {
    /// The program.
    pub program: &'a Path,
    /// The hash of its sources.
    pub content: &'a str,
    /// The command and its arguments.
    pub arguments: Vec<OsString>,
    /// Whether it can be asked to stop and save. If not, the first signal ends it.
    pub can_stop: bool,
    /// The files that it writes.
    pub writes: Vec<PathBuf>,
}

/// A running program that has received its rows. When this value is dropped, the program ends and
/// writes nothing more.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    /// The first line, which was read early.
    first: Option<String>,
    can_stop: bool,
    writes: Vec<PathBuf>,
    /// How many signals were handled.
    handled: usize,
    last: VecDeque<String>,
    _handling: Handling,
}

impl Running {
    /// Starts a program, and sends it rows if it is the right one.
    pub fn start(job: Job, arrays: &Arrays) -> Result<Self, Error> {
        let handling = interrupts::handle();
        let mut command = Command::new(job.program);
        command.args(&job.arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        own_group(&mut command);
        let failed = |source| Error::Run { program: job.program.to_owned(), source };
        let mut child = command.spawn().map_err(failed)?;
        let lines = lines_of(child.stdout.take());
        let Job { can_stop, writes, .. } = job;
        let last = VecDeque::new();
        // It cannot be asked to stop before it has its rows.
        let mut running =
            Self { child, lines, first: None, can_stop: false, writes, handled: 0, last, _handling: handling };
        running.first = running.next_line();
        match running.first.as_deref().map(parsed) {
            None => {
                let status = running.child.wait().map_err(|source| Error::Wait { source })?;
                interrupts::check()?;
                return Err(Error::Crashed { status, last: Vec::new() });
            }
            Some(Some(Event::Content(content))) if content == job.content => running.send(arrays)?,
            Some(_) => {
                // It may be any program, which may not end with its input.
                let _ = running.child.kill();
                return Err(Error::OtherProgram { program: job.program.to_owned() });
            }
        }
        running.can_stop = can_stop;
        Ok(running)
    }

    fn send(&mut self, arrays: &Arrays) -> Result<(), Error> {
        let Some(stdin) = &mut self.child.stdin else { return Ok(()) };
        match arrays.send(stdin) {
            // A program that does not read reports why, or has crashed.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Send { source: error }),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// Receives events until the program ends. If `on_event` fails, the program is asked to stop;
    /// later events still go to `on_event`.
    pub fn receive(mut self, mut on_event: impl FnMut(Event) -> Result<(), Error>) -> Result<(), Failure> {
        let (mut failure, mut handler_error) = (None, None);
        while let Some(line) = self.first.take().or_else(|| self.next_line()) {
            let received = match parsed(&line) {
                Some(Event::Error(message)) => {
                    failure = Some(Error::Program(message).into());
                    Ok(())
                }
                Some(Event::Mismatch(message)) => {
                    failure = Some(Failure::Mismatch(message));
                    Ok(())
                }
                Some(Event::Content(_)) => Ok(()),
                Some(event) => {
                    self.remember(line);
                    on_event(event)
                }
                None => console::print(&format!("{line}\n")),
            };
            if let (Err(error), None) = (received, &handler_error) {
                handler_error = Some(error);
                self.ask_to_stop();
            }
        }
        let was_ended = self.child.stdin.is_none();
        let status = self.child.wait().map_err(|source| Error::Wait { source })?;
        if was_ended && !status.success() {
            interrupts::check()?;
        }
        match (failure, handler_error) {
            (Some(failure), _) => Err(failure),
            (None, Some(error)) => Err(error.into()),
            (None, None) if status.success() => Ok(()),
            (None, None) => Err(Error::Crashed { status, last: self.last.drain(..).collect() }.into()),
        }
    }

    /// The next line that it prints; `None` at the end.
    fn next_line(&mut self) -> Option<String> {
        loop {
            self.handle_signals();
            match self.lines.recv_timeout(TICK) {
                Ok(line) => return Some(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    /// The first signal asks the program to stop and save, the second to end at once, the third
    /// kills it.
    fn handle_signals(&mut self) {
        let count = interrupts::count();
        if count <= self.handled {
            return;
        }
        self.handled = count;
        match (count, self.can_stop) {
            (1, true) => self.ask_to_stop(),
            (1, false) | (2, true) => drop(self.child.stdin.take()),
            // This fails only if the program has already ended.
            _ => drop(self.child.kill()),
        }
    }

    fn ask_to_stop(&mut self) {
        match &mut self.child.stdin {
            // This fails only if the program has already ended.
            Some(stdin) if self.can_stop => drop(stdin.write_all(b"stop\n").and_then(|()| stdin.flush())),
            _ => drop(self.child.stdin.take()),
        }
    }

    fn remember(&mut self, line: String) {
        if self.last.len() == LAST_EVENTS {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        // The program has ended, or ends with its input.
        if !self.child.wait().is_ok_and(|status| status.success()) {
            self.writes.iter().for_each(|path| remove_partial(path, self.child.id()));
        }
    }
}

/// Removes the partial file of a program that was killed while it wrote:
/// `.NAME.PROCESS-COUNT.partial`.
fn remove_partial(path: &Path, process: u32) {
    let start = format!("{}{process}-", replace::partial_prefix(path));
    for entry in fs::read_dir(replace::folder(path)).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&start) && name.ends_with(".partial") {
            // A file that cannot be removed does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The event on a line; `None` if the line is not an event.
fn parsed(line: &str) -> Option<Event> {
    serde_json::from_str(line).ok()
}

/// The lines of a stream, read in the background.
fn lines_of(stream: Option<ChildStdout>) -> Receiver<String> {
    let (sender, receiver) = mpsc::sync_channel(1024);
    thread::spawn(move || {
        let Some(stream) = stream else { return };
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    });
    receiver
}

/// Puts the program into its own process group. So Ctrl-C reaches only `nn`, which asks the program
/// to stop.
#[cfg(unix)]
fn own_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(windows)]
fn own_group(command: &mut Command) {
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    std::os::windows::process::CommandExt::creation_flags(command, CREATE_NEW_PROCESS_GROUP);
}

#[cfg(not(any(unix, windows)))]
fn own_group(_: &mut Command) {}

//! Runs a network's program: hears its events, hands on Ctrl-C, and tells how it died if it did.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::console;
use crate::error::Error;
use crate::interrupts::Interrupts;
use crate::program::event::Event;

/// How often it is looked whether the user wants to stop.
const TICK: Duration = Duration::from_millis(20);

/// How many events are kept to be shown if the program dies.
const LAST_EVENTS: usize = 3;

/// Why a run failed.
pub enum Failure {
    /// The weights do not fit the network.
    Mismatch(String),
    /// All else.
    Other(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// Runs the program to its end. The first interrupt asks it to stop and save, the second kills it.
pub fn run(
    program: &Path,
    arguments: &[OsString],
    interrupts: &Interrupts,
    mut on_event: impl FnMut(Event) -> Result<(), Error>,
) -> Result<(), Failure> {
    let mut running = Running::start(program, arguments)?;
    let mut failure = None;
    while let Some(line) = running.next_line(interrupts) {
        match Event::parse(&line) {
            Some(Event::Error(message)) => failure = Some(Failure::Other(Error::Program(message))),
            Some(Event::Mismatch(message)) => failure = Some(Failure::Mismatch(message)),
            Some(event) => {
                running.remember(line);
                on_event(event)?;
            }
            None => console::print(&format!("{line}\n"))?,
        }
    }
    let Ended { status, killed, last } = running.end().map_err(|source| run_error(program, source))?;
    match failure {
        Some(failure) => Err(failure),
        None if status.success() => Ok(()),
        None if killed => Err(Error::Interrupted.into()),
        None => Err(Error::Died { status, last }.into()),
    }
}

fn run_error(program: &Path, source: io::Error) -> Error {
    Error::Run { program: program.to_owned(), source }
}

/// A program that runs. Where this value is dropped the program's input ends, at which it stops and saves.
struct Running {
    child: Child,
    lines: Receiver<String>,
    asked: bool,
    killed: bool,
    last: VecDeque<String>,
}

/// How a program ended.
struct Ended {
    status: ExitStatus,
    killed: bool,
    last: Vec<String>,
}

impl Running {
    fn start(program: &Path, arguments: &[OsString]) -> Result<Self, Error> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        own_group(&mut command);
        let mut child = command.spawn().map_err(|source| run_error(program, source))?;
        let lines = lines_of(child.stdout.take());
        Ok(Self { child, lines, asked: false, killed: false, last: VecDeque::new() })
    }

    /// The next line that it prints, if it prints another.
    fn next_line(&mut self, interrupts: &Interrupts) -> Option<String> {
        loop {
            self.hand_on(interrupts.count());
            match self.lines.recv_timeout(TICK) {
                Ok(line) => return Some(line),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    fn hand_on(&mut self, interrupts: usize) {
        if interrupts > 0 && !self.asked {
            self.asked = true;
            if let Some(stdin) = &mut self.child.stdin {
                // A program that is gone already need not be asked.
                let _ = stdin.write_all(b"stop\n").and_then(|()| stdin.flush());
            }
        }
        if interrupts > 1 && !self.killed {
            self.killed = true;
            // It fails only where the program has ended by itself.
            let _ = self.child.kill();
        }
    }

    fn remember(&mut self, line: String) {
        if self.last.len() == LAST_EVENTS {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }

    fn end(mut self) -> io::Result<Ended> {
        let status = self.child.wait()?;
        Ok(Ended { status, killed: self.killed, last: self.last.into() })
    }
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

/// A process group of its own: so Ctrl-C reaches `nn` alone, which asks the program to stop.
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

//! Ends cargo and its compilers if `nn` ends before them, even by SIGKILL.
//!
//! A second `nn` waits for the end of its standard input, which is a pipe from the first. It leads
//! the process group of cargo, and ends the whole group. (Networks' programs need no guard: they
//! end with their standard input.)

use std::env;
use std::io;
use std::process::{Child, Command, Stdio};

/// The name of the subcommand that the second `nn` runs.
pub const COMMAND: &str = "end-with-standard-input";

/// A running guard. When this is dropped, the guard ends its process group and itself.
pub struct Guard(Child);

impl Guard {
    /// Starts a guard with its own process group.
    pub fn start() -> io::Result<Self> {
        let mut command = Command::new(executable()?);
        command.arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        lead_group(&mut command);
        command.spawn().map(Self)
    }

    /// Puts a program that is about to start into the group.
    pub fn watch(&self, command: &mut Command) {
        join_group(command, self.0.id());
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // The guard ends with its input. If it has already ended, there is nothing to do.
        let _ = self.0.wait();
    }
}

/// Waits for the end of the standard input, and ends the process group.
pub fn run() {
    // An error is an end too.
    let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
    end_group();
}

/// This program, even if its file was replaced since it started.
fn executable() -> io::Result<std::path::PathBuf> {
    match cfg!(target_os = "linux") {
        true => Ok("/proc/self/exe".into()),
        false => env::current_exe(),
    }
}

#[cfg(unix)]
fn lead_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(unix)]
fn join_group(command: &mut Command, leader: u32) {
    if let Ok(leader) = i32::try_from(leader) {
        std::os::unix::process::CommandExt::process_group(command, leader);
    }
}

/// Ends the process group of this program if it leads one. If a user runs the command, it does not,
/// and nothing is ended.
#[cfg(unix)]
fn end_group() {
    use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group};
    if getpgrp() == getpid() {
        // This cannot fail for a program's own group.
        let _ = kill_current_process_group(Signal::KILL);
    }
}

#[cfg(not(unix))]
fn lead_group(_: &mut Command) {}

#[cfg(not(unix))]
fn join_group(_: &mut Command, _: u32) {}

#[cfg(not(unix))]
fn end_group() {}

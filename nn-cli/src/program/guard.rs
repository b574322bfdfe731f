//! Ends cargo and the compilers that it runs where `nn` ends before them, even by SIGKILL.
//!
//! A second `nn` waits for the end of its standard input, which is a pipe from the first. It leads a process group that
//! cargo is in, and ends all of it. (Networks' programs look after themselves: they end with their standard input.)

use std::env;
use std::io;
use std::process::{Child, Command, Stdio};

/// The name of the command that the second `nn` is given.
pub const COMMAND: &str = "guard";

/// A guard on watch. Dropped, it ends its group, and itself.
pub struct Guard(Child);

impl Guard {
    /// Starts a guard with a group of its own.
    pub fn start() -> io::Result<Self> {
        let mut command = Command::new(executable()?);
        command.arg(COMMAND).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        lead_group(&mut command);
        command.spawn().map(Self)
    }

    /// Makes a program that is about to be started one of the group.
    pub fn watch(&self, command: &mut Command) {
        join_group(command, self.0.id());
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        // It ends with its input, and nothing is lost where it had ended before.
        let _ = self.0.wait();
    }
}

/// What a guard does: waits for the end of its input, and ends its group.
pub fn stand() {
    // An error is an end, too.
    let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
    end_group();
}

/// This program, also where its file has been replaced since it was started.
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

/// Ends the group of this program, if it leads one: who runs the command by hand shall not lose more than it.
#[cfg(unix)]
fn end_group() {
    use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group};
    if getpgrp() == getpid() {
        // It cannot fail for the group that one is in.
        let _ = kill_current_process_group(Signal::KILL);
    }
}

#[cfg(not(unix))]
fn lead_group(_: &mut Command) {}

#[cfg(not(unix))]
fn join_group(_: &mut Command, _: u32) {}

#[cfg(not(unix))]
fn end_group() {}

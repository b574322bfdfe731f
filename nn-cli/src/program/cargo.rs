//! Builds a network's program with cargo, in release.

use std::env;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::Value;

use crate::error::Error;
use crate::interrupts;
use crate::program::guard::Guard;

/// The time between two looks at a running build.
const TICK: Duration = Duration::from_millis(20);

/// Builds the crate in `folder`, and returns the program. Temporary files of compilers go to
/// `scratch`.
pub fn build(folder: &Path, target: &Path, scratch: &Path) -> Result<PathBuf, Error> {
    let cargo: PathBuf = env::var_os("CARGO").unwrap_or_else(|| "cargo".into()).into();
    let failed = |source| Error::Cargo { cargo: cargo.clone(), source };
    let _handling = interrupts::handle();
    let guard = Guard::start().map_err(|source| Error::Guard { source })?;
    let mut command = Command::new(&cargo);
    command
        .args(["build", "--release", "--quiet", "--message-format=json-render-diagnostics", "--target-dir"])
        .arg(target)
        .current_dir(folder)
        .env("TMPDIR", scratch)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    guard.watch(&mut command);
    let mut child = command.spawn().map_err(failed)?;
    let stdout = read_in_background(child.stdout.take());
    let stderr = read_in_background(child.stderr.take());
    let status = wait(&mut child, guard).map_err(failed)?;
    interrupts::check()?;
    let built = stdout.join().unwrap_or_default();
    if let Some(program) = built.lines().find_map(executable).filter(|_| status.success()) {
        return Ok(program);
    }
    let (folder, stderr) = (folder.to_owned(), stderr.join().unwrap_or_default());
    // This is the last message of a build that started: cargo had all packages.
    match built.contains(r#""reason":"build-finished""#) {
        true => Err(Error::Build { folder, status, stderr }),
        false => Err(Error::NotStarted { folder, status, stderr }),
    }
}

/// Reads a stream to its end in the background.
fn read_in_background(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            // After an error, the text before it is all there is to show.
            let _ = BufReader::new(stream).read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits for the end, or ends cargo after a signal. A spinner shows that it is running.
fn wait(child: &mut Child, guard: Guard) -> io::Result<ExitStatus> {
    let spinner = ProgressBar::new_spinner().with_message("compiling");
    let ended = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if interrupts::count() > 0 {
            break None;
        }
        spinner.tick();
        thread::sleep(TICK);
    };
    spinner.finish_and_clear();
    // This ends everything that cargo has started.
    drop(guard);
    match ended {
        Some(status) => Ok(status),
        None => child.kill().and_then(|()| child.wait()),
    }
}

/// The program that a line of cargo's output reports.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    Some(message.get("executable")?.as_str()?.into())
}

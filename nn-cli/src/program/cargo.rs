//! Builds a network's program by cargo, in release.

use std::env;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::Value;

use crate::error::Error;
use crate::interrupts::Interrupts;

/// How often a build that runs is looked at.
const TICK: Duration = Duration::from_millis(20);

/// Builds the crate in `folder`, and returns the program.
pub fn build(folder: &Path, target: &Path, interrupts: &Interrupts) -> Result<PathBuf, Error> {
    let cargo: PathBuf = env::var_os("CARGO").unwrap_or_else(|| "cargo".into()).into();
    let mut child = Command::new(&cargo)
        .args(["build", "--release", "--quiet", "--message-format=json-render-diagnostics", "--target-dir"])
        .arg(target)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| Error::Cargo { cargo: cargo.clone(), source })?;
    let stdout = read_in_background(child.stdout.take());
    let stderr = read_in_background(child.stderr.take());
    let status = wait(&mut child, interrupts).map_err(|source| Error::Cargo { cargo, source })?;
    if interrupts.count() > 0 {
        return Err(Error::Interrupted);
    }
    let built = stdout.join().unwrap_or_default();
    let program = built.lines().find_map(executable).filter(|_| status.success());
    program.ok_or_else(|| Error::Build { folder: folder.to_owned(), status, stderr: stderr.join().unwrap_or_default() })
}

/// All that a stream holds, read while the program that writes it runs.
fn read_in_background(stream: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            // What came before a stream broke is all there is to show.
            let _ = BufReader::new(stream).read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Waits for the end, or ends it where the user wants to stop. A spinner shows that something goes on.
fn wait(child: &mut Child, interrupts: &Interrupts) -> io::Result<ExitStatus> {
    let spinner = ProgressBar::new_spinner().with_message("compiling");
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if interrupts.count() > 0 {
            child.kill()?;
        }
        spinner.tick();
        thread::sleep(TICK);
    };
    spinner.finish_and_clear();
    Ok(status)
}

/// The program that a line of cargo's tells of.
fn executable(line: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(line).ok()?;
    Some(message.get("executable")?.as_str()?.into())
}

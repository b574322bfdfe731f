//! The standard input: first rows of numbers, then requests of `nn`.
//!
//! | part | meaning |
//! | --- | --- |
//! | 8 bytes | the length of the rows, little-endian |
//! | that many bytes | the rows, as a safetensors file (`arrays.rs`) |
//! | a line `stop` | a request to save and stop soon |
//! | the end | `nn` has ended: the program ends at once, and writes nothing more |

use std::error::Error;
use std::io::{self, Read};
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::arrays::Arrays;

/// Held while a file is written, so that no file is left incomplete.
static WRITING: Mutex<()> = Mutex::new(());

/// While the value lives, the program does not end with its input.
pub fn writing() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads the rows.
pub fn arrays() -> Result<Arrays, Box<dyn Error>> {
    let mut stdin = io::stdin().lock();
    let mut length = [0; 8];
    stdin.read_exact(&mut length)?;
    let length = u64::from_le_bytes(length);
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(usize::try_from(length)?)?;
    stdin.by_ref().take(length).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        return Err("the rows are incomplete".into());
    }
    Ok(Arrays::new(bytes))
}

/// Starts to listen for requests. The flag is set when the program should stop.
pub fn listen() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&flag);
    thread::spawn(move || {
        for line in io::stdin().lines() {
            match line.as_deref() {
                Ok("stop") => stop.store(true, Ordering::Relaxed),
                Ok(_) => {}
                Err(_) => break,
            }
        }
        let _writing = writing();
        process::exit(1);
    });
    flag
}

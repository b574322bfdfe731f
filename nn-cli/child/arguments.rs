//! The words of the command line, one after the other.

use std::env::{self, ArgsOs};
use std::error::Error;
use std::path::PathBuf;
use std::str::FromStr;

/// What is left of the command line.
pub struct Arguments(ArgsOs);

impl Arguments {
    /// All of it but the program's name.
    pub fn of_process() -> Self {
        let mut arguments = env::args_os();
        arguments.next();
        Self(arguments)
    }

    /// The next word is a path.
    pub fn path(&mut self) -> Result<PathBuf, Box<dyn Error>> {
        Ok(self.0.next().ok_or("an argument is missing")?.into())
    }

    /// The next word is text.
    pub fn text(&mut self) -> Result<String, Box<dyn Error>> {
        self.next_text().ok_or_else(|| "an argument is missing".into())
    }

    /// The next word is text, if there is one.
    pub fn next_text(&mut self) -> Option<String> {
        self.0.next()?.into_string().ok()
    }

    /// All words that are left are paths.
    pub fn paths(self) -> Vec<PathBuf> {
        self.0.map(PathBuf::from).collect()
    }

    /// The next word is a number.
    pub fn number<T: FromStr>(&mut self) -> Result<T, Box<dyn Error>> {
        let word = self.text()?;
        word.parse().map_err(|_| format!("`{word}` is not such a number").into())
    }
}

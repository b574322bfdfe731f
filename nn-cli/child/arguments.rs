//! The arguments of the command line, read one after another.

use std::env::{self, ArgsOs};
use std::error::Error;
use std::path::PathBuf;
use std::str::FromStr;

/// The remaining arguments.
pub struct Arguments(ArgsOs);

impl Arguments {
    /// All arguments, without the program's name.
    pub fn of_process() -> Self {
        let mut arguments = env::args_os();
        arguments.next();
        Self(arguments)
    }

    /// The next argument, as a path.
    pub fn path(&mut self) -> Result<PathBuf, Box<dyn Error>> {
        Ok(self.0.next().ok_or("an argument is missing")?.into())
    }

    /// The next argument, as text.
    pub fn text(&mut self) -> Result<String, Box<dyn Error>> {
        self.next_text().ok_or_else(|| "an argument is missing".into())
    }

    /// The next argument, as text, if there is one.
    pub fn next_text(&mut self) -> Option<String> {
        self.0.next()?.into_string().ok()
    }

    /// All remaining arguments, as paths.
    pub fn paths(self) -> Vec<PathBuf> {
        self.0.map(PathBuf::from).collect()
    }

    /// The next argument, as a number.
    pub fn number<T: FromStr>(&mut self) -> Result<T, Box<dyn Error>> {
        let word = self.text()?;
        word.parse().map_err(|_| format!("`{word}` is not a valid number").into())
    }
}

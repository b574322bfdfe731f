//! `nn explain SPEC`: shows all defaults of a spec. `nn explain NN0301`: explains an error code.

use std::path::PathBuf;

use clap::Args;
use nn_compiler::diagnostic::code::{self, Code, Stage};

use crate::console;
use crate::error::Error;
use crate::spec::{self, Spec};

/// The arguments of `nn explain`.
#[derive(Args)]
pub struct Explain {
    /// The spec, or an error code such as NN0301
    subject: PathBuf,
}

impl Explain {
    /// Prints the explanation.
    pub fn run(self) -> Result<(), Error> {
        match self.subject.to_str().filter(|word| is_code(word)) {
            Some(code) => explain_code(code),
            None if self.is_a_word() => Err(Error::NoSubject { subject: self.subject }),
            None => {
                let spec = Spec::read(&self.subject)?;
                console::print(&nn_compiler::explain::explain(&spec.compiled))
            }
        }
    }

    /// Whether the subject is a word that names no file, such as `relu`.
    fn is_a_word(&self) -> bool {
        self.subject.extension().is_none() && !spec::is_stdin(&self.subject) && !self.subject.exists()
    }
}

/// Whether a word is `NN` and four digits.
fn is_code(word: &str) -> bool {
    let digits = word.strip_prefix("NN").or_else(|| word.strip_prefix("nn"));
    digits.is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Prints the page of a code, which is readable Markdown.
fn explain_code(word: &str) -> Result<(), Error> {
    let unknown = || Error::UnknownCode { code: word.to_uppercase(), ranges: ranges() };
    console::print(Code::parse(word).ok_or_else(unknown)?.page)
}

/// The first and the last code of each stage, one line for each stage.
fn ranges() -> String {
    let mut ranges = String::new();
    for stage in Stage::ALL {
        let mut codes = code::ALL.iter().filter(|entry| entry.stage == stage).map(|entry| entry.code);
        if let Some(first) = codes.next() {
            let last = codes.next_back().unwrap_or(first);
            ranges += &format!("\n    {first} to {last}  {}", stage.name());
        }
    }
    ranges
}

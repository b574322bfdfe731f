//! Names and counts in messages.

use std::fmt::{self, Display, Formatter};

/// A column's name as the spec must write it: in quotes unless it is a word of the language.
pub(crate) fn spec_name(name: &str) -> String {
    const RESERVED: [&str; 21] = [
        "input", "output", "in", "out", "block", "const", "train", "data", "assert", "expect", "freeze", "allow",
        "add", "multiply", "concat", "true", "false", "self", "Self", "super", "crate",
    ];
    let is_word = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_word && !RESERVED.contains(&name) {
        return name.to_owned();
    }
    spec_string(name)
}

/// A text as the spec writes it: in quotes, with the escapes that the language has.
pub(crate) fn spec_string(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
    format!("\"{escaped}\"")
}

/// `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// `1 cell`, `2 cells`, `2 classes`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = match (count, noun.ends_with('s')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{count} {noun}{plural}")
}

/// The text between backticks, on one line and shortened if it is long.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    // Apostrophes and quotes need no escape between backticks.
    shown = shown.replace("\\'", "'").replace("\\\"", "\"");
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// A list of names, shortened if there are many.
pub(crate) struct List<'a>(pub &'a [String]);

impl Display for List<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        const MOST: usize = 12;
        for (i, name) in self.0.iter().take(MOST).enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{}", quoted(name))?;
        }
        match self.0.len().saturating_sub(MOST) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

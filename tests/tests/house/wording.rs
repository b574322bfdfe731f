//! Comments and messages in words that plain English avoids.

use crate::known::Finding;
use crate::sources::Source;

/// The files that name what to avoid.
const NAMED_IN: [&str; 3] =
    ["tests/tests/house/wording.rs", "tests/tests/house/samples.rs", "tests/tests/ui/documents.rs"];

/// Words and phrases to write otherwise.
const AVOIDED: [&str; 12] = [
    "can not",
    "stand",
    "stands",
    "stood",
    "none that",
    "whoever",
    "one's own",
    "is told",
    "are told",
    "in silence",
    "belongs into",
    "copied together",
];

/// Every file that has an avoided phrase, with its places.
pub fn find(source: &Source) -> Option<Finding> {
    if NAMED_IN.contains(&source.path.as_str()) {
        return None;
    }
    let mut places = String::new();
    for (line, text) in texts(&source.text) {
        if let Some(phrase) = avoided(text) {
            places += &format!("\n    line {line}: `{phrase}`");
        }
    }
    let text = format!("{}: write in plain words:{places}", source.path);
    (!places.is_empty()).then(|| Finding { key: format!("wording {}", source.path), text })
}

/// The first avoided phrase of a text. What is in backticks or braces is code or a value.
fn avoided(text: &str) -> Option<&'static str> {
    let prose: String = text.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let prose: String = prose.split('{').map(|part| part.rsplit('}').next().unwrap_or_default()).collect();
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '\'' | '_' | '`');
    let words: Vec<&str> = prose.split(|c| !is_part(c)).filter(|word| !word.is_empty()).collect();
    let plain = format!(" {} ", words.join(" ").to_lowercase());
    let phrase = AVOIDED.into_iter().find(|phrase| plain.contains(&format!(" {phrase} ")));
    phrase.or_else(|| has_stilted_no(&plain).then_some("is no"))
}

/// `is no`, `are no` that should be `is not a`, `are not`; "there is no" and "is no longer" are
/// fine.
fn has_stilted_no(plain: &str) -> bool {
    [" is no ", " are no "].iter().any(|phrase| {
        plain
            .match_indices(phrase)
            .any(|(at, _)| !plain[..at].ends_with(" there") && !plain[at + phrase.len()..].starts_with("longer "))
    })
}

/// The comments and string literals of a file, each with its line.
pub fn texts(source: &str) -> Vec<(usize, &str)> {
    let mut texts = Vec::new();
    let mut at = 0;
    while at < source.len() {
        let rest = &source[at..];
        let (is_text, length) = token(rest, source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
        if is_text {
            texts.push((source[..at].matches('\n').count() + 1, &rest[..length]));
        }
        at += length;
    }
    texts
}

/// Whether a comment or a string literal begins here, and the length of that or of the next
/// character.
fn token(rest: &str, in_word: bool) -> (bool, usize) {
    let until = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
    if rest.starts_with("//") {
        return (true, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (true, until("*/", 2));
    }
    let hashes = rest.strip_prefix('r').map_or(0, |raw| raw.bytes().take_while(|byte| *byte == b'#').count());
    if !in_word && rest.starts_with('r') && rest[1 + hashes..].starts_with('"') {
        return (true, until(&format!("\"{}", "#".repeat(hashes)), 2 + hashes));
    }
    if rest.starts_with('"') {
        return (true, string(rest));
    }
    // `'"'` and `'\''`, but not a lifetime.
    let mut characters = rest.char_indices().skip(1);
    if rest.starts_with('\'')
        && let (Some((_, first)), Some((second, last))) = (characters.next(), characters.next())
    {
        match (first, last) {
            ('\\', _) => return (false, until("'", second + last.len_utf8())),
            (_, '\'') => return (false, second + 1),
            _ => {}
        }
    }
    (false, rest.chars().next().map_or(1, char::len_utf8))
}

/// The length of a string literal with escapes.
fn string(rest: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            '"' if !is_escaped => return at + 1,
            _ => is_escaped = character == '\\' && !is_escaped,
        }
    }
    rest.len()
}

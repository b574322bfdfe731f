//! Quotes in the text of a csv file, before it is split into cells.
//!
//! The csv reader recognizes a quote only at the very start of a cell. So spaces before such a
//! quote are removed here, and a quote that is never closed, or that closes before the end of its
//! cell, is an error instead of odd cells.

use std::borrow::Cow;

/// A quote that cannot be read; the line, from 1, is that of the quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuoteError {
    /// Nothing closes it.
    Open { line: u64 },
    /// It closes, and then its cell continues.
    TextBehind { line: u64 },
}

/// The text without the blanks between the start of a cell and a quote.
pub(crate) fn settled(text: &str, delimiter: u8) -> Result<Cow<'_, str>, QuoteError> {
    if !text.contains('"') {
        return Ok(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let is_blank = |at: usize| bytes.get(at).is_some_and(|byte| b" \t".contains(byte) && *byte != delimiter);
    let past_blanks = |at: usize| (at..).find(|&at| !is_blank(at)).unwrap_or(at);
    let is_end = |at: usize| bytes.get(at).is_none_or(|byte| *byte == delimiter || b"\r\n".contains(byte));
    let past_end = |at: usize| (at..).find(|&at| is_end(at)).unwrap_or(at);
    let line = |at: usize| 1 + line_ends(&bytes[..at]);
    let (mut settled, mut copied) = (String::with_capacity(text.len()), 0);
    let mut at = 0;
    while at < bytes.len() {
        let start = past_blanks(at);
        if bytes.get(start) == Some(&b'"') {
            settled.push_str(&text[copied..at]);
            copied = start;
            let closing = closing_quote(bytes, start + 1).ok_or_else(|| QuoteError::Open { line: line(start) })?;
            at = past_blanks(closing + 1);
            if !is_end(at) {
                return Err(QuoteError::TextBehind { line: line(closing) });
            }
        } else {
            at = past_end(start);
        }
        at += 1;
    }
    settled.push_str(&text[copied..]);
    Ok(Cow::Owned(settled))
}

/// Where the quote is that closes a cell; two quotes are one within it.
fn closing_quote(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// How many lines end in the text: at `\n`, `\r\n`, or a lone `\r`.
pub(crate) fn line_ends(text: &[u8]) -> u64 {
    let ends = text
        .iter()
        .enumerate()
        .filter(|&(i, &byte)| byte == b'\n' || (byte == b'\r' && text.get(i + 1) != Some(&b'\n')));
    ends.count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_before_a_quote_are_left_out() {
        for (text, expected) in [
            ("a, \"b, c\"\n \"d\" ,e\n", "a,\"b, c\"\n\"d\" ,e\n"),
            ("\"a\"\"b\",c", "\"a\"\"b\",c"),
            ("5\" pipe, x\"y\n", "5\" pipe, x\"y\n"),
            ("a,\t\"b\"\r\n\"\"\r\n", "a,\"b\"\r\n\"\"\r\n"),
            ("no quote", "no quote"),
        ] {
            assert_eq!(settled(text, b',').as_deref(), Ok(expected));
        }
        assert_eq!(settled("a\t\"b\" \tc", b'\t').as_deref(), Ok("a\t\"b\" \tc"));
    }

    #[test]
    fn a_quote_that_is_no_pair_is_refused_by_its_line() {
        assert_eq!(settled("a,b\n1,\"2\n3,4\n", b','), Err(QuoteError::Open { line: 2 }));
        assert_eq!(settled("a,b\n1, \"2", b','), Err(QuoteError::Open { line: 2 }));
        assert_eq!(settled("a,b\n\"1\n2\",3\n\"5\" pipe\",6\n", b','), Err(QuoteError::TextBehind { line: 4 }));
    }
}

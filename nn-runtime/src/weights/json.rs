//! The JSON of a safetensors header: tokens, read where they are, without an allocator.

use core::iter;
use core::str::Chars;

use crate::misfit::Damage;

/// What JSON may have between tokens.
const SPACE: [char; 4] = [' ', '\n', '\t', '\r'];

/// A place in the header.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    rest: &'a str,
    /// Where the header ends, in bytes from the start of the file.
    end: usize,
}

impl<'a> Cursor<'a> {
    /// The start of a header that follows `before` bytes.
    pub(super) fn new(header: &'a str, before: usize) -> Self {
        Self { rest: header, end: before + header.len() }
    }

    /// Where the next token is, in bytes from the start of the file.
    pub(super) fn position(&mut self) -> usize {
        self.rest = self.rest.trim_start_matches(SPACE);
        self.end - self.rest.len()
    }

    /// An error at the next token.
    pub(super) fn damage(&mut self, expected: &'static str) -> Damage {
        Damage::Syntax { expected, at: self.position() }
    }

    /// Whether the next token is this character. If so, it is passed.
    pub(super) fn passes(&mut self, token: char) -> bool {
        self.rest = self.rest.trim_start_matches(SPACE);
        let after = self.rest.strip_prefix(token);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Passes this character, which is `expected`.
    pub(super) fn pass(&mut self, token: char, expected: &'static str) -> Result<(), Damage> {
        if self.passes(token) { Ok(()) } else { Err(self.damage(expected)) }
    }

    /// An error where anything but space follows.
    pub(super) fn finish(&mut self) -> Result<(), Damage> {
        self.position();
        if self.rest.is_empty() { Ok(()) } else { Err(self.damage("the end of the header")) }
    }

    /// Whether the list that `]` ends has another element.
    fn has_element(&mut self, is_first: bool) -> Result<bool, Damage> {
        if self.passes(']') {
            return Ok(false);
        }
        if !is_first {
            self.pass(',', "`,` or `]`")?;
        }
        Ok(true)
    }

    /// The key of the next member of the object that `}` ends, and its colon.
    pub(super) fn key(&mut self, is_first: bool) -> Result<Option<Quoted<'a>>, Damage> {
        if self.passes('}') {
            return Ok(None);
        }
        if !is_first {
            self.pass(',', "`,` or `}`")?;
        }
        let key = self.quoted()?;
        self.pass(':', "`:`")?;
        Ok(Some(key))
    }

    /// A string.
    pub(super) fn quoted(&mut self) -> Result<Quoted<'a>, Damage> {
        self.pass('"', "a string")?;
        let text = self.rest;
        let mut chars = text.chars();
        loop {
            let here = chars.as_str();
            let expected = match chars.next() {
                Some('"') => {
                    self.rest = chars.as_str();
                    return Ok(Quoted(before(text, here)));
                }
                Some('\\') if escaped(&mut chars).is_some() => continue,
                Some('\\') => "a valid escape",
                Some(control) if control < ' ' => "an escape instead of a control character",
                Some(_) => continue,
                None => "the end of the string",
            };
            return Err(Damage::Syntax { expected, at: self.end - here.len() });
        }
    }

    /// An unsigned integer.
    fn number(&mut self) -> Result<usize, Damage> {
        self.rest = self.rest.trim_start_matches(SPACE);
        let after = self.rest.trim_start_matches(|character: char| character.is_ascii_digit());
        let digits = before(self.rest, after);
        let has_leading_zero = digits.len() > 1 && digits.starts_with('0');
        match digits.parse() {
            Ok(number) if !has_leading_zero => {
                self.rest = after;
                Ok(number)
            }
            Ok(_) | Err(_) => Err(self.damage("an unsigned integer that fits this machine")),
        }
    }

    /// A list of unsigned integers.
    pub(super) fn numbers(&mut self) -> Result<Numbers<'a>, Damage> {
        self.pass('[', "a list of integers")?;
        let numbers = Numbers { start: *self };
        let mut is_first = true;
        while self.has_element(is_first)? {
            self.number()?;
            is_first = false;
        }
        Ok(numbers)
    }

    /// An object of strings.
    pub(super) fn pairs(&mut self) -> Result<Pairs<'a>, Damage> {
        self.pass('{', "an object of strings")?;
        let pairs = Pairs { start: *self };
        let mut is_first = true;
        while self.key(is_first)?.is_some() {
            self.quoted()?;
            is_first = false;
        }
        Ok(pairs)
    }
}

/// The part of a text before what is left of it. (`strip_suffix` would compare all that is left: in
/// a header of many strings, each of them with the rest of the header.)
fn before<'a>(text: &'a str, left: &str) -> &'a str {
    text.len().checked_sub(left.len()).and_then(|length| text.get(..length)).unwrap_or_default()
}

/// A valid list of integers.
#[derive(Clone, Copy)]
pub(super) struct Numbers<'a> {
    start: Cursor<'a>,
}

impl<'a> Numbers<'a> {
    /// The integers.
    pub(super) fn iter(self) -> impl Iterator<Item = usize> + use<'a> {
        let mut cursor = self.start;
        let mut is_first = true;
        iter::from_fn(move || {
            let has_element = cursor.has_element(is_first).unwrap_or(false);
            is_first = false;
            if has_element { cursor.number().ok() } else { None }
        })
    }
}

/// A valid object of strings.
#[derive(Clone, Copy)]
pub(super) struct Pairs<'a> {
    start: Cursor<'a>,
}

impl<'a> Pairs<'a> {
    /// Keys and values.
    pub(super) fn iter(self) -> impl Iterator<Item = (Quoted<'a>, Quoted<'a>)> + use<'a> {
        let mut cursor = self.start;
        let mut is_first = true;
        iter::from_fn(move || {
            let key = cursor.key(is_first).ok().flatten()?;
            is_first = false;
            Some((key, cursor.quoted().ok()?))
        })
    }
}

/// A valid string as it is written, without the quotes.
#[derive(Clone, Copy)]
pub(super) struct Quoted<'a>(&'a str);

impl<'a> Quoted<'a> {
    /// What it means.
    pub(super) fn chars(self) -> impl Iterator<Item = char> + use<'a> {
        let mut chars = self.0.chars();
        iter::from_fn(move || match chars.next()? {
            '\\' => escaped(&mut chars),
            character => Some(character),
        })
    }

    /// Whether it means this text.
    pub(super) fn is(self, text: &str) -> bool {
        if self.0.contains('\\') { self.chars().eq(text.chars()) } else { self.0 == text }
    }
}

/// What follows a backslash means; `None` where that is not JSON.
fn escaped(chars: &mut Chars<'_>) -> Option<char> {
    Some(match chars.next()? {
        same @ ('"' | '\\' | '/') => same,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => match code_unit(chars)? {
            high @ 0xd800..0xdc00 => {
                if chars.next()? != '\\' || chars.next()? != 'u' {
                    return None;
                }
                let low = code_unit(chars)?.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
                char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + low)?
            }
            unit => char::from_u32(unit)?,
        },
        _ => return None,
    })
}

/// Four hexadecimal digits.
fn code_unit(chars: &mut Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit << 4 | chars.next()?.to_digit(16)?))
}

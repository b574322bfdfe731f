//! Tokens: where the words, numbers, strings and signs of a spec stand, comments apart.
//!
//! The scanner exists so that statements can be told apart where the grammar fails. It also finds the
//! mistakes inside a token, which pest could only call unexpected: `.5`, `0x10`, an open string.

use super::{MAX_DEPTH, MAX_ERRORS, MAX_NAME, quote};
use crate::diagnostic::{Diagnostic, code};
use crate::span::Span;

/// A token's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Number,
    Text,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    Sign,
}

/// A token, and what the later steps find out about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub kind: Kind,
    pub span: Span,
    /// How many brackets are open around it; a bracket counts as outside of itself.
    pub depth: usize,
    /// Whether an error has been reported for it already.
    pub broken: bool,
}

impl Token {
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        &text[self.span.range()]
    }
}

/// What the scanner finds.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub tokens: Vec<Token>,
    /// Where the comments stand, `///` included.
    pub comments: Vec<Span>,
    /// The `///` lines before the first token.
    pub docs: Vec<String>,
    pub errors: Vec<Diagnostic>,
    /// Whether the rest of the text could not be scanned.
    pub lost: bool,
}

/// Splits `text` into tokens.
pub(crate) fn scan(text: &str) -> Scan {
    let mut scanner = Scanner { text, at: 0, scan: Scan::default() };
    while !scanner.scan.lost && scanner.at < text.len() {
        scanner.next();
    }
    let mut scan = scanner.scan;
    join_leading_dots(text, &mut scan);
    scan
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    scan: Scan,
}

impl Scanner<'_> {
    fn next(&mut self) {
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return };
        match first {
            ' ' | '\t' | '\r' | '\n' => self.at += 1,
            '\u{FEFF}' if self.at == 0 => self.at += first.len_utf8(),
            '/' if rest.starts_with("//") => self.line_comment(rest),
            '/' if rest.starts_with("/*") => self.block_comment(rest),
            '"' => self.string(rest),
            '\'' => self.single_quote(rest),
            '#' if !rest.starts_with("#[") => self.hash_comment(rest),
            'a'..='z' | 'A'..='Z' | '_' => self.word(rest),
            '0'..='9' => self.number(rest),
            '!'..='~' => self.sign(rest),
            _ => self.foreign(first),
        }
    }

    fn sign(&mut self, rest: &str) {
        let double = ["->", "=>", "==", "<=", ">=", "!=", "::"].iter().any(|sign| rest.starts_with(sign));
        let kind = match rest.as_bytes()[0] {
            b'(' | b'[' | b'{' => Kind::Open,
            b')' | b']' | b'}' => Kind::Close,
            _ => Kind::Sign,
        };
        self.token(kind, 1 + usize::from(double), false);
    }

    fn token(&mut self, kind: Kind, length: usize, broken: bool) -> Span {
        let span = Span::new(self.at, self.at + length);
        self.scan.tokens.push(Token { kind, span, depth: 0, broken });
        self.at = span.end;
        span
    }

    fn error(&mut self, diagnostic: Diagnostic) {
        self.scan.errors.push(diagnostic);
        self.scan.lost |= self.scan.errors.len() >= MAX_ERRORS;
    }

    fn line_comment(&mut self, rest: &str) {
        let line = rest.split('\n').next().unwrap_or(rest);
        if self.scan.tokens.is_empty() && line.starts_with("///") && !line.starts_with("////") {
            let doc = line[3..].trim_end();
            self.scan.docs.push(doc.strip_prefix(' ').unwrap_or(doc).to_string());
        }
        self.comment(line.len());
    }

    fn block_comment(&mut self, rest: &str) {
        let bytes = rest.as_bytes();
        let opener = Span::new(self.at, self.at + 2);
        let (mut depth, mut at) = (1, 2);
        while depth > 0 {
            match bytes.get(at..at + 2) {
                Some(b"/*") => (depth, at) = (depth + 1, at + 2),
                Some(b"*/") => (depth, at) = (depth - 1, at + 2),
                Some(_) => at += 1,
                None => {
                    let message = "this comment is never closed";
                    self.error(
                        Diagnostic::error(code::UNCLOSED, opener, message)
                            .caption("opened here")
                            .note("comments nest: every `/*` needs a `*/` of its own"),
                    );
                    self.scan.lost = true;
                    return;
                }
            }
            if depth > MAX_DEPTH {
                let place = Span::new(self.at + at - 2, self.at + at);
                let message = format!("comments are nested deeper than {MAX_DEPTH} levels");
                self.error(Diagnostic::error(code::TOO_DEEP, place, message));
                self.scan.lost = true;
                return;
            }
        }
        self.comment(at);
    }

    fn comment(&mut self, length: usize) {
        self.scan.comments.push(Span::new(self.at, self.at + length));
        self.at += length;
    }

    fn string(&mut self, rest: &str) {
        let bytes = rest.as_bytes();
        let mut end = 1;
        let mut bad_escape = None;
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => {
                    match bytes.get(end + 1) {
                        Some(b'n' | b't' | b'"' | b'\\') => end += 1,
                        Some(b'\n' | b'\r') | None => {}
                        Some(_) => bad_escape = bad_escape.or(Some(end)),
                    }
                    end += 1;
                }
                Some(b'\n' | b'\r') | None => {
                    let length = rest[..end.min(rest.len())].trim_end().len();
                    let span = self.token(Kind::Text, length, true);
                    let quote = Span::new(span.start, span.start + 1);
                    let message = "this string is never closed";
                    self.error(
                        Diagnostic::error(code::UNCLOSED, quote, message)
                            .caption("opened here")
                            .note("a string ends on the line on which it begins"),
                    );
                    return;
                }
                Some(_) => end += 1,
            }
        }
        let span = self.token(Kind::Text, end + 1, bad_escape.is_some());
        if let Some(offset) = bad_escape {
            let place = Span::new(span.start + offset, span.start + offset + 1);
            self.error(
                Diagnostic::error(code::SYNTAX, place, "a backslash stands alone in a string")
                    .note(r#"the escapes are `\\`, `\"`, `\n` and `\t`"#)
                    .mend("for a backslash, write two", place.after(), "\\"),
            );
        }
    }

    fn single_quote(&mut self, rest: &str) {
        let line = rest.split(['\n', '\r']).next().unwrap_or(rest);
        let Some(length) = line[1..].find('\'') else {
            let span = self.token(Kind::Sign, 1, true);
            self.error(Diagnostic::error(code::SYNTAX, span, "a `'` means nothing here"));
            return;
        };
        let inner = line[1..=length].replace('\\', "\\\\").replace('"', "\\\"");
        let span = self.token(Kind::Text, length + 2, true);
        self.error(Diagnostic::error(code::SYNTAX, span, "a string stands in double quotes").mend(
            "use double quotes",
            span,
            format!("\"{inner}\""),
        ));
    }

    fn hash_comment(&mut self, rest: &str) {
        let line = rest.split(['\n', '\r']).next().unwrap_or(rest);
        let span = Span::new(self.at, self.at + 1);
        self.at += line.len();
        self.error(Diagnostic::error(code::SYNTAX, span, "a comment begins with `//`").mend(
            "write the comment this way",
            span,
            "//",
        ));
    }

    fn word(&mut self, rest: &str) {
        let span = self.token(Kind::Word, word_length(rest), false);
        if span.end - span.start > MAX_NAME {
            let message = format!("a name of more than {MAX_NAME} letters");
            self.error(Diagnostic::error(code::SYNTAX, span, message));
            self.break_last();
        }
        let is_prefix = matches!(&rest[..span.end - span.start], "r" | "b" | "br" | "c" | "cr");
        if is_prefix && self.text[self.at..].starts_with(['"', '#']) {
            let sign = Span::new(span.start, span.end + usize::from(self.text[self.at..].starts_with('#')));
            self.at = sign.end;
            let message = "names and strings are written without the prefixes of Rust";
            self.error(Diagnostic::error(code::SYNTAX, sign, message).mend("remove it", sign, ""));
            self.break_last();
        }
    }

    fn number(&mut self, rest: &str) {
        let bytes = rest.as_bytes();
        let mut end = word_length(rest);
        let hexadecimal = bytes.len() > 1 && bytes[0] == b'0' && matches!(bytes[1] | 32, b'x' | b'b' | b'o');
        let is_decimal = |end: usize| rest[..end].bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
        if is_decimal(end) && bytes.get(end) == Some(&b'.') {
            let next = bytes.get(end + 1).copied().unwrap_or(b' ');
            if next.is_ascii_digit() || !(next == b'.' || next == b'_' || next.is_ascii_alphabetic()) {
                end += 1;
                end += word_length(&rest[end..]);
            }
        }
        let signed = matches!(bytes.get(end), Some(b'+' | b'-')) && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        if signed && !hexadecimal && bytes[end - 1] | 32 == b'e' {
            end += 1;
            end += word_length(&rest[end..]);
        }
        let span = self.token(Kind::Number, end, false);
        if let Some(diagnostic) = bad_number(&rest[..end], span) {
            self.error(diagnostic);
            self.break_last();
        }
    }

    /// A character that no token begins with.
    fn foreign(&mut self, character: char) {
        let span = self.token(Kind::Sign, character.len_utf8(), true);
        let meant = match character {
            '→' => "->",
            '⇒' => "=>",
            '×' | '·' | '∗' => "*",
            '÷' => "/",
            '−' | '–' | '—' => "-",
            '≤' => "<=",
            '≥' => ">=",
            '“' | '”' | '„' => "\"",
            '\u{A0}' | '\u{2003}' | '\u{2009}' | '\u{3000}' => " ",
            _ => "",
        };
        let message = match character {
            letter if letter.is_alphabetic() => {
                format!("`{letter}` can not stand in a name, which is made of the letters a to z, digits and `_`")
            }
            sign if sign.is_whitespace() => {
                format!("the white space U+{:04X} is not in the language", u32::from(sign))
            }
            sign => format!("`{}` is not in the language", sign.escape_debug()),
        };
        let mut diagnostic = Diagnostic::error(code::SYNTAX, span, message);
        match meant {
            "" => {}
            " " => diagnostic = diagnostic.mend("write a plain space", span, meant),
            _ => diagnostic = diagnostic.mend(format!("write `{meant}`"), span, meant),
        }
        self.error(diagnostic);
        self.skip_foreign_word();
    }

    /// The rest of a word with foreign letters belongs to the same mistake.
    fn skip_foreign_word(&mut self) {
        let rest = &self.text[self.at..];
        let is_part = |character: &char| character.is_alphanumeric() && !character.is_ascii();
        self.at += rest.chars().take_while(is_part).map(char::len_utf8).sum::<usize>();
    }

    fn break_last(&mut self) {
        if let Some(token) = self.scan.tokens.last_mut() {
            token.broken = true;
        }
    }
}

fn word_length(rest: &str) -> usize {
    rest.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_')).unwrap_or(rest.len())
}

/// What is wrong with the spelling of a number, if anything.
fn bad_number(number: &str, span: Span) -> Option<Diagnostic> {
    let bytes = number.as_bytes();
    let radix = match bytes.get(1) {
        Some(b'x' | b'X') => 16,
        Some(b'o' | b'O') => 8,
        Some(b'b' | b'B') => 2,
        _ => 10,
    };
    if radix != 10 && bytes[0] == b'0' {
        let diagnostic = Diagnostic::error(code::SYNTAX, span, "numbers are decimal");
        let digits = number[2..].replace('_', "");
        return Some(match u64::from_str_radix(&digits, radix) {
            Ok(value) => diagnostic.mend("write it as a decimal number", span, value.to_string()),
            Err(_) => diagnostic,
        });
    }
    let (plain, rest) = decimal_prefix(number);
    match rest {
        "" => None,
        "." => Some(Diagnostic::error(code::SYNTAX, span, "a number does not end with its point").mend(
            "add a digit",
            span.after(),
            "0",
        )),
        _ => {
            let suffix = Span::new(span.end - rest.len(), span.end);
            let message = format!("a number has no suffix, but this one ends with {}", quote(rest));
            let diagnostic = Diagnostic::error(code::SYNTAX, suffix, message);
            let known = rest.trim_start_matches(['.', '_']);
            let is_rust = matches!(known, "f32" | "f64" | "usize" | "u8" | "u16" | "u32" | "u64" | "isize")
                || matches!(known, "i8" | "i16" | "i32" | "i64" | "f");
            let fix = if is_rust { "drop the suffix" } else { "keep the number alone" };
            Some(diagnostic.mend(fix, span, plain))
        }
    }
}

/// The longest beginning of `number` that is a number of the language, and the rest.
fn decimal_prefix(number: &str) -> (&str, &str) {
    let digits = |from: usize| {
        let bytes = number[from..].bytes();
        from + bytes.take_while(|byte| byte.is_ascii_digit() || *byte == b'_').count()
    };
    let starts_digit = |at: usize| number.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let mut end = digits(0);
    if number[end..].starts_with('.') && starts_digit(end + 1) {
        end = digits(end + 1);
    }
    if number[end..].starts_with(['e', 'E']) {
        let sign = usize::from(number[end + 1..].starts_with(['+', '-']));
        let first = end + 1 + sign;
        if starts_digit(first + number[first..].bytes().take_while(|byte| *byte == b'_').count()) {
            end = digits(first);
        }
    }
    number.split_at(end)
}

/// Reports `.5`, which Rust takes apart into `.` and `5`.
fn join_leading_dots(text: &str, scan: &mut Scan) {
    for at in 1..scan.tokens.len() {
        let (dot, number) = (scan.tokens[at - 1], scan.tokens[at]);
        let follows_operand = at > 1 && matches!(scan.tokens[at - 2].kind, Kind::Word | Kind::Number);
        if dot.text(text) == "." && number.kind == Kind::Number && !number.broken && !follows_operand {
            let span = dot.span.to(number.span);
            scan.errors.push(Diagnostic::error(code::SYNTAX, span, "a number begins with a digit").mend(
                "write a zero before the point",
                dot.span.before(),
                "0",
            ));
            scan.tokens[at - 1].broken = true;
        }
    }
}

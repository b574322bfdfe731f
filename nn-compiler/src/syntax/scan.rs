//! Tokens: the words, numbers, strings and signs of a spec and their places, without comments.
//!
//! The scanner exists so that statements can be separated where the grammar fails. It also finds
//! mistakes inside a token, which pest could only report as unexpected: `.5`, `0x10`, an open string.

use super::limits::{MAX_DEPTH, MAX_ERRORS, MAX_NAME};
use super::numbers;
use super::quote::quoted;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::span::Span;

/// A token's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
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
    pub kind: TokenKind,
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
    /// The places of the comments, `///` included.
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
            '\'' | '“' | '”' | '„' | '‘' | '’' | '«' => self.foreign_quotes(rest, first),
            '#' if !rest.starts_with("#[") => self.foreign_comment(rest, 1),
            '-' if rest.starts_with("--") && self.begins_statement() => self.foreign_comment(rest, 2),
            'a'..='z' | 'A'..='Z' | '_' => self.word(rest),
            '0'..='9' => self.number(rest),
            '!'..='~' => self.sign(rest),
            _ => self.foreign(first),
        }
    }

    fn sign(&mut self, rest: &str) {
        let double = ["->", "=>", "==", "<=", ">=", "!=", "::"].iter().any(|sign| rest.starts_with(sign));
        let kind = match rest.as_bytes()[0] {
            b'(' | b'[' | b'{' => TokenKind::Open,
            b')' | b']' | b'}' => TokenKind::Close,
            _ => TokenKind::Sign,
        };
        self.token(kind, 1 + usize::from(double), false);
    }

    fn token(&mut self, kind: TokenKind, length: usize, broken: bool) -> Span {
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
                            .note("comments nest: every `/*` needs its own `*/`"),
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
        let (mut bad_escapes, mut has_escapes) = (Vec::new(), false);
        loop {
            match bytes.get(end) {
                Some(b'"') => break,
                Some(b'\\') => {
                    match bytes.get(end + 1) {
                        Some(b'n' | b't' | b'"' | b'\\') => (end, has_escapes) = (end + 1, true),
                        Some(b'\n' | b'\r') | None => {}
                        Some(_) => bad_escapes.push(end),
                    }
                    end += 1;
                }
                Some(b'\n' | b'\r') | None => {
                    let length = rest[..end.min(rest.len())].trim_end().len();
                    let span = self.token(TokenKind::Text, length, true);
                    let quote = Span::new(span.start, span.start + 1);
                    let message = "this string is never closed";
                    self.error(
                        Diagnostic::error(code::UNCLOSED, quote, message)
                            .caption("opened here")
                            .note("a string must end on the line where it begins"),
                    );
                    return;
                }
                Some(_) => end += 1,
            }
        }
        let span = self.token(TokenKind::Text, end + 1, !bad_escapes.is_empty());
        let Some(first) = bad_escapes.first().copied() else { return };
        // In `"C:\new\data"` the first backslash belongs to an escape; `\r`, `\x`, `\u`, `\0` and
        // `\'` are escapes elsewhere.
        let is_elsewhere = |at: &usize| matches!(bytes[at + 1], b'r' | b'x' | b'u' | b'U' | b'0' | b'\'');
        let is_certain = !has_escapes && !bad_escapes.iter().any(is_elsewhere);
        let place = |at: usize| Span::new(span.start + at, span.start + at + 1);
        let edits = bad_escapes.iter().map(|at| Edit::new(place(*at).after(), "\\")).collect();
        self.error(
            Diagnostic::error(code::SYNTAX, place(first), "unknown escape in a string")
                .note(r#"the escapes are `\\`, `\"`, `\n` and `\t`"#)
                .propose("for a backslash, write two", edits, is_certain),
        );
    }

    /// A string in other quotes than `"`.
    fn foreign_quotes(&mut self, rest: &str, opener: char) {
        let line = rest.split(['\n', '\r']).next().unwrap_or(rest);
        let closers: &[char] = match opener {
            '“' | '”' | '„' => &['“', '”', '"'],
            '‘' | '’' => &['‘', '’', '\''],
            '«' => &['»'],
            _ => &[opener],
        };
        let inside = &line[opener.len_utf8()..];
        let closer = inside.char_indices().find(|(_, character)| closers.contains(character));
        let Some((length, closer)) = closer else {
            let span = self.token(TokenKind::Sign, opener.len_utf8(), true);
            self.error(Diagnostic::error(code::SYNTAX, span, format!("unexpected `{opener}`")));
            return;
        };
        let inside = &inside[..length];
        let span = self.token(TokenKind::Text, opener.len_utf8() + length + closer.len_utf8(), true);
        self.error(Diagnostic::error(code::SYNTAX, span, "strings are written in double quotes").propose(
            "use double quotes",
            vec![Edit::new(span, quoted(inside))],
            !inside.contains('\\') && inside.parse::<f64>().is_err(),
        ));
    }

    /// Whether a statement could begin here; no statement begins with a sign.
    fn begins_statement(&self) -> bool {
        self.scan.tokens.last().is_none_or(|last| matches!(last.text(self.text), ";" | "{" | "}"))
    }

    /// A comment that begins with `#` or `--`.
    fn foreign_comment(&mut self, rest: &str, sign: usize) {
        let line = rest.split(['\n', '\r']).next().unwrap_or(rest);
        let span = Span::new(self.at, self.at + sign);
        let is_apart = self.text[..self.at].chars().next_back().is_none_or(char::is_whitespace);
        self.at += line.len();
        self.error(Diagnostic::error(code::SYNTAX, span, "comments begin with `//`").propose(
            "use `//`",
            vec![Edit::new(span, "//")],
            is_apart,
        ));
    }

    fn word(&mut self, rest: &str) {
        let span = self.token(TokenKind::Word, word_length(rest), false);
        if span.end - span.start > MAX_NAME {
            let message = format!("this name is longer than {MAX_NAME} characters");
            self.error(Diagnostic::error(code::SYNTAX, span, message));
            self.break_last();
        }
        let word = &rest[..span.end - span.start];
        if matches!(word, "r" | "b" | "br" | "c" | "cr") && rest[word.len()..].starts_with(['"', '#']) {
            self.prefixed(rest, word);
        }
    }

    /// `r"…"`, `r#"…"#`, `b"…"`, `r#name`.
    fn prefixed(&mut self, rest: &str, prefix: &str) {
        let message = "names and strings are written without a prefix";
        let hashes = rest[prefix.len()..].bytes().take_while(|byte| *byte == b'#').count();
        let open = prefix.len() + hashes + 1;
        let end = format!("\"{}", "#".repeat(hashes));
        let raw = rest.get(open..).filter(|_| prefix.ends_with('r') && rest[open - 1..].starts_with('"'));
        self.scan.tokens.pop();
        if let Some((raw, length)) = raw.and_then(|raw| raw.find(&end).map(|length| (&raw[..length], length))) {
            self.at -= prefix.len();
            let span = self.token(TokenKind::Text, open + length + end.len(), true);
            self.error(Diagnostic::error(code::SYNTAX, span, message).mend("remove the prefix", span, quoted(raw)));
            return;
        }
        let sign = Span::new(self.at - prefix.len(), self.at + hashes);
        self.at = sign.end;
        self.scan.tokens.push(Token { kind: TokenKind::Word, span: sign, depth: 0, broken: true });
        self.error(Diagnostic::error(code::SYNTAX, sign, message).mend("remove it", sign, ""));
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
        let span = self.token(TokenKind::Number, end, false);
        // `[0. 5]` may be one number or two.
        let goes_on = rest[end..].trim_start_matches(' ').starts_with(|next: char| next.is_ascii_digit());
        if let Some(diagnostic) = numbers::misspelt(&rest[..end], span, self.setting(), goes_on) {
            self.error(diagnostic);
            self.break_last();
        }
    }

    /// The name of the setting or argument whose value comes next.
    fn setting(&self) -> &str {
        match &self.scan.tokens[..self.scan.tokens.len().saturating_sub(1)] {
            [.., name, colon] if colon.text(self.text) == ":" => name.text(self.text),
            _ => "",
        }
    }

    /// A character that no token begins with.
    fn foreign(&mut self, character: char) {
        let span = self.token(TokenKind::Sign, character.len_utf8(), true);
        let meant = match character {
            '→' => "->",
            '⇒' => "=>",
            '×' | '·' | '∗' => "*",
            '÷' => "/",
            '−' | '–' | '—' => "-",
            '≤' => "<=",
            '≥' => ">=",
            '\u{A0}' | '\u{2003}' | '\u{2009}' | '\u{3000}' => " ",
            _ => "",
        };
        let message = match character {
            letter if letter.is_alphabetic() => {
                format!("`{letter}` is not allowed in a name; names consist of the letters a to z, digits and `_`")
            }
            sign if sign.is_whitespace() => {
                format!("the whitespace character U+{:04X} is not allowed", u32::from(sign))
            }
            sign => format!("unknown character `{}`", sign.escape_debug()),
        };
        let mut diagnostic = Diagnostic::error(code::SYNTAX, span, message);
        match meant {
            "" => {}
            " " => diagnostic = diagnostic.mend("use a plain space", span, meant),
            _ => {
                // A dash may be a minus, a range or a pause, and `28×28` two sizes.
                let after_number = matches!(self.scan.tokens[..], [.., Token { kind: TokenKind::Number, .. }, _]);
                let is_certain = match character {
                    '–' | '—' => self.text[self.at..].starts_with('>'),
                    '×' | '·' => !after_number,
                    _ => true,
                };
                let edits = vec![Edit::new(span, meant)];
                diagnostic = diagnostic.propose(format!("write `{meant}`"), edits, is_certain);
            }
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

/// Whether `kind` may begin a value.
pub(super) fn begins_operand(kind: TokenKind, word: &str) -> bool {
    match kind {
        TokenKind::Word | TokenKind::Number | TokenKind::Text => true,
        TokenKind::Open => word != "{",
        TokenKind::Close | TokenKind::Sign => false,
    }
}

fn word_length(rest: &str) -> usize {
    rest.bytes().position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'_')).unwrap_or(rest.len())
}

/// Reports `.5`, which Rust splits into `.` and `5`.
fn join_leading_dots(text: &str, scan: &mut Scan) {
    for at in 1..scan.tokens.len() {
        let (dot, number) = (scan.tokens[at - 1], scan.tokens[at]);
        let follows_operand = at > 1
            && (matches!(
                scan.tokens[at - 2].kind,
                TokenKind::Word | TokenKind::Number | TokenKind::Text | TokenKind::Close
            ) || scan.tokens[at - 2].text(text) == ".");
        if dot.text(text) == "." && number.kind == TokenKind::Number && !number.broken && !follows_operand {
            let span = dot.span.to(number.span);
            scan.errors.push(Diagnostic::error(code::SYNTAX, span, "a number must begin with a digit").mend(
                "add a zero before the point",
                dot.span.before(),
                "0",
            ));
            scan.tokens[at - 1].broken = true;
        }
    }
}

//! Brackets: the nesting depth of every token, and which brackets have no partner.
//!
//! Parentheses and square brackets cannot contain a `;` or a statement, so an open one is given up
//! there: it spoils its own statement, not the rest of the file.

use super::limits::{MAX_DEPTH, MAX_ERRORS, MAX_OPERATORS};
use super::scan::{Token, TokenKind};
use super::statements::{begins, begins_statement, is_statement_keyword};
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::span::Span;

/// Fills in the depth of every token and reports the brackets that do not match.
///
/// # Errors
///
/// If the text is nested too deep for the later stages.
pub(super) fn balance(text: &str, tokens: &mut [Token]) -> Result<Vec<Diagnostic>, Box<Diagnostic>> {
    let mut plain = Balance::new(text, tokens.to_vec(), Suspicion::None);
    plain.run()?;
    if plain.open_at_end {
        let mut suspicious = Balance::new(text, tokens.to_vec(), Suspicion::MissingBrace);
        suspicious.run()?;
        if suspicious.errors.len() <= plain.errors.len() {
            plain = suspicious;
        }
    } else if plain.has_surplus {
        let mut suspicious = Balance::new(text, tokens.to_vec(), Suspicion::SurplusBrace);
        suspicious.run()?;
        if !suspicious.has_surplus && suspicious.errors.len() <= plain.errors.len() + 1 {
            plain = suspicious;
        }
    }
    tokens.copy_from_slice(&plain.tokens);
    too_many_operators(text, tokens)?;
    Ok(plain.errors)
}

/// What seems to be wrong with the braces as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Suspicion {
    None,
    /// Too few are closed. The open one probably belongs to the `train`, `data` or `block` before a statement
    /// that cannot be inside it, so a statement closes the braces inside the network's.
    MissingBrace,
    /// Too many are closed. The surplus one is probably inside `train`, `data` or a `block`, before a statement.
    SurplusBrace,
}

struct Balance<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    suspicion: Suspicion,
    open: Vec<usize>,
    open_at_end: bool,
    /// Whether a brace closes nothing.
    has_surplus: bool,
    /// Whether the enclosing block has its `out`, which ends it.
    has_out: bool,
    errors: Vec<Diagnostic>,
}

impl<'a> Balance<'a> {
    fn new(text: &'a str, tokens: Vec<Token>, suspicion: Suspicion) -> Self {
        Self {
            text,
            tokens,
            suspicion,
            open: Vec::new(),
            open_at_end: false,
            has_surplus: false,
            has_out: false,
            errors: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<(), Box<Diagnostic>> {
        for at in 0..self.tokens.len() {
            match self.tokens[at].kind {
                TokenKind::Open => self.opens(at)?,
                TokenKind::Close => self.closes(at),
                TokenKind::Sign if self.word(at) == ";" => self.ends_statement(at),
                TokenKind::Word if begins_statement(self.text, &self.tokens, at) => self.begins_statement(at),
                TokenKind::Word if self.begins_line(at) => self.give_up_parentheses(at),
                TokenKind::Word if self.suspicion == Suspicion::MissingBrace => self.binds(at),
                TokenKind::Word | TokenKind::Number | TokenKind::Text | TokenKind::Sign => {}
            }
            if self.tokens[at].kind != TokenKind::Open {
                self.tokens[at].depth = self.open.len();
            }
        }
        self.open_at_end = !self.open.is_empty();
        while let Some(opener) = self.open.pop() {
            self.unclosed(opener, self.tokens.len());
        }
        Ok(())
    }

    fn word(&self, at: usize) -> &'a str {
        self.tokens[at].text(self.text)
    }

    fn top(&self) -> Option<&'a str> {
        self.open.last().map(|opener| self.word(*opener))
    }

    fn opens(&mut self, at: usize) -> Result<(), Box<Diagnostic>> {
        self.tokens[at].depth = self.open.len();
        self.has_out &= self.word(at) != "{";
        self.open.push(at);
        if self.open.len() > MAX_DEPTH {
            let message = format!("brackets are nested deeper than {MAX_DEPTH} levels");
            return Err(Box::new(Diagnostic::error(code::TOO_DEEP, self.tokens[at].span, message)));
        }
        Ok(())
    }

    fn closes(&mut self, at: usize) {
        let closer = self.word(at);
        if self.suspicion == Suspicion::SurplusBrace && closer == "}" && at > 0 && self.goes_on_inside(at) {
            self.stray(at);
            return;
        }
        let opens_it = |opener: &str| partner(opener) == closer;
        // Square brackets and parentheses do not extend beyond the braces around them.
        let reach = self.open.iter().rev().take_while(|opener| closer == "}" || self.word(**opener) != "{");
        let above = reach.clone().position(|opener| opens_it(self.word(*opener)));
        match (above, self.top()) {
            (Some(count), _) => {
                for _ in 0..count {
                    self.give_up(at);
                }
                self.open.pop();
            }
            (None, Some("(" | "[")) if closer != "}" => self.mismatched(at),
            (None, _) => self.stray(at),
        }
    }

    /// Whether the brace at `at` would end a statement, but no other begins after it.
    fn goes_on_inside(&self, at: usize) -> bool {
        let braces = self.open.iter().filter(|opener| self.word(**opener) == "{").count();
        let is_within = braces > 1 || !matches!(self.word(at - 1), "{" | "}" | ";");
        let next = at + 1;
        is_within
            && next < self.tokens.len()
            && self.word(next) != "}"
            && !is_statement_keyword(self.word(next))
            && !begins(self.text, &self.tokens, next)
    }

    /// `;` inside parentheses or square brackets: where they are closed after it, it should be a comma.
    fn ends_statement(&mut self, at: usize) {
        if !matches!(self.top(), Some("(" | "[")) {
            return;
        }
        if self.tokens[at].broken {
            return;
        }
        if let Some(others) = self.closed_after(at) {
            let span = self.tokens[at].span;
            // `[0.5; 3]` is a list of three numbers in Rust, `[0; 1]` a column in Matlab.
            let is_certain = self.top() == Some("(");
            let all = [at].into_iter().chain(others);
            let edits = all.clone().map(|sign| Edit::new(self.tokens[sign].span, ",")).collect();
            self.report(
                Diagnostic::error(code::SYNTAX, span, "expected `,`, found `;`")
                    .label(self.opener_span(), format!("inside this `{}`", self.top().unwrap_or_default()))
                    .propose("use a comma", edits, is_certain),
            );
            all.for_each(|sign| self.tokens[sign].broken = true);
            return;
        }
        self.give_up_parentheses(at);
    }

    /// If the open parentheses and square brackets are closed soon after `at`, before the statement ends: each `;` on
    /// the way. A number does not begin a statement, so a `;` before one does not end one.
    fn closed_after(&self, at: usize) -> Option<Vec<usize>> {
        // Every line may ask.
        const MOST_LOOKED_AT: usize = 1024;
        let mut missing = self.open.iter().rev().take_while(|opener| self.word(**opener) != "{").count();
        let mut separators = Vec::new();
        for (index, token) in self.tokens.iter().enumerate().skip(at + 1).take(MOST_LOOKED_AT) {
            match token.text(self.text) {
                "(" | "[" => missing += 1,
                ")" | "]" => missing -= 1,
                ";" if self.tokens.get(index + 1).is_some_and(|next| next.kind == TokenKind::Number) => {
                    separators.push(index)
                }
                ";" | "{" | "}" => break,
                _ => {}
            }
            if missing == 0 {
                return Some(separators);
            }
        }
        None
    }

    /// `name =` or `name:` that begins a line, after something complete: what is open before it is never closed.
    fn begins_line(&self, at: usize) -> bool {
        let Some((before, next)) = at.checked_sub(1).zip(self.tokens.get(at + 1)) else { return false };
        let before = self.tokens[before];
        matches!(self.top(), Some("(" | "["))
            && matches!(before.kind, TokenKind::Word | TokenKind::Number | TokenKind::Text | TokenKind::Close)
            && matches!(next.text(self.text), "=" | ":")
            && self.text[before.span.end..self.tokens[at].span.start].contains('\n')
            && self.closed_after(at).is_none()
    }

    fn begins_statement(&mut self, at: usize) {
        self.give_up_parentheses(at);
        while self.suspicion == Suspicion::MissingBrace && self.open.len() > 1 {
            self.give_up(at);
        }
    }

    /// `name = …` after the `out = …;` of a block.
    fn binds(&mut self, at: usize) {
        let next = self.tokens.get(at + 1).map_or("", |next| next.text(self.text));
        if next != "=" || at == 0 || !matches!(self.word(at - 1), ";" | "{" | "}") {
            return;
        }
        if self.has_out && self.open.len() > 1 {
            self.give_up(at);
        }
        self.has_out = self.word(at) == "out";
    }

    fn give_up_parentheses(&mut self, at: usize) {
        while matches!(self.top(), Some("(" | "[")) {
            self.give_up(at);
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(diagnostic);
        }
    }

    fn opener_span(&self) -> Span {
        self.open.last().map_or_else(Span::default, |opener| self.tokens[*opener].span)
    }

    fn give_up(&mut self, at: usize) {
        if let Some(opener) = self.open.pop() {
            self.unclosed(opener, at);
        }
    }

    /// Reports an opener for which no partner was found before the token `end`.
    fn unclosed(&mut self, opener: usize, end: usize) {
        let sign = self.word(opener);
        // A chain continues only outside parentheses, so the partner belongs before an arrow or a brace.
        let goes_on = |at: &usize| sign != "{" && matches!(self.word(*at), "->" | "{");
        let stop = (opener + 1..end).find(goes_on).unwrap_or(end);
        let place = self.tokens[stop - 1].span.after();
        let span = self.tokens[opener].span;
        let message = format!("`{sign}` is not closed");
        self.report(Diagnostic::error(code::UNCLOSED, span, message).caption("opened here").suggest(
            "close it",
            place,
            partner(sign),
        ));
        self.tokens[opener].broken = true;
    }

    fn mismatched(&mut self, at: usize) {
        let closer = self.tokens[at].span;
        let Some(opener) = self.open.pop() else { return };
        let sign = self.word(opener);
        // The brackets of a call are parentheses; elsewhere it may be the first of the two that is wrong.
        let is_call = opener > 0 && self.tokens[opener - 1].kind == TokenKind::Word;
        self.report(
            Diagnostic::error(code::UNCLOSED, self.tokens[opener].span, format!("`{sign}` is not closed"))
                .caption("opened here")
                .label(closer, format!("closed by `{}`", self.word(at)))
                .propose(
                    format!("close it with `{}`", partner(sign)),
                    vec![Edit::new(closer, partner(sign))],
                    sign == "[" || is_call,
                ),
        );
        self.tokens[at].broken = true;
        self.tokens[opener].broken = true;
    }

    fn stray(&mut self, at: usize) {
        // After the network it is surplus text, which is reported as such.
        if self.open.is_empty() && self.word(at) == "}" {
            self.has_surplus = true;
            return;
        }
        let span = self.tokens[at].span;
        let message = format!("unmatched `{}`", self.word(at));
        self.report(Diagnostic::error(code::SYNTAX, span, message).suggest("remove it", span, ""));
        self.tokens[at].broken = true;
    }
}

fn partner(opener: &str) -> &'static str {
    match opener {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

/// Every operator of an expression is a level of the tree, as a bracket is.
fn too_many_operators(text: &str, tokens: &[Token]) -> Result<(), Box<Diagnostic>> {
    let mut counts = vec![0; MAX_DEPTH + 2];
    for token in tokens {
        let depth = token.depth.min(MAX_DEPTH);
        match token.text(text) {
            "+" | "-" | "*" | "/" => {
                counts[depth] += 1;
                if counts[..=depth].iter().sum::<usize>() > MAX_OPERATORS {
                    let message = format!("this expression has more than {MAX_OPERATORS} operators");
                    return Err(Box::new(Diagnostic::error(code::TOO_DEEP, token.span, message)));
                }
            }
            "(" | "[" | "{" => counts[depth + 1] = 0,
            "," | ";" | ":" | "=" | "->" | "=>" => counts[depth] = 0,
            _ => {}
        }
    }
    Ok(())
}

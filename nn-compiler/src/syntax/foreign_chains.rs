//! Chains as other languages and frameworks write them: arithmetic, lists, calls.

use super::explain::Failure;
use super::grammar::Rule;
use super::scan::TokenKind;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::layers;
use crate::span::Span;

impl Failure<'_> {
    /// Chains as other languages write them.
    pub(super) fn foreign_chain(&self, inside: bool) -> Option<Diagnostic> {
        self.list_of_values()
            .or_else(|| self.list_of_layers())
            .or_else(|| self.repeated_from_the_left())
            .or_else(|| self.parenthesised_layers())
            .or_else(|| self.arithmetic_at_the_start())
            .or_else(|| self.sum_of_values())
            .or_else(|| self.arithmetic())
            .or_else(|| self.called_twice())
            .or_else(|| self.bare_argument())
            .or_else(|| self.comma_for_arrow())
            .or_else(|| self.block_without_out())
            .or_else(|| self.chain_inside(inside))
    }

    /// `dense[4]`, `dense 4`
    fn bare_argument(&self) -> Option<Diagnostic> {
        let name = self.found.checked_sub(1)?;
        let is_layer = layers::signatures().any(|signature| signature.name == self.word(name));
        let is_number = self.tokens.get(self.found).is_some_and(|token| token.kind == TokenKind::Number);
        if !self.expects(Rule::arrow) || !is_layer || !is_number && self.word(self.found) != "[" {
            return None;
        }
        let error = self.error("arguments go in parentheses");
        let (open, close, inner) = match is_number {
            true => (self.found, self.found, self.span(self.found)),
            false => {
                let close = self.partner(self.found)?;
                let inner = Span::new(self.span(self.found).end, self.span(close).start);
                (self.found, close, inner)
            }
        };
        let span = self.span(name).to(self.span(open)).to(self.span(close));
        let text = format!("{}({})", self.word(name), &self.text[inner.range()]);
        Some(error.suggest("use parentheses", span, text))
    }

    /// `x -> dense(4), relu`
    fn comma_for_arrow(&self) -> Option<Diagnostic> {
        let next = self.word(self.found + 1);
        let is_layer = layers::signatures().any(|signature| signature.name == next);
        if self.word(self.found) != "," || !self.expects(Rule::arrow) || !is_layer {
            return None;
        }
        let error = self.error(self.expectation());
        Some(error.suggest("layers are joined with `->`", self.span(self.found), " ->"))
    }

    /// `block unit(n) { in -> dense(n); }`
    fn block_without_out(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        if self.rule != Rule::binding || self.found != first || self.word(first + 1) != "->" {
            return None;
        }
        let error = self.error(self.expectation()).caption("this chain has no name");
        Some(error.suggest("a block returns its `out`", self.span(first).before(), "out = "))
    }

    /// `block unit(n) = in -> dense(n);`
    pub(super) fn block_with_in(&self) -> Option<Diagnostic> {
        let is_block = self.rule == Rule::statement && self.word(self.piece.start) == "block";
        let begins = self.word(self.found.checked_sub(1)?) == "=" && self.word(self.found + 1) == "->";
        if !is_block || self.word(self.found) != "in" || !begins {
            return None;
        }
        let span = self.span(self.found).to(self.span(self.found + 2).before());
        Some(self.error("the chain of a block begins with a layer").mend("remove `in`", span, ""))
    }

    /// `output y = a + b;`
    fn sum_of_values(&self) -> Option<Diagnostic> {
        let sign = self.word(self.found);
        let merge = match sign {
            "+" => "add",
            "*" => "multiply",
            _ => return None,
        };
        let first = self.found.checked_sub(1)?;
        let starts = first.checked_sub(1).is_some_and(|at| matches!(self.word(at), "=" | "("));
        let is_word = |at: usize| self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Word);
        let mut last = first;
        while self.word(last + 1) == sign && is_word(last + 2) {
            last += 2;
        }
        if !self.expects(Rule::arrow) || !starts || !is_word(first) || last == first {
            return None;
        }
        let names: Vec<&str> = (first..=last).step_by(2).map(|at| self.word(at)).collect();
        let span = self.span(first).to(self.span(last));
        let edits = vec![Edit::new(span, format!("{merge}({})", names.join(", ")))];
        // `a + b -> relu` may mean that `b -> relu` is added.
        let is_certain = matches!(self.word(last + 1), ";" | ",") && (merge == "add" || names.len() == 2);
        let error = self.error(self.expectation());
        Some(error.propose(format!("values are joined with `{merge}`"), edits, is_certain))
    }

    /// `h - x`, `x / 255`: arithmetic of values.
    fn arithmetic(&self) -> Option<Diagnostic> {
        let (left, right) = (self.found.checked_sub(1)?, self.found + 1);
        let sign = self.word(self.found);
        let is = |at: usize, kind: TokenKind| self.tokens.get(at).is_some_and(|token| token.kind == kind);
        if !matches!(sign, "+" | "-" | "*" | "/" | "%" | "@")
            || !self.expects(Rule::arrow)
            || !is(left, TokenKind::Word)
        {
            return None;
        }
        if sign == "-" && matches!(self.word(right), ">" | "->") {
            return None;
        }
        let message = format!("`{sign}` cannot be used on values");
        let error = Diagnostic::error(code::SYNTAX, self.span(self.found), message);
        let (name, other) = (self.word(left), self.word(right));
        if is(right, TokenKind::Number) && matches!(sign, "+" | "-" | "*" | "/") {
            let layer = match sign {
                "*" => format!("rescale({other})"),
                "/" => format!("rescale(1.0 / {other})"),
                "-" => format!("rescale(1, offset: -{other})"),
                _ => format!("rescale(1, offset: {other})"),
            };
            let span = self.span(self.found).to(self.span(right));
            return Some(error.suggest("use a layer to scale and shift a value", span, format!("-> {layer}")));
        }
        if !is(right, TokenKind::Word) {
            return Some(error.note("values are joined with `add`, `multiply` and `concat`"));
        }
        if sign == "-" && layers::signatures().any(|signature| signature.name == other) {
            return Some(error.suggest("layers follow `->`", self.span(self.found), "->"));
        }
        Some(match sign {
            "-" => error.note(format!(
                "for a difference, write `minus = {other} -> rescale(-1);`, then use `add({name}, minus)`"
            )),
            _ => error.note("values are joined with `add`, `multiply` and `concat`"),
        })
    }

    /// `add([a, b])`
    fn list_of_values(&self) -> Option<Diagnostic> {
        let open = self.found;
        let name = open.checked_sub(2)?;
        if self.word(open) != "["
            || self.word(open - 1) != "("
            || !matches!(self.word(name), "add" | "multiply" | "concat")
        {
            return None;
        }
        let error =
            Diagnostic::error(code::SYNTAX, self.span(open), format!("`{}` takes values, not a list", self.word(name)));
        let close = self.partner(open)?;
        let edits = vec![Edit::new(self.span(open), ""), Edit::new(self.span(close), "")];
        Some(error.propose("remove the brackets", edits, self.word(close + 1) == ")"))
    }

    /// `x -> [dense(4), relu]`
    fn list_of_layers(&self) -> Option<Diagnostic> {
        let before = self.word(self.found.checked_sub(1)?);
        if self.word(self.found) != "[" || !matches!(before, "->" | "=") || self.rule == Rule::data_item {
            return None;
        }
        let error =
            Diagnostic::error(code::SYNTAX, self.span(self.found), "layers are joined with `->`, not in a list");
        let close = self.partner(self.found).filter(|_| before == "->");
        let Some(close) = close else {
            return Some(error.note("a chain begins with a value: `x -> dense(4) -> relu`"));
        };
        let depth = self.tokens[self.found].depth + 1;
        let commas = (self.found + 1..close).filter(|at| self.word(*at) == "," && self.tokens[*at].depth == depth);
        let arrows = commas.map(|at| match at + 1 == close {
            true => Edit::new(self.span(at), ""),
            false => Edit::new(self.span(at), " ->"),
        });
        let brackets = [Edit::new(self.span(self.found), ""), Edit::new(self.span(close), "")];
        Some(error.propose("write a chain", arrows.chain(brackets).collect(), false))
    }

    /// `x -> 3 * unit(8)`
    fn repeated_from_the_left(&self) -> Option<Diagnostic> {
        let before = self.word(self.found.checked_sub(1)?);
        let is_number = self.tokens.get(self.found).is_some_and(|token| token.kind == TokenKind::Number);
        if !is_number || self.word(self.found + 1) != "*" || !matches!(before, "->" | "=") {
            return None;
        }
        let times = self.span(self.found).to(self.span(self.found + 1));
        if before == "=" && self.rule != Rule::data_item {
            return self.scaled_from_the_left();
        }
        let error = Diagnostic::error(code::SYNTAX, times, "the number of repetitions follows the layer");
        let name = self.found + 2;
        if self.tokens.get(name).is_none_or(|token| token.kind != TokenKind::Word) {
            return Some(error.note("write `x -> unit(8) * 3`, with `block unit(n) = dense(n) -> relu;`"));
        }
        let last = if self.word(name + 1) == "(" { self.partner(name + 1)? } else { name };
        let edits = vec![
            Edit::new(times.to(self.span(name).before()), ""),
            Edit::new(self.span(last).after(), format!(" * {}", self.word(self.found))),
        ];
        Some(error.propose("write it after the layer", edits, false))
    }

    /// `output y = 2 * x;`
    fn scaled_from_the_left(&self) -> Option<Diagnostic> {
        let value = self.found + 2;
        let is_block = self.word(self.piece.start) == "block" || self.rule == Rule::setting;
        if is_block || self.tokens.get(value).is_none_or(|token| token.kind != TokenKind::Word) {
            return None;
        }
        let span = self.span(self.found).to(self.span(value));
        let error = Diagnostic::error(code::SYNTAX, span, "`*` cannot be used on values");
        let text = format!("{} -> rescale({})", self.word(value), self.word(self.found));
        Some(error.suggest("use a layer to scale a value", span, text))
    }

    /// `output y = (h - x) -> …;`, `output y = 1 - x;`
    fn arithmetic_at_the_start(&self) -> Option<Diagnostic> {
        let before = self.word(self.found.checked_sub(1)?);
        let token = self.tokens.get(self.found)?;
        let begins = token.kind == TokenKind::Number || matches!(self.word(self.found), "(" | "-");
        if before != "="
            || !begins
            || !self.expects(Rule::source_name) && !self.expects(Rule::source) && !self.expects(Rule::chain)
        {
            return None;
        }
        let error = Diagnostic::error(code::SYNTAX, token.span, self.expectation());
        Some(error.note(
            "values are joined with `add`, `multiply` and `concat`, and scaled with a layer: `minus = x -> rescale(-1);`",
        ))
    }

    /// `x -> (dense(4) -> relu) * 3`
    fn parenthesised_layers(&self) -> Option<Diagnostic> {
        let before = self.word(self.found.checked_sub(1)?);
        if self.word(self.found) != "(" || !matches!(before, "->" | "*") || self.expects(Rule::arrow) {
            return None;
        }
        let close = self.partner(self.found)?;
        if !(self.found..close).any(|at| self.word(at) == "->") && before == "*" {
            return None;
        }
        let error = Diagnostic::error(code::SYNTAX, self.span(self.found), "layers cannot be grouped with parentheses");
        Some(error.note("define a block, `block unit = dense(4) -> relu;`, then write `x -> unit * 3`"))
    }

    /// `Linear(64)(x)`
    fn called_twice(&self) -> Option<Diagnostic> {
        let before = self.word(self.found.checked_sub(1)?);
        if self.word(self.found) != "(" || before != ")" || !self.expects(Rule::arrow) {
            return None;
        }
        let error = self.error(self.expectation()).caption("layers are not called like functions");
        let error = error.note("write the value before the layer: `x -> dense(64)`");
        Some(match self.applied() {
            Some((layer, call)) => {
                let inner = Span::new(call.start + 1, call.end - 1);
                let source = format!("{} -> ", self.text[inner.range()].trim());
                let edits = vec![Edit::new(layer.before(), source), Edit::new(call, "")];
                error.propose("write it as a chain", edits, true)
            }
            None => error,
        })
    }

    /// Where the name of `Linear(64)(x)` begins a chain: its place, and that of `(x)`.
    fn applied(&self) -> Option<(Span, Span)> {
        let depth = self.tokens[self.found].depth;
        let is = |at: usize, sign: &str| self.word(at) == sign && self.tokens[at].depth == depth;
        let open = (self.piece.start..self.found - 1).rev().find(|at| is(*at, "("))?;
        let name = open.checked_sub(1)?;
        let close = (self.found + 1..self.piece.end).find(|at| is(*at, ")"))?;
        let begins = name.checked_sub(1).is_some_and(|at| self.word(at) == "=");
        let is_value = close == self.found + 2 && self.tokens[self.found + 1].kind == TokenKind::Word;
        (begins && is_value).then(|| (self.span(name), self.span(self.found).to(self.span(close))))
    }

    fn chain_inside(&self, inside: bool) -> Option<Diagnostic> {
        if self.word(self.found) == "->" && inside {
            return Some(
                self.error(self.expectation())
                    .note("chains cannot be written inside parentheses: name the value first, then use the name"),
            );
        }
        None
    }

    /// The bracket that closes the one at `open`.
    fn partner(&self, open: usize) -> Option<usize> {
        let depth = self.tokens[open].depth;
        let closes = |at: &usize| self.tokens[*at].kind == TokenKind::Close && self.tokens[*at].depth == depth;
        (open + 1..self.piece.end).find(closes)
    }
}

//! What to say where the grammar fails: what was expected, in words of the language, and the likely fix.

use std::ops::Range;

use super::scan::{Kind, Token};
use super::statements::is_statement_keyword;
use super::{Rule, begins_operand, quote};
use crate::diagnostic::{Diagnostic, Edit, code, nearest};
use crate::span::Span;

const STATEMENTS: &str = "a statement begins with `input`, `output`, `const`, `block`, `train`, `data`, `assert`, \
                          `expect`, `freeze` or `allow`, or is `name = …;`";

/// Explains why the tokens of `piece` are not a `rule`: pest stopped at byte `at`, where it `expected` others.
pub(super) fn explain(
    text: &str,
    tokens: &[Token],
    piece: Range<usize>,
    rule: Rule,
    at: usize,
    expected: &[Rule],
) -> Diagnostic {
    let found = tokens.partition_point(|token| token.span.end <= at);
    let failure = Failure { text, tokens, piece, rule, found, expected };
    failure
        .reserved()
        .or_else(|| failure.misspelt_keyword())
        .or_else(|| failure.missing_semicolon())
        .or_else(|| failure.special())
        .unwrap_or_else(|| failure.general())
}

struct Failure<'a> {
    text: &'a str,
    tokens: &'a [Token],
    piece: Range<usize>,
    rule: Rule,
    /// The token at which pest stopped, which may lie behind the piece.
    found: usize,
    expected: &'a [Rule],
}

impl Failure<'_> {
    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text(self.text))
    }

    fn span(&self, at: usize) -> Span {
        match self.tokens.get(at) {
            Some(token) => token.span,
            None => self.tokens[self.tokens.len() - 1].span.after(),
        }
    }

    fn expects(&self, rule: Rule) -> bool {
        self.expected.contains(&rule)
    }

    fn expects_name(&self) -> bool {
        [Rule::name, Rule::source_name, Rule::source, Rule::metric, Rule::call, Rule::expr, Rule::argument]
            .into_iter()
            .any(|rule| self.expects(rule))
    }

    fn found_text(&self) -> String {
        match self.word(self.found) {
            "" => "the end of the text".to_string(),
            word => quote(word),
        }
    }

    fn error(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code::SYNTAX, self.span(self.found), message)
    }

    /// `output data = …`, `in = …`, `train = …`.
    fn reserved(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        let binds =
            self.word(first + 1) == "=" && matches!(self.rule, Rule::statement | Rule::train_head | Rule::data_head);
        let at = match binds && is_reserved(self.word(first)) {
            true => first,
            false => self.found,
        };
        let word = self.word(at);
        let before_name = self.tokens.get(at + 1).is_some_and(|next| next.kind == Kind::Word);
        if let (true, Some(statement)) = (at == first && before_name, statement_for(word)) {
            return Some(self.spelt(at, statement));
        }
        if !self.piece.contains(&at) || !is_reserved(word) || (at == self.found && !binds && !self.expects_name()) {
            return None;
        }
        let span = self.span(at);
        if matches!(word, "add" | "multiply" | "concat") && self.word(at.saturating_sub(1)) == "->" {
            let message = format!("`{word}` merges values, so it begins a chain and can not follow `->`");
            return Some(
                Diagnostic::error(code::SYNTAX, span, message)
                    .note(format!("give the value before it a name, and write `{word}(name, other)`")),
            );
        }
        let message = match word {
            "_" => "`_` is not a name".to_string(),
            _ => format!("`{word}` is a keyword and can not be a name"),
        };
        let other = if word == "_" { "unnamed".to_string() } else { format!("{word}_") };
        Some(Diagnostic::error(code::RESERVED, span, message).suggest("choose another name", span, other))
    }

    /// `ouput y = …`, `let y = …`, `trian { … }`.
    fn misspelt_keyword(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        let word = self.word(first);
        if self.rule == Rule::network_head && self.found == first {
            let near = nearest(word, ["network"]).map(|near| near.name).or(matches!(
                word,
                "net" | "model" | "class" | "struct" | "def" | "nn"
            )
            .then_some("network"));
            return near.filter(|_| self.tokens[first].kind == Kind::Word).map(|near| self.spelt(first, near));
        }
        let next = self.tokens.get(first + 1)?;
        let could_be = next.kind == Kind::Word || matches!(next.text(self.text), "{" | "(");
        if self.rule != Rule::statement || self.found != first + 1 || !could_be || is_statement_keyword(word) {
            return None;
        }
        if word == "let" || word == "var" {
            let span = self.span(first);
            return Some(
                Diagnostic::error(code::SYNTAX, span, format!("a value is bound by `name = …;`, without `{word}`"))
                    .mend("remove it", span.to(self.span(first + 1).before()), ""),
            );
        }
        let keywords: &[&str] = match next.text(self.text) {
            "{" => &["train", "data", "block"],
            "(" => &["allow"],
            _ => &["input", "output", "const", "block", "assert", "expect", "freeze"],
        };
        nearest(word, keywords.iter().copied()).map(|near| self.spelt(first, near.name))
    }

    fn spelt(&self, at: usize, keyword: &str) -> Diagnostic {
        let span = self.span(at);
        let message = format!("expected a statement, found {}", quote(self.word(at)));
        let message = if keyword == "network" { message.replace("a statement", "`network`") } else { message };
        Diagnostic::error(code::SYNTAX, span, message).mend(format!("write `{keyword}`"), span, keyword)
    }

    /// The statement is complete, but for its end.
    fn missing_semicolon(&self) -> Option<Diagnostic> {
        if self.found < self.piece.end || !self.expects(Rule::semicolon) {
            return None;
        }
        let place = self.span(self.found - 1).after();
        let message = format!("expected `;`, found {}", self.found_text());
        let error = Diagnostic::error(code::SYNTAX, place, message).mend("end it with `;`", place, ";");
        Some(match self.tokens.get(self.found) {
            Some(token) => error.label(token.span, "unexpected"),
            None => error,
        })
    }

    /// Mistakes that are worth a sentence of their own.
    fn special(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        let found = self.word(self.found);
        let inside = self.tokens.get(self.found).is_some_and(|token| token.depth > self.tokens[first].depth);
        if self.rule == Rule::statement && self.found == first + 1 && self.tokens[first].kind == Kind::Word {
            if found == "->" {
                return Some(self.error("expected `=`, found `->`").caption("this chain has no name").suggest(
                    "give its value a name",
                    self.span(first).before(),
                    "output y = ",
                ));
            }
            if matches!(found, ":" | "(") && !is_statement_keyword(self.word(first)) {
                let message = format!("expected `=`, found `{found}`");
                return Some(self.error(message).note(format!(
                    "if `{}` is a setting, it belongs into `train {{ … }}` or `data {{ … }}`",
                    self.word(first)
                )));
            }
        }
        self.input_as_a_layer()
            .or_else(|| self.named_by_equals())
            .or_else(|| self.bracketed_shape())
            .or_else(|| self.comma_for_semicolon())
            .or_else(|| self.path())
            .or_else(|| self.sum_of_values())
            .or_else(|| self.called_twice())
            .or_else(|| self.chain_inside(inside))
    }

    /// `dense(units=8, bias=false)`
    fn named_by_equals(&self) -> Option<Diagnostic> {
        if self.word(self.found) != "=" || !self.expects(Rule::colon) || self.rule == Rule::binding {
            return None;
        }
        let is_word = |at: usize| self.tokens[at].kind == Kind::Word;
        let names = |at: &usize| self.word(*at) == "=" && is_word(at - 1) && matches!(self.word(at - 2), "(" | ",");
        let edit = |at: usize| Edit::new(self.closed_up(at), self.colon(at));
        let edits: Vec<Edit> = (self.piece.start + 2..self.piece.end).filter(names).map(edit).collect();
        let is_argument = edits.iter().any(|edit| edit.span.end == self.span(self.found).end);
        is_argument.then(|| self.error(self.expectation()).propose("an argument is named by `:`", edits, true))
    }

    /// A colon in place of the sign at `at`, and a space where none follows.
    fn colon(&self, at: usize) -> &'static str {
        if self.span(at).end == self.span(at + 1).start { ": " } else { ":" }
    }

    /// `input x: (13);`
    fn bracketed_shape(&self) -> Option<Diagnostic> {
        let is_shape = self.expects(Rule::bracket_open) || self.expects(Rule::shape);
        if self.word(self.found) != "(" || !is_shape || self.word(self.piece.start) != "input" {
            return None;
        }
        let depth = self.tokens[self.found].depth;
        let close =
            (self.found + 1..self.piece.end).find(|at| self.word(*at) == ")" && self.tokens[*at].depth == depth)?;
        let edits = vec![Edit::new(self.span(self.found), "["), Edit::new(self.span(close), "]")];
        Some(self.error(self.expectation()).propose("a shape stands in square brackets", edits, true))
    }

    /// `train { loss: mse, optimizer: adam }`
    fn comma_for_semicolon(&self) -> Option<Diagnostic> {
        let setting = matches!(self.rule, Rule::setting | Rule::data_item);
        let next = self.word(self.found + 1);
        let follows = self.tokens.get(self.found + 1).is_some_and(|next| next.kind == Kind::Word) || next == "}";
        if !setting || self.word(self.found) != "," || !self.expects(Rule::semicolon) || !follows {
            return None;
        }
        let depth = self.tokens[self.found].depth;
        let separates = |at: &usize| self.word(*at) == "," && self.tokens[*at].depth == depth;
        let commas = (self.found..self.piece.end).filter(separates);
        let edits = commas.map(|at| Edit::new(self.span(at), ";")).collect();
        Some(self.error(self.expectation()).propose("a setting ends with `;`", edits, true))
    }

    /// `nn.Linear(64)`
    fn path(&self) -> Option<Diagnostic> {
        let before = self.found.checked_sub(1)?;
        let is_word = |at: usize| self.tokens.get(at).is_some_and(|token| token.kind == Kind::Word);
        if self.word(self.found) != "." || !is_word(before) || !is_word(self.found + 1) {
            return None;
        }
        let prefix = self.span(before).to(self.span(self.found + 1).before());
        let message = format!("{} has no modules before it", quote(self.word(self.found + 1)));
        Some(Diagnostic::error(code::SYNTAX, prefix, message).mend("leave the module out", prefix, ""))
    }

    /// `output y = a + b;`
    fn sum_of_values(&self) -> Option<Diagnostic> {
        let (left, right) = (self.found.checked_sub(1)?, self.found + 1);
        let merge = match self.word(self.found) {
            "+" => "add",
            "*" => "multiply",
            _ => return None,
        };
        let is_word = |at: usize| self.tokens.get(at).is_some_and(|token| token.kind == Kind::Word);
        let starts = left.checked_sub(1).is_some_and(|at| matches!(self.word(at), "=" | "("));
        if !self.expects(Rule::arrow) || !starts || !is_word(left) || !is_word(right) {
            return None;
        }
        let span = self.span(left).to(self.span(right));
        let text = format!("{merge}({}, {})", self.word(left), self.word(right));
        Some(self.error(self.expectation()).mend(format!("values are joined by `{merge}`"), span, text))
    }

    /// `Linear(64)(x)`
    fn called_twice(&self) -> Option<Diagnostic> {
        let before = self.word(self.found.checked_sub(1)?);
        if self.word(self.found) != "(" || before != ")" || !self.expects(Rule::arrow) {
            return None;
        }
        let error = self.error(self.expectation()).caption("a layer is not called like a function");
        let error = error.note("what it is applied to stands before it: `x -> dense(64)`");
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
        let is_value = close == self.found + 2 && self.tokens[self.found + 1].kind == Kind::Word;
        (begins && is_value).then(|| (self.span(name), self.span(self.found).to(self.span(close))))
    }

    /// `x = Input(shape=(784,))`
    fn input_as_a_layer(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        let is_input = self.word(first + 1) == "=" && self.word(first + 2) == "Input";
        if self.rule != Rule::statement || !is_input {
            return None;
        }
        let message = "an input is declared, not computed";
        Some(
            Diagnostic::error(code::SYNTAX, self.span(first + 2), message)
                .note(format!("write `input {}: [784];`, with the sizes of one example", self.word(first))),
        )
    }

    fn chain_inside(&self, inside: bool) -> Option<Diagnostic> {
        if self.word(self.found) == "->" && inside {
            return Some(
                self.error(self.expectation())
                    .note("a chain does not stand inside parentheses: give its value a name first, and use the name"),
            );
        }
        None
    }

    fn general(&self) -> Diagnostic {
        let error = self.error(self.expectation());
        let error = match self.fix() {
            Some((message, span, text)) => error.mend(message, span, text),
            None => error,
        };
        match self.rule {
            Rule::statement if self.found == self.piece.start => error.note(STATEMENTS),
            Rule::network_head if self.found == self.piece.start => error.note(super::SMALLEST),
            _ => error,
        }
    }

    fn expectation(&self) -> String {
        format!("expected {}, found {}", self.expected_words(), self.found_text())
    }

    fn expected_words(&self) -> String {
        if self.found == self.piece.start {
            match self.rule {
                Rule::statement => return "a statement".to_string(),
                Rule::setting => return "a setting".to_string(),
                Rule::data_item => return "a setting or a row".to_string(),
                Rule::binding => return "`name = …;` or `out = …;`".to_string(),
                _ => {}
            }
        }
        let after_arrow = matches!(self.word(self.found.saturating_sub(1)), "->") || self.in_block_chain();
        let mut phrases: Vec<&str> = Vec::new();
        for rule in self.expected {
            let phrase = match rule {
                Rule::name | Rule::call | Rule::link | Rule::layers if after_arrow => "a layer",
                rule => words(*rule),
            };
            if !phrases.contains(&phrase) {
                phrases.push(phrase);
            }
        }
        // What may always follow says little where something else may, too.
        let telling = |phrase: &&str| !matches!(*phrase, "an operator" | "`(`" | "`*`" | "`-`");
        if phrases.iter().any(telling) {
            phrases.retain(telling);
        }
        if phrases.contains(&"a value") {
            phrases.retain(|phrase| !matches!(*phrase, "a name" | "an argument" | "`[`"));
        }
        match phrases.as_slice() {
            [] => "something else".to_string(),
            [one] => one.to_string(),
            [start @ .., last] => format!("{} or {last}", start.join(", ")),
        }
    }

    /// Whether the layers of `block name(…) = …` are wanted.
    fn in_block_chain(&self) -> bool {
        self.word(self.piece.start) == "block" && self.word(self.found.saturating_sub(1)) == "="
    }

    /// The edit that would let the parser go on.
    fn fix(&self) -> Option<(String, Span, String)> {
        if self.found >= self.piece.end {
            return None;
        }
        let (found, next) = (self.word(self.found), self.word(self.found + 1));
        let span = self.span(self.found);
        let both = span.to(self.span(self.found + 1));
        let replace = |span: Span, text: &str| Some((format!("write `{text}`"), span, text.to_string()));
        if self.expects(Rule::arrow) {
            match (found, next) {
                ("-" | "=", ">") | ("-", "->") | ("|", ">") | ("~", ">") => return replace(both, "->"),
                ("=>" | ">" | "-" | "|", _) => return replace(span, "->"),
                _ => {}
            }
        }
        if self.expects(Rule::comparison) {
            match (found, next) {
                ("=", "<") => return replace(both, "<="),
                ("=>", _) => return replace(span, ">="),
                ("=", _) => return replace(span, "=="),
                _ => {}
            }
        }
        match found {
            "=" if self.expects(Rule::colon) => return replace(self.closed_up(self.found), self.colon(self.found)),
            ":" | "==" if self.expects(Rule::equals) => return replace(span, "="),
            "->" | "=" | ":" if self.expects(Rule::fat_arrow) => return replace(span, "=>"),
            "," | ":" if self.expects(Rule::semicolon) && self.found + 1 == self.piece.end => {
                return replace(span, ";");
            }
            _ => {}
        }
        let previous = self.span(self.found - usize::from(self.found > 0)).after();
        let insert =
            |place: Span, sign: &str, text: &str| Some((format!("put a `{sign}` here"), place, text.to_string()));
        let kind = self.tokens[self.found].kind;
        if self.expects(Rule::comma) && begins_operand(kind, found) {
            return insert(previous, ",", ",");
        }
        if self.expects(Rule::arrow) && kind == Kind::Word {
            return insert(span.before(), "->", "-> ");
        }
        if self.expects(Rule::colon) && begins_operand(kind, found) && found != "(" {
            return insert(previous, ":", ":");
        }
        if self.expects(Rule::equals) && begins_operand(kind, found) {
            return insert(span.before(), "=", "= ");
        }
        None
    }

    /// The sign at `at`, with the white space before it.
    fn closed_up(&self, at: usize) -> Span {
        let span = self.span(at);
        let gap = Span::new(self.span(at - 1).end, span.start);
        if self.text[gap.range()].trim().is_empty() { gap.to(span) } else { span }
    }
}

/// The statement that was probably meant by a keyword that begins none.
fn statement_for(word: &str) -> Option<&'static str> {
    match word {
        "in" => Some("input"),
        "out" => Some("output"),
        _ => None,
    }
}

fn is_reserved(word: &str) -> bool {
    is_statement_keyword(word)
        || matches!(word, "in" | "out" | "add" | "multiply" | "concat" | "true" | "false")
        || matches!(word, "self" | "Self" | "super" | "crate" | "_")
}

/// What a rule is called in the language.
fn words(rule: Rule) -> &'static str {
    match rule {
        Rule::EOI => "the end of the statement",
        Rule::WHITESPACE | Rule::COMMENT | Rule::line_comment | Rule::block_comment => "white space",
        Rule::network_head | Rule::kw_network => "`network`",
        Rule::statement
        | Rule::input
        | Rule::output
        | Rule::constant
        | Rule::block_chain
        | Rule::assertion
        | Rule::expectation
        | Rule::freeze
        | Rule::allow
        | Rule::value => "a statement",
        Rule::train_head | Rule::kw_train => "`train`",
        Rule::data_head | Rule::kw_data => "`data`",
        Rule::block_head | Rule::kw_block => "`block`",
        Rule::binding => "`name = …;`",
        Rule::setting | Rule::assignment => "a setting",
        Rule::data_item => "a setting or a row",
        Rule::row | Rule::row_inputs => "a row",
        Rule::parameters => "`(`",
        Rule::shape => "a shape such as `[64]`",
        Rule::chain | Rule::source | Rule::source_name => "the name of a value",
        Rule::layers | Rule::link => "a layer",
        Rule::merged | Rule::arguments | Rule::of_output => "`(`",
        Rule::times => "a number",
        Rule::argument => "an argument",
        Rule::expr
        | Rule::operand
        | Rule::call
        | Rule::row_targets
        | Rule::parentheses
        | Rule::integer
        | Rule::float
        | Rule::digits
        | Rule::exponent
        | Rule::boolean
        | Rule::text
        | Rule::list => "a value",
        Rule::quantity => "a quantity such as `params`",
        Rule::metric => "a metric",
        Rule::comparison => "a comparison such as `<=`",
        Rule::word | Rule::word_character | Rule::name | Rule::reserved => "a name",
        Rule::out => "`out`",
        Rule::kw_input => "`input`",
        Rule::kw_output => "`output`",
        Rule::kw_const => "`const`",
        Rule::kw_assert => "`assert`",
        Rule::kw_expect => "`expect`",
        Rule::kw_freeze => "`freeze`",
        Rule::kw_allow => "`allow`",
        Rule::arrow => "`->`",
        Rule::fat_arrow => "`=>`",
        Rule::semicolon => "`;`",
        Rule::colon => "`:`",
        Rule::comma => "`,`",
        Rule::equals => "`=`",
        Rule::operator | Rule::plus | Rule::minus | Rule::slash => "an operator",
        Rule::star => "`*`",
        Rule::brace_open => "`{`",
        Rule::paren_open => "`(`",
        Rule::paren_close => "`)`",
        Rule::bracket_open => "`[`",
        Rule::bracket_close => "`]`",
    }
}

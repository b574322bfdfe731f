//! Statements, settings and values as other languages write them, each with what to write instead.
//!
//! An edit is certain only where the text can mean nothing else.

use super::explain::Failure;
use super::grammar::Rule;
use super::numbers::grouped;
use super::quote::quote;
use super::quote::quoted;
use super::scan::TokenKind;
use super::statements::is_statement_keyword;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::span::Span;

impl Failure<'_> {
    /// Statements that the language lacks or writes differently.
    pub(super) fn of_another_language(&self) -> Option<Diagnostic> {
        match self.rule {
            Rule::statement => self
                .control_flow()
                .or_else(|| self.unbound_output())
                .or_else(|| self.several_frozen())
                .or_else(|| self.block_with_in()),
            Rule::binding => self.control_flow(),
            _ => None,
        }
    }

    /// `for i in 0..3 { … }`, `return y;`, `import torch`
    fn control_flow(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        if self.found > first + 1 || matches!(self.word(first + 1), "=" | "->") {
            return None;
        }
        let (message, note) = match self.word(first) {
            "for" | "while" | "loop" | "repeat" => (
                "the language has no loops",
                "`layer * 3` repeats a layer or a block: `x -> unit(8) * 3`, with `block unit(n) = dense(n) -> relu;`",
            ),
            "if" | "else" | "elif" | "match" | "switch" => (
                "the language has no conditions",
                "every row goes through the same layers; blocks take arguments where layers differ",
            ),
            "fn" | "def" | "func" | "function" | "lambda" => (
                "the language has no functions",
                "define layers that are used several times as a block: `block unit(n) = dense(n) -> relu;`",
            ),
            "import" | "from" | "use" | "using" | "include" => {
                ("the language has no imports", "layers, losses and optimizers are built in")
            }
            "return" | "yield" => return Some(self.returned()),
            _ => return None,
        };
        Some(Diagnostic::error(code::SYNTAX, self.span(first), message).note(note))
    }

    /// `return y;`
    fn returned(&self) -> Diagnostic {
        let first = self.piece.start;
        let message = format!("there is no `{}`", self.word(first));
        let error = Diagnostic::error(code::SYNTAX, self.span(first), message);
        let name = (self.word(first + 2) == ";").then(|| self.word(first + 1));
        match name.and_then(|name| self.binding_of(name)) {
            Some(binding) => error.propose("mark the value as an output", self.as_output(binding), false),
            None if self.rule == Rule::binding => error.note("a block returns its `out`: `out = in -> dense(8);`"),
            None => error.note("declare what the network returns: `output y = x -> dense(1);`"),
        }
    }

    /// `output y;`, `output a, b;`
    fn unbound_output(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        let is_output = self.word(first) == "output" && self.found == first + 2;
        if !is_output || !matches!(self.word(self.found), ";" | ",") {
            return None;
        }
        let name = self.word(first + 1);
        let message = format!("`output {name}` does not say how `{name}` is computed");
        let error = Diagnostic::error(code::SYNTAX, self.span(first + 1), message);
        Some(match self.binding_of(name).filter(|_| self.word(self.found) == ";") {
            Some(binding) => {
                error.propose("write `output` where the value is computed", self.as_output(binding), false)
            }
            None => error.note(format!("write `output {name} = x -> dense(1);`, one statement for each output")),
        })
    }

    /// Where `name = …` begins a statement before this one.
    fn binding_of(&self, name: &str) -> Option<Span> {
        let depth = self.tokens[self.piece.start].depth;
        let begins = |at: usize| at > 0 && matches!(self.word(at - 1), ";" | "{" | "}");
        let binds = |at: &usize| {
            self.tokens[*at].depth == depth && self.word(*at) == name && self.word(at + 1) == "=" && begins(*at)
        };
        (0..self.piece.start).find(binds).map(|at| self.span(at))
    }

    /// `output` before a binding, in place of this statement.
    fn as_output(&self, binding: Span) -> Vec<Edit> {
        let statement = self.span(self.piece.start).to(self.span(self.piece.end - 1));
        vec![Edit::new(binding.before(), "output "), Edit::new(statement, "")]
    }

    /// `freeze a, b;`
    fn several_frozen(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        if self.word(first) != "freeze" || self.word(self.piece.end - 1) != ";" {
            return None;
        }
        let names = (first + 1..self.piece.end - 1).filter(|at| self.tokens[*at].kind == TokenKind::Word);
        let signs = (first + 1..self.piece.end - 1).filter(|at| self.tokens[*at].kind != TokenKind::Word);
        let signs: Vec<&str> = signs.map(|at| self.word(at)).collect();
        if signs.contains(&".") {
            let message = "`freeze` takes the name of a value, and freezes all layers of its statement";
            return Some(Diagnostic::error(code::SYNTAX, self.span(self.found), message));
        }
        let frozen: Vec<String> = names.map(|at| format!("freeze {};", self.word(at))).collect();
        let is_list = !signs.is_empty() && signs.iter().all(|sign| matches!(*sign, "," | "(" | ")" | "[" | "]"));
        if !is_list || frozen.is_empty() || self.found == first {
            return None;
        }
        let statement = self.span(first).to(self.span(self.piece.end - 1));
        let message = "`freeze` takes one name";
        let error = Diagnostic::error(code::SYNTAX, self.span(self.found), message);
        let is_certain = signs.len() + 1 == frozen.len() || signs.len() == frozen.len() + 1;
        Some(error.propose("write one statement for each", vec![Edit::new(statement, frozen.join(" "))], is_certain))
    }

    /// Mistakes that have a specific message.
    pub(super) fn special(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        let found = self.word(self.found);
        let inside = self.tokens.get(self.found).is_some_and(|token| token.depth > self.tokens[first].depth);
        if self.rule == Rule::statement && self.found == first + 1 && self.tokens[first].kind == TokenKind::Word {
            if found == "->" {
                return Some(self.error("expected `=`, found `->`").caption("this chain has no name").suggest(
                    "name the value",
                    self.span(first).before(),
                    "output y = ",
                ));
            }
            if found == ":" && self.word(first + 2) == "=" {
                let sign = self.span(self.found).to(self.span(first + 2));
                return Some(self.error("expected `=`, found `:`").mend("write `=`", sign, "="));
            }
            if matches!(found, ":" | "(") && !is_statement_keyword(self.word(first)) {
                let message = format!("expected `=`, found `{found}`");
                return Some(self.error(message).note(format!(
                    "if `{}` is a setting, write it inside `train {{ … }}` or `data {{ … }}`",
                    self.word(first)
                )));
            }
        }
        self.input_as_a_layer()
            .or_else(|| self.named_by_equals())
            .or_else(|| self.bracketed_shape())
            .or_else(|| self.bare_shape())
            .or_else(|| self.address())
            .or_else(|| self.unknown_size())
            .or_else(|| self.percent())
            .or_else(|| self.separated_digits())
            .or_else(|| self.tuple())
            .or_else(|| self.dictionary())
            .or_else(|| self.arguments_for_settings())
            .or_else(|| self.comma_for_semicolon())
            .or_else(|| self.path())
            .or_else(|| self.bare_lint())
            .or_else(|| self.foreign_chain(inside))
    }

    /// `dense(units=8, bias=false)`
    fn named_by_equals(&self) -> Option<Diagnostic> {
        if self.word(self.found) != "=" || !self.expects(Rule::colon) || self.rule == Rule::binding {
            return None;
        }
        let is_word = |at: usize| self.tokens[at].kind == TokenKind::Word;
        let names = |at: &usize| self.word(*at) == "=" && is_word(at - 1) && matches!(self.word(at - 2), "(" | ",");
        let edit = |at: usize| Edit::new(self.closed_up(at), self.colon(at));
        let edits: Vec<Edit> = (self.piece.start + 2..self.piece.end).filter(names).map(edit).collect();
        let is_argument = edits.iter().any(|edit| edit.span.end == self.span(self.found).end);
        is_argument.then(|| self.error(self.expectation()).propose("arguments are named with `:`", edits, true))
    }

    /// A colon in place of the sign at `at`, and a space where none follows.
    pub(super) fn colon(&self, at: usize) -> &'static str {
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
        // `(28, 28, 1)` of Keras has its channels last.
        let sizes = (self.found + 1..close).filter(|at| self.tokens[*at].kind != TokenKind::Sign).count();
        Some(self.error(self.expectation()).propose("a shape goes in square brackets", edits, sizes == 1))
    }

    /// `train { batch=32, epochs=10, }`
    fn arguments_for_settings(&self) -> Option<Diagnostic> {
        let (first, end) = (self.piece.start, self.piece.end);
        let depth = self.tokens[first].depth;
        let names = |at: &usize| {
            self.word(*at) == "="
                && self.tokens[*at].depth == depth
                && self.tokens[*at - 1].kind == TokenKind::Word
                && (*at == first + 1 || self.word(*at - 2) == ",")
        };
        let signs: Vec<usize> = (first + 1..end).filter(names).collect();
        let is_setting = matches!(self.rule, Rule::setting | Rule::data_item);
        if !is_setting || self.found != first + 1 || signs.len() < 2 {
            return None;
        }
        let colons = signs.iter().map(|at| Edit::new(self.closed_up(*at), self.colon(*at)));
        let commas = signs.iter().skip(1).map(|at| Edit::new(self.span(at - 2), ";"));
        let last = (self.word(end - 1) == ",").then(|| Edit::new(self.span(end - 1), ";"));
        let edits = colons.chain(commas).chain(last).collect();
        Some(self.error(self.expectation()).propose("settings are written `name: value;`", edits, true))
    }

    /// `train { loss: mse, optimizer: adam }`
    fn comma_for_semicolon(&self) -> Option<Diagnostic> {
        let is_setting = matches!(self.rule, Rule::setting | Rule::data_item);
        if !is_setting || self.word(self.found) != "," || !self.expects(Rule::semicolon) {
            return None;
        }
        let depth = self.tokens[self.found].depth;
        let begins_setting = |at: usize| {
            let is_word = self.tokens.get(at).is_some_and(|next| next.kind == TokenKind::Word);
            self.word(at) == "}" || is_word && matches!(self.word(at + 1), ":" | "(" | "=")
        };
        if !begins_setting(self.found + 1) {
            return self.bare_list();
        }
        let separates = |at: &usize| self.word(*at) == "," && self.tokens[*at].depth == depth && begins_setting(at + 1);
        let commas = (self.found..self.piece.end).filter(separates);
        let edits = commas.map(|at| Edit::new(self.span(at), ";")).collect();
        Some(self.error(self.expectation()).propose("settings end with `;`", edits, true))
    }

    /// `metrics: accuracy, mae;`
    fn bare_list(&self) -> Option<Diagnostic> {
        let (colon, end) = (self.piece.start + 1, self.piece.end - 1);
        let is_item =
            |at: usize| self.word(at) == "," || matches!(self.tokens[at].kind, TokenKind::Word | TokenKind::Text);
        if self.word(colon) != ":" || self.word(end) != ";" || !(colon + 1..end).all(is_item) {
            return None;
        }
        let edits = vec![Edit::new(self.span(colon + 1).before(), "["), Edit::new(self.span(end).before(), "]")];
        Some(self.error(self.expectation()).propose("write several values as a list", edits, false))
    }

    /// `nn.Linear(64)`, `torch.optim.SGD(…)`, `model.add(…);`
    fn path(&self) -> Option<Diagnostic> {
        let first = self.found.checked_sub(1)?;
        let is_word = |at: usize| self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Word);
        if self.word(self.found) != "." || !is_word(first) || !is_word(self.found + 1) {
            return None;
        }
        let mut last = self.found + 1;
        while self.word(last + 1) == "." && is_word(last + 2) {
            last += 2;
        }
        let prefix = self.span(first).to(self.span(last).before());
        if self.is_value(self.word(first)) && last == self.found + 1 {
            let message = format!("{} has no methods", quote(self.word(first)));
            let error = Diagnostic::error(code::SYNTAX, prefix, message);
            return Some(error.suggest("layers follow `->`", self.span(self.found), " -> "));
        }
        if first == self.piece.start && self.rule == Rule::statement {
            let message = format!("{} has no methods", quote(self.word(first)));
            let note = "a network is made of chains: `output y = x -> dense(64) -> relu -> dense(1);`";
            return Some(Diagnostic::error(code::SYNTAX, prefix, message).note(note));
        }
        let message = format!("{} is written without a module path", quote(self.word(last)));
        Some(Diagnostic::error(code::SYNTAX, prefix, message).suggest("remove the module path", prefix, ""))
    }

    /// Whether a statement binds the name, or it is an input.
    fn is_value(&self, name: &str) -> bool {
        let binds = |at: usize| self.word(at + 1) == "=" || at > 0 && self.word(at - 1) == "input";
        (0..self.tokens.len()).any(|at| self.word(at) == name && binds(at))
    }

    /// `allow linear_stack;`
    fn bare_lint(&self) -> Option<Diagnostic> {
        let first = self.piece.start;
        let is_name = self.tokens.get(self.found).is_some_and(|token| token.kind == TokenKind::Word);
        if self.word(first) != "allow" || self.found != first + 1 || !is_name || self.word(first + 2) != ";" {
            return None;
        }
        let span = self.span(first).to(self.span(self.found));
        let text = format!("allow({})", self.word(self.found));
        Some(self.error(self.expectation()).mend("a lint goes in parentheses", span, text))
    }

    /// `input x: 784;`
    fn bare_shape(&self) -> Option<Diagnostic> {
        let is_shape = self.expects(Rule::bracket_open) || self.expects(Rule::shape);
        let end = (self.found..self.piece.end).find(|at| self.word(*at) == ";")?;
        let is_size = |at: usize| self.tokens[at].kind == TokenKind::Number || self.word(at) == ",";
        if self.word(self.piece.start) != "input" || !is_shape || end == self.found || !(self.found..end).all(is_size) {
            return None;
        }
        let edits = vec![Edit::new(self.span(self.found).before(), "["), Edit::new(self.span(end).before(), "]")];
        Some(self.error(self.expectation()).propose("a shape goes in square brackets", edits, false))
    }

    /// `20%`
    fn percent(&self) -> Option<Diagnostic> {
        let number = self.found.checked_sub(1).filter(|at| self.tokens[*at].kind == TokenKind::Number)?;
        let ends = matches!(self.word(self.found + 1), ";" | "," | ")" | "]" | "");
        if self.word(self.found) != "%" || !ends {
            return None;
        }
        let span = self.span(number).to(self.span(self.found));
        let error = Diagnostic::error(
            code::SYNTAX,
            span,
            "percentages are not supported: a fraction is written as a number from 0 to 1",
        );
        let share = self.word(number).replace('_', "").parse::<f64>().ok().map(|percent| percent / 100.0);
        Some(match share.filter(|share| (0.0..=1.0).contains(share)) {
            Some(share) => error.suggest("write the fraction", span, share.to_string()),
            None => error,
        })
    }

    /// `epochs: 1,234;`, `params <= 10 000;`, `lr: 0,01;`
    fn separated_digits(&self) -> Option<Diagnostic> {
        let digits = |at: usize| {
            let is_number = self.tokens.get(at).is_some_and(|token| token.kind == TokenKind::Number);
            is_number && self.word(at).bytes().all(|byte| byte.is_ascii_digit())
        };
        let comma = self.word(self.found) == ",";
        let (first, second) = (self.found.checked_sub(1)?, self.found + usize::from(comma));
        let is_close = !comma || self.span(first).end + 1 == self.span(second).start;
        if self.expects(Rule::comma) || !digits(first) || !digits(second) || !is_close {
            return None;
        }
        let is_group = |at: usize| digits(at) && self.word(at).len() == 3;
        let mut last = second;
        while is_group(last) && is_group(last + 1 + usize::from(comma)) && (!comma || self.word(last + 1) == ",") {
            last += 1 + usize::from(comma);
        }
        let span = self.span(first).to(self.span(last));
        let error = Diagnostic::error(code::SYNTAX, span, "numbers are written without spaces and commas");
        if is_group(second) && self.word(first).len() <= 3 && self.word(first) != "0" {
            let all: String = self.text[span.range()].chars().filter(char::is_ascii_digit).collect();
            return Some(error.suggest("group digits with `_`", span, grouped(&all)));
        }
        let decimal = format!("{}.{}", self.word(first), self.word(second));
        Some(if comma { error.suggest("write a decimal point", span, decimal) } else { error })
    }

    /// `kernel: (3, 3)`
    fn tuple(&self) -> Option<Diagnostic> {
        if self.word(self.found) != "," || !self.expects(Rule::paren_close) || self.expects(Rule::comma) {
            return None;
        }
        let depth = self.tokens[self.found].depth.checked_sub(1)?;
        let is = |at: &usize, sign: &str| self.word(*at) == sign && self.tokens[*at].depth == depth;
        let open = (self.piece.start..self.found).rev().find(|at| is(at, "("))?;
        let close = (self.found..self.piece.end).find(|at| is(at, ")"))?;
        let edits = vec![Edit::new(self.span(open), "["), Edit::new(self.span(close), "]")];
        let error = Diagnostic::error(code::SYNTAX, self.span(open), "lists are written in square brackets");
        Some(error.propose("write a list", edits, true))
    }

    /// `sgd({lr: 0.1})`, `optimizer: sgd {lr: 0.1};`
    fn dictionary(&self) -> Option<Diagnostic> {
        let is_value = self.expects(Rule::semicolon) || self.expects(Rule::expr) || self.expects(Rule::argument);
        let is_value = is_value || self.expects(Rule::paren_close) || self.expects(Rule::operand);
        if self.word(self.found) != "{"
            || !is_value
            || self.rule == Rule::statement && self.found <= self.piece.start + 1
        {
            return None;
        }
        let error = Diagnostic::error(code::SYNTAX, self.span(self.found), "arguments go in parentheses, not braces");
        let depth = self.tokens[self.found].depth;
        let close = (self.found + 1..self.tokens.len())
            .find(|at| self.word(*at) == "}" && self.tokens[*at].depth == depth && !self.tokens[*at].broken);
        let before = self.found.checked_sub(1)?;
        let signs = match (self.word(before), self.tokens[before].kind) {
            ("(" | ",", _) => ["", ""],
            (_, TokenKind::Word) => ["(", ")"],
            (":", _) if self.word(self.piece.start) == "early_stopping" => {
                return Some(error.note("write `early_stopping(monitor: val_loss, patience: 8);`"));
            }
            _ => return Some(error.note("write them in parentheses after a name: `optimizer: sgd(lr: 0.1);`")),
        };
        Some(match close {
            Some(close) => {
                let edits = vec![Edit::new(self.span(self.found), signs[0]), Edit::new(self.span(close), signs[1])];
                error.propose("use parentheses", edits, false)
            }
            None => error,
        })
    }

    /// `input x: [?, 28];`
    fn unknown_size(&self) -> Option<Diagnostic> {
        if self.word(self.found) != "?" || self.word(self.piece.start) != "input" {
            return None;
        }
        let error = Diagnostic::error(
            code::SYNTAX,
            self.span(self.found),
            "every size must be known when a network is compiled",
        );
        Some(error.note("a shape describes one example, without the batch"))
    }

    /// `origin: https://example.org/a.csv;`
    fn address(&self) -> Option<Diagnostic> {
        let scheme = self.found.checked_sub(1)?;
        let start = self.span(scheme).start;
        if self.word(self.found) != ":" || !self.text[self.span(self.found).end..].starts_with("//") {
            return None;
        }
        let rest = &self.text[start..];
        let end = rest.find(|end: char| end.is_whitespace() || end == ';').unwrap_or(rest.len());
        let span = Span::new(start, start + end);
        let error = Diagnostic::error(code::SYNTAX, span, "addresses are written in quotes");
        Some(error.suggest("add quotes", span, quoted(&self.text[span.range()])))
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
}

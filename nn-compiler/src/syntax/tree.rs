//! From pest's pairs to the [`ast`](crate::ast).
//!
//! The grammar fixes the order of the pairs, so what is taken out here is there.

use pest::iterators::Pair;

use super::grammar::Rule;
use super::quote::quote;
use crate::ast::{
    Argument, BlockBody, Call, Chain, DataItem, Expr, ExprKind, Link, Name, Operator, Setting, SettingValue, Source,
    StatementKind,
};
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::span::Span;
use crate::vocabulary::Comparison;

type Pairs<'i, 'e> = std::iter::Peekable<Box<dyn Iterator<Item = Pair<'i, Rule>> + 'e>>;

/// Converts the pairs of one piece, which begins at byte `offset` of the text.
pub(super) struct Tree<'e> {
    offset: usize,
    errors: &'e mut Vec<Diagnostic>,
}

impl<'e> Tree<'e> {
    pub fn new(offset: usize, errors: &'e mut Vec<Diagnostic>) -> Self {
        Self { offset, errors }
    }

    pub fn network_name(&self, head: Pair<'_, Rule>) -> Name {
        self.name(next(&mut parts(head)))
    }

    pub fn block_head(&self, head: Pair<'_, Rule>) -> (Name, Vec<Name>) {
        let mut parts = parts(head);
        let name = self.name(next(&mut parts));
        (name, self.parameters(&mut parts))
    }

    pub fn statement(&mut self, statement: Pair<'_, Rule>) -> StatementKind {
        let pair = next(&mut parts(statement));
        let rule = pair.as_rule();
        let mut parts = parts(pair);
        match rule {
            Rule::input => {
                let name = self.name(next(&mut parts));
                let shape = next(&mut parts);
                let shape_span = self.span(&shape);
                StatementKind::Input { name, shape: self.exprs(shape), shape_span }
            }
            Rule::output => {
                StatementKind::Output { name: self.name(next(&mut parts)), chain: self.chain(next(&mut parts)) }
            }
            Rule::constant => {
                StatementKind::Const { name: self.name(next(&mut parts)), value: self.expr(next(&mut parts)) }
            }
            Rule::block_chain => {
                let name = self.name(next(&mut parts));
                let params = self.parameters(&mut parts);
                StatementKind::Block { name, params, body: BlockBody::Chain(self.chain(next(&mut parts))) }
            }
            Rule::assertion => StatementKind::Assert {
                quantity: self.quantity(next(&mut parts)),
                comparison: comparison(&next(&mut parts)),
                value: self.expr(next(&mut parts)),
            },
            Rule::expectation => StatementKind::Expect {
                metric: self.metric(&mut parts),
                comparison: comparison(&next(&mut parts)),
                value: self.expr(next(&mut parts)),
            },
            Rule::freeze => StatementKind::Freeze { name: self.name(next(&mut parts)) },
            Rule::allow => StatementKind::Allow { lints: parts.map(|lint| self.name(lint)).collect() },
            _ => StatementKind::Value { name: self.name(next(&mut parts)), chain: self.chain(next(&mut parts)) },
        }
    }

    pub fn binding(&mut self, binding: Pair<'_, Rule>) -> (Name, Chain) {
        let mut parts = parts(binding);
        (self.name(next(&mut parts)), self.chain(next(&mut parts)))
    }

    pub fn setting(&mut self, setting: Pair<'_, Rule>) -> Setting {
        self.assignment(next(&mut parts(setting)))
    }

    pub fn data_item(&mut self, item: Pair<'_, Rule>) -> DataItem {
        let item = next(&mut parts(item));
        if item.as_rule() == Rule::assignment {
            return DataItem::Setting(self.assignment(item));
        }
        let span = self.span(&item);
        let mut sides = parts(item);
        let inputs = self.exprs(next(&mut sides));
        DataItem::Row { inputs, targets: self.exprs(next(&mut sides)), span }
    }

    fn assignment(&mut self, assignment: Pair<'_, Rule>) -> Setting {
        let span = self.span(&assignment);
        let mut parts = parts(assignment);
        let name = self.name(next(&mut parts));
        let value = next(&mut parts);
        let value = match value.as_rule() {
            Rule::arguments => SettingValue::Arguments(self.arguments(value)),
            _ => SettingValue::Value(self.expr(value)),
        };
        Setting { name, value, span }
    }

    fn parameters(&self, parts: &mut Pairs<'_, '_>) -> Vec<Name> {
        let names = parts.next_if(|part| part.as_rule() == Rule::parameters);
        names.into_iter().flat_map(self::parts).map(|name| self.name(name)).collect()
    }

    fn chain(&mut self, chain: Pair<'_, Rule>) -> Chain {
        let span = self.span(&chain);
        let mut parts = parts(chain);
        let source = parts.next_if(|part| part.as_rule() == Rule::source).map(|source| self.source(source));
        Chain { source, links: parts.map(|link| self.link(link)).collect(), span }
    }

    fn source(&mut self, source: Pair<'_, Rule>) -> Source {
        let span = self.span(&source);
        let written = &source.as_str()[..span.end - span.start];
        let mut parts = parts(source);
        let name = self.name(next(&mut parts));
        match parts.next() {
            None => Source::Name(name),
            Some(part) if part.as_rule() == Rule::merged => {
                let arguments = self::parts(part).map(|source| self.source(source)).collect();
                Source::Merge { name, arguments, span }
            }
            Some(part) => {
                let listed = self.listed_values(&name, part);
                self.errors.push(listed.unwrap_or_else(|| no_source(&name, span, written)));
                Source::Name(name)
            }
        }
    }

    /// `concat([a, b], axis: 1)`
    fn listed_values(&mut self, name: &Name, arguments: Pair<'_, Rule>) -> Option<Diagnostic> {
        let merges = ["add", "multiply", "concat", "concatenate", "cat"];
        let arguments = self.arguments(arguments);
        let first = arguments.first().filter(|_| merges.contains(&name.text.to_lowercase().as_str()))?;
        let (values, named): (Vec<&Argument>, Vec<&Argument>) =
            arguments.iter().partition(|argument| argument.name.is_none());
        let items: Vec<&Expr> = match &values[..] {
            [only] => only.value.one_or_list(),
            _ => values.iter().map(|argument| &argument.value).collect(),
        };
        let word = |item: &&Expr| item.word().map(str::to_owned);
        let Some(values) = items.iter().map(word).collect::<Option<Vec<_>>>().filter(|values| !values.is_empty())
        else {
            return items.iter().find_map(|item| negated(name, item));
        };
        let whole = first.span.to(arguments.last()?.span);
        let place = named.first().map_or(first.span, |argument| argument.span);
        let message = match named.is_empty() {
            true => format!("`{}` takes values, not a list", name.text),
            false => format!("`{}` takes only values", name.text),
        };
        let error = Diagnostic::error(code::NO_SOURCE, place, message);
        let error = match named.is_empty() {
            true => error,
            false => {
                error.note("`concat` joins along the first dimension: numbers of a flat value, channels of an image")
            }
        };
        let edits = vec![Edit::new(whole, values.join(", "))];
        Some(error.propose("write only the values", edits, named.is_empty()))
    }

    fn link(&mut self, link: Pair<'_, Rule>) -> Link {
        let span = self.span(&link);
        let mut parts = parts(link);
        let call = self.call(next(&mut parts));
        let times = parts.find(|part| part.as_rule() == Rule::times);
        let times = times.map(|times| self.operand(next(&mut self::parts(times))));
        Link { call, times, span }
    }

    fn quantity(&mut self, quantity: Pair<'_, Rule>) -> Call {
        let span = self.span(&quantity);
        let mut words = parts(quantity).map(|word| self.name(word));
        let name = words.next().expect("a quantity is a word");
        Call { name, arguments: words.map(of_word).collect(), span }
    }

    /// `accuracy`, or `accuracy(output)`.
    fn metric(&mut self, parts: &mut Pairs<'_, '_>) -> Call {
        let name = self.name(next(parts));
        let Some(output) = parts.next_if(|part| part.as_rule() == Rule::of_output) else {
            let span = name.span;
            return Call { name, arguments: Vec::new(), span };
        };
        let span = name.span.to(self.span(&output));
        let arguments = self::parts(output).map(|output| of_word(self.name(output))).collect();
        Call { name, arguments, span }
    }

    fn call(&mut self, call: Pair<'_, Rule>) -> Call {
        let span = self.span(&call);
        let mut parts = parts(call);
        let name = self.name(next(&mut parts));
        let arguments = parts.next().map(|arguments| self.arguments(arguments)).unwrap_or_default();
        Call { name, arguments, span }
    }

    fn arguments(&mut self, arguments: Pair<'_, Rule>) -> Vec<Argument> {
        let arguments = parts(arguments).map(|argument| {
            let span = self.span(&argument);
            let mut parts = parts(argument);
            // A text is the name of a column; with its quotes it cannot be another name.
            let is_name = |part: &Pair<'_, Rule>| matches!(part.as_rule(), Rule::word | Rule::text);
            let name = parts.next_if(is_name).map(|name| self.name(name));
            Argument { name, value: self.expr(next(&mut parts)), span }
        });
        arguments.collect()
    }

    fn exprs(&mut self, pair: Pair<'_, Rule>) -> Vec<Expr> {
        parts(pair)
            .map(|part| if part.as_rule() == Rule::list { self.operand(part) } else { self.expr(part) })
            .collect()
    }

    /// `a + b * -c`: products first, both from left to right.
    fn expr(&mut self, expr: Pair<'_, Rule>) -> Expr {
        let mut parts = parts(expr);
        let mut sum: Option<(Expr, Operator)> = None;
        let mut product = self.factor(&mut parts);
        while let Some(sign) = parts.next() {
            let operator = operator(&sign);
            let factor = self.factor(&mut parts);
            match operator {
                Operator::Multiply | Operator::Divide => product = binary(product, operator, factor),
                Operator::Add | Operator::Subtract => {
                    sum = Some((add(sum, product), operator));
                    product = factor;
                }
            }
        }
        add(sum, product)
    }

    fn factor(&mut self, parts: &mut Pairs<'_, '_>) -> Expr {
        let pair = next(parts);
        if pair.as_rule() != Rule::minus {
            return self.operand(pair);
        }
        let minus = self.span(&pair);
        let operand = self.factor(parts);
        let span = minus.to(operand.span);
        Expr { kind: ExprKind::Negative(Box::new(operand)), span }
    }

    fn operand(&mut self, operand: Pair<'_, Rule>) -> Expr {
        let span = self.span(&operand);
        let kind = match operand.as_rule() {
            Rule::integer => self.integer(operand.as_str(), span),
            Rule::float => self.float(operand.as_str(), span),
            Rule::text => ExprKind::Text(unescape(operand.as_str())),
            Rule::boolean => ExprKind::Bool(operand.as_str() == "true"),
            Rule::list => ExprKind::List(self.exprs(operand)),
            Rule::parentheses => self.expr(next(&mut parts(operand))).kind,
            _ => ExprKind::Call(self.call(operand)),
        };
        Expr { kind, span }
    }

    fn integer(&mut self, digits: &str, span: Span) -> ExprKind {
        match digits.replace('_', "").parse() {
            Ok(value) => ExprKind::Integer(value),
            Err(_) => {
                let message = format!("{} does not fit in 64 bits", quote(digits));
                let error = Diagnostic::error(code::NUMBER_TOO_LARGE, span, message);
                self.errors.push(error.note(format!("the largest integer is {}", u64::MAX)));
                ExprKind::Integer(0)
            }
        }
    }

    fn float(&mut self, digits: &str, span: Span) -> ExprKind {
        let value = digits.replace('_', "").parse().unwrap_or(f64::INFINITY);
        if value.is_infinite() {
            let message = format!("{} does not fit in 64 bits", quote(digits));
            self.errors.push(
                Diagnostic::error(code::NUMBER_TOO_LARGE, span, message).note("the largest number is about 1.8e308"),
            );
            return ExprKind::Float(0.0);
        }
        ExprKind::Float(value)
    }

    fn name(&self, pair: Pair<'_, Rule>) -> Name {
        Name { text: pair.as_str().to_string(), span: self.span(&pair) }
    }

    /// The place of the tokens of `pair`: pest includes the whitespace after them.
    fn span(&self, pair: &Pair<'_, Rule>) -> Span {
        let mut last = pair.clone();
        while let Some(child) = last.clone().into_inner().next_back() {
            last = child;
        }
        Span::new(self.offset + pair.as_span().start(), self.offset + last.as_span().end())
    }
}

/// The pairs inside, without punctuation, keywords and the end of the text.
fn parts<'i>(pair: Pair<'i, Rule>) -> Pairs<'i, 'i> {
    let parts: Box<dyn Iterator<Item = Pair<'i, Rule>> + 'i> =
        Box::new(pair.into_inner().filter(|part| !is_mark(part.as_rule())));
    parts.peekable()
}

fn next<'i>(parts: &mut Pairs<'i, '_>) -> Pair<'i, Rule> {
    parts.next().expect("the grammar puts a part here")
}

fn is_mark(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::EOI
            | Rule::arrow
            | Rule::fat_arrow
            | Rule::semicolon
            | Rule::colon
            | Rule::comma
            | Rule::equals
            | Rule::brace_open
            | Rule::paren_open
            | Rule::paren_close
            | Rule::bracket_open
            | Rule::bracket_close
            | Rule::kw_network
            | Rule::kw_input
            | Rule::kw_output
            | Rule::kw_const
            | Rule::kw_block
            | Rule::kw_train
            | Rule::kw_data
            | Rule::kw_assert
            | Rule::kw_expect
            | Rule::kw_freeze
            | Rule::kw_allow
    )
}

/// A word as the argument of a call.
fn of_word(word: Name) -> Argument {
    let span = word.span;
    let call = Call { name: word, arguments: Vec::new(), span };
    Argument { name: None, value: Expr { kind: ExprKind::Call(call), span }, span }
}

fn operator(sign: &Pair<'_, Rule>) -> Operator {
    match sign.as_rule() {
        Rule::plus => Operator::Add,
        Rule::minus => Operator::Subtract,
        Rule::star => Operator::Multiply,
        _ => Operator::Divide,
    }
}

fn comparison(sign: &Pair<'_, Rule>) -> Comparison {
    match sign.as_str() {
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        "==" => Comparison::Equal,
        ">=" => Comparison::GreaterOrEqual,
        _ => Comparison::Greater,
    }
}

fn binary(left: Expr, operator: Operator, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    Expr { kind: ExprKind::Binary { operator, left: Box::new(left), right: Box::new(right) }, span }
}

fn add(sum: Option<(Expr, Operator)>, product: Expr) -> Expr {
    match sum {
        Some((left, operator)) => binary(left, operator, product),
        None => product,
    }
}

pub fn unescape(literal: &str) -> String {
    let mut text = String::with_capacity(literal.len());
    let mut characters = literal[1..literal.len() - 1].chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                escaped => escaped.unwrap_or('\\'),
            },
            plain => plain,
        });
    }
    text
}

/// `add(h, -x)`
fn negated(name: &Name, item: &Expr) -> Option<Diagnostic> {
    let ExprKind::Negative(inner) = &item.kind else { return None };
    let ExprKind::Call(call) = &inner.kind else { return None };
    let value = &call.name.text;
    let message = format!("`{}` takes names of values, and `-{value}` is not a name", name.text);
    let note = format!("write `minus = {value} -> rescale(-1);` before it, then use `minus` here");
    Some(Diagnostic::error(code::NO_SOURCE, item.span, message).note(note))
}

/// A chain begins with a call whose arguments are not values.
fn no_source(name: &Name, span: Span, written: &str) -> Diagnostic {
    let chain = as_a_chain(name, written);
    let written = quote(written);
    if matches!(name.text.as_str(), "add" | "multiply" | "concat") {
        let message = format!("`{}` merges values, but {written} contains something else", name.text);
        return Diagnostic::error(code::NO_SOURCE, span, message)
            .note("its arguments are names of values, or nested `add`, `multiply` and `concat`");
    }
    if matches!(name.text.to_lowercase().as_str(), "sequential" | "modulelist" | "stack") {
        let message = "layers are joined with `->`, not in a list";
        let note = "a chain begins with a value: `x -> dense(4) -> relu`";
        return Diagnostic::error(code::NO_SOURCE, span, message).note(note);
    }
    let message = format!("a chain starts from a value, but {written} is a layer");
    let error = Diagnostic::error(code::NO_SOURCE, span, message).caption("the value before this layer is missing");
    match chain {
        Some(chain) => error.note(format!("write the value before the layer: `{chain}`")),
        None => error.note("write the name of an input or another value first, then `->`"),
    }
}

/// `dense(x, 16)` as `x -> dense(16)`.
fn as_a_chain(name: &Name, written: &str) -> Option<String> {
    let arguments = written.strip_prefix(name.text.as_str())?.trim().strip_prefix('(')?.strip_suffix(')')?;
    let (value, others) = arguments.split_once(',')?;
    let (value, others) = (value.trim(), others.trim());
    let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_word = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && value.chars().all(is_letter);
    // `dense(units, bias: false)` begins with a size.
    let is_size = others.trim_start_matches(is_letter).trim_start().starts_with(':');
    (is_word && !is_size && !others.is_empty()).then(|| format!("{value} -> {}({others})", name.text))
}

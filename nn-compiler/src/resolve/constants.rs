//! Arithmetic at compile time: `const`, block parameters, and the numbers of arguments.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::lost::{Binds, LostNames};
use crate::ast::{Expr, ExprKind, Operator};
use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Edit, Near, Sink, nearest};
use crate::span::Span;
use crate::syntax::grouped;

/// An integer or a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Written without point or exponent, or computed from integers.
    Integer(i64),
    /// Everything else.
    Float(f64),
}

/// The names of numbers: those of the network, and the parameters of a block in one use of it.
#[derive(Clone, Debug, Default)]
pub struct Constants {
    network: Rc<Network>,
    parameters: BTreeMap<String, Option<Number>>,
}

/// The constants of a network; shared, since every chain and every use of a block reads them.
#[derive(Clone, Debug, Default)]
struct Network {
    /// `None` for a name whose value could not be computed: its uses are not reported again.
    known: BTreeMap<String, Option<Number>>,
    /// Where `const` defines each, including those that are not reached yet.
    declared: BTreeMap<String, Span>,
    /// What statements with syntax errors may define.
    lost: Rc<LostNames>,
}

/// No size in a spec is larger than this.
pub const LARGEST_SIZE: i64 = 1 << 30;

impl Constants {
    /// The constants of a network, none of which has a value yet.
    pub fn declared(names: impl Iterator<Item = (String, Span)>, lost: Rc<LostNames>) -> Self {
        let network = Network { known: BTreeMap::new(), declared: names.collect(), lost };
        Self { network: Rc::new(network), parameters: BTreeMap::new() }
    }

    /// Sets the constant `name` of the network.
    pub fn define(&mut self, name: &str, number: Option<Number>) {
        Rc::make_mut(&mut self.network).known.insert(name.to_owned(), number);
    }

    /// The constants of the network alone, as a block sees them.
    pub fn of_network(&self) -> Self {
        Self { network: Rc::clone(&self.network), parameters: BTreeMap::new() }
    }

    /// Sets the parameter `name`.
    pub fn bind(&mut self, name: &str, number: Option<Number>) {
        self.parameters.insert(name.to_owned(), number);
    }

    /// Whether `name` is known.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn get(&self, name: &str) -> Option<&Option<Number>> {
        self.parameters.get(name).or_else(|| self.network.known.get(name))
    }

    /// The value of an expression; `what` names what it is for.
    pub fn number(&self, expr: &Expr, what: &str, sink: &mut Sink) -> Option<Number> {
        match &expr.kind {
            ExprKind::Integer(integer) => match i64::try_from(*integer) {
                Ok(integer) => Some(Number::Integer(integer)),
                Err(_) => fail(code::NUMBER_TOO_LARGE, expr.span, format!("{integer} is too large"), sink),
            },
            ExprKind::Float(float) => Some(Number::Float(*float)),
            ExprKind::Negative(inner) => match self.number(inner, what, sink)? {
                Number::Integer(integer) => match integer.checked_neg() {
                    Some(negative) => Some(Number::Integer(negative)),
                    None => {
                        fail(code::NUMBER_TOO_LARGE, expr.span, format!("-({integer}) does not fit in 64 bits"), sink)
                    }
                },
                Number::Float(float) => Some(Number::Float(-float)),
            },
            ExprKind::Binary { operator, left, right } => {
                let (left, right) = (self.number(left, what, sink), self.number(right, what, sink));
                compute(*operator, left?, right?, expr.span, sink)
            }
            ExprKind::Call(call) if call.arguments.is_empty() => match self.get(&call.name.text) {
                Some(number) => *number,
                None => self.unknown(&call.name.text, expr.span, what, sink),
            },
            ExprKind::Text(text) if text.parse::<f64>().is_ok() => {
                let diagnostic = Diagnostic::error(code::WRONG_KIND, expr.span, format!("{what} must be a number"));
                sink.push(diagnostic.suggest("write it without quotes", expr.span, text));
                None
            }
            ExprKind::Call(_) | ExprKind::Bool(_) | ExprKind::Text(_) | ExprKind::List(_) => {
                fail(code::WRONG_KIND, expr.span, format!("{what} must be a number"), sink)
            }
        }
    }

    fn unknown(&self, name: &str, span: Span, what: &str, sink: &mut Sink) -> Option<Number> {
        if let Some(place) = self.network.declared.get(name) {
            let message = format!("the constant `{name}` is used before it is defined");
            sink.push(
                Diagnostic::error(code::UNKNOWN_CONST, span, message)
                    .label(*place, "defined here")
                    .note("a constant can only use constants defined above it"),
            );
            return None;
        }
        if self.network.lost.may_bind(name, Binds::Constant) {
            return None;
        }
        let message = format!("{what} must be a number, but there is no constant `{name}`");
        let known = self.parameters.keys().chain(self.network.known.keys()).map(String::as_str);
        let known = known.chain(self.network.lost.names());
        let near = if sink.is_full() { None } else { nearest(name, known) };
        let diagnostic = Diagnostic::error(code::UNKNOWN_CONST, span, message);
        sink.push(diagnostic.mean("a constant with a similar name", span, near.map(Near::guessed)));
        None
    }

    /// An integer from 1 to [`LARGEST_SIZE`].
    pub fn size(&self, expr: &Expr, what: &str, sink: &mut Sink) -> Option<usize> {
        self.integer(expr, what, 1, sink)
    }

    /// An integer from `least` to [`LARGEST_SIZE`].
    pub fn integer(&self, expr: &Expr, what: &str, least: usize, sink: &mut Sink) -> Option<usize> {
        let number = self.number(expr, what, sink)?;
        let message = match number {
            Number::Integer(integer) if integer > LARGEST_SIZE => {
                let message = format!("{what} must be at most {LARGEST_SIZE}, but it is {integer}");
                return fail(code::TOO_LARGE, expr.span, message, sink);
            }
            Number::Integer(integer) => match usize::try_from(integer) {
                Ok(integer) if integer >= least => return Some(integer),
                _ => format!("{what} must be at least {least}, but it is {integer}"),
            },
            Number::Float(float) => {
                sink.push(not_an_integer(float, expr, what));
                return None;
            }
        };
        fail(code::OUT_OF_RANGE, expr.span, message, sink)
    }
}

/// `16.0` is 16; `1.000` and `1.024` may use their point as a separator of thousands.
fn not_an_integer(float: f64, expr: &Expr, what: &str) -> Diagnostic {
    let message = format!("{what} must be an integer, but it is {float:?}");
    let diagnostic = Diagnostic::error(code::WRONG_KIND, expr.span, message);
    if !matches!(expr.kind, ExprKind::Float(_)) || !(1.0..LARGEST_SIZE as f64).contains(&float) {
        return diagnostic;
    }
    let written = expr.span.end - expr.span.start;
    let (whole, thousands) = (float.trunc(), float * 1000.0);
    let fits = |plain: String, more: usize| written == plain.len() + more;
    let may_be_thousands = whole < 1000.0 && fits(format!("{whole}"), ".000".len()) && thousands.fract() == 0.0;
    let diagnostic = match float.fract() == 0.0 {
        true => {
            let edits = vec![Edit::new(expr.span, format!("{whole}"))];
            diagnostic.propose("write it without a decimal point", edits, fits(format!("{whole}"), ".0".len()))
        }
        false => diagnostic,
    };
    match may_be_thousands {
        true => diagnostic.suggest("group digits with `_`", expr.span, grouped(&format!("{thousands}"))),
        false => diagnostic,
    }
}

fn fail<T>(code: code::Code, span: Span, message: String, sink: &mut Sink) -> Option<T> {
    sink.push(Diagnostic::error(code, span, message));
    None
}

fn compute(operator: Operator, left: Number, right: Number, span: Span, sink: &mut Sink) -> Option<Number> {
    let (Number::Integer(a), Number::Integer(b)) = (left, right) else {
        let (a, b) = (left.as_f64(), right.as_f64());
        let value = match operator {
            Operator::Add => a + b,
            Operator::Subtract => a - b,
            Operator::Multiply => a * b,
            Operator::Divide => a / b,
        };
        if value.is_finite() {
            return Some(Number::Float(value));
        }
        return fail(code::ARITHMETIC, span, format!("{a:?} {} {b:?} is not finite", operator.symbol()), sink);
    };
    if operator == Operator::Divide
        && let Some(remainder @ (1.. | ..=-1)) = a.checked_rem(b)
    {
        let message = format!("{a} / {b} leaves a remainder of {remainder}");
        sink.push(
            Diagnostic::error(code::UNEVEN_DIVISION, span, message)
                .note("integers must divide without a remainder; write a float to divide floats"),
        );
        return None;
    }
    let value = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => a.checked_div(b),
    };
    match value {
        Some(value) => Some(Number::Integer(value)),
        None if b == 0 && operator == Operator::Divide => {
            fail(code::ARITHMETIC, span, format!("{a} is divided by zero"), sink)
        }
        None => {
            let message = format!("{a} {} {b} does not fit in 64 bits", operator.symbol());
            fail(code::NUMBER_TOO_LARGE, span, message, sink)
        }
    }
}

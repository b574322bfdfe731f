//! The context of resolution: the names of numbers in scope, and where mistakes are reported.

use super::constants::{Constants, LARGEST_SIZE, Number};
use crate::ast::{Expr, ExprKind, Operator};
use crate::diagnostic::{Code, Diagnostic, Edit, Near, Sink, code, nearest};
use crate::span::Span;
use crate::syntax::grouped;

/// Evaluates the numbers of a spec and collects mistakes.
pub struct Context<'s> {
    /// The names of numbers: those of the network, and within a block its parameters.
    pub constants: Constants,
    /// Where mistakes are reported.
    pub sink: &'s mut Sink,
}

impl<'s> Context<'s> {
    /// Before any constant is known.
    pub fn new(sink: &'s mut Sink) -> Self {
        Self { constants: Constants::default(), sink }
    }
}

impl Context<'_> {
    /// Reports a mistake.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.sink.push(diagnostic);
    }

    fn fail<T>(&mut self, code: Code, span: Span, message: String) -> Option<T> {
        self.push(Diagnostic::error(code, span, message));
        None
    }

    /// The value of an expression; `what` names what it is for.
    pub fn number(&mut self, expr: &Expr, what: &str) -> Option<Number> {
        match &expr.kind {
            ExprKind::Integer(integer) => match i64::try_from(*integer) {
                Ok(integer) => Some(Number::Integer(integer)),
                Err(_) => self.fail(code::NUMBER_TOO_LARGE, expr.span, format!("{integer} is too large")),
            },
            ExprKind::Float(float) => Some(Number::Float(*float)),
            ExprKind::Negative(inner) => match self.number(inner, what)? {
                Number::Integer(integer) => match integer.checked_neg() {
                    Some(negative) => Some(Number::Integer(negative)),
                    None => {
                        self.fail(code::NUMBER_TOO_LARGE, expr.span, format!("-({integer}) does not fit in 64 bits"))
                    }
                },
                Number::Float(float) => Some(Number::Float(-float)),
            },
            ExprKind::Binary { operator, left, right } => {
                let (left, right) = (self.number(left, what), self.number(right, what));
                self.compute(*operator, left?, right?, expr.span)
            }
            ExprKind::Call(call) if call.arguments.is_empty() => match self.constants.get(&call.name.text) {
                Some(number) => *number,
                None => self.unknown(&call.name.text, expr.span, what),
            },
            ExprKind::Text(text) if text.parse::<f64>().is_ok() => {
                let diagnostic = Diagnostic::error(code::WRONG_KIND, expr.span, format!("{what} must be a number"));
                self.push(diagnostic.suggest("write it without quotes", expr.span, text));
                None
            }
            ExprKind::Call(_) | ExprKind::Bool(_) | ExprKind::Text(_) | ExprKind::List(_) => {
                self.fail(code::WRONG_KIND, expr.span, format!("{what} must be a number"))
            }
        }
    }

    fn unknown(&mut self, name: &str, span: Span, what: &str) -> Option<Number> {
        if let Some(place) = self.constants.declared(name) {
            let message = format!("the constant `{name}` is used before it is defined");
            self.push(
                Diagnostic::error(code::UNKNOWN_CONST, span, message)
                    .label(place, "defined here")
                    .note("a constant can only use constants defined above it"),
            );
            return None;
        }
        if self.constants.may_be_lost(name) {
            return None;
        }
        let message = format!("{what} must be a number, but there is no constant `{name}`");
        let near = if self.sink.is_full() { None } else { nearest(name, self.constants.names()) };
        let diagnostic = Diagnostic::error(code::UNKNOWN_CONST, span, message);
        self.push(diagnostic.mean("a constant with a similar name", span, near.map(Near::guessed)));
        None
    }

    /// An integer from 1 to [`LARGEST_SIZE`].
    pub fn size(&mut self, expr: &Expr, what: &str) -> Option<usize> {
        self.integer(expr, what, 1)
    }

    /// An integer from `least` to [`LARGEST_SIZE`].
    pub fn integer(&mut self, expr: &Expr, what: &str, least: usize) -> Option<usize> {
        let number = self.number(expr, what)?;
        let message = match number {
            Number::Integer(integer) if integer > LARGEST_SIZE => {
                let message = format!("{what} must be at most {LARGEST_SIZE}, but it is {integer}");
                return self.fail(code::TOO_LARGE, expr.span, message);
            }
            Number::Integer(integer) => match usize::try_from(integer) {
                Ok(integer) if integer >= least => return Some(integer),
                _ => format!("{what} must be at least {least}, but it is {integer}"),
            },
            Number::Float(float) => {
                self.push(not_an_integer(float, expr, what));
                return None;
            }
        };
        self.fail(code::OUT_OF_RANGE, expr.span, message)
    }

    fn compute(&mut self, operator: Operator, left: Number, right: Number, span: Span) -> Option<Number> {
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
            return self.fail(code::ARITHMETIC, span, format!("{a:?} {} {b:?} is not finite", operator.symbol()));
        };
        if operator == Operator::Divide
            && let Some(remainder @ (1.. | ..=-1)) = a.checked_rem(b)
        {
            let message = format!("{a} / {b} leaves a remainder of {remainder}");
            self.push(
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
                self.fail(code::ARITHMETIC, span, format!("{a} is divided by zero"))
            }
            None => {
                let message = format!("{a} {} {b} does not fit in 64 bits", operator.symbol());
                self.fail(code::NUMBER_TOO_LARGE, span, message)
            }
        }
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

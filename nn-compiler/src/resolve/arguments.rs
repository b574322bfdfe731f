//! Arguments: what a call may take, and the binding of what was written to it.

use super::constants::{Constants, Number};
use super::{foreign, names};
use crate::ast::{Call, Expr, ExprKind, Name};
use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Near, Sink, nearest};
use crate::layers::Init;
use crate::span::Span;

/// One argument that a call may take.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// What it is where nothing is written.
    pub default: Fallback,
    /// One line for people.
    pub doc: &'static str,
}

/// What values an argument takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// An integer from 1 on.
    Size,
    /// A number within these bounds, both included.
    Number {
        /// The least.
        least: f64,
        /// The greatest.
        greatest: f64,
    },
    /// A finite number above zero.
    Positive,
    /// A number from 0 up to, but not including, 1.
    Share,
    /// A number between 0 and 1, neither included.
    Fraction,
    /// An integer from 0 on.
    Count,
    /// Epochs, from 1 on.
    Epochs,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An initialiser.
    Init,
    /// A list of sizes.
    Shape,
    /// A list of numbers, 0 or more.
    Weights,
    /// An integer from `least` on; where there are two dimensions, also one for height and one for width.
    Extent {
        /// How many integers may be written.
        dimensions: usize,
        /// The least of each.
        least: usize,
    },
    /// Such an extent from 0 on, or `same`.
    Padding {
        /// How many integers may be written.
        dimensions: usize,
    },
}

/// What an argument is where nothing is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fallback {
    /// It must be written.
    Required,
    /// It is absent.
    Absent,
    /// A number.
    Number(f64),
    /// A flag.
    Flag(bool),
    /// A word.
    Word(&'static str),
    /// An initialiser.
    Init(Init),
}

impl Parameter {
    const fn new(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self { name, kind, default: Fallback::Required, doc }
    }

    /// An integer from 1 on.
    pub const fn size(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Size, doc)
    }

    /// A number within bounds.
    pub const fn number(name: &'static str, least: f64, greatest: f64, doc: &'static str) -> Self {
        Self::new(name, Kind::Number { least, greatest }, doc)
    }

    /// A finite number above zero.
    pub const fn positive(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Positive, doc)
    }

    /// A number from 0 up to 1, 1 not included.
    pub const fn share(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Share, doc)
    }

    /// A number between 0 and 1, neither included.
    pub const fn fraction(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Fraction, doc)
    }

    /// Epochs, from 1 on.
    pub const fn epochs(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Epochs, doc)
    }

    /// An integer from 0 on.
    pub const fn count(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Count, doc)
    }

    /// `true` or `false`.
    pub const fn flag(name: &'static str, default: bool, doc: &'static str) -> Self {
        Self { default: Fallback::Flag(default), ..Self::new(name, Kind::Flag, doc) }
    }

    /// One of some words.
    pub const fn word(name: &'static str, words: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, Kind::Word(words), doc)
    }

    /// An initialiser.
    pub const fn init(name: &'static str, default: Init, doc: &'static str) -> Self {
        Self { default: Fallback::Init(default), ..Self::new(name, Kind::Init, doc) }
    }

    /// A list of sizes.
    pub const fn shape(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Shape, doc)
    }

    /// An extent in one dimension or two, or a padding.
    pub const fn extent(name: &'static str, kind: Kind, doc: &'static str) -> Self {
        Self::new(name, kind, doc)
    }

    /// A list of numbers, 0 or more.
    pub const fn weights(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, Kind::Weights, doc)
    }

    /// With a number where nothing is written.
    pub const fn default_number(self, default: f64) -> Self {
        Self { default: Fallback::Number(default), ..self }
    }

    /// With a word where nothing is written.
    pub const fn default_word(self, default: &'static str) -> Self {
        Self { default: Fallback::Word(default), ..self }
    }

    /// A value that it could have.
    fn example(&self) -> &'static str {
        match self.kind {
            Kind::Size | Kind::Count => "32",
            Kind::Epochs => "5",
            Kind::Number { .. } | Kind::Positive | Kind::Share | Kind::Fraction => "0.5",
            Kind::Flag => "true",
            Kind::Word(words) => words[0],
            Kind::Init => "auto",
            Kind::Shape => "[8, 8]",
            Kind::Weights => "[1.0, 2.0]",
            Kind::Extent { .. } => "3",
            Kind::Padding { .. } => "1",
        }
    }

    /// Absent where nothing is written.
    pub const fn optional(self) -> Self {
        Self { default: Fallback::Absent, ..self }
    }
}

/// The checked value of an argument.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(f64),
    Size(usize),
    Flag(bool),
    Word(&'static str),
    Init(Init),
    Shape(Vec<usize>),
    Weights(Vec<f64>, Span),
    Extent([usize; 2]),
}

/// Checked arguments: one value for every parameter that is not absent.
#[derive(Clone, Debug, Default)]
pub struct Bound {
    values: Vec<(&'static str, Value)>,
}

impl Bound {
    fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(bound, _)| *bound == name).map(|(_, value)| value)
    }

    /// A number, if it is given.
    pub fn optional_number(&self, name: &str) -> Option<f64> {
        match self.get(name) {
            Some(Value::Number(number)) => Some(*number),
            Some(Value::Size(size)) => Some(*size as f64),
            _ => None,
        }
    }

    /// A number that has a default or is required.
    pub fn number(&self, name: &str) -> f64 {
        self.optional_number(name).unwrap_or_default()
    }

    /// A size that has a default or is required.
    pub fn size(&self, name: &str) -> usize {
        match self.get(name) {
            Some(Value::Size(size)) => *size,
            Some(Value::Number(number)) => *number as usize,
            _ => 0,
        }
    }

    /// A flag.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Flag(true)))
    }

    /// A word.
    pub fn word(&self, name: &str) -> &'static str {
        match self.get(name) {
            Some(Value::Word(word)) => word,
            _ => "",
        }
    }

    /// An initialiser.
    pub fn initialiser(&self, name: &str) -> Init {
        match self.get(name) {
            Some(Value::Init(init)) => *init,
            _ => Init::Auto,
        }
    }

    /// Height and width, where they are not a word.
    pub fn extent(&self, name: &str) -> Option<[usize; 2]> {
        match self.get(name) {
            Some(Value::Extent(extent)) => Some(*extent),
            Some(Value::Number(both)) => Some([*both as usize; 2]),
            _ => None,
        }
    }

    /// A list of weights with its place, if it is given.
    pub fn weights(&self, name: &str) -> Option<(Vec<f64>, Span)> {
        match self.get(name) {
            Some(Value::Weights(weights, span)) => Some((weights.clone(), *span)),
            _ => None,
        }
    }

    /// A list of sizes.
    pub fn sizes(&self, name: &str) -> Vec<usize> {
        match self.get(name) {
            Some(Value::Shape(shape)) => shape.clone(),
            _ => Vec::new(),
        }
    }
}

/// What a [`Kind::Share`] is, in words.
pub const SHARE: &str = "at least 0 and below 1";

/// Binds what a call wrote to what it may take; `None` where there was a mistake.
pub fn bind(call: &Call, parameters: &'static [Parameter], constants: &Constants, sink: &mut Sink) -> Option<Bound> {
    let mut bound = Bound::default();
    let mut written: Vec<(&'static str, Span)> = Vec::new();
    let mut sound = true;
    for (position, argument) in call.arguments.iter().enumerate() {
        let Some(parameter) = parameter_of(call, position, parameters, constants, sink) else {
            sound = false;
            continue;
        };
        if let Some((_, first)) = written.iter().find(|(name, _)| *name == parameter.name) {
            let message = format!("`{}` gets `{}` twice", call.name.text, parameter.name);
            sink.push(
                Diagnostic::error(code::DOUBLED_ARGUMENT, argument.span, message)
                    .caption("remove one of them")
                    .label(*first, "first here"),
            );
            sound = false;
            continue;
        }
        written.push((parameter.name, argument.span));
        match value(parameter, &call.name.text, &argument.value, constants, sink) {
            Some(value) => bound.values.push((parameter.name, value)),
            None => sound = false,
        }
    }
    let absent = |parameter: &&Parameter| !written.iter().any(|(name, _)| *name == parameter.name);
    let lacking: Vec<&Parameter> =
        parameters.iter().filter(absent).filter(|parameter| parameter.default == Fallback::Required).collect();
    if sound && !lacking.is_empty() {
        sink.push(missing(call, &lacking));
        sound = false;
    }
    for parameter in parameters.iter().filter(absent) {
        match parameter.default {
            Fallback::Required | Fallback::Absent => {}
            Fallback::Number(number) => bound.values.push((parameter.name, Value::Number(number))),
            Fallback::Flag(flag) => bound.values.push((parameter.name, Value::Flag(flag))),
            Fallback::Word(word) => bound.values.push((parameter.name, Value::Word(word))),
            Fallback::Init(init) => bound.values.push((parameter.name, Value::Init(init))),
        }
    }
    sound.then_some(bound)
}

fn missing(call: &Call, lacking: &[&Parameter]) -> Diagnostic {
    let needed: Vec<String> =
        lacking.iter().map(|parameter| format!("`{}`: {}", parameter.name, parameter.doc)).collect();
    let message = format!("`{}` needs {}", call.name.text, needed.join(", and "));
    let diagnostic = Diagnostic::error(code::MISSING_ARGUMENT, call.span, message);
    if !call.arguments.is_empty() {
        return diagnostic;
    }
    let example = |(place, parameter): (usize, &&Parameter)| match place {
        0 => parameter.example().to_owned(),
        _ => format!("{}: {}", parameter.name, parameter.example()),
    };
    let examples: Vec<String> = lacking.iter().enumerate().map(example).collect();
    diagnostic.suggest("for example", call.span, format!("{}({})", call.name.text, examples.join(", ")))
}

/// The parameter that an argument is meant for.
fn parameter_of(
    call: &Call,
    position: usize,
    parameters: &'static [Parameter],
    constants: &Constants,
    sink: &mut Sink,
) -> Option<&'static Parameter> {
    let (layer, argument) = (&call.name.text, &call.arguments[position]);
    let Some(name) = &argument.name else {
        if let Some(foreign) = foreign::position(call, position, parameters, constants) {
            sink.push(foreign);
            return None;
        }
        if position >= parameters.len() {
            let message = match parameters.len() {
                0 => format!("`{layer}` takes no arguments"),
                1 => format!("`{layer}` takes one argument"),
                count => format!("`{layer}` takes at most {count} arguments"),
            };
            sink.push(Diagnostic::error(code::SURPLUS_ARGUMENT, argument.span, message).caption("remove this"));
        }
        return parameters.get(position);
    };
    let name_of = |wanted: &str| parameters.iter().find(|parameter| parameter.name == wanted);
    name_of(&name.text).or_else(|| {
        if let Some(foreign) = foreign::argument(call, position, parameters) {
            sink.push(foreign);
            return None;
        }
        unknown(layer, name, parameters, sink).and_then(name_of)
    })
}

/// Reports an argument that does not exist; what its name surely means.
fn unknown(layer: &str, name: &Name, parameters: &[Parameter], sink: &mut Sink) -> Option<&'static str> {
    let known: Vec<&'static str> = parameters.iter().map(|parameter| parameter.name).collect();
    let elsewhere = foreign::NAMES.iter().find(|(other, ours)| *other == name.text && known.contains(ours));
    let near = match elsewhere {
        Some((other, ours)) => Some(Near { is_certain: !foreign::is_similar(other), ..Near::certain(ours) }),
        None => nearest(&name.text, known.iter().copied()),
    };
    let message = format!("`{layer}` has no argument `{}`", name.text);
    let diagnostic = Diagnostic::error(code::UNKNOWN_ARGUMENT, name.span, message);
    let diagnostic = match near {
        Some(near) => diagnostic.mean(format!("it is called `{}`", near.name), name.span, Some(near)),
        None => diagnostic,
    };
    let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    sink.push(match listed.is_empty() {
        true => diagnostic.note(format!("`{layer}` takes no arguments")),
        false => diagnostic.note(format!("`{layer}` takes {}", listed.join(", "))),
    });
    near.filter(|near| near.is_alone).map(|near| near.name)
}

/// Checks the value of an argument against its kind.
fn value(parameter: &Parameter, layer: &str, expr: &Expr, constants: &Constants, sink: &mut Sink) -> Option<Value> {
    let what = format!("`{}` of `{layer}`", parameter.name);
    match parameter.kind {
        Kind::Size | Kind::Epochs => constants.size(expr, &what, sink).map(Value::Size),
        Kind::Number { least, greatest } => {
            let range = match (least, greatest) {
                (f64::NEG_INFINITY, _) => "a number".to_owned(),
                (least, f64::INFINITY) => format!("{least} or more"),
                (least, greatest) => format!("from {least} to {greatest}"),
            };
            let fits = |number: f64| number >= least && number <= greatest;
            number(expr, constants, &what, &range, fits, sink).map(Value::Number)
        }
        Kind::Positive => number(expr, constants, &what, "above 0", |number| number > 0.0, sink).map(Value::Number),
        Kind::Share => {
            let fits = |number: f64| (0.0..1.0).contains(&number);
            number(expr, constants, &what, SHARE, fits, sink).map(Value::Number)
        }
        Kind::Fraction => {
            let fits = |number: f64| number > 0.0 && number < 1.0;
            number(expr, constants, &what, "above 0 and below 1", fits, sink).map(Value::Number)
        }
        Kind::Count => constants.integer(expr, &what, 0, sink).map(Value::Size),
        Kind::Flag => match &expr.kind {
            ExprKind::Bool(flag) => Some(Value::Flag(*flag)),
            _ => flag(expr, &what, sink),
        },
        Kind::Word(words) => word(expr, words, &what, sink).map(Value::Word),
        Kind::Init => initialiser(expr, &what, constants, sink).map(Value::Init),
        Kind::Shape => sizes(expr, &what, constants, sink).map(Value::Shape),
        Kind::Weights => weights(expr, &what, constants, sink).map(|weights| Value::Weights(weights, expr.span)),
        Kind::Extent { dimensions, least } => {
            extent(expr, &what, dimensions, least, constants, sink).map(Value::Extent)
        }
        Kind::Padding { dimensions } => match &expr.kind {
            ExprKind::Call(call) if call.arguments.is_empty() && !constants.contains(&call.name.text) => {
                padding(expr, &call.name.text, &what, sink)
            }
            ExprKind::Text(text) if text == "valid" => padding(expr, text, &what, sink),
            ExprKind::Text(_) => wrong(expr, &what, "a number or `same`", sink),
            _ => extent(expr, &what, dimensions, 0, constants, sink).map(Value::Extent),
        },
    }
}

/// The word `same`, which alone may stand for a padding.
fn padding(expr: &Expr, word: &str, what: &str, sink: &mut Sink) -> Option<Value> {
    if word == "same" {
        return Some(Value::Word("same"));
    }
    let diagnostic = Diagnostic::error(code::WRONG_KIND, expr.span, format!("{what} must be a number or `same`"));
    sink.push(match word {
        "valid" => diagnostic.mend("no padding is", expr.span, "0"),
        _ => diagnostic.mean("a similar word", expr.span, nearest(word, ["same"])),
    });
    None
}

/// An integer for all dimensions, or a list of one for each.
fn extent(
    expr: &Expr,
    what: &str,
    dimensions: usize,
    least: usize,
    constants: &Constants,
    sink: &mut Sink,
) -> Option<[usize; 2]> {
    let ExprKind::List(items) = &expr.kind else {
        return constants.integer(expr, what, least, sink).map(|both| [both; 2]);
    };
    match &items[..] {
        [height, width] if dimensions == 2 => {
            let [height, width] = [height, width].map(|item| constants.integer(item, what, least, sink));
            Some([height?, width?])
        }
        _ if dimensions == 2 => wrong(expr, what, "one integer, or two: `[height, width]`", sink),
        _ => wrong(expr, what, "an integer", sink),
    }
}

/// `True` and `False` of Python.
fn flag(expr: &Expr, what: &str, sink: &mut Sink) -> Option<Value> {
    let plain = names::word(expr).map(str::to_ascii_lowercase);
    let Some(plain @ ("true" | "false")) = plain.as_deref() else {
        return wrong(expr, what, "`true` or `false`", sink);
    };
    let message = format!("{what} must be `true` or `false`");
    sink.push(Diagnostic::error(code::WRONG_KIND, expr.span, message).mend("write it in lower case", expr.span, plain));
    None
}

fn wrong<T>(expr: &Expr, what: &str, wanted: &str, sink: &mut Sink) -> Option<T> {
    let message = format!("{what} must be {wanted}");
    let diagnostic = Diagnostic::error(code::WRONG_KIND, expr.span, message);
    sink.push(match &expr.kind {
        ExprKind::Text(text) if names::is_word(text) => diagnostic.mend("write it without quotes", expr.span, text),
        _ => diagnostic,
    });
    None
}

/// A number for which `fits` holds; `range` says which those are.
pub fn number(
    expr: &Expr,
    constants: &Constants,
    what: &str,
    range: &str,
    fits: impl Fn(f64) -> bool,
    sink: &mut Sink,
) -> Option<f64> {
    let number = constants.number(expr, what, sink)?.as_f64();
    let single = f64::from(number as f32);
    let diagnostic = if !fits(number) {
        let message = format!("{what} must be {range}, but it is {}", Number::shown(number));
        Diagnostic::error(code::OUT_OF_RANGE, expr.span, message)
    } else if !single.is_finite() || !fits(single) {
        let message = format!("{what} is {}, but in 32 bits that is {single}", Number::shown(number));
        Diagnostic::error(code::OUT_OF_RANGE, expr.span, message).note("networks compute in 32-bit floats")
    } else {
        return Some(number);
    };
    sink.push(diagnostic);
    None
}

/// One of some words.
pub fn word(expr: &Expr, words: &'static [&'static str], what: &str, sink: &mut Sink) -> Option<&'static str> {
    let wanted = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or ");
    let ExprKind::Call(call) = &expr.kind else {
        return wrong(expr, what, &wanted, sink);
    };
    let found = words.iter().find(|word| **word == call.name.text && call.arguments.is_empty());
    if found.is_none() {
        let near = names::meant(&call.name.text, words.iter().copied());
        let diagnostic = Diagnostic::error(code::WRONG_KIND, expr.span, format!("{what} must be {wanted}"));
        sink.push(diagnostic.mean("a similar word", expr.span, near));
    }
    found.copied()
}

/// A list of numbers that are 0 or more, at least one.
fn weights(expr: &Expr, what: &str, constants: &Constants, sink: &mut Sink) -> Option<Vec<f64>> {
    let ExprKind::List(items) = &expr.kind else {
        return wrong(expr, what, "a list of numbers such as `[1.0, 2.0]`", sink);
    };
    let weight = |item| number(item, constants, "a weight", "0 or more", |number| number >= 0.0, sink);
    let weights: Vec<Option<f64>> = items.iter().map(weight).collect();
    weights.into_iter().collect()
}

/// A list of sizes, at least one.
pub fn sizes(expr: &Expr, what: &str, constants: &Constants, sink: &mut Sink) -> Option<Vec<usize>> {
    match &expr.kind {
        ExprKind::List(items) if !items.is_empty() => {
            let size = |item: &Expr| match &item.kind {
                ExprKind::Negative(inner) if matches!(inner.kind, ExprKind::Integer(1)) => {
                    let message = format!("{what} names every size, and -1 is none");
                    let note = "write the number; `flatten` makes one dimension of all";
                    sink.push(Diagnostic::error(code::OUT_OF_RANGE, item.span, message).note(note));
                    None
                }
                _ => constants.size(item, what, sink),
            };
            let sizes: Vec<Option<usize>> = items.iter().map(size).collect();
            sizes.into_iter().collect()
        }
        _ => wrong(expr, what, "a list of sizes such as `[8, 8]`", sink),
    }
}

fn initialiser(expr: &Expr, what: &str, constants: &Constants, sink: &mut Sink) -> Option<Init> {
    let ExprKind::Call(call) = &expr.kind else {
        return wrong(expr, what, "an initialiser such as `he_normal`", sink);
    };
    let known = Init::PLAIN.iter().map(|(name, _)| *name).chain(Init::WITH_ARGUMENT.iter().map(|(name, _)| *name));
    let written = names::look_up(&names::INITIALISERS, &call.name.text, call.name.span, known, sink)?;
    if let Some((_, init)) = Init::PLAIN.iter().find(|(name, _)| *name == written) {
        return match call.arguments.first() {
            None => Some(*init),
            Some(argument) => {
                let message = format!("`{}` takes no arguments", call.name.text);
                sink.push(Diagnostic::error(code::SURPLUS_ARGUMENT, argument.span, message));
                None
            }
        };
    }
    if let Some((name, make)) = Init::WITH_ARGUMENT.iter().find(|(name, _)| *name == written) {
        const STD: &[Parameter] = &[Parameter::positive("std", "the standard deviation")];
        const A: &[Parameter] = &[Parameter::positive("a", "the bound")];
        const C: &[Parameter] = &[Parameter::number("c", f64::NEG_INFINITY, f64::INFINITY, "the value")];
        let parameters = match *name {
            "normal" => STD,
            "uniform" => A,
            _ => C,
        };
        return bind(&call.renamed(name), parameters, constants, sink)
            .map(|bound| make(bound.number(parameters[0].name)));
    }
    None
}

impl Number {
    /// A number for people: `1e300` where it is far from 1.
    pub fn shown(number: f64) -> String {
        let far = number != 0.0 && !(1e-6..1e9).contains(&number.abs());
        if far { format!("{number:e}") } else { number.to_string() }
    }

    /// As a float.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }
}

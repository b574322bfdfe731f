//! Arguments: what was written is bound to the signature.

use super::constants::Number;
use super::context::Context;
use super::{foreign, names};
use crate::ast::{Call, Expr, ExprKind, Name};
use crate::diagnostic::{Diagnostic, Near, code, nearest};
use crate::signature::{ArgumentKind, ArgumentSpec, Bound, BoundValue, Fallback};
use crate::span::Span;
use crate::vocabulary::Init;

/// The range of an [`ArgumentKind::Share`], in words.
pub const SHARE: &str = "at least 0 and below 1";

/// Binds the arguments of a call to its signature; `None` if there was a mistake.
pub fn bind(call: &Call, takes: &'static [ArgumentSpec], context: &mut Context) -> Option<Bound> {
    let mut bound = Bound::default();
    let mut written: Vec<(&'static str, Span)> = Vec::new();
    let mut sound = true;
    for (position, argument) in call.arguments.iter().enumerate() {
        let Some(spec) = spec_of(call, position, takes, context) else {
            sound = false;
            continue;
        };
        if let Some((_, first)) = written.iter().find(|(name, _)| *name == spec.name) {
            let message = format!("`{}` gets `{}` twice", call.name.text, spec.name);
            context.push(
                Diagnostic::error(code::DOUBLED_ARGUMENT, argument.span, message)
                    .caption("remove one of them")
                    .label(*first, "first here"),
            );
            sound = false;
            continue;
        }
        written.push((spec.name, argument.span));
        match value(spec, &call.name.text, &argument.value, context) {
            Some(value) => bound.insert(spec.name, value),
            None => sound = false,
        }
    }
    let absent = |spec: &&ArgumentSpec| !written.iter().any(|(name, _)| *name == spec.name);
    let lacking: Vec<&ArgumentSpec> =
        takes.iter().filter(absent).filter(|spec| spec.default == Fallback::Required).collect();
    if sound && !lacking.is_empty() {
        context.push(missing(call, &lacking));
        sound = false;
    }
    for spec in takes.iter().filter(absent) {
        match spec.default {
            Fallback::Required | Fallback::Absent => {}
            Fallback::Number(number) => bound.insert(spec.name, BoundValue::Number(number)),
            Fallback::Flag(flag) => bound.insert(spec.name, BoundValue::Flag(flag)),
            Fallback::Word(word) => bound.insert(spec.name, BoundValue::Word(word)),
            Fallback::Init(init) => bound.insert(spec.name, BoundValue::Init(init)),
        }
    }
    sound.then_some(bound)
}

fn missing(call: &Call, lacking: &[&ArgumentSpec]) -> Diagnostic {
    let needed: Vec<String> = lacking.iter().map(|spec| format!("`{}`: {}", spec.name, spec.doc)).collect();
    let message = format!("`{}` needs {}", call.name.text, needed.join(", and "));
    let diagnostic = Diagnostic::error(code::MISSING_ARGUMENT, call.span, message);
    if !call.arguments.is_empty() {
        return diagnostic;
    }
    let example = |(place, spec): (usize, &&ArgumentSpec)| match place {
        0 => spec.example().to_owned(),
        _ => format!("{}: {}", spec.name, spec.example()),
    };
    let examples: Vec<String> = lacking.iter().enumerate().map(example).collect();
    diagnostic.suggest("for example", call.span, format!("{}({})", call.name.text, examples.join(", ")))
}

/// The argument of the signature that a written one belongs to.
fn spec_of(
    call: &Call,
    position: usize,
    takes: &'static [ArgumentSpec],
    context: &mut Context,
) -> Option<&'static ArgumentSpec> {
    let (layer, argument) = (&call.name.text, &call.arguments[position]);
    let Some(name) = &argument.name else {
        if let Some(foreign) = foreign::position(call, position, takes, &context.constants) {
            context.push(foreign);
            return None;
        }
        if position >= takes.len() {
            let message = match takes.len() {
                0 => format!("`{layer}` takes no arguments"),
                1 => format!("`{layer}` takes one argument"),
                count => format!("`{layer}` takes at most {count} arguments"),
            };
            context.push(Diagnostic::error(code::SURPLUS_ARGUMENT, argument.span, message).caption("remove this"));
        }
        return takes.get(position);
    };
    let name_of = |wanted: &str| takes.iter().find(|spec| spec.name == wanted);
    name_of(&name.text).or_else(|| {
        if let Some(foreign) = foreign::argument(call, position, takes) {
            context.push(foreign);
            return None;
        }
        unknown(layer, name, takes, context).and_then(name_of)
    })
}

/// Reports an argument that does not exist; returns what its name certainly means.
fn unknown(layer: &str, name: &Name, takes: &[ArgumentSpec], context: &mut Context) -> Option<&'static str> {
    let known: Vec<&'static str> = takes.iter().map(|spec| spec.name).collect();
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
    context.push(match listed.is_empty() {
        true => diagnostic.note(format!("`{layer}` takes no arguments")),
        false => diagnostic.note(format!("`{layer}` takes {}", listed.join(", "))),
    });
    near.filter(|near| near.is_alone).map(|near| near.name)
}

/// Checks the value of an argument against its kind.
fn value(spec: &ArgumentSpec, layer: &str, expr: &Expr, context: &mut Context) -> Option<BoundValue> {
    let what = format!("`{}` of `{layer}`", spec.name);
    match spec.kind {
        ArgumentKind::Size | ArgumentKind::Epochs => context.size(expr, &what).map(BoundValue::Size),
        ArgumentKind::Number { least, greatest } => {
            let range = match (least, greatest) {
                (f64::NEG_INFINITY, _) => "a number".to_owned(),
                (least, f64::INFINITY) => format!("at least {least}"),
                (least, greatest) => format!("from {least} to {greatest}"),
            };
            let fits = |number: f64| number >= least && number <= greatest;
            number(expr, &what, &range, fits, context).map(BoundValue::Number)
        }
        ArgumentKind::Positive => {
            number(expr, &what, "above 0", |number| number > 0.0, context).map(BoundValue::Number)
        }
        ArgumentKind::Share => {
            let fits = |number: f64| (0.0..1.0).contains(&number);
            number(expr, &what, SHARE, fits, context).map(BoundValue::Number)
        }
        ArgumentKind::Fraction => {
            let fits = |number: f64| number > 0.0 && number < 1.0;
            number(expr, &what, "above 0 and below 1", fits, context).map(BoundValue::Number)
        }
        ArgumentKind::Count => context.integer(expr, &what, 0).map(BoundValue::Size),
        ArgumentKind::Flag => match expr.flag() {
            Some(flag) => Some(BoundValue::Flag(flag)),
            None => python_flag(expr, &what, context),
        },
        ArgumentKind::Word(words) => word(expr, words, &what, context).map(BoundValue::Word),
        ArgumentKind::Init => initialiser(expr, &what, context).map(BoundValue::Init),
        ArgumentKind::Shape => sizes(expr, &what, context).map(BoundValue::Shape),
        ArgumentKind::Weights => weights(expr, &what, context).map(|weights| BoundValue::Weights(weights, expr.span)),
        ArgumentKind::Extent { dimensions, least } => {
            extent(expr, &what, dimensions, least, context).map(BoundValue::Extent)
        }
        ArgumentKind::Padding { dimensions } => match (expr.word(), expr.text()) {
            (Some(word), _) if !context.constants.contains(word) => padding(expr, word, &what, context),
            (_, Some("valid")) => padding(expr, "valid", &what, context),
            (_, Some(_)) => wrong(expr, &what, "a number or `same`", context),
            (_, None) => extent(expr, &what, dimensions, 0, context).map(BoundValue::Extent),
        },
    }
}

/// The word `same`, the only one that is a padding.
fn padding(expr: &Expr, word: &str, what: &str, context: &mut Context) -> Option<BoundValue> {
    if word == "same" {
        return Some(BoundValue::Word("same"));
    }
    let diagnostic = Diagnostic::error(code::WRONG_KIND, expr.span, format!("{what} must be a number or `same`"));
    context.push(match word {
        "valid" => diagnostic.mend("for no padding, write", expr.span, "0"),
        _ => diagnostic.mean("a similar word", expr.span, nearest(word, ["same"])),
    });
    None
}

/// An integer for all dimensions, or a list of one for each.
fn extent(expr: &Expr, what: &str, dimensions: usize, least: usize, context: &mut Context) -> Option<[usize; 2]> {
    let ExprKind::List(items) = &expr.kind else {
        return context.integer(expr, what, least).map(|both| [both; 2]);
    };
    match &items[..] {
        [height, width] if dimensions == 2 => {
            let [height, width] = [height, width].map(|item| context.integer(item, what, least));
            Some([height?, width?])
        }
        _ if dimensions == 2 => wrong(expr, what, "one integer, or two: `[height, width]`", context),
        _ => wrong(expr, what, "an integer", context),
    }
}

/// `True` and `False` of Python.
fn python_flag(expr: &Expr, what: &str, context: &mut Context) -> Option<BoundValue> {
    let plain = expr.word().map(str::to_ascii_lowercase);
    let Some(plain @ ("true" | "false")) = plain.as_deref() else {
        return wrong(expr, what, "`true` or `false`", context);
    };
    let message = format!("{what} must be `true` or `false`");
    context.push(Diagnostic::error(code::WRONG_KIND, expr.span, message).mend(
        "write it in lowercase",
        expr.span,
        plain,
    ));
    None
}

fn wrong<T>(expr: &Expr, what: &str, wanted: &str, context: &mut Context) -> Option<T> {
    let message = format!("{what} must be {wanted}");
    let diagnostic = Diagnostic::error(code::WRONG_KIND, expr.span, message);
    context.push(match expr.text().filter(|text| names::is_word(text)) {
        Some(text) => diagnostic.mend("write it without quotes", expr.span, text),
        None => diagnostic,
    });
    None
}

/// A number for which `fits` holds; `range` describes these numbers.
pub fn number(expr: &Expr, what: &str, range: &str, fits: impl Fn(f64) -> bool, context: &mut Context) -> Option<f64> {
    let number = context.number(expr, what)?.as_f64();
    let single = f64::from(number as f32);
    let diagnostic = if !fits(number) {
        let message = format!("{what} must be {range}, but it is {}", Number::shown(number));
        Diagnostic::error(code::OUT_OF_RANGE, expr.span, message)
    } else if !single.is_finite() || !fits(single) {
        let message = format!("{what} is {}, but as a 32-bit float it is {single}", Number::shown(number));
        Diagnostic::error(code::OUT_OF_RANGE, expr.span, message).note("networks compute in 32-bit floats")
    } else {
        return Some(number);
    };
    context.push(diagnostic);
    None
}

/// One of some words.
pub fn word(expr: &Expr, words: &'static [&'static str], what: &str, context: &mut Context) -> Option<&'static str> {
    let listed: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    let wanted = if words.len() > 2 { format!("one of {}", listed.join(", ")) } else { listed.join(" or ") };
    let ExprKind::Call(call) = &expr.kind else {
        return wrong(expr, what, &wanted, context);
    };
    let found = words.iter().find(|word| **word == call.name.text && call.arguments.is_empty());
    if found.is_none() {
        let near = names::meant(&call.name.text, words.iter().copied());
        let diagnostic = Diagnostic::error(code::WRONG_KIND, expr.span, format!("{what} must be {wanted}"));
        context.push(diagnostic.mean("a similar word", expr.span, near));
    }
    found.copied()
}

/// A list of numbers that are 0 or more, at least one.
fn weights(expr: &Expr, what: &str, context: &mut Context) -> Option<Vec<f64>> {
    let ExprKind::List(items) = &expr.kind else {
        return wrong(expr, what, "a list of numbers such as `[1.0, 2.0]`", context);
    };
    let weight = |item| number(item, "a weight", "at least 0", |number| number >= 0.0, context);
    let weights: Vec<Option<f64>> = items.iter().map(weight).collect();
    weights.into_iter().collect()
}

/// A list of sizes, at least one.
pub fn sizes(expr: &Expr, what: &str, context: &mut Context) -> Option<Vec<usize>> {
    let Some(items) = expr.list().filter(|items| !items.is_empty()) else {
        return wrong(expr, what, "a list of sizes such as `[8, 8]`", context);
    };
    let size = |item: &Expr| {
        if item.is_integer(-1) {
            let message = format!("{what} must name every size, and -1 is not a size");
            let note = "write the number, or use `flatten` to merge all dimensions into one";
            context.push(Diagnostic::error(code::OUT_OF_RANGE, item.span, message).note(note));
            return None;
        }
        context.size(item, what)
    };
    let sizes: Vec<Option<usize>> = items.iter().map(size).collect();
    sizes.into_iter().collect()
}

fn initialiser(expr: &Expr, what: &str, context: &mut Context) -> Option<Init> {
    let ExprKind::Call(call) = &expr.kind else {
        return wrong(expr, what, "an initialiser such as `he_normal`", context);
    };
    let known = Init::PLAIN.iter().map(|(name, _)| *name).chain(Init::WITH_ARGUMENT.iter().map(|(name, _)| *name));
    let written = names::look_up(&names::INITIALISERS, &call.name.text, call.name.span, known, context)?;
    if let Some((_, init)) = Init::PLAIN.iter().find(|(name, _)| *name == written) {
        return match call.arguments.first() {
            None => Some(*init),
            Some(argument) => {
                let message = format!("`{}` takes no arguments", call.name.text);
                context.push(Diagnostic::error(code::SURPLUS_ARGUMENT, argument.span, message));
                None
            }
        };
    }
    if let Some((name, make)) = Init::WITH_ARGUMENT.iter().find(|(name, _)| *name == written) {
        const STD: &[ArgumentSpec] = &[ArgumentSpec::positive("std", "the standard deviation")];
        const A: &[ArgumentSpec] = &[ArgumentSpec::positive("a", "the bound")];
        const C: &[ArgumentSpec] = &[ArgumentSpec::number("c", f64::NEG_INFINITY, f64::INFINITY, "the value")];
        let takes = match *name {
            "normal" => STD,
            "uniform" => A,
            _ => C,
        };
        return bind(&call.renamed(name), takes, context).map(|bound| make(bound.number(takes[0].name)));
    }
    None
}

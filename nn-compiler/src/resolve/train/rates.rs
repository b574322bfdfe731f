//! `lr: trunk * 0.1;`: values whose learning rate is the optimizer's times a factor.

use crate::ast::{Expr, Form, SettingValue};
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Model, Node, Rate};
use crate::resolve::arguments;
use crate::resolve::constants::Constants;
use crate::resolve::context::Context;
use crate::resolve::graph::Graph;
use crate::resolve::lost::Binds;
use crate::resolve::names;

/// How a rate is written.
const FORM: &str = "the learning rate of a value is written `lr: trunk * 0.1;`, that of several \
                    `lr: [trunk * 0.1, head * 2];`";

/// Whether `lr` names values: otherwise it is the argument of the optimizer, in the wrong place.
pub fn are_written(value: &SettingValue, constants: &Constants) -> bool {
    match value {
        SettingValue::Arguments(_) => false,
        SettingValue::Value(value) => value.list().is_some() || named(value, constants).is_some(),
    }
}

/// The name of the value, and the factor if there is one.
fn named<'e>(item: &'e Expr, constants: &Constants) -> Option<(&'e Expr, Option<&'e Expr>)> {
    let is_name =
        |expr: &&Expr| expr.word().is_some_and(|word| !constants.contains(word) && constants.declared(word).is_none());
    match item.product() {
        None => Some((item, None)).filter(|(item, _)| is_name(item)),
        Some((left, right)) if is_name(&left) => Some((left, Some(right))),
        Some((left, right)) => Some((right, Some(left))).filter(|(right, _)| is_name(right)),
    }
}

/// Resolves `lr`, if it is written, and gives the values their rates.
pub fn rates(value: Option<&Expr>, model: &mut Model, graph: &Graph, context: &mut Context) -> Option<Vec<Rate>> {
    let (mut rates, mut is_sound) = (Vec::<Rate>::new(), true);
    for item in value.map(Expr::one_or_list).unwrap_or_default() {
        let Some(rate) = rate(item, graph, context) else {
            is_sound = false;
            continue;
        };
        if let Some(first) = rates.iter().find(|other| other.value == rate.value) {
            let message = format!("`{}` has two learning rates", rate.value);
            context.push(Diagnostic::error(code::DOUBLED_SETTING, rate.span, message).label(first.span, "first here"));
            is_sound = false;
            continue;
        }
        is_sound &= give(&rate, rates.len(), model, graph, context);
        rates.push(rate);
    }
    is_sound.then_some(rates)
}

/// One value with its factor.
fn rate(item: &Expr, graph: &Graph, context: &mut Context) -> Option<Rate> {
    let (name, factor) = match named(item, &context.constants) {
        Some((name, Some(factor))) => (name, factor),
        Some((_, None)) | None => {
            context.push(Diagnostic::error(code::WRONG_KIND, item.span, FORM));
            return None;
        }
    };
    let what = "the factor of a learning rate";
    let place = factor.span;
    let factor = arguments::number(factor, what, "0 or more", |factor| factor >= 0.0, context);
    if let Some(small) = factor.filter(|factor| *factor > 0.0 && *factor as f32 == 0.0) {
        let message = format!("{what} is {small:e}, but as a 32-bit float it is 0");
        context
            .push(Diagnostic::error(code::OUT_OF_RANGE, place, message).note("write 0 for a value that starts frozen"));
        return None;
    }
    let word = name.word()?;
    if graph.is_block(word) {
        let message = format!("`{word}` is a block; give a learning rate to a value that uses it instead");
        context.push(Diagnostic::error(code::UNKNOWN_VALUE, name.span, message));
        return None;
    }
    if graph.made_by(word).is_none() && graph.lost().may_bind(word, Binds::Value) {
        return None;
    }
    let known = graph.names().chain(graph.lost().names());
    let value = names::look_up(&names::VALUES, word, name.span, known, context)?.to_owned();
    Some(Rate { value, factor: factor?, span: item.span })
}

/// Gives the rate to the layers of the value's statement; returns whether that is sound.
fn give(rate: &Rate, index: usize, model: &mut Model, graph: &Graph, context: &mut Context) -> bool {
    let Some(made) = graph.made_by(&rate.value) else { return false };
    let values = &mut model.values[made];
    let holds_parameters = values.iter().any(|value| match &value.node {
        Node::Layer { layer, .. } => layer.rule().has_parameters(),
        Node::Input { .. } | Node::Merge { .. } => false,
    });
    let name = &rate.value;
    if !holds_parameters {
        let message = format!("no layer of `{name}` has parameters that could learn");
        let note = "`lr` covers the layers in the statement of a value, not those of the values that it uses";
        context.push(Diagnostic::error(code::RATE_OF_NOTHING, rate.span, message).note(note));
        return false;
    }
    // Where a `freeze` has a syntax error, all values count as frozen.
    if values.iter().any(|value| value.is_frozen) && !graph.lost().may_be(Form::Freeze) {
        let message = format!("`{name}` is frozen, so it has no learning rate");
        let note =
            format!("remove `freeze {name};` and write `lr: {name} * 0;` for a value that can be unfrozen later");
        context.push(Diagnostic::error(code::RATE_OF_NOTHING, rate.span, message).note(note));
        return false;
    }
    values.iter_mut().for_each(|value| value.rate = Some(index));
    true
}

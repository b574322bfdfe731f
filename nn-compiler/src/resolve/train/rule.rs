//! `rule: perceptron(lr)`: loss and update in one.

use super::settings::TrainSettings;
use crate::ast::Setting;
use crate::diagnostic::{Diagnostic, code};
use crate::layers::Layer;
use crate::model::{Loss, LossTerm, Model, Node, Optimizer, ValueId};
use crate::resolve::arguments;
use crate::resolve::context::Context;
use crate::resolve::graph::Graph;
use crate::signature::ArgumentSpec;
use crate::vocabulary::Activation;

/// `rule: perceptron(lr)`: the loss is the error, the update is Rosenblatt's.
pub fn perceptron(
    rule: &Setting,
    settings: &TrainSettings,
    model: &Model,
    graph: &Graph,
    context: &mut Context,
) -> (Option<Vec<LossTerm>>, Option<Optimizer>) {
    for name in ["loss", "optimizer", "regularizer"] {
        if let Some(setting) = settings.get(name) {
            let message =
                format!("`rule` and `{name}` cannot be combined: a rule defines both the loss and the update");
            context.push(
                Diagnostic::error(code::CONTRADICTION, setting.span, message)
                    .label(rule.name.span, "`rule` is set here"),
            );
        }
    }
    for (name, reason) in [
        ("clip_norm", "a rule has no gradients to clip"),
        ("accumulate", "a rule updates after each example"),
        ("lr", "the only layer has the learning rate of the rule"),
    ] {
        if let Some(setting) = settings.get(name) {
            let message = format!("`rule` and `{name}` cannot be combined: {reason}");
            context.push(
                Diagnostic::error(code::CONTRADICTION, setting.span, message)
                    .label(rule.name.span, "`rule` is set here"),
            );
        }
    }
    const PERCEPTRON: &[ArgumentSpec] = &[ArgumentSpec::positive("lr", "the learning rate").default_number(0.1)];
    let optimizer = settings.value("rule", context).and_then(|value| match value.call() {
        Some(call) if call.name.text == "perceptron" => {
            arguments::bind(call, PERCEPTRON, context).map(|bound| Optimizer::Perceptron { lr: bound.number("lr") })
        }
        Some(_) | None => {
            let message = "the only rule is `perceptron(lr: 0.1)`";
            context.push(Diagnostic::error(code::UNKNOWN_OPTIMIZER, value.span, message));
            None
        }
    });
    // A value that is not known may contain the required layers.
    let output = if graph.is_sound() { perceptron_output(rule, model, context) } else { None };
    let losses = output.map(|output| {
        vec![LossTerm { weight: 1.0, loss: Loss::Perceptron, class_weights: None, output, target: 0, span: rule.span }]
    });
    (losses, optimizer)
}

/// The output of a network that the perceptron rule can train: one dense layer, then `step`.
fn perceptron_output(rule: &Setting, model: &Model, context: &mut Context) -> Option<ValueId> {
    let layer = |id: ValueId| match &model.value(id).node {
        Node::Layer { layer, input } => Some((layer, *input)),
        Node::Input { .. } | Node::Merge { .. } => None,
    };
    let learning = model.values.iter().filter(|value| match &value.node {
        Node::Layer { layer, .. } => layer.rule().learns(),
        Node::Input { .. } | Node::Merge { .. } => false,
    });
    if let [output] = model.outputs[..]
        && let Some((Layer::Activation(Activation::Step), before)) = layer(output)
        && let Some((Layer::Dense(_), _)) = layer(before)
        && learning.count() == 1
    {
        return Some(output);
    }
    let message = "the perceptron rule trains a single `dense` layer followed by `step`";
    let mut diagnostic = Diagnostic::error(code::PERCEPTRON_SHAPE, rule.span, message);
    for output in &model.outputs {
        diagnostic = diagnostic.label(model.value(*output).span, "the output ends here");
    }
    context.push(diagnostic.note("write `output y = x -> dense(1) -> step;`, or train with `loss` and `optimizer`"));
    None
}

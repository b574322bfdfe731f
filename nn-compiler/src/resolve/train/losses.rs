//! `loss: …`: what is computed from which output.

use crate::ast::{Call, Expr, Form};
use crate::diagnostic::{Diagnostic, code};
use crate::layers::Effect;
use crate::model::{ClassWeights, Loss, LossTerm, Model, Node, Target, ValueId};
use crate::resolve::arguments;
use crate::resolve::context::Context;
use crate::resolve::graph::Graph;
use crate::resolve::lost::Binds;
use crate::resolve::names;
use crate::signature::{ArgumentSpec, Bound, LayerKind};
use crate::span::Span;
use crate::vocabulary::Activation;

/// The loss: a sum of weighted terms.
pub fn losses(value: &Expr, model: &Model, graph: &Graph, context: &mut Context) -> Option<Vec<LossTerm>> {
    let found: Vec<_> = value.terms().into_iter().map(|term| loss_term(term, model, graph, context)).collect();
    found.into_iter().collect()
}

/// What the terms compare their outputs with: one target for each output, in the order of the output statements.
pub fn targets(
    mut losses: Vec<LossTerm>,
    model: &Model,
    context: &mut Context,
) -> Option<(Vec<LossTerm>, Vec<Target>)> {
    let mut targets = Vec::new();
    for (index, output) in model.outputs.iter().enumerate() {
        let of_output = |term: &&LossTerm| term.target == index;
        let Some(first) = losses.iter().find(of_output) else { continue };
        let is_class = first.loss.wants_classes();
        if let Some(other) = losses.iter().filter(of_output).find(|term| term.loss.wants_classes() != is_class) {
            let (classes, numbers) = if is_class { (first, other) } else { (other, first) };
            let name = &model.output_names[index];
            let message = format!(
                "the targets of `{name}` are classes for `{}`, but numbers for `{}`",
                classes.loss.name(),
                numbers.loss.name()
            );
            context.push(
                Diagnostic::error(code::CONTRADICTION, other.span, message)
                    .label(first.span, "the first loss of this output")
                    .note("an output has one target: keep one of the two losses, or define a second output"),
            );
            return None;
        }
        targets.push(Target { index, output: *output, is_class });
    }
    for term in &mut losses {
        term.target = targets.iter().position(|target| target.index == term.target)?;
    }
    Some((losses, targets))
}

fn loss_term(expr: &Expr, model: &Model, graph: &Graph, context: &mut Context) -> Option<LossTerm> {
    let (factor, term) = expr.product().map_or((None, expr), |(factor, term)| (Some(factor), term));
    let Some(call) = names::call(term, context) else { return not_a_loss(expr.span, context) };
    let fits = |weight: f64| weight > 0.0;
    let weight = match factor {
        Some(factor) => arguments::number(factor, "the weight of a loss", "above 0", fits, context)?,
        None => 1.0,
    };
    let (index, rest) = output_of(&call, model, graph, context);
    let loss = loss(&rest, context);
    let (index, (loss, class_weights)) = (index?, loss?);
    let output = model.outputs[index];
    check_last_layer(loss, &call, model, output, context);
    // An index of `outputs`, until all terms are known.
    Some(LossTerm { weight, loss, class_weights, output, target: index, span: expr.span })
}

fn not_a_loss<T>(span: Span, context: &mut Context) -> Option<T> {
    context.push(Diagnostic::error(code::WRONG_KIND, span, "a loss is a name such as `mse`, or a number times a name"));
    None
}

/// The index of the output that a loss names (the only one, if it names none), and the call without it.
fn output_of(call: &Call, model: &Model, graph: &Graph, context: &mut Context) -> (Option<usize>, Call) {
    let mut rest = call.clone();
    let first = rest.arguments.first().filter(|argument| argument.name.is_none());
    if let Some((argument, word)) = first.and_then(|argument| Some((argument, argument.value.word()?)))
        && !context.constants.contains(word)
    {
        let known = graph.output_names();
        // An output without a value has its own error; a missing output is reported only once.
        let is_known = known.contains(&word);
        let name = match known[..] {
            [] => None,
            _ if !is_known && may_be_lost(word, graph) => None,
            _ => names::look_up(&names::OUTPUTS, word, argument.span, known.iter().copied(), context),
        };
        rest.arguments.remove(0);
        return (name.and_then(|name| model.output_names.iter().position(|output| output == name)), rest);
    }
    if graph.has_one_output() {
        return (model.outputs.first().map(|_| 0), rest);
    }
    if graph.is_sound() {
        let example = graph.output_names().first().map_or(String::new(), |name| format!("{}({name})", call.name.text));
        let message = format!(
            "the network has {} outputs; say which one `{}` is computed from",
            model.outputs.len(),
            call.name.text
        );
        context.push(Diagnostic::error(code::MISSING_ARGUMENT, call.span, message).suggest(
            "for example",
            call.name.span,
            example,
        ));
    }
    (None, rest)
}

/// Whether a statement with a syntax error may have made this an output: by its name, or as the word `output` before a
/// value that was read without it.
fn may_be_lost(word: &str, graph: &Graph) -> bool {
    let lost = graph.lost();
    lost.may_bind(word, Binds::Value) || graph.made_by(word).is_some() && lost.may_be(Form::Output)
}

fn loss(call: &Call, context: &mut Context) -> Option<(Loss, Option<ClassWeights>)> {
    const NONE: &[ArgumentSpec] = &[];
    const HUBER: &[ArgumentSpec] =
        &[ArgumentSpec::positive("delta", "the error at which the loss changes from square to linear")
            .default_number(1.0)];
    const SMOOTHING: ArgumentSpec =
        ArgumentSpec::share("label_smoothing", "the share of a label that is spread evenly over all classes")
            .default_number(0.0);
    const CROSS_ENTROPY: &[ArgumentSpec] =
        &[SMOOTHING, ArgumentSpec::weights("class_weights", "the weight of the rows of each class").optional()];
    const BINARY: &[ArgumentSpec] = &[
        SMOOTHING,
        ArgumentSpec::positive("positive_weight", "the weight of a target of 1 relative to one of 0")
            .default_number(1.0),
    ];
    const LOSSES: &[&str] = &["cross_entropy", "binary_cross_entropy", "mse", "squared_error", "mae", "huber"];
    let name = names::look_up(&names::LOSSES, &call.name.text, call.name.span, LOSSES.iter().copied(), context)?;
    if let Some(target) = call.arguments.first().filter(|first| first.name.is_none() && first.value.word().is_some()) {
        let message = format!("`{name}` compares an output with the targets of the data, not with another value");
        let diagnostic = Diagnostic::error(code::SURPLUS_ARGUMENT, target.span, message);
        context.push(diagnostic.note("targets are columns of the csv file, or the numbers after `=>` in a row"));
        return None;
    }
    let (takes, make): (_, fn(&Bound) -> Loss) = match name {
        "cross_entropy" => {
            (CROSS_ENTROPY, |bound| Loss::CrossEntropy { label_smoothing: bound.number("label_smoothing") })
        }
        "binary_cross_entropy" => (BINARY, |bound| Loss::BinaryCrossEntropy {
            label_smoothing: bound.number("label_smoothing"),
            positive_weight: bound.number("positive_weight"),
        }),
        "mse" => (NONE, |_| Loss::Mse),
        "squared_error" => (NONE, |_| Loss::SquaredError),
        "mae" => (NONE, |_| Loss::Mae),
        _ => (HUBER, |bound| Loss::Huber { delta: bound.number("delta") }),
    };
    let bound = arguments::bind(&call.renamed(name), takes, context)?;
    let class_weights = bound.weights("class_weights").map(|(weights, span)| ClassWeights { weights, span });
    Some((make(&bound), class_weights))
}

/// A loss computed from logits needs their activation last; a gradient cannot pass a step.
fn check_last_layer(loss: Loss, call: &Call, model: &Model, output: ValueId, context: &mut Context) {
    let value = model.value(output);
    let last = match &value.node {
        Node::Layer { layer, .. } => Some(layer.rule()),
        Node::Input { .. } | Node::Merge { .. } => None,
    };
    let effect = last.map(|last| last.effect());
    if effect == Some(Effect::Bends(Activation::Step)) {
        let message = format!("`{}` needs a gradient, but `step` has none: it is flat everywhere", loss.name());
        context.push(
            Diagnostic::error(code::STEP_HAS_NO_GRADIENT, call.span, message)
                .label(value.span, "the gradient ends here")
                .note("train one layer with `rule: perceptron(lr: 0.1);`, or end the output in `sigmoid`"),
        );
        return;
    }
    let (wanted, needed) = match loss {
        Loss::CrossEntropy { .. } => ("softmax", Effect::Shares { in_logarithms: false }),
        Loss::BinaryCrossEntropy { .. } => ("sigmoid", Effect::Bends(Activation::Sigmoid)),
        Loss::Mse | Loss::SquaredError | Loss::Mae | Loss::Huber { .. } | Loss::Perceptron => return,
    };
    if effect == Some(needed) {
        return;
    }
    let message = format!("`{}` needs an output that ends in `{wanted}`", loss.name());
    let diagnostic =
        Diagnostic::error(code::LOSS_NEEDS_ACTIVATION, call.span, message).label(value.span, "the output ends here");
    let replaced = match last.map(|last| last.kind() == LayerKind::Activation && !last.has_parameters()) {
        Some(true) => value.span,
        Some(false) | None => value.span.after(),
    };
    let text = if replaced.start == replaced.end { format!(" -> {wanted}") } else { wanted.to_owned() };
    context.push(diagnostic.suggest(format!("end the output in `{wanted}`"), replaced, text));
}

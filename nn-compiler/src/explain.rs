//! What `nn explain` prints: the network with every default written out.

use std::fmt::Write;

use crate::model::{Batch, DataSource, Loss, Model, Node, Optimizer};
use crate::pipeline::Compiled;

/// Every value and setting, defaults resolved.
pub fn explain(compiled: &Compiled) -> String {
    let Compiled { model, shapes, .. } = compiled;
    let mut text = format!("network {}\n\n", model.name);
    for id in model.ids() {
        let value = model.value(id);
        let line = match &value.node {
            Node::Input { .. } => "input".to_owned(),
            Node::Layer { layer, .. } => call(layer.rule().name(), &layer.rule().arguments()),
            Node::Merge { merge, inputs } => {
                let names: Vec<&str> = inputs.iter().map(|input| model.value(*input).label.as_str()).collect();
                format!("{}({})", merge.name(), names.join(", "))
            }
        };
        let frozen = if value.is_frozen { ", frozen" } else { "" };
        let _ = writeln!(text, "  {:<14} {line}{frozen}  → {}", value.label, shapes.of(id));
    }
    train(model, &mut text);
    data(model, &mut text);
    text
}

fn call(name: &str, arguments: &[(&'static str, String)]) -> String {
    if arguments.is_empty() {
        return name.to_owned();
    }
    let arguments: Vec<String> = arguments.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{name}({})", arguments.join(", "))
}

fn train(model: &Model, text: &mut String) {
    let Some(train) = &model.train else {
        text.push_str("\nno `train`: inference only\n");
        return;
    };
    text.push_str("\ntrain\n");
    for term in &train.losses {
        let output = model.output_name(&train.targets[term.target]);
        let weight = if term.weight == 1.0 { String::new() } else { format!("{:?} * ", term.weight) };
        let _ = writeln!(text, "  loss            {weight}{}({output}): {}", term.loss.name(), loss(term.loss));
    }
    let _ = writeln!(text, "  optimizer       {}", optimizer(train.optimizer));
    let metrics: Vec<&str> = train.metrics.iter().map(|measure| measure.name.as_str()).collect();
    let _ = writeln!(text, "  metrics         [{}]", metrics.join(", "));
    match train.batch {
        Batch::All => text.push_str("  batch           all\n"),
        Batch::Rows(rows) => {
            let _ = writeln!(text, "  batch           {rows}");
        }
    }
    let _ = writeln!(text, "  epochs          {}\n  seed            {}", train.epochs, train.seed);
    match &train.early_stopping {
        None => text.push_str("  early_stopping  none\n"),
        Some(stopping) => {
            let _ = writeln!(
                text,
                "  early_stopping  monitor: {}, patience: {}, min_delta: {:?}",
                stopping.monitor, stopping.patience, stopping.min_delta
            );
        }
    }
}

/// The definition of a loss.
fn loss(loss: Loss) -> String {
    match loss {
        Loss::CrossEntropy => "-ln ŷ[class], mean over the batch, from the logits".to_owned(),
        Loss::BinaryCrossEntropy => {
            "-[y·ln ŷ + (1-y)·ln(1-ŷ)], mean over batch and outputs, from the logits".to_owned()
        }
        Loss::Mse => "mean over batch and outputs of (ŷ - y)²".to_owned(),
        Loss::SquaredError => "mean over the batch of the sum over outputs of (ŷ - y)²".to_owned(),
        Loss::Mae => "mean over batch and outputs of |ŷ - y|".to_owned(),
        Loss::Huber { delta } => format!("mean over batch and outputs of the Huber loss, delta {delta:?}"),
        Loss::Perceptron => "mean over batch and outputs of |ŷ - y|, the share of wrong answers".to_owned(),
    }
}

/// An optimizer with all of its arguments.
pub(crate) fn optimizer(optimizer: Optimizer) -> String {
    match optimizer {
        Optimizer::Sgd { lr, momentum, nesterov, weight_decay } => {
            format!("sgd(lr: {lr:?}, momentum: {momentum:?}, nesterov: {nesterov}, weight_decay: {weight_decay:?})")
        }
        Optimizer::RmsProp { lr, rho, eps } => format!("rmsprop(lr: {lr:?}, rho: {rho:?}, eps: {eps:?})"),
        Optimizer::Adam { lr, beta1, beta2, eps } => {
            format!("adam(lr: {lr:?}, beta1: {beta1:?}, beta2: {beta2:?}, eps: {eps:?})")
        }
        Optimizer::AdamW { lr, beta1, beta2, eps, weight_decay } => {
            format!(
                "adamw(lr: {lr:?}, beta1: {beta1:?}, beta2: {beta2:?}, eps: {eps:?}, weight_decay: {weight_decay:?})"
            )
        }
        Optimizer::Adagrad { lr, eps } => format!("adagrad(lr: {lr:?}, eps: {eps:?})"),
        Optimizer::Perceptron { lr } => format!("perceptron(lr: {lr:?})"),
    }
}

fn data(model: &Model, text: &mut String) {
    let Some(data) = &model.data else { return };
    text.push_str("\ndata\n");
    match &data.source {
        DataSource::Inline(rows) => {
            let _ = writeln!(text, "  rows            {}", rows.len());
        }
        DataSource::Csv { path, target, columns, one_hot, drop_missing, .. } => {
            let columns = columns.as_ref().map_or("all but the target".to_owned(), |columns| columns.join(", "));
            let missing = if *drop_missing { "drop" } else { "error" };
            let _ = writeln!(text, "  csv             {path:?}\n  target          {}", target.join(", "));
            let _ = writeln!(text, "  columns         {columns}\n  one_hot         [{}]", one_hot.join(", "));
            let _ = writeln!(text, "  missing         {missing}");
        }
    }
    let _ = writeln!(text, "  validation      {:?}", data.validation);
}

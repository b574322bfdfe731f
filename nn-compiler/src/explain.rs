//! The output of `nn explain`: the network with every default written out.

use std::fmt::Write;

use crate::compiled::Compiled;
use crate::diagnostic::counted;
use crate::model::{
    ArrayFormat, Arrays, BatchSize, DataSource, Images, Loss, Model, Node, Optimizer, Schedule, Train, Validation,
};

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
    if !train.has_loss() {
        text.push_str("  loss            none: a program brings the gradients of the outputs\n");
    }
    for term in &train.losses {
        let output = model.output_name(&train.targets[term.target]);
        let weight = if term.weight == 1.0 { String::new() } else { format!("{:?} * ", term.weight) };
        let weights = term.class_weights.as_ref();
        let weights = weights.map_or(String::new(), |weights| format!(", class_weights {:?}", weights.weights));
        let (name, definition) = (term.loss.name(), loss(term.loss));
        let _ = writeln!(text, "  loss            {weight}{name}({output}): {definition}{weights}");
    }
    let _ = writeln!(text, "  optimizer       {}", optimizer(train.optimizer));
    for rate in &train.rates {
        let frozen = if rate.factor == 0.0 { ", frozen at the start" } else { "" };
        let _ = writeln!(text, "  lr of {:<10}the optimizer's · {:?}{frozen}", rate.value, rate.factor);
    }
    if train.has_loss() {
        let metrics: Vec<&str> = train.metrics.iter().map(|measure| measure.name.as_str()).collect();
        let _ = writeln!(text, "  metrics         [{}]", metrics.join(", "));
    }
    let batch = match train.batch {
        BatchSize::All => "all".to_owned(),
        BatchSize::Rows(rows) if train.has_loss() => rows.to_string(),
        BatchSize::Rows(rows) => format!("at most {} forward at once", counted(rows, "row")),
    };
    let _ = writeln!(text, "  batch           {batch}");
    if train.has_loss() {
        let _ = writeln!(text, "  accumulate      {}\n  epochs          {}", accumulate(train), train.epochs);
    }
    let _ = writeln!(text, "  seed            {}\n  schedule        {}", train.seed, schedule(train));
    let clip_norm = train.clip_norm.map_or("none".to_owned(), |norm| {
        format!("{norm:?}: all gradients times min(1, {norm:?} / (their L2 norm + 1e-6)), penalties included")
    });
    let _ = writeln!(text, "  clip_norm       {clip_norm}");
    if train.has_loss() {
        early_stopping(train, text);
    }
}

fn early_stopping(train: &Train, text: &mut String) {
    let Some(stopping) = &train.early_stopping else {
        text.push_str("  early_stopping  none\n");
        return;
    };
    let (monitor, patience, least) = (train.monitor_name(stopping.monitor), stopping.patience, stopping.min_delta);
    let _ = writeln!(text, "  early_stopping  monitor: {monitor}, patience: {patience}, min_delta: {least:?}");
}

fn accumulate(train: &Train) -> String {
    match (train.accumulate, train.batch) {
        (2.., BatchSize::Rows(rows)) => {
            format!("{0}: one update for every {0} batches, {1} rows", train.accumulate, train.accumulate * rows)
        }
        _ => "1: one update for every batch".to_owned(),
    }
}

/// A schedule with all of its arguments, and the learning rate of step t, counted from 0, of T.
fn schedule(train: &Train) -> String {
    let lr = train.optimizer.learning_rate();
    match train.schedule {
        Schedule::Constant => format!("constant: {lr:?}"),
        Schedule::Step { every, factor } => {
            format!(
                "step(every: {every}, factor: {factor:?}): {lr:?}, times {factor:?} after every {}",
                counted(every, "epoch")
            )
        }
        Schedule::Exponential { rate } => {
            format!("exponential(rate: {rate:?}): {lr:?}, times {rate:?} after every epoch")
        }
        Schedule::Linear { to, over } => {
            format!(
                "linear(to: {to:?}, over: {over}): from {lr:?} to {to:?} within {}, changed every step",
                counted(over, "epoch")
            )
        }
        Schedule::Cosine { warmup: 0 } => format!("cosine(warmup: 0): {lr:?}·(1 + cos(π·t/T))/2, t of T steps"),
        Schedule::Cosine { warmup } => format!(
            "cosine(warmup: {warmup}): {lr:?}·t/{warmup} for {warmup} steps, then \
             {lr:?}·(1 + cos(π·(t - {warmup})/(T - {warmup})))/2, t of T steps"
        ),
        Schedule::OneCycle { max_lr } => format!(
            "one_cycle(max_lr: {max_lr:?}): from {:?} to {max_lr:?} in the first 30 % of all steps, then to {:?}",
            max_lr / 25.0,
            max_lr / 25.0 / 1e4
        ),
    }
}

/// The definition of a loss.
fn loss(loss: Loss) -> String {
    match loss {
        Loss::CrossEntropy { label_smoothing } => {
            format!("-ln ŷ[class], mean over the batch, from the logits; label_smoothing {label_smoothing:?}")
        }
        Loss::BinaryCrossEntropy { label_smoothing, positive_weight } => format!(
            "-[y·ln ŷ + (1-y)·ln(1-ŷ)], mean over batch and outputs, from the logits; \
             label_smoothing {label_smoothing:?}, positive_weight {positive_weight:?}"
        ),
        Loss::Mse => "mean over batch and outputs of (ŷ - y)²".to_owned(),
        Loss::SquaredError => "mean over the batch of the sum over outputs of (ŷ - y)²".to_owned(),
        Loss::Mae => "mean over batch and outputs of |ŷ - y|".to_owned(),
        Loss::Huber { delta } => format!("mean over batch and outputs of the Huber loss, delta {delta:?}"),
        Loss::Perceptron => "mean over batch and outputs of |ŷ - y|, the share of wrong predictions".to_owned(),
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
        DataSource::Csv {
            path,
            target,
            weights,
            columns,
            one_hot,
            offsets,
            drop_missing,
            missing_words,
            delimiter,
            ..
        } => {
            let others = if weights.is_some() { "all but the target and the weights" } else { "all but the target" };
            let columns = columns.as_ref().map_or(others.to_owned(), |columns| columns.join(", "));
            let missing = if *drop_missing { "drop" } else { "error" };
            let _ = writeln!(text, "  csv             {path:?}\n  target          {}", target.join(", "));
            if let Some((column, _)) = weights {
                let _ =
                    writeln!(text, "  weights         {column}: each row's loss times its number, divided by the rows");
            }
            let _ = writeln!(text, "  columns         {columns}\n  one_hot         [{}]", one_hot.join(", "));
            if !offsets.is_empty() {
                let offsets = offsets.iter().map(|offset| format!("{}: {:?}", offset.column, offset.number));
                let _ = writeln!(text, "  offset          {}", offsets.collect::<Vec<_>>().join(", "));
            }
            let _ = writeln!(text, "  missing         {missing}");
            if let Some(words) = missing_words {
                let _ = writeln!(text, "  missing_words   {words:?}");
            }
            if *delimiter != ',' {
                let _ = writeln!(text, "  delimiter       {:?}", delimiter.to_string());
            }
        }
        DataSource::Arrays(Arrays { format, pair }) => match format {
            ArrayFormat::Idx | ArrayFormat::Npy => {
                let _ = writeln!(text, "  {:<16}{:?}\n  target          {:?}", format.name(), pair.inputs, pair.target);
            }
            ArrayFormat::Npz { path } => {
                let _ = writeln!(text, "  npz             {path:?}\n  inputs          {}", pair.inputs);
                let _ = writeln!(text, "  target          {}", pair.target);
            }
        },
        DataSource::Images(Images { path, resize, .. }) => {
            let _ = writeln!(text, "  images          {path:?}\n  resize          {resize}");
        }
    }
    if let Some(folder) = &data.folder {
        let _ = writeln!(text, "  folder          {folder:?}");
    }
    let _ = match &data.validation {
        Validation::Share(share) => writeln!(text, "  validation      {share:?}"),
        Validation::File(path) => writeln!(text, "  validation      {path:?}"),
        Validation::Arrays(pair) => writeln!(text, "  validation      [{:?}, {:?}]", pair.inputs, pair.target),
    };
    if !data.augment.is_empty() {
        let augment: Vec<String> = data.augment.iter().map(|augmentation| augmentation.kind.to_string()).collect();
        let _ = writeln!(text, "  augment         [{}]", augment.join(", "));
    }
}

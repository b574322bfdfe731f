//! The table of a network: its layers, and what they cost.

use crate::batching::chunk;
use crate::compiled::Compiled;
use crate::costs::{NUMBER, macs, params};
use crate::labels::label;
use crate::model::{BatchSize, Model, Node};
use crate::peak::peak;
use crate::plan::{Plan, Tensor};

/// The table of `nn summary` and `Network::SUMMARY`.
pub fn table(compiled: &Compiled) -> String {
    let Compiled { model, shapes, tensors, costs, .. } = compiled;
    let mut rows = vec![["Layer", "Output shape", "Params", "MACs"].map(str::to_owned)];
    for id in model.ids() {
        let value = model.value(id);
        let kind = match &value.node {
            Node::Input { .. } => "input",
            Node::Layer { layer, .. } => layer.rule().name(),
            Node::Merge { merge, .. } => merge.name(),
        };
        let (numbers, macs) = (grouped(params(model, shapes, id) as u64), grouped(macs(model, shapes, id)));
        let frozen = if value.is_frozen && params(model, shapes, id) > 0 { ", frozen" } else { "" };
        rows.push([format!("{} ({kind}{frozen})", value.label), shapes.of(id).to_string(), numbers, macs]);
    }
    let mut text = format!("Network {}\n{}", model.name, aligned(&rows));
    let learning: usize = tensors.all.iter().filter(|tensor| tensor.learns()).map(Tensor::len).sum();
    text.push_str(&format!("Trainable params: {}\n", grouped(learning as u64)));
    if learning < costs.params {
        text.push_str(&format!("Frozen params: {}\n", grouped((costs.params - learning) as u64)));
    }
    if costs.statistics > 0 {
        text.push_str(&format!("Statistics: {}\n", grouped(costs.statistics as u64)));
    }
    text.push_str(&format!("MACs for one row: {}\n", grouped(costs.macs)));
    text.push_str(&format!("Memory at inference: {}\n", bytes(costs.memory)));
    text.push_str(&activations(model, &compiled.inference, 1));
    text.push_str(&format!("Stack at inference: at most {}\n", bytes(costs.stack.bytes)));
    if let Some(memory) = costs.training_memory {
        let batch = match model.train.as_ref().map(|train| train.batch) {
            Some(BatchSize::Rows(rows)) => format!("batch {rows}"),
            Some(BatchSize::All) | None => format!("chunks of {}", chunk(model)),
        };
        text.push_str(&format!("Memory in training: {} ({batch})\n", bytes(memory)));
    }
    if let Some(plans) = &compiled.training {
        let rows = chunk(model);
        let larger = plans.step.iter().find(|step| step.scratch(rows) >= plans.training.scratch(rows));
        text.push_str(&activations(model, larger.unwrap_or(&plans.training), rows));
    }
    if let Some(stack) = costs.training_stack {
        text.push_str(&format!("Stack in training: at most {}\n", bytes(stack.bytes)));
    }
    text
}

/// How much of the memory is activations, and during which step most of them are needed; nothing where there are none.
fn activations(model: &Model, plan: &Plan, rows: usize) -> String {
    let Some(peak) = peak(plan, rows) else { return String::new() };
    let (all, most) = (bytes(NUMBER * plan.scratch(rows)), bytes(NUMBER * peak.numbers));
    let step = &plan.steps[peak.step];
    let is_backward = peak.step >= plan.forward && !step.origin.measures();
    let pass = if is_backward { "backward pass of " } else { "" };
    format!("  activations: {all}; peak: {most}, {pass}{}\n", label(model, step.origin))
}

/// Columns of equal width between rules; numbers are right-aligned.
fn aligned(rows: &[[String; 4]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [0, 1, 2, 3].map(width);
    let rule = "─".repeat(widths.iter().sum::<usize>() + 6);
    let mut text = format!("{rule}\n");
    for (index, row) in rows.iter().enumerate() {
        let [layer, shape, params, macs] = row;
        let [a, b, c, d] = widths;
        text.push_str(format!("{layer:<a$}  {shape:<b$}  {params:>c$}  {macs:>d$}").trim_end());
        text.push('\n');
        if index == 0 || index + 1 == rows.len() {
            text.push_str(&format!("{rule}\n"));
        }
    }
    text
}

/// `12_345` as `12,345`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `12.3 KiB (12,595 bytes)`.
fn bytes(number: usize) -> String {
    let exact = format!("{} bytes", grouped(number as u64));
    match number {
        0..1024 => exact,
        1024..1_048_576 => format!("{:.1} KiB ({exact})", number as f64 / 1024.0),
        _ => format!("{:.1} MiB ({exact})", number as f64 / 1_048_576.0),
    }
}

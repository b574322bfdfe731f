//! The documentation of a network's type: what goes in and out, its tensors, its table.

use crate::compiled::Compiled;
use crate::model::ValueId;
use crate::plan::{Tensor, TensorKind};
use crate::summary;

/// The lines that follow what the author wrote.
pub fn lines(compiled: &Compiled) -> Vec<String> {
    let model = &compiled.model;
    let mut text = String::from("\n# Shapes\n\n| value | shape |\n| --- | --- |\n");
    let row = |kind: &str, name: &str, id: ValueId| format!("| {kind} `{name}` | `{}` |\n", compiled.shapes.of(id));
    text.extend(model.inputs.iter().map(|id| row("input", &model.value(*id).label, *id)));
    text.extend(model.outputs.iter().zip(&model.output_names).map(|(id, name)| row("output", name, *id)));
    if !compiled.tensors.all.is_empty() {
        text.push_str("\n# Tensors\n\n| name | shape | |\n| --- | --- | --- |\n");
        text.extend(compiled.tensors.by_offset().map(tensor));
    }
    text.push_str(&format!("\n# Summary\n\n```text\n{}```", summary::table(compiled)));
    text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") }).collect()
}

fn tensor(tensor: &Tensor) -> String {
    let kind = match tensor.kind {
        TensorKind::Statistic => "statistic",
        TensorKind::Parameter if tensor.is_frozen => "frozen parameter",
        TensorKind::Parameter => "parameter",
    };
    format!("| `{}` | `{:?}` | {kind} |\n", tensor.name, tensor.shape)
}

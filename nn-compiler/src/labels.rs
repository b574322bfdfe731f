//! The names of steps, for people: `digit.0 dense`, `loss mse`.

use crate::model::{Model, Node};
use crate::plan::Origin;

/// What a step belongs to, in words.
pub fn label(model: &Model, origin: Origin) -> String {
    let target = |index: usize| model.train.as_ref().map(|train| model.output_name(&train.targets[index]));
    match origin {
        Origin::Value(id) | Origin::Output(id) => {
            let value = model.value(id);
            match &value.node {
                Node::Input { .. } => value.label.clone(),
                Node::Layer { layer, .. } => format!("{} {}", value.label, layer.rule().name()),
                Node::Merge { merge, .. } => format!("{} {}", value.label, merge.name()),
            }
        }
        Origin::Target(index) => format!("target {}", target(index).unwrap_or_default()),
        Origin::Loss(index) => {
            let Some(train) = &model.train else { return String::new() };
            let term = &train.losses[index];
            match (train.targets.len(), target(term.target)) {
                (2.., Some(output)) => format!("loss {}({output})", term.loss.name()),
                _ => format!("loss {}", term.loss.name()),
            }
        }
        Origin::Metric(index) => {
            let measure = model.train.as_ref().map(|train| &train.metrics[index].name[..]);
            format!("metric {}", measure.unwrap_or_default())
        }
        Origin::WholeLoss => "loss".to_owned(),
        Origin::Unreached(id) => format!("{} without a loss", model.value(id).label),
    }
}

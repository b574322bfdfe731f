//! Plans as text, one step a line.

use std::fmt::Write;

use crate::compiled::Compiled;
use crate::ids::BufferId;
use crate::labels::label;
use crate::model::Model;
use crate::plan::{Extent, Location, Operation, Plan, Step};

/// All plans of a network.
pub fn print(compiled: &Compiled) -> String {
    let model = &compiled.model;
    let mut text = section(model, "inference", &compiled.inference);
    if let Some(plans) = &compiled.training {
        for (index, plan) in plans.normalization.iter().enumerate() {
            text.push_str(&section(model, &format!("normalization {index}"), plan));
        }
        text.push_str(&section(model, "training", &plans.training));
        if let Some(step) = &plans.step {
            text.push_str(&section(model, "step", step));
        }
        text.push_str(&section(model, "external", &plans.external));
        text.push_str(&section(model, "evaluation", &plans.evaluation));
    }
    text
}

fn section(model: &Model, title: &str, plan: &Plan) -> String {
    let mut text = format!("{title}: {} steps, {} numbers of scratch for one row\n", plan.steps.len(), plan.scratch(1));
    for step in &plan.steps {
        line(model, plan, step, &mut text);
    }
    text.push('\n');
    text
}

fn line(model: &Model, plan: &Plan, step: &Step, text: &mut String) {
    let list = |buffers: Vec<BufferId>| {
        let names: Vec<String> = buffers.into_iter().map(|buffer| describe(plan, buffer)).collect();
        names.join(", ")
    };
    let (reads, writes) = (list(step.op.reads()), list(step.op.writes()));
    let _ = writeln!(text, "  {:<24} {reads} → {writes}", label(model, step.origin));
    let shared = if step.shared { "; shared among threads" } else { "" };
    let _ = writeln!(text, "  {:<24}   {}{shared}", "", step.op.formula());
}

/// `%3 digit.0.z [n, 32] @1`: the buffer, its name, its extent, its slot.
fn describe(plan: &Plan, id: BufferId) -> String {
    let buffer = plan.buffer(id);
    let extent = match buffer.extent {
        Extent::Rows(width) => format!("[n, {width}]"),
        Extent::Fixed(length) => format!("[{length}]"),
    };
    let place = match buffer.location {
        Location::Input(index) => format!("input {index}"),
        Location::Output(index) => format!("output {index}"),
        Location::OutputGradient(index) => format!("gradient of output {index}"),
        Location::Slot(slot) => slot.map_or(String::new(), |slot| format!("@{slot}")),
    };
    format!("{id} {} {extent} {place}", buffer.name)
}

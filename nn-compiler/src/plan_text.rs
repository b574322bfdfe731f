//! Plans as text, one step a line.

use std::fmt::Write;

use crate::codegen::formula;
use crate::pipeline::Compiled;
use crate::plan::{BufferId, Extent, Place, Plan, Step};

/// All plans of a network.
pub fn print(compiled: &Compiled) -> String {
    let mut text = section("inference", &compiled.inference);
    if let Some(plans) = &compiled.training {
        for (index, plan) in plans.normalization.iter().enumerate() {
            text.push_str(&section(&format!("normalization {index}"), plan));
        }
        text.push_str(&section("training", &plans.training));
        if let Some(step) = &plans.step {
            text.push_str(&section("step", step));
        }
        text.push_str(&section("evaluation", &plans.evaluation));
    }
    text
}

fn section(title: &str, plan: &Plan) -> String {
    let mut text = format!("{title}: {} steps, {} numbers of scratch for one row\n", plan.steps.len(), plan.scratch(1));
    for step in &plan.steps {
        line(plan, step, &mut text);
    }
    text.push('\n');
    text
}

fn line(plan: &Plan, step: &Step, text: &mut String) {
    let list = |buffers: Vec<BufferId>| {
        let names: Vec<String> = buffers.into_iter().map(|buffer| describe(plan, buffer)).collect();
        names.join(", ")
    };
    let (reads, writes) = (list(step.op.reads()), list(step.op.writes()));
    let _ = writeln!(text, "  {:<24} {reads} → {writes}", step.label);
    let shared = if step.shared { "; shared among threads" } else { "" };
    let _ = writeln!(text, "  {:<24}   {}{shared}", "", formula(&step.op));
}

/// `%3 digit.0.z [n, 32] @1`: the buffer, its name, its extent, its slot.
fn describe(plan: &Plan, id: BufferId) -> String {
    let buffer = plan.buffer(id);
    let extent = match buffer.extent {
        Extent::Rows(width) => format!("[n, {width}]"),
        Extent::Fixed(length) => format!("[{length}]"),
    };
    let place = match buffer.place {
        Place::Input(index) => format!("input {index}"),
        Place::Output(index) => format!("output {index}"),
        Place::Slot(slot) => slot.map_or(String::new(), |slot| format!("@{slot}")),
    };
    format!("{id} {} {extent} {place}", buffer.name)
}

//! Writes the class of the model: its modules, `forward`, `predict`.

use std::collections::BTreeSet;

use nn_compiler::model::{Merge, Node, ValueId};
use nn_compiler::plan::TensorKind;

use super::init;
use super::layers;
use super::model::{Model, Module, needs_module};
use crate::python::{Last, Lines, Source, Step, docstring};

impl Model<'_> {
    /// Writes the class.
    pub fn write(&self, lines: &mut Lines) {
        lines.line(format!("class {}(nn.Module):", self.class));
        lines.indented(|lines| {
            self.docs(lines);
            lines.line("def __init__(self) -> None:");
            lines.indented(|lines| self.constructor(lines));
            lines.line("");
            self.forward(lines);
            lines.line("");
            self.predict(lines);
            lines.line("");
            lines.block(
                "def load_weights(self, file: Path = WEIGHTS) -> None:\n    \
                 \"\"\"Takes the weights that were exported beside this file.\"\"\"\n    \
                 self.load_state_dict(load_file(file))",
            );
            lines.line("");
            init::write(self, lines);
            self.resting(lines);
        });
    }

    fn docs(&self, lines: &mut Lines) {
        let docs = &self.compiled.model.docs;
        let Some((first, rest)) = docs.split_first() else { return };
        if rest.is_empty() {
            lines.line(format!("\"\"\"{}\"\"\"", docstring(first.trim())));
        } else {
            lines.line(format!("\"\"\"{}", docstring(first.trim())));
            rest.iter().for_each(|line| {
                lines.line(docstring(line.trim()));
            });
            lines.line("\"\"\"");
        }
        lines.line("");
    }

    fn constructor(&self, lines: &mut Lines) {
        lines.line("super().__init__()");
        for module in &self.modules {
            match &module.calls[..] {
                [one] => {
                    lines.line(format!("self.{} = {one}", module.name));
                }
                calls => {
                    lines.line(format!("self.{} = nn.Sequential(", module.name));
                    lines.indented(|lines| {
                        calls.iter().for_each(|call| {
                            lines.line(format!("{call},"));
                        });
                    });
                    lines.line(")");
                }
            }
        }
        lines.line("self.reset_parameters()");
        let still: BTreeSet<&str> = self.still().collect();
        for name in &still {
            lines.line(format!("self.{name}.requires_grad_(False)"));
        }
    }

    /// The modules whose parameters do not change.
    fn still(&self) -> impl Iterator<Item = &str> {
        let is_still = |module: &&Module| {
            let own = self.compiled.tensors.of(TensorKind::Parameter);
            let mut own = own.filter(|tensor| module.layers.contains(&tensor.value)).peekable();
            self.reach.train().is_some() && own.peek().is_some() && own.all(|tensor| !self.reach.moves(tensor))
        };
        self.modules.iter().filter(is_still).map(|module| module.name.as_str())
    }

    fn signature(&self) -> String {
        let inputs: Vec<String> = self.flow.inputs.iter().map(|name| format!("{name}: Tensor")).collect();
        format!("self, {}", inputs.join(", "))
    }

    fn forward(&self, lines: &mut Lines) {
        lines.line(format!("def forward({}) -> {}:", self.signature(), self.returns()));
        lines.indented(|lines| {
            let logits = self.reach.returned().iter().zip(&self.compiled.model.output_names);
            let logits: Vec<String> = logits
                .filter(|((_, last), _)| last.is_some())
                .map(|((_, last), name)| match last {
                    Some(Last::Step) => format!("`{name}` before its step"),
                    Some(Last::Softmax | Last::Sigmoid) | None => format!("the logits of `{name}`"),
                })
                .collect();
            if !logits.is_empty() {
                let logits = logits.join(" and ");
                lines.line(format!("\"\"\"Returns {logits}, which the loss takes; `predict` completes it.\"\"\""));
            }
            for step in &self.flow.steps {
                self.statement(step, lines);
            }
            let returned = self.reach.returned().iter().map(|(id, _)| self.flow.variable(*id));
            lines.line(format!("return {}", returned.collect::<Vec<_>>().join(", ")));
        });
    }

    fn statement(&self, step: &Step, lines: &mut Lines) {
        let source = match &step.source {
            Source::Value(id) => self.flow.variable(*id).to_owned(),
            Source::Merge(merge, inputs) => {
                let inputs: Vec<&str> = inputs.iter().map(|id| self.flow.variable(*id)).collect();
                match merge {
                    Merge::Add => inputs.join(" + "),
                    Merge::Multiply => inputs.join(" * "),
                    Merge::Concat => format!("torch.cat([{}], 1)", inputs.join(", ")),
                }
            }
        };
        let computed = match needs_module(self.compiled, step) {
            Some(name) => format!("self.{name}({source})"),
            None => step.layers.iter().fold(source, |x, id| match &self.compiled.model.value(*id).node {
                Node::Layer { layer, .. } => layers::function(layer, &x, self.compiled.shapes.of(*id)).unwrap_or(x),
                Node::Input { .. } | Node::Merge { .. } => x,
            }),
        };
        lines.line(format!("{} = {computed}", step.variable));
    }

    fn predict(&self, lines: &mut Lines) {
        lines.line("@torch.no_grad()");
        lines.line(format!("def predict({}) -> {}:", self.signature(), self.returns()));
        lines.indented(|lines| {
            let names: Vec<String> = self.compiled.model.output_names.iter().map(|name| format!("`{name}`")).collect();
            lines.line(format!("\"\"\"The outputs {}, as at inference.\"\"\"", names.join(", ")));
            lines.line("self.eval()");
            let call = format!("self({})", self.flow.inputs.join(", "));
            let completed = |last: Option<Last>, y: &str| match last {
                Some(Last::Softmax) => format!("torch.softmax({y}, 1)"),
                Some(Last::Sigmoid) => format!("torch.sigmoid({y})"),
                Some(Last::Step) => format!("({y} > 0).to({y}.dtype)"),
                None => y.to_owned(),
            };
            match self.reach.returned() {
                [(_, None)] => {
                    lines.line(format!("return {call}"));
                }
                returned => {
                    let names: Vec<String> = (0..returned.len()).map(|at| self.output(at)).collect();
                    lines.line(format!("{} = {call}", names.join(", ")));
                    let all: Vec<String> =
                        returned.iter().zip(&names).map(|((_, last), name)| completed(*last, name)).collect();
                    lines.line(format!("return {}", all.join(", ")));
                }
            }
        });
    }

    /// `train` keeps parts in evaluation mode that no training passes through, or that are frozen.
    fn resting(&self, lines: &mut Lines) {
        let is_sensitive = |id: &ValueId| match &self.compiled.model.value(*id).node {
            Node::Layer { layer, .. } => layer.rule().needs_batch(),
            Node::Input { .. } | Node::Merge { .. } => false,
        };
        let rests = |module: &&Module| {
            let mut sensitive = module.layers.iter().filter(|id| is_sensitive(id)).peekable();
            sensitive.peek().is_some() && sensitive.all(|id| self.reach.rests(*id))
        };
        let resting: Vec<&str> = self.modules.iter().filter(rests).map(|module| module.name.as_str()).collect();
        if resting.is_empty() {
            return;
        }
        lines.line("");
        lines.line(format!("def train(self, mode: bool = True) -> \"{}\":", self.class));
        lines.indented(|lines| {
            lines.line("\"\"\"Frozen parts, and those that no loss reaches, work as at inference.\"\"\"");
            lines.line("super().train(mode)");
            resting.iter().for_each(|name| {
                lines.line(format!("self.{name}.eval()"));
            });
            lines.line("return self");
        });
    }
}

//! The initial values of a spec, by `nn.init`.

use nn_compiler::layers::Layer;
use nn_compiler::model::Node;
use nn_compiler::plan::{Tensor, TensorKind};
use nn_compiler::vocabulary::Init;

use super::model::{Model, Place};
use crate::python::{Lines, number};

/// Writes `reset_parameters`.
pub fn write(model: &Model, lines: &mut Lines) {
    lines.line("@torch.no_grad()");
    lines.line("def reset_parameters(self) -> None:");
    lines.indented(|lines| {
        lines.line("\"\"\"Draws the initial values of the spec.\"\"\"");
        let groups = groups(model);
        if groups.is_empty() {
            lines.line("return");
        }
        for (call, modules) in groups {
            match &modules[..] {
                [one] => {
                    lines.line(call.replace("LAYER", one));
                }
                _ => {
                    lines.list("for layer in [", &modules, "]:");
                    lines.indented(|lines| {
                        lines.line(call.replace("LAYER", "layer"));
                    });
                }
            }
        }
    });
}

/// The calls, each with the modules that it is for.
fn groups(model: &Model) -> Vec<(String, Vec<String>)> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    let places = model.places();
    for (tensor, place) in model.compiled.tensors.all.iter().zip(&places) {
        let Some(place) = place else { continue };
        let Some(call) = call(model, tensor, place) else { continue };
        let module = format!("self.{}", place.module);
        match groups.iter_mut().find(|(other, _)| *other == call) {
            Some((_, modules)) => modules.push(module),
            None => groups.push((call, vec![module])),
        }
    }
    groups
}

/// What draws a tensor; `None` where the module's own initial values are those of the spec.
fn call(model: &Model, tensor: &Tensor, place: &Place) -> Option<String> {
    let Node::Layer { layer, .. } = &model.compiled.model.value(tensor.value).node else { return None };
    let draws = match layer {
        Layer::Dense(_) | Layer::Conv(_) | Layer::Embedding(_) => tensor.kind == TensorKind::Parameter,
        // Ones and zeros, and the slope that is an argument.
        Layer::BatchNorm(_)
        | Layer::LayerNorm(_)
        | Layer::RmsNorm(_)
        | Layer::GroupNorm(_)
        | Layer::Normalize(_)
        | Layer::Prelu(_)
        | Layer::MaxPool(_)
        | Layer::AvgPool(_)
        | Layer::GlobalPool(_)
        | Layer::Dropout(_)
        | Layer::Rescale(_)
        | Layer::Flatten(_)
        | Layer::Reshape(_)
        | Layer::Softmax(_)
        | Layer::LogSoftmax(_)
        | Layer::Activation(_) => false,
    };
    if !draws {
        return None;
    }
    let of = format!("LAYER.{}", place.suffix);
    let is_table = layer.rule().tokens().is_some();
    let [inputs, outputs] = tensor.fans().map(|fan| fan as f64);
    Some(match tensor.init {
        // The fans of a table are the other way round in PyTorch.
        Init::HeNormal if is_table => format!("nn.init.normal_({of}, std={})", number((2.0 / inputs).sqrt())),
        Init::HeUniform if is_table => uniform(&of, (6.0 / inputs).sqrt()),
        Init::LecunNormal if is_table => format!("nn.init.normal_({of}, std={})", number((1.0 / inputs).sqrt())),
        Init::HeNormal => format!("nn.init.kaiming_normal_({of}, nonlinearity=\"relu\")"),
        Init::HeUniform => format!("nn.init.kaiming_uniform_({of}, nonlinearity=\"relu\")"),
        Init::LecunNormal => format!("nn.init.kaiming_normal_({of}, nonlinearity=\"linear\")"),
        Init::GlorotNormal => format!("nn.init.xavier_normal_({of})"),
        Init::GlorotUniform => format!("nn.init.xavier_uniform_({of})"),
        // Resolved before.
        Init::Auto => uniform(&of, (6.0 / (inputs + outputs)).sqrt()),
        Init::Normal(std) => format!("nn.init.normal_({of}, std={})", number(std)),
        Init::Uniform(bound) => uniform(&of, bound),
        Init::Constant(0.0) => format!("nn.init.zeros_({of})"),
        Init::Constant(value) => format!("nn.init.constant_({of}, {})", number(value)),
    })
}

fn uniform(of: &str, bound: f64) -> String {
    format!("nn.init.uniform_({of}, {}, {})", number(-bound), number(bound))
}

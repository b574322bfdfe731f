//! The layers of a network that hold tensors, as PyTorch has them.

use std::collections::BTreeMap;

use super::modules::Module;
use crate::compiled::Compiled;
use crate::layers::Layer;
use crate::model::Node;
use crate::plan::Tensor;

/// A layer with tensors.
pub struct Holder<'a> {
    /// `digit.0`.
    pub label: &'a str,
    /// `dense`.
    pub kind: &'static str,
    /// Its tensors, in order.
    pub tensors: Vec<Expected<'a>>,
}

/// A tensor, and what PyTorch calls it.
pub struct Expected<'a> {
    /// Its place in `Tensors::all`.
    pub index: usize,
    /// The tensor.
    pub tensor: &'a Tensor,
    /// The last part of its name in PyTorch.
    pub suffix: &'static str,
    /// Its shape in PyTorch.
    pub shape: Vec<usize>,
    /// Whether PyTorch has rows where the network has columns.
    pub is_transposed: bool,
}

impl Holder<'_> {
    /// The value that the layer is part of.
    pub fn value(&self) -> &str {
        self.label.rsplit_once('.').map_or(self.label, |(value, _)| value)
    }

    /// `weight [10, 64] and bias [10]`, as PyTorch has them.
    pub fn described(&self) -> String {
        let tensors: Vec<String> =
            self.tensors.iter().map(|expected| format!("{} {:?}", expected.suffix, expected.shape)).collect();
        tensors.join(", ")
    }

    /// What decides which modules fit: the names and shapes in PyTorch.
    pub fn signature(&self) -> Vec<(&'static str, &[usize])> {
        self.tensors.iter().map(|expected| (expected.suffix, &expected.shape[..])).collect()
    }

    /// Whether a module has these tensors and no others.
    pub fn fits(&self, module: &Module) -> bool {
        let has = |expected: &Expected| {
            module.tensors.get(expected.suffix).is_some_and(|source| source.shape == expected.shape)
        };
        module.tensors.len() == self.tensors.len() && self.tensors.iter().all(has)
    }

    /// Whether a module has these tensors and no others, but for a bias.
    pub fn fits_without_bias(&self, module: &Module) -> bool {
        let own = self.tensors.iter().filter(|expected| expected.suffix != "bias");
        let own = own.map(|expected| (expected.suffix, &expected.shape));
        let others = module.tensors.iter().filter(|(suffix, _)| **suffix != "bias");
        let others = others.map(|(suffix, source)| (*suffix, &source.shape));
        own.collect::<BTreeMap<_, _>>() == others.collect()
    }

    /// In what a module differs.
    pub fn misfits(&self, module: &Module) -> Vec<String> {
        let (label, path) = (self.label, &module.path);
        let mut misfits = Vec::new();
        for Expected { tensor, suffix, shape, .. } in &self.tensors {
            match module.tensors.get(suffix) {
                None => misfits.push(format!(
                    "`{path}` has no `{suffix}` for `{}` {:?}{}",
                    tensor.name,
                    tensor.shape,
                    without(suffix)
                )),
                Some(source) if source.shape != *shape => {
                    let (name, found, note) = (&source.name, &source.shape, reversed(&source.shape, shape));
                    misfits.push(format!("`{name}` is {found:?}; for `{}` it would be {shape:?}{note}", tensor.name));
                }
                Some(_) => {}
            }
        }
        let is_known = |suffix: &str| self.tensors.iter().any(|expected| expected.suffix == suffix);
        let surplus = module.tensors.iter().filter(|(suffix, _)| !is_known(suffix));
        misfits.extend(surplus.map(|(suffix, source)| {
            let may_have = *suffix == "bias" && ["dense", "conv1d", "conv2d"].contains(&self.kind);
            let remedy = if may_have { "; the layer has `bias: false`" } else { "" };
            format!("`{}` {:?} has no place in `{label}` ({}){remedy}", source.name, source.shape, self.kind)
        }));
        misfits
    }
}

/// What to do where a module lacks a tensor.
fn without(suffix: &str) -> &'static str {
    if suffix == "bias" { "; write `bias: false` if the layer has none" } else { "" }
}

/// A note about a weight with rows and columns the other way round.
pub fn reversed(found: &[usize], expected: &[usize]) -> &'static str {
    let is_reversed = found.len() == 2 && found.iter().rev().eq(expected);
    if is_reversed { " (PyTorch's weights are [units, inputs]; this one is transposed)" } else { "" }
}

/// The layers of a network that hold tensors, in order.
pub fn holders(compiled: &Compiled) -> Vec<Holder<'_>> {
    let mut holders: Vec<Holder> = Vec::new();
    for (index, tensor) in compiled.tensors.all.iter().enumerate() {
        let value = compiled.model.value(tensor.value);
        let Node::Layer { layer, .. } = &value.node else { continue };
        let own = tensor.name.rsplit('.').next().unwrap_or_default();
        let is_transposed = own == "weight" && has_units_first(layer);
        let mut shape = tensor.shape.clone();
        if is_transposed {
            shape.reverse();
        }
        let expected = Expected { index, tensor, suffix: suffix(own), shape, is_transposed };
        match holders.last_mut().filter(|last| last.label == value.label) {
            Some(last) => last.tensors.push(expected),
            None => {
                holders.push(Holder { label: &value.label, kind: layer.rule().name(), tensors: vec![expected] });
            }
        }
    }
    holders
}

/// What PyTorch calls a tensor of a layer.
fn suffix(own: &str) -> &'static str {
    match own {
        "bias" | "beta" => "bias",
        "running_mean" => "running_mean",
        "running_variance" => "running_var",
        // PyTorch has no module like `normalize`; these are buffers that a user adds.
        "mean" => "mean",
        "deviation" => "std",
        // `weight`, `gamma`, `slope`.
        _ => "weight",
    }
}

/// Whether the weights of a layer are `[units, inputs]` in PyTorch, and `[inputs, units]` here.
fn has_units_first(layer: &Layer) -> bool {
    match layer {
        Layer::Dense(_) => true,
        Layer::Embedding(_)
        | Layer::Conv(_)
        | Layer::MaxPool(_)
        | Layer::AvgPool(_)
        | Layer::GlobalPool(_)
        | Layer::BatchNorm(_)
        | Layer::LayerNorm(_)
        | Layer::RmsNorm(_)
        | Layer::GroupNorm(_)
        | Layer::Dropout(_)
        | Layer::Rescale(_)
        | Layer::Normalize(_)
        | Layer::Flatten(_)
        | Layer::Reshape(_)
        | Layer::Prelu(_)
        | Layer::Softmax(_)
        | Layer::LogSoftmax(_)
        | Layer::Activation(_) => false,
    }
}

//! The model as PyTorch has it: its modules, and where each tensor is.

use nn_compiler::Compiled;
use nn_compiler::layers::Layer;
use nn_compiler::model::{Node, ValueId};
use nn_compiler::vocabulary::Activation;

use super::layers::{self, Modules};
use crate::python::{Flow, Reach, Refusal, Step};

/// Names that mean something in the class or in the file.
pub const RESERVED: [&str; 105] = [
    "CLASS_WEIGHTS",
    "F",
    "GOLDEN",
    "Path",
    "T_destination",
    "Tensor",
    "WEIGHTS",
    "add_module",
    "apply",
    "as_tuple",
    "augment",
    "batch",
    "best",
    "bfloat16",
    "buffers",
    "call_super_init",
    "check",
    "children",
    "compile",
    "cpu",
    "cuda",
    "data",
    "dict",
    "double",
    "drops",
    "dump_patches",
    "enumerate",
    "epoch",
    "epochs",
    "eval",
    "evaluate",
    "extra_repr",
    "figures",
    "float",
    "forward",
    "found",
    "generator",
    "get_buffer",
    "get_extra_state",
    "get_parameter",
    "get_submodule",
    "gradients",
    "half",
    "ipu",
    "isinstance",
    "kept",
    "len",
    "load_file",
    "load_state_dict",
    "load_weights",
    "loader",
    "loss",
    "make_optimizer",
    "make_schedule",
    "math",
    "max",
    "min",
    "model",
    "modules",
    "mtia",
    "name",
    "named_buffers",
    "named_children",
    "named_modules",
    "named_parameters",
    "nn",
    "of_validation",
    "optimizer",
    "order",
    "outputs",
    "parameters",
    "part",
    "penalty",
    "predict",
    "print",
    "range",
    "register_buffer",
    "requires_grad_",
    "reset_parameters",
    "rows",
    "schedule",
    "seed",
    "self",
    "set_extra_state",
    "set_submodule",
    "share_memory",
    "slice",
    "state_dict",
    "step",
    "sum",
    "super",
    "sys",
    "target",
    "targets",
    "to",
    "torch",
    "total",
    "train",
    "training",
    "type",
    "validation",
    "waited",
    "weights",
    "whole",
    "zip",
];

/// A module of the class.
pub struct Module {
    /// The attribute.
    pub name: String,
    /// The calls that make it; one of an `nn.Sequential` for each, if there are several.
    pub calls: Vec<String>,
    /// The layers of the chain, each with the call that holds its tensors.
    pub holders: Vec<(ValueId, usize)>,
    /// The values of the chain.
    pub layers: Vec<ValueId>,
}

/// Where a tensor is in the model.
#[derive(Clone)]
pub struct Place {
    /// `digit.1.weight`, as in the state dictionary.
    pub key: String,
    /// `digit[1]`, the module in Python.
    pub module: String,
    /// `weight`.
    pub suffix: &'static str,
    /// Whether rows are columns there.
    pub is_transposed: bool,
}

/// The model as PyTorch has it.
pub struct Model<'a> {
    /// The network.
    pub compiled: &'a Compiled,
    /// Facts about its training.
    pub reach: &'a Reach<'a>,
    /// The name of the class.
    pub class: String,
    /// The statements of `forward`.
    pub flow: Flow,
    /// The modules, in order.
    pub modules: Vec<Module>,
}

impl<'a> Model<'a> {
    /// The modules and statements for a network.
    ///
    /// # Errors
    ///
    /// A layer that PyTorch cannot express.
    pub fn new(compiled: &'a Compiled, reach: &'a Reach<'a>, class: String) -> Result<Self, Refusal> {
        let flow = Flow::new(compiled, reach, &[&RESERVED[..], &[&class]].concat());
        let mut modules = Vec::new();
        for step in &flow.steps {
            if let Some(name) = needs_module(compiled, step) {
                modules.push(module(compiled, reach, name, &step.layers)?);
            }
        }
        Ok(Self { compiled, reach, class, flow, modules })
    }

    /// Where each tensor of the network is, in the order of `Tensors::all`; `None` where no output needs it.
    pub fn places(&self) -> Vec<Option<Place>> {
        self.compiled.tensors.all.iter().map(|tensor| self.place(tensor.value, &tensor.name)).collect()
    }

    fn place(&self, value: ValueId, tensor: &str) -> Option<Place> {
        let module = self.modules.iter().find(|module| module.layers.contains(&value))?;
        let (_, call) = module.holders.iter().find(|(layer, _)| *layer == value)?;
        let (path, python) = match module.calls.len() {
            1 => (module.name.clone(), module.name.clone()),
            _ => (format!("{}.{call}", module.name), format!("{}[{call}]", module.name)),
        };
        let is_dense = match &self.compiled.model.value(value).node {
            Node::Layer { layer, .. } => layer.rule().name() == "dense",
            Node::Input { .. } | Node::Merge { .. } => false,
        };
        let own = tensor.rsplit('.').next().unwrap_or_default();
        let suffix = match own {
            "bias" | "beta" => "bias",
            "running_mean" => "running_mean",
            "running_variance" => "running_var",
            "mean" => "mean",
            "deviation" => "std",
            // `weight`, `gamma`, `slope`.
            _ => "weight",
        };
        let is_transposed = is_dense && suffix == "weight";
        Some(Place { key: format!("{path}.{suffix}"), module: python, suffix, is_transposed })
    }

    /// The classes that the modules need and that PyTorch does not have.
    pub fn pieces(&self) -> Vec<&'static str> {
        const PIECES: [(&str, &str); 5] = [
            ("Rescale(", include_str!("pieces/rescale.py")),
            ("Normalize(", include_str!("pieces/normalize.py")),
            ("ChannelRMSNorm(", include_str!("pieces/channel_rms_norm.py")),
            ("TokenEmbedding(", include_str!("pieces/token_embedding.py")),
            ("Step(", include_str!("pieces/step.py")),
        ];
        let calls: Vec<&String> = self.modules.iter().flat_map(|module| &module.calls).collect();
        let is_used = |name: &str| calls.iter().any(|call| call.starts_with(name));
        PIECES.into_iter().filter(|(name, _)| is_used(name)).map(|(_, text)| text).collect()
    }

    /// The type of what `forward` returns.
    pub fn returns(&self) -> String {
        match self.reach.returned().len() {
            1 => "Tensor".to_owned(),
            count => format!("tuple[{}]", vec!["Tensor"; count].join(", ")),
        }
    }

    /// The variable of an output outside of `forward`.
    pub fn output(&self, index: usize) -> String {
        let name = self.flow.variable(self.reach.returned()[index].0);
        let is_shared = self.reach.returned()[..index].iter().any(|(id, _)| self.flow.variable(*id) == name);
        if is_shared || self.flow.inputs.iter().any(|input| input == name) {
            return format!("{name}_{index}");
        }
        name.to_owned()
    }
}

/// The attribute of a statement that has to be a module: functions cannot express `step` and pools.
pub fn needs_module<'s>(compiled: &Compiled, step: &'s Step) -> Option<&'s str> {
    if let Some(module) = &step.module {
        return Some(module);
    }
    let has_no_function = |id: &ValueId| match &compiled.model.value(*id).node {
        Node::Layer { layer, .. } => layers::function(layer, "x", compiled.shapes.of(*id)).is_none(),
        Node::Input { .. } | Node::Merge { .. } => false,
    };
    step.layers.iter().any(has_no_function).then_some(&step.variable)
}

fn module(compiled: &Compiled, reach: &Reach, name: &str, layers: &[ValueId]) -> Result<Module, Refusal> {
    let mut module = Module { name: name.to_owned(), calls: Vec::new(), holders: Vec::new(), layers: layers.to_vec() };
    for id in layers {
        let Node::Layer { layer, input } = &compiled.model.value(*id).node else { continue };
        // `dropout` alone does nothing at inference.
        let is_resting_dropout = layer.rule().identity().is_none() && reach.rests(*id);
        if is_resting_dropout || *layer == Layer::Activation(Activation::Linear) {
            continue;
        }
        let refuse =
            |reason| Refusal { what: format!("{} ({})", compiled.model.value(*id).label, layer.rule().name()), reason };
        let Modules { calls, holder } =
            layers::modules(layer, compiled.shapes.of(*input), compiled.shapes.of(*id)).map_err(refuse)?;
        module.holders.push((*id, module.calls.len() + holder));
        module.calls.extend(calls);
    }
    if module.calls.is_empty() {
        module.calls.push("nn.Identity()".to_owned());
    }
    Ok(module)
}

//! The function that makes the model, and where each tensor is.

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayD, IxDyn};
use nn_compiler::Compiled;
use nn_compiler::layers::Layer;
use nn_compiler::model::{Merge, Node, ValueId};
use nn_compiler::plan::Tensor;
use nn_compiler::vocabulary::Activation;

use super::layers::{self, About, Layout};
use crate::python::{Flow, Last, Lines, Names, Reach, Refusal, Source, Step, docstring, number, tuple};

/// Names that mean something in the functions of the file.
pub const RESERVED: [&str; 22] = [
    "FACTORS",
    "GOLDEN",
    "WEIGHTS",
    "batch",
    "epochs",
    "keras",
    "layers",
    "len",
    "load_file",
    "losses",
    "model",
    "np",
    "ops",
    "predict",
    "range",
    "rows",
    "seed",
    "sum",
    "target",
    "targets",
    "validation",
    "weights",
];

/// The model as Keras has it.
pub struct Model<'a> {
    /// The network.
    pub compiled: &'a Compiled,
    /// Facts about its training.
    pub reach: &'a Reach<'a>,
    /// The statements of the function.
    pub flow: Flow,
    /// The names of the layers with tensors.
    names: BTreeMap<ValueId, String>,
    /// The lines of the function.
    pub body: String,
}

impl<'a> Model<'a> {
    /// The model of a network.
    ///
    /// # Errors
    ///
    /// A layer that Keras cannot express.
    pub fn new(compiled: &'a Compiled, reach: &'a Reach<'a>) -> Result<Self, Refusal> {
        let flow = Flow::new(compiled, reach, &RESERVED);
        let mut given = Names::without(&[]);
        for name in
            flow.inputs.iter().map(String::as_str).chain(reach.returned().iter().map(|(id, _)| flow.variable(*id)))
        {
            given.give(name);
        }
        let mut names = BTreeMap::new();
        for tensor in &compiled.tensors.all {
            let label = compiled.model.value(tensor.value).label.replace('.', "_");
            names.entry(tensor.value).or_insert_with(|| given.give(&label));
        }
        let mut model = Self { compiled, reach, flow, names, body: String::new() };
        model.body = Writer { model: &model, layouts: BTreeMap::new(), lines: Lines::default() }.body()?;
        Ok(model)
    }

    /// `digit_0.kernel`: the name of a tensor in files; `None` where no output needs it.
    pub fn key(&self, tensor: &Tensor) -> Option<String> {
        let is_used = self.flow.steps.iter().any(|step| step.layers.contains(&tensor.value));
        let layer = self.names.get(&tensor.value).filter(|_| is_used)?;
        let Node::Layer { layer: of, .. } = &self.compiled.model.value(tensor.value).node else { return None };
        let own = tensor.name.rsplit('.').next().unwrap_or_default();
        let name = match (of.rule().name(), own) {
            ("embedding", _) => "embeddings",
            ("rms_norm", _) => "scale",
            (_, "weight") => "kernel",
            (_, "slope") => "alpha",
            (_, "running_mean") => "moving_mean",
            (_, "running_variance") => "moving_variance",
            // `bias`, `gamma`, `beta`, `mean`, `deviation`.
            (_, same) => same,
        };
        Some(format!("{layer}.{name}"))
    }

    /// The name of the layer of a value.
    pub fn layer_name(&self, value: ValueId) -> &str {
        self.names.get(&value).map_or("", |name| name)
    }

    /// The shape and the numbers of a tensor in Keras.
    pub fn converted(&self, tensor: &Tensor, numbers: &Array2<f64>) -> (Vec<usize>, Vec<f64>) {
        let plain = || (tensor.shape.clone(), numbers.iter().copied().collect());
        let Node::Layer { layer, input } = &self.compiled.model.value(tensor.value).node else { return plain() };
        match layer {
            Layer::Conv(_) if tensor.shape.len() > 1 => {
                // [outputs, inputs, …] is […, inputs, outputs] in Keras.
                let flat: Vec<f64> = numbers.iter().copied().collect();
                let Ok(array) = ArrayD::from_shape_vec(IxDyn(&tensor.shape), flat) else { return plain() };
                let mut axes: Vec<usize> = (2..tensor.shape.len()).collect();
                axes.extend([1, 0]);
                let moved = array.permuted_axes(IxDyn(&axes));
                (moved.shape().to_vec(), moved.iter().copied().collect())
            }
            Layer::Prelu(_) => {
                let mut shape = vec![1; self.compiled.shapes.of(*input).0.len() - 1];
                shape.extend(&tensor.shape);
                (shape, numbers.iter().copied().collect())
            }
            Layer::Conv(_)
            | Layer::Dense(_)
            | Layer::Embedding(_)
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
            | Layer::Softmax(_)
            | Layer::LogSoftmax(_)
            | Layer::Activation(_) => plain(),
        }
    }

    /// The classes and functions that the model needs and that Keras does not have.
    pub fn pieces(&self) -> Vec<&'static str> {
        const PIECES: [(&str, &str); 8] = [
            ("Normalize(", include_str!("pieces/normalize.py")),
            ("BatchNorm(", include_str!("pieces/batch_norm.py")),
            (" Pad(", include_str!("pieces/pad.py")),
            ("(gelu_tanh)", include_str!("pieces/gelu_tanh.py")),
            ("(step)", include_str!("pieces/step.py")),
            ("=he_normal()", include_str!("pieces/he_normal.py")),
            ("=glorot_normal()", include_str!("pieces/glorot_normal.py")),
            ("=lecun_normal()", include_str!("pieces/lecun_normal.py")),
        ];
        PIECES.into_iter().filter(|(name, _)| self.body.contains(name)).map(|(_, text)| text).collect()
    }

    /// Writes `make_model` and `predict`.
    pub fn write(&self, lines: &mut Lines) {
        lines.line("def make_model() -> keras.Model:");
        lines.indented(|lines| {
            self.docs(lines);
            lines.block(&self.body);
        });
        lines.gap();
        self.predict(lines);
        lines.gap();
        lines.block(include_str!("pieces/weights.py"));
    }

    fn docs(&self, lines: &mut Lines) {
        match &self.compiled.model.docs[..] {
            [] => {}
            [one] => {
                lines.line(format!("\"\"\"{}\"\"\"", docstring(one.trim())));
            }
            [first, rest @ ..] => {
                lines.line(format!("\"\"\"{}", docstring(first.trim())));
                rest.iter().for_each(|line| {
                    lines.line(docstring(line.trim()));
                });
                lines.line("\"\"\"");
            }
        }
    }

    fn predict(&self, lines: &mut Lines) {
        let inputs = self.flow.inputs.join(", ");
        lines.line(format!("def predict(model: keras.Model, {inputs}):"));
        lines.indented(|lines| {
            let names: Vec<String> = self.compiled.model.output_names.iter().map(|name| format!("`{name}`")).collect();
            lines.line(format!("\"\"\"The outputs {}, as at inference.\"\"\"", names.join(", ")));
            let argument = if self.flow.inputs.len() == 1 { inputs } else { format!("[{inputs}]") };
            let names: Vec<String> = (0..self.reach.returned().len()).map(|at| self.output(at)).collect();
            lines.line(format!("{} = model.predict({argument}, verbose=0)", names.join(", ")));
            let completed = |(index, name): (usize, &String)| match self.reach.returned()[index].1 {
                Some(Last::Softmax) => format!("ops.convert_to_numpy(ops.softmax({name}))"),
                Some(Last::Sigmoid) => format!("ops.convert_to_numpy(ops.sigmoid({name}))"),
                Some(Last::Step) => format!("({name} > 0).astype({name}.dtype)"),
                None => name.clone(),
            };
            let all: Vec<String> = names.iter().enumerate().map(completed).collect();
            lines.line(format!("return {}", all.join(", ")));
        });
    }

    /// The variable of an output outside of the model.
    pub fn output(&self, index: usize) -> String {
        let name = self.flow.variable(self.reach.returned()[index].0);
        let is_shared = self.reach.returned()[..index].iter().any(|(id, _)| self.flow.variable(*id) == name);
        if is_shared || self.flow.inputs.iter().any(|input| input == name) {
            return format!("{name}_{index}");
        }
        name.to_owned()
    }
}

/// Writes the body of `make_model`.
struct Writer<'a> {
    model: &'a Model<'a>,
    /// The layout of each value with a variable.
    layouts: BTreeMap<ValueId, Layout>,
    lines: Lines,
}

impl Writer<'_> {
    fn body(mut self) -> Result<String, Refusal> {
        let model = self.model;
        for (id, name) in model.compiled.model.inputs.iter().zip(&model.flow.inputs) {
            let shape = tuple(&model.compiled.shapes.of(*id).0);
            self.lines.line(format!("{name} = keras.Input({shape}, name=\"{name}\")"));
            self.layouts.insert(*id, Layout::First);
        }
        for step in &model.flow.steps {
            self.step(step)?;
        }
        let returned = model.reach.returned().iter().enumerate();
        let returned: Vec<String> = returned.map(|(index, (id, _))| self.returned(index, *id)).collect();
        let list = |names: &[String]| match names {
            [one] => one.clone(),
            all => format!("[{}]", all.join(", ")),
        };
        let (inputs, outputs) = (list(&model.flow.inputs), list(&returned));
        self.lines.code(format!("return keras.Model({inputs}, {outputs}, name=\"{}\")", model.compiled.model.name));
        Ok(self.lines.finish())
    }

    /// An output as the model returns it, with the channels first. Several have names, for metrics.
    fn returned(&self, index: usize, id: ValueId) -> String {
        let (variable, name) = (self.model.flow.variable(id), self.model.output(index));
        let turned = self.turned(variable, id, self.layouts[&id], Layout::First);
        if self.model.reach.returned().len() > 1 {
            return format!("layers.Identity(name=\"{name}\")({turned})");
        }
        if self.model.compiled.model.inputs.contains(&id) { format!("layers.Identity()({turned})") } else { turned }
    }

    /// An expression in another layout.
    fn turned(&self, x: &str, id: ValueId, from: Layout, to: Layout) -> String {
        let dimensions = self.model.compiled.shapes.of(id).0.len();
        match (from, to) {
            (Layout::First | Layout::Last, Layout::First | Layout::Last) if dimensions < 2 => x.to_owned(),
            (Layout::First, Layout::First) | (Layout::Last, Layout::Last) => x.to_owned(),
            (Layout::First, Layout::Last) => {
                let axes: Vec<usize> = (2..=dimensions).chain([1]).collect();
                format!("layers.Permute({})({x})", tuple(&axes))
            }
            (Layout::Last, Layout::First) => {
                let axes: Vec<usize> = [dimensions].into_iter().chain(1..dimensions).collect();
                format!("layers.Permute({})({x})", tuple(&axes))
            }
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), Refusal> {
        let variable = &step.variable;
        let (mut x, mut layout, mut before) = self.source(step);
        for id in &step.layers {
            let Node::Layer { layer, input } = &self.model.compiled.model.value(*id).node else { continue };
            let is_resting_dropout = layer.rule().identity().is_none() && self.model.reach.rests(*id);
            if is_resting_dropout || *layer == Layer::Activation(Activation::Linear) {
                before = *id;
                continue;
            }
            let calls = self.calls(*id, layer, *input)?;
            let turned = self.turned(&x, before, layout, calls.wants.unwrap_or(layout));
            if turned != x {
                self.lines.line(format!("{variable} = {turned}"));
                x.clone_from(variable);
            }
            layout = calls.gives.or(calls.wants).unwrap_or(layout);
            for call in calls.calls {
                self.lines.code(format!("{variable} = {call}({x})"));
                x.clone_from(variable);
            }
            before = *id;
        }
        if x != *variable {
            self.lines.line(format!("{variable} = {x}"));
        }
        self.layouts.insert(step.to, layout);
        Ok(())
    }

    /// What a step starts from: its expression, layout, and a value of its shape.
    fn source(&self, step: &Step) -> (String, Layout, ValueId) {
        match &step.source {
            Source::Value(id) => (self.model.flow.variable(*id).to_owned(), self.layouts[id], *id),
            Source::Merge(merge, inputs) => {
                let layout = self.layouts[&inputs[0]];
                let turned = |id: &ValueId| self.turned(self.model.flow.variable(*id), *id, self.layouts[id], layout);
                let all: Vec<String> = inputs.iter().map(turned).collect();
                let is_flat = self.model.compiled.shapes.of(inputs[0]).0.len() == 1;
                let name = match merge {
                    Merge::Add => "layers.Add()".to_owned(),
                    Merge::Multiply => "layers.Multiply()".to_owned(),
                    Merge::Concat if layout == Layout::First && !is_flat => "layers.Concatenate(1)".to_owned(),
                    Merge::Concat => "layers.Concatenate()".to_owned(),
                };
                (format!("{name}([{}])", all.join(", ")), layout, inputs[0])
            }
        }
    }

    fn calls(&self, id: ValueId, layer: &Layer, input: ValueId) -> Result<layers::Calls, Refusal> {
        let compiled = self.model.compiled;
        let mut own = compiled.tensors.all.iter().filter(|tensor| tensor.value == id);
        let weight = own.clone().find(|tensor| tensor.name.ends_with(".weight"));
        let kernel = weight.map(|weight| self.kernel(weight, layer)).unwrap_or_default();
        let moves = own.clone().any(|tensor| self.model.reach.moves(tensor));
        let holds = own.next().is_some() && self.model.reach.train().is_some();
        let about = About {
            name: self.model.layer_name(id),
            kernel: &kernel,
            still: if holds && !moves { ", trainable=False" } else { "" },
            rests: self.model.reach.rests(id),
        };
        let refuse =
            |reason| Refusal { what: format!("{} ({})", compiled.model.value(id).label, layer.rule().name()), reason };
        layers::layers(layer, compiled.shapes.of(input), compiled.shapes.of(id), &about).map_err(refuse)
    }

    /// The arguments of a layer for its weights.
    fn kernel(&self, weight: &Tensor, layer: &Layer) -> String {
        let is_table = layer.rule().tokens().is_some();
        let argument = if is_table { "embeddings" } else { "kernel" };
        let fans = weight.fans().map(|fan| fan as f64);
        let init = layers::initializer(&format!("{argument}_initializer"), weight.init, fans, is_table);
        let penalty = match (weight.l1, weight.l2) {
            (0.0, 0.0) => return init,
            (0.0, l2) => format!("keras.regularizers.L2({})", number(l2)),
            (l1, 0.0) => format!("keras.regularizers.L1({})", number(l1)),
            (l1, l2) => format!("keras.regularizers.L1L2({}, {})", number(l1), number(l2)),
        };
        format!("{init}, {argument}_regularizer={penalty}")
    }
}

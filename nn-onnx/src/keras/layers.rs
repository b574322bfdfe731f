//! The layers of Keras for each layer.
//!
//! Keras has the channels of images and sequences last. Values change their layout where a layer needs it.

use nn_compiler::layers::Layer;
use nn_compiler::layers::conv::Conv;
use nn_compiler::layers::global_pool::GlobalPool;
use nn_compiler::shape::Shape;
use nn_compiler::vocabulary::{Activation, Init, Window};

use crate::python::{number, pair, tuple};

/// Where the channels of a value are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `[channels, height, width]`, as in the spec.
    First,
    /// `[height, width, channels]`.
    Last,
}

/// A layer as Keras has it.
pub struct Calls {
    /// The layout of its input; `None` if it takes both.
    pub wants: Option<Layout>,
    /// The calls that make layers, in order. The first holds the tensors, if there are any.
    pub calls: Vec<String>,
    /// The layout of its output, if it is not that of its input.
    pub gives: Option<Layout>,
}

/// What a layer is called, and how its weights start.
pub struct About<'a> {
    /// Its name, if it holds tensors.
    pub name: &'a str,
    /// The arguments for its weights: initialiser and penalty.
    pub kernel: &'a str,
    /// `, trainable=False` if it does not change.
    pub still: &'a str,
    /// Whether it works as at inference in a training.
    pub rests: bool,
}

impl Calls {
    fn any(call: impl Into<String>) -> Self {
        Self { wants: None, calls: vec![call.into()], gives: None }
    }

    fn last(call: impl Into<String>) -> Self {
        Self { wants: Some(Layout::Last), ..Self::any(call) }
    }

    fn first(call: impl Into<String>) -> Self {
        Self { wants: Some(Layout::First), gives: Some(Layout::First), ..Self::any(call) }
    }
}

/// The layers for a layer.
///
/// # Errors
///
/// Why Keras has none.
pub fn layers(layer: &Layer, input: &Shape, output: &Shape, about: &About) -> Result<Calls, String> {
    let About { name, kernel, still, rests } = about;
    let end = format!("{still}, name=\"{name}\")");
    let eps = |eps: f64| format!("epsilon={}", number(eps));
    let spatial = input.0.len() - 1;
    Ok(match layer {
        Layer::Dense(dense) => {
            let bias = if dense.weights.bias { "" } else { ", use_bias=False" };
            Calls::any(format!("layers.Dense({}{bias}{kernel}{end}", dense.units))
        }
        Layer::Embedding(table) => {
            let call = format!("layers.Embedding({}, {}{kernel}{end}", table.vocabulary, table.width);
            Calls { gives: Some(Layout::Last), ..Calls::any(call) }
        }
        Layer::Conv(conv) => convolution(conv, input, about)?,
        Layer::MaxPool(pool) => {
            let window = window(pool.sliding.on("max_pool", input))?;
            pooled("MaxPooling", &window, spatial == 1, is_same(&window), "Pad(PADS)")
        }
        Layer::AvgPool(pool) => {
            let window = window(pool.sliding.on("avg_pool", input))?;
            // Keras does not count the zeros of `same`.
            let has_padding = pads(&window) != [[0; 2]; 2];
            pooled(
                "AveragePooling",
                &window,
                spatial == 1,
                !has_padding,
                &format!("layers.ZeroPadding{spatial}D(PADS)"),
            )
        }
        Layer::GlobalPool(pool) => {
            let kind = if *pool == GlobalPool::Avg { "Average" } else { "Max" };
            Calls { gives: Some(Layout::First), ..Calls::last(format!("layers.Global{kind}Pooling{spatial}D()")) }
        }
        Layer::BatchNorm(norm) => {
            let momentum = number(1.0 - norm.momentum);
            let rests = if *rests { ", rests=True" } else { "" };
            Calls::last(format!("BatchNorm(momentum={momentum}, {}{rests}{end}", eps(norm.eps)))
        }
        Layer::LayerNorm(norm) => {
            let axes: Vec<usize> = (1..=input.0.len()).collect();
            let axes = if axes.len() == 1 { "-1".to_owned() } else { tuple(&axes) };
            Calls::first(format!("layers.LayerNormalization(axis={axes}, {}{end}", eps(norm.eps)))
        }
        Layer::RmsNorm(norm) => Calls::last(format!("layers.RMSNormalization({}{end}", eps(norm.eps))),
        Layer::GroupNorm(norm) => {
            Calls::last(format!("layers.GroupNormalization({}, {}{end}", norm.groups, eps(norm.eps)))
        }
        Layer::Dropout(dropout) => Calls::any(format!("layers.Dropout({})", number(dropout.rate))),
        Layer::Rescale(rescale) => {
            let offset = if rescale.offset == 0.0 { String::new() } else { format!(", {}", number(rescale.offset)) };
            Calls::any(format!("layers.Rescaling({}{offset})", number(rescale.factor)))
        }
        Layer::Normalize(_) => Calls::last(format!("Normalize(name=\"{name}\")")),
        Layer::Flatten(_) => Calls::first("layers.Flatten()"),
        Layer::Reshape(_) => Calls::first(format!("layers.Reshape({})", tuple(&output.0))),
        Layer::Prelu(prelu) => {
            let axes: Vec<usize> = (1..input.0.len() + usize::from(prelu.shared)).collect();
            let shared = if axes.is_empty() { String::new() } else { format!(", shared_axes={axes:?}") };
            let init = number(prelu.init);
            Calls::last(format!("layers.PReLU(alpha_initializer=keras.initializers.Constant({init}){shared}{end}"))
        }
        Layer::Softmax(_) => Calls::any("layers.Softmax()"),
        Layer::LogSoftmax(_) => Calls::any("layers.Activation(\"log_softmax\")"),
        Layer::Activation(activation) => {
            Calls { wants: None, calls: activated(*activation).into_iter().collect(), gives: None }
        }
    })
}

fn activated(activation: Activation) -> Option<String> {
    let named = |name: &str| format!("layers.Activation(\"{name}\")");
    Some(match activation {
        Activation::Linear => return None,
        Activation::LeakyRelu { slope } => format!("layers.LeakyReLU({})", number(slope)),
        Activation::Elu { alpha } => format!("layers.ELU({})", number(alpha)),
        Activation::BoundedRelu { max } => format!("layers.ReLU(max_value={})", number(max)),
        Activation::GeluTanh => "layers.Activation(gelu_tanh)".to_owned(),
        Activation::Step => "layers.Activation(step)".to_owned(),
        Activation::Sigmoid
        | Activation::Tanh
        | Activation::Relu
        | Activation::Selu
        | Activation::Gelu
        | Activation::Silu
        | Activation::Softplus
        | Activation::HardSigmoid
        | Activation::HardTanh
        | Activation::HardSwish
        | Activation::Mish => named(activation.name()),
    })
}

/// The argument for an initialiser of Keras; nothing where it is the layer's default.
pub fn initializer(argument: &str, init: Init, fans: [f64; 2], is_table: bool) -> String {
    let normal = |deviation: f64| format!("keras.initializers.RandomNormal(0.0, {})", number(deviation));
    let uniform = |bound: f64| format!("keras.initializers.RandomUniform({}, {})", number(-bound), number(bound));
    let [inputs, outputs] = fans;
    let value = match init {
        Init::Auto | Init::GlorotUniform if !is_table => return String::new(),
        // Keras takes the fans of a table the other way round.
        Init::Auto | Init::GlorotUniform => uniform((6.0 / (inputs + outputs)).sqrt()),
        Init::HeNormal if is_table => normal((2.0 / inputs).sqrt()),
        Init::HeUniform if is_table => uniform((6.0 / inputs).sqrt()),
        Init::LecunNormal if is_table => normal((1.0 / inputs).sqrt()),
        // The normal distributions of Keras's own names are cut off at two deviations.
        Init::HeNormal => "he_normal()".to_owned(),
        Init::GlorotNormal => "glorot_normal()".to_owned(),
        Init::LecunNormal => "lecun_normal()".to_owned(),
        Init::HeUniform => "\"he_uniform\"".to_owned(),
        Init::Normal(deviation) => normal(deviation),
        Init::Uniform(bound) => uniform(bound),
        Init::Constant(value) => format!("keras.initializers.Constant({})", number(value)),
    };
    format!(", {argument}={value}")
}

/// The window of a layer whose shapes were checked.
fn window<E>(found: Result<Window, E>) -> Result<Window, String> {
    found.map_err(|_| "its window does not fit its input".to_owned())
}

/// How far windows reach beyond the input: before and after it, along each axis.
fn pads(window: &Window) -> [[usize; 2]; 2] {
    [0, 1].map(|axis| {
        let reach = window.dilation[axis] * (window.size[axis] - 1) + 1;
        let end = (window.output[axis] - 1) * window.stride[axis] + reach;
        [window.padding[axis], end.saturating_sub(window.input[axis] + window.padding[axis])]
    })
}

/// Whether the padding is what Keras calls `same`.
fn is_same(window: &Window) -> bool {
    (0..2).all(|axis| {
        let [before, after] = pads(window)[axis];
        window.output[axis] == window.input[axis].div_ceil(window.stride[axis]) && before == (before + after) / 2
    })
}

/// Pads as arguments: `(1, 2)` of a sequence, `((1, 2), (0, 1))` of an image.
fn written([[top, bottom], [left, right]]: [[usize; 2]; 2], is_sequence: bool) -> String {
    match is_sequence {
        true => format!("({left}, {right})"),
        false => format!("(({top}, {bottom}), ({left}, {right}))"),
    }
}

fn convolution(conv: &Conv, input: &Shape, about: &About) -> Result<Calls, String> {
    let About { name, kernel, still, .. } = about;
    let sequence = input.0.len() == 2;
    let window = window(conv.sliding.on("conv", input))?;
    if window.stride != [1, 1] && window.dilation != [1, 1] {
        return Err("Keras has no convolution with both a stride and a dilation".to_owned());
    }
    let mut arguments = format!("{}, {}", conv.channels, pair(window.size, sequence));
    if window.stride != [1, 1] {
        arguments += &format!(", strides={}", pair(window.stride, sequence));
    }
    let (pads, same) = (pads(&window), is_same(&window));
    let is_padded = pads != [[0; 2]; 2];
    if is_padded && same {
        arguments += ", padding=\"same\"";
    }
    if window.dilation != [1, 1] {
        arguments += &format!(", dilation_rate={}", pair(window.dilation, sequence));
    }
    if conv.groups != 1 {
        arguments += &format!(", groups={}", conv.groups);
    }
    if !conv.weights.bias {
        arguments += ", use_bias=False";
    }
    let dimensions = if sequence { 1 } else { 2 };
    let call = format!("layers.Conv{dimensions}D({arguments}{kernel}{still}, name=\"{name}\")");
    let pad = format!("layers.ZeroPadding{dimensions}D({})", written(pads, sequence));
    let calls = (is_padded && !same).then_some(pad).into_iter().chain([call]).collect();
    Ok(Calls { wants: Some(Layout::Last), calls, gives: None })
}

fn pooled(kind: &str, window: &Window, sequence: bool, is_same: bool, pad: &str) -> Calls {
    let (pads, dimensions) = (pads(window), if sequence { 1 } else { 2 });
    let is_padded = pads != [[0; 2]; 2];
    let mut arguments = pair(window.size, sequence);
    if window.stride != window.size {
        arguments += &format!(", strides={}", pair(window.stride, sequence));
    }
    if is_padded && is_same {
        arguments += ", padding=\"same\"";
    }
    let call = format!("layers.{kind}{dimensions}D({arguments})");
    let pad = pad.replace("PADS", &written(pads, sequence));
    let calls = (is_padded && !is_same).then_some(pad).into_iter().chain([call]).collect();
    Calls { wants: Some(Layout::Last), calls, gives: None }
}

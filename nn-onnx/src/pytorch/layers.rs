//! The modules and the functions of PyTorch for each layer.

use nn_compiler::layers::Layer;
use nn_compiler::layers::conv::Conv;
use nn_compiler::layers::global_pool::GlobalPool;
use nn_compiler::layers::prelu::Prelu;
use nn_compiler::shape::Shape;
use nn_compiler::vocabulary::{Activation, Window};

use crate::python::{number, pair, tuple};

/// A layer as PyTorch has it.
pub struct Modules {
    /// The calls that make modules, in order.
    pub calls: Vec<String>,
    /// Which of them holds the tensors of the layer.
    pub holder: usize,
}

impl Modules {
    fn one(call: impl Into<String>) -> Self {
        Self { calls: vec![call.into()], holder: 0 }
    }
}

/// The modules for a layer.
///
/// # Errors
///
/// Why PyTorch has none.
pub fn modules(layer: &Layer, input: &Shape, output: &Shape) -> Result<Modules, String> {
    let features = input.features();
    Ok(match layer {
        Layer::Dense(dense) => {
            let bias = if dense.weights.bias { "" } else { ", bias=False" };
            Modules::one(format!("nn.Linear({features}, {}{bias})", dense.units))
        }
        Layer::Embedding(table) => Modules::one(format!("TokenEmbedding({}, {})", table.vocabulary, table.width)),
        Layer::Conv(conv) => convolution(conv, input),
        Layer::MaxPool(pool) => {
            let window = window(pool.sliding.on("max_pool", input))?;
            pooled("MaxPool", &window, is_sequence(input), Some("-float(\"inf\")"))
        }
        Layer::AvgPool(pool) => {
            let window = window(pool.sliding.on("avg_pool", input))?;
            pooled("AvgPool", &window, is_sequence(input), None)
        }
        Layer::GlobalPool(pool) => {
            let (dimensions, kind) = (input.0.len() - 1, if *pool == GlobalPool::Avg { "Avg" } else { "Max" });
            Modules { calls: vec![format!("nn.Adaptive{kind}Pool{dimensions}d(1)"), "nn.Flatten()".into()], holder: 0 }
        }
        Layer::BatchNorm(norm) => {
            let dimensions = match input.0.len() {
                1 | 2 => 1,
                3 => 2,
                4 => 3,
                more => return Err(format!("PyTorch has no BatchNorm for {more} dimensions")),
            };
            let momentum = named("momentum", norm.momentum, 0.1);
            let eps = named("eps", norm.eps, 1e-5);
            Modules::one(format!("nn.BatchNorm{dimensions}d({features}{eps}{momentum})"))
        }
        Layer::LayerNorm(norm) => {
            let shape = if input.0.len() == 1 { features.to_string() } else { tuple(&input.0) };
            Modules::one(format!("nn.LayerNorm({shape}{})", named("eps", norm.eps, 1e-5)))
        }
        Layer::RmsNorm(norm) if input.0.len() == 1 => {
            Modules::one(format!("nn.RMSNorm({features}, eps={})", number(norm.eps)))
        }
        Layer::RmsNorm(norm) => Modules::one(format!("ChannelRMSNorm({features}, eps={})", number(norm.eps))),
        Layer::GroupNorm(norm) => {
            Modules::one(format!("nn.GroupNorm({}, {features}{})", norm.groups, named("eps", norm.eps, 1e-5)))
        }
        Layer::Dropout(dropout) => Modules::one(format!("nn.Dropout({})", number(dropout.rate))),
        Layer::Rescale(rescale) => {
            Modules::one(format!("Rescale({}{})", number(rescale.factor), named("offset", rescale.offset, 0.0)))
        }
        Layer::Normalize(_) => Modules::one(format!("Normalize({features})")),
        Layer::Flatten(_) => Modules::one("nn.Flatten()"),
        Layer::Reshape(_) => reshaped(input, output),
        Layer::Prelu(Prelu { shared, init }) => {
            let slopes = if *shared { 1 } else { features };
            Modules::one(format!("nn.PReLU({slopes}{})", named("init", *init, 0.25)))
        }
        Layer::Softmax(_) => Modules::one("nn.Softmax(1)"),
        Layer::LogSoftmax(_) => Modules::one("nn.LogSoftmax(1)"),
        Layer::Activation(activation) => Modules { calls: activated(*activation).into_iter().collect(), holder: 0 },
    })
}

/// A layer without tensors, applied to an expression; `None` if it needs modules.
pub fn function(layer: &Layer, x: &str, output: &Shape) -> Option<String> {
    Some(match layer {
        Layer::Softmax(_) => format!("F.softmax({x}, 1)"),
        Layer::LogSoftmax(_) => format!("F.log_softmax({x}, 1)"),
        Layer::Flatten(_) => format!("torch.flatten({x}, 1)"),
        Layer::Reshape(_) => {
            let sizes: Vec<String> = output.0.iter().map(usize::to_string).collect();
            format!("torch.reshape({x}, (-1, {}))", sizes.join(", "))
        }
        Layer::Rescale(rescale) if rescale.offset == 0.0 => format!("{} * ({x})", number(rescale.factor)),
        Layer::Rescale(rescale) => format!("{} * ({x}) + {}", number(rescale.factor), number(rescale.offset)),
        Layer::Activation(activation) => return applied(*activation, x),
        // In evaluation mode for ever.
        Layer::Dropout(_) => x.to_owned(),
        Layer::Dense(_)
        | Layer::Embedding(_)
        | Layer::Conv(_)
        | Layer::MaxPool(_)
        | Layer::AvgPool(_)
        | Layer::GlobalPool(_)
        | Layer::BatchNorm(_)
        | Layer::LayerNorm(_)
        | Layer::RmsNorm(_)
        | Layer::GroupNorm(_)
        | Layer::Normalize(_)
        | Layer::Prelu(_) => return None,
    })
}

fn applied(activation: Activation, x: &str) -> Option<String> {
    Some(match activation {
        Activation::Linear => x.to_owned(),
        Activation::Sigmoid => format!("torch.sigmoid({x})"),
        Activation::Tanh => format!("torch.tanh({x})"),
        Activation::Relu => format!("F.relu({x})"),
        Activation::LeakyRelu { slope } => format!("F.leaky_relu({x}{})", named("negative_slope", slope, 0.01)),
        Activation::Elu { alpha } => format!("F.elu({x}{})", named("alpha", alpha, 1.0)),
        Activation::Selu => format!("F.selu({x})"),
        Activation::Gelu => format!("F.gelu({x})"),
        Activation::GeluTanh => format!("F.gelu({x}, approximate=\"tanh\")"),
        Activation::Silu => format!("F.silu({x})"),
        Activation::Softplus => format!("F.softplus({x})"),
        Activation::HardSigmoid => format!("F.hardsigmoid({x})"),
        Activation::HardTanh => format!("F.hardtanh({x})"),
        Activation::BoundedRelu { max: 6.0 } => format!("F.relu6({x})"),
        Activation::BoundedRelu { max } => format!("F.hardtanh({x}, 0.0, {})", number(max)),
        Activation::HardSwish => format!("F.hardswish({x})"),
        Activation::Mish => format!("F.mish({x})"),
        // It needs x twice.
        Activation::Step => return None,
    })
}

fn activated(activation: Activation) -> Option<String> {
    Some(match activation {
        Activation::Linear => return None,
        Activation::Sigmoid => "nn.Sigmoid()".into(),
        Activation::Tanh => "nn.Tanh()".into(),
        Activation::Relu => "nn.ReLU()".into(),
        Activation::LeakyRelu { slope } => format!("nn.LeakyReLU({})", number(slope)),
        Activation::Elu { alpha } => format!("nn.ELU({})", if alpha == 1.0 { String::new() } else { number(alpha) }),
        Activation::Selu => "nn.SELU()".into(),
        Activation::Gelu => "nn.GELU()".into(),
        Activation::GeluTanh => "nn.GELU(approximate=\"tanh\")".into(),
        Activation::Silu => "nn.SiLU()".into(),
        Activation::Softplus => "nn.Softplus()".into(),
        Activation::HardSigmoid => "nn.Hardsigmoid()".into(),
        Activation::HardTanh => "nn.Hardtanh()".into(),
        Activation::BoundedRelu { max: 6.0 } => "nn.ReLU6()".into(),
        Activation::BoundedRelu { max } => format!("nn.Hardtanh(0.0, {})", number(max)),
        Activation::HardSwish => "nn.Hardswish()".into(),
        Activation::Mish => "nn.Mish()".into(),
        Activation::Step => "Step()".into(),
    })
}

/// An argument that is not the default of PyTorch.
fn named(name: &str, value: f64, default: f64) -> String {
    if value == default { String::new() } else { format!(", {name}={}", number(value)) }
}

fn is_sequence(shape: &Shape) -> bool {
    shape.0.len() == 2
}

/// The window of a layer whose shapes were checked.
fn window<E>(found: Result<Window, E>) -> Result<Window, String> {
    found.map_err(|_| "its window does not fit its input".to_owned())
}

/// What is added after the input along each axis; before it, that is the window's padding.
fn after(window: &Window) -> [usize; 2] {
    [0, 1].map(|axis| {
        let reach = window.dilation[axis] * (window.size[axis] - 1) + 1;
        ((window.output[axis] - 1) * window.stride[axis] + reach)
            .saturating_sub(window.input[axis] + window.padding[axis])
    })
}

/// A module that pads unevenly, if the padding of a module cannot.
fn padded(window: &Window, is_sequence: bool, most: [usize; 2], value: Option<&str>) -> Option<String> {
    let (before, after) = (window.padding, after(window));
    // Less after than before is what remains where windows do not divide the input.
    let is_even = (0..2).all(|axis| after[axis] <= before[axis] && before[axis] <= most[axis]);
    if is_even {
        return None;
    }
    let sides = match is_sequence {
        true => format!("({}, {})", before[1], after[1]),
        false => format!("({}, {}, {}, {})", before[1], after[1], before[0], after[0]),
    };
    let dimensions = if is_sequence { 1 } else { 2 };
    Some(match value {
        Some(value) => format!("nn.ConstantPad{dimensions}d({sides}, {value})"),
        None => format!("nn.ZeroPad{dimensions}d({sides})"),
    })
}

fn convolution(conv: &Conv, input: &Shape) -> Modules {
    let sequence = is_sequence(input);
    let Ok(window) = conv.sliding.on("conv", input) else { return Modules::one("nn.Identity()") };
    let pad = padded(&window, sequence, [usize::MAX; 2], None);
    let mut arguments = format!("{}, {}, {}", window.channels, conv.channels, pair(window.size, sequence));
    if window.stride != [1, 1] {
        arguments += &format!(", stride={}", pair(window.stride, sequence));
    }
    if pad.is_none() && window.padding != [0, 0] {
        arguments += &format!(", padding={}", pair(window.padding, sequence));
    }
    if window.dilation != [1, 1] {
        arguments += &format!(", dilation={}", pair(window.dilation, sequence));
    }
    if conv.groups != 1 {
        arguments += &format!(", groups={}", conv.groups);
    }
    if !conv.weights.bias {
        arguments += ", bias=False";
    }
    let call = format!("nn.Conv{}d({arguments})", if sequence { 1 } else { 2 });
    let holder = usize::from(pad.is_some());
    Modules { calls: pad.into_iter().chain([call]).collect(), holder }
}

fn pooled(kind: &str, window: &Window, sequence: bool, value: Option<&str>) -> Modules {
    // PyTorch pads a pool by at most half of its window.
    let pad = padded(window, sequence, window.size.map(|size| size / 2), value);
    let mut arguments = pair(window.size, sequence);
    if window.stride != window.size {
        arguments += &format!(", stride={}", pair(window.stride, sequence));
    }
    if pad.is_none() && window.padding != [0, 0] {
        arguments += &format!(", padding={}", pair(window.padding, sequence));
    }
    let call = format!("nn.{kind}{}d({arguments})", if sequence { 1 } else { 2 });
    Modules { calls: pad.into_iter().chain([call]).collect(), holder: 0 }
}

fn reshaped(input: &Shape, output: &Shape) -> Modules {
    let flat = (input.0.len() > 1).then(|| "nn.Flatten()".to_owned());
    let shaped = (output.0.len() > 1).then(|| format!("nn.Unflatten(1, {})", tuple(&output.0)));
    Modules { calls: flat.into_iter().chain(shaped).collect(), holder: 0 }
}

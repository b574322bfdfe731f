//! Which elementwise activations there are, and what is true of each.

/// An elementwise activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// f(x) = x
    Linear,
    /// f(x) = 1/(1 + e⁻ˣ)
    Sigmoid,
    /// f(x) = tanh x
    Tanh,
    /// f(x) = max(x, 0)
    Relu,
    /// f(x) = clamp(x, 0, max); with 6 it is relu6 (Howard et al. 2017)
    BoundedRelu {
        /// The largest value.
        max: f64,
    },
    /// f(x) = x where x > 0, else slope·x
    LeakyRelu {
        /// The slope below zero.
        slope: f64,
    },
    /// f(x) = x where x > 0, else α·(eˣ − 1)
    Elu {
        /// α.
        alpha: f64,
    },
    /// f(x) = λ·x where x > 0, else λ·α·(eˣ − 1) (Klambauer et al. 2017)
    Selu,
    /// f(x) = x·Φ(x)
    Gelu,
    /// f(x) = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
    GeluTanh,
    /// f(x) = x·sigmoid(x)
    Silu,
    /// f(x) = ln(1 + eˣ)
    Softplus,
    /// f(x) = clamp(x/6 + 1/2, 0, 1)
    HardSigmoid,
    /// f(x) = clamp(x, −1, 1)
    HardTanh,
    /// f(x) = x·clamp(x/6 + 1/2, 0, 1) (Howard et al. 2019)
    HardSwish,
    /// f(x) = x·tanh(softplus(x)) (Misra 2019)
    Mish,
    /// f(x) = 1 where x > 0, else 0
    Step,
}

impl Activation {
    /// The word of the language.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu | Self::BoundedRelu { .. } => "relu",
            Self::LeakyRelu { .. } => "leaky_relu",
            Self::Elu { .. } => "elu",
            Self::Selu => "selu",
            Self::Gelu | Self::GeluTanh => "gelu",
            Self::Silu => "silu",
            Self::Softplus => "softplus",
            Self::HardSigmoid => "hard_sigmoid",
            Self::HardTanh => "hard_tanh",
            Self::HardSwish => "hard_swish",
            Self::Mish => "mish",
            Self::Step => "step",
        }
    }

    /// Whether f′ is computed from y = f(x); else it is computed from x.
    pub fn saves_output(self) -> bool {
        match self {
            Self::Linear
            | Self::Sigmoid
            | Self::Tanh
            | Self::Relu
            | Self::BoundedRelu { .. }
            | Self::LeakyRelu { .. }
            | Self::Elu { .. }
            | Self::Selu
            | Self::Softplus
            | Self::HardSigmoid
            | Self::HardTanh
            | Self::Step => true,
            Self::Gelu | Self::GeluTanh | Self::Silu | Self::HardSwish | Self::Mish => false,
        }
    }

    /// The range of y, infinite where it is not limited.
    pub fn range(self) -> (f64, f64) {
        const ANY: f64 = f64::INFINITY;
        match self {
            Self::Linear | Self::LeakyRelu { .. } => (-ANY, ANY),
            Self::Sigmoid | Self::HardSigmoid | Self::Step => (0.0, 1.0),
            Self::Tanh | Self::HardTanh => (-1.0, 1.0),
            Self::Relu | Self::Softplus => (0.0, ANY),
            Self::BoundedRelu { max } => (0.0, max),
            Self::Elu { alpha } => (-alpha, ANY),
            // −λ·α
            Self::Selu => (-1.758_1, ANY),
            // Their minima, rounded down.
            Self::Gelu | Self::GeluTanh => (-0.171, ANY),
            Self::Silu => (-0.279, ANY),
            Self::HardSwish => (-0.375, ANY),
            Self::Mish => (-0.309, ANY),
        }
    }

    /// Whether f(0) = 0.
    pub fn keeps_zero(self) -> bool {
        match self {
            Self::Linear
            | Self::Tanh
            | Self::Relu
            | Self::LeakyRelu { .. }
            | Self::Elu { .. }
            | Self::Selu
            | Self::Gelu
            | Self::GeluTanh
            | Self::Silu
            | Self::HardTanh
            | Self::BoundedRelu { .. }
            | Self::HardSwish
            | Self::Mish
            | Self::Step => true,
            Self::Sigmoid | Self::Softplus | Self::HardSigmoid => false,
        }
    }

    /// Whether it is flat far from zero on both sides, and not in between. (A bounded relu is one of the relu family: up
    /// to its bound, gradients pass unchanged.)
    pub fn saturates(self) -> bool {
        match self {
            Self::Sigmoid | Self::Tanh | Self::HardSigmoid | Self::HardTanh => true,
            Self::Linear
            | Self::Relu
            | Self::LeakyRelu { .. }
            | Self::Elu { .. }
            | Self::Selu
            | Self::Gelu
            | Self::GeluTanh
            | Self::Silu
            | Self::Softplus
            | Self::BoundedRelu { .. }
            | Self::HardSwish
            | Self::Mish
            | Self::Step => false,
        }
    }

    /// Whether `init: auto` uses He's variance before it.
    pub fn is_relu_family(self) -> bool {
        match self {
            Self::Relu
            | Self::LeakyRelu { .. }
            | Self::Elu { .. }
            | Self::Selu
            | Self::Gelu
            | Self::GeluTanh
            | Self::Silu
            | Self::BoundedRelu { .. }
            | Self::HardSwish
            | Self::Mish => true,
            Self::Linear
            | Self::Sigmoid
            | Self::Tanh
            | Self::Softplus
            | Self::HardSigmoid
            | Self::HardTanh
            | Self::Step => false,
        }
    }

    /// The right side of y = …, for comments.
    pub fn formula(self, x: &str) -> String {
        match self {
            Self::Linear => x.to_owned(),
            Self::LeakyRelu { slope } => format!("leaky_relu({x}, slope {slope})"),
            Self::Elu { alpha } => format!("elu({x}, alpha {alpha})"),
            Self::GeluTanh => format!("gelu({x}, by tanh)"),
            Self::BoundedRelu { max } => format!("relu({x}, max {max})"),
            Self::Sigmoid
            | Self::Tanh
            | Self::Relu
            | Self::Selu
            | Self::Gelu
            | Self::Silu
            | Self::Softplus
            | Self::HardSigmoid
            | Self::HardTanh
            | Self::HardSwish
            | Self::Mish
            | Self::Step => format!("{}({x})", self.name()),
        }
    }
}

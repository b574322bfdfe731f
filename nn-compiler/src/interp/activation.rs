//! Elementwise activations and their derivatives.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use crate::vocabulary::Activation;

/// λ and α of selu (Klambauer et al. 2017).
const SELU: (f64, f64) = (1.050_700_987_355_480_5, 1.673_263_242_354_377_2);

/// f(x).
pub fn value(activation: Activation, x: f64) -> f64 {
    match activation {
        Activation::Linear => x,
        Activation::Sigmoid => sigmoid(x),
        Activation::Tanh => x.tanh(),
        Activation::Relu => {
            if x <= 0.0 {
                0.0
            } else {
                x
            }
        }
        Activation::LeakyRelu { slope } => {
            if x > 0.0 {
                x
            } else {
                slope * x
            }
        }
        Activation::Elu { alpha } => {
            if x > 0.0 {
                x
            } else {
                alpha * x.exp_m1()
            }
        }
        Activation::Selu => SELU.0 * if x > 0.0 { x } else { SELU.1 * x.exp_m1() },
        Activation::Gelu => x * normal_cdf(x),
        Activation::GeluTanh => 0.5 * x * (1.0 + gelu_inner(x).tanh()),
        Activation::Silu => x * sigmoid(x),
        Activation::Softplus => softplus(x),
        Activation::HardSigmoid => (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::HardTanh => x.clamp(-1.0, 1.0),
        Activation::BoundedRelu { max } => x.clamp(0.0, max),
        Activation::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
        Activation::Mish => x * softplus(x).tanh(),
        Activation::Step => {
            if x > 0.0 {
                1.0
            } else if x.is_nan() {
                x
            } else {
                0.0
            }
        }
    }
}

/// f′, from y = f(x) if [`Activation::saves_output`], otherwise from x.
pub fn derivative(activation: Activation, saved: f64) -> f64 {
    match activation {
        Activation::Linear => 1.0,
        Activation::Sigmoid => saved * (1.0 - saved),
        Activation::Tanh => 1.0 - saved * saved,
        Activation::Relu => {
            if saved > 0.0 {
                1.0
            } else {
                0.0
            }
        }
        Activation::LeakyRelu { slope } => {
            if saved > 0.0 {
                1.0
            } else {
                slope
            }
        }
        Activation::Elu { alpha } => {
            if saved > 0.0 {
                1.0
            } else {
                saved + alpha
            }
        }
        Activation::Selu => {
            if saved > 0.0 {
                SELU.0
            } else {
                saved + SELU.0 * SELU.1
            }
        }
        Activation::Gelu => normal_cdf(saved) + saved * (-0.5 * saved * saved).exp() / (2.0 * PI).sqrt(),
        Activation::GeluTanh => {
            let tanh = gelu_inner(saved).tanh();
            let inner = (2.0 / PI).sqrt() * (1.0 + 3.0 * 0.044_715 * saved * saved);
            0.5 * (1.0 + tanh) + 0.5 * saved * (1.0 - tanh * tanh) * inner
        }
        Activation::Silu => sigmoid(saved) * (1.0 + saved * (1.0 - sigmoid(saved))),
        Activation::Softplus => -(-saved).exp_m1(),
        Activation::HardSigmoid => {
            if saved > 0.0 && saved < 1.0 {
                1.0 / 6.0
            } else {
                0.0
            }
        }
        Activation::HardTanh => {
            if saved.abs() < 1.0 {
                1.0
            } else {
                0.0
            }
        }
        Activation::BoundedRelu { max } => {
            if saved > 0.0 && saved < max {
                1.0
            } else {
                0.0
            }
        }
        Activation::HardSwish => {
            if saved <= -3.0 {
                0.0
            } else if saved < 3.0 {
                saved / 3.0 + 0.5
            } else {
                1.0
            }
        }
        Activation::Mish => {
            let tanh = softplus(saved).tanh();
            tanh + saved * sigmoid(saved) * (1.0 - tanh * tanh)
        }
        Activation::Step => 0.0,
    }
}

/// ln(1 + eˣ), without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// 1/(1 + e⁻ˣ), without overflow.
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 { 1.0 / (1.0 + (-x).exp()) } else { x.exp() / (1.0 + x.exp()) }
}

/// Φ(x).
fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

fn gelu_inner(x: f64) -> f64 {
    (2.0 / PI).sqrt() * (x + 0.044_715 * x * x * x)
}

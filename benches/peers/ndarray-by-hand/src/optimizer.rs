//! Adam (Kingma & Ba 2015) and SGD with momentum, over slices.

/// How weights follow their gradients.
#[derive(Clone, Copy)]
pub enum Rule {
    Adam { lr: f32 },
    Momentum { lr: f32, momentum: f32 },
}

/// The state of one tensor.
pub struct State {
    m: Vec<f32>,
    v: Vec<f32>,
}

impl State {
    pub fn new(length: usize) -> Self {
        Self { m: vec![0.0; length], v: vec![0.0; length] }
    }

    pub fn restart(&mut self) {
        self.m.fill(0.0);
        self.v.fill(0.0);
    }
}

impl Rule {
    /// Step number `step`, from 1, of a tensor.
    pub fn update(self, step: i32, weights: &mut [f32], gradients: &[f32], state: &mut State) {
        match self {
            Self::Adam { lr } => adam(lr, step, weights, gradients, state),
            Self::Momentum { lr, momentum } => {
                for ((w, g), m) in weights.iter_mut().zip(gradients).zip(&mut state.m) {
                    *m = momentum * *m - lr * g;
                    *w += *m;
                }
            }
        }
    }
}

fn adam(lr: f32, step: i32, weights: &mut [f32], gradients: &[f32], state: &mut State) {
    const BETA1: f32 = 0.9;
    const BETA2: f32 = 0.999;
    const EPS: f32 = 1e-8;
    let rate = lr / (1.0 - BETA1.powi(step));
    let scale = 1.0 / (1.0 - BETA2.powi(step)).sqrt();
    for (((w, g), m), v) in weights.iter_mut().zip(gradients).zip(&mut state.m).zip(&mut state.v) {
        *m = BETA1 * *m + (1.0 - BETA1) * g;
        *v = BETA2 * *v + (1.0 - BETA2) * g * g;
        *w -= rate * *m / (v.sqrt() * scale + EPS);
    }
}

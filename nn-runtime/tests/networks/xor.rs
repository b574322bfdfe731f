//! `input x: [2]; output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;`, trained with
//! `loss: binary_cross_entropy; optimizer: adam(lr: 0.05); metrics: [accuracy];`, as `network!` would
//! write it.

/// Defines the network, for a `batch` and a number of rows in the workspace.
macro_rules! xor {
    ($name:ident, batch: $batch:expr, chunk: $chunk:literal) => {
        xor!($name, batch: $batch, chunk: $chunk, clip_norm: None);
    };
    ($name:ident, batch: $batch:expr, chunk: $chunk:literal, clip_norm: $clip_norm:expr) => {
        nn_runtime::plain! {
            /// Exclusive or.
            pub struct $name {
                parameters: nn_runtime::memory::Flat<64>,
            }
        }

        const _: () = {
            use nn_runtime::early_stopping::EarlyStopping;
            use nn_runtime::init::{self, Generator};
            use nn_runtime::isa;
            use nn_runtime::layers::activation::{Linear, Sigmoid, Tanh};
            use nn_runtime::layers::dense;
            use nn_runtime::losses::BinaryCrossEntropy;
            use nn_runtime::memory::{Flat, rows_mut, split};
            use nn_runtime::metrics;
            use nn_runtime::network::{Network, Tensor, TensorKind};
            use nn_runtime::optimizers::{Adam, Optimizer};
            use nn_runtime::row;
            use nn_runtime::trainable::{LossFactors, Pass, Trainable};

            const Y_0_WEIGHT: usize = 0;
            const Y_0_BIAS: usize = 16;
            const Y_2_WEIGHT: usize = 32;
            const Y_2_BIAS: usize = 48;

            impl Network for $name {
                type Input = [f32; 2];
                type Output = [f32; 1];
                type Scratch = Flat<16>;

                const NAME: &'static str = stringify!($name);
                const SPEC: &'static str = "network Xor { … }";
                const SUMMARY: &'static str = "";
                const HASH: &'static str = "xor";
                const PARAMS: usize = 17;
                const MACS: usize = 12;
                const MEMORY: usize = 64 * 4 + 16 * 4;
                const SCRATCH: usize = 16 * 4;
                const TENSORS: &'static [Tensor] = &[
                    Tensor { name: "y.0.weight", shape: &[2, 4], offset: Y_0_WEIGHT, kind: TensorKind::Parameter },
                    Tensor { name: "y.0.bias", shape: &[4], offset: Y_0_BIAS, kind: TensorKind::Parameter },
                    Tensor { name: "y.2.weight", shape: &[4, 1], offset: Y_2_WEIGHT, kind: TensorKind::Parameter },
                    Tensor { name: "y.2.bias", shape: &[1], offset: Y_2_BIAS, kind: TensorKind::Parameter },
                ];

                fn init_in(slot: &mut Self, seed: u64) {
                    let generator = &mut Generator::new(seed);
                    let parameters = slot.parameters.as_mut_slice();
                    init::constant(0.0, parameters);
                    init::glorot_uniform(generator, 2, 4, &mut parameters[Y_0_WEIGHT..][..8]);
                    init::glorot_uniform(generator, 4, 1, &mut parameters[Y_2_WEIGHT..][..4]);
                }

                fn values(&self, kind: TensorKind) -> &[f32] {
                    match kind {
                        TensorKind::Parameter => self.parameters.as_slice(),
                        TensorKind::Statistic => &[],
                    }
                }

                fn values_mut(&mut self, kind: TensorKind) -> &mut [f32] {
                    match kind {
                        TensorKind::Parameter => self.parameters.as_mut_slice(),
                        TensorKind::Statistic => &mut [],
                    }
                }

                fn forward(&self, x: &[[f32; 2]], y: &mut [[f32; 1]], scratch: &mut [f32]) {
                    let n = x.len();
                    let [hidden] = split(scratch, [n * 4]);
                    let hidden = rows_mut::<4>(hidden, n);
                    isa::run(dense::Forward {
                        x,
                        weight: self.parameters.matrix(Y_0_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_0_BIAS)),
                        activation: Tanh,
                        y: hidden,
                    });
                    isa::run(dense::Forward {
                        x: hidden,
                        weight: self.parameters.matrix(Y_2_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_2_BIAS)),
                        activation: Sigmoid,
                        y,
                    });
                }
            }

            impl Trainable for $name {
                type Target = [f32; 1];
                type Parameters = Flat<64>;
                type State = [Flat<64>; 2];
                type Workspace = Flat<{ $chunk * 80 + 16 }>;
                type Metrics = [f64; 1];

                const BATCH: Option<usize> = $batch;
                const CHUNK: usize = $chunk;
                const MIN_ROWS: usize = 1;
                const CLASSES: &'static [usize] = &[];
                const EPOCHS: usize = 300;
                const SEED: u64 = 0;
                const LEARNING_RATE: f32 = 0.05;
                const METRICS: &'static [&'static str] = &["accuracy"];
                const EARLY_STOPPING: Option<EarlyStopping> = None;
                const CLIP_NORM: Option<f32> = $clip_norm;
                const NORMALIZES: bool = false;
                const EVALUATION_SCRATCH: usize = 32;

                fn gradients_chunk(
                    &mut self,
                    x: &[[f32; 2]],
                    targets: &[[f32; 1]],
                    pass: &Pass,
                    gradients: &mut Flat<64>,
                    workspace: &mut Self::Workspace,
                ) -> (f64, [f64; 1]) {
                    let n = x.len();
                    let [hidden, logits, d_logits, d_sum] = split(workspace.as_mut_slice(), [n * 4, n, n, n * 4]);
                    let hidden = rows_mut::<4>(hidden, n);
                    let logits = rows_mut::<1>(logits, n);
                    let d_logits = rows_mut::<1>(d_logits, n);
                    let d_sum = rows_mut::<4>(d_sum, n);
                    isa::run(dense::Forward {
                        x,
                        weight: self.parameters.matrix(Y_0_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_0_BIAS)),
                        activation: Tanh,
                        y: hidden,
                    });
                    isa::run(dense::Forward {
                        x: hidden,
                        weight: self.parameters.matrix(Y_2_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_2_BIAS)),
                        activation: Linear,
                        y: logits,
                    });
                    let loss =
                        isa::run(BinaryCrossEntropy { logits, targets, scale: pass.scale, gradient: Some(d_logits) });
                    let accuracy = metrics::binary_accuracy(logits, targets, 0.0);
                    let (dw, db) = gradients.layer_mut(Y_2_WEIGHT, Y_2_BIAS);
                    isa::run(dense::WeightGradient { x: hidden, dy: d_logits, dw, db: Some(db) });
                    isa::run(dense::InputGradient {
                        dy: d_logits,
                        weight: self.parameters.matrix(Y_2_WEIGHT),
                        activation: Tanh,
                        saved: Some(hidden),
                        dx: d_sum,
                    });
                    let (dw, db) = gradients.layer_mut(Y_0_WEIGHT, Y_0_BIAS);
                    isa::run(dense::WeightGradient { x, dy: d_sum, dw, db: Some(db) });
                    (loss, [accuracy])
                }

                fn penalty(&self, _: Option<&mut Flat<64>>) -> f64 {
                    0.0
                }

                fn update(&mut self, gradients: &Flat<64>, state: &mut [Flat<64>; 2], step: u64, learning_rate: f32) {
                    Adam { beta1: 0.9, beta2: 0.999, eps: 1e-8 }.update(
                        learning_rate,
                        step,
                        self.parameters.as_mut_slice(),
                        gradients.as_slice(),
                        &mut state.each_mut().map(Flat::as_mut_slice),
                    );
                }

                fn evaluate_chunk(
                    &self,
                    x: &[[f32; 2]],
                    targets: &[[f32; 1]],
                    _: &LossFactors,
                    scratch: &mut [f32],
                ) -> (f64, [f64; 1]) {
                    let n = x.len();
                    let [hidden, logits] = split(scratch, [n * 4, n]);
                    let hidden = rows_mut::<4>(hidden, n);
                    let logits = rows_mut::<1>(logits, n);
                    isa::run(dense::Forward {
                        x,
                        weight: self.parameters.matrix(Y_0_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_0_BIAS)),
                        activation: Tanh,
                        y: hidden,
                    });
                    isa::run(dense::Forward {
                        x: hidden,
                        weight: self.parameters.matrix(Y_2_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_2_BIAS)),
                        activation: Linear,
                        y: logits,
                    });
                    let loss = isa::run(BinaryCrossEntropy { logits, targets, scale: 0.0, gradient: None });
                    let accuracy = metrics::binary_accuracy(logits, targets, 0.0);
                    (loss, [accuracy])
                }

                fn fit_normalization(&mut self, _: &[[f32; 2]], _: &mut Self::Workspace) {}

                fn first_non_finite(
                    &mut self,
                    x: &[[f32; 2]],
                    _: &[[f32; 1]],
                    _: &Pass,
                    workspace: &mut Self::Workspace,
                ) -> Option<&'static str> {
                    let n = x.len();
                    let [hidden, logits] = split(workspace.as_mut_slice(), [n * 4, n]);
                    let hidden = rows_mut::<4>(hidden, n);
                    let logits = rows_mut::<1>(logits, n);
                    isa::run(dense::Forward {
                        x,
                        weight: self.parameters.matrix(Y_0_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_0_BIAS)),
                        activation: Tanh,
                        y: hidden,
                    });
                    if row::first_non_finite(hidden).is_some() {
                        return Some("y.0");
                    }
                    isa::run(dense::Forward {
                        x: hidden,
                        weight: self.parameters.matrix(Y_2_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_2_BIAS)),
                        activation: Linear,
                        y: logits,
                    });
                    if row::first_non_finite(logits).is_some() {
                        return Some("y.2");
                    }
                    None
                }
            }
        };
    };
}

//! `input x: [inputs]; output y = x -> normalize -> dense(classes, l2: 1e-3) -> softmax;`, trained with
//! `loss: cross_entropy; optimizer: sgd(lr: 0.1, momentum: 0.9); metrics: [accuracy];`, as `network!`
//! would write it.

/// Defines the network, for numbers of inputs and classes, a `batch` that is also the number of rows in
/// the workspace, and a least number of rows.
macro_rules! classes {
    ($name:ident, inputs: $inputs:literal, classes: $classes:literal, batch: $batch:literal, least: $least:literal) => {
        nn_runtime::plain! {
            /// A linear classifier.
            pub struct $name {
                parameters: nn_runtime::memory::Flat<
                    {
                        nn_runtime::memory::padded($inputs * $classes)
                            + nn_runtime::memory::padded($classes)
                    },
                >,
                statistics:
                    nn_runtime::memory::Flat<{ 2 * nn_runtime::memory::padded($inputs) }>,
            }
        }

        const _: () = {
            use nn_runtime::early_stopping::EarlyStopping;
            use nn_runtime::init::{self, Generator};
            use nn_runtime::isa;
            use nn_runtime::layers::activation::Linear;
            use nn_runtime::layers::{dense, normalize, softmax};
            use nn_runtime::losses::CrossEntropy;
            use nn_runtime::memory::{Flat, padded, rows_mut, split};
            use nn_runtime::metrics;
            use nn_runtime::network::{Network, Tensor, TensorKind};
            use nn_runtime::optimizers::{Optimizer, SgdMomentum};
            use nn_runtime::regularizer::Penalty;
            use nn_runtime::row;
            use nn_runtime::trainable::{LossFactors, Pass, Trainable};

            const Y_1_WEIGHT: usize = 0;
            const Y_1_BIAS: usize = padded($inputs * $classes);
            const PARAMETERS: usize = Y_1_BIAS + padded($classes);
            const Y_0_MEAN: usize = 0;
            const Y_0_DEVIATION: usize = padded($inputs);
            const ROW: usize = padded($inputs) + padded($classes);

            impl Network for $name {
                type Input = [f32; $inputs];
                type Output = [f32; $classes];
                type Scratch = Flat<ROW>;

                const NAME: &'static str = stringify!($name);
                const SPEC: &'static str = "network Classes { … }";
                const SUMMARY: &'static str = "";
                const HASH: &'static str = "classes";
                const METADATA: &'static [(&'static str, &'static str)] =
                    &[("nn.columns", "2"), ("nn.targets", "[\"kind\"]")];
                const PARAMS: usize = $inputs * $classes + $classes;
                const MACS: usize = $inputs * $classes;
                const MEMORY: usize = (PARAMETERS + ROW) * 4;
                const SCRATCH: usize = ROW * 4;
                const TENSORS: &'static [Tensor] = &[
                    Tensor { name: "y.0.mean", shape: &[$inputs], offset: Y_0_MEAN, kind: TensorKind::Statistic },
                    Tensor {
                        name: "y.0.deviation",
                        shape: &[$inputs],
                        offset: Y_0_DEVIATION,
                        kind: TensorKind::Statistic,
                    },
                    Tensor {
                        name: "y.1.weight",
                        shape: &[$inputs, $classes],
                        offset: Y_1_WEIGHT,
                        kind: TensorKind::Parameter,
                    },
                    Tensor { name: "y.1.bias", shape: &[$classes], offset: Y_1_BIAS, kind: TensorKind::Parameter },
                ];

                fn init_in(slot: &mut Self, seed: u64) {
                    let generator = &mut Generator::new(seed);
                    let parameters = slot.parameters.as_mut_slice();
                    init::constant(0.0, parameters);
                    let weight = &mut parameters[Y_1_WEIGHT..][..$inputs * $classes];
                    init::glorot_uniform(generator, $inputs, $classes, weight);
                    let statistics = slot.statistics.as_mut_slice();
                    init::constant(0.0, statistics);
                    init::constant(1.0, &mut statistics[Y_0_DEVIATION..][..$inputs]);
                }

                fn values(&self, kind: TensorKind) -> &[f32] {
                    match kind {
                        TensorKind::Parameter => self.parameters.as_slice(),
                        TensorKind::Statistic => self.statistics.as_slice(),
                    }
                }

                fn values_mut(&mut self, kind: TensorKind) -> &mut [f32] {
                    match kind {
                        TensorKind::Parameter => self.parameters.as_mut_slice(),
                        TensorKind::Statistic => self.statistics.as_mut_slice(),
                    }
                }

                fn forward(&self, x: &[[f32; $inputs]], y: &mut [[f32; $classes]], scratch: &mut [f32]) {
                    let n = x.len();
                    let [normal, logits] = split(scratch, [n * $inputs, n * $classes]);
                    let normal = rows_mut::<$inputs>(normal, n);
                    let logits = rows_mut::<$classes>(logits, n);
                    isa::run(normalize::Forward::<$inputs, $inputs> {
                        x,
                        mean: self.statistics.vector(Y_0_MEAN),
                        deviation: self.statistics.vector(Y_0_DEVIATION),
                        y: normal,
                    });
                    isa::run(dense::Forward {
                        x: normal,
                        weight: self.parameters.matrix(Y_1_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_1_BIAS)),
                        activation: Linear,
                        y: logits,
                    });
                    isa::run(softmax::Forward { x: logits, y });
                }
            }

            impl Trainable for $name {
                type Target = usize;
                type Parameters = Flat<PARAMETERS>;
                type State = [Flat<PARAMETERS>; 1];
                type Workspace = Flat<{ $batch * (ROW + padded($classes)) }>;
                type Metrics = [f64; 1];

                const BATCH: Option<usize> = Some($batch);
                const CHUNK: usize = $batch;
                const MIN_ROWS: usize = $least;
                const CLASSES: &'static [usize] = &[$classes];
                const EPOCHS: usize = 10;
                const SEED: u64 = 7;
                const LEARNING_RATE: f32 = 0.1;
                const METRICS: &'static [&'static str] = &["accuracy"];
                const EARLY_STOPPING: Option<EarlyStopping> =
                    Some(EarlyStopping { monitor: "val_loss", patience: 3, min_delta: 0.0 });
                const NORMALIZES: bool = true;
                const EVALUATION_SCRATCH: usize = ROW;

                fn gradients_chunk(
                    &mut self,
                    x: &[[f32; $inputs]],
                    targets: &[usize],
                    pass: &Pass,
                    gradients: &mut Flat<PARAMETERS>,
                    workspace: &mut Self::Workspace,
                ) -> (f64, [f64; 1]) {
                    let n = x.len();
                    let [normal, logits, d_logits] =
                        split(workspace.as_mut_slice(), [n * $inputs, n * $classes, n * $classes]);
                    let normal = rows_mut::<$inputs>(normal, n);
                    let logits = rows_mut::<$classes>(logits, n);
                    let d_logits = rows_mut::<$classes>(d_logits, n);
                    isa::run(normalize::Forward::<$inputs, $inputs> {
                        x,
                        mean: self.statistics.vector(Y_0_MEAN),
                        deviation: self.statistics.vector(Y_0_DEVIATION),
                        y: normal,
                    });
                    isa::run(dense::Forward {
                        x: normal,
                        weight: self.parameters.matrix(Y_1_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_1_BIAS)),
                        activation: Linear,
                        y: logits,
                    });
                    let loss = isa::run(CrossEntropy { logits, targets, scale: pass.scale, gradient: Some(d_logits) });
                    let accuracy = metrics::class_accuracy(logits, targets);
                    let (dw, db) = gradients.layer_mut(Y_1_WEIGHT, Y_1_BIAS);
                    isa::run(dense::WeightGradient { x: normal, dy: d_logits, dw, db: Some(db) });
                    (loss, [accuracy])
                }

                fn penalty(&self, gradients: Option<&mut Flat<PARAMETERS>>) -> f64 {
                    isa::run(Penalty {
                        weights: &self.parameters.as_slice()[Y_1_WEIGHT..][..$inputs * $classes],
                        l1: 0.0,
                        l2: 1e-3,
                        gradient: gradients
                            .map(|gradients| &mut gradients.as_mut_slice()[Y_1_WEIGHT..][..$inputs * $classes]),
                    })
                }

                fn update(
                    &mut self,
                    gradients: &Flat<PARAMETERS>,
                    state: &mut [Flat<PARAMETERS>; 1],
                    step: u64,
                    learning_rate: f32,
                ) {
                    SgdMomentum { momentum: 0.9, nesterov: false, weight_decay: 0.0 }.update(
                        learning_rate,
                        step,
                        self.parameters.as_mut_slice(),
                        gradients.as_slice(),
                        &mut state.each_mut().map(Flat::as_mut_slice),
                    );
                }

                fn evaluate_chunk(
                    &self,
                    x: &[[f32; $inputs]],
                    targets: &[usize],
                    _: &LossFactors,
                    scratch: &mut [f32],
                ) -> (f64, [f64; 1]) {
                    let n = x.len();
                    let [normal, logits] = split(scratch, [n * $inputs, n * $classes]);
                    let normal = rows_mut::<$inputs>(normal, n);
                    let logits = rows_mut::<$classes>(logits, n);
                    isa::run(normalize::Forward::<$inputs, $inputs> {
                        x,
                        mean: self.statistics.vector(Y_0_MEAN),
                        deviation: self.statistics.vector(Y_0_DEVIATION),
                        y: normal,
                    });
                    isa::run(dense::Forward {
                        x: normal,
                        weight: self.parameters.matrix(Y_1_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_1_BIAS)),
                        activation: Linear,
                        y: logits,
                    });
                    let loss = isa::run(CrossEntropy { logits, targets, scale: 0.0, gradient: None });
                    let accuracy = metrics::class_accuracy(logits, targets);
                    (loss, [accuracy])
                }

                fn fit_normalization(&mut self, x: &[[f32; $inputs]], _: &mut Self::Workspace) {
                    let [mean, deviation] = self.statistics.vectors_mut::<$inputs, 2>([Y_0_MEAN, Y_0_DEVIATION]);
                    let mut moments = normalize::Moments::<$inputs>::new(0);
                    isa::run(normalize::Observe::<$inputs, $inputs, $inputs> { x, moments: &mut moments });
                    moments.finish(mean, deviation);
                }

                fn first_non_finite(
                    &mut self,
                    x: &[[f32; $inputs]],
                    _: &[usize],
                    _: &Pass,
                    workspace: &mut Self::Workspace,
                ) -> Option<&'static str> {
                    let n = x.len();
                    let [normal, logits] = split(workspace.as_mut_slice(), [n * $inputs, n * $classes]);
                    let normal = rows_mut::<$inputs>(normal, n);
                    let logits = rows_mut::<$classes>(logits, n);
                    isa::run(normalize::Forward::<$inputs, $inputs> {
                        x,
                        mean: self.statistics.vector(Y_0_MEAN),
                        deviation: self.statistics.vector(Y_0_DEVIATION),
                        y: normal,
                    });
                    if row::first_non_finite(normal).is_some() {
                        return Some("y.0");
                    }
                    isa::run(dense::Forward {
                        x: normal,
                        weight: self.parameters.matrix(Y_1_WEIGHT),
                        panels: None,
                        bias: Some(self.parameters.vector(Y_1_BIAS)),
                        activation: Linear,
                        y: logits,
                    });
                    if row::first_non_finite(logits).is_some() {
                        return Some("y.1");
                    }
                    None
                }
            }
        };
    };
}

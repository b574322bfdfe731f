::nn_runtime::generated::plain! {
    /// The network `Xor`.
    ///
    /// # Shapes
    ///
    /// | value | shape |
    /// | --- | --- |
    /// | input `x` | `[2]` |
    /// | output `y` | `[1]` |
    ///
    /// # Tensors
    ///
    /// | name | shape | |
    /// | --- | --- | --- |
    /// | `y.0.weight` | `[2, 4]` | parameter |
    /// | `y.0.bias` | `[4]` | parameter |
    /// | `y.1.weight` | `[4, 1]` | parameter |
    /// | `y.1.bias` | `[1]` | parameter |
    ///
    /// # Summary
    ///
    /// ```text
    /// Network Xor
    /// ───────────────────────────────────────
    /// Layer        Output shape  Params  MACs
    /// ───────────────────────────────────────
    /// x (input)    [2]                0     0
    /// y.0 (dense)  [4]               12     8
    /// y (tanh)     [4]                0     0
    /// y.1 (dense)  [1]                5     4
    /// y (sigmoid)  [1]                0     0
    /// ───────────────────────────────────────
    /// Trainable params: 17
    /// MACs for one row: 12
    /// Memory at inference: 320 bytes
    ///   activations: 64 bytes; peak: 64 bytes, y.0 dense
    /// Stack at inference: at most 6.1 KiB (6,272 bytes)
    /// Memory in training: 1.3 KiB (1,296 bytes) (batch 4)
    ///   activations: 192 bytes; peak: 192 bytes, loss binary_cross_entropy
    /// Stack in training: at most 10.0 KiB (10,240 bytes)
    /// ```
    pub struct Xor {
        parameters: ::nn_runtime::generated::memory::Flat<64>,
        statistics: ::nn_runtime::generated::memory::Flat<0>,
    }
}

#[allow(unused_imports, unused_variables, unused_mut, non_camel_case_types, clippy::all)]
const _: () = {
    use ::nn_runtime::generated as nn;
    use nn::scope::*;
    const Y_0_WEIGHT: usize = 0;
    const Y_0_BIAS: usize = 16;
    const Y_1_WEIGHT: usize = 32;
    const Y_1_BIAS: usize = 48;
    impl nn::network::Network for Xor {
        type Input = [f32; 2];
        type Output = [f32; 1];
        type Scratch = Flat<16>;
        const NAME: &'static str = "Xor";
        const SPEC: &'static str = "network Xor {\n    input x: [2];\n    output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;\n\n    train {\n        loss: binary_cross_entropy;\n        optimizer: adam(lr: 0.05);\n        metrics: [accuracy];\n        batch: 4;\n        epochs: 300;\n    }\n}\n";
        const SUMMARY: &'static str = "Network Xor\n───────────────────────────────────────\nLayer        Output shape  Params  MACs\n───────────────────────────────────────\nx (input)    [2]                0     0\ny.0 (dense)  [4]               12     8\ny (tanh)     [4]                0     0\ny.1 (dense)  [1]                5     4\ny (sigmoid)  [1]                0     0\n───────────────────────────────────────\nTrainable params: 17\nMACs for one row: 12\nMemory at inference: 320 bytes\n  activations: 64 bytes; peak: 64 bytes, y.0 dense\nStack at inference: at most 6.1 KiB (6,272 bytes)\nMemory in training: 1.3 KiB (1,296 bytes) (batch 4)\n  activations: 192 bytes; peak: 192 bytes, loss binary_cross_entropy\nStack in training: at most 10.0 KiB (10,240 bytes)\n";
        const HASH: &'static str = "0ba79705823edd9a9703f69f97d253fd";
        const PARAMS: usize = 17;
        const MACS: usize = 12;
        const MEMORY: usize = 320;
        const SCRATCH: usize = 64;
        const STACK: usize = 6272;
        const TENSORS: &'static [nn::network::Tensor] = &[
            nn::network::Tensor {
                name: "y.0.weight",
                shape: &[2, 4],
                offset: Y_0_WEIGHT,
                kind: nn::network::TensorKind::Parameter,
            },
            nn::network::Tensor {
                name: "y.0.bias",
                shape: &[4],
                offset: Y_0_BIAS,
                kind: nn::network::TensorKind::Parameter,
            },
            nn::network::Tensor {
                name: "y.1.weight",
                shape: &[4, 1],
                offset: Y_1_WEIGHT,
                kind: nn::network::TensorKind::Parameter,
            },
            nn::network::Tensor {
                name: "y.1.bias",
                shape: &[1],
                offset: Y_1_BIAS,
                kind: nn::network::TensorKind::Parameter,
            },
        ];
        fn init_in(slot: &mut Self, seed: u64) {
            let mut generator = nn::init::Generator::new(seed);
            let (p, t) = (&mut slot.parameters, &mut slot.statistics);
            let (p, t) = (Flat::as_mut_slice(p), Flat::as_mut_slice(t));
            p.fill(0.0);
            t.fill(0.0);
            nn::init::glorot_uniform(&mut generator, 2, 4, &mut p[Y_0_WEIGHT..][..8]);
            nn::init::glorot_uniform(&mut generator, 4, 1, &mut p[Y_1_WEIGHT..][..4]);
        }
        fn values(&self, kind: nn::network::TensorKind) -> &[f32] {
            let (p, t) = (&self.parameters, &self.statistics);
            match kind {
                nn::network::TensorKind::Parameter => Flat::as_slice(p),
                nn::network::TensorKind::Statistic => Flat::as_slice(t),
            }
        }
        fn values_mut(&mut self, kind: nn::network::TensorKind) -> &mut [f32] {
            let (p, t) = (&mut self.parameters, &mut self.statistics);
            match kind {
                nn::network::TensorKind::Parameter => Flat::as_mut_slice(p),
                nn::network::TensorKind::Statistic => Flat::as_mut_slice(t),
            }
        }
        fn forward(
            &self,
            inputs: &[Self::Input],
            outputs: &mut [Self::Output],
            scratch: &mut [f32],
        ) {
            let (p, t) = (&self.parameters, &self.statistics);
            let n = inputs.len();
            let input = inputs.as_flattened();
            let [s0] = split(scratch, [n * 4]);
            let output = outputs.as_flattened_mut();

            // y.0 dense: y = tanh(x·W + b)
            run(dense::Forward::<2, 4, _> {
                x: rows(input, n),
                weight: Flat::matrix(p, Y_0_WEIGHT),
                panels: None,
                bias: Some(Flat::vector(p, Y_0_BIAS)),
                activation: activation::Tanh,
                y: rows_mut(s0, n),
            });

            // y.1 dense: y = sigmoid(x·W + b)
            run(dense::Forward::<4, 1, _> {
                x: rows(s0, n),
                weight: Flat::matrix(p, Y_1_WEIGHT),
                panels: None,
                bias: Some(Flat::vector(p, Y_1_BIAS)),
                activation: activation::Sigmoid,
                y: rows_mut(output, n),
            });
        }
    }
    impl nn::trainable::Trainable for Xor {
        type Target = [f32; 1];
        type Parameters = Flat<64>;
        type State = [Flat<64>; 2];
        type Workspace = Flat<64>;
        type Outputs = [[f32; 1]; 4];
        type Metrics = [f64; 1];
        const BATCH: Option<usize> = Some(4);
        const CHUNK: usize = 4;
        const MIN_ROWS: usize = 1;
        const CLASSES: &'static [usize] = &[];
        const EPOCHS: usize = 300;
        const SEED: u64 = 0;
        const LEARNING_RATE: f32 = 0.05;
        const OPTIMIZER: &'static str = "adam";
        const STATE_NAMES: &'static [&'static str] = &["m", "v"];
        const METRICS: &'static [&'static str] = &["accuracy"];
        const EARLY_STOPPING: Option<nn::early_stopping::EarlyStopping> = None;
        const NORMALIZES: bool = false;
        const EVALUATION_SCRATCH: usize = 32;
        const STEP_STACK: usize = 10240;
        fn gradients_chunk(
            &mut self,
            inputs: &[Self::Input],
            targets: &[Self::Target],
            pass: &nn::trainable::Pass<'_>,
            gradients: &mut Self::Parameters,
            workspace: &mut Self::Workspace,
        ) -> (f64, Self::Metrics) {
            let (p, t) = (&self.parameters, &mut self.statistics);
            struct Body<'a> {
                t: &'a mut Flat<0>,
                inputs: &'a [[f32; 2]],
                targets: &'a [[f32; 1]],
                pass: &'a nn::trainable::Pass<'a>,
                gradients: &'a mut Flat<64>,
                workspace: &'a mut Flat<64>,
                p: &'a Flat<64>,
            }
            impl Kernel for Body<'_> {
                type Output = (f64, [f64; 1]);
                #[inline(always)]
                fn run<I: Isa>(self) -> Self::Output {
                    let Self { t, inputs, targets, pass, gradients, workspace, p } = self;
                    let (mut loss, mut metrics) = (0.0, [0.0; 1]);
                    let n = inputs.len();
                    let input = inputs.as_flattened();
                    let [s0, s1, s2] = split(
                        Flat::as_mut_slice(workspace),
                        [n * 4, n * 4, n * 1],
                    );
                    let target = targets.as_flattened();

                    // y.0 dense: y = tanh(x·W + b)
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::Forward::<2, 4, _> {
                        x: rows(input, n),
                        weight: Flat::matrix(p, Y_0_WEIGHT),
                        panels: None,
                        bias: Some(Flat::vector(p, Y_0_BIAS)),
                        activation: activation::Tanh,
                        y: rows_mut(s0, n),
                    });

                    // y.1 dense: y = x·W + b
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::Forward::<4, 1, _> {
                        x: rows(s0, n),
                        weight: Flat::matrix(p, Y_1_WEIGHT),
                        panels: None,
                        bias: Some(Flat::vector(p, Y_1_BIAS)),
                        activation: activation::Linear,
                        y: rows_mut(s1, n),
                    });

                    // loss binary_cross_entropy: loss += binary_cross_entropy(y, target); dy = its gradient
                    for (part, weight) in nn::row_weights::parts(pass.row_weights, n) {
                        loss
                            += (weight as f64)
                                * nn::isa::run_part::<
                                    I,
                                    _,
                                >(nn::losses::BinaryCrossEntropy::<1> {
                                    logits: &rows(s1, n)[Clone::clone(&part)],
                                    targets: &rows(target, n)[Clone::clone(&part)],
                                    scale: weight * pass.scale,
                                    gradient: Some(&mut rows_mut(s2, n)[Clone::clone(&part)]),
                                });
                    }

                    // metric accuracy: accuracy += accuracy(y, target)
                    metrics[0]
                        += nn::metrics::binary_accuracy::<
                            1,
                        >(rows(s1, n), rows(target, n), 0.0);

                    // y.1 dense: dW += xᵀ·dy; db += Σ dy
                    let (dw, db) = Flat::layer_mut(gradients, Y_1_WEIGHT, Y_1_BIAS);
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::WeightGradient::<4, 1> {
                        x: rows(s0, n),
                        dy: rows(s2, n),
                        dw,
                        db: Some(db),
                    });

                    // y.1 dense: dx = dy·Wᵀ · dtanh(x)/dx
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::InputGradient::<4, 1, _> {
                        dy: rows(s2, n),
                        weight: Flat::matrix(p, Y_1_WEIGHT),
                        activation: activation::Tanh,
                        saved: Some(rows(s0, n)),
                        dx: rows_mut(s1, n),
                    });

                    // y.0 dense: dW += xᵀ·dy; db += Σ dy
                    let (dw, db) = Flat::layer_mut(gradients, Y_0_WEIGHT, Y_0_BIAS);
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::WeightGradient::<2, 4> {
                        x: rows(input, n),
                        dy: rows(s1, n),
                        dw,
                        db: Some(db),
                    });
                    (loss, metrics)
                }
            }
            run(Body {
                t,
                inputs,
                targets,
                pass,
                gradients,
                workspace,
                p,
            })
        }
        fn step_chunk(
            &mut self,
            inputs: &[Self::Input],
            targets: &[Self::Target],
            pass: &nn::trainable::Pass<'_>,
            gradients: &mut Self::Parameters,
            state: &mut Self::State,
            workspace: &mut Self::Workspace,
        ) -> (f64, Self::Metrics) {
            let (p, t) = (&mut self.parameters, &mut self.statistics);
            struct Body<'a> {
                t: &'a mut Flat<0>,
                inputs: &'a [[f32; 2]],
                targets: &'a [[f32; 1]],
                pass: &'a nn::trainable::Pass<'a>,
                gradients: &'a mut Flat<64>,
                workspace: &'a mut Flat<64>,
                p: &'a mut Flat<64>,
                state: &'a mut [Flat<64>; 2],
            }
            impl Kernel for Body<'_> {
                type Output = (f64, [f64; 1]);
                #[inline(always)]
                fn run<I: Isa>(self) -> Self::Output {
                    let Self {
                        t,
                        inputs,
                        targets,
                        pass,
                        gradients,
                        workspace,
                        p,
                        state,
                    } = self;
                    let (mut loss, mut metrics) = (0.0, [0.0; 1]);
                    let rule = nn::optimizers::Optimizer::rule(
                        &nn::optimizers::Adam {
                            beta1: 0.9,
                            beta2: 0.999,
                            eps: 0.00000001,
                        },
                        pass.learning_rate,
                        pass.step,
                    );
                    let n = inputs.len();
                    let input = inputs.as_flattened();
                    let [s0, s1, s2] = split(
                        Flat::as_mut_slice(workspace),
                        [n * 4, n * 4, n * 1],
                    );
                    let target = targets.as_flattened();

                    // y.0 dense: y = tanh(x·W + b)
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::Forward::<2, 4, _> {
                        x: rows(input, n),
                        weight: Flat::matrix(p, Y_0_WEIGHT),
                        panels: None,
                        bias: Some(Flat::vector(p, Y_0_BIAS)),
                        activation: activation::Tanh,
                        y: rows_mut(s0, n),
                    });

                    // y.1 dense: y = x·W + b
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::Forward::<4, 1, _> {
                        x: rows(s0, n),
                        weight: Flat::matrix(p, Y_1_WEIGHT),
                        panels: None,
                        bias: Some(Flat::vector(p, Y_1_BIAS)),
                        activation: activation::Linear,
                        y: rows_mut(s1, n),
                    });

                    // loss binary_cross_entropy: loss += binary_cross_entropy(y, target); dy = its gradient
                    loss
                        += nn::isa::run_part::<
                            I,
                            _,
                        >(nn::losses::BinaryCrossEntropy::<1> {
                            logits: rows(s1, n),
                            targets: rows(target, n),
                            scale: pass.scale,
                            gradient: Some(rows_mut(s2, n)),
                        });

                    // metric accuracy: accuracy += accuracy(y, target)
                    metrics[0]
                        += nn::metrics::binary_accuracy::<
                            1,
                        >(rows(s1, n), rows(target, n), 0.0);

                    // loss: no update if the loss is not finite
                    if !f64::is_finite(loss) {
                        return (loss, metrics);
                    }

                    // y.1 dense: dx = dy·Wᵀ · dtanh(x)/dx
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::InputGradient::<4, 1, _> {
                        dy: rows(s2, n),
                        weight: Flat::matrix(p, Y_1_WEIGHT),
                        activation: activation::Tanh,
                        saved: Some(rows(s0, n)),
                        dx: rows_mut(s1, n),
                    });

                    // y.1 dense: dW = xᵀ·dy + the gradient of the penalties; W ← a step of the optimizer, tile by tile
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::WeightUpdate::<4, 1, _, _> {
                        x: rows(s0, n),
                        dy: rows(s2, n),
                        l1: 0.0,
                        l2: 0.0,
                        rule,
                        weight: Flat::matrix_mut(p, Y_1_WEIGHT),
                        state: state
                            .each_mut()
                            .map(|state| Flat::matrix_mut(state, Y_1_WEIGHT)),
                    });

                    // y.1 dense: db = Σ dy; b ← a step of the optimizer
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::BiasUpdate::<1, _, _> {
                        dy: rows(s2, n),
                        rule,
                        bias: Flat::vector_mut(p, Y_1_BIAS),
                        state: state
                            .each_mut()
                            .map(|state| Flat::vector_mut(state, Y_1_BIAS)),
                    });

                    // y.0 dense: dW = xᵀ·dy + the gradient of the penalties; W ← a step of the optimizer, tile by tile
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::WeightUpdate::<2, 4, _, _> {
                        x: rows(input, n),
                        dy: rows(s1, n),
                        l1: 0.0,
                        l2: 0.0,
                        rule,
                        weight: Flat::matrix_mut(p, Y_0_WEIGHT),
                        state: state
                            .each_mut()
                            .map(|state| Flat::matrix_mut(state, Y_0_WEIGHT)),
                    });

                    // y.0 dense: db = Σ dy; b ← a step of the optimizer
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::BiasUpdate::<4, _, _> {
                        dy: rows(s1, n),
                        rule,
                        bias: Flat::vector_mut(p, Y_0_BIAS),
                        state: state
                            .each_mut()
                            .map(|state| Flat::vector_mut(state, Y_0_BIAS)),
                    });
                    (loss, metrics)
                }
            }
            run(Body {
                t,
                inputs,
                targets,
                pass,
                gradients,
                workspace,
                p,
                state,
            })
        }
        fn evaluate_chunk(
            &self,
            inputs: &[Self::Input],
            targets: &[Self::Target],
            factors: &nn::trainable::LossFactors,
            row_weights: Option<&[f32]>,
            scratch: &mut [f32],
        ) -> (f64, Self::Metrics) {
            let (p, t) = (&self.parameters, &self.statistics);
            let (mut loss, mut metrics) = (0.0, [0.0; 1]);
            let n = inputs.len();
            let input = inputs.as_flattened();
            let [s0, s1] = split(scratch, [n * 4, n * 1]);
            let target = targets.as_flattened();

            // y.0 dense: y = tanh(x·W + b)
            run(dense::Forward::<2, 4, _> {
                x: rows(input, n),
                weight: Flat::matrix(p, Y_0_WEIGHT),
                panels: None,
                bias: Some(Flat::vector(p, Y_0_BIAS)),
                activation: activation::Tanh,
                y: rows_mut(s0, n),
            });

            // y.1 dense: y = x·W + b
            run(dense::Forward::<4, 1, _> {
                x: rows(s0, n),
                weight: Flat::matrix(p, Y_1_WEIGHT),
                panels: None,
                bias: Some(Flat::vector(p, Y_1_BIAS)),
                activation: activation::Linear,
                y: rows_mut(s1, n),
            });

            // loss binary_cross_entropy: loss += binary_cross_entropy(y, target)
            for (part, weight) in nn::row_weights::parts(row_weights, n) {
                loss
                    += (weight as f64)
                        * run(nn::losses::BinaryCrossEntropy::<1> {
                            logits: &rows(s1, n)[Clone::clone(&part)],
                            targets: &rows(target, n)[Clone::clone(&part)],
                            scale: 1.0,
                            gradient: None,
                        });
            }

            // metric accuracy: accuracy += accuracy(y, target)
            metrics[0]
                += nn::metrics::binary_accuracy::<1>(rows(s1, n), rows(target, n), 0.0);
            (loss, metrics)
        }
        #[inline]
        fn forward_chunk(
            &mut self,
            inputs: &[Self::Input],
            pass: &nn::trainable::Pass<'_>,
            outputs: &mut [Self::Output],
            workspace: &mut Self::Workspace,
        ) {
            let (p, t) = (&self.parameters, &mut self.statistics);
            struct Body<'a> {
                p: &'a Flat<64>,
                t: &'a mut Flat<0>,
                inputs: &'a [[f32; 2]],
                outputs: &'a mut [[f32; 1]],
                pass: &'a nn::trainable::Pass<'a>,
                workspace: &'a mut Flat<64>,
            }
            impl Kernel for Body<'_> {
                type Output = ();
                #[inline(always)]
                fn run<I: Isa>(self) -> Self::Output {
                    let Self { p, t, inputs, outputs, pass, workspace } = self;
                    let n = inputs.len();
                    let input = inputs.as_flattened();
                    let [s0, s1, s2, s3] = split(
                        Flat::as_mut_slice(workspace),
                        [n * 2, n * 4, n * 1, n * 4],
                    );
                    let output = outputs.as_flattened_mut();

                    // x: y = x
                    rows_mut::<2>(s0, n).copy_from_slice(rows(input, n));

                    // y.0 dense: y = tanh(x·W + b)
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::Forward::<2, 4, _> {
                        x: rows(s0, n),
                        weight: Flat::matrix(p, Y_0_WEIGHT),
                        panels: None,
                        bias: Some(Flat::vector(p, Y_0_BIAS)),
                        activation: activation::Tanh,
                        y: rows_mut(s1, n),
                    });

                    // y.1 dense: y = sigmoid(x·W + b)
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::Forward::<4, 1, _> {
                        x: rows(s1, n),
                        weight: Flat::matrix(p, Y_1_WEIGHT),
                        panels: None,
                        bias: Some(Flat::vector(p, Y_1_BIAS)),
                        activation: activation::Sigmoid,
                        y: rows_mut(output, n),
                    });
                }
            }
            run(Body {
                p,
                t,
                inputs,
                outputs,
                pass,
                workspace,
            })
        }
        #[inline]
        fn backward_chunk(
            &self,
            outputs: &[Self::Output],
            output_gradients: &[Self::Output],
            input_gradients: Option<&mut [Self::Input]>,
            gradients: &mut Self::Parameters,
            wants_parameters: bool,
            workspace: &mut Self::Workspace,
        ) {
            let (p, t) = (&self.parameters, &self.statistics);
            struct Body<'a> {
                p: &'a Flat<64>,
                t: &'a Flat<0>,
                outputs: &'a [[f32; 1]],
                output_gradients: &'a [[f32; 1]],
                input_gradients: Option<&'a mut [[f32; 2]]>,
                gradients: &'a mut Flat<64>,
                wants_parameters: bool,
                workspace: &'a mut Flat<64>,
            }
            impl Kernel for Body<'_> {
                type Output = ();
                #[inline(always)]
                fn run<I: Isa>(self) -> Self::Output {
                    let Self {
                        p,
                        t,
                        outputs,
                        output_gradients,
                        input_gradients,
                        gradients,
                        wants_parameters,
                        workspace,
                    } = self;
                    let mut input_gradients = input_gradients;
                    let n = output_gradients.len();
                    let [s0, s1, s2, s3] = split(
                        Flat::as_mut_slice(workspace),
                        [n * 2, n * 4, n * 1, n * 4],
                    );
                    let output = outputs.as_flattened();
                    let output_gradient = output_gradients.as_flattened();

                    // y sigmoid: dx = dy · dsigmoid(x)/dx
                    nn::isa::run_part::<
                        I,
                        _,
                    >(activation::Backward::<_, 1> {
                        activation: activation::Sigmoid,
                        saved: rows(output, n),
                        dy: rows(output_gradient, n),
                        dx: rows_mut(s2, n),
                    });
                    if wants_parameters {

                        // y.1 dense: dW += xᵀ·dy; db += Σ dy
                        let (dw, db) = Flat::layer_mut(gradients, Y_1_WEIGHT, Y_1_BIAS);
                        nn::isa::run_part::<
                            I,
                            _,
                        >(dense::WeightGradient::<4, 1> {
                            x: rows(s1, n),
                            dy: rows(s2, n),
                            dw,
                            db: Some(db),
                        });
                    }

                    // y.1 dense: dx = dy·Wᵀ · dtanh(x)/dx
                    nn::isa::run_part::<
                        I,
                        _,
                    >(dense::InputGradient::<4, 1, _> {
                        dy: rows(s2, n),
                        weight: Flat::matrix(p, Y_1_WEIGHT),
                        activation: activation::Tanh,
                        saved: Some(rows(s1, n)),
                        dx: rows_mut(s3, n),
                    });
                    if wants_parameters {

                        // y.0 dense: dW += xᵀ·dy; db += Σ dy
                        let (dw, db) = Flat::layer_mut(gradients, Y_0_WEIGHT, Y_0_BIAS);
                        nn::isa::run_part::<
                            I,
                            _,
                        >(dense::WeightGradient::<2, 4> {
                            x: rows(s0, n),
                            dy: rows(s3, n),
                            dw,
                            db: Some(db),
                        });
                    }
                    if let Some(input_gradients) = &mut input_gradients {

                        // y.0 dense: dx = dy·Wᵀ
                        nn::isa::run_part::<
                            I,
                            _,
                        >(dense::InputGradient::<2, 4, _> {
                            dy: rows(s3, n),
                            weight: Flat::matrix(p, Y_0_WEIGHT),
                            activation: activation::Linear,
                            saved: None,
                            dx: rows_mut(s0, n),
                        });

                        // x: gradient of input 0 = x
                        for (row, x) in zip(&mut input_gradients[..], rows::<2>(s0, n)) {
                            <[f32]>::copy_from_slice(&mut row[..], x);
                        }
                    }
                }
            }
            run(Body {
                p,
                t,
                outputs,
                output_gradients,
                input_gradients,
                gradients,
                wants_parameters,
                workspace,
            })
        }
        fn penalty(&self, mut gradients: Option<&mut Self::Parameters>) -> f64 {
            let p = &self.parameters;
            let mut penalty = 0.0;
            penalty
        }
        fn update(
            &mut self,
            gradients: &Self::Parameters,
            state: &mut Self::State,
            step: u64,
            learning_rate: f32,
        ) {
            let p = &mut self.parameters;
            let mut state = state.each_mut().map(|state| Flat::as_mut_slice(state));
            nn::optimizers::Optimizer::update(
                &nn::optimizers::Adam {
                    beta1: 0.9,
                    beta2: 0.999,
                    eps: 0.00000001,
                },
                learning_rate,
                step,
                Flat::as_mut_slice(p),
                Flat::as_slice(gradients),
                &mut state,
            );
        }
        fn bad_target(target: &Self::Target) -> Option<nn::targets::BadTarget> {
            nn::targets::first_bad(
                nn::targets::Taken {
                    output: "y",
                    loss: "binary_cross_entropy",
                    range: nn::targets::TargetRange::Share,
                },
                &target[..],
            )
        }
        fn fit_normalization(
            &mut self,
            inputs: &[Self::Input],
            workspace: &mut Self::Workspace,
        ) {
            let (p, t) = (&self.parameters, &mut self.statistics);
        }
        fn first_non_finite(
            &mut self,
            inputs: &[Self::Input],
            targets: &[Self::Target],
            pass: &nn::trainable::Pass<'_>,
            outputs: &mut [Self::Output],
            workspace: &mut Self::Workspace,
        ) -> Option<&'static str> {
            let (p, t) = (&self.parameters, &mut self.statistics);
            let n = inputs.len();
            let input = inputs.as_flattened();
            let [s0, s1, s2] = split(
                Flat::as_mut_slice(workspace),
                [n * 4, n * 4, n * 1],
            );

            // y.0 dense: y = tanh(x·W + b)
            run(dense::Forward::<2, 4, _> {
                x: rows(input, n),
                weight: Flat::matrix(p, Y_0_WEIGHT),
                panels: None,
                bias: Some(Flat::vector(p, Y_0_BIAS)),
                activation: activation::Tanh,
                y: rows_mut(s0, n),
            });
            if let Some(_) = nn::row::first_non_finite::<[f32; 4]>(rows(s0, n)) {
                return Some("y.0 dense");
            }

            // y.1 dense: y = x·W + b
            run(dense::Forward::<4, 1, _> {
                x: rows(s0, n),
                weight: Flat::matrix(p, Y_1_WEIGHT),
                panels: None,
                bias: Some(Flat::vector(p, Y_1_BIAS)),
                activation: activation::Linear,
                y: rows_mut(s1, n),
            });
            if let Some(_) = nn::row::first_non_finite::<[f32; 1]>(rows(s1, n)) {
                return Some("y.1 dense");
            }
            None
        }
    }
};

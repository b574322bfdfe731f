//! Training by an optimizer that is chosen at run time.
//!
//! A [`Trainer`] has the optimizer of its network's spec, so a network for each optimizer would be
//! compiled. A [`Driver`] does what a trainer does with stored gradients: it asks the network for
//! them, clips them, and hands them to an optimizer of `nn-runtime`.

use nn_compiler::compile;
use nn_compiler::model::{Optimizer, Train};
use nn_runtime::clip::clip_norm;
use nn_runtime::generated::optimizers::{self, Adagrad, Adam, AdamW, RmsProp, Sgd, SgdMomentum};
use nn_runtime::memory::Zeroed;
use nn_runtime::network::TensorKind;
use nn_runtime::prelude::*;

/// A network in training by any optimizer of the language.
pub struct Driver<N: Trainable> {
    network: Box<N>,
    gradients: Box<N::Parameters>,
    workspace: Box<N::Workspace>,
    optimizer: Optimizer,
    /// What the optimizer remembers: a number for each gradient, as often as it wants.
    state: Vec<Vec<f32>>,
    step: u64,
}

impl<N: Trainable> Driver<N> {
    /// A driver of this network, before its first step.
    pub fn new(network: Box<N>, optimizer: Optimizer) -> Self {
        let gradients = N::Parameters::zeroed_box();
        let state = vec![vec![0.0; (*gradients).as_ref().len()]; optimizer.states()];
        Self { network, gradients, workspace: N::Workspace::zeroed_box(), optimizer, state, step: 0 }
    }

    /// The network as trained so far.
    pub fn network(&self) -> &N {
        &self.network
    }

    /// One step with these rows; the loss before it, penalties included.
    pub fn step(&mut self, inputs: &[N::Input], targets: &[N::Target]) -> Result<f32, Error> {
        // Step 1 and seed 0 in each step: the networks have no layer that draws.
        let loss = self.network.gradients(inputs, targets, 0, 1, &mut self.gradients, &mut self.workspace)?;
        if let Some(most) = N::CLIP_NORM {
            clip_norm((*self.gradients).as_mut(), most);
        }
        self.step += 1;
        let gradients = (*self.gradients).as_ref();
        // Frozen weights follow those that learn, and have no gradients.
        let weights = &mut self.network.values_mut(TensorKind::Parameter)[..gradients.len()];
        update(self.optimizer, self.step, weights, gradients, &mut self.state);
        Ok(loss)
    }
}

/// The optimizer that a spec means by these words.
pub fn optimizer(words: &str) -> Optimizer {
    let rest = "input x: [1]; output y = x -> dense(1);";
    trained(&format!("network Net {{ {rest} train {{ loss: mse; optimizer: {words}; }} }}")).optimizer
}

/// How a spec is trained.
pub fn trained(text: &str) -> Train {
    let outcome = compile(text);
    let compiled = outcome.compiled.unwrap_or_else(|| panic!("{text}: {:?}", outcome.diagnostics));
    compiled.model.train.expect("it is trained")
}

/// The same optimizer of the runtime takes a step, with its numbers rounded as in generated code.
fn update(optimizer: Optimizer, step: u64, weights: &mut [f32], gradients: &[f32], state: &mut [Vec<f32>]) {
    /// A step of an optimizer with `S` numbers of state for each weight.
    fn apply<const S: usize>(
        optimizer: &impl optimizers::Optimizer<S>,
        (learning_rate, step): (f32, u64),
        weights: &mut [f32],
        gradients: &[f32],
        state: &mut [Vec<f32>],
    ) {
        let state: &mut [Vec<f32>; S] = state.try_into().expect("as much state as the optimizer wants");
        optimizer.update(learning_rate, step, weights, gradients, &mut state.each_mut().map(Vec::as_mut_slice));
    }

    let at = (optimizer.learning_rate() as f32, step);
    match optimizer {
        Optimizer::Perceptron { .. } => apply(&Sgd { weight_decay: 0.0 }, at, weights, gradients, state),
        Optimizer::Sgd { momentum: 0.0, weight_decay, .. } => {
            apply(&Sgd { weight_decay: weight_decay as f32 }, at, weights, gradients, state);
        }
        Optimizer::Sgd { momentum, nesterov, weight_decay, .. } => {
            let [momentum, weight_decay] = [momentum, weight_decay].map(|number| number as f32);
            apply(&SgdMomentum { momentum, nesterov, weight_decay }, at, weights, gradients, state);
        }
        Optimizer::RmsProp { rho, eps, .. } => {
            apply(&RmsProp { rho: rho as f32, eps: eps as f32 }, at, weights, gradients, state);
        }
        Optimizer::Adam { beta1, beta2, eps, .. } => {
            let [beta1, beta2, eps] = [beta1, beta2, eps].map(|number| number as f32);
            apply(&Adam { beta1, beta2, eps }, at, weights, gradients, state);
        }
        Optimizer::AdamW { beta1, beta2, eps, weight_decay, .. } => {
            let [beta1, beta2, eps, weight_decay] = [beta1, beta2, eps, weight_decay].map(|number| number as f32);
            apply(&AdamW { beta1, beta2, eps, weight_decay }, at, weights, gradients, state);
        }
        Optimizer::Adagrad { eps, .. } => apply(&Adagrad { eps: eps as f32 }, at, weights, gradients, state),
    }
}

//! A network of dfdx's modules with its optimizer.

use dfdx::nn::ZeroGrads;
use dfdx::nn::modules::{BatchNorm1D, BuildModule, Dropout, Linear, Module, ModuleMut, ReLU, UnbiasedLinear};
use dfdx::nn::tensor_collection::TensorCollection;
use dfdx::optim::{Adam, AdamConfig, Momentum, Optimizer, OptimizerUpdateError, Sgd, SgdConfig};
use dfdx::prelude::{
    AsArray, Axis, Backward, Const, Cpu, Gradients, Tensor, Trace, binary_cross_entropy_with_logits_loss,
    cross_entropy_with_logits_loss, mse_loss,
};
use nn_bench_protocol::{Arrays, Workload};

use crate::weights::{Error, Source, Tape, Weights};

/// `N` numbers for each of some rows.
pub type Rows<const N: usize, T = dfdx::prelude::NoneTape> = Tensor<(usize, Const<N>), f32, Cpu, T>;

/// A dense layer with an activation.
pub type Dense<const I: usize, const O: usize, A> = (Linear<I, O, f32, Cpu>, A);
/// One that is normalised.
pub type Normalised<const I: usize, const O: usize> =
    (UnbiasedLinear<I, O, f32, Cpu>, BatchNorm1D<O, f32, Cpu>, ReLU, Dropout);
/// The last layer.
pub type Last<const I: usize, const O: usize> = Linear<I, O, f32, Cpu>;

/// What turns the last layer's sums into outputs; each belongs to one loss.
#[derive(Clone, Copy)]
pub enum Head {
    Linear,
    Sigmoid,
    Softmax,
}

/// How weights follow their gradients.
#[derive(Clone, Copy)]
pub enum Rule {
    Adam { lr: f64 },
    Momentum { lr: f64, momentum: f64 },
}

/// How a workload's network is trained.
#[derive(Clone, Copy)]
pub struct Recipe {
    pub head: Head,
    pub rule: Rule,
    pub l2: f32,
}

/// Modules from `I` features to `O` outputs.
pub trait Model<const I: usize, const O: usize>:
    Clone
    + Weights
    + BuildModule<Cpu, f32>
    + TensorCollection<f32, Cpu>
    + Module<Rows<I>, Output = Rows<O>, Error = Error>
    + ModuleMut<Rows<I, Tape>, Output = Rows<O, Tape>, Error = Error>
    + 'static
{
}

impl<const I: usize, const O: usize, M> Model<I, O> for M where
    M: Clone
        + Weights
        + BuildModule<Cpu, f32>
        + TensorCollection<f32, Cpu>
        + Module<Rows<I>, Output = Rows<O>, Error = Error>
        + ModuleMut<Rows<I, Tape>, Output = Rows<O, Tape>, Error = Error>
        + 'static
{
}

enum Step<M> {
    Adam(Adam<M, f32, Cpu>),
    Sgd(Sgd<M, f32, Cpu>),
}

/// A network as it is before the first step, and then trained.
pub struct Network<M> {
    recipe: Recipe,
    model: M,
    optimizer: Step<M>,
    /// Memory for the gradients of weights; it is lent to each step.
    gradients: Option<Gradients<f32, Cpu>>,
}

/// The first weights of a workload.
pub fn model<const I: usize, const O: usize, M: Model<I, O>>(workload: &Workload, arrays: &Arrays) -> Result<M, Error> {
    let mut model = M::try_build(&Cpu::default())?;
    model.load(&mut Source { arrays, dropout: workload.dropout, number: 0 });
    Ok(model)
}

impl<M> Network<M> {
    pub fn new<const I: usize, const O: usize>(model: M, recipe: Recipe) -> Self
    where
        M: Model<I, O>,
    {
        let optimizer = match recipe.rule {
            Rule::Adam { lr } => {
                let config = AdamConfig { lr, betas: [0.9, 0.999], eps: 1e-8, weight_decay: None };
                Step::Adam(Adam::new(&model, config))
            }
            Rule::Momentum { lr, momentum } => {
                let momentum = Some(Momentum::Classic(momentum));
                Step::Sgd(Sgd::new(&model, SgdConfig { lr, momentum, weight_decay: None }))
            }
        };
        Self { recipe, model, optimizer, gradients: None }
    }

    /// The outputs of some rows.
    pub fn predict<const I: usize, const O: usize>(&self, x: &Rows<I>) -> Result<Rows<O>, Error>
    where
        M: Model<I, O>,
    {
        let z = self.model.try_forward(x.clone())?;
        match self.recipe.head {
            Head::Linear => Ok(z),
            Head::Sigmoid => z.try_sigmoid(),
            Head::Softmax => z.try_softmax::<Axis<1>>(),
        }
    }

    /// One step on some rows; the loss before it. Classes are given as probabilities.
    pub fn step<const I: usize, const O: usize>(&mut self, x: &Rows<I>, y: &Rows<O>) -> Result<f32, String>
    where
        M: Model<I, O>,
    {
        let (gradients, loss) = self.backward(x, y).map_err(|error| error.to_string())?;
        let updated: Result<(), OptimizerUpdateError<Error>> = match &mut self.optimizer {
            Step::Adam(adam) => adam.update(&mut self.model, &gradients),
            Step::Sgd(sgd) => sgd.update(&mut self.model, &gradients),
        };
        updated.map_err(|error| error.to_string())?;
        self.gradients = Some(gradients);
        Ok(loss)
    }

    fn backward<const I: usize, const O: usize>(
        &mut self,
        x: &Rows<I>,
        y: &Rows<O>,
    ) -> Result<(Gradients<f32, Cpu>, f32), Error>
    where
        M: Model<I, O>,
    {
        let gradients = match self.gradients.take() {
            Some(mut gradients) => {
                self.model.try_zero_grads(&mut gradients)?;
                gradients
            }
            None => self.model.try_alloc_grads()?,
        };
        let z = self.model.try_forward_mut(x.trace(gradients))?;
        let mut loss = match self.recipe.head {
            Head::Linear => mse_loss(z, y.clone()),
            Head::Sigmoid => binary_cross_entropy_with_logits_loss(z, y.clone()),
            Head::Softmax => cross_entropy_with_logits_loss(z, y.clone()),
        };
        if self.recipe.l2 > 0.0 {
            loss = self.model.penalise(loss, self.recipe.l2)?;
        }
        let value = loss.array();
        Ok((loss.try_backward()?, value))
    }
}

//! How modules get their first weights, and the penalty on them in the loss.

use dfdx::nn::modules::{BatchNorm1D, Dropout, Linear, ReLU, Tanh, UnbiasedLinear};
use dfdx::prelude::{Cpu, HasErr, OwnedTape, Rank0, Rank2, Tensor};
use dfdx::tensor_ops::{SumTo, TryAdd, TryMul};
use nn_bench_protocol::Arrays;

pub type Error = <Cpu as HasErr>::Err;
pub type Tape = OwnedTape<f32, Cpu>;
pub type Loss = Tensor<Rank0, f32, Cpu, Tape>;

/// The arrays that modules read, one after the other.
pub struct Source<'a> {
    pub arrays: &'a Arrays,
    pub dropout: f32,
    /// The number of the next layer that holds arrays.
    pub number: usize,
}

impl Source<'_> {
    fn values(&self, name: &str) -> &[f32] {
        self.arrays.values(&format!("{}.{name}", self.number))
    }

    /// dfdx multiplies by the transpose.
    fn transposed_weight(&self, inputs: usize, units: usize) -> Vec<f32> {
        let weight = self.values("weight");
        (0..units).flat_map(|unit| (0..inputs).map(move |input| weight[input * units + unit])).collect()
    }
}

/// A part of a network.
pub trait Weights {
    /// Reads its own arrays.
    fn load(&mut self, source: &mut Source<'_>);

    /// The loss, with λ·Σw² over the weights of dense layers.
    fn penalise(&self, loss: Loss, _l2: f32) -> Result<Loss, Error> {
        Ok(loss)
    }
}

impl Weights for Tanh {
    fn load(&mut self, _: &mut Source<'_>) {}
}

impl Weights for ReLU {
    fn load(&mut self, _: &mut Source<'_>) {}
}

impl Weights for Dropout {
    fn load(&mut self, source: &mut Source<'_>) {
        self.p = source.dropout;
    }
}

impl<const I: usize, const O: usize> Weights for Linear<I, O, f32, Cpu> {
    fn load(&mut self, source: &mut Source<'_>) {
        self.weight.copy_from(&source.transposed_weight(I, O));
        self.bias.copy_from(source.values("bias"));
        source.number += 1;
    }

    fn penalise(&self, loss: Loss, l2: f32) -> Result<Loss, Error> {
        penalise(&self.weight, loss, l2)
    }
}

impl<const I: usize, const O: usize> Weights for UnbiasedLinear<I, O, f32, Cpu> {
    fn load(&mut self, source: &mut Source<'_>) {
        self.weight.copy_from(&source.transposed_weight(I, O));
        source.number += 1;
    }

    fn penalise(&self, loss: Loss, l2: f32) -> Result<Loss, Error> {
        penalise(&self.weight, loss, l2)
    }
}

fn penalise<const I: usize, const O: usize>(
    weight: &Tensor<Rank2<O, I>, f32, Cpu>,
    loss: Loss,
    l2: f32,
) -> Result<Loss, Error> {
    let penalty: Loss = weight.retaped::<Tape>().try_square()?.try_sum()?;
    loss.try_add(penalty.try_mul(l2)?)
}

impl<const C: usize> Weights for BatchNorm1D<C, f32, Cpu> {
    fn load(&mut self, source: &mut Source<'_>) {
        self.scale.copy_from(source.values("gamma"));
        self.bias.copy_from(source.values("beta"));
        self.running_mean.copy_from(source.values("running_mean"));
        self.running_var.copy_from(source.values("running_variance"));
        source.number += 1;
    }
}

macro_rules! sequence {
    ($($part:ident)+) => {
        #[allow(non_snake_case)]
        impl<$($part: Weights),+> Weights for ($($part,)+) {
            fn load(&mut self, source: &mut Source<'_>) {
                let ($($part,)+) = self;
                $($part.load(source);)+
            }

            fn penalise(&self, loss: Loss, l2: f32) -> Result<Loss, Error> {
                let ($($part,)+) = self;
                $(let loss = $part.penalise(loss, l2)?;)+
                Ok(loss)
            }
        }
    };
}

sequence!(A B);
sequence!(A B C);
sequence!(A B C D);

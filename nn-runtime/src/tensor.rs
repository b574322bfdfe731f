//! The tensors of a network: what each is, where it is, and a number in it that is not finite.

use core::fmt;

/// What a tensor of a network is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorKind {
    /// Trained by gradient descent: weights, biases, norm parameters, slopes.
    Parameter,
    /// Measured on training rows: running means and variances.
    Statistic,
}

impl TensorKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Parameter, Self::Statistic];
}

/// A named array inside a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tensor {
    /// `digit.0.weight`: the value, the layer's place in its chain, the layer's name for the
    /// tensor.
    pub name: &'static str,
    /// Row-major; a dense weight is `[inputs, units]`.
    pub shape: &'static [usize],
    /// Its offset among the floats of its kind.
    pub offset: usize,
    /// Its kind.
    pub kind: TensorKind,
}

impl Tensor {
    /// How many floats it has.
    pub const fn len(&self) -> usize {
        let mut length = 1;
        let mut dimension = 0;
        while dimension < self.shape.len() {
            length *= self.shape[dimension];
            dimension += 1;
        }
        length
    }

    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A number of a network that is an infinity or a NaN.
#[derive(Clone, Copy, Debug)]
pub struct NonFinite {
    /// The tensor that holds it.
    pub tensor: &'static Tensor,
    /// Where it is in the tensor, row-major.
    pub index: usize,
    /// The number.
    pub value: f32,
}

impl fmt::Display for NonFinite {
    /// `y.0.weight[0, 3] is NaN`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tensor, index, value } = *self;
        write!(f, "{}{} is {value}", tensor.name, Index { shape: tensor.shape, index })
    }
}

/// A position in a tensor, which prints as `[0, 3]`.
pub(crate) struct Index<'a> {
    pub(crate) shape: &'a [usize],
    /// Row-major.
    pub(crate) index: usize,
}

impl fmt::Display for Index<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.index;
        for dimension in 0..self.shape.len() {
            let inner = self.shape[dimension + 1..].iter().product::<usize>().max(1);
            write!(f, "{}{}", if dimension == 0 { "[" } else { ", " }, rest / inner)?;
            rest %= inner;
        }
        f.write_str("]")
    }
}

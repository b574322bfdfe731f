//! The tensors that outlive a pass, and their places in memory.

use std::collections::BTreeMap;

use crate::agreement::LINE;
use crate::ids::{TensorId, ValueId};
use crate::vocabulary::Init;

/// A tensor that outlives a pass.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// `digit.0.weight`.
    pub name: String,
    /// The layer that it belongs to.
    pub value: ValueId,
    /// Its dimensions; a dense weight is `[inputs, units]`.
    pub shape: Vec<usize>,
    /// Whether it is trained or observed.
    pub kind: TensorKind,
    /// Where it starts within the flat memory of its kind, in numbers; a multiple of 16.
    pub offset: usize,
    /// How it is initialised.
    pub init: Init,
    /// The weight of Σ|w| in the loss.
    pub l1: f64,
    /// The weight of Σw² in the loss.
    pub l2: f64,
    /// Whether it is frozen: it has neither a gradient nor a place in the optimizer's state.
    pub is_frozen: bool,
    /// Its learning rate, if that is not the optimizer's: an index of
    /// [`Train::rates`](crate::model::Train::rates).
    pub rate: Option<usize>,
}

impl Tensor {
    /// Whether training follows its gradient.
    pub fn learns(&self) -> bool {
        self.kind == TensorKind::Parameter && !self.is_frozen
    }

    /// How many numbers it holds.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Fan-in and fan-out: the products summed in an output, and the outputs that an input
    /// contributes to: of a dense weight `[inputs, units]`, and of a window of weights `[outputs,
    /// inputs, …]`.
    pub fn fans(&self) -> [usize; 2] {
        match self.shape[..] {
            [outputs, inputs, ref window @ ..] if !window.is_empty() => {
                let taps: usize = window.iter().product();
                [inputs * taps, outputs * taps]
            }
            [inputs, ref units @ ..] => [inputs, units.last().copied().unwrap_or(inputs)],
            [] => [1, 1],
        }
    }
}

/// Whether a tensor is trained or observed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TensorKind {
    /// Trained: weights, biases, norm parameters, slopes.
    Parameter,
    /// Observed: running means, variances, deviations.
    Statistic,
}

/// Every tensor of a network, and how much memory they take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tensors {
    /// In the order of the layers.
    pub all: Vec<Tensor>,
    /// The ids of those of each value.
    of_values: BTreeMap<ValueId, Vec<TensorId>>,
}

/// The tensors of one kind are in one flat memory; each starts at a multiple of this many numbers (64 bytes).
pub const ALIGNMENT: usize = LINE;

impl Tensors {
    /// A tensor by its id.
    pub fn get(&self, id: TensorId) -> &Tensor {
        &self.all[id.0]
    }

    /// Tensors in the order of the layers. In the flat memory of its kind a tensor follows those
    /// before it, but frozen parameters come after all that learn.
    pub fn placed(mut all: Vec<Tensor>) -> Self {
        let mut ends: [usize; 2] = [0, 0];
        for frozen in [false, true] {
            for tensor in all.iter_mut().filter(|tensor| tensor.is_frozen == frozen) {
                let end = &mut ends[usize::from(tensor.kind == TensorKind::Statistic)];
                tensor.offset = *end;
                *end += tensor.len().next_multiple_of(ALIGNMENT);
            }
        }
        let mut of_values: BTreeMap<ValueId, Vec<TensorId>> = BTreeMap::new();
        for (index, tensor) in all.iter().enumerate() {
            of_values.entry(tensor.value).or_default().push(TensorId(index));
        }
        Self { all, of_values }
    }

    /// The tensors of a layer, in the order of its `parameters`.
    pub fn of_value(&self, value: ValueId) -> &[TensorId] {
        self.of_values.get(&value).map_or(&[], |tensors| tensors)
    }

    /// The tensors in the order of their offsets.
    pub fn by_offset(&self) -> impl Iterator<Item = &Tensor> {
        let of = |frozen| self.all.iter().filter(move |tensor| tensor.is_frozen == frozen);
        of(false).chain(of(true))
    }

    /// How many numbers the flat memory of the parameters that learn holds, padding included: gradients and the
    /// optimizer's memory are as long.
    pub fn learning(&self) -> usize {
        let learning = self.all.iter().filter(|tensor| tensor.learns());
        learning.map(|tensor| tensor.len().next_multiple_of(ALIGNMENT)).sum()
    }

    /// The tensors of one kind.
    pub fn of(&self, kind: TensorKind) -> impl Iterator<Item = &Tensor> {
        self.all.iter().filter(move |tensor| tensor.kind == kind)
    }

    /// How many numbers the tensors of one kind hold.
    pub fn count(&self, kind: TensorKind) -> usize {
        self.of(kind).map(Tensor::len).sum()
    }

    /// How many numbers their flat memory holds, padding included.
    pub fn storage(&self, kind: TensorKind) -> usize {
        self.of(kind).map(|tensor| tensor.len().next_multiple_of(ALIGNMENT)).sum()
    }
}

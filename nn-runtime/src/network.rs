//! What every network can do: initialise itself, predict, give its parameters by name.
//!
//! The code that `network!` generates implements the required half of [`Network`]; users call the
//! provided half.

#[cfg(feature = "alloc")]
use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};
#[cfg(feature = "std")]
use std::path::Path;

use crate::error::Error;
use crate::layers::dense::Line;
use crate::layers::embedding::BadToken;
use crate::memory::Zeroed;
#[cfg(feature = "alloc")]
use crate::memory::{Buffer, Flat};
use crate::misfit::{Model, Place};
use crate::row::{self, Row};
#[cfg(feature = "alloc")]
use crate::weights::header::LAYOUT;
#[cfg(feature = "alloc")]
use crate::weights::write::{self, Entry};
use crate::weights::{copy::Twins, read::Stored};

pub use crate::tensor::{NonFinite, Tensor, TensorKind};

/// A network of fixed shapes: parameters and running statistics as plain data, with no heap inside.
///
/// Implemented by what `network!` defines.
pub trait Network: Zeroed + Clone + Send + Sync + 'static {
    /// One row of inputs: an array, or a tuple of arrays in the order of the `input` statements.
    type Input: Row;
    /// One row of outputs: an array, or a tuple of arrays in the order of the `output` statements.
    type Output: Row;
    /// Floats for the activations of one row: `Flat<{ SCRATCH / 4 }>`.
    type Scratch: Zeroed + AsMut<[f32]>;

    /// The name in the spec.
    const NAME: &'static str;
    /// The spec, formatted.
    const SPEC: &'static str;
    /// Layers, shapes and costs as a table.
    const SUMMARY: &'static str;
    /// A hash of what decides names, shapes and meaning of the parameters. Kept in weight files.
    const HASH: &'static str;
    /// What the spec's `data` says of the columns of the examples. Kept in weight files, so that
    /// `nn predict` and `nn eval` find the columns again.
    ///
    /// | key | value |
    /// | --- | --- |
    /// | `nn.columns` | the input columns, in order; how many there are, where they are `x1`, `x2`, … |
    /// | `nn.one_hot` | those of them that become one input for each category |
    /// | `nn.targets` | the target columns |
    /// | `nn.offsets` | what is subtracted from their numbers: a JSON object by column |
    /// | `nn.missing_words` | the texts of missing cells, where they are not the usual ones |
    ///
    /// Lists are JSON arrays of strings. What the spec does not say is absent.
    const METADATA: &'static [(&'static str, &'static str)] = &[];
    /// Trainable numbers.
    const PARAMS: usize;
    /// Multiply-adds of dense and convolution layers for one row.
    const MACS: usize;
    /// Bytes at inference: parameters, statistics and the scratch of one row.
    const MEMORY: usize;
    /// Bytes of one row's activations.
    const SCRATCH: usize;
    /// Bytes of stack that [`predict`](Self::predict) takes at most in an optimised build
    /// (`opt-level` 2, 3 and `s`), on every instruction set and with every set of features:
    /// a bound that the compiler computes, and that tests compare with what is measured.
    ///
    /// A build without optimisation takes more. [`predict_batch`](Self::predict_batch) takes the
    /// same without `alloc`; with it, up to 64 KiB for the activations of many rows.
    const STACK: usize;
    /// Lines that the packed weights of large dense layers fill, for predictions of many rows.
    const PANELS: usize = 0;
    /// Every tensor, in a stable order; those of one kind have rising offsets and do not overlap.
    const TENSORS: &'static [Tensor];

    /// Sets every parameter and statistic to its initial value. What `slot` held does not matter.
    fn init_in(slot: &mut Self, seed: u64);

    /// All floats of a kind, including the padding between tensors.
    fn values(&self, kind: TensorKind) -> &[f32];

    /// All floats of a kind, those between tensors included.
    fn values_mut(&mut self, kind: TensorKind) -> &mut [f32];

    /// Computes `outputs[i]` from `inputs[i]`, as many as both have, with `SCRATCH / 4` floats of
    /// scratch for each. A row's bits do not depend on how many rows there are.
    fn forward(&self, inputs: &[Self::Input], outputs: &mut [Self::Output], scratch: &mut [f32]);

    /// [`forward`](Self::forward) with the panels that [`copy_panels`](Self::copy_panels) made of
    /// these parameters, or none: the same bits, sooner for many rows.
    #[doc(hidden)]
    fn forward_with(
        &self,
        _panels: &[Line],
        inputs: &[Self::Input],
        outputs: &mut [Self::Output],
        scratch: &mut [f32],
    ) {
        self.forward(inputs, outputs, scratch);
    }

    /// Writes [`PANELS`](Self::PANELS) lines: the weights of large dense layers, in the order in
    /// which products walk over them.
    ///
    /// # Panics
    ///
    /// Where there are fewer lines.
    #[doc(hidden)]
    fn copy_panels(&self, _panels: &mut [Line]) {}

    /// The first number of a row that should be the index of a token, for an `embedding`, and is
    /// not. Training and evaluation refuse such a row; predictions of it are NaN, and so are the
    /// values computed from them.
    #[doc(hidden)]
    fn bad_token(_input: &Self::Input) -> Option<BadToken> {
        None
    }

    /// A network with initial values, made in place.
    #[cfg(feature = "alloc")]
    fn init(seed: u64) -> Box<Self> {
        let mut network = Self::zeroed_box();
        Self::init_in(&mut network, seed);
        network
    }

    /// The outputs of one row, of whose tokens none is [bad](Self::bad_token). Activations lie on
    /// the stack up to 64 KiB, else in a box. (Without `alloc` they always lie on the stack;
    /// [`predict_with`](Self::predict_with) takes them from elsewhere.)
    #[inline]
    fn predict(&self, input: &Self::Input) -> Self::Output {
        #[cfg(feature = "alloc")]
        if size_of::<Self::Scratch>() > STACK {
            return self.predict_with(&mut Self::Scratch::zeroed_box(), input);
        }
        predict_on_stack(self, input)
    }

    /// The outputs of one row, its activations in the caller's `scratch`.
    #[inline]
    fn predict_with(&self, scratch: &mut Self::Scratch, input: &Self::Input) -> Self::Output {
        let mut output = Self::Output::zeroed();
        self.forward(core::slice::from_ref(input), core::slice::from_mut(&mut output), scratch.as_mut());
        output
    }

    /// The outputs of any number of rows, none with a [bad token](Self::bad_token); the same bits
    /// as row by row.
    ///
    /// # Panics
    ///
    /// Where `inputs` and `outputs` have different lengths.
    fn predict_batch(&self, inputs: &[Self::Input], outputs: &mut [Self::Output]) {
        assert_eq!(inputs.len(), outputs.len(), "one output row per input row");
        predict_rows(self, inputs, outputs);
    }

    /// Every parameter: name, shape, values.
    fn parameters(&self) -> impl Iterator<Item = (&'static str, &'static [usize], &[f32])> {
        tensors(self, TensorKind::Parameter)
    }

    /// Every parameter, to be changed.
    fn parameters_mut(&mut self) -> impl Iterator<Item = (&'static str, &'static [usize], &mut [f32])> {
        tensors_mut(self, TensorKind::Parameter)
    }

    /// Every running statistic: name, shape, values.
    fn statistics(&self) -> impl Iterator<Item = (&'static str, &'static [usize], &[f32])> {
        tensors(self, TensorKind::Statistic)
    }

    /// Every running statistic, to be changed.
    fn statistics_mut(&mut self) -> impl Iterator<Item = (&'static str, &'static [usize], &mut [f32])> {
        tensors_mut(self, TensorKind::Statistic)
    }

    /// The first infinity or NaN among parameters and statistics. A network with one is neither
    /// saved nor loaded.
    fn non_finite(&self) -> Option<NonFinite> {
        Self::TENSORS.iter().find_map(|tensor| {
            let values = &self.values(tensor.kind)[tensor.offset..][..tensor.len()];
            let index = row::first_non_finite(values)?;
            Some(NonFinite { tensor, index, value: values[index] })
        })
    }

    /// Writes parameters and statistics to a safetensors file, and what the spec says of the
    /// columns of its examples ([`METADATA`](Self::METADATA)). The names of categories and classes
    /// are not known to the spec: give them to [`save_with`](Self::save_with), or let `nn predict`
    /// read them from the spec's data.
    ///
    /// An existing file is replaced once everything is written; its permissions stay, and a link is
    /// written through. Devices and pipes are an error.
    ///
    /// # Errors
    ///
    /// The file cannot be written, or a parameter or statistic is [not finite](Self::non_finite).
    /// An existing file is not changed.
    #[cfg(feature = "std")]
    fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        self.save_with(path, &BTreeMap::new())
    }

    /// [`save`](Self::save) with metadata of the caller, which replaces that of the spec. Other
    /// names that start with `nn.` are the crate's.
    #[cfg(feature = "std")]
    fn save_with(&self, path: impl AsRef<Path>, metadata: &BTreeMap<String, String>) -> Result<(), Error> {
        check_finite_to_save(self, path.as_ref())?;
        write::write(path.as_ref(), &own_metadata::<Self>(metadata), &entries(self))
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// The file cannot be read, is corrupt, holds another network (every difference is listed), or
    /// holds a number that is not finite (the error names the tensor and the place in it).
    #[cfg(feature = "std")]
    fn load(path: impl AsRef<Path>) -> Result<Box<Self>, Error> {
        let path = path.as_ref();
        let bytes = crate::weights::read_bytes(path)?;
        let mut network = Self::zeroed_box();
        read(&Stored::parse(&Place::File(path.to_owned()), &bytes)?, &mut *network)?;
        Ok(network)
    }

    /// The bytes of the file that [`save`](Self::save) would write.
    ///
    /// ```
    /// # use nn_runtime::prelude::*;
    /// # network! { network Xor { input x: [2]; output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid; } }
    /// # fn main() -> Result<(), Error> {
    /// let network = Xor::init(42);
    /// let bytes: Vec<u8> = network.to_bytes()?; // over a wire, into a database, …
    /// let same = Xor::from_bytes(&bytes)?;
    /// assert_eq!(same.predict(&[0.0, 1.0]), network.predict(&[0.0, 1.0]));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A parameter or statistic is [not finite](Self::non_finite).
    #[cfg(feature = "alloc")]
    fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.to_bytes_with(&BTreeMap::new())
    }

    /// [`to_bytes`](Self::to_bytes) with metadata of the caller, as in
    /// [`save_with`](Self::save_with).
    #[cfg(feature = "alloc")]
    fn to_bytes_with(&self, metadata: &BTreeMap<String, String>) -> Result<Vec<u8>, Error> {
        match self.non_finite() {
            Some(number) => Err(Error::NonFiniteNetwork { number }),
            None => Ok(write::to_bytes(&own_metadata::<Self>(metadata), &entries(self))),
        }
    }

    /// Reads the bytes of a safetensors file, such as those of [`to_bytes`](Self::to_bytes) or of
    /// `include_bytes!("xor.safetensors")`.
    ///
    /// # Errors
    ///
    /// Those of [`load`](Self::load), but for the file.
    #[cfg(feature = "alloc")]
    fn from_bytes(bytes: &[u8]) -> Result<Box<Self>, Error> {
        let mut network = Self::zeroed_box();
        Self::from_bytes_in(&mut network, bytes)?;
        Ok(network)
    }

    /// [`from_bytes`](Self::from_bytes) in place, without an allocator. After an error the network
    /// is as it was. Without the feature `alloc`, the error names the first mismatch alone.
    ///
    /// ```
    /// # use nn_runtime::prelude::*;
    /// # network! { network Xor { input x: [2]; output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid; } }
    /// # fn main() -> Result<(), Error> {
    /// # let bytes = Xor::init(42).to_bytes()?;
    /// let mut network: Xor = nn_runtime::memory::zeroed(); // on the stack or in a static
    /// Xor::from_bytes_in(&mut network, &bytes)?;
    /// # Ok(())
    /// # }
    /// ```
    fn from_bytes_in(slot: &mut Self, bytes: &[u8]) -> Result<(), Error> {
        read(&Stored::parse(&Place::Bytes, bytes)?, slot)
    }

    /// Sets all parameters and statistics to those of another network of the same model.
    ///
    /// `freeze`, the `train` block and the network's name do not belong to the model. So a network
    /// whose first layers are frozen can take what another one learned, though the two are laid out
    /// differently: tensors are found by their names. A target network for Q-learning:
    ///
    /// ```
    /// # use nn_runtime::prelude::*;
    /// network! {
    ///     network Q {
    ///         input state: [4];
    ///         output value = state -> dense(8) -> relu -> dense(2);
    ///         train { loss: mse; optimizer: adam; batch: 32; epochs: 1; }
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), Error> {
    /// let mut trainer = Trainer::<Q>::new(1);
    /// let mut target = trainer.network().clone();
    /// trainer.step(&[[0.1, 0.2, 0.3, 0.4]], &[[1.0, 2.0]])?;
    /// target.blend_from(trainer.network(), 0.005)?; // a little of the way, after each step, or
    /// target.copy_from(trainer.network())?; // all of it, after many steps
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The other network is another model: the error lists how their tensors differ. Nothing is
    /// changed then.
    fn copy_from<O: Network>(&mut self, other: &O) -> Result<(), Error> {
        blend(self, other, 1.0)
    }

    /// Moves all parameters and statistics a share of the way to those of another network of the
    /// same model: v ← v + `tau`·(v′ − v). With 0 nothing changes, with 1 it is
    /// [`copy_from`](Self::copy_from). (Lillicrap et al. 2015 update target networks so.)
    ///
    /// # Errors
    ///
    /// Those of `copy_from`; `tau` is not from 0 to 1. Nothing is changed then.
    fn blend_from<O: Network>(&mut self, other: &O, tau: f32) -> Result<(), Error> {
        if !(0.0..=1.0).contains(&tau) {
            return Err(Error::BadShare { tau });
        }
        blend(self, other, tau)
    }
}

/// Bytes of activations that may lie on the stack.
#[cfg(feature = "alloc")]
const STACK: usize = 64 << 10;

/// Rows for which a block's weights are worth streaming from memory.
#[cfg(feature = "alloc")]
const WIDE: usize = 32;

/// Rows of a block whose activations lie in a box, where these take no more than [`BOX`].
#[cfg(feature = "alloc")]
const BOXED: usize = 128;

/// Bytes of activations that a block in a box may have, if it is more than one row.
#[cfg(feature = "alloc")]
const BOX: usize = 16 << 20;

/// How many of so many rows are best predicted together where their activations lie on the heap:
/// enough that weights are seldom read again, and not more than 16 MiB hold.
#[cfg(feature = "alloc")]
pub fn rows_at_a_time<N: Network>(rows: usize) -> usize {
    let fit = BOX.checked_div(N::SCRATCH).unwrap_or(BOXED);
    fit.clamp(1, BOXED).min(rows)
}

/// A function of its own, so that where the scratch is boxed the stack frame does not hold it too.
#[inline]
fn predict_on_stack<N: Network>(network: &N, input: &N::Input) -> N::Output {
    network.predict_with(&mut N::Scratch::zeroed(), input)
}

/// Floats of one row's activations.
#[cfg(feature = "alloc")]
pub(crate) const fn row_floats<N: Network>() -> usize {
    N::SCRATCH / size_of::<f32>()
}

/// Rows in blocks whose activations fit the stack, where these are wide enough, else in a box.
#[cfg(feature = "alloc")]
fn predict_rows<N: Network>(network: &N, inputs: &[N::Input], outputs: &mut [N::Output]) {
    const SMALL: usize = 1 << 10;
    const LARGE: usize = STACK / size_of::<f32>();
    let floats = inputs.len().saturating_mul(row_floats::<N>());
    if floats <= SMALL {
        predict_blocks_on_stack::<N, SMALL>(network, inputs, outputs);
    } else if floats <= LARGE || row_floats::<N>() <= LARGE / WIDE {
        predict_blocks_on_stack::<N, LARGE>(network, inputs, outputs);
    } else {
        let rows = rows_at_a_time::<N>(inputs.len());
        let mut scratch = Buffer::new(rows * row_floats::<N>());
        predict_blocks(network, &[], inputs, outputs, scratch.as_mut_slice());
    }
}

/// A function of its own for the same reason as [`predict_on_stack`].
#[cfg(feature = "alloc")]
#[inline(never)]
fn predict_blocks_on_stack<N: Network, const FLOATS: usize>(
    network: &N,
    inputs: &[N::Input],
    outputs: &mut [N::Output],
) {
    let mut scratch = Flat::<FLOATS>::zeroed();
    predict_blocks(network, &[], inputs, outputs, scratch.as_mut_slice());
}

/// Rows in blocks as large as `scratch`, which holds at least one; with panels, if there are any.
#[cfg(feature = "alloc")]
pub(crate) fn predict_blocks<N: Network>(
    network: &N,
    panels: &[Line],
    inputs: &[N::Input],
    outputs: &mut [N::Output],
    scratch: &mut [f32],
) {
    let rows = scratch.len().checked_div(row_floats::<N>()).unwrap_or(inputs.len()).max(1);
    for (inputs, outputs) in inputs.chunks(rows).zip(outputs.chunks_mut(rows)) {
        network.forward_with(panels, inputs, outputs, scratch);
    }
}

/// Row by row: without an allocator the stack is small, and no cache wants wide blocks.
#[cfg(not(feature = "alloc"))]
fn predict_rows<N: Network>(network: &N, inputs: &[N::Input], outputs: &mut [N::Output]) {
    let mut scratch = N::Scratch::zeroed();
    for (input, output) in inputs.iter().zip(outputs) {
        *output = network.predict_with(&mut scratch, input);
    }
}

/// The tensors of a kind.
fn tensors<N: Network>(
    network: &N,
    kind: TensorKind,
) -> impl Iterator<Item = (&'static str, &'static [usize], &[f32])> {
    let values = network.values(kind);
    N::TENSORS.iter().filter(move |tensor| tensor.kind == kind).map(|tensor| {
        let values = &values[tensor.offset..][..tensor.len()];
        (tensor.name, tensor.shape, values)
    })
}

/// The tensors of a kind, cut one after the other from what is left of the floats.
fn tensors_mut<N: Network>(
    network: &mut N,
    kind: TensorKind,
) -> impl Iterator<Item = (&'static str, &'static [usize], &mut [f32])> {
    let mut rest = network.values_mut(kind);
    let mut start = 0;
    N::TENSORS.iter().filter(move |tensor| tensor.kind == kind).map(move |tensor| {
        let end = tensor.offset + tensor.len();
        let (before, after) = core::mem::take(&mut rest).split_at_mut(end - start);
        let values = &mut before[tensor.offset - start..];
        rest = after;
        start = end;
        (tensor.name, tensor.shape, values)
    })
}

/// What weights must fit.
pub(crate) fn model<N: Network>() -> Model {
    Model { name: N::NAME, hash: N::HASH, tensors: N::TENSORS }
}

/// Sets all parameters and statistics, after everything is checked.
fn read<N: Network>(stored: &Stored<'_>, network: &mut N) -> Result<(), Error> {
    stored.check_fits(&model::<N>())?;
    stored.check_finite(&model::<N>())?;
    fill(stored, network);
    Ok(())
}

/// Sets the parameters and statistics that a file without mismatches has.
pub(crate) fn fill<N: Network>(stored: &Stored<'_>, network: &mut N) {
    for (tensor, found) in stored.pairs(&model::<N>()) {
        let values = &mut network.values_mut(tensor.kind)[tensor.offset..];
        values.iter_mut().zip(found.numbers()).for_each(|(value, number)| *value = number);
    }
}

/// Moves all numbers the share `tau` of the way to those of another network.
fn blend<N: Network, O: Network>(to: &mut N, from: &O, tau: f32) -> Result<(), Error> {
    let twins = Twins::new(model::<N>(), model::<O>())?;
    for kind in TensorKind::ALL {
        twins.blend(kind, to.values_mut(kind), from.values(kind), tau);
    }
    Ok(())
}

/// An error where a network that is to be written to a file holds a number that is not finite.
#[cfg(feature = "std")]
pub(crate) fn check_finite_to_save<N: Network>(network: &N, path: &Path) -> Result<(), Error> {
    match network.non_finite() {
        Some(number) => Err(Error::SavesNonFinite { path: path.to_owned(), number }),
        None => Ok(()),
    }
}

/// The spec's metadata, the caller's and the crate's; the later replaces the earlier.
#[cfg(feature = "alloc")]
pub(crate) fn own_metadata<N: Network>(callers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let owned = |&(key, value): &(&str, &str)| (key.into(), value.into());
    let mut metadata: BTreeMap<String, String> = N::METADATA.iter().map(owned).collect();
    metadata.extend(callers.clone());
    let own =
        [("nn.name", N::NAME), ("nn.hash", N::HASH), ("nn.layout", LAYOUT), ("nn.version", env!("CARGO_PKG_VERSION"))];
    metadata.extend(own.iter().map(owned));
    metadata
}

/// A network's tensors with their values.
#[cfg(feature = "alloc")]
pub(crate) fn entries<N: Network>(network: &N) -> Vec<Entry<'_>> {
    let tensors = network.parameters().chain(network.statistics());
    tensors.map(|(name, shape, values)| Entry { name: name.into(), shape: shape.to_vec(), values }).collect()
}

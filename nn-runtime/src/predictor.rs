//! A network with the memory for its activations, so that predictions never allocate.
//!
//! A predictor of sixteen rows and more keeps a second copy of large weights
//! ([`Network::copy_panels`]): in panels, in the order in which the matrix multiplication reads
//! them, so that nothing is packed in a call. In training the weights change with each step, so
//! their panels are packed in each.

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use crate::error::Error;
use crate::layers;
use crate::layers::dense::Line;
use crate::memory::{Buffer, Zeroed};
use crate::network::{self, Network};
use crate::threads::{self, Split, TILE};

/// Owns a network and its scratch.
pub struct Predictor<N: Network> {
    network: Box<N>,
    /// Its weights of large dense layers, packed for many rows.
    panels: Vec<Line>,
    /// Of a thread, as many rows at a time as were wanted.
    rows: usize,
    /// That of all threads.
    scratch: Buffer,
    threads: usize,
}

impl<N: Network> Predictor<N> {
    /// With scratch for one row at a time.
    pub fn new(network: Box<N>) -> Self {
        Self::with_rows(network, 1)
    }

    /// With scratch for `rows` rows at a time: many rows are faster together, since the weights are
    /// read once for all. From 16 on, those of large dense layers (more than 64 units, more than
    /// 8192 weights) are kept a second time, in the order in which products of many rows read
    /// them.
    pub fn with_rows(network: Box<N>, rows: usize) -> Self {
        let rows = rows.max(1);
        layers::reserve_to_predict::<N>(rows);
        let mut panels = vec![Line::ZERO; if rows < layers::LEAST_ROWS { 0 } else { N::PANELS }];
        if !panels.is_empty() {
            network.copy_panels(&mut panels);
        }
        Self { network, panels, rows, scratch: Buffer::new(rows * network::row_floats::<N>()), threads: 1 }
    }

    /// Predicts batches on so many threads from now on, each with its own scratch for as many rows;
    /// 0 is one. The bits are the same for any number, and a batch that is too small to gain by it
    /// stays on the caller's thread.
    ///
    /// # Errors
    ///
    /// The system gives no such threads, or the crate is built without its feature `rayon`.
    pub fn set_threads(&mut self, threads: usize) -> Result<(), Error> {
        threads::prepare(threads)?;
        self.threads = threads.max(1);
        self.scratch = Buffer::new(self.threads * self.rows * network::row_floats::<N>());
        Ok(())
    }

    /// The outputs of one row.
    pub fn predict(&mut self, input: &N::Input) -> N::Output {
        let mut output = N::Output::zeroed();
        self.network.forward(
            core::slice::from_ref(input),
            core::slice::from_mut(&mut output),
            self.scratch.as_mut_slice(),
        );
        output
    }

    /// The outputs of any number of rows; the same bits as row by row.
    ///
    /// # Panics
    ///
    /// Where `inputs` and `outputs` have different lengths.
    pub fn predict_batch(&mut self, inputs: &[N::Input], outputs: &mut [N::Output]) {
        assert_eq!(inputs.len(), outputs.len(), "one output row per input row");
        let pays = inputs.len().saturating_mul(N::MACS) >= threads::MULTIPLY_ADDS;
        let scratch = self.scratch.as_mut_slice();
        let rows = Rows { network: &*self.network, panels: &self.panels, inputs, outputs, scratch };
        threads::within(if pays { self.threads } else { 1 }, || threads::each(rows, Rows::predict));
    }

    /// The network.
    pub fn network(&self) -> &N {
        &self.network
    }

    /// The network, without the scratch.
    pub fn into_network(self) -> Box<N> {
        self.network
    }
}

/// Rows to be predicted, with scratch for some of them at a time.
struct Rows<'a, N: Network> {
    network: &'a N,
    panels: &'a [Line],
    inputs: &'a [N::Input],
    outputs: &'a mut [N::Output],
    scratch: &'a mut [f32],
}

impl<N: Network> Rows<'_, N> {
    fn predict(self) {
        network::predict_blocks(self.network, self.panels, self.inputs, self.outputs, self.scratch);
    }

    /// For how many rows at a time there is scratch.
    fn capacity(&self) -> usize {
        self.scratch.len().checked_div(network::row_floats::<N>()).unwrap_or(self.inputs.len())
    }
}

/// Each part takes its share of the scratch.
impl<N: Network> Split for Rows<'_, N> {
    const GRAIN: usize = TILE;

    fn size(&self) -> usize {
        if self.capacity() < 2 { 0 } else { self.inputs.len() }
    }

    fn split_at(self, index: usize) -> (Self, Self) {
        let capacity = self.capacity();
        let share = (capacity * index / self.inputs.len()).clamp(1, capacity - 1);
        let (inputs, inputs_rest) = self.inputs.split_at(index);
        let (outputs, outputs_rest) = self.outputs.split_at_mut(index);
        let (scratch, scratch_rest) = self.scratch.split_at_mut(share * network::row_floats::<N>());
        let Self { network, panels, .. } = self;
        let rest = Self { network, panels, inputs: inputs_rest, outputs: outputs_rest, scratch: scratch_rest };
        (Self { network, panels, inputs, outputs, scratch }, rest)
    }
}

//! A network with the memory that it predicts in: predictions that never allocate, however large.

use alloc::boxed::Box;

use crate::memory::{Buffer, Zeroed};
use crate::network::{self, Network};

/// Owns a network and its scratch.
pub struct Predictor<N: Network> {
    network: Box<N>,
    scratch: Buffer,
}

impl<N: Network> Predictor<N> {
    /// With scratch for one row at a time.
    pub fn new(network: Box<N>) -> Self {
        Self::with_rows(network, 1)
    }

    /// With scratch for `rows` rows at a time: many rows are faster together, since the weights are
    /// read once for all.
    pub fn with_rows(network: Box<N>, rows: usize) -> Self {
        let scratch = Buffer::new(rows.max(1) * network::row_floats::<N>());
        Self { network, scratch }
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
        let scratch = self.scratch.as_mut_slice();
        network::predict_blocks(&*self.network, inputs, outputs, scratch);
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

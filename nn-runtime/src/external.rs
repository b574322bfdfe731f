//! A step whose loss is the caller's: forward, backward from the gradients of the outputs, update.

use crate::clip::clip_norm;
use crate::error::{Error, FirstNonFinite, Part, Set};
use crate::examples::Examples;
use crate::learning_rates;
use crate::memory::Zeroed;
use crate::row;
use crate::trainable::{self, MAX_WEIGHTED, OptimizerState, Pass, StepBatch, Trainable};
use crate::trainer::{self, Passes, Trainer};

/// # A step whose loss is the program's
///
/// [`forward`](Self::forward) gives the outputs, the program computes the gradients of any loss by
/// them, [`backward`](Self::backward) makes gradients of the parameters (and of the inputs, if
/// wanted) from these, and [`update`](Self::update) is the optimizer's step. With a spec's own loss
/// that is [`step`](Self::step), to the bit; there, the softmax or sigmoid before a cross-entropy is
/// computed together with it, so that its gradient differs by rounding.
///
/// A network for it needs no `loss`:
///
/// ```
/// # #[cfg(feature = "macros")] {
/// use nn_runtime::prelude::*;
///
/// network! {
///     network Line {
///         input x: [1];
///         output y = x -> dense(1);
///         train { optimizer: sgd(lr: 0.1); batch: 4; }
///     }
/// }
///
/// # fn main() -> Result<(), Error> {
/// let inputs = [[0.0], [1.0], [2.0], [3.0]];
/// let mut trainer = Trainer::<Line>::new(1);
/// for _ in 0..200 {
///     let outputs = trainer.forward(&inputs)?;
///     // The loss: the mean of (y − 2x − 1)²/2. Its gradient by y: (y − 2x − 1)/rows.
///     let gradients: [[f32; 1]; 4] = std::array::from_fn(|row| [(outputs[row][0] - 2.0 * inputs[row][0] - 1.0) / 4.0]);
///     trainer.backward(&gradients, None)?;
///     trainer.update()?;
/// }
/// assert!((trainer.network().predict(&[5.0])[0] - 11.0).abs() < 0.01);
/// # Ok(())
/// # }
/// # main().unwrap() }
/// ```
///
/// **Gradients add up** over several pairs of `forward` and `backward` until `update`. If the loss is
/// a mean over all their rows, its gradients must be divided by the number of all of them.
///
/// **Dropout** draws other masks in each forward pass of a step; the first pass has those of `step`.
/// **`batch_norm`** takes mean and variance of the rows of the pass, and its running statistics take
/// them in at each `forward`, whether `backward` follows or not. Where they must not change, keep a
/// copy of `values(TensorKind::Statistic)` of [`network`](Self::network).
///
/// **Chained networks**: the input gradients of one are the output gradients of the other. To go back
/// through a network that is not to learn from it, such as a discriminator while its generator
/// learns, call [`backward_inputs`](Self::backward_inputs).
impl<N: Trainable> Trainer<N> {
    /// The outputs of 1 to [`CHUNK`](Trainable::CHUNK) rows (without a loss: the spec's `batch`) in
    /// training mode: with dropout, and with `batch_norm` by these rows. A prediction of the network
    /// as it is used later is [`Network::predict`](crate::network::Network::predict).
    ///
    /// Allocates nothing on one thread.
    ///
    /// # Errors
    ///
    /// No rows, too few for batch norm or more than fit; a number that is not finite, or an index
    /// that is not one of a token, in the inputs; outputs that are not finite.
    pub fn forward(&mut self, inputs: &[N::Input]) -> Result<&[N::Output], Error> {
        trainable::check_inputs::<N>(Set::Forward, inputs)?;
        let rows = inputs.len();
        trainable::check_least::<N>(Set::Forward, rows)?;
        if rows > N::CHUNK {
            return Err(Error::TooManyHeld { rows, most: N::CHUNK });
        }
        let pass = Pass {
            seed: self.progress.seed,
            step: self.progress.step + 1,
            first_row: self.passes.rows,
            scale: 1.0 / rows as f32,
            learning_rate: self.learning_rate(),
            factors: [1.0; MAX_WEIGHTED],
            row_weights: None,
        };
        self.within(|trainer| {
            let Self { network, outputs, workspace, .. } = trainer;
            network.forward_chunk(inputs, &pass, &mut outputs.as_mut()[..rows], workspace);
        });
        if let Some(row) = row::first_non_finite(&self.outputs.as_ref()[..rows]) {
            return Err(Error::NonFiniteOutput { row, place: self.non_finite_place(inputs, &pass) });
        }
        self.passes.rows += rows as u64;
        self.passes.forward = rows;
        Ok(&self.outputs.as_ref()[..rows])
    }

    /// Goes back through the last [`forward`](Self::forward) from the gradients of its outputs, one
    /// row for each of its rows. Adds the gradients of the parameters to those that wait for
    /// [`update`](Self::update), and overwrites `input_gradients`, one row for each row too. (The
    /// gradient of a token's index is 0.)
    ///
    /// Allocates nothing on one thread.
    ///
    /// # Errors
    ///
    /// There was no forward pass, or a step, an evaluation, a backward pass or
    /// [`network_mut`](Self::network_mut) after it; another number of rows than that pass has; a
    /// number that is not finite. Nothing is changed then.
    pub fn backward(
        &mut self,
        output_gradients: &[N::Output],
        input_gradients: Option<&mut [N::Input]>,
    ) -> Result<(), Error> {
        let rows = self.check_backward(output_gradients, input_gradients.as_deref())?;
        self.begin_gradients();
        self.go_back(rows, output_gradients, input_gradients, true);
        self.passes.backward += 1;
        Ok(())
    }

    /// [`backward`](Self::backward) to the inputs alone: the gradients of the parameters stay as they
    /// were, and are not computed.
    ///
    /// # Errors
    ///
    /// Those of [`backward`](Self::backward).
    pub fn backward_inputs(
        &mut self,
        output_gradients: &[N::Output],
        input_gradients: &mut [N::Input],
    ) -> Result<(), Error> {
        let rows = self.check_backward(output_gradients, Some(input_gradients))?;
        self.go_back(rows, output_gradients, Some(input_gradients), false);
        Ok(())
    }

    /// One step of the optimizer with the gradients that were added up, after which there are none:
    /// adds those of the penalties of regularisation, limits their norm where the spec has
    /// `clip_norm`, and takes the learning rate from its `schedule`, as [`step`](Self::step) does.
    ///
    /// Allocates nothing on one thread.
    ///
    /// # Errors
    ///
    /// No gradients; a gradient that is not finite (the error names its parameter;
    /// [`discard_gradients`](Self::discard_gradients) goes on without it); a schedule whose
    /// [length](Self::set_length) is not known. Nothing is changed then. Where it is the gradient of
    /// a penalty that is not finite, all gradients are discarded.
    pub fn update(&mut self) -> Result<(), Error> {
        if self.passes.backward == 0 {
            return Err(Error::NoGradients);
        }
        self.check_length()?;
        let (step, learning_rate) = (self.progress.step + 1, self.learning_rate());
        let remedies = trainer::remedies::<N>(learning_rate);
        if row::first_non_finite(self.gradients.as_ref()).is_some() {
            let parameter = trainable::non_finite_gradient::<N>(&self.gradients);
            return Err(Error::NonFiniteGradient { step, parameter, remedies });
        }
        let penalty = self.network.penalty(None);
        if !penalty.is_finite() {
            let found = self.network.non_finite().map(|found| FirstNonFinite::Parameter(found.tensor.name));
            return Err(Error::NonFinite { step, place: found.unwrap_or(FirstNonFinite::Loss), remedies });
        }
        let is_finite = self.within(|trainer| {
            let Self { network, gradients, state, .. } = trainer;
            network.penalty(Some(gradients));
            learning_rates::forget_frozen(N::LEARNING_RATES, state.own_rates(), gradients.as_mut());
            let is_finite = match N::CLIP_NORM {
                Some(most) => clip_norm(gradients.as_mut(), most).is_finite(),
                None => penalty == 0.0 || row::first_non_finite(gradients.as_ref()).is_none(),
            };
            if is_finite {
                network.update(gradients, state, step, learning_rate);
            }
            is_finite
        });
        if !is_finite {
            // The penalties' gradients were added, and cannot be taken away again.
            self.discard_gradients();
            let parameter = trainable::non_finite_gradient::<N>(&self.gradients);
            return Err(Error::NonFiniteGradient { step, parameter, remedies });
        }
        self.progress.step = step;
        self.passes = Passes::zeroed();
        Ok(())
    }

    /// The spec's loss of some rows, penalties included, and its gradients, without a step: they are
    /// added to those that wait for [`update`](Self::update), which adds those of the penalties.
    /// (After `step` there are no gradients: it uses each where it is computed.)
    ///
    /// # Errors
    ///
    /// Those of [`step`](Self::step) that concern rows; a loss that is not finite, which discards
    /// all gradients.
    pub fn compute_gradients(&mut self, inputs: &[N::Input], targets: &[N::Target]) -> Result<f32, Error> {
        let rows = Examples::new(inputs, targets);
        self.check_step(&rows)?;
        let (step, learning_rate) = (self.progress.step + 1, self.learning_rate());
        let (seed, first_row) = (self.progress.seed, self.passes.rows);
        let batch = StepBatch::<N> { rows, seed, step, first_row, learning_rate };
        self.begin_gradients();
        let loss = self.within(|trainer| {
            let Self { network, gradients, workspace, .. } = trainer;
            batch.add_gradients(network, gradients, workspace).0 + network.penalty(None)
        });
        if !loss.is_finite() {
            // What was added is not finite either, and cannot be taken away again.
            self.discard_gradients();
            let place = batch.non_finite_place(&mut self.network, &mut self.outputs, &mut self.workspace);
            return Err(Error::NonFinite { step, place, remedies: trainer::remedies::<N>(learning_rate) });
        }
        self.passes.rows += inputs.len() as u64;
        self.passes.backward += 1;
        Ok(loss as f32)
    }

    /// Forgets the gradients that wait for [`update`](Self::update), if there are any.
    pub fn discard_gradients(&mut self) {
        self.passes.backward = 0;
        self.passes.rows = 0;
    }

    /// No gradients wait that a step would lose.
    pub(crate) fn check_applied(&self) -> Result<(), Error> {
        match self.passes.backward {
            0 => Ok(()),
            passes => Err(Error::GradientsWait { passes }),
        }
    }

    /// Zeroes the gradients, unless there are some.
    pub(crate) fn begin_gradients(&mut self) {
        if self.passes.backward == 0 {
            self.gradients.as_mut().fill(0.0);
        }
    }

    /// The rows of the forward pass, if it can be gone back through with these.
    fn check_backward(
        &self,
        output_gradients: &[N::Output],
        input_gradients: Option<&[N::Input]>,
    ) -> Result<usize, Error> {
        let rows = self.passes.forward;
        if rows == 0 {
            return Err(Error::NoForward);
        }
        let given = [
            (Part::OutputGradient, output_gradients.len()),
            (Part::InputGradient, input_gradients.map_or(rows, <[N::Input]>::len)),
        ];
        for (part, given) in given {
            if given != rows {
                return Err(Error::GradientRows { part, given, rows });
            }
        }
        match row::first_non_finite(output_gradients) {
            Some(row) => Err(Error::NonFiniteRow { set: Set::Backward, part: Part::OutputGradient, row }),
            None => Ok(rows),
        }
    }

    fn go_back(
        &mut self,
        rows: usize,
        output_gradients: &[N::Output],
        input_gradients: Option<&mut [N::Input]>,
        wants_parameters: bool,
    ) {
        self.within(|trainer| {
            let Self { network, outputs, gradients, workspace, .. } = trainer;
            let outputs = &outputs.as_ref()[..rows];
            network.backward_chunk(outputs, output_gradients, input_gradients, gradients, wants_parameters, workspace);
        });
    }

    /// Where a number that is not finite first appears in a forward pass of finite rows.
    #[cold]
    fn non_finite_place(&mut self, inputs: &[N::Input], pass: &Pass) -> FirstNonFinite {
        if let Some(found) = self.network.non_finite() {
            return FirstNonFinite::Parameter(found.tensor.name);
        }
        let Self { network, outputs, workspace, .. } = self;
        let outputs = &mut outputs.as_mut()[..inputs.len()];
        let found = network.first_non_finite(inputs, &[], pass, outputs, workspace);
        found.map_or(FirstNonFinite::Output, FirstNonFinite::Layer)
    }
}

//! Numbers from a seed: the same on every machine.

use ndarray::Array2;
use nn_compiler::Compiled;
use nn_compiler::interp::{State, Targets};
use nn_compiler::plan::{Tensor, TensorKind};
use nn_compiler::vocabulary::{Init, TargetRange};

/// Numbers from a seed (SplitMix64).
pub struct Draw {
    state: u64,
}

impl Draw {
    /// Numbers that belong to a text.
    pub fn new(text: &str) -> Self {
        let fold = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self { state: text.bytes().fold(0xcbf2_9ce4_8422_2325, fold) }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1, a multiple of 2⁻²⁴.
    fn share(&mut self) -> f64 {
        (self.next() >> 40) as f64 / (1u64 << 24) as f64
    }

    fn below(&mut self, count: usize) -> usize {
        (self.share() * count as f64) as usize
    }

    /// From −bound to bound, as f32.
    fn within(&mut self, bound: f64) -> f64 {
        f64::from((bound * (2.0 * self.share() - 1.0)) as f32)
    }

    /// Nearly normal, with deviation 1, as f32: a sum of twelve.
    fn normal(&mut self) -> f64 {
        let sum: f64 = (0..12).map(|_| self.share()).sum();
        f64::from((sum - 6.0) as f32)
    }

    fn matrix(&mut self, rows: usize, columns: usize, one: impl Fn(&mut Self) -> f64) -> Array2<f64> {
        // In the order of rows.
        Array2::from_shape_fn((rows, columns), |_| one(self))
    }

    /// Numbers of the shapes of others.
    pub fn like(&mut self, others: &[Array2<f64>]) -> Vec<Array2<f64>> {
        others.iter().map(|other| self.matrix(other.nrows(), other.ncols(), |draw| draw.within(0.25))).collect()
    }

    /// Rows for every input: token indices where those are read.
    pub fn inputs(&mut self, compiled: &Compiled, rows: usize) -> Vec<Array2<f64>> {
        let model = &compiled.model;
        let vocabulary = |id| model.tokens().filter(|(input, _)| *input == id).map(|(_, tokens)| tokens).min();
        let input = |id: &nn_compiler::model::ValueId| {
            let width = compiled.shapes.of(*id).len();
            match vocabulary(*id) {
                Some(tokens) => self.matrix(rows, width, |draw| draw.below(tokens) as f64),
                None => self.matrix(rows, width, Self::normal),
            }
        };
        model.inputs.iter().map(input).collect()
    }

    /// Targets within the range of each.
    pub fn targets(&mut self, compiled: &Compiled, rows: usize) -> Vec<Targets> {
        let Some(train) = &compiled.model.train else { return Vec::new() };
        let target = |(index, target): (usize, &nn_compiler::model::Target)| {
            let width = compiled.shapes.of(target.output).len();
            let range = train.narrowest_term(index).map(|term| term.loss.target_range());
            match range.unwrap_or(TargetRange::Number) {
                TargetRange::Class => Targets::Classes((0..rows).map(|_| self.below(width)).collect()),
                TargetRange::Binary | TargetRange::Share => {
                    Targets::Numbers(self.matrix(rows, width, |draw| draw.below(2) as f64))
                }
                TargetRange::Number => Targets::Numbers(self.matrix(rows, width, Self::normal)),
            }
        };
        train.targets.iter().enumerate().map(target).collect()
    }

    /// Weights of rows.
    pub fn weights(&mut self, rows: usize) -> Vec<f64> {
        (0..rows).map(|_| 1.0 + self.within(0.75)).collect()
    }

    /// Parameters and statistics: weights of the size that the spec draws, all others near their initial values.
    pub fn state(&mut self, compiled: &Compiled) -> State {
        let mut state = State::new(&compiled.tensors);
        for (tensor, numbers) in compiled.tensors.all.iter().zip(&mut state.tensors) {
            numbers.iter_mut().for_each(|number| *number = self.near_start(tensor, *number));
        }
        state
    }

    fn near_start(&mut self, tensor: &Tensor, start: f64) -> f64 {
        let [inputs, outputs] = tensor.fans().map(|fan| fan as f64);
        match tensor.init {
            Init::Constant(_) if tensor.kind == TensorKind::Statistic || start != 0.0 => {
                f64::from((start + self.within(0.25)) as f32)
            }
            Init::Constant(_) => self.within(0.25),
            Init::HeNormal | Init::HeUniform => self.within((6.0 / inputs).sqrt()),
            Init::GlorotNormal | Init::GlorotUniform | Init::Auto => self.within((6.0 / (inputs + outputs)).sqrt()),
            Init::LecunNormal => self.within((3.0 / inputs).sqrt()),
            Init::Normal(deviation) => self.within(3.0f64.sqrt() * deviation),
            Init::Uniform(bound) => self.within(bound),
        }
    }
}

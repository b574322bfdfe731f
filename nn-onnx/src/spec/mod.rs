//! A spec as a tree: steps, each with its shape and its tensors. `names` gives names to steps, `text` writes it.

pub mod call;
mod names;
mod repeats;
mod text;

pub use call::Call;
pub use names::{module, network, word};
pub use text::{Written, write};

/// A step, an index into [`Spec::steps`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StepId(pub usize);

/// A network.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    /// Its name.
    pub name: String,
    /// The lines of its doc comment.
    pub docs: Vec<String>,
    /// Its steps; each comes after those that it reads.
    pub steps: Vec<Step>,
    /// What it returns, with the names in the file.
    pub outputs: Vec<(StepId, String)>,
}

/// An input, a layer, or a join.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// Its dimensions, without the batch.
    pub dims: Vec<usize>,
    /// The tensors of a layer, in the order of the language.
    pub tensors: Vec<Weights>,
    /// A name from the file, if one says something.
    pub hint: Option<String>,
    /// A line of comment, where a choice was made.
    pub comment: Option<String>,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// It is given.
    Input,
    /// It applies a layer.
    Layer(Call, StepId),
    /// It joins values: `add`, `multiply` or `concat`.
    Join(&'static str, Vec<StepId>),
}

/// A tensor of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// The last part of its name: `weight`.
    pub name: &'static str,
    /// Its dimensions.
    pub dims: Vec<usize>,
    /// Its numbers.
    pub numbers: Vec<f32>,
}

impl Spec {
    /// A step.
    pub fn step(&self, id: StepId) -> &Step {
        &self.steps[id.0]
    }

    /// The dimensions of a step.
    pub fn dims(&self, id: StepId) -> &[usize] {
        &self.step(id).dims
    }

    /// Adds a step without tensors.
    pub fn add(&mut self, kind: StepKind, dims: Vec<usize>) -> StepId {
        self.steps.push(Step { kind, dims, tensors: Vec::new(), hint: None, comment: None });
        StepId(self.steps.len() - 1)
    }

    /// Adds a layer without tensors that keeps the shape.
    pub fn apply(&mut self, call: Call, input: StepId) -> StepId {
        let dims = self.dims(input).to_vec();
        self.add(StepKind::Layer(call, input), dims)
    }

    /// The last step, to be completed.
    pub fn step_mut(&mut self, id: StepId) -> &mut Step {
        &mut self.steps[id.0]
    }
}

impl Step {
    /// The steps that it reads.
    pub fn inputs(&self) -> &[StepId] {
        match &self.kind {
            StepKind::Input => &[],
            StepKind::Layer(_, input) => std::slice::from_ref(input),
            StepKind::Join(_, inputs) => inputs,
        }
    }
}

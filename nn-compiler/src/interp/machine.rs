//! The machine that runs a plan, step by step.

use ndarray::Array2;

use super::activation;
use super::optimizer::Stepper;
use super::penalty::add_penalty;
use super::state::{Batch, Run, State};
use crate::ids::{BufferId, TensorId};
use crate::plan::ops::{self, Derivative, Op, Plan, operations};
use crate::plan::roles::{Accumulate, Observe, Read, Update, Write};
use crate::plan::{Location, Origin, Tensors};

/// An operation as the oracle computes it: in f64, slow and obvious.
pub trait Interpret {
    /// Reads and writes the numbers that the operation's fields name.
    fn interpret(&self, machine: &mut Machine);
}

macro_rules! dispatch {
    (forward: $($forward:ident),*; after: $($after:ident),*;) => {
        impl Interpret for Op {
            fn interpret(&self, machine: &mut Machine) {
                match self {
                    $(Self::$forward(operation) => Interpret::interpret(operation as &ops::$forward, machine),)*
                    $(Self::$after(operation) => Interpret::interpret(operation as &ops::$after, machine),)*
                }
            }
        }
    };
}
operations!(dispatch);

/// A pass under way.
pub struct Machine<'a> {
    pub state: &'a mut State,
    /// The rows.
    pub batch: &'a Batch,
    /// The batch that `batch` is a part of: losses are means over its rows.
    pub whole: &'a Batch,
    /// The width of each buffer.
    widths: Vec<usize>,
    /// The weights of the classes, for each loss that has them.
    pub class_weights: &'a [Vec<f64>],
    /// The slot of each buffer that has to share it.
    slots: Vec<Option<usize>>,
    /// The inputs of updates, if the plan has any.
    updates: Option<Updates<'a>>,
    /// The gradients of the outputs, where the caller computes them.
    pub output_gradients: Vec<Array2<f64>>,
    /// Whether to stop before the next step.
    pub ends: bool,
    pub run: Run,
}

/// The inputs of the updates of a plan.
struct Updates<'a> {
    tensors: &'a Tensors,
    stepper: &'a mut Stepper,
}

/// A caller that computes the gradients of the outputs from the outputs.
pub type OutputGradients<'a> = dyn Fn(&[Array2<f64>]) -> Vec<Array2<f64>> + 'a;

/// The inputs of a run.
struct Pass<'a> {
    batch: &'a Batch,
    whole: &'a Batch,
    on_slots: bool,
    updates: Option<Updates<'a>>,
    /// The gradients of the outputs from the outputs.
    caller: Option<&'a OutputGradients<'a>>,
}

impl<'a> Pass<'a> {
    /// A pass of all rows.
    fn whole(batch: &'a Batch) -> Self {
        Self { batch, whole: batch, on_slots: false, updates: None, caller: None }
    }
}

/// Runs every step of a plan. Only training plans change `state`: its running statistics.
pub fn run(plan: &Plan, state: &mut State, batch: &Batch) -> Run {
    run_in(plan, state, Pass::whole(batch))
}

/// Like [`run`], with a part of the rows of a batch: loss and gradients are their contribution to those of `whole`.
pub fn run_part(plan: &Plan, state: &mut State, part: &Batch, whole: &Batch) -> Run {
    run_in(plan, state, Pass { whole, ..Pass::whole(part) })
}

/// Like [`run`], with one buffer in a slot at a time, as in the scratch memory of generated code: a write
/// evicts the buffer that was there. [`Run::buffers`] holds the buffers that are left.
///
/// # Panics
///
/// If a step reads a buffer that was evicted: an error in the pass `place_buffers`.
pub fn run_on_slots(plan: &Plan, state: &mut State, batch: &Batch) -> Run {
    run_in(plan, state, Pass { on_slots: true, ..Pass::whole(batch) })
}

/// Runs a plan that holds the updates of its step (`TrainingPlans::step`), on slots as [`run_on_slots`] does. The
/// loss is that before the step, without penalties.
pub fn run_with_update(plan: &Plan, tensors: &Tensors, stepper: &mut Stepper, state: &mut State, batch: &Batch) -> Run {
    stepper.begin();
    run_in(plan, state, Pass { on_slots: true, updates: Some(Updates { tensors, stepper }), ..Pass::whole(batch) })
}

/// Runs a plan whose caller computes the gradients of the outputs from the outputs (`TrainingPlans::external`), on slots
/// as [`run_on_slots`] does.
pub fn run_external(plan: &Plan, state: &mut State, batch: &Batch, caller: &OutputGradients<'_>) -> Run {
    run_in(plan, state, Pass { on_slots: true, caller: Some(caller), ..Pass::whole(batch) })
}

fn run_in(plan: &Plan, state: &mut State, pass: Pass) -> Run {
    let Pass { batch, whole, on_slots, updates, caller } = pass;
    let slot = |location| match location {
        Location::Slot(slot) if on_slots => slot,
        Location::Slot(_) | Location::Input(_) | Location::Output(_) | Location::OutputGradient(_) => None,
    };
    let slots = plan.buffers.iter().map(|buffer| slot(buffer.location)).collect();
    let gradients = state.tensors.iter().map(|tensor| Array2::zeros(tensor.dim())).collect();
    let metrics = plan.steps.iter().filter(|step| matches!(step.origin, Origin::Metric(_))).map(|_| 0.0).collect();
    let mut run = Run {
        buffers: vec![None; plan.buffers.len()],
        outputs: Vec::new(),
        loss: 0.0,
        losses: Vec::new(),
        metrics,
        gradients,
        input_gradients: Vec::new(),
    };
    for (id, buffer) in plan.buffers.iter().enumerate() {
        if let Location::Input(index) = buffer.location {
            run.buffers[id] = Some(batch.inputs[index].clone());
        }
    }
    let widths = (0..plan.buffers.len()).map(|id| plan.width(BufferId(id))).collect();
    let class_weights = &plan.class_weights;
    let output_gradients = Vec::new();
    let mut machine =
        Machine { state, batch, whole, class_weights, widths, slots, updates, output_gradients, ends: false, run };
    for (index, step) in plan.steps.iter().enumerate() {
        if let Some(caller) = caller.filter(|_| index == plan.forward) {
            machine.ask(caller, plan);
        }
        step.op.writes().into_iter().for_each(|write| machine.evict(write));
        step.op.interpret(&mut machine);
        if machine.ends {
            break;
        }
    }
    let mut run = machine.run;
    if caller.is_none() {
        give_outputs(plan, &mut run);
        let gradients = plan.input_gradients.iter();
        run.input_gradients = gradients.map(|gradient| run.buffers[gradient.as_ref()?.0].clone()).collect();
    }
    run
}

/// Adds the outputs that lie in the caller's memory.
fn give_outputs(plan: &Plan, run: &mut Run) {
    let mut written: Vec<(usize, usize)> = Vec::new();
    for (id, buffer) in plan.buffers.iter().enumerate() {
        if let (Location::Output(index), Some(_)) = (buffer.location, &run.buffers[id]) {
            written.push((index, id));
        }
    }
    written.sort_unstable();
    for (_, id) in written {
        run.outputs.extend(run.buffers[id].clone());
    }
}

impl Machine<'_> {
    /// Asks the caller for the gradients of the outputs.
    fn ask(&mut self, caller: &OutputGradients<'_>, plan: &Plan) {
        give_outputs(plan, &mut self.run);
        self.output_gradients = caller(&self.run.outputs);
        for (id, buffer) in plan.buffers.iter().enumerate() {
            if let Location::OutputGradient(index) = buffer.location {
                self.run.buffers[id] = Some(self.output_gradients[index].clone());
            }
        }
    }

    /// The numbers of a buffer that an earlier step has written.
    pub fn get(&self, id: Read) -> &Array2<f64> {
        self.run.buffers[id.0.0].as_ref().expect("what a step reads was written, and not evicted since")
    }

    /// Writes a buffer.
    pub fn set(&mut self, id: Write, numbers: Array2<f64>) {
        self.evict(id.0);
        self.run.buffers[id.0.0] = Some(numbers);
    }

    /// Writes a gradient, times the derivative of an activation.
    pub fn set_through(&mut self, id: Write, gradient: Array2<f64>, derivative: Option<Derivative>) {
        let gradient = match derivative {
            Some(Derivative { activation, saved }) => {
                gradient * self.get(saved).mapv(|saved| activation::derivative(activation, saved))
            }
            None => gradient,
        };
        self.set(id, gradient);
    }

    /// The numbers that a buffer holds for each row.
    pub fn width(&self, id: impl Into<BufferId>) -> usize {
        self.widths[id.into().0]
    }

    /// Evicts what is in the slot of a buffer.
    fn evict(&mut self, id: BufferId) {
        let slot = self.slots[id.0];
        if slot.is_none() {
            return;
        }
        for (lies, numbers) in self.slots.iter().zip(&mut self.run.buffers) {
            if *lies == slot {
                *numbers = None;
            }
        }
    }

    /// The numbers of a tensor.
    pub fn tensor(&self, id: impl Into<TensorId>) -> &Array2<f64> {
        self.state.get(id.into())
    }

    /// The numbers of a tensor as one row.
    pub fn row(&self, id: impl Into<TensorId>) -> Array2<f64> {
        let numbers = self.tensor(id);
        numbers.to_shape((1, numbers.len())).expect("as many numbers").to_owned()
    }

    /// Adds to the gradient of a parameter.
    pub fn add_gradient(&mut self, id: Accumulate, part: Array2<f64>) {
        let gradient = &mut self.run.gradients[id.0.0];
        *gradient = &*gradient + &part;
    }

    /// Gives an observed tensor its new numbers.
    pub fn observe(&mut self, id: Observe, numbers: Array2<f64>) {
        self.state.tensors[id.0.0] = numbers;
    }

    /// The update of a parameter by its gradient and its penalty.
    pub fn update(&mut self, id: Update, mut gradient: Array2<f64>) {
        let Some(Updates { tensors, stepper }) = &mut self.updates else {
            unreachable!("plans with updates are run by `run_with_update`")
        };
        add_penalty(tensors.get(id.0), self.state.get(id.0), &mut gradient);
        stepper.update(id.0, tensors.get(id.0), self.state, &gradient);
    }
}

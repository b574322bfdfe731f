//! `nn trace SPEC`: shows all values of one row, forward and backward.

use std::path::PathBuf;

use clap::Args;
use ndarray::{Array2, Axis};
use nn_compiler::interp::{Batch, State, Targets};
use nn_compiler::model::Target;
use nn_data::{Table, TargetColumn};

use crate::console;
use crate::error::Error;
use crate::examples::Examples;
use crate::program::{Program, TargetDir};
use crate::spec::Spec;
use crate::weights::Weights;

/// The arguments of `nn trace`.
#[derive(Args)]
pub struct Trace {
    /// The spec, a `.nn` file
    spec: PathBuf,
    /// The number of the row in the data, from 1
    #[arg(long, value_name = "N", default_value_t = 1)]
    row: usize,
    /// The weights file [default: the initial weights of a training]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// The folder with the data files of the spec [default: the folder in the spec]
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    #[command(flatten)]
    target: TargetDir,
}

impl Trace {
    /// Prints the inputs, every layer, the loss, every gradient and one update.
    pub fn run(self) -> Result<(), Error> {
        let spec = Spec::read(&self.spec)?;
        let data = self.data.as_deref();
        let (state, table) = match &self.weights {
            Some(path) => {
                let weights = Weights::find(&spec, Some(path))?;
                (weights.state(&spec)?, weights.examples(&spec, data)?.table)
            }
            None => (initial(&spec, &self.target)?, Examples::load(&spec, data, None)?.table),
        };
        let batch = self.batch(&spec, &table)?;
        console::print(&nn_compiler::trace::trace(&spec.compiled, &state, &batch))
    }

    fn batch(&self, spec: &Spec, table: &Table) -> Result<Batch, Error> {
        if self.row == 0 || self.row > table.rows() {
            return Err(Error::NoSuchRow { row: self.row, rows: table.rows() });
        }
        let table = table.take(&[self.row - 1]);
        let row = table.inputs.mapv(f64::from);
        let (mut rest, mut inputs) = (row.view(), Vec::new());
        for id in &spec.compiled.model.inputs {
            let (input, after) = rest.split_at(Axis(1), spec.compiled.shapes.of(*id).len());
            inputs.push(input.to_owned());
            rest = after;
        }
        Ok(Batch { inputs, targets: targets(spec, table.targets), row_weights: None, masks: Vec::new() })
    }
}

/// The targets of each output. Columns are assigned to outputs in order.
fn targets(spec: &Spec, targets: nn_data::Targets) -> Vec<Targets> {
    let columns = match targets {
        nn_data::Targets::Classes(classes) => return vec![Targets::Classes(classes)],
        nn_data::Targets::Numbers(numbers) => return vec![Targets::Numbers(numbers.mapv(f64::from))],
        nn_data::Targets::None => return Vec::new(),
        nn_data::Targets::Columns(columns) => columns,
    };
    let mut columns = columns.into_iter();
    let of_output = |(target, width): (&Target, usize)| {
        let wanted = if target.is_class { 1 } else { width };
        let (mut classes, mut numbers) = (Vec::new(), Vec::new());
        for column in columns.by_ref().take(wanted) {
            match column {
                TargetColumn::Classes(column) => classes = column,
                TargetColumn::Numbers(column) => numbers.extend(column.into_iter().map(f64::from)),
            }
        }
        match target.is_class {
            true => Targets::Classes(classes),
            // There is one row, so a column is one number.
            false => Targets::Numbers(Array2::from_shape_fn((1, numbers.len()), |(_, at)| numbers[at])),
        }
    };
    spec.targets().map(of_output).collect()
}

/// The initial weights of a training, as the network's program draws them.
fn initial(spec: &Spec, target: &TargetDir) -> Result<State, Error> {
    let seed = spec.compiled.model.train.as_ref().map_or(0, |train| train.seed);
    let tensors = &spec.compiled.tensors;
    let mut state = State::new(tensors);
    for (name, values) in Program::build(spec, 1, target)?.init(seed)? {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        // The program is of the same network, so it has the same tensors.
        state.set(tensors, &name, &values);
    }
    Ok(state)
}

//! A network as a file of PyTorch: the model, its training, and a check against numbers of `nn`.

mod check;
mod class;
mod init;
mod layers;
mod loss;
mod model;
mod optimizer;
mod train;
mod training;

use crate::golden::{self, Golden, Numbers};
use crate::python::{Export, Lines, Names, Reach, Refusal, Request, docstring, text};
use model::Model;
use train::Parts;
use training::Training;

/// The Python file of a network, with its weights and numbers to compare it with.
///
/// # Errors
///
/// A layer or a setting that PyTorch cannot express.
pub fn export(request: &Request) -> Result<Export, Refusal> {
    let compiled = request.compiled;
    let reach = Reach::new(compiled);
    let mut names = Names::without(&[
        "F",
        "CLASS_WEIGHTS",
        "ChannelRMSNorm",
        "DataLoader",
        "GOLDEN",
        "MomentumSGD",
        "Normalize",
        "Path",
        "RMSprop",
        "Rescale",
        "Step",
        "Tensor",
        "TensorDataset",
        "TokenEmbedding",
        "WEIGHTS",
        "augment",
        "check",
        "convert",
        "differ",
        "evaluate",
        "flip",
        "gradients",
        "load_file",
        "loss",
        "make_optimizer",
        "make_schedule",
        "math",
        "nn",
        "part",
        "penalty",
        "perceptron_loss",
        "report",
        "set_statistics",
        "shift",
        "sys",
        "torch",
        "train",
        "trained",
        "update",
    ]);
    let model = Model::new(compiled, &reach, names.give(&compiled.model.name))?;
    let training = reach.train().map(|train| Training {
        model: &model,
        train,
        has_row_weights: golden::has_row_weights(compiled.model.data.as_ref()),
    });
    let file = |entries: Vec<golden::Entry>| {
        golden::write(&entries).map_err(|reason| Refusal { what: "the tensors".to_owned(), reason })
    };
    let weights = request.weights.map(|state| file(check::state(&model, state, "", Numbers::Singles)));
    let golden = request.golden.then(|| file(check::golden(&model, &Golden::new(compiled, request.weights))));
    Ok(Export {
        code: code(request, &model, training.as_ref()),
        weights: weights.transpose()?,
        golden: golden.transpose()?,
    })
}

/// The text of the file.
fn code(request: &Request, model: &Model, training: Option<&Training>) -> String {
    let mut lines = Lines::default();
    head(request, model, training, &mut lines);
    for piece in model.pieces() {
        lines.gap();
        lines.block(piece);
    }
    lines.gap();
    model.write(&mut lines);
    let has_schedule = training.is_some_and(|training| self::training(training, &mut lines));
    lines.gap();
    check::check(model, training, has_schedule, &mut lines);
    lines.gap();
    lines.line("if __name__ == \"__main__\":");
    lines.indented(|lines| {
        lines.line("if \"--check\" in sys.argv:");
        lines.indented(|lines| {
            lines.line("sys.exit(0 if check() else 1)");
        });
        lines.line("print(__doc__)");
    });
    lines.finish()
}

/// The comment at the top, and what is imported.
fn head(request: &Request, model: &Model, training: Option<&Training>, lines: &mut Lines) {
    let (stem, class) = (request.stem, &model.class);
    let inputs = model.flow.inputs.join(", ");
    lines.line(format!("\"\"\"{class}, a network of `{}`, in PyTorch.", docstring(request.spec)));
    lines.line("");
    lines.line(format!("Written by `nn export` {}. It needs torch and safetensors.", request.version));
    lines.line("");
    lines.line(format!("    model = {class}()"));
    lines.line(format!("    model.load_weights()  # from {stem}.pytorch.safetensors"));
    lines.line(format!("    outputs = model.predict({inputs})"));
    if let Some(training) = training.filter(|training| training.train.has_loss()) {
        lines.line(format!("    train(model, TensorDataset({}))", training.columns().join(", ")));
    }
    lines.line("");
    lines.line(format!("`python {stem}.py --check` compares it with the numbers in"));
    lines.line(format!("{stem}.pytorch.golden.safetensors, which `nn export --golden` writes."));
    lines.line("\"\"\"");
    lines.line("");
    if training.is_some_and(|training| uses_math(training)) {
        lines.line("import math");
    }
    lines.line("import sys").line("from pathlib import Path").line("");
    lines.line("import torch").line("from safetensors.torch import load_file").line("from torch import Tensor, nn");
    lines.line("from torch.nn import functional as F");
    if training.is_some_and(|training| training.train.has_loss()) {
        lines.line("from torch.utils.data import DataLoader, TensorDataset");
    }
    lines.line("");
    for (constant, end) in [("WEIGHTS", "pytorch"), ("GOLDEN", "pytorch.golden")] {
        let name = text(&format!("{stem}.{end}.safetensors"));
        lines.line(format!("{constant} = Path(__file__).with_name({name})"));
    }
    if let Some(training) = training {
        loss::constants(training, lines);
    }
}

fn uses_math(training: &Training) -> bool {
    use nn_compiler::model::Schedule;
    match training.train.schedule {
        Schedule::Cosine { warmup } => warmup > 0,
        Schedule::Constant
        | Schedule::Step { .. }
        | Schedule::Exponential { .. }
        | Schedule::Linear { .. }
        | Schedule::OneCycle { .. } => false,
    }
}

/// Writes the functions of the training. Returns whether there is a schedule.
fn training(of: &Training, lines: &mut Lines) -> bool {
    if of.train.has_loss() {
        if of.train.losses.iter().any(|term| term.loss == nn_compiler::vocabulary::Loss::Perceptron) {
            lines.gap();
            lines.block(include_str!("pieces/perceptron_loss.py"));
        }
        lines.gap();
        loss::loss(of, lines);
    }
    let has_penalty = loss::penalty(of, lines);
    if let Some(piece) = optimizer::pieces(of) {
        lines.gap();
        lines.block(piece);
    }
    if optimizer::is_partly_still(of) {
        lines.gap();
        lines.line(format!("def trained(model: {}) -> list[Tensor]:", of.model.class));
        lines.indented(|lines| {
            lines.line("\"\"\"The parameters that change.\"\"\"");
            lines.line("return [weight for weight in model.parameters() if weight.requires_grad]");
        });
    }
    lines.gap();
    optimizer::optimizer(of, lines);
    let has_schedule = optimizer::schedule(of, lines);
    lines.gap();
    train::gradients(of, has_penalty, lines);
    lines.gap();
    optimizer::update(of, lines);
    if of.train.has_loss() {
        let normalizes = normalizes(of.model);
        if normalizes {
            lines.gap();
            train::statistics(of, lines);
        }
        let augments = train::augment(of, lines);
        lines.gap();
        train::evaluate(of, has_penalty, lines);
        lines.gap();
        train::train(of, &Parts { has_schedule, augments, normalizes }, lines);
    }
    has_schedule
}

/// Whether a layer takes statistics of the training rows.
fn normalizes(model: &Model) -> bool {
    model.modules.iter().flat_map(|module| &module.calls).any(|call| call.starts_with("Normalize("))
}

//! A network as a file of Keras 3: the model, its training, and a check against numbers of `nn`.

mod check;
mod layers;
mod loss;
mod model;
mod optimizer;
mod train;
mod training;

use crate::golden::{self, Golden, Numbers};
use crate::python::{Export, Lines, Reach, Refusal, Request, docstring, text};
use model::Model;
use training::Training;

/// The Python file of a network, with its weights and numbers to compare it with.
///
/// # Errors
///
/// A layer or a setting that Keras cannot express.
pub fn export(request: &Request) -> Result<Export, Refusal> {
    let compiled = request.compiled;
    let reach = Reach::new(compiled);
    let model = Model::new(compiled, &reach)?;
    let training = reach.train().map(|train| Training {
        model: &model,
        train,
        has_row_weights: golden::has_row_weights(compiled.model.data.as_ref()),
    });
    if let Some(training) = &training {
        refuse(training)?;
    }
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

/// Refuses what Keras computes in another way.
fn refuse(of: &Training) -> Result<(), Refusal> {
    let has_class_weights = of.train.losses.iter().any(|term| term.class_weights.is_some());
    if of.accumulates() && has_class_weights {
        return Err(Refusal {
            what: "`accumulate` with `class_weights`".to_owned(),
            reason: "Keras divides each batch by the weights of its own classes, not by those of the whole update"
                .to_owned(),
        });
    }
    let mut still = of.model.compiled.tensors.all.iter().filter(|tensor| !of.model.reach.moves(tensor));
    if let Some(tensor) = still.find(|tensor| tensor.l1 != 0.0 || tensor.l2 != 0.0) {
        return Err(Refusal {
            what: tensor.name.clone(),
            reason: "its learning rate is 0, and Keras leaves penalties of such weights out of the loss".to_owned(),
        });
    }
    Ok(())
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
    if let Some(training) = training {
        self::training(training, &mut lines);
    }
    lines.gap();
    check::check(model, training, &mut lines);
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
    let (stem, name) = (request.stem, &model.compiled.model.name);
    lines.line(format!("\"\"\"{name}, a network of `{}`, in Keras 3.", docstring(request.spec)));
    lines.line("");
    lines
        .line(format!("Written by `nn export` {}. It needs keras and safetensors, and torch, jax or", request.version));
    lines.line("tensorflow: the environment variable KERAS_BACKEND chooses.");
    lines.line("");
    lines.line("    model = make_model()");
    lines.line(format!("    load_weights(model)  # from {stem}.keras.safetensors"));
    lines.line(format!("    outputs = predict(model, {})", model.flow.inputs.join(", ")));
    if let Some(training) = training.filter(|training| training.train.has_loss()) {
        let targets: Vec<String> = (0..training.train.targets.len()).map(|index| training.target_name(index)).collect();
        let weights = if training.has_row_weights { ", weights" } else { "" };
        let (inputs, targets) = (model.flow.inputs.join(", "), targets.join(", "));
        lines.line(format!("    train(model, [{inputs}], [{targets}]{weights})"));
    }
    lines.line("");
    lines.line(format!("`python {stem}.py --check` compares it with the numbers in"));
    lines.line(format!("{stem}.keras.golden.safetensors, which `nn export --golden` writes."));
    lines.line("\"\"\"");
    lines.line("");
    lines.block(include_str!("pieces/imports.py"));
    lines.line("");
    for (constant, end) in [("WEIGHTS", "keras"), ("GOLDEN", "keras.golden")] {
        let name = text(&format!("{stem}.{end}.safetensors"));
        lines.line(format!("{constant} = Path(__file__).with_name({name})"));
    }
}

/// Writes the functions of the training.
fn training(of: &Training, lines: &mut Lines) {
    if of.train.has_loss() {
        loss::losses(of, lines);
    }
    optimizer::optimizer(of, lines);
    lines.gap();
    lines.block(include_str!("pieces/gradients.py"));
    if !of.train.has_loss() {
        return;
    }
    let normalizes = of.model.body.contains("Normalize(");
    if normalizes {
        lines.gap();
        train::statistics(lines);
    }
    let augments = train::augment(of, lines);
    lines.gap();
    lines.block(include_str!("pieces/batches.py"));
    lines.gap();
    train::train(of, augments, normalizes, lines);
}

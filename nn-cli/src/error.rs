//! The one error type: every way in which `nn` can fail.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use crate::signal::Signal;
use crate::wording::{counted, few};

/// Why `nn` ends with exit code 1, or that of a signal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {}: {}", path.display(), reason(source))]
    Read { path: PathBuf, source: io::Error },
    /// A file cannot be written.
    #[error("cannot write {}: {}", path.display(), reason(source))]
    Write { path: PathBuf, source: io::Error },
    /// The standard output cannot be written.
    #[error("cannot print: {}", reason(source))]
    Print { source: io::Error },
    /// A spec has errors, which have been printed.
    #[error("{} has {}", path.display(), counted(*errors, "error"))]
    Spec { path: PathBuf, errors: usize },
    /// A spec has warnings, which have been printed and count as errors.
    #[error("{} has {}, and --deny-warnings is given", path.display(), counted(*warnings, "warning"))]
    Warned { path: PathBuf, warnings: usize },
    /// `nn fmt` of a folder without specs.
    #[error("there is no `.nn` file in {}", path.display())]
    NoSpecs { path: PathBuf },
    /// `nn fmt --check` of specs that would change.
    #[error("{} would change; format with `nn fmt`", counted(*specs, "spec"))]
    Unformatted { specs: usize },
    /// `nn explain` of a code that is none.
    #[error("there is no code {code}; the codes, each with a page in docs/errors, are{ranges}")]
    UnknownCode { code: String, ranges: String },
    /// A network that is not trained.
    #[error(
        "{} does not say how the network is trained; add to it, for example:\n\n    \
         train {{\n        loss: mse;\n        optimizer: adam(lr: 1e-3);\n        epochs: 50;\n    }}",
        path.display()
    )]
    NoTrain { path: PathBuf },
    /// `nn train --find-lr` of a rule.
    #[error("{} trains by the perceptron rule, which finds the same at any learning rate; leave --find-lr out", path.display())]
    RateOfRule { path: PathBuf },
    /// A network without examples.
    #[error(
        "{} does not say where its examples are; add to it a csv file, for example:\n\n    \
         data {{\n        csv: \"examples.csv\";      // relative to this file\n        target: column;\n        validation: 0.2;\n    }}\n\n\
         or the examples themselves:\n\n    data {{ [0, 1] => [1]; [1, 1] => [0]; }}",
        path.display()
    )]
    NoData { path: PathBuf },
    /// A file of the examples is not there, and the spec says where it is to be put or had.
    #[error(
        "there is no {}{}; name the folder that holds the files by `--data FOLDER` (as in `nn train {} --data FOLDER`)",
        path.display(), fetch(origin), word(spec)
    )]
    NoFile { path: PathBuf, spec: PathBuf, origin: Option<String> },
    /// `--data` that names no folder.
    #[error("{} is not a folder; --data names the folder that holds the files of the spec's data", path.display())]
    NotAFolder { path: PathBuf },
    /// `--data` for a spec whose examples are in no file.
    #[error("--data names a folder of files, but the examples stand in {} itself", path.display())]
    NoDataFiles { path: PathBuf },
    /// An image for a network that takes none.
    #[error("{} is an image or a folder, but `{network}` does not take an image [1, height, width] or [3, height, width]", path.display())]
    NoImageInput { path: PathBuf, network: String },
    /// Rows of another shape than the input's.
    #[error("each {unit} of the examples is {found:?}, but `{network}` takes {wanted:?}{advice}")]
    RowShape { network: String, unit: &'static str, found: Vec<usize>, wanted: Vec<usize>, advice: &'static str },
    /// Examples cannot be read.
    #[error("{0}")]
    Examples(#[from] nn_data::Error),
    /// A file, or the standard input, without rows to predict.
    #[error("{} is empty; it takes csv: a line with the names of the columns, {}, and a line for each row", path.display(), few(names))]
    NoRows { path: PathBuf, names: Vec<String> },
    /// A file whose columns are called otherwise, for a network whose columns have no names.
    #[error(
        "{reason}\nneither the weights nor the spec name the input columns, so they are `x1`, `x2`, …, in the order of the \
         inputs: call those of the file so, or list their names in `data` by `columns: […];`"
    )]
    Nameless { reason: nn_data::Error },
    /// A spec and rows that both come from the standard input.
    #[error("the spec and the rows cannot both be read from the standard input; name a file for one of them")]
    StdinTwice,
    /// Examples have wrong cells, which have been printed.
    #[error("{} in {place}", counted(*mistakes, "mistake"))]
    Data { place: String, mistakes: usize },
    /// A spec, of several, whose examples the network cannot be trained on.
    #[error("{}: {error}", spec.display())]
    Unfit { spec: PathBuf, error: Box<Error> },
    /// Examples of another width than the network's.
    #[error("the examples have {}, but `{network}` takes {}: {}", counted(*found, "input"), counted(*expected, "number"), few(names))]
    InputWidth { network: String, expected: usize, found: usize, names: Vec<String> },
    /// Targets of another width than the output's.
    #[error("the examples have {}, but the output of `{network}` holds {}: {}", counted(*found, "target"), counted(*expected, "number"), few(names))]
    TargetWidth { network: String, expected: usize, found: usize, names: Vec<String> },
    /// `--row` with too few or too many values.
    #[error("--row has {}, but `{network}` takes {}: {}", counted(*found, "value"), names.len(), few(names))]
    RowWidth { network: String, found: usize, names: Vec<String> },
    /// `--row` with wrong values.
    #[error("--row: {}", .errors.join("; "))]
    RowValues { errors: Vec<String> },
    /// `nn trace --row` beyond the data.
    #[error("there is no row {row}: {}", rows_there(*rows))]
    NoSuchRow { row: usize, rows: usize },
    /// A network that was not trained yet.
    #[error("there are no weights at {}; {}", path.display(), to_get(path, spec, *is_named))]
    NoWeights { path: PathBuf, spec: PathBuf, is_named: bool },
    /// Weights that do not name their columns, and data that cannot be read for them.
    #[error(
        "{} does not name {what}, and they cannot be taken from the data of {}: {reason}\nput the data there, or name \
         their folder (`nn predict {} --data FOLDER`); `nn train` keeps all names with the weights",
        path.display(), spec.display(), word(spec)
    )]
    Lacking { path: PathBuf, spec: PathBuf, what: String, reason: String },
    /// A file that does not hold weights.
    #[error("{} does not hold weights {reason}; write new ones by `nn train {}`", path.display(), word(spec))]
    Weights { path: PathBuf, spec: PathBuf, reason: String },
    /// Weights of another network.
    #[error(
        "{message}\nthe spec has changed since, or these are another network's weights; write new ones by `nn train {}`",
        word(spec)
    )]
    Mismatch { message: String, spec: PathBuf },
    /// Where the weights should go nothing can be written.
    #[error("cannot write weights to {}: {}; choose another place by `--out FILE`", path.display(), reason(source))]
    Out { path: PathBuf, source: io::Error },
    /// cargo cannot be run.
    #[error("cannot run `{}`: {}\nthe network is compiled by Rust's cargo; install it from https://rustup.rs", cargo.display(), reason(source))]
    Cargo { cargo: PathBuf, source: io::Error },
    /// cargo failed.
    #[error("the network's program in {} could not be built ({status}); cargo says:\n\n{}", folder.display(), stderr.trim_end())]
    Build { folder: PathBuf, status: ExitStatus, stderr: String },
    /// A signal came.
    #[error("interrupted by {signal}{note}")]
    Interrupted { signal: Signal, note: String },
    /// Signals cannot be heard.
    #[error("cannot listen for signals: {}", reason(source))]
    Signals { source: io::Error },
    /// What ends cargo with `nn` cannot be started.
    #[error("cannot start a second `nn`, which watches over cargo: {}", reason(source))]
    Guard { source: io::Error },
    /// The network's program cannot be run.
    #[error("cannot run the network's program {}: {}", program.display(), reason(source))]
    Run { program: PathBuf, source: io::Error },
    /// Another program than the network's.
    #[error("{} is not the program of this network; build it anew: remove that file, and run `nn` again", program.display())]
    OtherProgram { program: PathBuf },
    /// The network's program does not take the rows.
    #[error("cannot hand the rows over to the network's program: {}", reason(source))]
    HandOver { source: io::Error },
    /// How the network's program ended cannot be found out.
    #[error("cannot wait for the network's program: {}", reason(source))]
    Wait { source: io::Error },
    /// The weights are in a rescue file.
    #[error("{message}; the weights are in {}", file.display())]
    InAnotherFile { message: String, file: PathBuf },
    /// Weights of a spec that is in no file.
    #[error("the spec comes from the standard input, so its weights have no place; name one by `{option} FILE`")]
    NoPlace { option: &'static str },
    /// The network's program says what is wrong.
    #[error("{0}")]
    Program(String),
    /// The network's program ended without a word.
    #[error("the network's program died: {status}{}", last_events(last))]
    Died { status: ExitStatus, last: Vec<String> },
    /// What was measured is an infinity or a NaN.
    #[error("{0}; what is measured on such rows is not finite, which counts as worst")]
    NotFinite(String),
    /// Rows for which a network predicts an infinity or a NaN.
    #[error("{0}\nnothing was printed; look at these rows, or train with inputs scaled by `normalize`")]
    NonFinitePredictions(String),
    /// Expectations that training did not reach.
    #[error("{} of {} missed", missed, counted(*all, "expectation"))]
    Missed { missed: usize, all: usize },
}

/// How to get weights where there are none.
fn to_get(path: &Path, spec: &Path, is_named: bool) -> String {
    match is_named {
        true => format!("name others, or train the network by `nn train {} --out {}`", word(spec), word(path)),
        false => {
            format!("train the network first by `nn train {}`, or name its weights by `--weights FILE`", word(spec))
        }
    }
}

/// A path as a word of a command line.
fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "._-/\\:".contains(letter);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// Which rows there are.
fn rows_there(rows: usize) -> String {
    if rows == 1 { "the data have 1 row".to_owned() } else { format!("the data have rows 1 to {rows}") }
}

/// Where files can be had, if that is known.
fn fetch(origin: &Option<String>) -> String {
    origin.as_ref().map_or_else(String::new, |origin| format!("; it can be had at {origin}"))
}

/// What the system says, without the number of the error.
fn reason(source: &io::Error) -> String {
    let text = source.to_string();
    match text.split_once(" (os error ") {
        Some((reason, _)) => reason.to_owned(),
        None => text,
    }
}

fn last_events(last: &[String]) -> String {
    match last {
        [] => "; it had not reported anything".to_owned(),
        _ => format!("; the last it reported:\n  {}", last.join("\n  ")),
    }
}

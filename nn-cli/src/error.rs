//! The one error type: every way `nn` can fail.

use std::error;
use std::io;
use std::iter;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use crate::signal::Signal;
use crate::wording::{counted, few};

/// Why `nn` ends with exit code 1, or with the code of a signal.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// What `nn explain` should explain is neither a file nor a code.
    #[error("{} is not a file; `nn explain` takes a spec, or an error code such as NN0301", subject.display())]
    NoSubject { subject: PathBuf },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    /// One of several files that belong together cannot be written, and others are new already.
    #[error("{} and {} do not fit together: the first cannot be written, the other is new", path.display(), paths(new))]
    WriteRest { path: PathBuf, new: Vec<PathBuf>, source: io::Error },
    /// A file of what is compiled cannot be written.
    #[error("cannot write {}", path.display())]
    TargetFolder { path: PathBuf, source: io::Error },
    /// There is no home folder.
    #[error(
        "cannot find your cache folder, because there is no home folder; name a folder to compile networks in with \
         `--target-dir FOLDER`"
    )]
    NoCache,
    /// The standard output cannot be written.
    #[error("cannot print")]
    Print { source: io::Error },
    /// A spec has errors, which have been printed.
    #[error("{} has {}", path.display(), counted(*errors, "error"))]
    Spec { path: PathBuf, errors: usize },
    /// A spec has warnings, which have been printed and count as errors.
    #[error("{} has {}, and --deny-warnings is set", path.display(), counted(*warnings, "warning"))]
    Warned { path: PathBuf, warnings: usize },
    /// `nn fmt` of a folder without specs.
    #[error("there is no `.nn` file in {}", path.display())]
    NoSpecs { path: PathBuf },
    /// `nn fmt --check` of specs that are not formatted.
    #[error("{} would change; run `nn fmt` to format", counted(*specs, "spec"))]
    Unformatted { specs: usize },
    /// `nn explain` of an unknown code.
    #[error("there is no code {code}; the codes are (docs/errors has a page for each){ranges}")]
    UnknownCode { code: String, ranges: String },
    /// A spec without `train`.
    #[error(
        "{} does not say how to train the network; add, for example:\n\n    \
         train {{\n        loss: mse;\n        optimizer: adam(lr: 1e-3);\n        epochs: 50;\n    }}",
        path.display()
    )]
    NoTrain { path: PathBuf },
    /// A spec whose `train` has no loss.
    #[error(
        "`train` in {} has no loss, so there is nothing that `nn` could minimise or measure: add one, such as `loss: mse;`, or \
         train the network in a Rust program, by `Trainer::forward`, `backward` and `update`",
        path.display()
    )]
    NoLoss { path: PathBuf },
    /// `nn train --find-lr` of the perceptron rule.
    #[error("{} uses the perceptron rule, which gives the same result at any learning rate; omit --find-lr", path.display())]
    NoRateToFind { path: PathBuf },
    /// A spec without `data`.
    #[error(
        "{} does not say where its data is; add a csv file, for example:\n\n    \
         data {{\n        csv: \"examples.csv\";      // relative to this file\n        target: column;\n        validation: 0.2;\n    }}\n\n\
         or the rows themselves:\n\n    data {{ [0, 1] => [1]; [1, 1] => [0]; }}",
        path.display()
    )]
    NoData { path: PathBuf },
    /// All rows of a part weigh nothing.
    #[error(
        "every {what} row has the weight 0, so its loss is 0 whatever the network predicts; hold back another share \
         of the rows with `validation`, or choose another `seed`"
    )]
    NoWeight { what: &'static str },
    /// A data file does not exist, and the spec says where it belongs or where to get it.
    #[error(
        "there is no {}{}; name the folder that contains the files with --data: `nn train {} --data FOLDER`",
        path.display(), fetch(origin), word(spec)
    )]
    NoFile { path: PathBuf, spec: PathBuf, origin: Option<String> },
    /// `--data` with a path that is not a folder.
    #[error("{} is not a folder; --data names the folder that contains the data files of the spec", path.display())]
    NotAFolder { path: PathBuf },
    /// `--data` for a spec with rows of its own.
    #[error("--data names a folder of files, but the rows are in {} itself", path.display())]
    NoDataFiles { path: PathBuf },
    /// An image for a network that does not take images.
    #[error("{} is an image or a folder, but `{network}` does not take an image [1, height, width] or [3, height, width]", path.display())]
    NoImageInput { path: PathBuf, network: String },
    /// Rows whose shape is not that of the input.
    #[error("each {unit} of the data is {found:?}, but `{network}` takes {wanted:?}{advice}")]
    RowShape { network: String, unit: &'static str, found: Vec<usize>, wanted: Vec<usize>, advice: &'static str },
    /// The data cannot be read.
    #[error(transparent)]
    Examples(#[from] nn_data::Error),
    /// A file, or the standard input, without rows to predict.
    #[error("{} is empty; expected csv: a line with the column names ({}) and a line for each row", path.display(), few(names))]
    NoRows { path: PathBuf, names: Vec<String> },
    /// A file with unknown columns, for a network whose columns have no names.
    #[error(
        "{reason}\nneither the weights nor the spec name the input columns, so they are called `x1`, `x2`, …; use these names in \
         the file, or name the columns in the spec with `columns: […];` in `data`"
    )]
    Nameless { reason: nn_data::Error },
    /// A spec and rows that are both read from the standard input.
    #[error("the spec and the rows cannot both be read from the standard input; name a file for one of them")]
    StdinTwice,
    /// The data has wrong cells, which have been printed.
    #[error("{} in {place}", counted(*mistakes, "mistake"))]
    Data { place: String, mistakes: usize },
    /// A spec, of several, whose data does not fit the network.
    #[error("{}: {}", spec.display(), in_full(&**error))]
    Unfit { spec: PathBuf, error: Box<Error> },
    /// Rows with another number of inputs than the network.
    #[error("the data has {} ({}), but `{network}` takes {}", counted(*found, "input"), few(names), counted(*expected, "number"))]
    InputWidth { network: String, expected: usize, found: usize, names: Vec<String> },
    /// Rows with another number of targets than the output.
    #[error("the data has {} ({}), but the output of `{network}` has {}", counted(*found, "target"), few(names), counted(*expected, "number"))]
    TargetWidth { network: String, expected: usize, found: usize, names: Vec<String> },
    /// `--row` with too few or too many values.
    #[error("--row has {}, but `{network}` takes {}: {}", counted(*found, "value"), names.len(), few(names))]
    RowWidth { network: String, found: usize, names: Vec<String> },
    /// `--row` with wrong values.
    #[error("--row: {}", .errors.join("; "))]
    RowValues { errors: Vec<String> },
    /// `nn trace --row` with a row that does not exist.
    #[error("there is no row {row}: {}", row_numbers(*rows))]
    NoSuchRow { row: usize, rows: usize },
    /// A network without weights.
    #[error("there are no weights at {}; {}", path.display(), to_get(path, spec, *is_named))]
    NoWeights { path: PathBuf, spec: PathBuf, is_named: bool },
    /// Weights without column names, and data that cannot be read instead.
    #[error(
        "{} does not name {what}, and the data of {} cannot be read: {reason}\nput the data there, or name its folder (`nn \
         predict {} --data FOLDER`); `nn train` saves all names with the weights",
        path.display(), spec.display(), word(spec)
    )]
    NamesMissing { path: PathBuf, spec: PathBuf, what: String, reason: String },
    /// A file without valid weights.
    #[error("{} is not a valid weights file: {reason}; train again with `nn train {}`", path.display(), word(spec))]
    Weights { path: PathBuf, spec: PathBuf, reason: String },
    /// Weights that do not fit the network.
    #[error(
        "{message}\nthe spec has changed since the training, or the weights belong to another network; train again with `nn train {}`",
        word(spec)
    )]
    Mismatch { message: String, spec: PathBuf },
    /// A state dictionary in another kind of file.
    #[error("{} is {remedy}", path.display())]
    OtherState { path: PathBuf, remedy: String },
    /// A file that has the name of another kind of file, and the bytes of none.
    #[error("{} is not a safetensors file: {reason}\n\nby its name it is {remedy}", path.display())]
    NoState { path: PathBuf, reason: String, remedy: String },
    /// A state dictionary that cannot be weights.
    #[error("{} is not a state dictionary of weights:{}", path.display(), lines(mistakes))]
    InvalidState { path: PathBuf, mistakes: Vec<String> },
    /// A state dictionary that does not fit the network.
    #[error(
        "{} does not fit the network {network}; nothing was written:{}\n`--map LAYER=MODULE` names the module of a layer, such as \
         `--map digit.0=fc1`, and `--by order` takes modules of the same shapes in the order of their names",
        state.display(), lines(mistakes)
    )]
    Import { state: PathBuf, network: String, mistakes: Vec<String> },
    /// What should be imported is neither an ONNX model nor a spec with a state dictionary.
    #[error(
        "{} is not an ONNX model (`.onnx`), and no state dictionary is named; write `nn import MODEL.onnx`, or `nn import SPEC STATE`",
        path.display()
    )]
    NothingToImport { path: PathBuf },
    /// A file that is not an ONNX model.
    #[error("{} is not a valid ONNX model: {reason}", path.display())]
    InvalidModel { path: PathBuf, reason: String },
    /// An ONNX model with nodes that cannot be expressed.
    #[error("{} has {} that cannot be imported; nothing was written:{}", path.display(), counted(refusals.len(), "node"), lines(refusals))]
    RefusedModel { path: PathBuf, refusals: Vec<String> },
    /// The spec made of an ONNX model does not compile.
    #[error("{} cannot be imported; nothing was written: {reason}\nthe spec would be:\n\n{spec}", path.display())]
    ImportedSpec { path: PathBuf, reason: String, spec: String },
    /// An imported network computes something else.
    #[error("the imported network does not compute what {} says; nothing was written:{}", path.display(), lines(differences))]
    OtherOutputs { path: PathBuf, differences: Vec<String> },
    /// Arrays to compare with that do not fit.
    #[error("{} does not fit the model; nothing was written:{}", path.display(), lines(mistakes))]
    UnfitCheck { path: PathBuf, mistakes: Vec<String> },
    /// A spec would be replaced.
    #[error("{} exists; name another file with `--out FILE`, or replace it with `--force`", path.display())]
    SpecExists { path: PathBuf },
    /// A module would replace a file that `nn export` did not write.
    #[error("{} exists, and `nn export` did not write it; name another file with `--out FILE`, or replace it with `--force`", path.display())]
    NotOurs { path: PathBuf },
    /// A module that is not a file of Rust.
    #[error("cannot write a module to {}; name a file that ends in `.rs`, or a folder that exists", path.display())]
    NotAModule { path: PathBuf },
    /// A Python file that does not end in `.py`.
    #[error("cannot write Python to {}; name a file that ends in `.py`, or a folder that exists", path.display())]
    NotAPythonFile { path: PathBuf },
    /// A network that a framework cannot express.
    #[error("{} cannot be exported to {framework}: {reason}", path.display())]
    NotExported { path: PathBuf, framework: &'static str, reason: String },
    /// Rust code is compared by the tests of this project.
    #[error("`--golden` is for Python files: use it with `--to pytorch` or `--to keras`")]
    GoldenOfRust,
    /// A spec from the standard input has no default file for its module.
    #[error(
        "the spec is read from the standard input, so there is no default file for its module; name one with `--out FILE`"
    )]
    NoDefaultModule,
    /// The weights cannot be written to this file.
    #[error("cannot write weights to {}", path.display())]
    Out { path: PathBuf, source: io::Error },
    /// cargo cannot be run.
    #[error("cannot run `{}`", cargo.display())]
    Cargo { cargo: PathBuf, source: io::Error },
    /// cargo failed.
    #[error("cannot compile the network in {} ({status}); cargo says:\n\n{}", folder.display(), stderr.trim_end())]
    Build { folder: PathBuf, status: ExitStatus, stderr: String },
    /// cargo failed before it compiled anything.
    #[error(
        "cargo cannot start to compile the network in {} ({status}); it says:\n\n{}\n\n\
         A network's program needs a few packages from crates.io. If cargo cannot download them, run this once with a \
         connection: cargo keeps them for later. Without a connection, or with a registry of your own, see \
         https://doc.rust-lang.org/cargo/reference/source-replacement.html",
        folder.display(), stderr.trim_end()
    )]
    NotStarted { folder: PathBuf, status: ExitStatus, stderr: String },
    /// A signal ended the run.
    #[error("interrupted by {signal}{note}")]
    Interrupted { signal: Signal, note: String },
    /// Signals cannot be received.
    #[error("cannot listen for signals")]
    Signals { source: io::Error },
    /// The guard, which ends cargo together with `nn`, cannot be started.
    #[error("cannot start a second `nn` to watch cargo")]
    Guard { source: io::Error },
    /// The network's program cannot be run.
    #[error("cannot run the network's program {}", program.display())]
    Run { program: PathBuf, source: io::Error },
    /// The program of another network.
    #[error("{} is not the program of this network; delete that file and run `nn` again", program.display())]
    OtherProgram { program: PathBuf },
    /// The rows cannot be sent to the network's program.
    #[error("cannot send the rows to the network's program")]
    Send { source: io::Error },
    /// The exit status of the network's program is unknown.
    #[error("cannot wait for the network's program")]
    Wait { source: io::Error },
    /// The weights are in a rescue file.
    #[error("{message}; the weights are in {}", file.display())]
    InAnotherFile { message: String, file: PathBuf },
    /// A spec from the standard input has no default file for its weights.
    #[error(
        "the spec is read from the standard input, so there is no default file for its weights; name one with `{option} FILE`"
    )]
    NoDefaultWeights { option: &'static str },
    /// The network's program reported an error.
    #[error("{0}")]
    Program(String),
    /// The network's program ended without a report.
    #[error("the network's program crashed: {status}{}", last_events(last))]
    Crashed { status: ExitStatus, last: Vec<String> },
    /// A loss or metric is an infinity or a NaN.
    #[error("{0}; a result that is not finite is an error")]
    NotFinite(String),
    /// Rows for which a network predicts an infinity or a NaN.
    #[error("{0}\nnothing was printed; check these rows, or scale the inputs with `normalize` and train again")]
    NonFinitePredictions(String),
    /// Expectations that the training missed.
    #[error("{} of {} missed", missed, counted(*all, "expectation"))]
    Missed { missed: usize, all: usize },
}

/// How to get weights if there are none.
fn to_get(path: &Path, spec: &Path, is_named: bool) -> String {
    match is_named {
        true => format!("name another file, or train the network with `nn train {} --out {}`", word(spec), word(path)),
        false => {
            format!("train the network first with `nn train {}`, or name its weights with `--weights FILE`", word(spec))
        }
    }
}

/// `a, b`.
fn paths(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Each on a line of its own.
fn lines(mistakes: &[String]) -> String {
    mistakes.iter().map(|mistake| format!("\n  {mistake}")).collect()
}

/// A path as an argument in a shell.
fn word(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "._-/\\:".contains(letter);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// The row numbers of the data.
fn row_numbers(rows: usize) -> String {
    if rows == 1 { "the data has 1 row".to_owned() } else { format!("the data has rows 1 to {rows}") }
}

/// Where to get files, if that is known.
fn fetch(origin: &Option<String>) -> String {
    origin.as_ref().map_or_else(String::new, |origin| format!("; get it from {origin}"))
}

/// The whole message of an error: what happened, each cause, and what to do.
pub fn in_full(error: &(dyn error::Error + 'static)) -> String {
    let own = error.downcast_ref::<Error>();
    let of_data = match own {
        Some(Error::Examples(error)) => Some(error),
        _ => error.downcast_ref(),
    };
    let reads = matches!(own, Some(Error::Read { .. })) || matches!(of_data, Some(nn_data::Error::Read { .. }));
    let causes = iter::successors(error.source(), |error| (*error).source());
    let causes: String = causes.map(|cause| format!(": {}", reason(cause, reads))).collect();
    format!("{error}{causes}{}", own.map_or("", Error::advice))
}

impl Error {
    /// What to do, after the cause.
    fn advice(&self) -> &'static str {
        match self {
            Self::TargetFolder { .. } => {
                "; `nn` compiles networks there: name another folder with `--target-dir FOLDER`"
            }
            Self::Out { .. } => "; choose another file with `--out FILE`",
            Self::Cargo { .. } => "\n`nn` compiles networks with cargo; install Rust from https://rustup.rs",
            _ => "",
        }
    }
}

/// A cause in words. A message of the system is without its error number.
fn reason(cause: &(dyn error::Error + 'static), reads: bool) -> String {
    let text = cause.to_string();
    match cause.downcast_ref::<io::Error>() {
        Some(cause) if reads && cause.kind() == io::ErrorKind::NotFound => "there is no such file".to_owned(),
        Some(_) => text.split_once(" (os error ").map_or(text.as_str(), |(reason, _)| reason).to_owned(),
        None => text,
    }
}

fn last_events(last: &[String]) -> String {
    match last {
        [] => "; it reported nothing".to_owned(),
        _ => format!("; its last events:\n  {}", last.join("\n  ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing() -> io::Error {
        io::Error::from_raw_os_error(2)
    }

    #[test]
    fn a_message_has_each_cause_once() {
        let path = PathBuf::from("x");
        let data = || nn_data::Error::Read { path: path.clone(), source: missing() };
        let cases = [
            (Error::Read { path: path.clone(), source: missing() }, "cannot read x", ": there is no such file"),
            (Error::Examples(data()), "cannot read x", ": there is no such file"),
            (Error::Write { path: path.clone(), source: missing() }, "cannot write x", ": No such file or directory"),
            (
                Error::Out { path: path.clone(), source: missing() },
                "cannot write weights to x",
                ": No such file or directory; choose another file with `--out FILE`",
            ),
            (Error::Wait { source: io::Error::other("y") }, "cannot wait for the network's program", ": y"),
        ];
        for (error, itself, rest) in cases {
            assert_eq!(error.to_string(), itself);
            assert_eq!(in_full(&error), format!("{itself}{rest}"));
        }
        assert_eq!(in_full(&data()), "cannot read x: there is no such file");
        let unfit = Error::Unfit { spec: "x.nn".into(), error: Box::new(data().into()) };
        assert_eq!(in_full(&unfit), "x.nn: cannot read x: there is no such file");
    }
}

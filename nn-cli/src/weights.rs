//! Trained weights: what their file says of the examples that they were trained on.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use nn_compiler::interp::State;
use nn_data::Encoding;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

use crate::error::{Error, counted};
use crate::examples;
use crate::spec::Spec;

/// Where the seed of the training is kept, which the split of the examples follows from.
const SEED: &str = "nn.seed";

/// A file of weights.
pub struct Weights {
    /// The file.
    pub path: PathBuf,
    /// How the examples became numbers.
    pub encoding: Encoding,
    /// What the training started from, if the file says so.
    pub seed: Option<u64>,
}

/// What is kept with weights.
pub fn metadata(encoding: &Encoding, seed: u64) -> BTreeMap<String, String> {
    let mut metadata = encoding.to_metadata();
    metadata.insert(SEED.to_owned(), seed.to_string());
    metadata
}

impl Weights {
    /// The weights at `path`, else where `nn train` puts them. Whether they fit the network is the
    /// network's program to say.
    pub fn find(spec: &Spec, path: Option<&Path>) -> Result<Self, Error> {
        let path = path.map_or_else(|| spec.weights("--weights"), |path| Ok(path.to_owned()))?;
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(Error::NoWeights { path, spec: spec.path.clone() });
            }
            Err(source) => return Err(Error::Read { path, source }),
        };
        let refuse = |reason: String| Error::Weights { path: path.clone(), spec: spec.path.clone(), reason };
        let (_, header) =
            SafeTensors::read_metadata(&bytes).map_err(|error| refuse(format!("that can be read: {error}")))?;
        let metadata: BTreeMap<String, String> = header.metadata().clone().unwrap_or_default().into_iter().collect();
        let encoding = if metadata.contains_key("nn.columns") {
            Encoding::from_metadata(&metadata).map_err(|error| refuse(format!("that can be read: {error}")))?
        } else {
            examples::unnamed(spec)
        };
        if encoding.width() != spec.input_width() {
            let (found, expected) = (counted(encoding.width(), "input"), spec.input_width());
            return Err(refuse(format!("of `{}`, which takes {expected} inputs; they are for {found}", spec.name())));
        }
        let seed = metadata.get(SEED).and_then(|seed| seed.parse().ok());
        Ok(Self { path, encoding, seed })
    }
}

/// The tensors of a file of weights as the oracle takes them; those of the spec must all be there.
pub fn state(path: &Path, spec: &Spec) -> Result<State, Error> {
    let bytes = fs::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let refuse = |reason: String| Error::Weights { path: path.to_owned(), spec: spec.path.clone(), reason };
    let file = SafeTensors::deserialize(&bytes).map_err(|error| refuse(format!("that can be read: {error}")))?;
    let tensors = &spec.compiled.tensors;
    let mut state = State::new(tensors);
    for tensor in &tensors.all {
        if let Some(number) = file.tensor(&tensor.name).ok().and_then(|found| non_finite(&tensor.name, &found)) {
            return Err(refuse(format!("that are finite: {number}")));
        }
        let numbers = |bytes: &[u8]| -> Vec<f64> {
            bytes.as_chunks().0.iter().map(|number| f64::from(f32::from_le_bytes(*number))).collect()
        };
        let found = file.tensor(&tensor.name).ok().filter(|found| found.shape() == tensor.shape);
        if !found.is_some_and(|found| state.set(tensors, &tensor.name, &numbers(found.data()))) {
            return Err(refuse(format!("with a tensor `{}` of shape {:?}", tensor.name, tensor.shape)));
        }
    }
    Ok(state)
}

/// `y.0.weight[0, 3] is NaN`: the first number of a tensor that is not finite.
fn non_finite(name: &str, tensor: &TensorView) -> Option<String> {
    let numbers = tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    let (mut rest, value) = numbers.enumerate().find(|(_, number)| !number.is_finite())?;
    let mut place: Vec<String> = Vec::new();
    for length in tensor.shape().iter().rev() {
        place.insert(0, (rest % length).to_string());
        rest /= length;
    }
    Some(format!("{name}[{}] is {value}", place.join(", ")))
}

//! Names for the values of a spec, from the names in the file.

use std::collections::{HashMap, HashSet};

use nn_compiler::layers::signatures;

use super::{Spec, StepId, StepKind};

/// What cannot be a name.
const RESERVED: [&str; 20] = [
    "input", "output", "in", "out", "block", "const", "train", "data", "assert", "expect", "freeze", "allow", "add",
    "multiply", "concat", "true", "false", "self", "super", "crate",
];

/// The longest name.
const LONGEST: usize = 40;

/// A word of ASCII letters, digits and underscores that may be a name; `None` if nothing of the text may be, or if an
/// exporter made it up.
pub fn word(text: &str) -> Option<String> {
    if ["onnx::", "Identity"].iter().any(|prefix| text.starts_with(prefix)) {
        return None;
    }
    let parts = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|part| !part.is_empty());
    let joined = parts.collect::<Vec<_>>().join("_").trim_matches('_').to_ascii_lowercase();
    let is_name = joined.starts_with(|c: char| c.is_ascii_alphabetic());
    is_name.then(|| joined.chars().take(LONGEST).collect())
}

/// A name for a network, in capitals: `MnistCnn` for `mnist-cnn.simplified`.
pub fn network(text: &str) -> String {
    let capital = |part: &str| {
        let mut characters = part.chars();
        characters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(characters).collect::<String>()
    };
    let name: String = text.split(|c: char| !c.is_ascii_alphanumeric()).map(capital).take(LONGEST).collect();
    let name: String = name.chars().take(LONGEST).collect();
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name != "Self" { name } else { format!("Model{name}") }
}

/// Chooses names, each of which is another.
pub struct Names {
    /// The words of the language, the layers and the blocks.
    words: HashSet<String>,
    taken: HashSet<String>,
    /// How often each name was wanted.
    wanted: HashMap<String, usize>,
}

impl Names {
    /// Without the names of layers and the words of the language.
    pub fn new() -> Self {
        let words = RESERVED.iter().map(|word| (*word).to_owned());
        let layers = signatures().map(|signature| signature.name.to_owned());
        Self { words: words.chain(layers).collect(), taken: HashSet::new(), wanted: HashMap::new() }
    }

    /// This name, unless it is a word of the language, with or without a number; else another. With a number if it is
    /// taken.
    pub fn choose(&mut self, wanted: Option<&str>, other: &str) -> String {
        let unnumbered = |name: &str| name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_').to_owned();
        let says_something = |name: &&str| !self.words.contains(*name) && !self.words.contains(&unnumbered(name));
        let base = wanted.filter(says_something).unwrap_or(other);
        let count = self.wanted.entry(base.to_owned()).or_insert(0);
        let name = loop {
            *count += 1;
            let name = if *count == 1 { base.to_owned() } else { format!("{base}_{count}") };
            if !self.taken.contains(&name) {
                break name;
            }
        };
        self.taken.insert(name.clone());
        name
    }
}

/// What a statement is called that ends at a step: the last name that its layers have in the file.
pub fn hint(spec: &Spec, steps: &[StepId]) -> Option<String> {
    steps.iter().rev().find_map(|id| spec.step(*id).hint.clone())
}

/// What a value is called that has no name in the file.
pub fn fallback(spec: &Spec, id: StepId, uses: usize) -> &'static str {
    match &spec.step(id).kind {
        StepKind::Input => "x",
        StepKind::Join("add", _) => "sum",
        StepKind::Join("multiply", _) => "product",
        StepKind::Join(..) => "joined",
        StepKind::Layer(..) if uses > 1 => "trunk",
        StepKind::Layer(..) => "branch",
    }
}

/// The name of the module that a node or a tensor is in: `conv1` of `/layer1/conv1/Conv` and of
/// `layer1.conv1.weight`; `None` if it only has a number or is of the exporter's making.
pub fn module(name: &str) -> Option<String> {
    let made_up = |part: &str| {
        let lower = part.to_ascii_lowercase();
        part.is_empty()
            || part.chars().all(|c| c.is_ascii_digit())
            || ["onnx", "node", "val", "const", "getitem", "coefficient", "intercepts", "sequential", "biased", "dense"]
                .iter()
                .any(|prefix| lower.starts_with(prefix))
    };
    let separators = |c: char| c == '/' || c == '.' || c == ':';
    let parts: Vec<&str> = name.split(separators).filter(|part| !part.is_empty()).collect();
    let (_, path) = parts.split_last()?;
    let part = path.iter().rev().find(|part| !made_up(part))?;
    word(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_file() {
        assert_eq!(module("/layer1/conv1/Conv"), Some("conv1".to_owned()));
        assert_eq!(module("layer1.conv1.weight"), Some("conv1".to_owned()));
        assert_eq!(module("0.weight"), None);
        assert_eq!(module("node_conv2d"), None);
        assert_eq!((word("Identity:0"), word("33"), word("a b")), (None, None, Some("a_b".into())));
        assert_eq!((network("mnist-cnn.simplified"), network("1st")), ("MnistCnnSimplified".into(), "Model1st".into()));
    }

    #[test]
    fn names_differ_from_each_other_and_from_words() {
        let mut names = Names::new();
        assert_eq!(names.choose(Some("relu"), "y"), "y");
        assert_eq!(names.choose(Some("softmax_2"), "y"), "y_2");
        assert_eq!((names.choose(Some("c"), "x"), names.choose(Some("c"), "x")), ("c".to_owned(), "c_2".to_owned()));
        assert_eq!((names.choose(None, "x"), names.choose(Some("c_2"), "x")), ("x".to_owned(), "c_2_2".to_owned()));
    }
}

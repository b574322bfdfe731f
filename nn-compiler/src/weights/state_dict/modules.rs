//! The modules of a state dictionary: its tensors by the part of their names before the last dot.

use std::collections::BTreeMap;

use super::Source;

/// Prefixes of modules that wrap a whole model: `DataParallel`, and `torch.compile`.
const WRAPPERS: [&str; 2] = ["module.", "_orig_mod."];

/// The tensors of a module.
pub struct Module<'a> {
    /// `features.0`, without wrappers; empty for a model that is one module.
    pub path: String,
    /// The tensors by the last part of their names.
    pub tensors: BTreeMap<&'a str, &'a Source>,
}

impl Module<'_> {
    /// `fc1 (weight [10, 64], bias [10])`, the weight first; without a path, each tensor by its name.
    pub fn described(&self) -> String {
        let mut tensors: Vec<_> = self.tensors.iter().collect();
        tensors.sort_by_key(|(suffix, _)| (**suffix != "weight", **suffix));
        let list = |shown: fn(&str) -> String| {
            let shown = tensors.iter().map(|(suffix, source)| format!("{} {:?}", shown(suffix), source.shape));
            shown.collect::<Vec<_>>().join(", ")
        };
        match &*self.path {
            "" => list(|suffix| format!("`{suffix}`")),
            path => format!("`{path}` ({})", list(str::to_owned)),
        }
    }
}

/// The modules in the order of their paths, in which numbers count as numbers: `fc2` is before `fc10`.
pub fn modules(sources: &[Source]) -> Vec<Module<'_>> {
    let mut start = 0;
    while let Some(wrapper) =
        WRAPPERS.iter().find(|wrapper| sources.iter().all(|source| source.name[start..].starts_with(**wrapper)))
    {
        if sources.is_empty() {
            break;
        }
        start += wrapper.len();
    }
    let mut modules: BTreeMap<&str, BTreeMap<&str, &Source>> = BTreeMap::new();
    for source in sources {
        let (path, suffix) = source.name[start..].rsplit_once('.').unwrap_or(("", &source.name[start..]));
        modules.entry(path).or_default().insert(suffix, source);
    }
    let mut modules: Vec<Module> =
        modules.into_iter().map(|(path, tensors)| Module { path: path.to_owned(), tensors }).collect();
    modules.sort_by_cached_key(|module| natural(&module.path));
    modules
}

/// A path as texts, each with the number after it and how many digits that has.
fn natural(path: &str) -> Vec<(String, u128, usize)> {
    let mut parts = Vec::new();
    let (mut text, mut number, mut digits) = (String::new(), 0u128, 0);
    for letter in path.chars() {
        if let Some(digit) = letter.to_digit(10) {
            number = number.saturating_mul(10).saturating_add(u128::from(digit));
            digits += 1;
            continue;
        }
        if digits > 0 {
            parts.push((std::mem::take(&mut text), number, digits));
            (number, digits) = (0, 0);
        }
        text.push(letter);
    }
    parts.push((text, number, digits));
    parts
}

/// A path with `#` for each number: modules of one pattern are numbered.
pub fn pattern(path: &str) -> String {
    let mut pattern = String::new();
    for letter in path.chars() {
        let shown = if letter.is_ascii_digit() { '#' } else { letter };
        if shown != '#' || !pattern.ends_with('#') {
            pattern.push(shown);
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<String> {
        let source = |name: &&str| Source { name: (*name).to_owned(), ..Source::default() };
        let sources: Vec<Source> = names.iter().map(source).collect();
        modules(&sources).into_iter().map(|module| module.path).collect()
    }

    #[test]
    fn numbers_are_in_order() {
        assert_eq!(paths(&["fc10.weight", "fc2.weight", "fc.weight", "fc2.bias"]), ["fc", "fc2", "fc10"]);
        assert_eq!(paths(&["a.10.w", "a.9.w", "a.9.b.w", "b"]), ["", "a.9", "a.9.b", "a.10"]);
        assert_eq!(paths(&["l01.w", "l9.w", "l1.w", "l0.w"]), ["l0", "l1", "l01", "l9"]);
    }

    #[test]
    fn wrappers_of_the_whole_model_are_taken_off() {
        assert_eq!(paths(&["module._orig_mod.a.weight", "module._orig_mod.b.weight"]), ["a", "b"]);
        assert_eq!(paths(&["module.a.weight", "b.weight"]), ["b", "module.a"]);
        assert_eq!(paths(&[]), [""; 0]);
    }

    #[test]
    fn patterns_ignore_numbers() {
        assert_eq!(pattern("layer1.10.conv2"), "layer#.#.conv#");
    }
}

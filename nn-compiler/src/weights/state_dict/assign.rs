//! Finds a module for each layer, and everything that does not fit.

use std::collections::BTreeMap;

use super::layers::{Holder, holders, reversed};
use super::modules::{Module, modules, pattern};
use super::{Assignment, By, Move, Request, StateDict};
use crate::compiled::Compiled;

/// The module of each layer, by their numbers.
type Pairs = BTreeMap<usize, usize>;

/// Finds the place of each tensor.
///
/// # Errors
///
/// Everything that does not fit: a layer without a module, a module without a layer, tensors of other shapes, and
/// modules among which names and shapes leave a choice.
pub fn assign(compiled: &Compiled, dict: &StateDict, request: &Request) -> Result<Assignment, Vec<String>> {
    let (holders, modules) = (holders(compiled), modules(&dict.sources));
    let mut search = Search { holders: &holders, modules: &modules, pairs: Pairs::new(), mistakes: Vec::new() };
    search.take_named(&request.named);
    let by = match request.by {
        Some(By::Name) => search.by_name().err().map_or(By::Name, |missing| search.without_name(missing)),
        Some(By::Order) => search.by_order(true),
        None => match search.by_name() {
            Ok(()) => By::Name,
            Err(_) => search.by_order(false),
        },
    };
    search.check();
    match search.mistakes.is_empty() {
        true => Ok(moved(compiled, &holders, &modules, &search.pairs, by)),
        false => Err(search.mistakes),
    }
}

/// Layers, modules, and which belong together so far.
struct Search<'a> {
    holders: &'a [Holder<'a>],
    modules: &'a [Module<'a>],
    pairs: Pairs,
    mistakes: Vec<String>,
}

impl Search<'_> {
    /// Pairs that the request names.
    fn take_named(&mut self, named: &[(String, String)]) {
        for (layer, path) in named {
            let holder = self.holder(layer);
            let module = self.modules.iter().position(|module| module.path == *path);
            match (holder, module) {
                (Ok(holder), Some(module)) if self.is_free(module) && !self.pairs.contains_key(&holder) => {
                    self.pairs.insert(holder, module);
                }
                (Ok(_), Some(_)) => {
                    self.mistakes.push(format!("`{layer}={path}` names a layer or a module a second time"))
                }
                (Err(mistake), _) => self.mistakes.push(mistake),
                (Ok(_), None) => self.mistakes.push(format!("there is no module `{path}`; there are {}", self.paths())),
            }
        }
    }

    /// The layer of this name, or the only one of the value of this name.
    fn holder(&self, name: &str) -> Result<usize, String> {
        if let Some(exact) = self.holders.iter().position(|holder| holder.label == name) {
            return Ok(exact);
        }
        let of_value: Vec<usize> = self.of_value(name);
        let all = |holders: &mut dyn Iterator<Item = &Holder>| {
            holders.map(|holder| format!("`{}`", holder.label)).collect::<Vec<_>>().join(", ")
        };
        match of_value[..] {
            [only] => Ok(only),
            [] => Err(format!("no layer `{name}` has tensors; {} have", all(&mut self.holders.iter()))),
            _ => {
                let labels = all(&mut of_value.iter().map(|holder| &self.holders[*holder]));
                Err(format!("`{name}` has several layers with tensors: {labels}"))
            }
        }
    }

    fn of_value(&self, name: &str) -> Vec<usize> {
        (0..self.holders.len()).filter(|holder| self.holders[*holder].value() == name).collect()
    }

    fn is_free(&self, module: usize) -> bool {
        !self.pairs.values().any(|taken| *taken == module)
    }

    fn paths(&self) -> String {
        self.modules.iter().map(|module| format!("`{}`", module.path)).collect::<Vec<_>>().join(", ")
    }

    /// Pairs all other layers with modules named like their values: `fc1` for the only layer of `fc1`, or the
    /// numbered modules of `trunk` in their order, as many as `trunk` has layers. Without pairs where a layer is
    /// left: these layers are the error.
    fn by_name(&mut self) -> Result<(), Vec<usize>> {
        let (mut found, mut missing) = (Pairs::new(), Vec::new());
        let open: Vec<usize> = (0..self.holders.len()).filter(|holder| !self.pairs.contains_key(holder)).collect();
        for holder in open {
            match self.named_like(holder).filter(|module| self.is_free(*module)) {
                Some(module) => {
                    found.insert(holder, module);
                }
                None => missing.push(holder),
            }
        }
        if !missing.is_empty() {
            return Err(missing);
        }
        self.pairs.extend(found);
        Ok(())
    }

    fn named_like(&self, holder: usize) -> Option<usize> {
        let value = self.holders[holder].value();
        let of_value = self.of_value(value);
        if of_value.len() == 1 {
            let is_named = |module: &Module| module.path == value || module.path.replace('.', "_") == value;
            if let Some(module) = self.modules.iter().position(is_named) {
                return Some(module);
            }
        }
        let is_numbered = |module: &Module| {
            let number = module.path.strip_prefix(value).and_then(|rest| rest.strip_prefix('.'));
            number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let numbered: Vec<usize> =
            (0..self.modules.len()).filter(|module| is_numbered(&self.modules[*module])).collect();
        let at = of_value.iter().position(|own| *own == holder)?;
        if numbered.len() == of_value.len() { numbered.get(at).copied() } else { None }
    }

    /// A mistake for each layer without a module of its name.
    fn without_name(&mut self, missing: Vec<usize>) -> By {
        for holder in missing {
            let Holder { label, kind, .. } = self.holders[holder];
            let value = self.holders[holder].value();
            let paths = self.paths();
            self.mistakes.push(format!("`{label}` ({kind}): no module is called `{value}`; there are {paths}"));
        }
        By::Name
    }

    /// Pairs all other layers with modules of their shapes. Several of the same shapes are taken in the order of
    /// their paths, if these differ only in numbers, or if that was asked for.
    fn by_order(&mut self, is_asked_for: bool) -> By {
        let mut open: Vec<usize> = (0..self.holders.len()).filter(|holder| !self.pairs.contains_key(holder)).collect();
        while let Some(first) = open.first().copied() {
            let signature = self.holders[first].signature();
            let alike: Vec<usize> =
                open.iter().copied().filter(|holder| self.holders[*holder].signature() == signature).collect();
            open.retain(|holder| !alike.contains(holder));
            let fits = |module: &usize| self.holders[first].fits(&self.modules[*module]) && self.is_free(*module);
            let fitting: Vec<usize> = (0..self.modules.len()).filter(fits).collect();
            if !is_asked_for && fitting.len() == alike.len() && !self.are_numbered(&fitting) {
                self.mistakes.push(self.choice(&alike, &fitting));
            }
            self.pairs.extend(alike.into_iter().zip(fitting));
        }
        By::Order
    }

    /// Whether paths differ only in numbers.
    fn are_numbered(&self, modules: &[usize]) -> bool {
        let mut patterns = modules.iter().map(|module| pattern(&self.modules[*module].path));
        let first = patterns.next();
        patterns.all(|pattern| Some(&pattern) == first.as_ref())
    }

    /// The mistake for modules of the same shapes whose order is not known.
    fn choice(&self, holders: &[usize], modules: &[usize]) -> String {
        let quoted = |texts: Vec<&str>| texts.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(", ");
        let labels = quoted(holders.iter().map(|holder| self.holders[*holder].label).collect());
        let paths = quoted(modules.iter().map(|module| &*self.modules[*module].path).collect());
        let shapes = self.holders[holders[0]].described();
        format!("{paths} have the same shapes ({shapes}), so each could be any of {labels}")
    }

    /// Layers and modules that are left, and pairs that do not fit.
    fn check(&mut self) {
        // What names say is wrong already; what is left follows from it.
        let is_complete = self.mistakes.is_empty();
        let mut mistakes = Vec::new();
        let left: Vec<&Module> = (0..self.modules.len())
            .filter(|module| self.is_free(*module))
            .map(|module| &self.modules[module])
            .collect();
        for (at, holder) in self.holders.iter().enumerate() {
            match self.pairs.get(&at) {
                Some(module) => mistakes.extend(holder.misfits(&self.modules[*module])),
                None if is_complete => {
                    let Holder { label, kind, .. } = holder;
                    let turned =
                        || holder.tensors.iter().find_map(|expected| turned(&left, expected.suffix, &expected.shape));
                    let note = biased(holder, &left).or_else(turned).unwrap_or_default();
                    mistakes.push(format!("no module fits `{label}` ({kind}): {}{note}", holder.described()));
                }
                None => {}
            }
        }
        if is_complete {
            mistakes.extend(left.iter().map(|module| format!("no layer is left for {}", module.described())));
        }
        self.mistakes.extend(mistakes);
    }
}

/// A note about a module that fits but for its bias.
fn biased(holder: &Holder, left: &[&Module]) -> Option<String> {
    let module = left.iter().find(|module| holder.fits_without_bias(module))?;
    Some(format!("; {}", holder.misfits(module).join("; ")))
}

/// A note about a module whose weight has rows and columns the other way round.
fn turned(left: &[&Module], suffix: &str, shape: &[usize]) -> Option<String> {
    left.iter().find_map(|module| {
        let source = module.tensors.get(suffix)?;
        let note = reversed(&source.shape, shape);
        (!note.is_empty() && source.shape != shape).then(|| format!("; `{}` is {:?}{note}", source.name, source.shape))
    })
}

/// Moves the numbers.
fn moved(compiled: &Compiled, holders: &[Holder], modules: &[Module], pairs: &Pairs, by: By) -> Assignment {
    let mut values = vec![Vec::new(); compiled.tensors.all.len()];
    let mut moves = Vec::new();
    for (holder, module) in pairs {
        for expected in &holders[*holder].tensors {
            let Some(source) = modules[*module].tensors.get(expected.suffix) else { continue };
            let numbers = &source.numbers;
            values[expected.index] = match (expected.is_transposed, &source.shape[..]) {
                (true, [units, inputs]) => transposed(&numbers.values, *units, *inputs),
                _ => numbers.values.clone(),
            };
            moves.push(Move {
                from: source.name.clone(),
                from_shape: source.shape.clone(),
                to: expected.tensor.name.clone(),
                to_shape: expected.tensor.shape.clone(),
                is_transposed: expected.is_transposed,
                dtype: source.dtype.clone(),
                changed: numbers.changed,
                worst: numbers.worst,
            });
        }
    }
    Assignment { by, moves, values }
}

/// A row-major matrix of so many rows and columns with rows as columns.
fn transposed(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| (0..rows).map(move |row| values[row * columns + column])).collect()
}

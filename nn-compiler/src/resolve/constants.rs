//! The names of numbers: `const` and block parameters.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::lost::{Binds, LostNames};
use crate::span::Span;

/// An integer or a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Written without point or exponent, or computed from integers.
    Integer(i64),
    /// Everything else.
    Float(f64),
}

impl Number {
    /// A number for people: `1e300` if it is far from 1.
    pub fn shown(number: f64) -> String {
        let far = number != 0.0 && !(1e-6..1e9).contains(&number.abs());
        if far { format!("{number:e}") } else { number.to_string() }
    }

    /// As a float.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }
}

/// The names of numbers: those of the network, and the parameters of a block in one use of it.
#[derive(Clone, Debug, Default)]
pub struct Constants {
    network: Rc<NetworkConstants>,
    parameters: BTreeMap<String, Option<Number>>,
}

/// The constants of a network; shared, since every chain and every use of a block reads them.
#[derive(Clone, Debug, Default)]
struct NetworkConstants {
    /// `None` for a name whose value could not be computed: its uses are not reported again.
    known: BTreeMap<String, Option<Number>>,
    /// Where `const` defines each, including those that are not reached yet.
    declared: BTreeMap<String, Span>,
    /// What statements with syntax errors may define.
    lost: Rc<LostNames>,
}

/// No size in a spec is larger than this.
pub const LARGEST_SIZE: i64 = 1 << 30;

impl Constants {
    /// The constants of a network, none of which has a value yet.
    pub fn of_statements(names: impl Iterator<Item = (String, Span)>, lost: Rc<LostNames>) -> Self {
        let network = NetworkConstants { known: BTreeMap::new(), declared: names.collect(), lost };
        Self { network: Rc::new(network), parameters: BTreeMap::new() }
    }

    /// Sets the constant `name` of the network.
    pub fn define(&mut self, name: &str, number: Option<Number>) {
        Rc::make_mut(&mut self.network).known.insert(name.to_owned(), number);
    }

    /// The constants of the network alone, as a block sees them.
    pub fn of_network(&self) -> Self {
        Self { network: Rc::clone(&self.network), parameters: BTreeMap::new() }
    }

    /// Sets the parameter `name`.
    pub fn bind(&mut self, name: &str, number: Option<Number>) {
        self.parameters.insert(name.to_owned(), number);
    }

    /// Whether `name` is known.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Where `const` defines a name.
    pub fn declared(&self, name: &str) -> Option<Span> {
        self.network.declared.get(name).copied()
    }

    /// Whether a statement with a syntax error may define a name.
    pub fn may_be_lost(&self, name: &str) -> bool {
        self.network.lost.may_bind(name, Binds::Constant)
    }

    /// Every name of a number, known or possible.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        let known = self.parameters.keys().chain(self.network.known.keys()).map(String::as_str);
        known.chain(self.network.lost.names())
    }

    /// The value of a name; the inner `None` if it could not be computed.
    pub fn get(&self, name: &str) -> Option<&Option<Number>> {
        self.parameters.get(name).or_else(|| self.network.known.get(name))
    }
}

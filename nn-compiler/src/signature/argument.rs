//! What arguments a call may take.

use crate::vocabulary::Init;

/// One argument that a call may take.
#[derive(Clone, Copy, Debug)]
pub struct ArgumentSpec {
    /// Its name.
    pub name: &'static str,
    /// What values it takes.
    pub kind: ArgumentKind,
    /// Its default.
    pub default: Fallback,
    /// One line for people.
    pub doc: &'static str,
    /// A value to suggest, where the usual one of its kind would rarely fit.
    pub example: Option<&'static str>,
}

/// What values an argument takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ArgumentKind {
    /// An integer from 1 on.
    Size,
    /// A number within these bounds, both included.
    Number {
        /// The least.
        least: f64,
        /// The greatest.
        greatest: f64,
    },
    /// A finite number above zero.
    Positive,
    /// A number from 0 up to, but not including, 1.
    Share,
    /// A number between 0 and 1, neither included.
    Fraction,
    /// An integer from 0 on.
    Count,
    /// Epochs, from 1 on.
    Epochs,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// An initialiser.
    Init,
    /// A list of sizes.
    Shape,
    /// A list of numbers, 0 or more.
    Weights,
    /// An integer of at least `least`; with two dimensions, also a pair of height and width.
    Extent {
        /// How many integers may be written.
        dimensions: usize,
        /// The least of each.
        least: usize,
    },
    /// Such an extent from 0 on, or `same`.
    Padding {
        /// How many integers may be written.
        dimensions: usize,
    },
}

/// The default of an argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fallback {
    /// It must be written.
    Required,
    /// It is absent.
    Absent,
    /// A number.
    Number(f64),
    /// A flag.
    Flag(bool),
    /// A word.
    Word(&'static str),
    /// An initialiser.
    Init(Init),
}

impl ArgumentSpec {
    const fn new(name: &'static str, kind: ArgumentKind, doc: &'static str) -> Self {
        Self { name, kind, default: Fallback::Required, doc, example: None }
    }

    /// An integer from 1 on.
    pub const fn size(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgumentKind::Size, doc)
    }

    /// A number within bounds.
    pub const fn number(name: &'static str, least: f64, greatest: f64, doc: &'static str) -> Self {
        Self::new(name, ArgumentKind::Number { least, greatest }, doc)
    }

    /// A finite number above zero.
    pub const fn positive(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgumentKind::Positive, doc)
    }

    /// A number from 0 up to 1, 1 not included.
    pub const fn share(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgumentKind::Share, doc)
    }

    /// A number between 0 and 1, neither included.
    pub const fn fraction(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgumentKind::Fraction, doc)
    }

    /// Epochs, from 1 on.
    pub const fn epochs(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgumentKind::Epochs, doc)
    }

    /// An integer from 0 on.
    pub const fn count(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgumentKind::Count, doc)
    }

    /// `true` or `false`.
    pub const fn flag(name: &'static str, default: bool, doc: &'static str) -> Self {
        Self { default: Fallback::Flag(default), ..Self::new(name, ArgumentKind::Flag, doc) }
    }

    /// One of some words.
    pub const fn word(name: &'static str, words: &'static [&'static str], doc: &'static str) -> Self {
        Self::new(name, ArgumentKind::Word(words), doc)
    }

    /// An initialiser.
    pub const fn init(name: &'static str, default: Init, doc: &'static str) -> Self {
        Self { default: Fallback::Init(default), ..Self::new(name, ArgumentKind::Init, doc) }
    }

    /// A list of sizes.
    pub const fn shape(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgumentKind::Shape, doc)
    }

    /// An extent in one dimension or two, or a padding.
    pub const fn extent(name: &'static str, kind: ArgumentKind, doc: &'static str) -> Self {
        Self::new(name, kind, doc)
    }

    /// A list of numbers, 0 or more.
    pub const fn weights(name: &'static str, doc: &'static str) -> Self {
        Self::new(name, ArgumentKind::Weights, doc)
    }

    /// With a number as the default.
    pub const fn default_number(self, default: f64) -> Self {
        Self { default: Fallback::Number(default), ..self }
    }

    /// With a word as the default.
    pub const fn default_word(self, default: &'static str) -> Self {
        Self { default: Fallback::Word(default), ..self }
    }

    /// With a value to suggest.
    pub const fn suggested_as(self, example: &'static str) -> Self {
        Self { example: Some(example), ..self }
    }

    /// An example value.
    pub fn example(&self) -> &'static str {
        if let Some(example) = self.example {
            return example;
        }
        match self.kind {
            ArgumentKind::Size | ArgumentKind::Count => "32",
            ArgumentKind::Epochs => "5",
            ArgumentKind::Number { .. } | ArgumentKind::Positive | ArgumentKind::Share | ArgumentKind::Fraction => {
                "0.5"
            }
            ArgumentKind::Flag => "true",
            ArgumentKind::Word(words) => words[0],
            ArgumentKind::Init => "auto",
            ArgumentKind::Shape => "[8, 8]",
            ArgumentKind::Weights => "[1.0, 2.0]",
            ArgumentKind::Extent { .. } => "3",
            ArgumentKind::Padding { .. } => "1",
        }
    }

    /// Absent by default.
    pub const fn optional(self) -> Self {
        Self { default: Fallback::Absent, ..self }
    }
}

//! How parameters are initialised.

use std::fmt;

/// Makes an initialiser from its one argument.
pub type Make = fn(f64) -> Init;

/// An initialiser of the language. Fans are `[inputs, units]` of a dense weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// He normal before an activation of the relu family, Glorot uniform otherwise; resolved before shapes.
    Auto,
    /// N(0, 2/fan_in) (He et al. 2015).
    HeNormal,
    /// U(±√(6/fan_in)) (He et al. 2015).
    HeUniform,
    /// N(0, 2/(fan_in + fan_out)) (Glorot & Bengio 2010).
    GlorotNormal,
    /// U(±√(6/(fan_in + fan_out))) (Glorot & Bengio 2010).
    GlorotUniform,
    /// N(0, 1/fan_in) (LeCun et al. 1998).
    LecunNormal,
    /// N(0, std²).
    Normal(f64),
    /// U(−a, a).
    Uniform(f64),
    /// All the same.
    Constant(f64),
}

impl Init {
    /// The initialisers that are written without an argument.
    pub const PLAIN: &[(&str, Self)] = &[
        ("auto", Self::Auto),
        ("he_normal", Self::HeNormal),
        ("he_uniform", Self::HeUniform),
        ("glorot_normal", Self::GlorotNormal),
        ("glorot_uniform", Self::GlorotUniform),
        ("lecun_normal", Self::LecunNormal),
        ("zeros", Self::Constant(0.0)),
        ("ones", Self::Constant(1.0)),
    ];

    /// The initialisers that take one number.
    pub const WITH_ARGUMENT: &[(&str, Make)] =
        &[("normal", Self::Normal), ("uniform", Self::Uniform), ("constant", Self::Constant)];
}

impl fmt::Display for Init {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = Self::PLAIN.iter().find(|(_, init)| init == self) {
            return formatter.write_str(name);
        }
        match self {
            Self::Normal(std) => write!(formatter, "normal({std})"),
            Self::Uniform(a) => write!(formatter, "uniform({a})"),
            Self::Constant(c) => write!(formatter, "constant({c})"),
            Self::Auto
            | Self::HeNormal
            | Self::HeUniform
            | Self::GlorotNormal
            | Self::GlorotUniform
            | Self::LecunNormal => Ok(()),
        }
    }
}

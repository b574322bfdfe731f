//! The call of a layer: its name and the arguments that are not defaults.

use std::fmt;

/// A layer with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    name: &'static str,
    arguments: Vec<String>,
}

impl Call {
    /// A layer without arguments.
    pub fn new(name: &'static str) -> Self {
        Self { name, arguments: Vec::new() }
    }

    /// Adds an argument without a name.
    pub fn with(mut self, value: impl fmt::Display) -> Self {
        self.arguments.push(value.to_string());
        self
    }

    /// Adds an argument.
    pub fn named(self, name: &str, value: impl fmt::Display) -> Self {
        self.with(format!("{name}: {value}"))
    }

    /// Adds an argument unless it has its default.
    pub fn unless<T: PartialEq + fmt::Display>(self, name: &str, value: T, default: T) -> Self {
        if value == default { self } else { self.named(name, value) }
    }

    /// Adds a number unless it is the default, as f32.
    pub fn number_unless(self, name: &str, value: f32, default: f32) -> Self {
        if value == default { self } else { self.named(name, number(value)) }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.arguments[..] {
            [] => f.write_str(self.name),
            arguments => write!(f, "{}({})", self.name, arguments.join(", ")),
        }
    }
}

/// A number as a person writes it: the shortest decimal that is this f32.
pub fn number(value: f32) -> String {
    let plain = value.to_string();
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e7).contains(&size) { format!("{value:e}") } else { plain }
}

/// Lengths as a shape: `[1, 28, 28]`.
pub fn shape(dims: &[usize]) -> String {
    format!("{dims:?}")
}

/// One length, or `[height, width]` if they differ.
pub fn extent(lengths: &[usize]) -> String {
    match lengths {
        [first, rest @ ..] if rest.iter().all(|length| length == first) => first.to_string(),
        lengths => shape(lengths),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_written_as_people_write_them() {
        let call = Call::new("conv2d").with(6).named("kernel", extent(&[3, 3])).unless("groups", 1, 1);
        assert_eq!(call.to_string(), "conv2d(6, kernel: 3)");
        assert_eq!(Call::new("batch_norm").number_unless("eps", 1e-3, 1e-5).to_string(), "batch_norm(eps: 0.001)");
        assert_eq!(Call::new("relu").to_string(), "relu");
        assert_eq!((number(0.1), number(1e-5), number(-6.0)), ("0.1".into(), "1e-5".into(), "-6".into()));
        assert_eq!(extent(&[1, 5]), "[1, 5]");
    }
}

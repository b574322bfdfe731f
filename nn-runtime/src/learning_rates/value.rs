//! What the spec says of the learning rate of a value. (Errors name it.)

/// A value with a learning rate of its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Value {
    /// Its name.
    pub name: &'static str,
    /// The factor at the start.
    pub factor: f32,
}

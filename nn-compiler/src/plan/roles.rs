//! The roles of the fields of an operation.
//!
//! The type of a field is its role. What an operation reads, writes and changes follows from its fields, by
//! `fields!`: it is not listed a second time.

use crate::ids::{BufferId, TensorId};
use crate::vocabulary::{Activation, Loss, Metric, Window};

/// A buffer that an earlier operation wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Read(pub BufferId);

/// A buffer that only this operation writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Write(pub BufferId);

/// A trained tensor whose values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Parameter(pub TensorId);

/// A trained tensor to whose gradient the operation adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Accumulate(pub TensorId);

/// A trained tensor that takes a step of the optimizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Update(pub TensorId);

/// An observed tensor whose values are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Statistic(pub TensorId);

/// An observed tensor that the operation changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Observe(pub TensorId);

/// The caller's output of this number, in the caller's tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output(pub usize);

/// The caller's memory for the gradient of the input of this number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputGradient(pub usize);

/// The loss of the pass, which the operation adds to, or checks to end the pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LossSum;

/// The metric of this number, which the operation adds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetricSum(pub usize);

impl Write {
    /// The buffer, as a later operation sees it.
    pub fn read(self) -> Read {
        Read(self.0)
    }
}

impl Parameter {
    /// Its gradient.
    pub fn gradient(self) -> Accumulate {
        Accumulate(self.0)
    }
}

impl Accumulate {
    /// Its step of the optimizer.
    pub fn update(self) -> Update {
        Update(self.0)
    }
}

/// What the fields of an operation say about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// The buffers it reads.
    pub reads: Vec<BufferId>,
    /// The buffers it writes.
    pub writes: Vec<BufferId>,
    /// The parameters whose values it reads.
    pub parameters: Vec<TensorId>,
    /// The parameters to whose gradients it adds.
    pub gradients: Vec<TensorId>,
    /// Whether it changes something other than the buffers it writes.
    pub has_effect: bool,
    /// Whether it gives the caller the gradient of an input.
    pub gives_gradient: bool,
}

/// A type that a field of an operation may have.
pub trait Role {
    /// Adds what the field says about its operation.
    fn add_to(&self, roles: &mut Roles);
}

/// An operation whose roles are those of its fields.
pub trait Fields {
    /// The roles of all fields, in order.
    fn roles(&self) -> Roles;
}

/// `fields!(Add { a, b, y });` takes the roles of an operation from its fields. A field that is
/// left out is a compile error.
macro_rules! fields {
    ($operation:ident { $($field:ident),* $(,)? }) => {
        impl $crate::plan::roles::Fields for $operation {
            fn roles(&self) -> $crate::plan::roles::Roles {
                let Self { $($field),* } = self;
                let mut roles = $crate::plan::roles::Roles::default();
                $($crate::plan::roles::Role::add_to($field, &mut roles);)*
                roles
            }
        }
    };
}
pub(crate) use fields;

impl Role for Read {
    fn add_to(&self, roles: &mut Roles) {
        roles.reads.push(self.0);
    }
}

impl Role for Write {
    fn add_to(&self, roles: &mut Roles) {
        roles.writes.push(self.0);
    }
}

impl Role for Parameter {
    fn add_to(&self, roles: &mut Roles) {
        roles.parameters.push(self.0);
    }
}

impl Role for Accumulate {
    fn add_to(&self, roles: &mut Roles) {
        roles.gradients.push(self.0);
        roles.has_effect = true;
    }
}

impl<R: Role> Role for Option<R> {
    fn add_to(&self, roles: &mut Roles) {
        self.iter().for_each(|field| field.add_to(roles));
    }
}

impl<R: Role> Role for Vec<R> {
    fn add_to(&self, roles: &mut Roles) {
        self.iter().for_each(|field| field.add_to(roles));
    }
}

/// Fields that make an operation one with an effect.
macro_rules! effects {
    ($($field:ty),*) => {
        $(impl Role for $field {
            fn add_to(&self, roles: &mut Roles) {
                roles.has_effect = true;
            }
        })*
    };
}
effects!(Update, Observe, Output, LossSum, MetricSum);

impl Role for InputGradient {
    fn add_to(&self, roles: &mut Roles) {
        roles.has_effect = true;
        roles.gives_gradient = true;
    }
}

/// Fields that no pass asks about: settings, statistics, and a buffer that is only named.
macro_rules! settings {
    ($($field:ty),*) => {
        $(impl Role for $field {
            fn add_to(&self, _roles: &mut Roles) {}
        })*
    };
}
settings!(Statistic, BufferId, Activation, Loss, Metric, Window, bool, f64, usize);

macro_rules! into_id {
    ($id:ident: $($role:ident),*) => {
        $(impl From<$role> for $id {
            fn from(role: $role) -> Self {
                role.0
            }
        })*
    };
}
into_id!(BufferId: Read, Write);
into_id!(TensorId: Parameter, Accumulate, Update, Statistic, Observe);

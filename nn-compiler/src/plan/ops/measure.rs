//! Terms of the loss and metrics; definitions in the language reference.

use crate::ids::BufferId;
use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{Operation, Work};
use crate::plan::roles::{LossSum, MetricSum, Read, Role, Roles, Write, fields};
use crate::vocabulary::{Loss, Metric};

/// loss += weight·loss(y, t), with its gradient
#[derive(Clone, Debug, PartialEq)]
pub struct AddLoss {
    /// Which loss.
    pub loss: Loss,
    /// The weights of the classes, an index of [`Program::class_weights`](crate::plan::Program::class_weights).
    pub class_weights: Option<usize>,
    /// The factor of the term.
    pub weight: f64,
    /// The outputs; the logits, for a loss that is computed from them.
    pub y: Read,
    /// The target.
    pub t: Expected,
    /// The buffer of the gradient: y, or the input of the step for the perceptron rule.
    pub of: BufferId,
    /// The gradient.
    pub gradient: Option<Write>,
    /// Where the term is added.
    pub sum: LossSum,
}

/// metric += metric(y, t)
#[derive(Clone, Debug, PartialEq)]
pub struct AddMetric {
    /// Which metric.
    pub metric: Metric,
    /// The outputs.
    pub y: Read,
    /// The target.
    pub t: Expected,
    /// The threshold between the two classes.
    pub threshold: f64,
    /// Where the metric is added.
    pub sum: MetricSum,
}

/// The target of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The target's index in the caller's tuple.
    pub target: usize,
    /// Whether it is a class; otherwise numbers.
    pub is_class: bool,
    /// The numbers, gathered from the caller's tuple; `None` for a class, and if the caller's rows can be used.
    pub gathered: Option<Read>,
}

fields!(AddLoss { loss, class_weights, weight, y, t, of, gradient, sum });
fields!(AddMetric { metric, y, t, threshold, sum });
stays!(AddLoss, AddMetric);

impl Role for Expected {
    fn add_to(&self, roles: &mut Roles) {
        let Self { target: _, is_class: _, gathered } = self;
        gathered.add_to(roles);
    }
}

impl Operation for AddLoss {
    fn formula(&self) -> String {
        let name = self.loss.name();
        match self.gradient {
            None => format!("loss += {name}(y, target)"),
            Some(_) => format!("loss += {name}(y, target); dy = its gradient"),
        }
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl Operation for AddMetric {
    fn formula(&self) -> String {
        let name = self.metric.name();
        format!("{name} += {name}(y, target)")
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

//! Steps of the optimizer for tensors whose gradient is stored, and the check before them.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{Operation, Work};
use crate::plan::roles::{LossSum, Update, fields};

/// ends here if the loss is not finite
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct CheckLoss {
    pub loss: LossSum,
}

/// a tensor ← a step of the optimizer with its gradient, penalties included
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct UpdateTensor {
    pub tensor: Update,
}

fields!(CheckLoss { loss });
fields!(UpdateTensor { tensor });
stays!(CheckLoss, UpdateTensor);

impl Operation for CheckLoss {
    fn formula(&self) -> String {
        "no update if the loss is not finite".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl Operation for UpdateTensor {
    fn formula(&self) -> String {
        "a step of the optimizer".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

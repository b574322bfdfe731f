//! An average pool: y = the mean of each window.
//!
//! Backward: dx = Σ dy/size over the windows that contain x.

use crate::plan::buffer::Buffer;
use crate::plan::fuse::stays;
use crate::plan::operation::{AnyOperation, Operation, Work};
use crate::plan::roles::{Read, Write, fields};
use crate::plan::tape::{Differentiate, Tape};
use crate::vocabulary::Window;

/// y = the mean of each window
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct AvgPool {
    pub x: Read,
    pub window: Window,
    pub y: Write,
}

/// dx = Σ dy/size over the windows that contain x
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the fields are the symbols of the formula")]
pub struct AvgPoolGradient {
    pub window: Window,
    pub dy: Read,
    pub dx: Write,
}

fields!(AvgPool { x, window, y });
fields!(AvgPoolGradient { window, dy, dx });
stays!(AvgPool, AvgPoolGradient);

impl Operation for AvgPool {
    fn formula(&self) -> String {
        "y = the mean of each window".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

impl<O: AnyOperation + From<AvgPoolGradient>> Differentiate<O> for AvgPool {
    fn differentiate(&self, tape: &mut Tape<O>) {
        let Self { x, window, y } = *self;
        tape.through(x, y, |dy, dx| AvgPoolGradient { window, dy, dx });
    }
}

impl Operation for AvgPoolGradient {
    fn formula(&self) -> String {
        "dx = Σ dy/size over the windows that contain x".to_owned()
    }

    fn work(&self, _buffers: &[Buffer]) -> Work {
        Work::Elements
    }
}

//! The networks of the program beside it.

use nn_runtime::prelude::*;

network!(pub "../../../../specs/digits.nn");

//! The oracle, and what is held against it: generated code, gradients, passes, and the paths of a step.

mod gradients;
mod graphs;
mod images;
mod layers;
mod passes;
mod step_paths;

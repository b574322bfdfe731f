//! `forward`, `backward` and `update` with the gradient of the spec's own loss are `step`.

mod bits;
mod logits;
mod networks;

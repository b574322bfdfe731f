//! The computation of each operation, in a file of the same name as in `plan/ops`.

mod activate;
mod add;
mod avg_pool;
mod batch_norm;
mod concat;
mod conv;
mod copy;
mod dense;
mod dropout;
mod embedding;
mod gather;
mod group_norm;
mod layer_norm;
mod log_softmax;
mod max_pool;
mod measure;
mod multiply;
mod normalize;
mod prelu;
mod rescale;
mod rms_norm;
mod softmax;
mod update;

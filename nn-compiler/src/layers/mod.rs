//! Everything the language knows of its layers, one file a layer.
//!
//! [`Layer`] lists them; what a stage asks of a layer is a method of [`Rule`].

pub mod activation;
pub mod avg_pool;
pub mod batch_norm;
pub mod conv;
pub mod dense;
pub mod dropout;
mod effect;
pub mod embedding;
pub mod flatten;
pub mod global_pool;
pub mod group_norm;
pub mod layer_norm;
pub mod log_softmax;
pub mod max_pool;
pub mod normalize;
mod parameter;
mod pool;
pub mod prelu;
pub mod rescale;
pub mod reshape;
pub mod rms_norm;
mod rule;
mod sliding;
pub mod softmax;
pub mod weights;

pub use effect::Effect;
pub use parameter::ParameterSpec;
pub use rule::Rule;

use crate::signature::Signature;

/// Makes [`Layer`] and the lists of all layers from one line for each: its type, its module, and its signature.
macro_rules! layers {
    ($($layer:ident in $module:ident as $($signature:ident),+;)*) => {
        /// A layer with its arguments.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "each variant is the layer of its name")]
        pub enum Layer {
            $($layer($module::$layer),)*
        }

        /// Every layer that can be written.
        pub fn signatures() -> impl Iterator<Item = &'static Signature<Layer>> {
            const SIGNATURES: &[Signature<Layer>] = &[
                $($($module::$signature.making(|bound| Layer::$layer(($module::$signature.make)(bound))),)+)*
            ];
            SIGNATURES.iter()
        }

        impl Layer {
            /// The rules of this layer.
            pub fn rule(&self) -> &dyn Rule {
                match self {
                    $(Self::$layer(layer) => layer,)*
                }
            }

            /// The same, to be changed.
            pub fn rule_mut(&mut self) -> &mut dyn Rule {
                match self {
                    $(Self::$layer(layer) => layer,)*
                }
            }
        }
    };
}

layers! {
    Dense in dense as SIGNATURE;
    Embedding in embedding as SIGNATURE;
    Conv in conv as SEQUENCE, IMAGE;
    MaxPool in max_pool as OF_SEQUENCES, OF_IMAGES;
    AvgPool in avg_pool as OF_SEQUENCES, OF_IMAGES;
    GlobalPool in global_pool as AVG, MAX;
    BatchNorm in batch_norm as SIGNATURE;
    LayerNorm in layer_norm as SIGNATURE;
    RmsNorm in rms_norm as SIGNATURE;
    GroupNorm in group_norm as SIGNATURE;
    Dropout in dropout as SIGNATURE;
    Rescale in rescale as SIGNATURE;
    Normalize in normalize as SIGNATURE;
    Flatten in flatten as SIGNATURE;
    Reshape in reshape as SIGNATURE;
    Prelu in prelu as SIGNATURE;
    Softmax in softmax as SIGNATURE;
    LogSoftmax in log_softmax as SIGNATURE;
    Activation in activation as LINEAR, SIGMOID, TANH, RELU, LEAKY_RELU, ELU, SELU, GELU, SILU, SOFTPLUS, HARD_SIGMOID, HARD_TANH, HARD_SWISH, MISH, STEP;
}

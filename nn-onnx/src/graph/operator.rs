//! The operators that this crate knows.

use std::fmt;

/// Makes [`Operator`] and its names from lists of them.
macro_rules! operators {
    (onnx: $($onnx:ident)*; ml: $($ml:ident)*; own: $($(#[$doc:meta])* $own:ident)*;) => {
        /// An operator.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(missing_docs, clippy::upper_case_acronyms, reason = "each variant is the operator of its name")]
        pub enum Operator {
            $($onnx,)*
            $($ml,)*
            $($(#[$doc])* $own,)*
            /// One that is not known, with its domain if that is not ONNX's own.
            Other(String),
        }

        impl Operator {
            /// The operator of a domain and a name.
            pub fn new(domain: &str, name: &str) -> Self {
                match (domain, name) {
                    $(("" | "ai.onnx", stringify!($onnx)) => Self::$onnx,)*
                    $(("ai.onnx.ml", stringify!($ml)) => Self::$ml,)*
                    ("" | "ai.onnx", name) => Self::Other(name.to_owned()),
                    (domain, name) => Self::Other(format!("{domain}.{name}")),
                }
            }
        }

        impl fmt::Display for Operator {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$onnx => stringify!($onnx),)*
                    $(Self::$ml => stringify!($ml),)*
                    $(Self::$own => stringify!($own),)*
                    Self::Other(name) => name,
                })
            }
        }
    };
}

operators! {
    onnx: Abs Add ArgMax AveragePool BatchNormalization Cast CastLike Clip Concat Constant ConstantOfShape Conv
        ConvTranspose Div Dropout Elu Equal Erf Exp Expand Flatten GRU Gather Gelu Gemm GlobalAveragePool
        GlobalMaxPool Greater GroupNormalization HardSigmoid HardSwish Identity If InstanceNormalization LRN LSTM
        LayerNormalization LeakyRelu Less Log LogSoftmax Loop MatMul Max MaxPool Min Mish Mul Neg PRelu Pad Pow
        RMSNormalization RNN Range ReduceMax ReduceMean ReduceSum Relu Reshape Resize Scan Selu Shape Sigmoid Slice
        Softmax Softplus Softsign Split Sqrt Squeeze Sub Sum Swish Tanh Tile Transpose Trilu Unsqueeze Upsample Where;
    ml: ArrayFeatureExtractor Normalizer Scaler ZipMap;
    own:
        /// y = x·W + b, from `MatMul`, `Add` and `Gemm`. Inputs: x, W `[inputs, units]`, and b `[units]` if there is
        /// one.
        Dense
        /// y = x/(1 + e⁻ˣ). Input: x.
        Silu
        /// y = s·x + t for each feature. Inputs: x, s, t.
        Affine;
}

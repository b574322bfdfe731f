//! The operators that cannot be expressed, whatever they are applied to, and what to do.

use crate::error::Reason;
use crate::graph::{Graph, Node, Operator};

/// Whether an operator is refused also where what it reads was refused: one that no other export avoids.
pub fn is_never(operator: &Operator) -> bool {
    use Operator as O;
    matches!(operator, O::GRU | O::If | O::LRN | O::LSTM | O::Loop | O::MatMul | O::RNN | O::Scan | O::Other(_))
}

/// Refuses a node that the language has no layer for.
pub fn check(graph: &Graph, node: &Node) -> Result<(), Reason> {
    use Operator as O;
    let later = "the layers of the language do not include it yet";
    match &node.operator {
        O::GRU | O::LSTM | O::RNN => {
            Err(Reason::new("recurrent layers are not in the language yet", "use convolutions over the sequence"))
        }
        O::Loop | O::Scan => Err(Reason::new(
            "it repeats a graph",
            "a GRU of Keras is exported so: export an LSTM, or the same network from PyTorch",
        )),
        O::If => Err(Reason::new("which branch runs is decided by numbers", "export the branch that is used")),
        O::MatMul => both_computed(graph, node),
        O::Gemm => Err(gemm(node)),
        O::ConvTranspose | O::Resize | O::Upsample => Err(Reason::new("it makes an image larger", later)),
        O::Split | O::Slice => Err(Reason::new("it takes a part of a value", later)),
        O::Tile | O::Expand | O::Range | O::ConstantOfShape => {
            Err(Reason::new("it repeats numbers as often as the batch has rows", later))
        }
        O::Equal | O::Greater | O::Less | O::Where => Err(Reason::new("it chooses by comparing numbers", later)),
        O::Abs | O::Erf | O::Exp | O::Log | O::Sqrt | O::Pow | O::Softsign => {
            Err(Reason::new("it is not one of the activations of the language", later))
        }
        O::LRN | O::Normalizer => Err(Reason::new("it is not one of the norms of the language", later)),
        O::ReduceSum => Err(Reason::new("sums of rows are not in the language", "use a mean and scale it")),
        O::Trilu | O::ArgMax | O::ArrayFeatureExtractor | O::ZipMap | O::CastLike | O::Cast => {
            Err(Reason::new("its result is not a number of the network", "return what it is computed from"))
        }
        O::Other(_) => Err(Reason::new("the operator is not known", "")),
        O::Dropout => Err(Reason::new("its mask is read", "export the model for inference")),
        O::Div => both_divided(graph, node),
        O::Add | O::Affine | O::AveragePool | O::BatchNormalization | O::Clip | O::Concat | O::Constant | O::Conv => {
            Ok(())
        }
        O::Dense | O::Elu | O::Flatten | O::Gather | O::Gelu | O::GlobalAveragePool | O::GlobalMaxPool => Ok(()),
        O::GroupNormalization | O::HardSigmoid | O::HardSwish | O::Identity | O::InstanceNormalization => Ok(()),
        O::LayerNormalization | O::LeakyRelu | O::LogSoftmax | O::Max | O::MaxPool | O::Min | O::Mish | O::Mul => {
            Ok(())
        }
        O::Neg | O::PRelu | O::Pad | O::RMSNormalization | O::ReduceMax | O::ReduceMean | O::Relu | O::Reshape => {
            Ok(())
        }
        O::Scaler | O::Selu | O::Shape | O::Sigmoid | O::Silu | O::Softmax | O::Softplus | O::Squeeze | O::Sub => {
            Ok(())
        }
        O::Sum | O::Swish | O::Tanh | O::Transpose | O::Unsqueeze => Ok(()),
    }
}

/// A product that is not a dense layer.
fn both_computed(graph: &Graph, node: &Node) -> Result<(), Reason> {
    let is_computed = |at: usize| node.input(at).is_some_and(|id| graph.constant(id).is_none());
    if is_computed(0) && is_computed(1) {
        return Err(Reason::new(
            "it multiplies two values that the network computes, as attention does",
            "attention is not in the language yet",
        ));
    }
    Err(Reason::new("its constant is not a matrix on the right", ""))
}

fn both_divided(graph: &Graph, node: &Node) -> Result<(), Reason> {
    let divisor = node.input(1).and_then(|id| graph.constant(id));
    let reason = if divisor.is_some() { "its divisor is not one for each feature" } else { "it divides by a value" };
    Err(Reason::new(reason, ""))
}

fn gemm(node: &Node) -> Reason {
    match node.attributes.int("transA", 0) {
        Ok(0) => Reason::new("its weight or its bias is not a constant of the model", ""),
        Ok(_) => Reason::attribute("transA", "its input is transposed", ""),
        Err(reason) => reason,
    }
}

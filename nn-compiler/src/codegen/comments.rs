//! What each step does, as people write it.

use crate::plan::Op;

/// The formula of a step.
pub fn formula(op: &Op) -> String {
    let text = match op {
        Op::Dense { bias, activation, .. } => {
            let product = if bias.is_some() { "x·W + b" } else { "x·W" };
            return format!("y = {}", activation.formula(product));
        }
        Op::Conv { bias, activation, .. } => {
            let sum = if bias.is_some() { "W∗x + b" } else { "W∗x" };
            return format!("y = {}", activation.formula(sum));
        }
        Op::ConvInputGradient { derivative, .. } => {
            let sum = "dx = Σ dy·W over the windows that contain x";
            return match derivative {
                Some((activation, _)) => format!("{sum}, · d{}/dx", activation.formula("x")),
                None => sum.to_owned(),
            };
        }
        Op::Activate { activation, .. } => return format!("y = {}", activation.formula("x")),
        Op::ActivateGradient { activation, .. } => return format!("dx = dy · d{}/dx", activation.formula("x")),
        Op::DenseInputGradient { derivative: Some((activation, _)), .. } => {
            return format!("dx = dy·Wᵀ · d{}/dx", activation.formula("x"));
        }
        Op::Rescale { factor, offset, .. } => return format!("y = {factor}·x + {offset}"),
        Op::RescaleGradient { factor, .. } => return format!("dx = {factor}·dy"),
        Op::Dropout { rate, .. } => {
            return format!("y = x·mask; the mask is 0 with probability {rate}, else 1/(1 − {rate})");
        }
        Op::Take { at, .. } => return format!("y = the columns of x from {at} on"),
        Op::Gather { input, .. } => return format!("y = input {input}"),
        Op::GatherTarget { target, .. } => return format!("y = target {target}"),
        Op::Scatter { output, .. } => return format!("output {output} = x"),
        Op::Loss { loss, gradient, .. } => {
            let name = loss.name();
            return if gradient.is_some() {
                format!("loss += {name}(y, target); dy = its gradient")
            } else {
                format!("loss += {name}(y, target)")
            };
        }
        Op::Metric { metric, .. } => return format!("{0} += {0}(y, target)", metric.name()),
        Op::Embedding { .. } => "y = the rows of W that x names, as columns",
        Op::EmbeddingGradient { .. } => "the rows of dW that x names += the columns of dy",
        Op::MaxPool { .. } => "y = the largest x in each window",
        Op::AvgPool { .. } => "y = the mean of each window",
        Op::MaxPoolGradient { derivative: Some(activation), .. } => {
            let slope = activation.formula("x");
            return format!("dx = Σ dy · d{slope}/dx over the windows whose first largest number is x");
        }
        Op::MaxPoolGradient { derivative: None, .. } => "dx = Σ dy over the windows whose first largest number is x",
        Op::AvgPoolGradient { .. } => "dx = Σ dy/size over the windows that hold x",
        Op::Prelu { .. } => "y = x where x > 0, else slope·x",
        Op::PreluGradient { .. } => "dx = dy where x > 0, else slope·dy; dslope += Σ dy·x where x ≤ 0",
        Op::Softmax { .. } => "y = exp(x) / Σ exp(x)",
        Op::LogSoftmax { .. } => "y = x − ln Σ exp(x)",
        Op::SoftmaxGradient { .. } => "dx = y·(dy − Σ dy·y)",
        Op::LogSoftmaxGradient { .. } => "dx = dy − exp(y)·Σ dy",
        Op::BatchNormTrain { .. } => "y = γ·(x − μ)/√(σ² + ε) + β over the batch; running ← (1−m)·running + m·batch",
        Op::BatchNormEvaluate { .. } => "y = γ·(x − μ)/√(σ² + ε) + β with the running μ and σ²",
        Op::BatchNormGradient { .. } => {
            "dβ += Σ dy; dγ += Σ dy·u; dx = γ/σ·(dy − mean(dy) − u·mean(dy·u)), u = (x − μ)/σ"
        }
        Op::BatchNormEvaluateGradient { .. } => "dβ += Σ dy; dγ += Σ dy·u; dx = γ/σ·dy, u = (x − μ)/σ",
        Op::LayerNorm { .. } => "y = γ·(x − μ)/√(σ² + ε) + β with the μ and σ² of the row",
        Op::LayerNormGradient { .. } => {
            "dβ += Σ dy; dγ += Σ dy·u; dx = (g − mean(g) − u·mean(g·u))/σ, u = (x − μ)/σ, g = γ·dy"
        }
        Op::DropoutGradient { .. } => "dx = dy·mask",
        Op::Normalize { .. } => "y = (x − mean)/deviation",
        Op::NormalizeGradient { .. } => "dx = dy/deviation",
        Op::Observe { .. } => "Σx, Σx² ← those of the rows seen so far, in f64",
        Op::Add { .. } => "y = a + b",
        Op::Multiply { .. } => "y = a·b",
        Op::Concat { .. } => "y = the values one after the other",
        Op::Copy { .. } => "y = x",
        Op::DenseGradient { bias: None, .. } => "dW += xᵀ·dy",
        Op::DenseGradient { bias: Some(_), .. } => "dW += xᵀ·dy; db += Σ dy",
        Op::ConvWeightGradient { .. } => "dW += Σ dy·x over the positions of the window",
        Op::ConvBiasGradient { .. } => "db += Σ dy over the positions",
        Op::DenseInputGradient { derivative: None, .. } => "dx = dy·Wᵀ",
        Op::CheckLoss => "no update where the loss is not finite",
        Op::DenseWeightUpdate { .. } => "dW = xᵀ·dy + its penalties', and W ← a step of the optimizer, tile by tile",
        Op::DenseBiasUpdate { .. } => "db = Σ dy, and b ← a step of the optimizer",
        Op::Update { .. } => "a step of the optimizer",
    };
    text.to_owned()
}

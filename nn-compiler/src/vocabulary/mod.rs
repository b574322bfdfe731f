//! The types that the graph, the plan and the generated code share: plain types, below every stage.

mod activation;
mod comparison;
mod init;
mod loss;
mod metric;
mod optimizer;
mod window;

pub use activation::Activation;
pub use comparison::Comparison;
pub use init::Init;
pub use loss::{Loss, TargetRange};
pub use metric::Metric;
pub use optimizer::Optimizer;
pub use window::Window;

//! What is measured: networks, the rows of one iteration, and how much work that is.

/// A network, and what one iteration does with it.
#[derive(Debug)]
pub struct Workload {
    /// The name in tables and on the command line.
    pub name: &'static str,
    /// The network in a line.
    pub about: &'static str,
    /// What one iteration is.
    pub job: Job,
    /// Rows of an iteration; those of the data set where the job is [`Job::Fit`].
    pub rows: usize,
    /// Layers before the dense ones, if the input is an image.
    pub convolutions: &'static [Convolution],
    /// Features that reach the first dense layer, then units of every dense layer.
    pub widths: &'static [usize],
    /// Whether every dense layer but the last is followed by batch norm, and has no bias then.
    pub batch_norm: bool,
    /// The rate of the dropout after every activation.
    pub dropout: f32,
    /// What an output is trained to be.
    pub targets: Targets,
    /// Whether large products take most of the time: then it is compared with the peak of the
    /// machine.
    pub gemm_bound: bool,
}

/// A convolution of stride 1, then ReLU, then the largest of each 2×2 that do not overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Channels, height and width of the image that it takes.
    pub input: [usize; 3],
    /// Channels that it makes.
    pub channels: usize,
    /// Height and width of the kernel.
    pub kernel: usize,
    /// Zeros around the image, on each side.
    pub padding: usize,
}

impl Convolution {
    /// Channels, height and width before pooling.
    pub fn output(&self) -> [usize; 3] {
        let [_, height, width] = self.input;
        let size = |size: usize| size + 2 * self.padding - self.kernel + 1;
        [self.channels, size(height), size(width)]
    }

    /// Channels, height and width after pooling.
    pub fn pooled(&self) -> [usize; 3] {
        let [channels, height, width] = self.output();
        [channels, height / 2, width / 2]
    }

    /// Inputs of an output: channels times kernel.
    pub fn depth(&self) -> usize {
        self.input[0] * self.kernel * self.kernel
    }

    fn multiply_adds(&self) -> u64 {
        (self.output().iter().product::<usize>() * self.depth()) as u64
    }
}

/// What one iteration does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// The outputs of all rows.
    Infer,
    /// A training step on all rows. After `period` steps the training starts again from the first
    /// weights, so that no timing uses a network that has nothing left to learn, where moments
    /// decay into denormals.
    Step {
        /// Steps from one start to the next.
        period: u64,
    },
    /// A whole training from the first weights.
    Fit {
        /// Times that each row is seen.
        epochs: usize,
        /// Rows of a step. The last step of an epoch takes the remaining rows.
        batch: usize,
    },
}

/// What an output is trained to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Targets {
    /// Nothing: the network is not trained.
    None,
    /// A class for each row, stored as a float.
    Classes,
    /// Numbers for each row, as many as the output has.
    Values,
}

impl Workload {
    /// The workload of that name.
    pub fn find(name: &str) -> Option<&'static Self> {
        WORKLOADS.iter().find(|workload| workload.name == name)
    }

    /// The shape of a row of inputs.
    pub fn input(&self) -> Vec<usize> {
        self.convolutions.first().map_or_else(|| vec![self.widths[0]], |first| first.input.to_vec())
    }

    /// Multiply-adds of all convolutions and dense layers in one iteration, twice: forward, and in
    /// training the gradients of weights and inputs. The first layer's input needs none.
    pub fn flops(&self) -> u64 {
        let dense = self.widths.windows(2).map(|pair| (pair[0] * pair[1]) as u64);
        let macs: Vec<u64> = self.convolutions.iter().map(Convolution::multiply_adds).chain(dense).collect();
        let forward: u64 = macs.iter().sum();
        let per_row = 2 * match self.job {
            Job::Infer => forward,
            Job::Step { .. } | Job::Fit { .. } => 3 * forward - macs[0],
        };
        let epochs = if let Job::Fit { epochs, .. } = self.job { epochs } else { 1 };
        per_row * (self.rows * epochs) as u64
    }
}

/// Steps from one start to the next, if a start costs far less than they do.
const PERIOD: u64 = 256;

/// The convolutions of LeNet-5, for digits of MNIST.
const LENET: [Convolution; 2] = [
    Convolution { input: [1, 28, 28], channels: 6, kernel: 5, padding: 2 },
    Convolution { input: [6, 14, 14], channels: 16, kernel: 5, padding: 0 },
];

/// Everything that is measured. Weights and hyperparameters are documented beside the programs that
/// compute them: `benches/src/workloads/`.
pub const WORKLOADS: [Workload; 11] = [
    Workload {
        name: "infer_tiny_b1",
        about: "8-16-16-1, tanh, one row",
        job: Job::Infer,
        rows: 1,
        convolutions: &[],
        widths: &[8, 16, 16, 1],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::None,
        gemm_bound: false,
    },
    Workload {
        name: "infer_mlp_b1",
        about: "784-128-64-10, ReLU, softmax, one row",
        job: Job::Infer,
        rows: 1,
        convolutions: &[],
        widths: &[784, 128, 64, 10],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::None,
        gemm_bound: false,
    },
    Workload {
        name: "infer_mlp_b256",
        about: "784-512-512-10, ReLU, softmax, 256 rows",
        job: Job::Infer,
        rows: 256,
        convolutions: &[],
        widths: &[784, 512, 512, 10],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::None,
        gemm_bound: true,
    },
    Workload {
        name: "train_xor",
        about: "2-8-1, tanh, sigmoid, binary cross-entropy, Adam, 4 rows",
        job: Job::Step { period: PERIOD },
        rows: 4,
        convolutions: &[],
        widths: &[2, 8, 1],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::Values,
        gemm_bound: false,
    },
    Workload {
        name: "train_small_full",
        about: "4-32-16-4, tanh, MSE, Adam, 10 000 rows",
        job: Job::Step { period: PERIOD },
        rows: 10_000,
        convolutions: &[],
        widths: &[4, 32, 16, 4],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::Values,
        gemm_bound: false,
    },
    Workload {
        name: "train_mlp_b32",
        about: "784-128-64-10, ReLU, cross-entropy, Adam, 32 rows",
        job: Job::Step { period: PERIOD },
        rows: 32,
        convolutions: &[],
        widths: &[784, 128, 64, 10],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::Classes,
        gemm_bound: true,
    },
    Workload {
        name: "train_mlp_bn_b128",
        about: "784-256-128-10, batch norm, ReLU, dropout 0.3, L2, cross-entropy, Adam, 128 rows",
        job: Job::Step { period: PERIOD },
        rows: 128,
        convolutions: &[],
        widths: &[784, 256, 128, 10],
        batch_norm: true,
        dropout: 0.3,
        targets: Targets::Classes,
        gemm_bound: true,
    },
    Workload {
        name: "train_mlp_large_b256",
        about: "784-1024-1024-10, ReLU, cross-entropy, SGD with momentum, 256 rows",
        job: Job::Step { period: 32 },
        rows: 256,
        convolutions: &[],
        widths: &[784, 1024, 1024, 10],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::Classes,
        gemm_bound: true,
    },
    Workload {
        name: "lenet_infer_b1",
        about: "LeNet-5, one image",
        job: Job::Infer,
        rows: 1,
        convolutions: &LENET,
        widths: &[400, 120, 84, 10],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::None,
        gemm_bound: false,
    },
    Workload {
        name: "lenet_train_b32",
        about: "LeNet-5, cross-entropy, Adam, 32 images",
        job: Job::Step { period: PERIOD },
        rows: 32,
        convolutions: &LENET,
        widths: &[400, 120, 84, 10],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::Classes,
        gemm_bound: true,
    },
    Workload {
        name: "digits_epochs",
        about: "64-32-10, ReLU, cross-entropy, Adam, 50 epochs over 1,437 digits in shuffled batches of 32",
        job: Job::Fit { epochs: 50, batch: 32 },
        rows: 1437,
        convolutions: &[],
        widths: &[64, 32, 10],
        batch_norm: false,
        dropout: 0.0,
        targets: Targets::Classes,
        gemm_bound: false,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_counted_as_in_the_design() {
        let flops = |name| Workload::find(name).map(Workload::flops);
        assert_eq!(flops("infer_mlp_b256"), Some(2 * 256 * (784 * 512 + 512 * 512 + 512 * 10)));
        assert_eq!(flops("train_mlp_large_b256"), Some(512 * (2 * 784 * 1024 + 3 * 1024 * 1024 + 3 * 1024 * 10)));
        assert_eq!(flops("lenet_infer_b1"), Some(2 * 416_520));
        assert_eq!(flops("lenet_train_b32"), Some(64 * (3 * 416_520 - 117_600)));
        assert_eq!(flops("nothing"), None);
    }

    #[test]
    fn the_dense_layers_take_what_the_convolutions_make() {
        for workload in &WORKLOADS {
            for pair in workload.convolutions.windows(2) {
                assert_eq!(pair[0].pooled(), pair[1].input, "{}", workload.name);
            }
            if let Some(last) = workload.convolutions.last() {
                assert_eq!(last.pooled().iter().product::<usize>(), workload.widths[0], "{}", workload.name);
            }
        }
    }
}

//! Small networks that have every layer of the language together, and what there is besides that changes a step.

use nn_runtime::prelude::*;

network! {
    /// Every activation, every norm, and layers without weights.
    pub network Flat {
        allow(vanishing_gradient, bias_before_norm, batch_norm_momentum, relu_last);
        input x: [4];
        block unit = dense(4);
        first = x -> normalize -> rescale(0.5, offset: 0.1) -> unit -> batch_norm -> sigmoid -> unit -> layer_norm
            -> tanh -> unit -> rms_norm -> relu -> unit -> group_norm(2) -> leaky_relu(0.1) -> unit -> elu -> dropout(0.25);
        second = first -> unit -> selu -> unit -> gelu -> unit -> gelu(approximate: tanh) -> unit -> silu -> unit
            -> softplus -> unit -> hard_sigmoid -> unit -> hard_tanh -> unit -> linear -> dropout(0.5) -> prelu
            -> unit -> relu(max: 0.5) -> unit -> hard_swish -> unit -> mish;
        third = second -> unit -> prelu(shared: true) -> unit -> softmax -> unit -> log_softmax;
        both = multiply(third, second);
        output y = add(both, first) -> dense(3, l1: 0.001, l2: 0.01) -> tanh;
        train { loss: mse; optimizer: adam(lr: 0.01); batch: 9; seed: 3; }
    }
}

network! {
    /// Images and sequences.
    pub network Image {
        allow(bias_before_norm);
        input x: [2, 6, 6];
        seen = x -> conv2d(4, kernel: 3, padding: 1) -> batch_norm -> relu -> max_pool2d(2) -> conv2d(4, kernel: 2, groups: 2)
            -> prelu -> avg_pool2d(2, stride: 1, padding: 1) -> group_norm(2);
        line = seen -> reshape([4, 9]) -> conv1d(4, kernel: 2) -> max_pool1d(2) -> avg_pool1d(2, stride: 1) -> layer_norm;
        one = line -> global_avg_pool;
        other = seen -> global_max_pool;
        flat = seen -> flatten -> dense(3) -> silu;
        output y = concat(one, other, flat) -> dense(2);
        train { loss: huber(delta: 0.3); optimizer: rmsprop(lr: 0.001); batch: 5; regularizer: l2(0.01); }
    }
}

network! {
    /// Tokens.
    pub network Text {
        input x: [5];
        output y = x -> embedding(7, 4) -> conv1d(3, kernel: 2) -> dropout(0.2) -> tanh -> flatten -> dense(2);
        train { loss: mae; optimizer: sgd(lr: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01); batch: 4; }
    }
}

network! {
    /// Two inputs and two outputs, with everything that changes a gradient on its way.
    pub network Pair {
        input a: [3];
        input b: [2, 2];
        flat = b -> flatten;
        trunk = concat(a, flat) -> dense(5, l2: 0.01) -> dropout(0.3) -> tanh;
        output y = trunk -> dropout(0.5) -> dense(2);
        output z = trunk -> dropout(0.5) -> dense(3, l1: 0.01);
        train {
            loss: mse(z) + mse(y); optimizer: adamw(lr: 0.01); batch: 6; accumulate: 2; clip_norm: 0.2;
            schedule: exponential(rate: 0.5);
        }
    }
}

network! {
    /// Frozen layers, one of them with running statistics, and an output without a loss.
    pub network Half {
        input x: [4];
        freeze trunk;
        trunk = x -> dense(6, bias: false) -> batch_norm -> relu -> dense(5) -> layer_norm;
        output y = trunk -> dense(3) -> prelu;
        output other = trunk -> dense(2, l2: 0.1) -> tanh;
        train { loss: squared_error(y); optimizer: adagrad(lr: 0.05); batch: 8; }
    }
}

network! {
    /// Batches of several chunks, and layers whose work threads share.
    pub network Tall {
        input x: [150];
        output y = x -> dense(300) -> relu -> dropout(0.25) -> dense(200) -> tanh -> dense(7);
        train { loss: mse; optimizer: sgd(lr: 0.01); batch: all; clip_norm: 0.5; }
    }
}

network! {
    /// The same in a step that is fused with its update.
    pub network Wide {
        input x: [150];
        output y = x -> dense(300, bias: false) -> batch_norm -> relu -> dense(200) -> tanh -> dense(7);
        train { loss: mse; optimizer: sgd(lr: 0.01, momentum: 0.9); batch: 100; }
    }
}

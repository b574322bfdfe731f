//! Generated f32 code equals the f64 oracle, over awkward widths and batch sizes.

nn_tests::check_networks! {
    relu_and_tanh_by_nesterov Nesterov {
        input x: [7];
        output y = x -> dense(10) -> relu -> dense(17) -> tanh -> dense(3);
        train { loss: mse; optimizer: sgd(lr: 0.05, momentum: 0.9, nesterov: true); batch: 33; metrics: [mae, mse]; }
    }
    gelu_and_silu_by_sgd Curved {
        input x: [10];
        output y = x -> dense(33) -> gelu -> dense(65) -> silu -> dense(10) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.1, weight_decay: 0.01); batch: 33; metrics: [accuracy]; }
    }
    batch_norm_by_momentum Normed {
        allow(bias_before_norm);
        input x: [17];
        output y = x -> dense(33, bias: false) -> batch_norm -> relu -> dense(7) -> batch_norm(momentum: 0.3) -> tanh
            -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.05, momentum: 0.9); batch: 33; }
    }
    branches_by_adagrad Branches {
        input x: [10];
        block unit(n) = dense(n) -> softplus;
        a = x -> unit(7) -> prelu;
        b = x -> dense(7) -> elu(0.5);
        c = add(a, b) -> selu;
        d = multiply(a, c) -> dense(17) -> prelu(shared: true);
        output y = concat(a, b, d) -> dense(2) -> sigmoid;
        train { loss: binary_cross_entropy; optimizer: adagrad(lr: 0.01); batch: 33; metrics: [accuracy]; }
    }
    penalties_by_rmsprop Penalized {
        input x: [33];
        output y = x -> normalize -> rescale(0.5, offset: 0.1) -> dense(10, l1: 1e-3) -> leaky_relu(0.1)
            -> dense(7, l2: 0.01, init: normal(0.3)) -> hard_tanh -> dense(6) -> relu(max: 0.5) -> dense(5) -> hard_swish
            -> dense(6) -> mish;
        train { loss: huber(delta: 0.5); optimizer: rmsprop(lr: 0.001, eps: 1e-4); batch: 33; }
    }
    softmax_inside_by_adam Inside {
        input x: [7];
        output y = x -> dense(10) -> log_softmax -> dense(17) -> softmax -> dense(65) -> hard_sigmoid -> dense(1);
        train { loss: squared_error; optimizer: adam(lr: 0.001, eps: 1e-4); batch: 33; regularizer: l2(0.001) + l1(1e-4); }
    }
    one_output_by_adamw Single {
        input x: [65];
        output y = x -> dense(1, init: uniform(0.2)) -> gelu(approximate: tanh) -> dense(16) -> sigmoid -> dense(1);
        train { loss: 0.5 * mse; optimizer: adamw(lr: 0.001, eps: 1e-4, weight_decay: 0.1); batch: 33; }
    }
    absolute_errors_by_sgd Absolute {
        input x: [16];
        output y = x -> dense(5) -> linear;
        train { loss: mae; optimizer: sgd(lr: 0.01); batch: all; metrics: [mae]; }
    }
    inputs_and_outputs_in_tuples Several {
        input a: [7];
        input b: [3, 5];
        left = a -> dense(10) -> relu;
        right = b -> flatten -> dense(10) -> silu;
        trunk = concat(left, right, a) -> dense(17) -> tanh;
        output value = trunk -> dense(1);
        output action = trunk -> dense(5) -> softmax;
        train { loss: cross_entropy(action); optimizer: adam(lr: 0.001, eps: 1e-4); metrics: [accuracy]; batch: 33; }
    }
    dropout_over_many_rows Dropped {
        input x: [17];
        output y = x -> dense(33) -> relu -> dropout(0.3) -> dense(10) -> dropout(0.5) -> tanh -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.05, momentum: 0.9); metrics: [accuracy]; batch: all; }
    }
    class_weights_over_many_rows Weighted {
        input x: [17];
        output y = x -> dense(10) -> tanh -> dense(3) -> softmax;
        train {
            loss: cross_entropy(label_smoothing: 0.1, class_weights: [1.0, 0.0, 2.5]);
            optimizer: sgd(lr: 0.05); metrics: [accuracy]; batch: all;
        }
    }
    weighted_losses_of_two_outputs TwoWeights {
        input x: [17];
        trunk = x -> dense(10) -> tanh;
        output kind = trunk -> dense(3) -> softmax;
        output flags = trunk -> dense(2) -> sigmoid;
        output grade = trunk -> dense(5) -> softmax;
        train {
            loss: cross_entropy(kind, label_smoothing: 0.2)
                + 0.5 * binary_cross_entropy(flags, label_smoothing: 0.1, positive_weight: 4)
                + 2 * cross_entropy(grade, class_weights: [1, 2, 3, 4, 0.5]);
            optimizer: sgd(lr: 0.05, momentum: 0.9); batch: all;
        }
    }
}

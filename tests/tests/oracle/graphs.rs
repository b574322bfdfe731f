//! Generated f32 code equals the f64 oracle for several outputs with losses, frozen layers, and
//! blocks in blocks.

nn_tests::check_networks! {
    two_heads_by_their_losses Heads {
        input x: [17];
        trunk = x -> dense(33) -> relu;
        output action = trunk -> dense(7) -> softmax;
        output value = trunk -> dense(1) -> tanh;
        output unused = trunk -> dense(2, l1: 0.1) -> prelu -> layer_norm;
        train {
            loss: cross_entropy(action) + 0.5 * mse(value);
            optimizer: adamw(lr: 0.001, eps: 1e-4, weight_decay: 0.1);
            metrics: [accuracy, mae, mse(value)];
            batch: 33;
        }
    }
    targets_in_the_order_of_the_outputs Ordered {
        input a: [10];
        input b: [2, 3];
        flat = b -> normalize -> flatten;
        trunk = concat(a, flat) -> dense(16) -> silu;
        output won = trunk -> dense(3) -> sigmoid;
        output unused = trunk -> dense(2, l2: 0.1);
        output map = trunk -> dense(6) -> reshape([2, 3]);
        output action = trunk -> dense(5) -> softmax;
        train {
            loss: 2 * cross_entropy(action) + huber(map, delta: 0.5) + mse(map) + 0.1 * binary_cross_entropy(won);
            optimizer: sgd(lr: 0.05, momentum: 0.9, weight_decay: 0.1);
            metrics: [accuracy(won), accuracy(action), mse(map)];
            batch: all;
        }
    }
    two_classes_over_many_rows Classes {
        input x: [7];
        trunk = x -> dense(10) -> tanh;
        output first = trunk -> dense(3) -> softmax;
        output second = trunk -> dense(17) -> softmax;
        train {
            loss: cross_entropy(second) + cross_entropy(first);
            optimizer: rmsprop(lr: 0.001, eps: 1e-4);
            metrics: [accuracy(second), accuracy(first)];
            batch: all;
        }
    }
    frozen_layers_pass_the_gradient_on Frozen {
        allow(bias_before_norm);
        input x: [17];
        stem = x -> dense(10) -> tanh;
        freeze middle;
        middle = stem -> rescale(0.5) -> dense(7, l2: 0.1) -> batch_norm -> prelu -> dropout(0.5) -> dense(33, l1: 0.1) -> relu;
        output y = middle -> dense(3) -> softmax;
        output z = stem -> batch_norm -> dense(2);
        train {
            loss: cross_entropy(y) + mse(z);
            optimizer: adamw(lr: 0.001, eps: 1e-4, weight_decay: 0.1);
            metrics: [accuracy];
            batch: 33;
        }
    }
    frozen_layers_at_the_start Transfer {
        input x: [16];
        block unit(n) = dense(n, bias: false) -> batch_norm(momentum: 0.5) -> prelu(shared: true);
        trunk = x -> normalize -> unit(33) * 2 -> dropout(0.3);
        output y = trunk -> dense(5) -> tanh -> dense(1);
        train { loss: huber; optimizer: rmsprop(lr: 0.001, eps: 1e-4); metrics: [mse]; regularizer: l2(0.01); batch: all; }
        freeze trunk;
    }
    a_frozen_head Head {
        input x: [7];
        trunk = x -> dense(10) -> silu;
        output first = trunk -> dense(3);
        output second = trunk -> dense(2) -> sigmoid;
        train {
            loss: mse(first) + binary_cross_entropy(second);
            optimizer: adagrad(lr: 0.01);
            batch: all;
        }
        freeze first;
        freeze trunk;
    }
    images_joined_along_their_channels Joined {
        input a: [2, 3, 5];
        input b: [1, 3, 5];
        input scale: [3, 3, 5];
        block residual { inner = in -> tanh -> rescale(0.5); out = add(in, inner); }
        both = concat(a, b) -> residual * 2;
        scaled = multiply(both, scale);
        output image = add(both, scaled, scale) -> conv2d(2, kernel: 3, padding: 1) -> tanh;
        joined = concat(image, both);
        output y = joined -> flatten -> dense(4) -> softmax;
        train {
            loss: mse(image) + cross_entropy(y);
            optimizer: adam(lr: 0.001, eps: 1e-4);
            metrics: [accuracy, mae];
            batch: 33;
        }
    }
    blocks_in_blocks Nested {
        input x: [10];
        block unit(n) { wide = in -> dense(2 * n) -> silu; out = wide -> dense(n) -> tanh; }
        block residual(n) { inner = in -> unit(n) -> unit(n); out = add(in, inner); }
        block stage(n) { deep = in -> residual(n) * 2; gate = in -> dense(n) -> sigmoid; out = multiply(deep, gate); }
        output y = x -> dense(7) -> stage(7) * 2 -> dense(3);
        train { loss: mse; optimizer: sgd(lr: 0.05, momentum: 0.9); batch: 33; }
    }
}

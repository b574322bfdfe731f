//! Small specs that together have every construct of the language.

/// Every construct, in realistic specs.
pub const ALL: &[&str] = &[
    r#"
network Chain {
    const width = 2 * (3 + 1) - 4 / 2;
    input x: [4];
    hidden = x -> normalize -> dense(width, init: he_normal, bias: true) -> leaky_relu(0.01);
    output y = hidden -> dropout(0.2) -> dense(1);
    train {
        loss: mse;
        optimizer: sgd(lr: 0.01, momentum: 0.9, nesterov: true);
        batch: 16;
        epochs: 30;
    }
    data { csv: "a.csv"; target: price; columns: [size, rooms, "year built", age]; validation: 0.2; }
    assert params <= 1_000;
    expect mse < 0.5;
}
"#,
    r#"
network Blocks {
    input x: [8];
    input z: [8];
    block unit(n) = dense(n, bias: false) -> batch_norm -> relu;
    block residual(n) {
        inner = in -> unit(n) -> dense(n);
        out = add(in, inner) -> relu;
    }
    trunk = x -> residual(8) * 2;
    head = z -> unit(8);
    both = concat(trunk, head);
    output action = both -> dense(3) -> softmax;
    output value = multiply(trunk, head) -> dense(1) -> tanh;
    train {
        loss: cross_entropy(action) + 0.5 * mse(value);
        optimizer: adam;
        metrics: [accuracy, mae];
        schedule: cosine(warmup: 10);
        early_stopping(monitor: val_loss, patience: 8);
        clip_norm: 1.0;
        accumulate: 2;
        regularizer: l2(1e-4);
        seed: 7;
    }
    data { npz: "a.npz"; inputs: x; target: y; validation: 0.1; }
    freeze head;
    assert memory(train) <= 65_536;
    expect accuracy(action) >= 0.9;
}
"#,
    r#"
network Image {
    input image: [1, 8, 8];
    output digit = image -> rescale(1.0 / 255) -> conv2d(4, kernel: [3, 3], padding: same) -> relu
        -> max_pool2d(2, stride: 2) -> flatten -> dense(10) -> softmax;
    train { loss: cross_entropy(label_smoothing: 0.1); optimizer: adamw(lr: 1e-3, weight_decay: 0.01); batch: 32; }
    data { images: "digits"; resize: true; augment: [shift(2), flip, noise(0.1)]; validation: 0.2; }
}
"#,
    r#"
network Gate {
    input a: [1];
    input b: [1];
    output y = concat(a, b) -> dense(1) -> step;
    train { rule: perceptron(lr: 0.1); epochs: 20; }
    data { [0], [0] => [0]; [1], [0] => [0]; [0], [1] => [0]; [1], [1] => [1]; }
    expect accuracy == 1.0;
}
"#,
    r#"
network Tokens {
    input words: [6];
    output class = words -> embedding(20, width: 4) -> conv1d(4, kernel: 3) -> relu -> global_max_pool
        -> dense(2) -> softmax;
    train { loss: cross_entropy; optimizer: rmsprop(lr: 1e-3); batch: 8; }
    data { csv: "words.csv"; target: label; validation: "more.csv"; missing: drop; }
    allow(high_dropout, linear_stack);
}
"#,
];

//! Generated f32 code equals the f64 oracle on images and sequences of awkward sizes.

nn_tests::check_networks! {
    pools_as_in_lenet Halved {
        input image: [3, 12, 12];
        output y = image -> normalize -> max_pool2d(2) -> tanh -> avg_pool2d(2) -> flatten -> dense(5) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.1); batch: 33; }
    }
    windows_that_overlap_and_leave_gaps Overlapping {
        input image: [2, 9, 11];
        a = image -> max_pool2d(3, stride: 2, padding: 1) -> flatten;
        b = image -> avg_pool2d([3, 2], stride: 1, padding: [1, 0]) -> max_pool2d([1, 4], stride: 3) -> flatten;
        c = image -> avg_pool2d(3, padding: same) -> flatten;
        output y = concat(a, b, c) -> dense(3);
        train { loss: mse; optimizer: sgd(lr: 0.05, momentum: 0.9); batch: 33; }
    }
    pools_of_everything Global {
        input image: [17, 5, 5];
        input series: [17, 33];
        a = image -> global_avg_pool;
        b = image -> relu -> global_max_pool;
        c = series -> global_avg_pool;
        d = series -> global_max_pool;
        output y = concat(a, b, c, d) -> dense(4) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.1); batch: 33; }
    }
    pools_over_sequences Series {
        input series: [3, 41];
        a = series -> max_pool1d(2) -> flatten;
        b = series -> avg_pool1d(3, stride: 2, padding: 1) -> max_pool1d(20) -> flatten;
        c = series -> max_pool1d(41) -> avg_pool1d(1) -> flatten;
        output y = concat(a, b, c) -> dense(2);
        train { loss: mse; optimizer: sgd(lr: 0.05); batch: 33; }
    }
    channels_that_are_normed_and_bent Channels {
        input image: [3, 5, 7];
        input series: [17, 4];
        a = image -> batch_norm -> prelu -> max_pool2d(2) -> batch_norm(momentum: 0.3, eps: 0.01) -> flatten;
        b = series -> prelu(init: 0.1) -> batch_norm -> tanh -> global_avg_pool;
        output y = concat(a, b) -> dense(4) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.05, momentum: 0.9); batch: 33; }
    }
    norms_of_rows Rows {
        input image: [3, 5, 7];
        a = image -> layer_norm -> relu -> max_pool2d(2) -> layer_norm(eps: 0.01) -> flatten;
        output y = a -> dense(20) -> layer_norm -> tanh -> dense(4) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.001, eps: 1e-4); batch: 33; }
    }
    tokens_in_sequence Tokens {
        input words: [9];
        input numbers: [3];
        a = words -> embedding(7, 5) -> conv1d(4, kernel: 3) -> relu -> global_max_pool;
        b = words -> embedding(7, 17, init: uniform(0.5)) -> flatten -> dense(3);
        output y = concat(a, b, numbers) -> dense(4) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.001, eps: 1e-4); batch: 33; }
    }
    images_of_one_pixel Pixels {
        input image: [3, 1, 1];
        a = image -> max_pool2d(1) -> flatten;
        b = image -> avg_pool2d(3, stride: 2, padding: 1) -> flatten;
        c = image -> batch_norm -> prelu -> flatten;
        output y = concat(a, b, c) -> dense(2);
        train { loss: mse; optimizer: sgd(lr: 0.05); batch: 33; }
    }
    lenet Lenet {
        input image: [1, 12, 12];
        output y = image
            -> conv2d(6, kernel: 5, padding: 2) -> relu -> max_pool2d(2)
            -> conv2d(16, kernel: 3) -> relu -> max_pool2d(2)
            -> flatten -> dense(12) -> relu -> dense(4) -> softmax;
        train { loss: cross_entropy; optimizer: sgd(lr: 0.05); batch: 33; metrics: [accuracy]; }
    }
    strides_dilations_and_groups Strided {
        input image: [6, 9, 8];
        a = image -> conv2d(17, kernel: 3, stride: 2, padding: 1) -> tanh -> conv2d(3, kernel: [2, 1]) -> flatten;
        b = image -> conv2d(12, kernel: 3, padding: 1, groups: 6, bias: false) -> silu
            -> conv2d(4, kernel: 1, groups: 2) -> sigmoid -> conv2d(2, kernel: 2, stride: 3) -> flatten;
        c = image -> conv2d(5, kernel: [3, 2], dilation: [1, 3], padding: same, l2: 0.01) -> relu
            -> conv2d(33, kernel: 3, stride: [2, 1]) -> global_avg_pool;
        output y = concat(a, b, c) -> dense(3) -> softmax;
        train { loss: cross_entropy; optimizer: adam(lr: 0.001, eps: 1e-4); batch: 33; }
    }
    kernels_of_one_and_of_everything Extremes {
        input image: [3, 4, 5];
        a = image -> conv2d(17, kernel: 1) -> relu -> conv2d(2, kernel: [4, 5]) -> flatten;
        b = image -> conv2d(1, kernel: [4, 5]) -> tanh -> conv2d(3, kernel: 1) -> tanh -> conv2d(2, kernel: 3, padding: 1)
            -> flatten;
        output y = concat(a, b) -> dense(2);
        train { loss: mse; optimizer: sgd(lr: 0.02, momentum: 0.9); batch: 33; regularizer: l2(0.001); }
    }
    convolutions_of_sequences Sequences {
        input series: [2, 40];
        output y = series -> conv1d(8, kernel: 5, padding: same) -> relu -> max_pool1d(2)
            -> conv1d(17, kernel: 3, stride: 2, dilation: 2) -> tanh -> global_max_pool -> dense(1);
        train { loss: mse; optimizer: rmsprop(lr: 0.001, eps: 1e-4); batch: 33; }
    }
    the_widest_window_that_is_allowed Widest {
        input series: [1, 16400];
        output y = series -> conv1d(1, kernel: 16337, init: uniform(0.01)) -> tanh -> global_avg_pool;
        train { loss: mse; optimizer: sgd(lr: 0.01); batch: 33; }
    }
}

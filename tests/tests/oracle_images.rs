//! Generated f32 code equals the f64 oracle on images and sequences of awkward sizes.

nn_tests::check_networks! {
    pools_as_in_lenet Halved {
        input image: [3, 12, 12];
        output y = image -> max_pool2d(2) -> tanh -> avg_pool2d(2) -> flatten -> dense(5) -> softmax;
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
    images_of_one_pixel Pixels {
        input image: [3, 1, 1];
        a = image -> max_pool2d(1) -> flatten;
        b = image -> avg_pool2d(3, stride: 2, padding: 1) -> flatten;
        output y = concat(a, b) -> dense(2);
        train { loss: mse; optimizer: sgd(lr: 0.05); batch: 33; }
    }
}

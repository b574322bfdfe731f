//! Golden numbers: convolutions, pools and batch norm of images, trained by three optimizers.

use nn_tests::golden;

golden!(conv_stride2, [2, 6, 6],
    (conv2d(3, kernel: 3, stride: 2, padding: 1) -> relu -> flatten -> dense(3) -> softmax),
    (cross_entropy), { batch: all; },
    sgd: (sgd(lr: 0.1)),
    sgd_momentum: (sgd(lr: 0.05, momentum: 0.9)),
    adam: (adam(lr: 0.01, beta1: 0.9, beta2: 0.999, eps: 1e-8)));

//! Golden numbers: an embedding, some of whose tokens never occur.

nn_tests::golden!(embedding, [4], (embedding(6, 3) -> flatten -> dense(4) -> tanh -> dense(2)), (mse), { batch: all; }, adagrad, ALL);

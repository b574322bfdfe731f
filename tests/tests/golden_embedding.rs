//! Golden numbers: an embedding, some of whose tokens never occur.

use nn_tests::golden;

golden!(embedding, [4], (embedding(6, 3) -> flatten -> dense(4) -> tanh -> dense(2)), (mse), { batch: all; }, all);

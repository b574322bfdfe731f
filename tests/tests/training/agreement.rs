//! What the compiler and the runtime both know, and must know alike.

use nn_compiler::{agreement as compiler, batching};
use nn_runtime::agreement as runtime;
use nn_runtime::prelude::*;

#[test]
fn numbers_of_both_are_equal() {
    assert_eq!([compiler::LINE; 2], [runtime::LINE, runtime::MEMORY_LINE]);
    assert_eq!(compiler::UNPACKED_WEIGHTS, runtime::UNPACKED_WEIGHTS);
    assert_eq!(compiler::UNPACKED_UNITS, runtime::UNPACKED_UNITS);
    assert_eq!(compiler::UNCUT_ROWS, runtime::UNCUT_ROWS);
    assert_eq!(compiler::SHARED_MULTIPLY_ADDS, runtime::SHARED_MULTIPLY_ADDS);
    assert_eq!(compiler::BAND, runtime::BAND);
    assert_eq!(compiler::CONV_BANDS, runtime::CONV_BANDS);
    assert_eq!(compiler::CONV_STAGES, runtime::CONV_STAGES);
    assert_eq!(compiler::PACKING_STACK, runtime::PACKING_STACK);
    assert_eq!(compiler::TRANSPOSED_STEPS, runtime::TRANSPOSED_STEPS);
    assert_eq!(compiler::WEIGHTED_TERMS, runtime::WEIGHTED_TERMS);
    assert_eq!(compiler::TUPLE_VALUES, runtime::TUPLE_VALUES);
}

network! {
    network Normed {
        input x: [2];
        output y = x -> dense(3, bias: false) -> batch_norm -> relu -> dense(1);
        train { loss: mse; optimizer: sgd(lr: 0.1); batch: 4; }
    }
}

network! {
    network Plain {
        input x: [2];
        output y = x -> dense(3) -> relu -> dense(1);
        train { loss: mse; optimizer: sgd(lr: 0.1); batch: 4; }
    }
}

#[test]
fn both_leave_the_same_rows_out_of_an_epoch() {
    same_rows::<Normed>();
    same_rows::<Plain>();
    assert_eq!(Normed::rows_left_out(9), 1);
}

fn same_rows<N: Trainable>() {
    let compiled = nn_compiler::compile(N::SPEC).compiled.expect("its own spec compiles");
    for rows in 0..20 {
        let expected = batching::rows_left_out(&compiled.model, &compiled.shapes, rows);
        assert_eq!(N::rows_left_out(rows), expected, "{} of {rows} rows", N::NAME);
    }
}

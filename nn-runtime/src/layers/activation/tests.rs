//! The activations against numbers of a reference, and their derivatives against slopes.

use super::*;
use crate::isa::run_on;
use crate::layers::testing::{Numbers, paths};

const X: [f32; 19] = [
    -1000.0, -100.0, -20.0, -5.0, -3.0, -2.0, -1.0, -0.5, -0.125, 0.0, 0.125, 0.5, 1.0, 2.0, 3.0, 5.0, 20.0, 100.0,
    1000.0,
];

/// Values and derivatives at [`X`] against PyTorch's, from −20 to 20; beyond, against the
/// limits.
fn assert_golden<A: Activation>(activation: A, saves_input: bool, y: [f32; 15], slope: [f32; 15]) {
    for path in paths() {
        let mut value = [[f32::NAN; 19]];
        run_on(path, Forward { activation, x: &[X], y: &mut value });
        let mut derivative = [[f32::NAN; 19]];
        let saved = if saves_input { [X] } else { value };
        run_on(path, Backward { activation, saved: &saved, dy: &[[1.0; 19]], dx: &mut derivative });
        for i in 0..15 {
            for (found, expected) in [(value[0][i + 2], y[i]), (derivative[0][i + 2], slope[i])] {
                let tolerance = 3e-6 * (1.0 + expected.abs());
                assert!((found - expected).abs() <= tolerance, "{path:?} at {}: {found}, not {expected}", X[i + 2]);
            }
        }
        assert!(value[0].iter().chain(&derivative[0]).all(|value| value.is_finite()), "{path:?}");
    }
}

#[test]
#[rustfmt::skip]
fn sigmoid() {
    assert_golden(Sigmoid, false,
        [2.0611537e-09, 0.006692851, 0.047425874, 0.11920292, 0.26894143, 0.37754068, 0.46879062, 0.5, 0.5312094, 0.62245935, 0.7310586, 0.880797, 0.95257413, 0.9933072, 1.0],
        [2.0611537e-09, 0.0066480567, 0.04517666, 0.10499358, 0.19661194, 0.23500371, 0.24902596, 0.25, 0.24902597, 0.23500371, 0.19661193, 0.10499363, 0.045176655, 0.006648033, 0.0]);
}

#[test]
#[rustfmt::skip]
fn tanh() {
    assert_golden(Tanh, false,
        [-1.0, -0.9999092, -0.9950548, -0.9640276, -0.7615942, -0.46211717, -0.124353, 0.0, 0.124353, 0.46211717, 0.7615942, 0.9640276, 0.9950548, 0.9999092, 1.0],
        [0.0, 0.00018154751, 0.0098659815, 0.070650816, 0.4199743, 0.7864477, 0.98453635, 1.0, 0.98453635, 0.7864477, 0.4199743, 0.070650816, 0.0098659815, 0.00018154751, 0.0]);
}

#[test]
#[rustfmt::skip]
fn relu() {
    assert_golden(Relu, false,
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.125, 0.5, 1.0, 2.0, 3.0, 5.0, 20.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
}

#[test]
#[rustfmt::skip]
fn leaky_relu() {
    assert_golden(LeakyRelu { slope: 0.01 }, false,
        [-0.19999999, -0.049999997, -0.03, -0.02, -0.01, -0.005, -0.00125, 0.0, 0.125, 0.5, 1.0, 2.0, 3.0, 5.0, 20.0],
        [0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
}

#[test]
#[rustfmt::skip]
fn elu() {
    assert_golden(Elu { alpha: 1.0 }, false,
        [-1.0, -0.99326205, -0.95021296, -0.86466473, -0.63212055, -0.39346933, -0.1175031, 0.0, 0.125, 0.5, 1.0, 2.0, 3.0, 5.0, 20.0],
        [2.0611537e-09, 0.006737947, 0.049787067, 0.13533528, 0.36787945, 0.60653067, 0.8824969, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
}

#[test]
#[rustfmt::skip]
fn selu() {
    assert_golden(Selu, false,
        [-1.7580993, -1.7462534, -1.6705687, -1.5201665, -1.1113307, -0.69175816, -0.20658211, 0.0, 0.13133763, 0.5253505, 1.050701, 2.101402, 3.152103, 5.253505, 21.01402],
        [3.6237129e-09, 0.01184598, 0.087530605, 0.23793286, 0.6467686, 1.0663412, 1.5515171, 1.7580993, 1.050701, 1.050701, 1.050701, 1.050701, 1.050701, 1.050701, 1.050701]);
}

#[test]
#[rustfmt::skip]
fn softplus() {
    assert_golden(Softplus, false,
        [2.0611537e-09, 0.0067153485, 0.048587352, 0.126928, 0.3132617, 0.474077, 0.63259906, 0.6931472, 0.757599, 0.974077, 1.3132616, 2.126928, 3.0485873, 5.0067153, 20.0],
        [2.0611537e-09, 0.006692851, 0.047425874, 0.11920292, 0.26894143, 0.37754068, 0.46879065, 0.5, 0.53120935, 0.62245935, 0.7310586, 0.8807971, 0.95257413, 0.9933072, 1.0]);
}

#[test]
#[rustfmt::skip]
fn gelu() {
    assert_golden(Gelu, true,
        [-0.0, -1.1920929e-06, -0.004050225, -0.04550028, -0.15865526, -0.15426877, -0.05628272, 0.0, 0.06871728, 0.34573123, 0.8413447, 1.9544997, 2.9959497, 4.999999, 20.0],
        [0.0, -7.122755e-06, -0.011945605, -0.08523187, -0.08331543, 0.13250491, 0.40078205, 0.5, 0.59921795, 0.86749506, 1.0833154, 1.0852319, 1.0119456, 1.0000072, 1.0]);
}

#[test]
#[rustfmt::skip]
fn gelu_tanh() {
    assert_golden(GeluTanh, true,
        [-0.0, -2.9802322e-07, -0.003637433, -0.04540229, -0.158808, -0.154286, -0.0562828, 0.0, 0.0687172, 0.345714, 0.841192, 1.9545977, 2.9963627, 4.9999995, 20.0],
        [0.0, -2.0108757e-06, -0.011584297, -0.08609922, -0.08296409, 0.13263011, 0.40078458, 0.5, 0.5992154, 0.8673699, 1.0829641, 1.0860993, 1.0115843, 1.000002, 1.0]);
}

#[test]
#[rustfmt::skip]
fn silu() {
    assert_golden(Silu, true,
        [-4.1223075e-08, -0.033464253, -0.14227761, -0.23840584, -0.26894143, -0.18877034, -0.058598828, 0.0, 0.066401176, 0.31122968, 0.7310586, 1.761594, 2.8577225, 4.9665356, 20.0],
        [-3.916192e-08, -0.026547434, -0.08810411, -0.09078425, 0.072329484, 0.26003882, 0.43766236, 0.5, 0.5623377, 0.7399612, 0.92767054, 1.0907843, 1.0881041, 1.0265474, 1.0]);
}

#[test]
#[rustfmt::skip]
fn mish() {
    assert_golden(Mish, true,
        [-4.1223075e-08, -0.033576235, -0.14564747, -0.25250146, -0.30340144, -0.22074376, -0.069979906, 0.0, 0.07995757, 0.37524524, 0.86509836, 1.943959, 2.986535, 4.9995522, 20.0],
        [-3.916192e-08, -0.026747495, -0.093393125, -0.108355105, 0.05921673, 0.28951064, 0.5196065, 0.6, 0.6788926, 0.8864244, 1.0490363, 1.0693179, 1.021107, 1.0008003, 1.0]);
}

#[test]
#[rustfmt::skip]
fn hard_swish() {
    assert_golden(HardSwish, true,
        [0.0, 0.0, 0.0, -0.33333334, -0.33333334, -0.20833333, -0.059895832, 0.0, 0.065104164, 0.29166666, 0.6666667, 1.6666666, 3.0, 5.0, 20.0],
        [0.0, 0.0, 0.0, -0.16666669, 0.16666666, 0.3333333, 0.45833334, 0.5, 0.5416667, 0.6666667, 0.8333334, 1.1666667, 1.0, 1.0, 1.0]);
}

#[test]
#[rustfmt::skip]
fn relu6() {
    assert_golden(BoundedRelu { max: 6.0 }, false,
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.125, 0.5, 1.0, 2.0, 3.0, 5.0, 6.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0]);
}

#[test]
fn hard_functions() {
    for path in paths() {
        let x = [[-4.0, -3.0, -1.0, 0.0, 1.0, 3.0, 4.0]];
        let (mut y, mut dx) = ([[0.0; 7]], [[0.0; 7]]);
        run_on(path, Forward { activation: HardTanh, x: &x, y: &mut y });
        run_on(path, Backward { activation: HardTanh, saved: &y, dy: &[[2.0; 7]], dx: &mut dx });
        assert_eq!((y, dx), ([[-1.0, -1.0, -1.0, 0.0, 1.0, 1.0, 1.0]], [[0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0]]));
        run_on(path, Forward { activation: HardSigmoid, x: &x, y: &mut y });
        run_on(path, Backward { activation: HardSigmoid, saved: &y, dy: &[[6.0; 7]], dx: &mut dx });
        assert_eq!((y[0][1], y[0][3], y[0][5]), (0.0, 0.5, 1.0));
        assert_eq!(dx, [[0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]]);
        run_on(path, Forward { activation: Step, x: &x, y: &mut y });
        run_on(path, Backward { activation: Step, saved: &y, dy: &[[1.0; 7]], dx: &mut dx });
        assert_eq!((y, dx), ([[0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0]], [[0.0; 7]]));
    }
}

/// The derivative against central differences, and every number against itself in another place
/// of the batch.
fn assert_slope<A: Activation>(activation: A, saves_input: bool) {
    let step = 1.0 / 256.0;
    let x: Vec<[f32; 33]> =
        Numbers::new(3).rows(7).iter().map(|row: &[f32; 33]| row.map(|x| x + 0.02f32.copysign(x))).collect();
    for path in paths() {
        let value = |x: &[[f32; 33]]| {
            let mut y = x.to_vec();
            run_on(path, Forward { activation, x, y: &mut y });
            y
        };
        let y = value(&x);
        let above = value(&x.iter().map(|row| row.map(|x| x + step)).collect::<Vec<_>>());
        let below = value(&x.iter().map(|row| row.map(|x| x - step)).collect::<Vec<_>>());
        let mut dx = x.clone();
        let saved = if saves_input { &x } else { &y };
        run_on(path, Backward { activation, saved, dy: &[[0.5; 33]; 7], dx: &mut dx });
        for (row, dx) in dx.iter().enumerate() {
            for (n, dx) in dx.iter().enumerate() {
                let slope = 0.5 * (above[row][n] - below[row][n]) / (2.0 * step);
                assert!((dx - slope).abs() <= 1e-4, "{path:?}: {dx}, but the slope is {slope} at {}", x[row][n]);
            }
            assert_eq!(value(&x[row..=row]), y[row..=row], "{path:?}: a row alone");
        }
    }
}

#[test]
fn derivatives_are_the_slopes_of_the_values() {
    assert_slope(Linear, false);
    assert_slope(Sigmoid, false);
    assert_slope(Tanh, false);
    assert_slope(Relu, false);
    assert_slope(LeakyRelu { slope: 0.125 }, false);
    assert_slope(Elu { alpha: 0.75 }, false);
    assert_slope(Selu, false);
    assert_slope(Softplus, false);
    assert_slope(HardSigmoid, false);
    assert_slope(Gelu, true);
    assert_slope(GeluTanh, true);
    assert_slope(Silu, true);
    assert_slope(Mish, true);
}

#[test]
fn nan_is_not_hidden() {
    fn is_nan(activation: impl Activation) -> bool {
        paths().all(|path| {
            let mut y = [[0.0; 3]];
            run_on(path, Forward { activation, x: &[[f32::NAN; 3]], y: &mut y });
            y[0].iter().all(|y| y.is_nan())
        })
    }
    assert!(is_nan(Sigmoid) && is_nan(Tanh) && is_nan(Relu) && is_nan(LeakyRelu { slope: 0.1 }));
    assert!(is_nan(Elu { alpha: 1.0 }) && is_nan(Selu) && is_nan(Gelu) && is_nan(GeluTanh) && is_nan(Silu));
    assert!(is_nan(Softplus) && is_nan(HardSigmoid) && is_nan(HardTanh) && is_nan(Step));
    assert!(is_nan(BoundedRelu { max: 6.0 }) && is_nan(HardSwish) && is_nan(Mish));
}

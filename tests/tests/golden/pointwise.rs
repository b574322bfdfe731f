//! Golden numbers: activations, softmax and losses at awkward points, extreme ones included.
//!
//! Values come from networks, derivatives from the kernels that training calls.

use nn_runtime::generated::isa;
use nn_runtime::generated::layers::activation::{
    self, Activation, Elu, Gelu, GeluTanh, LeakyRelu, Relu, Selu, Sigmoid, Silu, Softplus, Tanh,
};
use nn_runtime::generated::layers::{log_softmax, prelu, softmax};
use nn_runtime::generated::losses::{BinaryCrossEntropy, CrossEntropy, Huber, MeanAbsoluteError, MeanSquaredError};
use nn_runtime::prelude::*;
use nn_tests::golden::{Golden, ONE, Precision, assert_close};
use nn_tests::rows::Numbers;

/// The points of `activations`.
const POINTS: usize = 19;

fn points() -> [f32; POINTS] {
    Numbers::from_numbers(&Golden::open("activations", Precision::Single).get("x").numbers())
}

/// Defines a network of one activation, and the test of its values and of the derivatives that
/// `$derivative` gives for points and values.
macro_rules! activations {
    ($($file:ident: ($($layer:tt)+), $derivative:expr;)+) => {$(
        mod $file {
            use super::*;

            network! {
                network Pointwise {
                    input x: [19];
                    output y = x -> $($layer)+;
                }
            }

            #[test]
            fn golden() {
                let expected = Golden::open("activations", Precision::Single).get(stringify!($file));
                let x = points();
                let y = Pointwise::init(0).predict(&x);
                expected.get("y").assert_close(&y.numbers(), ONE);
                let derivative: fn([f32; POINTS], [f32; POINTS]) -> [f32; POINTS] = $derivative;
                expected.get("dy").assert_close(&derivative(x, y).numbers(), ONE);
            }
        }
    )+};
}

/// f′, from what the forward pass saves.
fn slope(activation: impl Activation, saved: [f32; POINTS]) -> [f32; POINTS] {
    let mut dx = [[0.0; POINTS]];
    isa::run(activation::Backward { activation, saved: &[saved], dy: &[[1.0; POINTS]], dx: &mut dx });
    dx[0]
}

fn slope_of_prelu(x: [f32; POINTS]) -> [f32; POINTS] {
    let (mut dx, mut dslope) = ([[0.0; POINTS]], [0.0]);
    isa::run(prelu::Backward { x: &[x], slope: &[0.25], dy: &[[1.0; POINTS]], dslope: &mut dslope, dx: &mut dx });
    dx[0]
}

activations! {
    sigmoid: (sigmoid), |_, y| slope(Sigmoid, y);
    tanh: (tanh), |_, y| slope(Tanh, y);
    relu: (relu), |_, y| slope(Relu, y);
    leaky_relu_001: (leaky_relu(0.01)), |_, y| slope(LeakyRelu { slope: 0.01 }, y);
    prelu_025: (prelu(init: 0.25)), |x, _| slope_of_prelu(x);
    elu_1: (elu(1.0)), |_, y| slope(Elu { alpha: 1.0 }, y);
    gelu_erf: (gelu), |x, _| slope(Gelu, x);
    gelu_tanh: (gelu(approximate: tanh)), |x, _| slope(GeluTanh, x);
    silu: (silu), |x, _| slope(Silu, x);
    softplus: (softplus), |_, y| slope(Softplus, y);
    selu: (selu), |_, y| slope(Selu, y);
}

#[test]
fn golden_activations_are_all_here() {
    let file = Golden::open("activations", Precision::Single);
    let functions = file.keys().into_iter().filter(|key| file.get(key).find("dy").is_some());
    assert_eq!(functions.count(), 11);
}

network! {
    network Softmax3 {
        input z: [3];
        output p = z -> softmax;
        output log_p = z -> log_softmax;
    }
}

network! {
    network Softmax4 {
        input z: [4];
        output p = z -> softmax;
        output log_p = z -> log_softmax;
    }
}

/// Softmax and its logarithm of `z`, and the gradients by `z` where `c` comes back.
fn check_softmax<N, const W: usize>(case: &Golden)
where
    N: Network<Input = [f32; W], Output = ([f32; W], [f32; W])>,
{
    let (p, log_p) = N::init(0).predict(&Numbers::from_numbers(&case.get("z").numbers()));
    case.get("softmax").assert_close(&p.numbers(), ONE);
    case.get("log_softmax").assert_close(&log_p.numbers(), ONE);

    let c: [f32; W] = Numbers::from_numbers(&case.get("c").numbers());
    let mut dz = [[0.0; W]];
    isa::run(softmax::Backward { y: &[p], dy: &[c], dx: &mut dz });
    case.get("vjp").assert_close(&dz[0].numbers(), ONE);

    // Of c·log softmax(z): c − softmax(z)·Σc.
    isa::run(log_softmax::Backward { y: &[log_p], dy: &[c], dx: &mut dz });
    let sum: f64 = c.numbers().iter().sum();
    let expected: Vec<f64> = case.get("softmax").numbers().iter().zip(c.numbers()).map(|(p, c)| c - p * sum).collect();
    assert_close("the gradient of log_softmax", &dz[0].numbers(), &expected, ONE);
}

#[test]
fn golden_softmax() {
    for case in Golden::open("softmax", Precision::Single).get("cases").items() {
        match case.get("z").shape()[..] {
            [3] => check_softmax::<Softmax3, 3>(&case),
            [4] => check_softmax::<Softmax4, 4>(&case),
            // The language refuses softmax over one unit: it is always 1.
            [1] => assert_eq!(case.get("softmax").numbers(), [1.0]),
            ref shape => panic!("a softmax over {shape:?}"),
        }
    }
}

/// The example on paper, to the digits that it is written with.
#[test]
fn golden_softmax_on_paper() {
    let (p, _) = Softmax3::init(0).predict(&[2.0, 1.0, 0.1]);
    assert_eq!(p.map(|p| format!("{p:.3}")), ["0.659", "0.242", "0.099"]);
}

/// The sum of a loss over rows, and the gradient of their mean.
fn loss<const W: usize>(name: &str, y: &[[f32; W]], targets: &Golden) -> (f64, Vec<[f32; W]>) {
    let numbers: Vec<[f32; W]> = targets.rows().iter().map(|row| Numbers::from_numbers(row)).collect();
    let (scale, targets) = (1.0 / y.len() as f32, &numbers[..]);
    let mut found = vec![[0.0; W]; y.len()];
    let gradient = Some(&mut found[..]);
    let sum = match name {
        "mse" => isa::run(MeanSquaredError { y, targets, scale, gradient }),
        "mae" => isa::run(MeanAbsoluteError { y, targets, scale, gradient }),
        "huber" => isa::run(Huber { y, targets, delta: 1.0, scale, gradient }),
        "bce_with_logits" => isa::run(BinaryCrossEntropy { logits: y, targets, scale, gradient }),
        "softmax_cross_entropy" => {
            let classes: Vec<usize> = numbers.iter().map(|row| Numbers::from_numbers(&row.numbers())).collect();
            isa::run(CrossEntropy { logits: y, targets: &classes, scale, gradient })
        }
        other => panic!("a loss named {other}"),
    };
    (sum, found)
}

fn check_loss<const W: usize>(case: &Golden) {
    let (output, target) = (case.get("output").rows(), case.get("target"));
    let expected = case.get("grad").numbers();
    if case.get("loss").text() == "bce" {
        // The language computes it from the logit z of the output y, so the gradient is that by z:
        // y·(1 − y) times as large.
        let logits = |row: &Vec<f64>| row.iter().map(|y| (y / (1.0 - y)).ln()).collect::<Vec<_>>();
        let logits: Vec<[f32; W]> = output.iter().map(|row| Numbers::from_numbers(&logits(row))).collect();
        let (sum, found) = loss("bce_with_logits", &logits, &target);
        assert_close("bce", &[sum / output.len() as f64], &[case.get("value").number()], ONE);
        let by_logit = output.iter().flatten().zip(expected).map(|(y, gradient)| gradient * y * (1.0 - y));
        let found: Vec<f64> = found.iter().flat_map(Numbers::numbers).collect();
        assert_close("bce: grad", &found, &by_logit.collect::<Vec<_>>(), ONE);
        return;
    }
    let y: Vec<[f32; W]> = output.iter().map(|row| Numbers::from_numbers(row)).collect();
    let (sum, found) = loss(case.get("loss").text(), &y, &target);
    assert_close(case.get("loss").text(), &[sum / y.len() as f64], &[case.get("value").number()], ONE);
    let found: Vec<f64> = found.iter().flat_map(Numbers::numbers).collect();
    assert_close(case.get("loss").text(), &found, &expected, ONE);
}

#[test]
fn golden_losses() {
    let mut checked = 0;
    for case in Golden::open("losses", Precision::Single).get("cases").items() {
        let saturated =
            case.get("loss").text() == "bce" && case.get("output").numbers().iter().any(|y| *y == 0.0 || *y == 1.0);
        let soft = case.get("note").text() == "soft targets";
        // From logits no output is 0 or 1, so nothing is clamped as in PyTorch; the targets of
        // `cross_entropy` are classes.
        if saturated || soft {
            continue;
        }
        match case.get("output").shape()[1] {
            1 => check_loss::<1>(&case),
            2 => check_loss::<2>(&case),
            3 => check_loss::<3>(&case),
            width => panic!("a loss over {width} outputs"),
        }
        checked += 1;
    }
    assert_eq!(checked, 8);
}

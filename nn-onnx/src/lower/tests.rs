//! Small graphs, and the specs that they become.

use super::lower;
use crate::graph::{Attribute, Graph, Operator, ValueId};
use crate::passes::{self, sample::Sample};
use crate::spec;

/// The statements of the spec, or the refusals.
fn lowered(mut graph: Graph) -> Result<String, Vec<String>> {
    passes::run(&mut graph, 1 << 16);
    let mut lowered = lower(&graph).map_err(|refusals| refusals.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    lowered.spec.name = "N".to_owned();
    let written = spec::write(&lowered.spec).unwrap_or_else(|(text, reason)| panic!("{reason}: {text}"));
    let outcome = nn_compiler::compile(&written.text);
    let tensors: Vec<_> = written.tensors.iter().map(|tensor| tensor.dims.clone()).collect();
    let compiled = outcome.compiled.unwrap_or_else(|| panic!("{}: {:?}", written.text, outcome.diagnostics));
    assert_eq!(compiled.tensors.all.iter().map(|tensor| tensor.shape.clone()).collect::<Vec<_>>(), tensors);
    let lines: Vec<&str> = written.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Ok(lines[1..lines.len() - 1].join(" "))
}

/// The spec of a graph of one node on an input of this shape.
fn of_node(row: &[usize], operator: Operator, attributes: &[(&str, Attribute)]) -> Result<String, Vec<String>> {
    let mut sample = Sample::new(row);
    let y = sample.add_with(operator, &[sample.input()], attributes);
    lowered(sample.returning(y))
}

fn ints(list: &[i64]) -> Attribute {
    Attribute::Ints(list.to_vec())
}

fn clip(low: Option<f32>, high: Option<f32>) -> String {
    let mut sample = Sample::new(&[3]);
    let bounds = [("min", low), ("max", high)];
    let bounds: Vec<_> =
        bounds.into_iter().filter_map(|(name, bound)| Some((name, Attribute::Float(bound?)))).collect();
    let y = sample.add_with(Operator::Clip, &[sample.input()], &bounds);
    lowered(sample.returning(y)).unwrap().replace("input x: [3]; ", "")
}

#[test]
fn a_clip_is_scaled() {
    assert_eq!(clip(Some(0.0), None), "output y = x -> relu;");
    assert_eq!(clip(Some(-1.0), Some(1.0)), "output y = x -> hard_tanh;");
    assert_eq!(clip(None, Some(6.0)), "output y = x -> rescale(-1, offset: 6) -> relu -> rescale(-1, offset: 6);");
    assert_eq!(clip(None, None), "output y = x -> linear;");
    assert_eq!(clip(Some(0.0), Some(6.0)), "output y = x -> relu(max: 6);");
    let scaled = "// `hard_tanh` of scaled values clamps to 1 and 7. \
                  output y = x -> rescale(0.33333334, offset: -1.3333334) -> hard_tanh -> rescale(3, offset: 4);";
    assert_eq!(clip(Some(1.0), Some(7.0)), scaled);
}

#[test]
fn pools_pad_evenly_or_as_same() {
    let pool = |pads: &[i64]| {
        let sizes = [("kernel_shape", ints(&[2, 2])), ("strides", ints(&[1, 1])), ("pads", ints(pads))];
        of_node(&[1, 4, 4], Operator::MaxPool, &sizes)
    };
    assert_eq!(
        pool(&[1, 1, 1, 1]).unwrap(),
        "input x: [1, 4, 4]; output y = x -> max_pool2d(2, stride: 1, padding: 1);"
    );
    let same = "input x: [1, 4, 4]; output y = x -> max_pool2d(2, stride: 1, padding: same);";
    assert_eq!(pool(&[0, 0, 1, 1]).unwrap(), same);
    let uneven = "`MaxPool` (MaxPool, pads): the padding [(1, 0), (1, 0)] is uneven; pad evenly";
    assert_eq!(pool(&[1, 1, 0, 0]).unwrap_err(), [uneven]);
}

#[test]
fn a_window_beyond_the_end_is_refused() {
    let pool = |length: usize| {
        let sizes = [("kernel_shape", ints(&[2])), ("strides", ints(&[2])), ("ceil_mode", Attribute::Int(1))];
        of_node(&[1, length], Operator::AveragePool, &sizes)
    };
    assert_eq!(pool(4).unwrap(), "input x: [1, 4]; output y = x -> avg_pool1d(2);");
    let refused = "`AveragePool` (AveragePool, ceil_mode): its last window reaches beyond the input; \
                   round down, or pad the input";
    assert_eq!(pool(5).unwrap_err(), [refused]);
}

/// A convolution with two output channels and a kernel of 3 after a node.
fn conv(sample: &mut Sample, input: ValueId, channels: usize, pads: &[i64]) -> ValueId {
    let weight = sample.floats(&[2, channels, 3], &vec![1.0; 6 * channels]);
    sample.add_with(Operator::Conv, &[input, weight], &[("pads", ints(pads))])
}

#[test]
fn uneven_padding_is_same_or_a_larger_kernel() {
    let padded = |pads: &[i64]| {
        let mut sample = Sample::new(&[1, 8]);
        let x = sample.input();
        let y = conv(&mut sample, x, 1, pads);
        lowered(sample.returning(y)).unwrap().replace("input x: [1, 8]; ", "")
    };
    assert_eq!(padded(&[1, 1]), "output y = x -> conv1d(2, kernel: 3, padding: 1, bias: false);");
    let comment = "// The padding is uneven in the model: zeros in the kernel make up for it. ";
    assert_eq!(padded(&[2, 0]), format!("{comment}output y = x -> conv1d(2, kernel: 5, padding: 2, bias: false);"));
}

#[test]
fn a_padding_cannot_ask_for_a_large_kernel() {
    let mut sample = Sample::new(&[1, 8]);
    let x = sample.input();
    let y = conv(&mut sample, x, 1, &[0, 4_000_000_000]);
    let refused = "`Conv` (Conv, pads): the padding [(0, 4000000000)] is uneven and much larger than the kernel; \
                   make the padding even";
    assert_eq!(lowered(sample.returning(y)).unwrap_err(), [refused]);
}

#[test]
fn sequences_with_channels_last_are_turned() {
    let mut sample = Sample::new(&[8, 4]);
    let turned = sample.add_with(Operator::Transpose, &[sample.input()], &[("perm", ints(&[0, 2, 1]))]);
    let conv = conv(&mut sample, turned, 4, &[0, 0]);
    let back = sample.add_with(Operator::Transpose, &[conv], &[("perm", ints(&[0, 2, 1]))]);
    let weight = sample.floats(&[2, 5], &[1.0; 10]);
    let dense = sample.add(Operator::MatMul, &[back, weight]);
    let y = sample.add_with(Operator::ReduceMean, &[dense], &[("axes", ints(&[1])), ("keepdims", Attribute::Int(0))]);
    let text = "// In the model, `x` is [8, 4]. input x: [4, 8]; output y = x \
                -> conv1d(2, kernel: 3, bias: false) -> conv1d(5, kernel: 1, bias: false) -> global_avg_pool;";
    assert_eq!(lowered(sample.returning(y)).unwrap(), text);
}

#[test]
fn branches_are_named_and_joined() {
    let mut sample = Sample::new(&[2, 6]);
    let x = sample.input();
    let left = conv(&mut sample, x, 2, &[1, 1]);
    let right = sample.add(Operator::Relu, &[sample.input()]);
    let sum = sample.add(Operator::Add, &[left, right]);
    let joined = sample.add_with(Operator::Concat, &[sum, sample.input()], &[("axis", Attribute::Int(1))]);
    let text = "input x: [2, 6]; branch = x -> conv1d(2, kernel: 3, padding: 1, bias: false); branch_2 = x -> relu; \
                sum = add(branch, branch_2); output y = concat(sum, x);";
    assert_eq!(lowered(sample.returning(joined)).unwrap(), text);
}

#[test]
fn tokens_are_embedded() {
    let mut sample = Sample::new(&[6]);
    let table = sample.floats(&[3, 4], &[1.0; 12]);
    let rows = sample.add(Operator::Gather, &[table, sample.input()]);
    let turned = sample.add_with(Operator::Transpose, &[rows], &[("perm", ints(&[0, 2, 1]))]);
    let y = conv(&mut sample, turned, 4, &[0, 0]);
    let text = "input x: [6]; output y = x -> embedding(3, 4) -> conv1d(2, kernel: 3, bias: false);";
    assert_eq!(lowered(sample.returning(y)).unwrap(), text);
}

#[test]
fn everything_that_cannot_be_expressed_is_listed_once() {
    let mut sample = Sample::new(&[4, 3]);
    let weight = sample.floats(&[1, 9, 3], &[1.0; 27]);
    let turned = sample.add_with(Operator::Transpose, &[sample.input()], &[("perm", ints(&[1, 0, 2]))]);
    let gru = sample.add(Operator::GRU, &[turned, weight, weight]);
    let last = sample.add(Operator::Squeeze, &[gru]);
    let odd = sample.add(Operator::Other("com.acme.Twist".to_owned()), &[last]);
    let refusals = lowered(sample.returning(odd)).unwrap_err();
    let expected = [
        "`GRU` (GRU): recurrent layers are not in the language yet; use convolutions over the sequence",
        "`com.acme.Twist` (com.acme.Twist): the operator is not known",
    ];
    assert_eq!(refusals, expected);
}

#[test]
fn a_reshape_across_the_batch_is_refused() {
    let mut sample = Sample::new(&[4]);
    let shape = sample.ints(&[-1, 2]);
    let y = sample.add(Operator::Reshape, &[sample.input(), shape]);
    let refusals = lowered(sample.returning(y)).unwrap_err();
    let expected = "`Reshape` (Reshape, shape): it joins rows of the batch, or divides them; \
                    export the model with a dynamic batch";
    assert_eq!(refusals, [expected]);
}

#[test]
fn an_output_that_is_read_is_not_lost() {
    let mut sample = Sample::new(&[4]);
    let y = sample.add(Operator::Softsign, &[sample.input()]);
    let refusals = lowered(sample.returning(y)).unwrap_err();
    let expected = "`Softsign` (Softsign): it is not one of the activations of the language; \
                    the layers of the language do not include it yet";
    assert_eq!(refusals, [expected]);
}

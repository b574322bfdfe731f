//! Damaged models: none panics, none asks for much memory, and what contradicts itself is an error.

use std::fs;
use std::path::Path;

use nn_onnx::{Error, import};

/// A random number from the last one (Marsaglia 2003).
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.onnx"))).unwrap()
}

fn imported(bytes: &[u8]) -> Result<(), Error> {
    import(bytes, "damaged", &|external| Err(format!("`{}` is not read", external.location))).map(|_| ())
}

/// A message with one field of bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut message = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        message.push(length as u8 | 0x80);
        length >>= 7;
    }
    message.push(length as u8);
    message.extend(bytes);
    message
}

/// A graph of these messages, as a model.
fn model(fields: &[Vec<u8>]) -> Vec<u8> {
    field(7, &fields.concat())
}

/// A node: its operator, its inputs and its outputs.
fn node(operator: &str, inputs: &[&str], outputs: &[&str]) -> Vec<u8> {
    let names =
        |number, names: &[&str]| names.iter().flat_map(|name| field(number, name.as_bytes())).collect::<Vec<_>>();
    field(1, &[names(1, inputs), names(2, outputs), field(4, operator.as_bytes())].concat())
}

/// An input or an output of the shape `[batch, 2]`.
fn value(number: u8, name: &str) -> Vec<u8> {
    let dims = [field(1, &field(2, b"batch")), field(1, &[1 << 3, 2])].concat();
    let tensor = [vec![1 << 3, 1], field(2, &dims)].concat();
    field(number, &[field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat())
}

fn reason(model: &[u8]) -> String {
    match imported(model) {
        Err(Error::Invalid(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn models_that_are_cut_are_errors() {
    let mut state = 1;
    for name in ["mlp.ts", "sk_pipe", "resnetish.ts", "k_conv1d", "ln_gelu_ts13"] {
        let whole = fixture(name);
        for _ in 0..60 {
            let length = next(&mut state) as usize % whole.len();
            assert!(imported(&whole[..length]).is_err(), "{name}: {length} bytes");
        }
    }
}

/// A byte within weights changes a number, and nobody can tell.
#[test]
fn bytes_that_change_cause_no_panic() {
    let mut state = 2;
    let (mut errors, mut all) = (0, 0);
    for name in ["mlp.ts", "sk_pipe", "resnetish.ts", "k_conv1d", "ln_gelu_ts13", "gru.ts", "k_lenet"] {
        let whole = fixture(name);
        for _ in 0..100 {
            let mut bytes = whole.clone();
            for _ in 0..1 + next(&mut state) % 8 {
                let at = next(&mut state) as usize % bytes.len();
                bytes[at] = next(&mut state) as u8;
            }
            all += 1;
            errors += usize::from(imported(&bytes).is_err());
        }
    }
    assert_eq!((all, errors > 200), (700, true), "{errors} errors");
}

#[test]
fn bytes_that_are_added_cause_no_panic() {
    let mut state = 3;
    for name in ["mlp.ts", "sk_mlpr", "convbn_noopt"] {
        let whole = fixture(name);
        for _ in 0..60 {
            let at = next(&mut state) as usize % whole.len();
            let added: Vec<u8> = (0..next(&mut state) % 6).map(|_| next(&mut state) as u8).collect();
            // Whether it is an error depends on where the bytes are.
            let _ = imported(&[&whole[..at], &added, &whole[at..]].concat());
        }
    }
}

#[test]
fn what_is_not_a_model_says_so() {
    assert_eq!(reason(b""), "it has no graph");
    assert_eq!(reason(&model(&[])), "it has no output");
    assert_eq!(reason(b"PK\x03\x04data"), "a field has the unknown wire type 3");
    assert_eq!(reason(&[0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f]), "a field has 4294967295 bytes, but only 0 follow");
}

#[test]
fn a_type_that_is_nested_deeply_is_not_followed() {
    let mut inner = Vec::new();
    for _ in 0..20_000 {
        inner = field(9, &field(1, &inner));
    }
    let input = field(11, &[field(1, b"x"), field(2, &inner)].concat());
    let nested = model(&[input, node("Relu", &["x"], &["y"]), value(12, "y")]);
    let Err(Error::Refused(refusals)) = imported(&nested) else { panic!() };
    assert_eq!(refusals[0].to_string(), "`x` (input): it is not a tensor");
}

#[test]
fn a_cycle_is_an_error() {
    let nodes = [node("Add", &["x", "b"], &["a"]), node("Relu", &["a"], &["b"])].concat();
    let cyclic = model(&[value(11, "x"), nodes, value(12, "b")]);
    assert_eq!(reason(&cyclic), "node `` reads what depends on its own output");
}

#[test]
fn names_that_do_not_exist_are_errors() {
    let missing = model(&[value(11, "x"), node("Add", &["x", "w"], &["y"]), value(12, "y")]);
    assert_eq!(reason(&missing), "node `y` reads `w`, which does not exist");
    let output = model(&[value(11, "x"), node("Relu", &["x"], &["y"]), value(12, "z")]);
    assert_eq!(reason(&output), "the output `z` does not exist");
    let twice = model(&[value(11, "x"), node("Relu", &["x"], &["x"]), value(12, "x")]);
    assert_eq!(reason(&twice), "two values have the name `x`");
}

#[test]
fn a_tensor_without_its_numbers_is_an_error() {
    // 2^40 numbers of four bytes, of which there are none.
    let huge = [vec![1 << 3, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20, 2 << 3, 1], field(8, b"w"), field(9, &[])].concat();
    let tensor =
        |tensor: &[u8]| model(&[value(11, "x"), field(5, tensor), node("Add", &["x", "w"], &["y"]), value(12, "y")]);
    let needed = "its dimensions [1099511627776] need 1099511627776 elements, but it has 0";
    assert_eq!(reason(&tensor(&huge)), format!("tensor `w`: {needed}"));
    let location = field(13, &[field(1, b"location"), field(2, b"../secret")].concat());
    let external = [vec![1 << 3, 2, 2 << 3, 1], field(8, b"w"), location, vec![14 << 3, 1]].concat();
    assert_eq!(reason(&tensor(&external)), "tensor `w`: `../secret` is not read");
}

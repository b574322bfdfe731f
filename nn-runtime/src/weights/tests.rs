//! The reader and the crate `safetensors` take the same files.

use std::collections::BTreeMap;
use std::string::String;
use std::vec::Vec;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};

use super::header::Header;
use super::read::Stored;
use super::write;
use super::{metadata, metadata_of};
use crate::error::Error;
use crate::init::Generator;
use crate::misfit::{Damage, FirstMismatch, Model, Place};
use crate::tensor::{Tensor, TensorKind};

/// A file with this header.
fn file(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

/// Names, number types, shapes and data of all tensors, and the metadata.
type Contents = (BTreeMap<String, (String, Vec<usize>, Vec<u8>)>, BTreeMap<String, String>);

fn ours(bytes: &[u8]) -> Result<Contents, Error> {
    let stored = Stored::parse(&Place::Bytes, bytes)?;
    let tensor = |found: super::header::Found<'_>| {
        (found.number_type.to_owned(), found.shape.iter().collect(), found.data.to_vec())
    };
    let tensors = stored.tensors()?.into_iter().map(|(name, found)| (name, tensor(found))).collect();
    Ok((tensors, stored.metadata()))
}

fn theirs(bytes: &[u8]) -> Option<Contents> {
    let file = SafeTensors::deserialize(bytes).ok()?;
    let (_, header) = SafeTensors::read_metadata(bytes).ok()?;
    let tensor = |view: TensorView<'_>| (view.dtype().to_string(), view.shape().to_vec(), view.data().to_vec());
    let tensors = file.iter().map(|(name, view)| (name.to_owned(), tensor(view))).collect();
    Some((tensors, header.metadata().iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()))
}

const TEXTS: [&str; 8] = ["", "y.0.weight", "a \"b\"", "\\", "\n\t\u{1}\u{7f}", "é漢\u{1f600}", "__metadata", "/"];

/// A file that the crate `safetensors` writes.
fn random_file(generator: &mut Generator) -> Vec<u8> {
    const TYPES: [Dtype; 5] = [Dtype::F32, Dtype::F64, Dtype::U8, Dtype::BF16, Dtype::F4];
    let data: Vec<u8> = (0..=255).collect();
    let mut below = |limit| generator.below(limit) as usize;
    let mut tensors = BTreeMap::new();
    for _ in 0..below(4) {
        let number_type = TYPES[below(5)];
        let shape: Vec<usize> = (0..below(4)).map(|_| below(4)).chain([2]).collect();
        let bits = shape.iter().product::<usize>() * number_type.bitsize();
        if let Ok(view) = TensorView::new(number_type, shape, &data[..(bits / 8).min(256)]) {
            tensors.insert(TEXTS[below(8)], view);
        }
    }
    // (An empty object of metadata in a file without tensors is not written as JSON.)
    let metadata = (0..=below(3)).map(|_| (TEXTS[below(8)].to_owned(), TEXTS[below(8)].to_owned())).collect();
    safetensors::serialize(tensors, Some(metadata).filter(|_| below(2) == 0)).unwrap()
}

#[test]
fn what_the_crate_writes_is_read() {
    let mut generator = Generator::new(1);
    for _ in 0..500 {
        let bytes = random_file(&mut generator);
        assert_eq!(ours(&bytes).unwrap(), theirs(&bytes).unwrap());
    }
}

/// A header is changed at random places. What the reader takes means the same to the crate; what it
/// refuses, the crate refuses too, or it is what no writer writes.
#[test]
fn changed_headers_are_read_as_by_the_crate() {
    const PIECES: [&str; 24] = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        " ",
        "0",
        "1",
        "-",
        ".",
        "e1",
        "\"dtype\"",
        "\"shape\":[],",
        "null",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\\ud83d",
        "\u{1}",
        "4294967296",
        "18446744073709551616",
        "é",
    ];
    let mut generator = Generator::new(2);
    let (mut taken, mut refused, mut stricter) = (0, 0, 0);
    for _ in 0..5_000 {
        let bytes = random_file(&mut generator);
        let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
        let mut header = bytes[8..8 + length].to_vec();
        for _ in 0..=generator.below(2) {
            let at = generator.below(header.len() as u64 + 1) as usize;
            let until = (at + generator.below(3) as usize).min(header.len());
            let piece = PIECES[generator.below(24) as usize];
            header.splice(at..until, piece.bytes());
        }
        let mut changed = (header.len() as u64).to_le_bytes().to_vec();
        changed.extend_from_slice(&header);
        changed.extend_from_slice(&bytes[8 + length..]);
        match (ours(&changed), theirs(&changed)) {
            (Ok(ours), theirs) => {
                assert_eq!(Some(ours), theirs, "{}", String::from_utf8_lossy(&header));
                taken += 1;
            }
            (Err(_), None) => refused += 1,
            (Err(error), Some(_)) => {
                let known = ["each of `dtype`", "an object of strings", "has the name of another"];
                let text = error.to_string();
                assert!(known.iter().any(|known| text.contains(known)), "{text}: {}", String::from_utf8_lossy(&header));
                stricter += 1;
            }
        }
    }
    assert!(taken > 200 && refused > 3_000 && stricter < 100, "{taken} {refused} {stricter}");
}

#[test]
fn damage_is_named() {
    let tensor = |name: &str, rest: &str| format!("\"{name}\":{{\"dtype\":\"F32\",{rest}}}");
    let whole = |rest: &str| format!("{{{}}}", tensor("a", rest));
    let two = |first: &str, second: &str| {
        let shaped = |name, offsets| tensor(name, &format!("\"shape\":[2],\"data_offsets\":[{offsets}]"));
        format!("{{{},{}}}", shaped("a", first), shaped("b", second))
    };
    let expected = |at, expected| Damage::Syntax { expected, at };
    let huge = "[4294967296,4294967296,0]";
    let cases = [
        ("", 0, expected(8, "`{`")),
        ("[]", 0, expected(8, "`{`")),
        ("{} x", 0, expected(11, "the end of the header")),
        ("{\"a\":1}", 0, expected(13, "`{`")),
        ("{\"a\" 1}", 0, expected(13, "`:`")),
        ("{,}", 0, expected(9, "a string")),
        ("{\"a", 0, expected(11, "the end of the string")),
        ("{\"\\x\":{}}", 0, expected(10, "a valid escape")),
        ("{\"\\udc00\":{}}", 0, expected(10, "a valid escape")),
        ("{\"a\":{}}", 0, expected(14, "each of `dtype`, `shape` and `data_offsets` once")),
        (&"[".repeat(100_000), 0, expected(8, "`{`")),
        (
            &format!("{{\"a\":{}", "{\"a\":".repeat(9)),
            0,
            expected(14, "each of `dtype`, `shape` and `data_offsets` once"),
        ),
        ("{\"a\":{\"dtype\":\"F31\"}}", 0, expected(22, "a number type of safetensors, such as \"F32\"")),
        ("{\"__metadata__\":{\"a\":1}}", 0, expected(29, "a string")),
        ("{\"__metadata__\":{},\"__metadata__\":{}}", 0, Damage::Duplicate { at: 26 }),
        (&whole("\"shape\":[01]"), 0, expected(37, "an unsigned integer that fits this machine")),
        (&whole("\"shape\":[18446744073709551616]"), 0, expected(37, "an unsigned integer that fits this machine")),
        (&whole("\"shape\":[1,]"), 0, expected(39, "an unsigned integer that fits this machine")),
        (&whole("\"shape\":[-1]"), 0, expected(37, "an unsigned integer that fits this machine")),
        (&whole(&format!("\"shape\":{huge},\"data_offsets\":[0,0]")), 0, Damage::Size { at: 9 }),
        (&whole("\"shape\":[1],\"data_offsets\":[0,4,4]"), 4, Damage::Size { at: 9 }),
        (&whole("\"shape\":[1],\"data_offsets\":[0,3]"), 3, Damage::Size { at: 9 }),
        (&whole("\"shape\":[1],\"data_offsets\":[4,0]"), 4, Damage::Outside { at: 9 }),
        (&whole("\"shape\":[1],\"data_offsets\":[0,18446744073709551615]"), 4, Damage::Outside { at: 9 }),
        (&whole("\"shape\":[1],\"data_offsets\":[0,4]"), 5, Damage::Length { described: 4, found: 5 }),
        (&two("0,8", "0,8"), 16, Damage::Overlap { at: 9 }),
        (&two("4,12", "0,8"), 16, Damage::Overlap { at: 9 }),
        (&two("0,8", "8,16"), 17, Damage::Length { described: 16, found: 17 }),
    ];
    for (header, data, damage) in cases {
        assert_eq!(Header::parse(&file(header, data)).err(), Some(damage), "{header:.100}");
    }
    // Out of order, but whole.
    assert_eq!(ours(&file(&two("8,16", "0,8"), 16)).unwrap(), theirs(&file(&two("8,16", "0,8"), 16)).unwrap());
    let error = ours(&file(&two("0,8", "8,16").replace("\"b\"", "\"a\""), 16)).unwrap_err();
    assert!(matches!(error, Error::Corrupt { reason: Damage::Duplicate { at: 62 }, .. }), "{error}");

    assert_eq!(Header::parse(&[1; 7]).err(), Some(Damage::TooShort { length: 7 }));
    assert_eq!(Header::parse(&[255; 8]).err(), Some(Damage::HeaderLength { length: u64::MAX }));
    assert_eq!(Header::parse(&file("{}", 0)[..9]).err(), Some(Damage::HeaderLength { length: 2 }));
    let mut bytes = file("{\"ab\":{}}", 0);
    bytes[11] = 0xff;
    assert_eq!(Header::parse(&bytes).err(), Some(Damage::NotText { at: 11 }));
    let header = format!("{{{}}}", vec![""; 101].join(&" ".repeat(1_000_000)));
    let length = header.len() as u64;
    assert_eq!(Header::parse(&file(&header, 0)).err(), Some(Damage::HeaderLength { length }));
}

/// Many tensors in another order than their data are not compared with each other for hours.
#[test]
fn a_long_header_takes_linear_time() {
    let entry = |index: usize, start: usize| {
        format!("\"{index}\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[{start},{}]}}", start + 1)
    };
    let header = |tensors: usize| {
        let entries: Vec<String> = (0..tensors).map(|index| entry(index, tensors - 1 - index)).collect();
        format!("{{{}}}", entries.join(","))
    };
    assert_eq!(Header::parse(&file(&header(100), 100)).err(), None);
    assert_eq!(Header::parse(&file(&header(1025), 1025)).err(), Some(Damage::Unordered { tensors: 1025 }));
}

/// 70 tensors: more than a word has bits.
fn model() -> Model {
    let tensor = |index: usize| {
        let name = String::leak(format!("y.{index}.weight"));
        Tensor { name, shape: &[1], offset: index * 16, kind: TensorKind::Parameter }
    };
    let tensors: Vec<Tensor> = (0..70).map(tensor).collect();
    Model { name: "Long", hash: "hash", tensors: tensors.leak() }
}

/// A file with tensors of these names, each with this number type and shape.
fn named<'a>(tensors: impl Iterator<Item = &'a str>, rest: &str) -> Vec<u8> {
    let entries: Vec<String> = tensors
        .enumerate()
        .map(|(index, name)| format!("\"{name}\":{{{rest},\"data_offsets\":[{},{}]}}", 4 * index, 4 * index + 4))
        .collect();
    file(&format!("{{{}}}", entries.join(",")), 4 * entries.len())
}

#[test]
fn the_first_mismatch_is_found_without_an_allocator() {
    let model = model();
    let names = || model.tensors.iter().map(|tensor| tensor.name);
    let first = |bytes: &[u8]| Stored::parse(&Place::Bytes, bytes).unwrap().first_mismatch(&model);
    let scalar = "\"dtype\":\"F32\",\"shape\":[1]";
    assert_eq!(first(&named(names(), scalar)), Ok(None));
    assert_eq!(first(&named(names().rev(), scalar)), Ok(None));
    let missing = Ok(Some(FirstMismatch::Missing(&model.tensors[69])));
    assert_eq!(first(&named(names().take(69), scalar)), missing);
    assert_eq!(first(&named(names().take(69).chain(["z"]), scalar)), missing);
    let at = 8 + named(names(), scalar).len() - 8 - 4 * 70;
    assert_eq!(first(&named(names().chain(["z"]), scalar)), Ok(Some(FirstMismatch::Unexpected { at })));
    assert_eq!(first(&named(names().chain(["y.65.weight"]), scalar)), Err(Damage::Duplicate { at }));
    let shape = Ok(Some(FirstMismatch::Shape(&model.tensors[0])));
    assert_eq!(first(&named(names(), "\"dtype\":\"F32\",\"shape\":[1,1]")), shape);
    let number_type = Ok(Some(FirstMismatch::NumberType(&model.tensors[0])));
    assert_eq!(first(&named(names(), "\"dtype\":\"I32\",\"shape\":[1]")), number_type);
    let texts = [
        (missing, "missing: `y.69.weight` [1]"),
        (shape, "shape of `y.0.weight`: not [1], as in the network"),
        (number_type, "number type of `y.0.weight`: not F32, as in the network"),
    ];
    for (mismatch, text) in texts {
        assert_eq!(mismatch.unwrap().unwrap().to_string(), text);
    }
}

#[test]
fn any_text_survives_as_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights");
    let text = "a \"b\" \\ \n\t\u{1} é 漢 \u{1f600}".to_owned();
    let given = BTreeMap::from([(text.clone(), text)]);
    write::write(&path, &given, &[]).unwrap();
    assert_eq!(metadata(&path).unwrap(), given);
    let bytes = std::fs::read(&path).unwrap();
    assert_eq!(metadata_of(&bytes).unwrap(), given);
    assert_eq!(theirs(&bytes).unwrap().1, given);
}

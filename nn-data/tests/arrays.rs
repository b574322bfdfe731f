//! Arrays of IDX, NPY and NPZ files: what is read, and what is said of files that are not as they
//! should be.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::{Array2, array};
use nn_data::{
    ArrayFile, ArrayFormat, ArrayRequest, Error, Limits, NamedArray, Table, TargetKind, Targets, load_arrays,
    npz_arrays,
};
use npyz::WriterBuilder;
use proptest::prelude::*;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Files in a folder that goes with the value.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(self, name: &str, bytes: &[u8]) -> Self {
        fs::write(self.path(name), bytes).unwrap();
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn load(
        &self,
        inputs: (&str, ArrayFormat),
        targets: (&str, ArrayFormat),
        kind: TargetKind,
    ) -> Result<Table, Error> {
        let file = |(name, format)| ArrayFile { path: self.path(name), content: None, format };
        load_arrays(
            &ArrayRequest {
                inputs: file(inputs),
                targets: Some(file(targets)),
                target_kind: kind,
                limits: Limits::default(),
            },
            None,
        )
    }

    /// What is said of two IDX files, without the path of the folder.
    fn idx_error(&self, inputs: &str, targets: &str, classes: usize) -> String {
        let kind = TargetKind::Class { classes: Some(classes) };
        let loaded = self.load((inputs, ArrayFormat::Idx), (targets, ArrayFormat::Idx), kind);
        self.words(loaded)
    }

    fn npy_error(&self, inputs: &str) -> String {
        self.words(self.load((inputs, ArrayFormat::Npy), ("y.npy", ArrayFormat::Npy), TargetKind::Numbers))
    }

    fn words(&self, loaded: Result<Table, Error>) -> String {
        let error = loaded.expect_err("the files should be refused").to_string();
        error.replace(&format!("{}/", self.0.path().display()), "")
    }
}

/// An IDX file.
fn idx(code: u8, shape: &[u32], numbers: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, shape.len() as u8];
    bytes.extend(shape.iter().flat_map(|dimension| dimension.to_be_bytes()));
    bytes.extend(numbers);
    bytes
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An NPY file, by the header that NumPy writes.
fn npy(version: u8, descr: &str, fortran: bool, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let fortran = if fortran { "True" } else { "False" };
    let mut header = format!("{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}");
    header.extend(std::iter::repeat_n(' ', 63 - (header.len() + 10) % 64));
    header.push('\n');
    let mut bytes = vec![0x93, b'N', b'U', b'M', b'P', b'Y', version, 0];
    match version {
        1 => bytes.extend((header.len() as u16).to_le_bytes()),
        _ => bytes.extend((header.len() as u32).to_le_bytes()),
    }
    bytes.extend(header.as_bytes());
    bytes.extend(numbers);
    bytes
}

fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        archive.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn an_archive_is_read_with_its_names_and_shapes() {
    let numbers = npy(1, "<f4", false, "(2, 1)", &[0.5_f32.to_le_bytes(), 2.0_f32.to_le_bytes()].concat());
    let archive = npz(&[("out/y", npy(1, "|u1", false, "(2,)", &[3, 4])), ("in/x", numbers)]);
    let array = |name: &str, shape: &[usize], numbers: &[f32]| NamedArray {
        name: name.to_owned(),
        shape: shape.to_vec(),
        numbers: numbers.to_vec(),
    };
    let expected = [array("in/x", &[2, 1], &[0.5, 2.0]), array("out/y", &[2], &[3.0, 4.0])];
    assert_eq!(npz_arrays(&archive).unwrap(), expected);
    assert!(npz_arrays(b"no archive").is_err());
}

const IDX: ArrayFormat = ArrayFormat::Idx;
const NPY: ArrayFormat = ArrayFormat::Npy;

/// Two images of 2×2 and their labels.
fn images() -> Files {
    Files::new()
        .with("images", &idx(8, &[2, 2, 2], &[0, 1, 2, 3, 252, 253, 254, 255]))
        .with("labels", &idx(8, &[2], &[1, 0]))
}

#[test]
fn images_and_labels() {
    let files = images();
    let table = files.load(("images", IDX), ("labels", IDX), TargetKind::Class { classes: Some(3) }).unwrap();
    assert_eq!(table.inputs, array![[0.0, 1.0, 2.0, 3.0], [252.0, 253.0, 254.0, 255.0]]);
    assert_eq!(table.targets, Targets::Classes(vec![1, 0]));
    assert_eq!(table.row_shape, [2, 2]);
    assert_eq!(table.encoding.classes, [["0", "1", "2"]]);
    assert_eq!((table.encoding.width(), table.unit, &table.lines[..]), (4, "row", &[0, 1][..]));
}

#[test]
fn gzip_is_unpacked_whatever_the_name() {
    let images = idx(8, &[2, 2], &[1, 2, 3, 4]);
    let files =
        Files::new().with("images.gz", &packed(&images)).with("packed", &packed(&images)).with("plain.gz", &images);
    // `images` and `packed.gz` are not there; their twins with or without `.gz` are.
    for name in ["images.gz", "images", "packed", "packed.gz", "plain.gz", "plain"] {
        let table = files.load((name, IDX), (name, IDX), TargetKind::Numbers).unwrap();
        assert_eq!(table.inputs, array![[1.0, 2.0], [3.0, 4.0]], "{name}");
    }
    let archive = npz(&[("x", npy(1, "|u1", false, "(2,)", &[3, 4]))]);
    let files = Files::new().with("a.npz.gz", &packed(&archive));
    let array = || ("a.npz", ArrayFormat::Npz("x".to_owned()));
    assert_eq!(files.load(array(), array(), TargetKind::Numbers).unwrap().inputs, array![[3.0], [4.0]]);
}

#[test]
fn zero_is_one_class_whatever_its_sign() {
    let labels = idx(0x0d, &[2], &[(-0.0_f32).to_be_bytes(), 0.0_f32.to_be_bytes()].concat());
    let files = images().with("labels", &labels);
    let table = files.load(("images", IDX), ("labels", IDX), TargetKind::Class { classes: Some(3) }).unwrap();
    assert_eq!(table.targets, Targets::Classes(vec![0, 0]));
}

#[test]
fn every_type_of_idx() {
    let cases: [(u8, Vec<u8>, f32); 6] = [
        (0x08, vec![200], 200.0),
        (0x09, vec![200], -56.0),
        (0x0b, (-300_i16).to_be_bytes().to_vec(), -300.0),
        (0x0c, 70_000_i32.to_be_bytes().to_vec(), 70_000.0),
        (0x0d, 0.5_f32.to_be_bytes().to_vec(), 0.5),
        (0x0e, (-0.25_f64).to_be_bytes().to_vec(), -0.25),
    ];
    for (code, bytes, number) in cases {
        let files = Files::new().with("x", &idx(code, &[1, 1], &bytes));
        let table = files.load(("x", IDX), ("x", IDX), TargetKind::Numbers).unwrap();
        assert_eq!(table.inputs, array![[number]], "{code:#x}");
    }
}

#[test]
fn every_type_of_npy() {
    let bytes = |numbers: &[&[u8]]| numbers.concat();
    let cases: [(&str, Vec<u8>, [f32; 2]); 14] = [
        ("|b1", vec![0, 1], [0.0, 1.0]),
        ("|u1", vec![3, 255], [3.0, 255.0]),
        ("|i1", vec![3, 255], [3.0, -1.0]),
        ("<u2", bytes(&[&1_u16.to_le_bytes(), &65_535_u16.to_le_bytes()]), [1.0, 65_535.0]),
        ("<i2", bytes(&[&1_i16.to_le_bytes(), &(-2_i16).to_le_bytes()]), [1.0, -2.0]),
        ("<u4", bytes(&[&1_u32.to_le_bytes(), &70_000_u32.to_le_bytes()]), [1.0, 70_000.0]),
        ("<i4", bytes(&[&1_i32.to_le_bytes(), &(-70_000_i32).to_le_bytes()]), [1.0, -70_000.0]),
        (">i4", bytes(&[&1_i32.to_be_bytes(), &(-70_000_i32).to_be_bytes()]), [1.0, -70_000.0]),
        ("<u8", bytes(&[&1_u64.to_le_bytes(), &9_u64.to_le_bytes()]), [1.0, 9.0]),
        ("<i8", bytes(&[&1_i64.to_le_bytes(), &(-9_i64).to_le_bytes()]), [1.0, -9.0]),
        ("<f4", bytes(&[&0.5_f32.to_le_bytes(), &(-1.5_f32).to_le_bytes()]), [0.5, -1.5]),
        (">f4", bytes(&[&0.5_f32.to_be_bytes(), &(-1.5_f32).to_be_bytes()]), [0.5, -1.5]),
        ("<f8", bytes(&[&0.5_f64.to_le_bytes(), &1e-60_f64.to_le_bytes()]), [0.5, 0.0]),
        (">f8", bytes(&[&0.5_f64.to_be_bytes(), &(-1.5_f64).to_be_bytes()]), [0.5, -1.5]),
    ];
    for (descr, numbers, expected) in cases {
        for version in 1..=3 {
            let files = Files::new().with("x.npy", &npy(version, descr, false, "(2,)", &numbers));
            let table = files.load(("x.npy", NPY), ("x.npy", NPY), TargetKind::Numbers).unwrap();
            assert_eq!(table.inputs, Array2::from_shape_vec((2, 1), expected.to_vec()).unwrap(), "{descr} {version}");
        }
    }
}

#[test]
fn wide_numbers_that_become_one_are_found() {
    let times = [1_700_000_000_i64, 5, 1_700_000_060, 6, 1_700_000_000, 7];
    let bytes = |numbers: &[i64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let ids: Vec<u8> = [16_777_217_u32, 3, 16_777_216].iter().flat_map(|number| number.to_le_bytes()).collect();
    // In Fortran order the columns come one after the other.
    let turned = [times[0], times[2], times[4], times[1], times[3], times[5]];
    for (fortran, inputs) in [(false, bytes(&times)), (true, bytes(&turned))] {
        let files = Files::new()
            .with("x.npy", &npy(1, "<i8", fortran, "(3, 2)", &inputs))
            .with("y.npy", &npy(1, "<u4", false, "(3,)", &ids));
        let table = files.load(("x.npy", NPY), ("y.npy", NPY), TargetKind::Numbers).unwrap();
        let found: Vec<_> = table.collapsed.iter().map(|found| (&*found.column, found.is_target)).collect();
        assert_eq!(found, [("x1", false), ("y1", true)]);
        assert_eq!(table.collapsed[0].cells, [(0, "1700000000".to_owned()), (1, "1700000060".to_owned())]);
        assert_eq!((table.collapsed[0].offset, table.collapsed[1].number), (Some(1.7e9), 16_777_216.0));
    }
    let near: Vec<u8> = [0.123_456_789_01_f64, 0.123_456_789_02].iter().flat_map(|x| x.to_le_bytes()).collect();
    let files = Files::new().with("x.npy", &npy(1, "<f8", false, "(2,)", &near));
    assert_eq!(files.load(("x.npy", NPY), ("x.npy", NPY), TargetKind::Numbers).unwrap().collapsed, []);
}

#[test]
fn fortran_order_is_turned() {
    // Of a shape (2, 3, 2), C order counts 0 to 11; the first dimension is the fastest in the file.
    let stored = [0_u8, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11];
    let files = Files::new()
        .with("x.npy", &npy(1, "|u1", true, "(2, 3, 2)", &stored))
        .with("y.npy", &npy(1, "|u1", false, "(2, 1)", &[7, 8]));
    let table = files.load(("x.npy", NPY), ("y.npy", NPY), TargetKind::Numbers).unwrap();
    assert_eq!(table.inputs, Array2::from_shape_fn((2, 6), |(row, at)| (row * 6 + at) as f32));
    assert_eq!((&table.row_shape[..], &table.targets), (&[3, 2][..], &Targets::Numbers(array![[7.0], [8.0]])));
}

#[test]
fn arrays_of_an_archive() {
    let x = npy(1, "<f4", false, "(2, 1)", &[0.5_f32.to_le_bytes(), 2.0_f32.to_le_bytes()].concat());
    let files = Files::new().with("a.npz", &npz(&[("x_train", x), ("y_train", npy(1, "|u1", false, "(2,)", &[1, 0]))]));
    let array = |name: &str| ("a.npz", ArrayFormat::Npz(name.to_owned()));
    let kind = TargetKind::Class { classes: Some(2) };
    let table = files.load(array("x_train"), array("y_train"), kind.clone()).unwrap();
    assert_eq!((table.inputs, table.targets), (array![[0.5], [2.0]], Targets::Classes(vec![1, 0])));
    assert_eq!(
        files.words(files.load(array("x"), array("y_train"), kind)),
        "a.npz (array `x`): there is no array `x`; the file holds `x_train`, `y_train`"
    );
}

#[test]
fn files_that_npyz_writes_are_read() {
    let mut bytes = Vec::new();
    let mut writer = npyz::WriteOptions::new().default_dtype().shape(&[2, 2]).writer(&mut bytes).begin_nd().unwrap();
    writer.extend([1.0_f64, 2.0, 3.0, 4.0]).unwrap();
    writer.finish().unwrap();
    let files = Files::new().with("x.npy", &bytes);
    let table = files.load(("x.npy", NPY), ("x.npy", NPY), TargetKind::Numbers).unwrap();
    assert_eq!(table.inputs, array![[1.0, 2.0], [3.0, 4.0]]);
}

#[test]
fn what_is_wrong_with_an_idx_file_is_said() {
    let labels = idx(8, &[2], &[1, 0]);
    let cases: [(&[u8], &str); 12] = [
        (b"", "x: the file is empty"),
        (
            &[0, 0, 8],
            "x: the file ends within its header, after 3 bytes; it is truncated or corrupt: download it again",
        ),
        (
            &[0, 0, 8, 3, 0, 0, 0, 2],
            "x: the file ends within its header, after 8 bytes; it is truncated or corrupt: download it again",
        ),
        (
            &[0, 0, 7, 1, 0, 0, 0, 0],
            "x: the byte at offset 2, 07, is not a type of numbers: IDX has 08 (u8), 09 (i8), 0b (i16), 0c (i32), 0d (f32) and 0e (f64)",
        ),
        (&[0, 0, 8, 0, 1], "x: it holds a single number, not rows"),
        (
            &idx(8, &[2, 2], &[1, 2, 3]),
            "x: the header promises [2, 2] numbers, which end at byte 16, but the file ends at byte 15; it is truncated or corrupt: download it again",
        ),
        (
            &idx(8, &[2, 2], &[1, 2, 3, 4, 5]),
            "x: the header promises [2, 2] numbers, which end at byte 16, but the file continues to byte 17; the header does not fit the data",
        ),
        (
            &idx(8, &[u32::MAX; 4], &[]),
            "x: an array of [4294967295, 4294967295, 4294967295, 4294967295] numbers is too large",
        ),
        (
            b"\x93NUMPY",
            "x: this is not an IDX file: it begins with the bytes 93 4e 55 4d; it is an NPY file; write `npy: \"…\";` for it",
        ),
        (
            b"<html>",
            "x: this is not an IDX file: it begins with the bytes 3c 68 74 6d; it is a web page: download the file itself",
        ),
        (&idx(8, &[0, 2], &[]), "x: there are no examples"),
        (
            &idx(0x0d, &[2, 2], &[[0; 4], [0; 4], f32::NAN.to_be_bytes(), [0; 4]].concat()),
            "x: the number at [1, 0] is NaN in 32 bits; remove such rows, or replace the number",
        ),
    ];
    for (bytes, said) in cases {
        let files = Files::new().with("x", bytes).with("y", &labels);
        assert_eq!(files.idx_error("x", "y", 2), said);
    }
    let files = Files::new().with("y", &labels);
    assert_eq!(files.idx_error("x", "y", 2), "cannot read x");
    assert_eq!(files.idx_error(".", "y", 2).split_once(" is a folder").unwrap().1, ", not a file");
}

#[test]
fn gzip_that_is_cut_short_is_said() {
    let whole = packed(&idx(8, &[1000, 1], &vec![7; 1000]));
    let files = Files::new().with("x.gz", &whole[..whole.len() - 9]).with("y", &idx(8, &[2], &[1, 0]));
    let said = files.idx_error("x.gz", "y", 2);
    assert!(said.starts_with("x.gz: unpacking fails at byte "), "{said}");
    assert!(said.ends_with("; it is truncated or corrupt: download it again"), "{said}");
}

#[test]
fn labels_that_do_not_fit_are_said() {
    let cases: [(Vec<u8>, &str); 4] = [
        (
            idx(8, &[3], &[0, 1, 0]),
            "images holds 2 rows, but y 3 rows; each row of inputs needs its target, so these files do not belong together",
        ),
        (idx(8, &[2], &[0, 7]), "y: row 1: `7` is a label outside the classes: the network has 3 classes, 0 to 2"),
        (
            idx(0x0d, &[2], &[0.5_f32.to_be_bytes(), 1.0_f32.to_be_bytes()].concat()),
            "y: row 0: 0.5 is not a class: classes are whole numbers, counted from 0",
        ),
        (
            idx(8, &[2, 3], &[0, 1, 0, 1, 0, 0]),
            "y: classes are one number for each row, but the array is [2, 3]; convert them, for example with `y.argmax(1)`",
        ),
    ];
    for (labels, said) in cases {
        let files = images().with("y", &labels);
        assert_eq!(files.idx_error("images", "y", 3), said);
    }
}

#[test]
fn what_is_wrong_with_an_npy_file_is_said() {
    let cases: [(Vec<u8>, &str); 9] = [
        (Vec::new(), "x: the file is empty"),
        (
            b"PK\x03\x04".to_vec(),
            "x: this is not an NPY file: it begins with the bytes 50 4b 03 04; it is a zip archive; write `npz: \"…\";` for an NPZ file",
        ),
        (
            npy(1, "<f2", false, "(1,)", &[0, 0]),
            "x: numbers of the type `'<f2'` are not read; save them as another, such as `array.astype(numpy.float32)`",
        ),
        (
            npy(1, "<U1", false, "(1,)", &[0, 0, 0, 0]),
            "x: numbers of the type `'<U1'` are not read; save them as another, such as `array.astype(numpy.float32)`",
        ),
        (npy(1, "|u1", false, "()", &[1]), "x: it holds a single number, not rows"),
        (
            npy(1, "<f8", false, "(2,)", &[0; 15]),
            "x: the header promises [2] numbers, which end at byte 144, but the file ends at byte 143; it is truncated or corrupt: download it again",
        ),
        (
            npy(1, "<f8", false, "(99999999999, 99999999999)", &[]),
            "x: the header cannot be read: (99999999999, 99999999999) is not a shape that an array can have",
        ),
        (npy(9, "<f8", false, "(1,)", &[]), "x: the header cannot be read: the version 9.0 is not known"),
        (
            npy(1, "<f8", false, "(2, 1)", &[1.0_f64.to_le_bytes(), 1e300_f64.to_le_bytes()].concat()),
            "x: the number at [1, 0] is inf in 32 bits; remove such rows, or replace the number",
        ),
    ];
    for (bytes, said) in cases {
        let files = Files::new().with("x", &bytes).with("y.npy", &npy(1, "|u1", false, "(1,)", &[1]));
        assert_eq!(files.npy_error("x"), said);
    }
}

#[test]
fn rows_of_another_length_than_earlier_ones_are_said() {
    let rows = |width: usize| npy(1, "|u1", false, &format!("(2, {width})"), &vec![1; 2 * width]);
    let files = Files::new().with("x", &rows(2)).with("wide", &rows(3)).with("y", &rows(1));
    let load = |inputs: &str, targets: &str| {
        let file = |name| ArrayFile { path: files.path(name), content: None, format: ArrayFormat::Npy };
        let request = ArrayRequest {
            inputs: file(inputs),
            targets: Some(file(targets)),
            target_kind: TargetKind::Numbers,
            limits: Limits::default(),
        };
        load_arrays(&request, Some(&nn_data::Encoding::numbered(2, 1)))
    };
    load("x", "y").unwrap();
    assert_eq!(files.words(load("wide", "y")), "wide: 3 numbers for each row, but 2 are expected");
    assert_eq!(files.words(load("y", "y")), "y: 1 number for each row, but 2 are expected");
    assert_eq!(files.words(load("x", "x")), "x: 2 numbers for each row, but 1 is expected");
}

/// Reads the bytes in every way; what comes out keeps its promises.
fn read(bytes: &[u8]) {
    let files = Files::new().with("x", bytes);
    for format in [IDX, NPY, ArrayFormat::Npz("x".to_owned())] {
        for kind in [TargetKind::Numbers, TargetKind::Class { classes: Some(3) }] {
            if let Ok(table) = files.load(("x", format.clone()), ("x", format.clone()), kind) {
                assert_eq!(table.inputs.dim(), (table.rows(), table.row_shape.iter().product()));
                assert_eq!(table.encoding.width(), table.inputs.ncols());
                assert!(table.inputs.iter().all(|number| number.is_finite()));
            }
        }
    }
}

/// Sound files of every format.
fn sound() -> Vec<Vec<u8>> {
    let array = npy(1, "<f4", true, "(2, 3)", &[0; 24]);
    let images = idx(8, &[2, 2, 2], &[0, 1, 2, 3, 252, 253, 254, 255]);
    vec![
        packed(&images),
        images,
        npz(&[("x", array.clone())]),
        npy(2, "<i8", false, "(3,)", &[1; 24]),
        packed(&array),
        array,
    ]
}

#[test]
fn a_sound_file_is_refused_wherever_it_is_cut() {
    for file in sound() {
        for end in 0..file.len() {
            read(&file[..end]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_byte_may_be_wrong(which in 0_usize..6, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut file = sound().swap_remove(which);
        let at = at.index(file.len());
        file[at] = byte;
        read(&file);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        read(&bytes);
        read(&[&b"\x93NUMPY\x01\x00"[..], &bytes].concat());
        read(&[&[0, 0, 8, 2][..], &bytes].concat());
    }

    #[test]
    fn any_header(text in "[(){}\\[\\]',:0-9a-z <|]{0,80}") {
        let header = format!("{{'shape': ({text}");
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend((header.len() as u16).to_le_bytes());
        file.extend(header.as_bytes());
        read(&file);
    }
}

//! Data in array files and image folders: found, checked, trained on and predicted.

use std::fs;

use crate::common::{Folder, assert_contains};

/// Light and dark images of 2×2 pixels, in IDX files of a folder.
const SPEC: &str = "network Light {
    input image: [1, 2, 2];
    output light = image -> rescale(0.01) -> flatten -> dense(2) -> softmax;
    train { loss: cross_entropy; optimizer: adam(lr: 0.1); metrics: [accuracy]; batch: 4; epochs: 30; }
    data {
        folder: \"files\";
        idx: \"images.idx\";
        target: \"labels.idx\";
        validation: [\"others.idx\", \"other-labels.idx\"];
        augment: [shift(1), flip, noise(2)];
        origin: \"https://example.org/light\";
    }
    expect accuracy == 1.0;
}
";

/// An IDX file of bytes.
fn idx(shape: &[u32], numbers: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    bytes.extend(shape.iter().flat_map(|dimension| dimension.to_be_bytes()));
    bytes.extend(numbers);
    bytes
}

/// An NPY file of bytes.
fn npy(shape: &str, numbers: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}}}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(numbers);
    bytes
}

const DARK: [u8; 4] = [10, 20, 15, 5];
const LIGHT: [u8; 4] = [240, 250, 255, 245];

/// A folder with the spec, and the files in `place`.
fn folder(test: &str, place: &str) -> Folder {
    let folder = Folder::new(test).with("light.nn", SPEC);
    fs::create_dir(folder.path(place)).unwrap();
    let file = |name: &str, bytes: Vec<u8>| fs::write(folder.path(place).join(name), bytes).unwrap();
    file("images.idx", idx(&[8, 2, 2], &[DARK, LIGHT].concat().repeat(4)));
    file("labels.idx", idx(&[8], &[0, 1, 0, 1, 0, 1, 0, 1]));
    file("others.idx", idx(&[2, 2, 2], &[LIGHT, DARK].concat()));
    file("other-labels.idx", idx(&[2], &[1, 0]));
    folder
}

#[test]
fn arrays_are_trained_on_measured_and_predicted() {
    let folder = folder("light", "elsewhere");
    let missing = folder.nn(&["train", "light.nn"]).failed(1);
    assert_contains(
        &missing,
        &["there is no files/images.idx; get it from https://example.org/light", "`nn train light.nn --data FOLDER`"],
    );
    let trained = folder.nn(&["train", "light.nn", "--data", "elsewhere"]).done();
    assert_contains(
        &trained,
        &["Light: 10 parameters; 8 rows to train on, 2 to validate on", "expect accuracy == 1.0: met, 1.0000"],
    );
    let measured = folder.nn(&["eval", "light.nn", "--data", "elsewhere"]).done();
    assert_contains(&measured, &["validation  loss ", "(2 rows)\ntrain       loss ", "(8 rows)\n"]);

    // Changed validation rows may have been trained on.
    let labels = folder.path("elsewhere/other-labels.idx");
    let sound = fs::read(&labels).unwrap();
    fs::write(&labels, idx(&[2], &[1, 1])).unwrap();
    let measured = folder.nn(&["eval", "light.nn", "--data", "elsewhere"]);
    let reason = "the file of `validation` has changed since the training";
    assert_eq!(measured.stderr, format!("note: training and validation rows are not known: {reason}\n"));
    assert_contains(&measured.stdout, &["all         loss ", "(8 rows)\nothers.idx  loss ", "(2 rows)\n"]);
    fs::write(&labels, sound).unwrap();

    let folder = folder.with("x.npy", npy("(2, 1, 2, 2)", &[DARK, LIGHT].concat()));
    for file in ["elsewhere/images.idx", "x.npy"] {
        let answers = folder.nn(&["predict", "light.nn", file]).done();
        let classes: Vec<&str> = answers.lines().take(3).map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(classes, ["y1", "0", "1"], "{file}");
    }
    let row = folder.nn(&["predict", "light.nn", "--row", "240,250,255,245"]).done();
    assert_contains(&row, &["y1,0,1\n1,"]);
}

#[test]
fn a_second_training_with_augmented_images_gives_the_same() {
    let folder = folder("light-again", "files");
    let weights = ["first", "second"].map(|name| {
        let out = format!("{name}.safetensors");
        folder.nn(&["train", "light.nn", "--quiet", "--out", &out]).done();
        fs::read(folder.path(&out)).unwrap()
    });
    assert!(weights[0] == weights[1], "two trainings with one seed differ");
}

#[test]
fn wrong_files_are_reported_before_anything_is_compiled() {
    let folder = folder("light-wrong", "files");
    let cases: [(&str, Vec<u8>, &str); 6] = [
        (
            "labels.idx",
            idx(&[8], &[0, 1, 2, 0, 0, 0, 0, 0]),
            "files/labels.idx: row 2: `2` is a label outside the classes",
        ),
        ("labels.idx", idx(&[7], &[0; 7]), "files/images.idx holds 8 rows, but files/labels.idx 7 rows"),
        ("images.idx", idx(&[8, 4], &[0; 32])[..39].to_vec(), "files/images.idx: the header promises [8, 4] numbers"),
        ("images.idx", idx(&[8, 3, 2], &[0; 48]), "each row of the data is [3, 2], but `Light` takes [1, 2, 2]"),
        ("images.idx", b"<html>".to_vec(), "files/images.idx: this is not an IDX file"),
        ("images.idx", Vec::new(), "files/images.idx: the file is empty"),
    ];
    for (name, bytes, expected) in cases {
        let path = folder.path("files").join(name);
        let sound = fs::read(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        assert_contains(&folder.nn(&["train", "light.nn"]).failed(1), &[expected]);
        fs::write(&path, sound).unwrap();
    }
    assert_contains(&folder.nn(&["train", "light.nn", "--data", "nowhere"]).failed(1), &["nowhere is not a folder"]);
}

#[test]
fn channels_that_come_last_are_reported() {
    let spec = "network Colours {
        input image: [3, 2, 4];
        output y = image -> rescale(0.01) -> flatten -> dense(1);
        train { loss: mse; optimizer: adam; }
        data { npy: \"x.npy\"; target: \"y.npy\"; }
    }";
    let folder = Folder::new("channels-last")
        .with("colours.nn", spec)
        .with("x.npy", npy("(1, 2, 4, 3)", &[1; 24]))
        .with("y.npy", npy("(1,)", &[1]));
    let expected = "each row of the data is [2, 4, 3], but `Colours` takes [3, 2, 4]; channels come first, as in PyTorch: \
                move them, for example with `array.transpose(0, 3, 1, 2)`";
    assert_contains(&folder.nn(&["train", "colours.nn"]).failed(1), &[expected]);
}

#[test]
fn unscaled_pixels_are_one_warning() {
    let folder = folder("light-unscaled", "files").with("raw.nn", SPEC.replace("rescale(0.01) -> ", ""));
    let checked = folder.nn(&["check", "raw.nn"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    assert_contains(&checked.stderr, &["warning[NN0708]", "`image` from 5 to 255"]);
    assert_eq!(folder.nn(&["check", "light.nn"]).done(), "light.nn: Light is valid\n");
}

#[test]
fn rows_in_a_spec_need_no_folder() {
    let folder = Folder::new("rows-in-a-folder").with("xor.nn", crate::common::XOR);
    let expected = "--data names a folder of files, but the rows are in xor.nn itself";
    assert_contains(&folder.nn(&["train", "xor.nn", "--data", "."]).failed(1), &[expected]);
}

/// Two folders of images.
const PETS: &str = "network Pets {
    input image: [1, 1, 2];
    output pet = image -> rescale(0.01) -> flatten -> dense(2) -> softmax;
    train { loss: cross_entropy; optimizer: adam(lr: 0.1); batch: 2; epochs: 20; }
    data { images: \"pets\"; }
}
";

#[cfg(not(feature = "images"))]
#[test]
fn images_need_a_feature() {
    let folder = Folder::new("no-images").with("pets.nn", PETS);
    let expected = "this `nn` was built without images; build it with `cargo build --release --features images`";
    assert_contains(&folder.nn(&["train", "pets.nn"]).failed(1), &["pets cannot be read: ", expected]);
}

/// PNG files of two grey pixels: 10 and 20, 240 and 250.
#[cfg(feature = "images")]
const CAT: &[u8] = b"\
    \x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x02\x00\x00\x00\x01\
    \x08\x00\x00\x00\x00\xd1\x49\x20\x56\x00\x00\x00\x0b\x49\x44\x41\x54\x78\x9c\x63\xe0\x12\x01\x00\
    \x00\x2b\x00\x1f\x97\x6c\x87\x25\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82\
    ";
#[cfg(feature = "images")]
const DOG: &[u8] = b"\
    \x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x02\x00\x00\x00\x01\
    \x08\x00\x00\x00\x00\xd1\x49\x20\x56\x00\x00\x00\x0b\x49\x44\x41\x54\x78\x9c\x63\xf8\xf0\x0b\x00\
    \x02\xdd\x01\xeb\xb5\x1d\xf9\x4e\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82\
    ";

#[cfg(feature = "images")]
#[test]
fn images_are_classified_by_the_names_of_their_folders() {
    let folder = Folder::new("pets").with("pets.nn", PETS);
    for (name, bytes) in [("cat/a.png", CAT), ("dog/a.png", DOG)] {
        let path = folder.path("pets").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder.nn(&["train", "pets.nn", "--quiet"]).done();
    assert_contains(&folder.nn(&["predict", "pets.nn", "pets/dog/a.png"]).done(), &["y1,cat,dog\ndog,"]);
    assert_contains(&folder.nn(&["predict", "pets.nn", "pets/cat"]).done(), &["file,y1,cat,dog\na.png,cat,"]);
    fs::write(folder.path("pets/cat/notes.txt"), "no image").unwrap();
    let both = folder.nn(&["predict", "pets.nn", "pets"]);
    assert_eq!(both.stderr, "note: pets/cat: 1 file not read: 1 .txt\n");
    assert_contains(&both.stdout, &["file,y1,cat,dog\ncat/a.png,cat,", "\ndog/a.png,dog,"]);
    fs::remove_file(folder.path("pets/cat/notes.txt")).unwrap();
    assert_contains(&folder.nn(&["eval", "pets.nn", "--data", "pets"]).done(), &["all  loss ", "(2 rows)"]);
}

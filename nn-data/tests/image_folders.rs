//! Folders of images by class.

#![cfg(feature = "images")]

use std::fs;
use std::path::Path;

use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage};
use ndarray::array;
use nn_data::{ImageRequest, Targets, load_images};
use tempfile::TempDir;

fn request(path: &Path, shape: [usize; 3]) -> ImageRequest {
    ImageRequest { path: path.to_owned(), content: None, shape, resize: false, classes: None, classes_required: true }
}

/// A folder with images of 2×1 pixels: two cats and a dog.
fn pets() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (class, name, pixels) in [("dog", "a.png", [10, 20]), ("cat", "b.PNG", [30, 40]), ("cat", "a.png", [50, 60])] {
        fs::create_dir_all(folder.path().join(class)).unwrap();
        let image = GrayImage::from_raw(2, 1, pixels.to_vec()).unwrap();
        image.save_with_format(folder.path().join(class).join(name), ImageFormat::Png).unwrap();
    }
    fs::write(folder.path().join("cat/notes.txt"), "not an image").unwrap();
    fs::write(folder.path().join("cat/.hidden.png"), "not an image").unwrap();
    folder
}

#[test]
fn folders_are_classes_by_name() {
    let folder = pets();
    let table = load_images(&request(folder.path(), [1, 1, 2]), None).unwrap();
    assert_eq!(table.inputs, array![[50.0, 60.0], [30.0, 40.0], [10.0, 20.0]]);
    assert_eq!(table.targets, Targets::Classes(vec![0, 0, 1]));
    assert_eq!(table.encoding.classes, [["cat", "dog"]]);
    assert_eq!((&table.row_shape[..], table.unit), (&[1, 1, 2][..], "image"));
    assert_eq!(table.files, ["cat/a.png", "cat/b.PNG", "dog/a.png"]);
}

#[test]
fn colours_are_channels() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    let mut image = RgbImage::new(2, 1);
    image.put_pixel(0, 0, Rgb([1, 2, 3]));
    image.put_pixel(1, 0, Rgb([4, 5, 6]));
    image.save(folder.path().join("a/x.png")).unwrap();
    let table = load_images(&request(folder.path(), [3, 1, 2]), None).unwrap();
    assert_eq!(table.inputs, array![[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]]);
}

#[test]
fn jpeg_is_read() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    GrayImage::from_pixel(8, 8, Luma([128])).save(folder.path().join("a/x.jpg")).unwrap();
    let table = load_images(&request(folder.path(), [1, 8, 8]), None).unwrap();
    assert!(table.inputs.iter().all(|value| (value - 128.0).abs() <= 1.0));
}

#[test]
fn other_sizes_are_refused_or_made_to_fit() {
    let folder = pets();
    let words = |request: &ImageRequest| {
        let error = load_images(request, None).expect_err("it should be refused").to_string();
        error.replace(&format!("{}/", folder.path().display()), "")
    };
    let mut wanted = request(folder.path(), [1, 2, 4]);
    assert_eq!(
        words(&wanted),
        "cat/a.png: the image is 2×1 (width × height), but the network takes 4×2; write `resize: true;` to make all images fit"
    );
    wanted.resize = true;
    let table = load_images(&wanted, None).unwrap();
    assert_eq!(table.inputs.dim(), (3, 8));
    assert!(table.inputs.row(0).iter().all(|value| (50.0..=60.0).contains(value)), "{}", table.inputs);
    wanted.classes = Some(3);
    assert!(words(&wanted).ends_with(
        "holds 2 folders, `cat`, `dog`, but the network has 3 classes; for 2 classes, end it in `dense(2) -> softmax`"
    ));
}

#[test]
fn classes_are_those_of_the_training() {
    let (folder, others) = (pets(), pets());
    let wanted = request(folder.path(), [1, 1, 2]);
    let encoding = load_images(&wanted, None).unwrap().encoding;
    fs::remove_dir_all(others.path().join("cat")).unwrap();
    let table = load_images(&request(others.path(), [1, 1, 2]), Some(&encoding)).unwrap();
    assert_eq!(table.targets, Targets::Classes(vec![1]));
    fs::create_dir(others.path().join("fox")).unwrap();
    let error = load_images(&request(others.path(), [1, 1, 2]), Some(&encoding)).unwrap_err().to_string();
    assert!(error.ends_with("fox is not the folder of a class; the classes are `cat`, `dog`"), "{error}");
    // To be answered, a single image needs no class.
    let single = ImageRequest { classes_required: false, ..request(&folder.path().join("dog/a.png"), [1, 1, 2]) };
    let table = load_images(&single, Some(&encoding)).unwrap();
    assert_eq!((table.inputs, table.targets), (array![[10.0, 20.0]], Targets::None));
    assert_eq!(table.files, [""; 0]);
    // A folder of images answers by their names.
    let plain = ImageRequest { classes_required: false, ..request(&folder.path().join("cat"), [1, 1, 2]) };
    let table = load_images(&plain, Some(&encoding)).unwrap();
    assert_eq!((&table.files[..], table.notes.len()), (&["a.png".to_owned(), "b.PNG".to_owned()][..], 1));
}

#[test]
fn what_is_no_image_is_said() {
    let folder = pets();
    fs::write(folder.path().join("cat/c.png"), b"\x89PNG\r\n\x1a\n cut short").unwrap();
    let error = load_images(&request(folder.path(), [1, 1, 2]), None).unwrap_err().to_string();
    assert!(error.contains("cat/c.png: the image cannot be read: "), "{error}");
    let empty = tempfile::tempdir().unwrap();
    let error = load_images(&request(empty.path(), [1, 1, 2]), None).unwrap_err().to_string();
    assert!(error.ends_with("holds no folders; put the images of each class into a folder of that name"), "{error}");
    fs::create_dir(empty.path().join("cat")).unwrap();
    let error = load_images(&request(empty.path(), [1, 1, 2]), None).unwrap_err().to_string();
    assert!(error.ends_with("holds no images: files that end in .png, .jpg or .jpeg"), "{error}");
    let error = load_images(&request(&empty.path().join("none"), [1, 1, 2]), None).unwrap_err().to_string();
    assert!(error.starts_with("cannot read ") && error.ends_with("none"), "{error}");
}

//! Pictures as cameras and programs write them: what their pixels become.

#![cfg(feature = "images")]

use std::fs;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::{
    DynamicImage, ExtendedColorType, GrayImage, ImageBuffer, ImageEncoder, ImageFormat, Luma, LumaA, Rgb, RgbImage,
    Rgba, RgbaImage,
};
use nn_data::{ImageRequest, Table, load_images};
use tempfile::TempDir;

fn request(path: &Path, shape: [usize; 3]) -> ImageRequest {
    let path = path.to_owned();
    ImageRequest { path, content: None, shape, resize: false, classes: None, classes_required: true }
}

/// A folder with a file of class `a`.
fn folder(name: &str, bytes: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    fs::write(folder.path().join("a").join(name), bytes).unwrap();
    folder
}

fn read(bytes: &[u8], shape: [usize; 3]) -> Result<Vec<f32>, String> {
    let folder = folder("x.png", bytes);
    match load_images(&request(folder.path(), shape), None) {
        Ok(table) => Ok(table.inputs.into_raw_vec_and_offset().0),
        Err(error) => Err(error.to_string().replace(&format!("{}/", folder.path().display()), "")),
    }
}

fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.into().write_to(&mut std::io::Cursor::new(&mut bytes), ImageFormat::Png).unwrap();
    bytes
}

#[test]
fn grey_is_weighted_as_pillow_does() {
    let pixels = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [10, 200, 30], [0, 0, 0]];
    let image = RgbImage::from_raw(6, 1, pixels.concat()).unwrap();
    assert_eq!(read(&png(image), [1, 1, 6]).unwrap(), [76.0, 150.0, 29.0, 255.0, 124.0, 0.0]);
    let grey: Vec<u8> = (0..=255).collect();
    let image = GrayImage::from_raw(256, 1, grey.clone()).unwrap();
    let expected: Vec<f32> = grey.into_iter().map(f32::from).collect();
    assert_eq!(read(&png(image), [1, 1, 256]).unwrap(), expected);
}

#[test]
fn grey_images_have_three_equal_colours() {
    let image = GrayImage::from_raw(2, 1, vec![7, 9]).unwrap();
    assert_eq!(read(&png(image), [3, 1, 2]).unwrap(), [7.0, 9.0, 7.0, 9.0, 7.0, 9.0]);
}

#[test]
fn transparent_pixels_are_laid_on_white() {
    let pixels = [[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 255, 128]];
    let image = RgbaImage::from_raw(3, 1, pixels.concat()).unwrap();
    let expected = [10.0, 255.0, 127.0, 20.0, 255.0, 177.0, 30.0, 255.0, 255.0];
    assert_eq!(read(&png(image), [3, 1, 3]).unwrap(), expected);
    let mut grey: ImageBuffer<LumaA<u8>, Vec<u8>> = ImageBuffer::new(2, 1);
    grey.put_pixel(0, 0, LumaA([50, 255]));
    assert_eq!(read(&png(grey), [1, 1, 2]).unwrap(), [50.0, 255.0]);
}

#[test]
fn sixteen_bits_become_eight() {
    let image: ImageBuffer<Luma<u16>, Vec<u16>> = ImageBuffer::from_raw(4, 1, vec![0, 257, 25_700, 65_535]).unwrap();
    assert_eq!(read(&png(image), [1, 1, 4]).unwrap(), [0.0, 1.0, 100.0, 255.0]);
    let image: ImageBuffer<Rgb<u16>, Vec<u16>> = ImageBuffer::from_raw(1, 1, vec![257, 514, 65_535]).unwrap();
    assert_eq!(read(&png(image), [3, 1, 1]).unwrap(), [1.0, 2.0, 255.0]);
    let image: ImageBuffer<Rgba<u16>, Vec<u16>> = ImageBuffer::from_raw(1, 1, vec![257, 514, 65_535, 0]).unwrap();
    assert_eq!(read(&png(image), [3, 1, 1]).unwrap(), [255.0, 255.0, 255.0]);
}

/// A PNG chunk with its checksum.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&body);
    [(data.len() as u32).to_be_bytes().as_slice(), &body, &crc.sum().to_be_bytes()].concat()
}

/// A PNG file with a palette, for what no encoder writes.
fn palette_png(width: u32, height: u32, colours: &[u8], transparent: &[u8], rows: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 3, 0, 0, 0]].concat();
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, rows).unwrap();
    let transparency = if transparent.is_empty() { Vec::new() } else { chunk(b"tRNS", transparent) };
    let data = chunk(b"IDAT", &packed.finish().unwrap());
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &header),
        chunk(b"PLTE", colours),
        transparency,
        data,
        chunk(b"IEND", &[]),
    ]
    .concat()
}

#[test]
fn palettes_are_colours() {
    let colours = [1, 2, 3, 40, 50, 60];
    let image = palette_png(3, 1, &colours, &[], &[0, 0, 1, 0]);
    assert_eq!(read(&image, [3, 1, 3]).unwrap(), [1.0, 40.0, 1.0, 2.0, 50.0, 2.0, 3.0, 60.0, 3.0]);
    let clear = palette_png(3, 1, &colours, &[255, 0], &[0, 0, 1, 0]);
    assert_eq!(read(&clear, [3, 1, 3]).unwrap(), [1.0, 255.0, 1.0, 2.0, 255.0, 2.0, 3.0, 255.0, 3.0]);
}

/// A JPEG file of 8×8 red pixels in the four colours of print, as Pillow writes it.
const PRINT: &[u8] = b"\
    \xff\xd8\xff\xee\x00\x0e\x41\x64\x6f\x62\x65\x00\x64\x00\x00\x00\x00\x00\xff\xdb\x00\x43\x00\x02\
    \x01\x01\x01\x01\x01\x02\x01\x01\x01\x02\x02\x02\x02\x02\x04\x03\x02\x02\x02\x02\x05\x04\x04\x03\
    \x04\x06\x05\x06\x06\x06\x05\x06\x06\x06\x07\x09\x08\x06\x07\x09\x07\x06\x06\x08\x0b\x08\x09\x0a\
    \x0a\x0a\x0a\x0a\x06\x08\x0b\x0c\x0b\x0a\x0c\x09\x0a\x0a\x0a\xff\xc0\x00\x14\x08\x00\x08\x00\x08\
    \x04\x43\x11\x00\x4d\x11\x00\x59\x11\x00\x4b\x11\x00\xff\xc4\x00\x15\x00\x01\x01\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x09\x0a\xff\xc4\x00\x14\x10\x01\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xda\x00\x0e\x04\x43\x00\x4d\x00\x59\x00\x4b\x00\x00\
    \x3f\x00\x7f\x13\xfe\x9f\xf3\xf8\xff\xd9\
    ";

#[test]
fn the_colours_of_print_are_red_green_and_blue() {
    let pixels = read(PRINT, [3, 8, 8]).unwrap();
    let channels: Vec<Vec<f32>> = pixels.chunks(64).map(<[f32]>::to_vec).collect();
    assert_eq!(channels, [255.0, 0.0, 0.0].map(|level| vec![level; 64]));
}

/// EXIF data that hold an orientation, 1 to 8.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    exif
}

#[test]
fn images_are_turned_as_exif_says() {
    // 1 2 3
    // 4 5 6
    let rows = [10, 20, 30, 40, 50, 60];
    let turned = |orientation: u8, [height, width]: [usize; 2]| {
        let mut bytes = Vec::new();
        let mut encoder = PngEncoder::new(&mut bytes);
        encoder.set_exif_metadata(exif(orientation)).unwrap();
        encoder.write_image(&rows, 3, 2, ExtendedColorType::L8).unwrap();
        read(&bytes, [1, height, width]).unwrap().into_iter().map(|value| (value / 10.0) as u8).collect::<Vec<u8>>()
    };
    assert_eq!(turned(1, [2, 3]), [1, 2, 3, 4, 5, 6]);
    assert_eq!(turned(2, [2, 3]), [3, 2, 1, 6, 5, 4]);
    assert_eq!(turned(3, [2, 3]), [6, 5, 4, 3, 2, 1]);
    assert_eq!(turned(4, [2, 3]), [4, 5, 6, 1, 2, 3]);
    assert_eq!(turned(5, [3, 2]), [1, 4, 2, 5, 3, 6]);
    assert_eq!(turned(6, [3, 2]), [4, 1, 5, 2, 6, 3]);
    assert_eq!(turned(7, [3, 2]), [6, 3, 5, 2, 4, 1]);
    assert_eq!(turned(8, [3, 2]), [3, 6, 2, 5, 1, 4]);

    // The same of a JPEG file: its left half is black and its right half white.
    let image = GrayImage::from_fn(16, 8, |x, _| Luma([if x < 8 { 0 } else { 255 }]));
    let mut bytes = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 100);
    encoder.set_exif_metadata(exif(6)).unwrap();
    encoder.encode_image(&image).unwrap();
    let upright = read(&bytes, [1, 16, 8]).unwrap();
    assert!(upright[..64].iter().all(|value| *value < 8.0) && upright[64..].iter().all(|value| *value > 247.0));
}

#[test]
fn what_is_no_whole_image_is_refused() {
    let image = RgbImage::from_fn(32, 32, |x, y| Rgb([(x * 8) as u8, (y * 8) as u8, ((x * y) % 256) as u8]));
    let whole = png(image.clone());
    let mut jpeg = Vec::new();
    JpegEncoder::new(&mut jpeg).encode_image(&image).unwrap();
    assert!(read(&jpeg, [3, 32, 32]).is_ok());
    // What follows an image does not matter.
    assert!(read(&[&jpeg[..], b"rest"].concat(), [3, 32, 32]).is_ok());
    for bytes in [&whole, &jpeg] {
        for length in [0, 1, 3, 20, bytes.len() / 2, bytes.len() - 13] {
            let error = read(&bytes[..length], [3, 32, 32]).expect_err("a part is not an image");
            assert!(error.starts_with("a/x.png: "), "{error}");
        }
    }
    assert_eq!(
        read(&jpeg[..jpeg.len() - 2], [3, 32, 32]).unwrap_err(),
        "a/x.png: the image cannot be read: it ends before its last rows"
    );
    assert!(read(&palette_png(0, 0, &[1, 2, 3], &[], &[]), [1, 1, 1]).is_err());
    assert!(read(b"GIF89a\x01\0\x01\0\0\0\0;", [1, 1, 1]).is_err());
}

/// The table of a folder, and the notes of it without the folder's name.
#[test]
fn more_pixels_than_memory_holds_are_refused() {
    let bomb = palette_png(100_000, 100_000, &[0, 0, 0], &[], &[]);
    assert_eq!(read(&bomb, [3, 4, 4]).unwrap_err(), "a/x.png: the image cannot be read: Memory limit exceeded");
}

fn noted(folder: &Path) -> (Table, Vec<String>) {
    let table = load_images(&request(folder, [1, 1, 2]), None).unwrap();
    let shown = |note: &String| note.replace(&folder.display().to_string(), "pics");
    let notes = table.notes.iter().map(shown).collect();
    (table, notes)
}

#[test]
fn files_that_are_not_read_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let image = png(GrayImage::from_raw(2, 1, vec![1, 2]).unwrap());
    for class in ["cat", "dog", "fox"] {
        fs::create_dir(folder.path().join(class)).unwrap();
    }
    for name in [
        "cat/a.png",
        "cat/B.PNG",
        "dog/c.JpEg",
        "cat/x.gif",
        "cat/y.gif",
        "cat/z.GIF",
        "cat/n.txt",
        "cat/.DS_Store",
        "cat/plain",
        "out.png",
    ] {
        fs::write(folder.path().join(name), &image).unwrap();
    }
    fs::create_dir_all(folder.path().join("fox/more")).unwrap();
    fs::write(folder.path().join("fox/more/d.png"), &image).unwrap();
    let (table, notes) = noted(folder.path());
    assert_eq!(table.files, ["cat/B.PNG", "cat/a.png", "dog/c.JpEg"]);
    assert_eq!(
        notes,
        [
            "pics: 1 file not read: 1 .png, outside the folders of the classes",
            "pics/cat: 6 files not read: 3 .gif, 1 .txt, 1 hidden, 1 without an ending",
            "pics/fox: 1 folder not read",
            "pics/fox: no images, so the class has no rows here",
        ]
    );
    let empty = tempfile::tempdir().unwrap();
    fs::create_dir(empty.path().join("a")).unwrap();
    fs::write(empty.path().join("a/x.bmp"), "").unwrap();
    let error = load_images(&request(empty.path(), [1, 1, 1]), None).unwrap_err().to_string();
    assert!(
        error.contains("holds no images: files that end in .png, .jpg or .jpeg; ")
            && error.ends_with("a: 1 file not read: 1 .bmp"),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_an_error_and_a_pipe_is_no_image() {
    let folder = folder("a.png", &png(GrayImage::from_raw(2, 1, vec![1, 2]).unwrap()));
    let link = folder.path().join("a/z.png");
    let socket = std::os::unix::net::UnixListener::bind(folder.path().join("a/s.png")).unwrap();
    assert_eq!(noted(folder.path()).1, ["pics/a: 1 file not read: 1 special"]);
    drop(socket);
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    let error = load_images(&request(folder.path(), [1, 1, 2]), None).unwrap_err().to_string();
    assert!(error.ends_with("a/z.png: the image cannot be read: there is no such file"), "{error}");
}

#[test]
fn folders_alike_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let image = png(GrayImage::from_raw(2, 1, vec![1, 2]).unwrap());
    for class in ["Cat", "cat"] {
        fs::create_dir_all(folder.path().join(class)).unwrap();
        fs::write(folder.path().join(class).join("a.png"), &image).unwrap();
    }
    let (_, notes) = noted(folder.path());
    assert_eq!(notes, ["pics: `Cat` and `cat` are different classes, but they differ only in case"]);
}

#[cfg(unix)]
#[test]
fn names_of_classes_are_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = tempfile::tempdir().unwrap();
    let image = png(GrayImage::from_raw(2, 1, vec![1, 2]).unwrap());
    for name in [&b"caf\xe9"[..], b"caf\xe8", b"tea"] {
        let class = folder.path().join(OsStr::from_bytes(name));
        fs::create_dir(&class).unwrap();
        fs::write(class.join("a.png"), &image).unwrap();
    }
    let error = load_images(&request(folder.path(), [1, 1, 2]), None).unwrap_err().to_string();
    assert_eq!(
        error.replace(&folder.path().display().to_string(), "pics"),
        "pics: the names of the folders `caf\\xe8` and `caf\\xe9` are not UTF-8 text, as names of classes must be; rename them"
    );
    // The names of images may be anything.
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    fs::write(folder.path().join("a").join(OsStr::from_bytes(b"\xff.png")), &image).unwrap();
    assert_eq!(noted(folder.path()).0.files, ["a/\\xff.png"]);
}

//! A folder of images in, a table out: each folder in it is a class, and holds the images of that class.

use std::borrow::Cow;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use image::imageops::FilterType;
use image::{DynamicImage, ImageReader};

use crate::damage::Damage;
use crate::encoding::Encoding;
use crate::error::{Error, Place};
use crate::images::ImageRequest;
use crate::pair::matrix;
use crate::table::{Table, Targets};

/// An image, and the number of its class where it has one.
struct Entry {
    path: PathBuf,
    class: Option<usize>,
}

/// Reads a folder of images by class, in the order of their names; or, with an earlier encoding, one of these: such a
/// folder, a folder of images without classes, or a single image.
pub fn load_images(request: &ImageRequest, encoding: Option<&Encoding>) -> Result<Table, Error> {
    let place = Place::Images(request.path.clone());
    let (entries, classes) = entries(request, encoding)?;
    if entries.is_empty() {
        return Err(Error::NoImages { path: request.path.clone() });
    }
    let [channels, height, width] = request.shape;
    let mut numbers = Vec::with_capacity(entries.len() * channels * height * width);
    for entry in &entries {
        pixels(&entry.path, request, &mut numbers)
            .map_err(|damage| Error::Damaged { place: Place::Images(entry.path.clone()), damage })?;
    }
    let targets = match entries.iter().map(|entry| entry.class).collect::<Option<Vec<usize>>>() {
        Some(classes) => Targets::Classes(classes),
        None => Targets::None,
    };
    let own = Encoding { classes: vec![classes], ..Encoding::numbered(channels * height * width, 1) };
    let lines: Vec<u64> = (1..=entries.len() as u64).collect();
    Ok(Table {
        inputs: matrix(entries.len(), channels * height * width, numbers),
        targets,
        encoding: encoding.cloned().unwrap_or(own),
        row_shape: request.shape.to_vec(),
        unit: place.unit(),
        lines,
        dropped: 0,
    })
}

/// The images, and the names of the classes.
fn entries(request: &ImageRequest, encoding: Option<&Encoding>) -> Result<(Vec<Entry>, Vec<String>), Error> {
    let path = &request.path;
    let plain = |path: PathBuf| Entry { path, class: None };
    if encoding.is_some() && (request.content.is_some() || path.is_file()) {
        return Ok((vec![plain(path.clone())], Vec::new()));
    }
    let (folders, images) = listed(path)?;
    if folders.is_empty() {
        return match encoding.is_some() && !request.classes_required {
            true => Ok((images.into_iter().map(plain).collect(), Vec::new())),
            false => Err(Error::NoClassFolders { path: path.clone() }),
        };
    }
    let known = encoding.and_then(|encoding| encoding.classes.first().cloned());
    let names: Vec<String> = folders.iter().map(|folder| name(folder)).collect();
    let classes = match known {
        Some(known) => known,
        None => match request.classes {
            Some(classes) if classes != names.len() => {
                return Err(Error::ClassFolders { path: path.clone(), folders: names, classes });
            }
            _ => names.clone(),
        },
    };
    let mut entries = Vec::new();
    for (folder, name) in folders.iter().zip(names) {
        let Some(class) = classes.iter().position(|class| *class == name) else {
            return Err(Error::UnknownClassFolder { path: folder.clone(), classes });
        };
        entries.extend(listed(folder)?.1.into_iter().map(|path| Entry { path, class: Some(class) }));
    }
    Ok((entries, classes))
}

/// The folders in a folder, and the images, each sorted by name.
fn listed(path: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), Error> {
    let refuse = |source| Error::Read { path: path.to_owned(), source };
    let (mut folders, mut images) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(path).map_err(refuse)? {
        let path = entry.map_err(refuse)?.path();
        if name(&path).starts_with('.') {
            continue;
        }
        if path.is_dir() {
            folders.push(path);
        } else if is_image(&path) {
            images.push(path);
        }
    }
    folders.sort();
    images.sort();
    Ok((folders, images))
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_image(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    matches!(&extension[..], "png" | "jpg" | "jpeg")
}

/// Adds the pixels of an image, channel after channel, from 0 to 255.
fn pixels(path: &Path, request: &ImageRequest, numbers: &mut Vec<f32>) -> Result<(), Damage> {
    let unread = |reason: String| Damage::Image { reason };
    let bytes = match &request.content {
        Some(content) => Cow::from(content),
        None => Cow::from(fs::read(path).map_err(|error| unread(error.to_string()))?),
    };
    let reader = ImageReader::new(Cursor::new(&bytes)).with_guessed_format();
    let image = reader.map_err(|error| unread(error.to_string()))?;
    let image = image.decode().map_err(|error| unread(error.to_string()))?;
    let [channels, height, width] = request.shape;
    let [wide, high] = [width, height].map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let image = if [image.width(), image.height()] == [wide, high] {
        image
    } else if request.resize {
        image.resize_exact(wide, high, FilterType::Triangle)
    } else {
        return Err(Damage::ImageSize { found: [image.width(), image.height()], wanted: [wide, high] });
    };
    match channels {
        1 => numbers.extend(image.into_luma8().into_raw().into_iter().map(f32::from)),
        _ => colours(image, numbers),
    }
    Ok(())
}

/// Red, green and blue, one after the other.
fn colours(image: DynamicImage, numbers: &mut Vec<f32>) {
    let pixels = image.into_rgb8().into_raw();
    for channel in 0..3 {
        numbers.extend(pixels.iter().skip(channel).step_by(3).map(|value| f32::from(*value)));
    }
}

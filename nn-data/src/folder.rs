//! A folder of images in, a table out: each folder in it is a class, and holds the images of that
//! class.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::alike;
use crate::content_error::ContentError;
use crate::encoding::Encoding;
use crate::error::Error;
use crate::images::ImageRequest;
use crate::listing::{Listing, shown};
use crate::origin::Origin;
use crate::pair::matrix;
use crate::pixels;
use crate::table::{Table, Targets};

/// An image, and the number of its class where it has one.
struct Entry {
    path: PathBuf,
    class: Option<usize>,
}

/// The images that are read.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    /// The names of the classes.
    classes: Vec<String>,
    /// What is not read, and names that are alike.
    notes: Vec<String>,
    /// The folders of classes without images.
    empty: Vec<PathBuf>,
}

/// Reads a folder of images by class, in the order of their names; or, with an earlier encoding,
/// one of these: such a folder, a folder of images without classes, or a single image.
///
/// Files that are not read are counted in [`Table::notes`]. Images are rotated by their EXIF data,
/// transparent pixels get a white background, and grey is 0.299·red + 0.587·green + 0.114·blue.
///
/// # Errors
///
/// Where a folder or an image cannot be read, an image is of another size, or folders do not fit
/// the classes.
pub fn load_images(request: &ImageRequest, encoding: Option<&Encoding>) -> Result<Table, Error> {
    let origin = Origin::Images(request.path.clone());
    let Found { entries, classes, mut notes, empty } = find(request, encoding)?;
    if entries.is_empty() {
        return Err(Error::NoImages { path: request.path.clone(), notes });
    }
    notes.extend(empty.iter().map(|folder| format!("{}: no images, so the class has no rows here", folder.display())));
    let [channels, height, width] = request.shape;
    let mut numbers = Vec::with_capacity(entries.len() * channels * height * width);
    for entry in &entries {
        let bytes = bytes(&entry.path, request);
        bytes
            .and_then(|bytes| pixels::read(&bytes, request, &mut numbers))
            .map_err(|error| Error::Content { origin: Origin::Images(entry.path.clone()), error })?;
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
        weights: None,
        encoding: encoding.cloned().unwrap_or(own),
        row_shape: request.shape.to_vec(),
        unit: origin.unit(),
        files: entries.iter().filter_map(|entry| name_in(&request.path, &entry.path)).collect(),
        lines,
        dropped: 0,
        notes,
        collapsed: Vec::new(),
    })
}

/// An image's path from the folder that is read on; nothing for a single image.
fn name_in(folder: &Path, image: &Path) -> Option<String> {
    let name = shown(image.strip_prefix(folder).ok()?.as_os_str());
    Some(name).filter(|name| !name.is_empty())
}

fn bytes<'a>(path: &Path, request: &'a ImageRequest) -> Result<Cow<'a, [u8]>, ContentError> {
    match &request.content {
        Some(content) => Ok(Cow::from(content)),
        None => fs::read(path).map(Cow::from).map_err(|error| ContentError::Image { reason: reason(&error) }),
    }
}

/// Finds the images, and the names of the classes.
fn find(request: &ImageRequest, encoding: Option<&Encoding>) -> Result<Found, Error> {
    let path = &request.path;
    let plain = |path: PathBuf| Entry { path, class: None };
    if encoding.is_some() && (request.content.is_some() || path.is_file()) {
        return Ok(Found { entries: vec![plain(path.clone())], ..Found::default() });
    }
    let listing = Listing::read(path)?;
    if listing.folders.is_empty() {
        let notes = listing.unread(true).map(|unread| format!("{}: {unread}", path.display())).into_iter().collect();
        return match encoding.is_some() && !request.classes_required {
            true => Ok(Found { entries: listing.images.into_iter().map(plain).collect(), notes, ..Found::default() }),
            false => Err(Error::NoClassFolders { path: path.clone() }),
        };
    }
    let listing = listing.without_images();
    let names = class_names(path, &listing.folders)?;
    let known = encoding.and_then(|encoding| encoding.classes.first());
    if let (None, Some(classes)) = (known, request.classes)
        && classes != names.len()
    {
        return Err(Error::ClassFolders { path: path.clone(), folders: names, classes });
    }
    let mut found = Found { classes: known.unwrap_or(&names).clone(), ..Found::default() };
    if known.is_none() {
        let alike = alike::notes(&names, "classes", Some(&[]));
        found.notes.extend(alike.into_iter().map(|note| format!("{}: {note}", path.display())));
    }
    if let Some(unread) = listing.unread(true) {
        found.notes.push(format!("{}: {unread}, outside the folders of the classes", path.display()));
    }
    for (folder, name) in listing.folders.iter().zip(&names) {
        found.add_class(folder, name)?;
    }
    Ok(found)
}

impl Found {
    /// Adds the images of a class, which is known by its name.
    fn add_class(&mut self, folder: &Path, name: &str) -> Result<(), Error> {
        let Some(class) = self.classes.iter().position(|class| class == name) else {
            return Err(Error::UnknownClassFolder { path: folder.to_owned(), classes: self.classes.clone() });
        };
        let listing = Listing::read(folder)?;
        if listing.images.is_empty() {
            self.empty.push(folder.to_owned());
        }
        if let Some(unread) = listing.unread(false) {
            self.notes.push(format!("{}: {unread}", folder.display()));
        }
        self.entries.extend(listing.images.into_iter().map(|path| Entry { path, class: Some(class) }));
        Ok(())
    }
}

/// The names of folders, which must be text, since classes are kept by name.
fn class_names(path: &Path, folders: &[PathBuf]) -> Result<Vec<String>, Error> {
    let name = |folder: &PathBuf| folder.file_name().unwrap_or_default().to_owned();
    let (names, others): (Vec<_>, Vec<_>) = folders.iter().map(name).partition(|name| name.to_str().is_some());
    if others.is_empty() {
        return Ok(names.iter().map(|name| shown(name)).collect());
    }
    Err(Error::FolderNames { path: path.to_owned(), folders: others.iter().map(|name| shown(name)).collect() })
}

/// The system's reason, without the error number.
fn reason(source: &io::Error) -> String {
    match source.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => {
            let text = source.to_string();
            text.split_once(" (os error ").map_or(text.as_str(), |(reason, _)| reason).to_owned()
        }
    }
}

//! The entries of a folder of images: the folders in it, the images, and what is not read.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::wording::counted;

/// The endings of images, in lower case; upper case is taken, too.
const ENDINGS: [&str; 3] = ["png", "jpg", "jpeg"];

/// What a folder holds, each part sorted by name.
#[derive(Default)]
pub(crate) struct Listing {
    /// The folders whose names do not begin with a dot.
    pub folders: Vec<PathBuf>,
    /// The images whose names do not begin with a dot.
    pub images: Vec<PathBuf>,
    /// How many other files there are, by what they are.
    others: BTreeMap<String, usize>,
    /// How many folders have a name that begins with a dot.
    hidden_folders: usize,
}

impl Listing {
    pub fn read(path: &Path) -> Result<Listing, Error> {
        let refuse = |source| Error::Read { path: path.to_owned(), source };
        let mut listing = Listing::default();
        for entry in fs::read_dir(path).map_err(refuse)? {
            listing.add(entry.map_err(refuse)?.path());
        }
        listing.folders.sort();
        listing.images.sort();
        Ok(listing)
    }

    fn add(&mut self, path: PathBuf) {
        let is_hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let ending = path.extension().map(|ending| shown(ending).to_lowercase());
        let is_image = ending.as_deref().is_some_and(|ending| ENDINGS.contains(&ending));
        // A pipe or a device is not an image, whatever its name, and a broken link is reported when
        // it is read.
        let is_special = path.exists() && !path.is_file();
        if path.is_dir() {
            match is_hidden {
                true => self.hidden_folders += 1,
                false => self.folders.push(path),
            }
        } else if is_image && !is_hidden && !is_special {
            self.images.push(path);
        } else {
            let kind = match ending {
                _ if is_hidden => "hidden".to_owned(),
                _ if is_special => "special".to_owned(),
                Some(ending) => format!(".{ending}"),
                None => "without an ending".to_owned(),
            };
            *self.others.entry(kind).or_default() += 1;
        }
    }

    /// The same of a folder whose images are not read.
    pub fn without_images(mut self) -> Listing {
        for image in std::mem::take(&mut self.images) {
            let ending = image.extension().map(|ending| shown(ending).to_lowercase()).unwrap_or_default();
            *self.others.entry(format!(".{ending}")).or_default() += 1;
        }
        self
    }

    /// What is not read, in words: `3 files not read: 2 .gif, 1 .txt`; empty if everything is read.
    pub fn unread(&self, are_folders_read: bool) -> Option<String> {
        let files: usize = self.others.values().sum();
        let folders = self.hidden_folders + if are_folders_read { 0 } else { self.folders.len() };
        let mut kinds: Vec<(&String, &usize)> = self.others.iter().collect();
        kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(**count), *kind));
        let kinds: Vec<String> = kinds.into_iter().map(|(kind, count)| format!("{count} {kind}")).collect();
        match (files, folders) {
            (0, 0) => None,
            (0, folders) => Some(format!("{} not read", counted(folders, "folder"))),
            (files, 0) => Some(format!("{} not read: {}", counted(files, "file"), kinds.join(", "))),
            (files, folders) => Some(format!(
                "{} and {} not read: {}",
                counted(folders, "folder"),
                counted(files, "file"),
                kinds.join(", ")
            )),
        }
    }
}

/// The name of a file or folder; bytes that are not UTF-8 are shown as `\xe9`.
pub(crate) fn shown(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

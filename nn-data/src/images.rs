//! What to read from folders of images; they are read where the crate has its feature `images`.

use std::path::PathBuf;

/// Which images to read, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRequest {
    /// A folder with a folder of PNG and JPEG files for each class.
    pub path: PathBuf,
    /// A single image, where it was read already, such as from a pipe. Errors still call it `path`.
    pub content: Option<Vec<u8>>,
    /// Channels, height and width of a row: grey levels if there is one channel, otherwise red,
    /// green and blue.
    pub shape: [usize; 3],
    /// Whether images of another size are resized; otherwise they are errors.
    pub resize: bool,
    /// How many classes the network has, if that is known.
    pub classes: Option<usize>,
    /// Whether the images must be in folders of their classes.
    pub classes_required: bool,
}

/// Without the feature `images` no image is read.
///
/// # Errors
///
/// [`Error::WithoutImages`](crate::Error::WithoutImages), always.
#[cfg(not(feature = "images"))]
pub fn load_images(request: &ImageRequest, _encoding: Option<&crate::Encoding>) -> Result<crate::Table, crate::Error> {
    Err(crate::Error::WithoutImages { path: request.path.clone() })
}

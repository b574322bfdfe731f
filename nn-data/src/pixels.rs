//! The bytes of an image in, its pixels out, as a viewer shows them: rotated upright, on white,
//! with 8 bits per channel.
//!
//! | an image may have | result |
//! | --- | --- |
//! | EXIF orientation | the image is rotated and mirrored accordingly |
//! | transparent pixels | they get a white background: c·α + 255·(1 − α), rounded |
//! | 16 bits a channel | rounded to 8 |
//! | a palette, CMYK, one channel of grey | red, green and blue, equal where it is grey |
//!
//! Grey is 0.299·red + 0.587·green + 0.114·blue (ITU-R BT.601), in the fixed-point form of Pillow's
//! mode `L`.

use std::io::Cursor;

use image::imageops::{self, FilterType};
use image::metadata::Orientation;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageReader, Luma, Rgb, RgbImage};

use crate::content_error::ContentError;
use crate::images::ImageRequest;

/// Adds the pixels of an image, channel after channel, from 0 to 255.
pub(crate) fn read(bytes: &[u8], request: &ImageRequest, numbers: &mut Vec<f32>) -> Result<(), ContentError> {
    let image = on_white(upright(bytes)?);
    let [channels, height, width] = request.shape;
    let wanted = [width, height].map(|side| u32::try_from(side).unwrap_or(u32::MAX));
    let found = [image.width(), image.height()];
    if found != wanted && !request.resize {
        return Err(ContentError::ImageSize { found, wanted });
    }
    let [wide, high] = wanted;
    if channels == 1 {
        let grey = grey(&image);
        let grey = if found == wanted { grey } else { imageops::resize(&grey, wide, high, FilterType::Triangle) };
        numbers.extend(grey.into_raw().into_iter().map(f32::from));
        return Ok(());
    }
    let image = if found == wanted { image } else { imageops::resize(&image, wide, high, FilterType::Triangle) };
    let pixels = image.into_raw();
    for channel in 0..3 {
        numbers.extend(pixels.iter().skip(channel).step_by(3).map(|value| f32::from(*value)));
    }
    Ok(())
}

/// The image, rotated by its EXIF data.
fn upright(bytes: &[u8]) -> Result<DynamicImage, ContentError> {
    if bytes.is_empty() {
        return Err(ContentError::Empty);
    }
    let unread = |reason: String| ContentError::Image { reason };
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let reader = reader.map_err(|error| unread(error.to_string()))?;
    let mut decoder = reader.into_decoder().map_err(|error| unread(error.to_string()))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    // A small file can promise more pixels than there is memory for; half a GiB is the most by
    // default.
    let mut limits = image::Limits::default();
    let fits = limits.reserve(decoder.total_bytes()).and_then(|()| decoder.set_limits(limits));
    fits.map_err(|error| unread(error.to_string()))?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| unread(error.to_string()))?;
    if image.width() == 0 || image.height() == 0 {
        return Err(unread("it has no pixels".to_owned()));
    }
    if is_cut_jpeg(bytes) {
        return Err(unread("it ends before its last rows".to_owned()));
    }
    image.apply_orientation(orientation);
    Ok(image)
}

/// Red, green and blue, with white behind transparent pixels.
fn on_white(image: DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.into_rgb8();
    }
    let image = image.into_rgba8();
    let mut opaque = RgbImage::new(image.width(), image.height());
    for (pixel, into) in image.pixels().zip(opaque.pixels_mut()) {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let laid = |value: u32| ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        *into = Rgb([laid(red), laid(green), laid(blue)]);
    }
    opaque
}

fn grey(image: &RgbImage) -> GrayImage {
    let mut grey = GrayImage::new(image.width(), image.height());
    for (pixel, into) in image.pixels().zip(grey.pixels_mut()) {
        let [red, green, blue] = pixel.0.map(u32::from);
        *into = Luma([((19_595 * red + 38_470 * green + 7_471 * blue + 0x8000) >> 16) as u8]);
    }
    grey
}

/// Whether a JPEG file has no end marker behind its first scan. The decoder would leave the missing
/// rows grey.
fn is_cut_jpeg(bytes: &[u8]) -> bool {
    const SCAN: u8 = 0xda;
    if !bytes.starts_with(&[0xff, 0xd8]) {
        return false;
    }
    let mut at = 2;
    while let Some([0xff, marker, rest @ ..]) = bytes.get(at..) {
        at += match (*marker, rest) {
            (SCAN, _) => return !rest.windows(2).rev().any(|pair| pair == [0xff, 0xd9]),
            (0xff, _) => 1,
            (0x01 | 0xd0..=0xd7, _) => 2,
            (_, [high, low, ..]) => 2 + usize::from(u16::from_be_bytes([*high, *low])),
            (_, _) => return true,
        };
    }
    false
}

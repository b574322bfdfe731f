//! A band: the part of some channels of an image that a tile of positions reads, padded and split
//! into planes.

use arrayvec::ArrayVec;

use super::sizes::{Cut, Reading};
use crate::each::each;
use crate::isa::LANES;

/// The numbers of a band.
pub(super) type Band<const B: usize> = ArrayVec<f32, B>;

/// Which part of an image a band holds.
#[derive(Clone, Copy)]
pub(super) struct Part {
    /// The first channel.
    pub channel: usize,
    /// How many channels.
    pub channels: usize,
    /// The first position.
    pub origin: [usize; 2],
    /// The shift of the first row.
    pub shift: usize,
}

/// Fills a band with a part of the channels `[channels, height, width]`.
#[inline(always)]
pub(super) fn fill<const B: usize>(band: &mut Band<B>, reading: Reading, cut: Cut, image: &[f32], part: Part) {
    let [height, width] = reading.image;
    band.clear();
    for channel in image.chunks_exact(height * width).skip(part.channel).take(part.channels) {
        each!(cut.planes[0] * cut.planes[1], |plane| {
            let (row, column) = (plane / cut.planes[1], plane % cut.planes[1]);
            each!(cut.plane[0], |r| {
                let padded = (part.origin[0] + r) * reading.stride[0] + row + part.shift;
                match padded.checked_sub(reading.padding[0]).filter(|row| *row < height) {
                    Some(row) => {
                        let begin = part.origin[1] * reading.stride[1] + column;
                        place(band, &channel[row * width..][..width], begin, reading, cut.plane[1]);
                    }
                    None => zeros(band, cut.plane[1]),
                }
            });
        });
    }
    zeros(band, LANES);
}

/// Adds `count` numbers of a padded row, from `begin` on in steps of the stride.
#[inline(always)]
fn place<const B: usize>(band: &mut Band<B>, row: &[f32], begin: usize, reading: Reading, count: usize) {
    let (stride, padding) = (reading.stride[1], reading.padding[1]);
    let left = padding.saturating_sub(begin).div_ceil(stride).min(count);
    let first = begin + left * stride - padding.min(begin + left * stride);
    let inside = if first < row.len() { (row.len() - first).div_ceil(stride).min(count - left) } else { 0 };
    zeros(band, left);
    if inside > 0 {
        if stride == 1 {
            append(band, &row[first..][..inside]);
        } else {
            for number in row[first..].iter().step_by(stride).take(inside) {
                band.push(*number);
            }
        }
    }
    zeros(band, count - left - inside);
}

/// Adds zeros.
#[inline(always)]
pub(super) fn zeros<const B: usize>(band: &mut Band<B>, mut count: usize) {
    while count >= LANES {
        append(band, &[0.0; LANES]);
        count -= LANES;
    }
    append(band, &[0.0; LANES][..count]);
}

/// Adds numbers.
#[inline(always)]
pub(super) fn append<const B: usize>(band: &mut Band<B>, numbers: &[f32]) {
    band.try_extend_from_slice(numbers).expect("a band holds what is cut for it");
}

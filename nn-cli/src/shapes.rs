//! Checks the shape of rows with several dimensions.

use std::path::Path;

use nn_data::Table;

use crate::error::Error;
use crate::spec::Spec;

/// The channels, height and width of the network's input, if it is an image with one or three
/// channels.
pub fn image(spec: &Spec) -> Option<[usize; 3]> {
    let shape: [usize; 3] = input(spec)?.try_into().ok()?;
    matches!(shape[0], 1 | 3).then_some(shape)
}

/// The shape of the network's input, if there is exactly one.
fn input(spec: &Spec) -> Option<&[usize]> {
    match &spec.compiled.model.inputs[..] {
        [input] => Some(&spec.compiled.shapes.of(*input).0),
        _ => None,
    }
}

/// Refuses an image if the network does not take images.
pub fn check_image(spec: &Spec, path: &Path) -> Result<(), Error> {
    match image(spec) {
        Some(_) => Ok(()),
        None => Err(Error::NoImageInput { path: path.to_owned(), network: spec.name().to_owned() }),
    }
}

/// Refuses rows whose shape does not fit the input. Dimensions of 1 are ignored. A flat input
/// accepts any shape with the same number of elements, and flat rows fit any input with the same
/// number of elements.
pub fn check_rows(spec: &Spec, table: &Table) -> Result<(), Error> {
    let (found, width) = (&table.row_shape[..], spec.input_width());
    let count: usize = found.iter().product();
    let fits = match input(spec) {
        Some(wanted) => {
            count == width && (wanted.len() == 1 || found.len() == 1 || without_ones(wanted) == without_ones(found))
        }
        None => count == width,
    };
    if fits || found.len() == 1 {
        // The width of flat rows is checked later, with the names of their columns.
        return Ok(());
    }
    let wanted = input(spec).map_or_else(|| vec![width], <[usize]>::to_vec);
    let channels_last = match (&wanted[..], found) {
        ([channels, height, width], [h, w, c]) => [h, w, c] == [height, width, channels],
        _ => false,
    };
    Err(Error::RowShape {
        network: spec.name().to_owned(),
        unit: table.unit,
        found: found.to_vec(),
        wanted,
        advice: if channels_last { CHANNELS_LAST } else { "" },
    })
}

/// The advice if channels come last.
const CHANNELS_LAST: &str =
    "; channels come first, as in PyTorch: move them, for example with `array.transpose(0, 3, 1, 2)`";

/// The dimensions that are not 1.
fn without_ones(shape: &[usize]) -> Vec<usize> {
    shape.iter().copied().filter(|dimension| *dimension != 1).collect()
}

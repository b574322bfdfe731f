//! Whether rows of several dimensions are what a network takes.

use std::path::Path;

use nn_data::Table;

use crate::error::Error;
use crate::spec::Spec;

/// Channels, height and width of the network's input, if it has one, and that is an image of one channel or three.
pub fn image(spec: &Spec) -> Option<[usize; 3]> {
    let shape: [usize; 3] = input(spec)?.try_into().ok()?;
    matches!(shape[0], 1 | 3).then_some(shape)
}

/// The shape of the network's input, if it has one.
fn input(spec: &Spec) -> Option<&[usize]> {
    match &spec.compiled.model.inputs[..] {
        [input] => Some(&spec.compiled.shapes.of(*input).0),
        _ => None,
    }
}

/// Refuses an image where the network takes none.
pub fn check_image(spec: &Spec, path: &Path) -> Result<(), Error> {
    match image(spec) {
        Some(_) => Ok(()),
        None => Err(Error::NoImageInput { path: path.to_owned(), network: spec.name().to_owned() }),
    }
}

/// Refuses rows of another shape than the input's. Dimensions of 1 do not count, a flat input takes any shape of as many
/// numbers, and flat rows fit any input of as many.
pub fn check_rows(spec: &Spec, table: &Table) -> Result<(), Error> {
    let (found, width) = (&table.row_shape[..], spec.input_width());
    let count: usize = found.iter().product();
    let fits = match input(spec) {
        Some(wanted) => count == width && (wanted.len() == 1 || found.len() == 1 || plain(wanted) == plain(found)),
        None => count == width,
    };
    if fits || found.len() == 1 {
        // The width of flat rows is judged by the names of their columns.
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

/// What helps where channels come last.
const CHANNELS_LAST: &str =
    "; channels come first, as in PyTorch: put them there, such as by `array.transpose(0, 3, 1, 2)`";

/// The dimensions that are not 1.
fn plain(shape: &[usize]) -> Vec<usize> {
    shape.iter().copied().filter(|dimension| *dimension != 1).collect()
}

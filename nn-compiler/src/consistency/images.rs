//! Image folders and augmentations need a network that takes images.

use crate::diagnostic::{Diagnostic, Sink, code, counted};
use crate::model::{AugmentationKind, Data, DataSource, Model, Train, ValueId};
use crate::shape::Shapes;

/// Reports a folder of images and augmentations that fit no input.
pub fn check(model: &Model, shapes: &Shapes, data: &Data, sink: &mut Sink) {
    folder(model, shapes, data, sink);
    augmentations(model, shapes, data, sink);
}

/// Channels, height and width of an input, if it is an image.
fn image(shapes: &Shapes, input: ValueId) -> Option<[usize; 3]> {
    shapes.of(input).0.as_slice().try_into().ok()
}

fn folder(model: &Model, shapes: &Shapes, data: &Data, sink: &mut Sink) {
    let DataSource::Images(images) = &data.source else { return };
    let fits = |input: &ValueId| image(shapes, *input).is_some_and(|[channels, ..]| matches!(channels, 1 | 3));
    if !(model.inputs.len() == 1 && model.inputs.iter().all(fits)) {
        let message = "images need a network with one input, `[1, height, width]` or `[3, height, width]`";
        let diagnostic = Diagnostic::error(code::NO_IMAGES, images.span, message);
        sink.push(
            shown(model, shapes, diagnostic).note("1 channel holds grey levels; 3 channels hold red, green and blue"),
        );
    }
    let is_class = |train: &Train| !train.has_loss() || matches!(&train.targets[..], [target] if target.is_class);
    if !model.train.as_ref().is_none_or(is_class) {
        let message = "folders of images are classes, so the only loss must be `cross_entropy`";
        sink.push(Diagnostic::error(code::CONTRADICTION, images.span, message));
    }
}

fn augmentations(model: &Model, shapes: &Shapes, data: &Data, sink: &mut Sink) {
    let Some(first) = data.augment.first() else { return };
    let images: Vec<[usize; 3]> = model.inputs.iter().filter_map(|input| image(shapes, *input)).collect();
    if images.is_empty() {
        let message = "only images `[channels, height, width]` can be augmented, but no input is an image";
        sink.push(shown(model, shapes, Diagnostic::error(code::NO_IMAGES, first.span, message)));
        return;
    }
    for augmentation in &data.augment {
        let side = images.iter().map(|[_, height, width]| *height.min(width)).min().unwrap_or(0);
        if let AugmentationKind::Shift { most } = augmentation.kind
            && most >= side
        {
            let message = format!("`shift({most})` can move an image of {} out of view", counted(side, "pixel"));
            let diagnostic = Diagnostic::error(code::OUT_OF_RANGE, augmentation.span, message);
            sink.push(shown(model, shapes, diagnostic).note("a tenth of the width is usual"));
        }
    }
}

/// With the shape of every input.
fn shown(model: &Model, shapes: &Shapes, diagnostic: Diagnostic) -> Diagnostic {
    model.inputs.iter().fold(diagnostic, |diagnostic, input| {
        diagnostic.label(model.value(*input).span, format!("this takes {}", shapes.of(*input)))
    })
}

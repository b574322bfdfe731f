//! `data { … }`: where the examples are, or the examples themselves.

mod augment;
mod rows;
mod settings;
mod sources;
mod validation;

use super::constants::Constants;
use crate::ast::{DataItem, Lost};
use crate::diagnostic::Sink;
use crate::model::{Data, Validation};
use crate::span::Span;

use settings::Settings;

/// Resolves `data`; also returns whether all of it is valid. A setting with a mistake, other than the source, counts as
/// not written.
pub fn resolve(
    keyword: Span,
    items: &[DataItem],
    lost: &[Lost],
    constants: &Constants,
    sink: &mut Sink,
) -> (Option<Data>, bool) {
    let settings = Settings::new(items, lost, sink);
    let rows = rows::resolve(items, constants, sink);
    let Some(kind) = sources::kind(keyword, &settings, &rows, sink) else {
        validation::resolve(&settings, None, constants, sink);
        augment::resolve(&settings, constants, sink);
        return (None, false);
    };
    let validation = validation::resolve(&settings, Some(kind), constants, sink);
    let augment = augment::resolve(&settings, constants, sink);
    let folder = settings.text("folder", "the path of a folder", sink);
    let origin = settings.text("origin", "the address of the files", sink);
    let is_whole = lost.is_empty()
        && rows.is_whole
        && validation.is_some()
        && augment.is_some()
        && folder.is_some()
        && origin.is_some();
    let Some(source) = sources::resolve(kind, keyword, &settings, rows, constants, sink) else { return (None, false) };
    let data = Data {
        source,
        folder: folder.flatten(),
        origin: origin.flatten(),
        validation: validation.unwrap_or(Validation::Share(0.0)),
        augment: augment.unwrap_or_default(),
        span: keyword,
    };
    (Some(data), is_whole)
}

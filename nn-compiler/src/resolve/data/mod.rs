//! `data { … }`: where the examples are, or the examples themselves.

mod augment;
mod rows;
mod settings;
mod sources;
mod validation;
mod weights;

use crate::ast::{DataItem, Lost};
use crate::model::{Data, Validation};
use crate::resolve::context::Context;
use crate::span::Span;

use settings::DataSettings;

/// Resolves `data`; also returns whether all of it is valid. A setting with a mistake, other than the source, counts as
/// not written.
pub fn resolve(keyword: Span, items: &[DataItem], lost: &[Lost], context: &mut Context) -> (Option<Data>, bool) {
    let settings = DataSettings::new(items, lost, context);
    let rows = rows::resolve(items, context);
    let Some(kind) = sources::kind(keyword, &settings, &rows, context) else {
        validation::resolve(&settings, None, context);
        augment::resolve(&settings, context);
        return (None, false);
    };
    let validation = validation::resolve(&settings, Some(kind), context);
    let augment = augment::resolve(&settings, context);
    let folder = settings.text("folder", "the path of a folder", context);
    let origin = settings.text("origin", "the address of the files", context);
    let is_whole = lost.is_empty()
        && rows.is_whole
        && validation.is_some()
        && augment.is_some()
        && folder.is_some()
        && origin.is_some();
    let Some(source) = sources::resolve(kind, keyword, &settings, rows, context) else { return (None, false) };
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

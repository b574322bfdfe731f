//! `data { … }`: where the examples are, or the examples themselves.

mod augment;
mod rows;
mod settings;
mod sources;
mod validation;

use super::constants::Constants;
use crate::diagnostic::Sink;
use crate::model::Data;
use crate::span::Span;
use crate::syntax::ast::DataItem;

use settings::Settings;

/// Resolves `data`.
pub fn resolve(keyword: Span, items: &[DataItem], constants: &Constants, sink: &mut Sink) -> Option<Data> {
    let settings = Settings::new(items, sink);
    let rows = rows::resolve(items, constants, sink);
    let kind = sources::kind(keyword, &settings, &rows, sink);
    let validation = validation::resolve(&settings, kind, constants, sink);
    let augment = augment::resolve(&settings, constants, sink);
    let folder = settings.text("folder", "the path of a folder", sink);
    let origin = settings.text("origin", "the address where the files can be had", sink);
    let source = sources::resolve(kind?, keyword, &settings, rows, sink);
    Some(Data {
        source: source?,
        folder: folder?,
        origin: origin?,
        validation: validation?,
        augment: augment?,
        span: keyword,
    })
}

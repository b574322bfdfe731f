//! The validation rows: a share of the rows, or separate files.

use super::super::arguments;
use super::settings::{self, DataSettings};
use super::sources::SourceKind;
use crate::ast::{Expr, ExprKind};
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Pair, Validation};
use crate::resolve::context::Context;

/// Resolves `validation`, as examples of this kind have it.
pub fn resolve(settings: &DataSettings, kind: Option<SourceKind>, context: &mut Context) -> Option<Validation> {
    let Some(value) = settings.value("validation") else { return Some(Validation::Share(0.0)) };
    match (&value.kind, kind) {
        (ExprKind::Text(path), Some(SourceKind::Csv | SourceKind::Images)) => Some(Validation::File(path.clone())),
        (ExprKind::List(items), Some(SourceKind::Idx | SourceKind::Npy)) => {
            pair(value, items, context, |item, context| {
                settings::text(item, "each part", "the path of a file", context)
            })
        }
        (ExprKind::List(items), Some(SourceKind::Npz)) => {
            pair(value, items, context, |item, context| settings::name(item, "an array", context))
        }
        // It is not known which files are expected.
        (ExprKind::Text(_) | ExprKind::List(_), None) => None,
        (ExprKind::Text(_) | ExprKind::List(_), Some(kind)) => {
            let own = match kind {
                SourceKind::Csv => ", or the path of a csv file",
                SourceKind::Images => ", or the path of a folder",
                SourceKind::Idx | SourceKind::Npy => ", or two paths, `[\"inputs\", \"targets\"]`",
                SourceKind::Npz => ", or two arrays, `[inputs, targets]`",
                SourceKind::Rows => "",
            };
            let message = format!("`validation` must be a share of the rows, such as 0.2{own}");
            context.push(Diagnostic::error(code::WRONG_KIND, value.span, message));
            None
        }
        (
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Call(_)
            | ExprKind::Negative(_)
            | ExprKind::Binary { .. },
            _,
        ) => {
            let fits = |share: f64| (0.0..1.0).contains(&share);
            arguments::number(value, "`validation`", arguments::SHARE, fits, context).map(Validation::Share)
        }
    }
}

/// Inputs and targets.
fn pair(
    value: &Expr,
    items: &[Expr],
    context: &mut Context,
    mut read: impl FnMut(&Expr, &mut Context) -> Option<String>,
) -> Option<Validation> {
    let [inputs, target] = items else {
        let message =
            format!("`validation` must be a list of two, `[inputs, targets]`, but this list has {}", items.len());
        context.push(Diagnostic::error(code::WRONG_KIND, value.span, message));
        return None;
    };
    let (inputs, target) = (read(inputs, context), read(target, context));
    Some(Validation::Arrays(Pair { inputs: inputs?, target: target? }))
}

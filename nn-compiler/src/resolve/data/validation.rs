//! The validation rows: a share of the rows, or separate files.

use super::super::arguments;
use super::super::constants::Constants;
use super::settings::{self, Settings};
use super::sources::Kind;
use crate::ast::{Expr, ExprKind};
use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Pair, Validation};

/// Resolves `validation`, as examples of this kind have it.
pub fn resolve(settings: &Settings, kind: Option<Kind>, constants: &Constants, sink: &mut Sink) -> Option<Validation> {
    let Some(value) = settings.value("validation") else { return Some(Validation::Share(0.0)) };
    match (&value.kind, kind) {
        (ExprKind::Text(path), Some(Kind::Csv | Kind::Images)) => Some(Validation::File(path.clone())),
        (ExprKind::List(items), Some(Kind::Idx | Kind::Npy)) => {
            pair(value, items, sink, |item, sink| settings::text(item, "each part", "the path of a file", sink))
        }
        (ExprKind::List(items), Some(Kind::Npz)) => {
            pair(value, items, sink, |item, sink| settings::name(item, "an array", sink))
        }
        // It is not known which files are expected.
        (ExprKind::Text(_) | ExprKind::List(_), None) => None,
        (ExprKind::Text(_) | ExprKind::List(_), Some(kind)) => {
            let own = match kind {
                Kind::Csv => ", or the path of a csv file",
                Kind::Images => ", or the path of a folder",
                Kind::Idx | Kind::Npy => ", or two paths, `[\"inputs\", \"targets\"]`",
                Kind::Npz => ", or two arrays, `[inputs, targets]`",
                Kind::Rows => "",
            };
            let message = format!("`validation` must be a share of the rows, such as 0.2{own}");
            sink.push(Diagnostic::error(code::WRONG_KIND, value.span, message));
            None
        }
        _ => {
            let fits = |share: f64| (0.0..1.0).contains(&share);
            arguments::number(value, constants, "`validation`", arguments::SHARE, fits, sink).map(Validation::Share)
        }
    }
}

/// Inputs and targets.
fn pair(
    value: &Expr,
    items: &[Expr],
    sink: &mut Sink,
    mut read: impl FnMut(&Expr, &mut Sink) -> Option<String>,
) -> Option<Validation> {
    let [inputs, target] = items else {
        let message =
            format!("`validation` must be a list of two, `[inputs, targets]`, but this list has {}", items.len());
        sink.push(Diagnostic::error(code::WRONG_KIND, value.span, message));
        return None;
    };
    let (inputs, target) = (read(inputs, sink), read(target, sink));
    Some(Validation::Arrays(Pair { inputs: inputs?, target: target? }))
}

//! `weights: column;`: how much each row counts. The column has no other use.

use super::settings::{self, DataSettings};
use crate::ast::ExprKind;
use crate::diagnostic::{Diagnostic, code};
use crate::resolve::context::Context;
use crate::span::Span;

/// The settings that give columns another use.
const OTHER_USES: [(&str, &str); 3] =
    [("target", "it is a target"), ("columns", "it is in `columns`"), ("one_hot", "it is in `one_hot`")];

/// The column, if one is written; the outer `None` if it is a mistake.
pub fn column(settings: &DataSettings, context: &mut Context) -> Option<Option<(String, Span)>> {
    let Some(value) = settings.value("weights") else { return Some(None) };
    if let ExprKind::List(_) = value.kind {
        let message = "`weights` names one column, whose numbers say how much each row counts";
        let note = "weights of classes are `class_weights` of `cross_entropy`";
        context.push(Diagnostic::error(code::WRONG_KIND, value.span, message).note(note));
        return None;
    }
    let column = settings::name(value, "`weights`", context)?;
    if let Some((place, use_)) = other_use(settings, &column) {
        let message = format!("`{column}` holds the weights of the rows, so it cannot have another use: {use_}");
        let diagnostic = Diagnostic::error(code::WEIGHTS_COLUMN, place, message);
        context.push(diagnostic.label(value.span, "its weights").note("a column of weights is not an input"));
        return None;
    }
    Some(Some((column, value.span)))
}

/// Where the column is named with another use, and which.
fn other_use(settings: &DataSettings, column: &str) -> Option<(Span, &'static str)> {
    let named = OTHER_USES.iter().find_map(|(name, use_)| {
        let items = settings.value(name)?.one_or_list();
        let item = items.into_iter().find(|item| item.text().or(item.word()) == Some(column))?;
        Some((item.span, *use_))
    });
    let of_offset = || {
        let is_this = |name: &crate::ast::Name| settings::column(name) == column;
        let argument = settings.offsets().iter().find(|argument| argument.name.as_ref().is_some_and(is_this))?;
        Some((argument.span, "it has an `offset`"))
    };
    named.or_else(of_offset)
}

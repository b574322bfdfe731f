//! `augment: [shift(2), flip, noise(0.1)];`: how training images are varied.

use super::super::arguments;
use super::super::names;
use super::settings::DataSettings;
use crate::ast::Expr;
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Augmentation, AugmentationKind};
use crate::resolve::context::Context;
use crate::signature::ArgumentSpec;

/// What each augmentation takes, by its name.
const SIGNATURES: [(&str, &[ArgumentSpec]); 3] = [
    ("shift", &[ArgumentSpec::size("most", "the largest shift in pixels")]),
    ("flip", &[]),
    ("noise", &[ArgumentSpec::positive("deviation", "the standard deviation, in the units of the data")]),
];

/// Resolves `augment`: one augmentation, or a list of them.
pub fn resolve(settings: &DataSettings, context: &mut Context) -> Option<Vec<Augmentation>> {
    let Some(value) = settings.value("augment") else { return Some(Vec::new()) };
    let items = value.one_or_list();
    let augmentations: Vec<_> = items.into_iter().map(|item| augmentation(item, context)).collect();
    augmentations.into_iter().collect()
}

fn augmentation(expr: &Expr, context: &mut Context) -> Option<Augmentation> {
    let Some(call) = names::call(expr, context) else {
        let message = "an augmentation is `shift(2)`, `flip` or `noise(0.1)`";
        context.push(Diagnostic::error(code::WRONG_KIND, expr.span, message));
        return None;
    };
    let known = SIGNATURES.iter().map(|(name, _)| *name);
    let name = names::look_up(&names::AUGMENTATIONS, &call.name.text, call.name.span, known, context)?;
    let (_, takes) = SIGNATURES.iter().find(|(other, _)| *other == name)?;
    let bound = arguments::bind(&call.renamed(name), takes, context)?;
    let kind = match name {
        "shift" => AugmentationKind::Shift { most: bound.size("most") },
        "flip" => AugmentationKind::Flip,
        _ => AugmentationKind::Noise { deviation: bound.number("deviation") },
    };
    Some(Augmentation { kind, span: expr.span })
}

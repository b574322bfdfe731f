//! `regularizer: …`: the penalty of every layer without its own.

use super::settings::TrainSettings;
use crate::ast::ExprKind;
use crate::diagnostic::{Diagnostic, code};
use crate::model::{Model, Node};
use crate::resolve::arguments;
use crate::resolve::context::Context;
use crate::signature::ArgumentSpec;
use crate::span::Span;

/// `l1(…)`, `l2(…)` or their sum, for every layer with weights and without its own penalty.
pub fn regularize(model: &mut Model, settings: &TrainSettings, context: &mut Context) {
    let Some(value) = settings.value("regularizer", context) else { return };
    let (mut l1, mut l2) = (None, None);
    for term in value.terms() {
        let ExprKind::Call(call) = &term.kind else {
            context.push(not_a_regularizer(term.span));
            return;
        };
        const STRENGTH: &[ArgumentSpec] =
            &[ArgumentSpec::number("strength", 0.0, f64::INFINITY, "the weight of the penalty in the loss")];
        let slot = match call.name.text.as_str() {
            "l1" => &mut l1,
            "l2" => &mut l2,
            _ => {
                context.push(not_a_regularizer(term.span));
                return;
            }
        };
        match arguments::bind(call, STRENGTH, context) {
            Some(bound) => *slot = Some(bound.number("strength")),
            None => return,
        }
    }
    for value in &mut model.values {
        if let Node::Layer { layer, .. } = &mut value.node
            && let Some(weights) = layer.rule_mut().weights_mut()
            && weights.l1.is_none()
            && weights.l2.is_none()
        {
            (weights.l1, weights.l2) = (l1, l2);
        }
    }
}

fn not_a_regularizer(span: Span) -> Diagnostic {
    Diagnostic::error(code::WRONG_KIND, span, "a regularizer is `l1(strength)`, `l2(strength)` or their sum")
}

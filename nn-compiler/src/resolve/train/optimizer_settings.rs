//! Arguments of the optimizer that are written as settings of `train`, as other frameworks have them.

use super::optimizer;
use crate::ast::{Expr, ExprKind, Setting, SettingValue};
use crate::diagnostic::{Diagnostic, Edit, code};

/// What a setting is called as an argument of the optimizer.
pub fn argument(setting: &str) -> Option<&'static str> {
    Some(match setting {
        "lr" | "learning_rate" | "eta" => "lr",
        "momentum" => "momentum",
        "nesterov" => "nesterov",
        "weight_decay" => "weight_decay",
        "rho" => "rho",
        "beta1" | "beta_1" => "beta1",
        "beta2" | "beta_2" => "beta2",
        "eps" | "epsilon" => "eps",
        _ => return None,
    })
}

/// One error for those of the settings that are misplaced, with the edit that moves them into the optimizer.
pub fn misplaced(settings: &[Setting], misplaced: &[&Setting]) -> Option<Diagnostic> {
    let misplaced: Vec<(&Setting, &str)> =
        misplaced.iter().filter_map(|setting| Some((*setting, argument(&setting.name.text)?))).collect();
    let ((first, _), others) = misplaced.split_first()?;
    let message = match others {
        [] => format!("`{}` is an argument of the optimizer", first.name.text),
        _ => {
            let names: Vec<String> = misplaced.iter().map(|(setting, _)| format!("`{}`", setting.name.text)).collect();
            let (last, start) = names.split_last()?;
            format!("{} and {last} are arguments of the optimizer", start.join(", "))
        }
    };
    let mut diagnostic = Diagnostic::error(code::UNKNOWN_SETTING, first.name.span, message);
    for (other, _) in others {
        diagnostic = diagnostic.label(other.name.span, "so is this");
    }
    Some(match edits(settings, &misplaced) {
        Some(edits) => diagnostic.propose("move to the optimizer", edits, false),
        None => diagnostic.note("write for example `optimizer: sgd(lr: 0.01, momentum: 0.9);`"),
    })
}

/// The edits that move settings into the optimizer; `None` where it does not take them all, or has them already.
fn edits(settings: &[Setting], misplaced: &[(&Setting, &str)]) -> Option<Vec<Edit>> {
    let value = |setting: &Setting| match &setting.value {
        SettingValue::Value(value) => Some(value.clone()),
        SettingValue::Arguments(_) => None,
    };
    let optimizer = settings.iter().find(|setting| setting.name.text == "optimizer").and_then(value)?;
    let ExprKind::Call(call) = &optimizer.kind else { return None };
    let takes = optimizer::arguments_of(&call.name.text)?;
    let mut arguments = Vec::new();
    for (at, (setting, name)) in misplaced.iter().enumerate() {
        let is_taken =
            |argument: &crate::ast::Argument| argument.name.as_ref().is_none_or(|written| written.text == *name);
        let is_twice = misplaced[..at].iter().any(|(_, other)| other == name) || call.arguments.iter().any(is_taken);
        if is_twice || !takes.iter().any(|spec| spec.name == *name) {
            return None;
        }
        arguments.push(format!("{name}: {}", literal(&value(setting)?)?));
    }
    let written = arguments.join(", ");
    let insertion = match call.arguments.last() {
        Some(last) => Edit::new(last.span.after(), format!(", {written}")),
        None => Edit::new(call.name.span.to(call.span), format!("{}({written})", call.name.text)),
    };
    let removals = misplaced.iter().map(|(setting, _)| Edit::new(setting.span, ""));
    Some([insertion].into_iter().chain(removals).collect())
}

/// A number, flag or name as it can be written again.
fn literal(value: &Expr) -> Option<String> {
    match &value.kind {
        ExprKind::Integer(integer) => Some(integer.to_string()),
        ExprKind::Float(float) => Some(format!("{float:?}")),
        ExprKind::Bool(flag) => Some(flag.to_string()),
        ExprKind::Call(_) => value.word().map(str::to_owned),
        ExprKind::Text(_) | ExprKind::List(_) | ExprKind::Negative(_) | ExprKind::Binary { .. } => None,
    }
}

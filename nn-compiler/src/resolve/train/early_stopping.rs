//! `early_stopping(…)`: when training ends before its last epoch.

use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EarlyStopping, Train};
use crate::resolve::arguments::{self, Parameter};
use crate::resolve::constants::Constants;
use crate::syntax::ast::{Argument, Call, Expr, ExprKind, Setting, SettingValue};

/// Resolves the setting.
pub fn early_stopping(setting: &Setting, constants: &Constants, sink: &mut Sink) -> Option<EarlyStopping> {
    const MONITORS: &[&str] = &["loss", "val_loss", "accuracy", "val_accuracy", "mae", "val_mae", "mse", "val_mse"];
    const PARAMETERS: &[Parameter] = &[
        Parameter::word("monitor", MONITORS, "what is watched").default_word("val_loss"),
        Parameter::size("patience", "how many epochs without improvement end the training").default_number(10.0),
        Parameter::number("min_delta", 0.0, f64::INFINITY, "how much better counts as better").default_number(0.0),
    ];
    let SettingValue::Arguments(arguments) = &setting.value else {
        let message = "`early_stopping` is set by arguments";
        let diagnostic = Diagnostic::error(code::WRONG_KIND, setting.span, message);
        sink.push(match &setting.value {
            SettingValue::Value(Expr { kind: ExprKind::Integer(patience), .. }) => {
                let text = format!("early_stopping(patience: {patience});");
                diagnostic.mend("name the patience", setting.span, text)
            }
            _ => diagnostic.note("write `early_stopping(monitor: val_loss, patience: 8);`"),
        });
        return None;
    };
    let arguments: Vec<Argument> = arguments.clone();
    let call = Call { name: setting.name.clone(), arguments, span: setting.span };
    let bound = arguments::bind(&call, PARAMETERS, constants, sink)?;
    Some(EarlyStopping {
        monitor: bound.word("monitor").to_owned(),
        patience: bound.size("patience"),
        min_delta: bound.number("min_delta"),
        span: setting.span,
    })
}

/// What is watched must be measured.
pub fn check(train: &Train, sink: &mut Sink) {
    if let Some(watched) = &train.early_stopping {
        let metric = watched.monitor.trim_start_matches("val_");
        if metric != "loss" && !train.metrics.iter().any(|measured| measured.name() == metric) {
            let message = format!("early stopping watches `{}`, but `{metric}` is not measured", watched.monitor);
            sink.push(
                Diagnostic::error(code::UNKNOWN_MONITOR, watched.span, message)
                    .note(format!("add `metrics: [{metric}];` to `train`")),
            );
        }
    }
}

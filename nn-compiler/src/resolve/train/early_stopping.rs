//! `early_stopping(…)`: when training ends before its last epoch.

use super::metrics;
use crate::ast::{Argument, Call, ExprKind, Setting, SettingValue};
use crate::diagnostic::{Diagnostic, code};
use crate::model::{EarlyStopping, Model, Monitor, Reported, Train};
use crate::resolve::arguments;
use crate::resolve::context::Context;
use crate::signature::ArgumentSpec;

/// `early_stopping(…)` as written, before the metrics are known.
pub struct WrittenStopping {
    /// It monitors the loss until its metric is known.
    rule: EarlyStopping,
    /// The monitor as it is written.
    monitor: &'static str,
    /// The metric to monitor; `None` for the loss.
    metric: Option<metrics::Written>,
}

pub fn early_stopping(setting: &Setting, context: &mut Context) -> Option<WrittenStopping> {
    const MONITORS: &[&str] = &["loss", "val_loss", "accuracy", "val_accuracy", "mae", "val_mae", "mse", "val_mse"];
    const ARGUMENTS: &[ArgumentSpec] = &[
        ArgumentSpec::word("monitor", MONITORS, "the metric to monitor").default_word("val_loss"),
        ArgumentSpec::size("patience", "epochs without improvement after which training stops").default_number(10.0),
        ArgumentSpec::number("min_delta", 0.0, f64::INFINITY, "the smallest change that counts as an improvement")
            .default_number(0.0),
    ];
    let SettingValue::Arguments(arguments) = &setting.value else {
        let message = "`early_stopping` takes arguments in parentheses";
        let diagnostic = Diagnostic::error(code::WRONG_KIND, setting.span, message);
        context.push(match setting.value.integer() {
            Some(patience) => {
                let text = format!("early_stopping(patience: {patience});");
                diagnostic.mend("pass it as `patience`", setting.span, text)
            }
            None => diagnostic.note("write `early_stopping(monitor: val_loss, patience: 8);`"),
        });
        return None;
    };
    let mut arguments: Vec<Argument> = arguments.clone();
    // `val_accuracy(action)` is bound as `val_accuracy`.
    let of_output = arguments.iter_mut().enumerate().find_map(|(at, argument)| {
        let is_monitor = argument.name.as_ref().map_or(at == 0, |name| name.text == "monitor");
        let call = argument.value.call().filter(|_| is_monitor)?.clone();
        argument.value.kind = ExprKind::Call(Call { arguments: Vec::new(), ..call.clone() });
        Some(call)
    });
    let call = Call { name: setting.name.clone(), arguments, span: setting.span };
    let bound = arguments::bind(&call, ARGUMENTS, context)?;
    let monitor = bound.word("monitor");
    let (on_validation, name) = match monitor.strip_prefix("val_") {
        Some(name) => (true, name),
        None => (false, monitor),
    };
    let rule = EarlyStopping {
        monitor: Monitor { reported: Reported::Loss, on_validation },
        patience: bound.size("patience"),
        min_delta: bound.number("min_delta"),
        span: setting.span,
    };
    let metric = match (name, of_output) {
        ("loss", Some(Call { arguments, .. })) if !arguments.is_empty() => {
            let message = format!("`{monitor}` is the sum of all loss terms and takes no output");
            context.push(Diagnostic::error(code::SURPLUS_ARGUMENT, arguments[0].span, message).caption("remove this"));
            return None;
        }
        ("loss", _) => None,
        (name, of_output) => {
            let call = of_output.unwrap_or_else(|| Call { arguments: Vec::new(), ..call });
            Some(metrics::written(name, &call, context)?)
        }
    };
    Some(WrittenStopping { rule, monitor, metric })
}

impl WrittenStopping {
    /// The rule, with the metric that it monitors.
    pub fn resolve(mut self, train: &Train, model: &Model, context: &mut Context) -> Option<EarlyStopping> {
        let Some(written) = self.metric else { return Some(self.rule) };
        let reported = context.sink.count();
        let Some(measure) = metrics::known(&written, train, model, context) else {
            if context.sink.count() == reported {
                let metric = written.name();
                let message = format!("early stopping monitors `{}`, but `{metric}` is not measured", self.monitor);
                context.push(
                    Diagnostic::error(code::UNKNOWN_MONITOR, self.rule.span, message)
                        .note(format!("add `metrics: [{metric}];` to `train`")),
                );
            }
            return None;
        };
        self.rule.monitor.reported = Reported::Metric(measure);
        Some(self.rule)
    }
}

//! `schedule: …`: how the learning rate changes during training.

use super::settings::TrainSettings;
use crate::ast::Expr;
use crate::diagnostic::{Diagnostic, code, counted};
use crate::model::{BatchSize, Schedule, Train};
use crate::resolve::arguments;
use crate::resolve::context::Context;
use crate::resolve::names;
use crate::signature::{ArgumentSpec, Bound};

/// Every schedule: its name, its arguments, and how to make it from them.
type ScheduleSignature = (&'static str, &'static [ArgumentSpec], fn(&Bound) -> Schedule);

const SCHEDULES: &[ScheduleSignature] = &[
    ("constant", &[], |_| Schedule::Constant),
    (
        "step",
        &[
            ArgumentSpec::epochs("every", "epochs between two changes"),
            ArgumentSpec::fraction("factor", "the factor of each change"),
        ],
        |bound| Schedule::Step { every: bound.size("every"), factor: bound.number("factor") },
    ),
    ("exponential", &[ArgumentSpec::fraction("rate", "the factor of the learning rate after every epoch")], |bound| {
        Schedule::Exponential { rate: bound.number("rate") }
    }),
    (
        "linear",
        &[
            ArgumentSpec::number("to", 0.0, f64::INFINITY, "the final learning rate"),
            ArgumentSpec::epochs("over", "epochs until that rate is reached"),
        ],
        |bound| Schedule::Linear { to: bound.number("to"), over: bound.size("over") },
    ),
    (
        "cosine",
        &[ArgumentSpec::count("warmup", "steps during which the learning rate rises").default_number(0.0)],
        |bound| Schedule::Cosine { warmup: bound.size("warmup") },
    ),
    ("one_cycle", &[ArgumentSpec::positive("max_lr", "the highest learning rate")], |bound| Schedule::OneCycle {
        max_lr: bound.number("max_lr"),
    }),
];

/// Resolves `schedule: value;`.
pub fn schedule(value: &Expr, context: &mut Context) -> Option<Schedule> {
    let Some(call) = &names::call(value, context) else {
        let message = "a schedule is a name such as `cosine(warmup: 100)`";
        context.push(Diagnostic::error(code::WRONG_KIND, value.span, message));
        return None;
    };
    let known = SCHEDULES.iter().map(|(name, ..)| *name);
    let name = names::look_up(&names::SCHEDULES, &call.name.text, call.name.span, known, context)?;
    let (_, takes, make) = SCHEDULES.iter().find(|(other, ..)| *other == name)?;
    Some(make(&arguments::bind(&call.renamed(name), takes, context)?))
}

/// A schedule must take effect within the epochs. (The number of steps in an epoch is known only with the data, unless
/// a batch is all rows.)
pub fn check(train: &Train, settings: &TrainSettings, context: &mut Context) {
    let epochs = train.epochs;
    let (message, least) = match train.schedule {
        Schedule::Step { every, .. } if every >= epochs => {
            (format!("`step` changes the learning rate after {}", counted(every, "epoch")), every + 1)
        }
        Schedule::Linear { over, .. } if over > epochs => {
            (format!("`linear` reaches its final learning rate after {}", counted(over, "epoch")), over)
        }
        Schedule::Cosine { warmup } if train.batch == BatchSize::All && warmup >= epochs => {
            let (steps, epochs) = (counted(warmup, "step"), counted(warmup, "epoch"));
            (format!("`cosine` warms up for {steps}, which takes {epochs} of one batch each"), warmup + 1)
        }
        Schedule::Constant
        | Schedule::Step { .. }
        | Schedule::Exponential { .. }
        | Schedule::Linear { .. }
        | Schedule::Cosine { .. }
        | Schedule::OneCycle { .. } => return,
    };
    let message = format!("{message}, but training has {}", counted(epochs, "epoch"));
    let diagnostic = Diagnostic::error(code::SCHEDULE_DOES_NOT_FIT, train.schedule_span, message);
    let diagnostic = match settings.get("epochs") {
        Some(written) => diagnostic.label(written.span, "set here"),
        None => diagnostic.note(format!("without `epochs`, training has {epochs}")),
    };
    context.push(diagnostic.note(format!("train for at least {}, or shorten the schedule", counted(least, "epoch"))));
}

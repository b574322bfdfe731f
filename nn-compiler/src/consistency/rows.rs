//! The rows of `data`: their widths, and targets that fit their losses.

use super::{counted, width};
use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Data, DataSource, Loss, Model, Row, Target, Train};
use crate::shape::Shapes;

/// Reports every row that does not fit the inputs.
pub fn check_inputs(model: &Model, shapes: &Shapes, data: &Data, sink: &mut Sink) {
    let DataSource::Inline(rows) = &data.source else { return };
    let input = |id| (model.value(id).label.as_str(), shapes.of(id).len());
    let inputs: Vec<(&str, usize)> = model.inputs.iter().copied().map(input).collect();
    rows.iter().filter_map(|row| side(row, "input", &inputs, &row.input_lists)).for_each(|found| sink.push(found));
}

/// Reports every row that does not fit the targets.
pub fn check_targets(model: &Model, shapes: &Shapes, train: &Train, data: &Data, sink: &mut Sink) {
    let DataSource::Inline(rows) = &data.source else { return };
    let target = |target| (model.output_name(target), width(target, shapes));
    let targets: Vec<(&str, usize)> = train.targets.iter().map(target).collect();
    for row in rows {
        if let Some(diagnostic) = side(row, "target", &targets, &row.target_lists) {
            sink.push(match &train.targets[..] {
                [only] if only.is_class => diagnostic.note(classes(only, shapes)),
                _ => diagnostic,
            });
            continue;
        }
        let mut rest = &row.targets[..];
        for target in &train.targets {
            let (numbers, behind) = rest.split_at(width(target, shapes));
            rest = behind;
            if let Some(diagnostic) = of_target(row, target, numbers, model, shapes, train) {
                sink.push(diagnostic);
            }
        }
    }
}

/// What stands on one side of `=>`: all numbers of all parts in one list, or a list for each part.
fn side(row: &Row, what: &str, parts: &[(&str, usize)], lists: &[usize]) -> Option<Diagnostic> {
    let refuse = |message: String| Diagnostic::error(code::ROW_WIDTH, row.span, message);
    let listed = |part: &(&str, usize)| format!("`{}` takes {}", part.0, counted(part.1, "number"));
    let note = || parts.iter().map(listed).collect::<Vec<_>>().join(", ");
    let (wanted, found): (usize, usize) = (parts.iter().map(|(_, width)| width).sum(), lists.iter().sum());
    if parts.len() == 1 || lists.len() == 1 {
        let wanted_numbers = counted(wanted, "number");
        let message = format!("the {what} of a row must have {wanted_numbers}, but this one has {found}");
        let several = |diagnostic: Diagnostic| if parts.len() > 1 { diagnostic.note(note()) } else { diagnostic };
        return (wanted != found).then(|| several(refuse(message)));
    }
    if parts.len() != lists.len() {
        let message = format!("a row has {} {what}s, but this one has {}", parts.len(), lists.len());
        return Some(refuse(message).note(note()));
    }
    let ((name, wanted), found) = parts.iter().zip(lists).find(|((_, wanted), found)| wanted != *found)?;
    let wanted = counted(*wanted, "number");
    Some(refuse(format!("the {what} `{name}` of a row must have {wanted}, but this one has {found}")))
}

/// What is wrong with the numbers of a target.
fn of_target(
    row: &Row,
    target: &Target,
    numbers: &[f64],
    model: &Model,
    shapes: &Shapes,
    train: &Train,
) -> Option<Diagnostic> {
    let name = || match train.targets.len() {
        1 => String::new(),
        _ => format!(" of `{}`", model.output_name(target)),
    };
    let classes = shapes.of(target.output).len();
    if let ([class], true) = (numbers, target.is_class) {
        let fits = class.fract() == 0.0 && (0.0..classes as f64).contains(class);
        let message = format!("the class{} must be an integer from 0 to {}, but it is {class}", name(), classes - 1);
        return (!fits).then(|| Diagnostic::error(code::BAD_LABEL, row.span, message));
    }
    let is_share = |loss| matches!(loss, Loss::BinaryCrossEntropy { .. });
    let shares = train.losses.iter().any(|term| is_share(term.loss) && train.targets[term.target] == *target);
    let wrong = numbers.iter().find(|number| shares && !(0.0..=1.0).contains(*number))?;
    let message = format!("a target of `binary_cross_entropy` lies between 0 and 1, but this one is {wrong}");
    Some(Diagnostic::error(code::BAD_LABEL, row.span, message).note("it is 1 for yes and 0 for no"))
}

fn classes(target: &Target, shapes: &Shapes) -> String {
    let last = shapes.of(target.output).len() - 1;
    format!("the targets of `cross_entropy` are classes, from 0 to {last}")
}

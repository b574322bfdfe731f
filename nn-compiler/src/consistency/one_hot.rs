//! Class targets that are written one-hot: a number for each class, although one number names the class.

use crate::diagnostic::{Diagnostic, Edit, Sink, code, counted};
use crate::model::{Model, Row, Target, Train};
use crate::shape::Shapes;
use crate::span::Span;

/// Reports them once for each output. Returns which rows contain such a target: only that makes their widths wrong.
pub fn check(model: &Model, shapes: &Shapes, train: &Train, rows: &[Row], sink: &mut Sink) -> Vec<bool> {
    let mut reported = vec![false; rows.len()];
    for (at, target) in train.targets.iter().enumerate().filter(|(_, target)| target.is_class) {
        let classes = shapes.of(target.output).len();
        let mut found = Vec::new();
        for (row, reported) in rows.iter().zip(&mut reported) {
            if let Some(list) = list(row, at, train.targets.len()).filter(|list| list.numbers.len() == classes.max(2)) {
                *reported = true;
                found.push(list);
            }
        }
        if !found.is_empty() {
            sink.push(finding(model, target, classes, &found));
        }
    }
    reported
}

/// The numbers of a row for one target.
struct List<'a> {
    numbers: &'a [f64],
    span: Span,
}

/// The target of this index; `None` if the row does not separate its targets.
fn list(row: &Row, at: usize, targets: usize) -> Option<List<'_>> {
    if targets == 1 {
        let span = row.target_list_spans.iter().copied().reduce(Span::to)?;
        return Some(List { numbers: &row.targets, span });
    }
    if row.target_lists.len() != targets {
        return None;
    }
    let start: usize = row.target_lists[..at].iter().sum();
    let numbers = &row.targets[start..start + row.target_lists[at]];
    Some(List { numbers, span: row.target_list_spans[at] })
}

fn finding(model: &Model, target: &Target, classes: usize, found: &[List]) -> Diagnostic {
    let first = found[0].span;
    let rows = match found.len() {
        1 => "this row gives".to_owned(),
        more => format!("{more} rows give"),
    };
    let message = format!("`cross_entropy` takes the index of a class, but {rows} a number for each class");
    let diagnostic = Diagnostic::error(code::ONE_HOT_TARGETS, first, message).label(
        model.value(target.output).span,
        format!("`{}` has {}, from 0 to {}", model.output_name(target), counted(classes, "class"), classes - 1),
    );
    let edits: Option<Vec<Edit>> =
        found.iter().map(|list| Some(Edit::new(list.span, class(list.numbers)?.to_string()))).collect();
    match edits {
        Some(edits) => diagnostic.propose("write the index of the 1, counted from 0", edits, true),
        None => diagnostic.note(
            "a row has one class; for a probability of each class use `binary_cross_entropy`, with `sigmoid` last",
        ),
    }
}

/// The index of the only 1 among zeros.
fn class(numbers: &[f64]) -> Option<usize> {
    let class = numbers.iter().position(|number| *number == 1.0)?;
    let others = numbers.iter().filter(|number| **number != 0.0).count();
    (others == 1).then_some(class)
}

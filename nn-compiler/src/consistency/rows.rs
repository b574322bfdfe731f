//! The rows of `data`: their widths, and targets that fit their losses.

use super::one_hot;
use crate::diagnostic::{Diagnostic, Sink, code, counted};
use crate::model::{Data, DataSource, Model, Row, Target, Train};
use crate::shape::Shapes;
use crate::span::Span;

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
    let target = |target| (model.output_name(target), target.width(shapes));
    let targets: Vec<(&str, usize)> = train.targets.iter().map(target).collect();
    let one_hot = one_hot::check(model, shapes, train, rows, sink);
    let mut sound = Vec::new();
    for (row, one_hot) in rows.iter().zip(one_hot) {
        if one_hot {
            continue;
        }
        match side(row, "target", &targets, &row.target_lists) {
            None => sound.push(row),
            Some(diagnostic) => sink.push(match &train.targets[..] {
                [only] if only.is_class => diagnostic.note(classes(only, shapes)),
                _ => diagnostic,
            }),
        }
    }
    let mut start = 0;
    for (at, (_, width)) in targets.iter().enumerate() {
        let numbers = Numbers { model, shapes, train, at, rows: &sound, start, width: *width };
        if train.targets[at].is_class {
            numbers.check_classes(sink)
        } else {
            numbers.check_range(sink)
        }
        start += width;
    }
}

/// One side of `=>`: all numbers of all parts in one list, or a list for each part.
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
        let message = format!("a row must have {} {what}s, but this one has {}", parts.len(), lists.len());
        return Some(refuse(message).note(note()));
    }
    let ((name, wanted), found) = parts.iter().zip(lists).find(|((_, wanted), found)| wanted != *found)?;
    let wanted = counted(*wanted, "number");
    Some(refuse(format!("the {what} `{name}` of a row must have {wanted}, but this one has {found}")))
}

fn classes(target: &Target, shapes: &Shapes) -> String {
    let last = shapes.of(target.output).len() - 1;
    format!("the targets of `cross_entropy` are classes, from 0 to {last}")
}

/// The numbers of all rows for one target.
struct Numbers<'a> {
    model: &'a Model,
    shapes: &'a Shapes,
    train: &'a Train,
    /// The target, an index of [`Train::targets`].
    at: usize,
    /// The rows whose targets are as many as they should be.
    rows: &'a [&'a Row],
    /// Where its numbers start in each row.
    start: usize,
    /// How many numbers there are.
    width: usize,
}

impl Numbers<'_> {
    /// Each number and its place.
    fn iter(&self) -> impl Iterator<Item = (f64, Span)> {
        let range = self.start..self.start + self.width;
        self.rows.iter().flat_map(move |row| {
            let numbers = row.targets[range.clone()].iter().copied();
            numbers.zip(row.target_spans[range.clone()].iter().copied())
        })
    }

    /// ` of `value``, where there are several outputs.
    fn of_output(&self) -> String {
        match &self.train.targets[..] {
            [_] => String::new(),
            targets => format!(" of `{}`", self.model.output_name(&targets[self.at])),
        }
    }

    fn check_classes(&self, sink: &mut Sink) {
        let (of_output, classes) = (self.of_output(), self.shapes.of(self.train.targets[self.at].output).len());
        for (class, span) in self.iter() {
            if class.fract() == 0.0 && (0.0..classes as f64).contains(&class) {
                continue;
            }
            let last = classes - 1;
            let message = format!("the class{of_output} must be an integer from 0 to {last}, but it is {class}");
            sink.push(Diagnostic::error(code::BAD_LABEL, span, message));
        }
    }

    fn check_range(&self, sink: &mut Sink) {
        let Some(term) = self.train.narrowest_term(self.at) else { return };
        let (range, name, of_output) = (term.loss.target_range(), term.loss.name(), self.of_output());
        let mut help = self.two_labels();
        for (number, span) in self.iter().filter(|(number, _)| !range.contains(*number)) {
            let message = format!("`{name}` takes {range}, but this target{of_output} is {number}");
            let diagnostic = Diagnostic::error(code::TARGET_RANGE, span, message);
            sink.push(help.take().into_iter().fold(diagnostic, Diagnostic::note));
        }
    }

    /// How to write two labels that mean no and yes; `None` unless there are exactly two.
    fn two_labels(&self) -> Option<String> {
        let mut labels: Vec<f64> = Vec::new();
        for (number, _) in self.iter() {
            if !labels.contains(&number) {
                labels.push(number);
            }
            if labels.len() > 2 {
                return None;
            }
        }
        labels.sort_by(f64::total_cmp);
        let [no, yes] = labels[..] else { return None };
        Some(format!("the rows have two labels, {no} and {yes}: write 0 for {no} and 1 for {yes}"))
    }
}

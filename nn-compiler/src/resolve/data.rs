//! `data { … }`: where the examples are, or the examples themselves.

use super::arguments;
use super::constants::Constants;
use super::names;
use super::train::doubled;
use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Data, DataSource, Row};
use crate::span::Span;
use crate::syntax::ast::{DataItem, Expr, ExprKind, Setting, SettingValue};

/// The settings of `data`.
const SETTINGS: &[&str] = &["csv", "target", "columns", "one_hot", "validation", "missing"];

/// Resolves `data`.
pub fn resolve(keyword: Span, items: &[DataItem], constants: &Constants, sink: &mut Sink) -> Option<Data> {
    let mut settings: Vec<(&str, &Setting)> = Vec::new();
    let mut rows = Vec::new();
    let mut first_row = None;
    for item in items {
        match item {
            DataItem::Setting(setting) => add(setting, &mut settings, sink),
            DataItem::Row { inputs, targets, span } => {
                first_row = first_row.or(Some(*span));
                let inputs = lists(inputs, constants, sink);
                let targets = lists(targets, constants, sink);
                rows.push(inputs.zip(targets).map(|((inputs, input_lists), (targets, target_lists))| Row {
                    inputs,
                    input_lists,
                    targets,
                    target_lists,
                    span: *span,
                }));
            }
        }
    }
    let value = |name: &str| {
        settings.iter().find(|(other, _)| *other == name).and_then(|(_, setting)| match &setting.value {
            SettingValue::Value(value) => Some(value),
            SettingValue::Arguments(_) => None,
        })
    };
    let validation = match value("validation") {
        None => Some(0.0),
        Some(value) => {
            let fits = |share: f64| (0.0..1.0).contains(&share);
            arguments::number(value, constants, "`validation`", arguments::SHARE, fits, sink)
        }
    };
    let source = match (value("csv"), first_row) {
        (Some(path), None) => csv(path, &value, keyword, sink),
        (Some(path), Some(row)) => {
            let message = "`data` has both a csv file and rows; keep one of them";
            sink.push(Diagnostic::error(code::CONTRADICTION, row, message).label(path.span, "the file"));
            None
        }
        (None, Some(row)) => {
            if let Some((name, setting)) = settings.iter().find(|(name, _)| *name != "validation") {
                let message = format!("`{name}` is for csv files, but these examples are rows");
                sink.push(Diagnostic::error(code::CONTRADICTION, setting.span, message).label(row, "the first row"));
            }
            rows.into_iter().collect::<Option<Vec<_>>>().map(DataSource::Inline)
        }
        (None, None) => {
            let message = "`data` names no examples";
            sink.push(
                Diagnostic::error(code::DATA_WITHOUT_SOURCE, keyword, message)
                    .note("name a file by `csv: \"data.csv\";`, or write rows such as `[0, 1] => [1];`"),
            );
            None
        }
    };
    Some(Data { source: source?, validation: validation?, span: keyword })
}

fn add<'a>(setting: &'a Setting, settings: &mut Vec<(&'static str, &'a Setting)>, sink: &mut Sink) {
    let written = &setting.name;
    let known = SETTINGS.iter().copied();
    let Some(name) = names::look_up(&names::DATA_SETTINGS, &written.text, written.span, known, sink) else { return };
    if let Some((_, first)) = settings.iter().find(|(other, _)| *other == name) {
        sink.push(doubled(name, written.span, first.name.span));
    } else if matches!(setting.value, SettingValue::Arguments(_)) {
        let message = format!("`{name}` is set by `{name}: …;`");
        sink.push(Diagnostic::error(code::WRONG_KIND, setting.span, message));
    } else {
        settings.push((name, setting));
    }
}

fn csv<'a>(
    path: &Expr,
    value: &impl Fn(&str) -> Option<&'a Expr>,
    keyword: Span,
    sink: &mut Sink,
) -> Option<DataSource> {
    let text = match &path.kind {
        ExprKind::Text(text) => Some(text.clone()),
        _ => {
            let message = "`csv` must be the path of a file, in quotes";
            sink.push(Diagnostic::error(code::WRONG_KIND, path.span, message));
            None
        }
    };
    let target = value("target");
    if target.is_none() {
        let message = "`data` does not say which column is the target";
        sink.push(Diagnostic::error(code::MISSING_SETTING, keyword, message).note("add `target: column;`"));
    }
    let list = |name: &str, sink: &mut Sink| match value(name) {
        Some(value) => columns(value, sink).map(Some),
        None => Some(None),
    };
    let target = target.and_then(|target| columns(target, sink));
    let inputs = list("columns", sink);
    let one_hot = list("one_hot", sink);
    let drop_missing = match value("missing") {
        None => Some(false),
        Some(value) => arguments::word(value, &["error", "drop"], "`missing`", sink).map(|word| word == "drop"),
    };
    Some(DataSource::Csv {
        path: text?,
        span: path.span,
        target: target?,
        target_span: value("target")?.span,
        columns: inputs?,
        columns_span: value("columns").map(|columns| columns.span),
        one_hot: one_hot?.unwrap_or_default(),
        drop_missing: drop_missing?,
    })
}

/// A column's name, or a list of them, as words or in quotes.
fn columns(value: &Expr, sink: &mut Sink) -> Option<Vec<String>> {
    let items = match &value.kind {
        ExprKind::List(items) => items.iter().collect(),
        _ => vec![value],
    };
    let names = items.into_iter().map(|item| match &item.kind {
        ExprKind::Text(text) => Some(text.clone()),
        _ => {
            let word = names::word(item).map(str::to_owned);
            if word.is_none() {
                let message = "a column is a name, or a text in quotes";
                sink.push(Diagnostic::error(code::WRONG_KIND, item.span, message));
            }
            word
        }
    });
    names.collect()
}

/// The numbers of some lists, and how many each has.
fn lists(exprs: &[Expr], constants: &Constants, sink: &mut Sink) -> Option<(Vec<f64>, Vec<usize>)> {
    let parts: Vec<_> = exprs.iter().map(|expr| numbers(std::slice::from_ref(expr), constants, sink)).collect();
    let parts = parts.into_iter().collect::<Option<Vec<Vec<f64>>>>()?;
    let lengths = parts.iter().map(Vec::len).collect();
    Some((parts.concat(), lengths))
}

/// Numbers, lists of numbers, lists of lists …, row-major, each with its place.
fn numbers(exprs: &[Expr], constants: &Constants, sink: &mut Sink) -> Option<Vec<f64>> {
    let mut all = Some(Vec::new());
    for expr in exprs {
        let part = match &expr.kind {
            ExprKind::List(items) => numbers(items, constants, sink),
            _ => constants.number(expr, "a cell of a data row", sink).map(|number| vec![number.as_f64()]),
        };
        all = all.zip(part).map(|(mut all, part)| {
            all.extend(part);
            all
        });
    }
    all
}

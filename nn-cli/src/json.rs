//! Diagnostics as JSON: `nn check --json`, described in `docs/diagnostics.md`.

use nn_compiler::diagnostic::render::line_column;
use nn_compiler::diagnostic::{Diagnostic, Level, Suggestion};
use nn_compiler::span::Span;
use nn_data::CellError;
use serde_json::{Value, json};

use crate::inspection::Inspection;
use crate::spec::SpecFile;

/// The version of the format. It changes with every incompatible change.
const VERSION: u32 = 1;

/// The reports about all specs, as one.
pub fn report(files: &[Value]) -> String {
    format!("{:#}\n", json!({ "version": VERSION, "files": files }))
}

/// The report about a spec and its data.
pub fn file(source: &SpecFile, inspection: &Inspection) -> Value {
    let diagnostics: Vec<Value> = source.diagnostics.iter().map(|found| diagnostic(found, &source.text)).collect();
    json!({
        "file": source.path.display().to_string(),
        "compiles": source.spec.is_some(),
        "diagnostics": diagnostics,
        "hidden": source.hidden,
        "data": data(inspection),
        "hidden_data": inspection.cell_errors().map_or(0, |(_, errors)| errors.more),
    })
}

/// The mistakes in the data: one for each wrong cell or row, or the reason why the data cannot be
/// read.
fn data(inspection: &Inspection) -> Vec<Value> {
    let Some((origin, errors)) = inspection.cell_errors() else {
        let error = |error| json!({ "file": null, "unit": null, "number": null, "column": null, "message": error });
        return inspection.error.iter().map(|found| error(found.to_string())).collect();
    };
    let error = |error: &CellError| {
        json!({
            "file": origin.to_string(),
            "unit": origin.unit(),
            "number": error.line,
            "column": error.column,
            "message": error.problem.to_string(),
        })
    };
    errors.listed.iter().map(error).collect()
}

fn diagnostic(found: &Diagnostic, text: &str) -> Value {
    let level = match found.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let labels = found.labels.iter().map(|(span, label)| json!({ "span": location(*span, text), "text": label }));
    json!({
        "code": found.code.to_string(),
        "level": level,
        "stage": found.code.entry().stage.name(),
        "lint": found.code.lint(),
        "message": found.message,
        "span": location(found.span, text),
        "caption": found.caption,
        "labels": labels.collect::<Vec<_>>(),
        "notes": found.notes,
        "suggestions": found.suggestions.iter().map(|found| suggestion(found, text)).collect::<Vec<_>>(),
    })
}

fn suggestion(suggestion: &Suggestion, text: &str) -> Value {
    let edits = suggestion.edits.iter().map(|edit| json!({ "span": location(edit.span, text), "text": edit.text }));
    json!({
        "message": suggestion.message,
        "certain": suggestion.is_certain,
        "edits": edits.collect::<Vec<_>>(),
    })
}

fn location(span: Span, text: &str) -> Value {
    json!({ "start": position(span.start, text), "end": position(span.end, text) })
}

fn position(byte: usize, text: &str) -> Value {
    let (line, column) = line_column(text, byte);
    json!({ "byte": byte, "line": line, "column": column })
}

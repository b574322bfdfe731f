//! Where the examples are: one kind of file, or rows; and the settings that go with each.

use super::super::arguments;
use super::super::train::doubled;
use super::rows::Rows;
use super::settings::{self, DataSettings};
use super::weights;
use crate::ast::{Argument, Expr, ExprKind};
use crate::diagnostic::{Diagnostic, code};
use crate::model::{ArrayFormat, Arrays, DataSource, Images, Offset, Pair};
use crate::resolve::context::Context;
use crate::span::Span;

/// A kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A csv file.
    Csv,
    /// Two IDX files.
    Idx,
    /// Two NPY files.
    Npy,
    /// An NPZ file.
    Npz,
    /// A folder of images.
    Images,
    /// Rows in the spec.
    Rows,
}

/// The kinds that a setting names, by its name.
const NAMED: [(&str, SourceKind); 5] = [
    ("csv", SourceKind::Csv),
    ("idx", SourceKind::Idx),
    ("npy", SourceKind::Npy),
    ("npz", SourceKind::Npz),
    ("images", SourceKind::Images),
];

impl SourceKind {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv files",
            Self::Idx => "idx files",
            Self::Npy => "npy files",
            Self::Npz => "npz files",
            Self::Images => "images",
            Self::Rows => "rows",
        }
    }

    /// Whether the setting applies to such examples.
    fn takes(self, setting: &str) -> bool {
        match setting {
            "csv" | "idx" | "npy" | "npz" | "images" | "validation" | "augment" => true,
            "target" => matches!(self, Self::Csv | Self::Idx | Self::Npy | Self::Npz),
            "weights" | "columns" | "one_hot" | "offset" | "missing" | "missing_words" | "delimiter" => {
                self == Self::Csv
            }
            "inputs" => self == Self::Npz,
            "resize" => self == Self::Images,
            _ => self != Self::Rows,
        }
    }
}

/// The kind of the examples. Reports a missing kind, two kinds, and settings of other kinds.
pub fn kind(keyword: Span, settings: &DataSettings, rows: &Rows, context: &mut Context) -> Option<SourceKind> {
    let named: Vec<(&str, SourceKind, Span)> =
        NAMED.iter().filter_map(|(name, kind)| settings.value(name).map(|value| (*name, *kind, value.span))).collect();
    let kind = match (&named[..], rows.first) {
        // What has a syntax error may be the examples.
        ([], None) if settings.is_lost() => return None,
        ([], None) => {
            let message = "`data` has no examples";
            let note = "name a file with `csv: \"data.csv\";` (or with `idx`, `npy`, `npz` or `images`), \
                        or write rows such as `[0, 1] => [1];`";
            context.push(Diagnostic::error(code::DATA_WITHOUT_SOURCE, keyword, message).note(note));
            return None;
        }
        ([], Some(_)) => SourceKind::Rows,
        ([(_, kind, _)], None) => *kind,
        ([(name, _, file), ..], Some(row)) => {
            let a = if name.starts_with(['i', 'n']) && *name != "images" { "an" } else { "a" };
            let what = if *name == "images" { "folder of images".to_owned() } else { format!("{name} file") };
            let message = format!("`data` has both {a} {what} and rows; keep one of them");
            context.push(Diagnostic::error(code::CONTRADICTION, row, message).label(*file, "the file"));
            return None;
        }
        ([(first, _, earlier), (second, _, later), ..], None) => {
            let message = format!("`data` has both `{first}` and `{second}`; keep one of them");
            context.push(Diagnostic::error(code::CONTRADICTION, *later, message).label(*earlier, "the first"));
            return None;
        }
    };
    for (name, setting) in settings.iter().filter(|(name, _)| !kind.takes(name)) {
        let message = format!("`{name}` is for {}, but these examples are {}", takers(name), kind.name());
        let diagnostic = Diagnostic::error(code::CONTRADICTION, setting.span, message);
        context.push(match rows.first {
            Some(row) => diagnostic.label(row, "the first row"),
            None => diagnostic,
        });
    }
    Some(kind)
}

/// The kinds that a setting applies to: `csv, idx, npy and npz files`.
fn takers(setting: &str) -> String {
    let takers: Vec<&str> = NAMED.iter().filter(|(_, kind)| kind.takes(setting)).map(|(name, _)| *name).collect();
    match &takers[..] {
        all if all.len() == NAMED.len() => "files".to_owned(),
        ["images"] => "images".to_owned(),
        [only] => format!("{only} files"),
        [first @ .., last] => format!("{} and {last} files", first.join(", ")),
        [] => "nothing".to_owned(),
    }
}

/// The source of a kind, with the settings that go with it.
pub fn resolve(
    kind: SourceKind,
    keyword: Span,
    settings: &DataSettings,
    rows: Rows,
    context: &mut Context,
) -> Option<DataSource> {
    match kind {
        SourceKind::Rows => Some(DataSource::Inline(rows.rows)),
        SourceKind::Csv => csv(keyword, settings, context),
        SourceKind::Idx => files(ArrayFormat::Idx, keyword, settings, context),
        SourceKind::Npy => files(ArrayFormat::Npy, keyword, settings, context),
        SourceKind::Npz => npz(keyword, settings, context),
        SourceKind::Images => images(settings, context),
    }
}

/// Whether the value is a way to fill in missing cells, or a number for them.
fn fills(value: &Expr) -> bool {
    const WAYS: [&str; 9] =
        ["mean", "median", "mode", "most_frequent", "fill", "ffill", "zero", "impute", "interpolate"];
    match &value.kind {
        ExprKind::Call(call) => WAYS.contains(&call.name.text.as_str()),
        ExprKind::Text(text) => WAYS.contains(&text.as_str()),
        ExprKind::Integer(_) | ExprKind::Float(_) => true,
        ExprKind::Bool(_) | ExprKind::List(_) | ExprKind::Negative(_) | ExprKind::Binary { .. } => false,
    }
}

fn csv(keyword: Span, settings: &DataSettings, context: &mut Context) -> Option<DataSource> {
    let path = settings.value("csv")?;
    let text = settings::text(path, "`csv`", "the path of a file", context);
    let target = required("target", "which column is the target", "add `target: column;`", keyword, settings, context);
    let list = |name: &str, context: &mut Context| match settings.value(name) {
        Some(value) => columns(value, context).map(Some),
        None => Some(None),
    };
    let names = target.and_then(|target| columns(target, context));
    let inputs = list("columns", context);
    let weights = weights::column(settings, context);
    let one_hot = list("one_hot", context);
    let offsets = offsets(settings.offsets(), context);
    let drop_missing = match settings.value("missing") {
        None => Some(false),
        Some(value) if fills(value) => {
            let message = "`missing` must be `error` or `drop`: missing cells cannot be filled in";
            let note = "`drop` leaves such rows out; to keep them, fill the cells in the file";
            context.push(Diagnostic::error(code::WRONG_KIND, value.span, message).note(note));
            None
        }
        Some(value) => arguments::word(value, &["error", "drop"], "`missing`", context).map(|word| word == "drop"),
    };
    let missing_words = missing_words(settings, context);
    let delimiter = delimiter(settings, context);
    Some(DataSource::Csv {
        path: text?,
        span: path.span,
        target: names?,
        target_span: target?.span,
        weights: weights?,
        columns: inputs?,
        columns_span: settings.value("columns").map(|columns| columns.span),
        one_hot: one_hot?.unwrap_or_default(),
        offsets: offsets?,
        drop_missing: drop_missing?,
        missing_words: missing_words?,
        delimiter: delimiter?,
    })
}

/// The texts that mean a missing cell: one, or a list of them. The inner `None` means the usual ones.
fn missing_words(settings: &DataSettings, context: &mut Context) -> Option<Option<Vec<String>>> {
    let Some(value) = settings.value("missing_words") else { return Some(None) };
    let items = value.one_or_list();
    let mut word = |item| settings::text(item, "a missing word", "the text of a cell", context);
    let words: Vec<Option<String>> = items.into_iter().map(&mut word).collect();
    words.into_iter().collect::<Option<Vec<String>>>().map(Some)
}

/// The character between cells.
fn delimiter(settings: &DataSettings, context: &mut Context) -> Option<char> {
    let Some(value) = settings.value("delimiter") else { return Some(',') };
    let mut characters = value.text().unwrap_or_default().chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) if only.is_ascii() && !"\"\r\n\0".contains(only) => Some(only),
        _ => {
            let message = "`delimiter` must be one ASCII character, in quotes, such as \";\" or \"\\t\"";
            let diagnostic = Diagnostic::error(code::WRONG_KIND, value.span, message);
            context.push(diagnostic.note("a quote or a line break cannot separate cells"));
            None
        }
    }
}

/// A number for each column: `time: 1_700_000_000, "time stamp": 5`.
fn offsets(arguments: &[Argument], context: &mut Context) -> Option<Vec<Offset>> {
    let (mut offsets, mut is_sound) = (Vec::<Offset>::new(), true);
    for Argument { name, value, span } in arguments {
        let Some(name) = name else {
            let message = "an offset needs the name of a column, as in `offset(time: 1_700_000_000);`";
            context.push(Diagnostic::error(code::WRONG_KIND, *span, message));
            is_sound = false;
            continue;
        };
        let column = settings::column(name);
        if let Some(first) = offsets.iter().find(|offset| offset.column == column) {
            context.push(doubled(&column, name.span, first.span));
            is_sound = false;
        }
        match context.number(value, "an offset") {
            Some(number) => offsets.push(Offset { column, number: number.as_f64(), span: *span }),
            None => is_sound = false,
        }
    }
    is_sound.then_some(offsets)
}

/// A column's name, or a list of them, as words or in quotes.
fn columns(value: &Expr, context: &mut Context) -> Option<Vec<String>> {
    let items = value.one_or_list();
    let names: Vec<Option<String>> = items.into_iter().map(|item| settings::name(item, "a column", context)).collect();
    names.into_iter().collect()
}

/// A file of inputs and one of targets.
fn files(format: ArrayFormat, keyword: Span, settings: &DataSettings, context: &mut Context) -> Option<DataSource> {
    let name = format.name();
    let inputs = settings::text(settings.value(name)?, &format!("`{name}`"), "the path of a file", context);
    let remedy = format!("add `target: \"labels.{name}\";`");
    let target = required("target", "which file holds the targets", &remedy, keyword, settings, context)
        .and_then(|target| settings::text(target, "`target`", "the path of a file", context));
    Some(DataSource::Arrays(Arrays { format, pair: Pair { inputs: inputs?, target: target? } }))
}

/// A file, and the names of two arrays in it.
fn npz(keyword: Span, settings: &DataSettings, context: &mut Context) -> Option<DataSource> {
    let path = settings::text(settings.value("npz")?, "`npz`", "the path of a file", context);
    let mut array = |setting: &str, subject: &str, remedy: &str| {
        required(setting, subject, remedy, keyword, settings, context)
            .and_then(|value| settings::name(value, "an array", context))
    };
    let inputs = array("inputs", "which array holds the inputs", "add `inputs: x;`");
    let target = array("target", "which array holds the targets", "add `target: y;`");
    let pair = Pair { inputs: inputs?, target: target? };
    Some(DataSource::Arrays(Arrays { format: ArrayFormat::Npz { path: path? }, pair }))
}

fn images(settings: &DataSettings, context: &mut Context) -> Option<DataSource> {
    let setting = settings.get("images")?;
    let path = settings::text(settings.value("images")?, "`images`", "the path of a folder", context);
    let resize = match settings.value("resize").map(|value| (value.flag(), value.span)) {
        None => Some(false),
        Some((Some(resize), _)) => Some(resize),
        Some((None, span)) => {
            context.push(Diagnostic::error(code::WRONG_KIND, span, "`resize` must be `true` or `false`"));
            None
        }
    };
    Some(DataSource::Images(Images { path: path?, resize: resize?, span: setting.span }))
}

/// The value of a setting that must be written.
fn required<'a>(
    name: &str,
    subject: &str,
    remedy: &str,
    keyword: Span,
    settings: &DataSettings<'a>,
    context: &mut Context,
) -> Option<&'a Expr> {
    let value = settings.value(name);
    if value.is_none() && !settings.may_be_lost(name) {
        let message = format!("`data` does not say {subject}");
        context.push(Diagnostic::error(code::MISSING_SETTING, keyword, message).note(remedy));
    }
    value
}

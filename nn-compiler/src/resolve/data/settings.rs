//! The settings of `data`: each known, and each written once.

use super::super::names;
use super::super::train::doubled;
use crate::ast::{Argument, DataItem, Expr, ExprKind, Lost, Name, Operator, Setting, SettingValue};
use crate::diagnostic::{Diagnostic, code};
use crate::resolve::context::Context;
use crate::syntax;

/// The settings of `data`.
const SETTINGS: &[&str] = &[
    "csv",
    "idx",
    "npy",
    "npz",
    "images",
    "target",
    "weights",
    "columns",
    "one_hot",
    "offset",
    "missing",
    "missing_words",
    "delimiter",
    "inputs",
    "resize",
    "folder",
    "origin",
    "validation",
    "augment",
];

/// The setting that takes arguments, a number for each column.
const OFFSET: &str = "offset";

/// The settings that were written, each once.
pub struct DataSettings<'a> {
    written: Vec<(&'static str, &'a Setting)>,
    /// What has a syntax error.
    lost: &'a [Lost],
}

impl<'a> DataSettings<'a> {
    /// The settings among the items; mistakes are reported.
    pub fn new(items: &'a [DataItem], lost: &'a [Lost], context: &mut Context) -> Self {
        let mut settings = Self { written: Vec::new(), lost };
        for item in items {
            match item {
                DataItem::Setting(setting) => settings.add(setting, context),
                DataItem::Row { .. } => {}
            }
        }
        settings
    }

    fn add(&mut self, setting: &'a Setting, context: &mut Context) {
        let written = &setting.name;
        if let Some(elsewhere) = belongs_elsewhere(setting) {
            context.push(elsewhere);
            return;
        }
        let known = SETTINGS.iter().copied();
        let Some(name) = names::look_up(&names::DATA_SETTINGS, &written.text, written.span, known, context) else {
            return;
        };
        if let Some(first) = self.get(name) {
            context.push(doubled(name, written.span, first.name.span));
        } else if matches!(setting.value, SettingValue::Arguments(_)) != (name == OFFSET) {
            let form = if name == OFFSET { "offset(column: number);" } else { &format!("{name}: …;") };
            context.push(Diagnostic::error(code::WRONG_KIND, setting.span, format!("`{name}` is set with `{form}`")));
        } else {
            self.written.push((name, setting));
        }
    }

    /// All of them, in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &'a Setting)> {
        self.written.iter().copied()
    }

    /// A setting, if it was written.
    pub fn get(&self, name: &str) -> Option<&'a Setting> {
        self.iter().find(|(other, _)| *other == name).map(|(_, setting)| setting)
    }

    /// Whether there is something with a syntax error.
    pub fn is_lost(&self) -> bool {
        !self.lost.is_empty()
    }

    /// Whether a setting that is not written may be one with a syntax error.
    pub fn may_be_lost(&self, name: &str) -> bool {
        let meant = |written: &String| names::meant(written, SETTINGS.iter().copied()).map(|near| near.name);
        let may_be = |lost: &Lost| {
            let mut found = lost.names.iter().filter_map(meant).peekable();
            lost.is_nameless || found.peek().is_none() || found.any(|found| found == name)
        };
        self.get(name).is_none() && self.lost.iter().any(may_be)
    }

    /// The value of a setting, if it was written.
    pub fn value(&self, name: &str) -> Option<&'a Expr> {
        match &self.get(name)?.value {
            SettingValue::Value(value) => Some(value),
            SettingValue::Arguments(_) => None,
        }
    }

    /// The offsets: each argument is the name of a column and a number.
    pub fn offsets(&self) -> &'a [Argument] {
        match self.get(OFFSET).map(|setting| &setting.value) {
            Some(SettingValue::Arguments(arguments)) => arguments,
            Some(SettingValue::Value(_)) | None => &[],
        }
    }

    /// The text of a setting, if it was written; the outer `None` if it is not a text.
    pub fn text(&self, name: &str, what: &str, context: &mut Context) -> Option<Option<String>> {
        match self.value(name) {
            None => Some(None),
            Some(value) => text(value, &format!("`{name}`"), what, context).map(Some),
        }
    }
}

/// The text that an expression is, in quotes.
pub fn text(expr: &Expr, subject: &str, what: &str, context: &mut Context) -> Option<String> {
    if expr.text().is_none() {
        let message = format!("{subject} must be {what}, in quotes");
        context.push(in_quotes(expr, Diagnostic::error(code::WRONG_KIND, expr.span, message)));
    }
    expr.text().map(str::to_owned)
}

/// The name of an array or a column: a word, or a text in quotes.
pub fn name(expr: &Expr, what: &str, context: &mut Context) -> Option<String> {
    if let ExprKind::Text(text) = &expr.kind {
        return Some(text.clone());
    }
    let word = expr.word().map(str::to_owned);
    if word.is_none() {
        let message = format!("{what} must be a name or a text in quotes");
        context.push(in_quotes(expr, Diagnostic::error(code::WRONG_KIND, expr.span, message)));
    }
    word
}

/// Proposes quotes for what parses as arithmetic, but is a name or a path: `petal-length`, `data/iris`.
fn in_quotes(expr: &Expr, diagnostic: Diagnostic) -> Diagnostic {
    match unquoted(expr) {
        Some(text) => diagnostic.mend("add quotes", expr.span, format!("\"{text}\"")),
        None => diagnostic,
    }
}

/// Words joined by `-` and `/` without whitespace.
fn unquoted(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Call(_) => expr.word().map(str::to_owned),
        ExprKind::Binary { operator: operator @ (Operator::Subtract | Operator::Divide), left, right } => {
            let is_in_one = left.span.end + 1 == right.span.start;
            let (left, right) = (unquoted(left)?, unquoted(right)?);
            is_in_one.then(|| format!("{left}{}{right}", operator.symbol()))
        }
        ExprKind::Integer(_)
        | ExprKind::Float(_)
        | ExprKind::Bool(_)
        | ExprKind::Text(_)
        | ExprKind::List(_)
        | ExprKind::Negative(_)
        | ExprKind::Binary { .. } => None,
    }
}

/// The name of a column before a colon: a word, or a text in quotes.
pub fn column(name: &Name) -> String {
    if name.text.starts_with('"') { syntax::unescape(&name.text) } else { name.text.clone() }
}

/// A setting that other frameworks have for the data, and the language in another place.
fn belongs_elsewhere(setting: &Setting) -> Option<Diagnostic> {
    let Name { text, span } = &setting.name;
    let error = |message: String| Diagnostic::error(code::UNKNOWN_SETTING, *span, message);
    Some(match text.as_str() {
        "shuffle" => error("`data` has no `shuffle`: the training rows are shuffled before every epoch".to_owned())
            .suggest("remove it", setting.span, ""),
        "seed" | "random_state" => error(format!("`data` has no `{text}`: the split uses the seed of `train`"))
            .note("write `seed: 1;` in `train { … }`"),
        "batch" | "batch_size" => error(format!("`data` has no `{text}`: it is a setting of `train`"))
            .note("write `batch: 32;` in `train { … }`"),
        "test" | "test_size" | "test_split" => error(format!("`data` has no `{text}`"))
            .note("set rows aside with `validation: 0.2;`, or evaluate another file with `nn eval SPEC --data FILE`"),
        _ => return None,
    })
}

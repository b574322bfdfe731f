//! The settings of `train` as written: each at most once, under a name that exists.

use super::{optimizer_settings, rates};
use crate::ast::{Expr, Lost, Name, Setting, SettingValue};
use crate::diagnostic::{Diagnostic, code};
use crate::resolve::context::Context;
use crate::resolve::names;
use crate::span::Span;

/// The settings of `train`.
const SETTINGS: &[&str] = &[
    "loss",
    "optimizer",
    "lr",
    "rule",
    "regularizer",
    "metrics",
    "batch",
    "epochs",
    "seed",
    "early_stopping",
    "schedule",
    "clip_norm",
    "accumulate",
];

/// The settings that were written, each once.
pub struct TrainSettings<'a> {
    written: Vec<(&'static str, &'a Setting)>,
    /// Settings that are not missing: what misspelt names probably mean, and what has a syntax error.
    meant: Vec<&'static str>,
    /// Whether a setting with a syntax error may be any setting.
    is_lost: bool,
    /// Whether a setting was written whose name is not known.
    has_unknown: bool,
}

impl<'a> TrainSettings<'a> {
    /// Reports settings that are written twice or do not exist.
    pub fn new(settings: &'a [Setting], lost: &[Lost], context: &mut Context) -> Self {
        let (mut written, mut meant): (Vec<(&str, &Setting)>, Vec<&str>) = (Vec::new(), Vec::new());
        let mut has_unknown = false;
        // `lr: 0.1;` is an argument of the optimizer, `lr: trunk * 0.1;` is not.
        let is_argument = |setting: &&Setting, context: &Context| {
            optimizer_settings::argument(&setting.name.text)
                .is_some_and(|name| name != "lr" || !rates::are_written(&setting.value, &context.constants))
        };
        let misplaced: Vec<&Setting> = settings.iter().filter(|setting| is_argument(setting, context)).collect();
        optimizer_settings::misplaced(settings, &misplaced).into_iter().for_each(|found| context.push(found));
        for setting in settings {
            if is_argument(&setting, context) {
                continue;
            }
            let Name { text, span } = &setting.name;
            if let Some(elsewhere) = belongs_elsewhere(setting) {
                context.push(elsewhere);
                continue;
            }
            let known = SETTINGS.iter().copied();
            meant.extend(names::meant(text, known.clone()).map(|near| near.name));
            let Some(name) = names::look_up(&names::TRAIN_SETTINGS, text, *span, known, context) else {
                has_unknown = true;
                continue;
            };
            if let Some((_, first)) = written.iter().find(|(other, _)| *other == name) {
                context.push(doubled(name, *span, first.name.span));
            } else {
                written.push((name, setting));
            }
        }
        let meant_by = |name: &String| names::meant(name, SETTINGS.iter().copied()).map(|near| near.name);
        let mut is_lost = false;
        for lost in lost {
            let found: Vec<&str> = lost.names.iter().filter_map(meant_by).collect();
            is_lost |= lost.is_nameless || found.is_empty();
            meant.extend(found);
        }
        Self { written, meant, is_lost, has_unknown }
    }

    /// Whether a setting was written whose name is not known.
    pub fn has_unknown(&self) -> bool {
        self.has_unknown
    }

    /// Whether a setting that is not written may be one with a mistake.
    pub fn may_be_lost(&self, name: &str) -> bool {
        self.get(name).is_none() && (self.is_lost || self.meant.contains(&name))
    }

    /// The setting of a name, if it is written.
    pub fn get(&self, name: &str) -> Option<&'a Setting> {
        self.written.iter().find(|(other, _)| *other == name).map(|(_, setting)| *setting)
    }

    /// The value of `name: value;`.
    pub fn value(&self, name: &str, context: &mut Context) -> Option<&'a Expr> {
        let setting = self.get(name)?;
        match &setting.value {
            SettingValue::Value(value) => Some(value),
            SettingValue::Arguments(_) => {
                let message = format!("`{name}` is set with `{name}: …;`");
                context.push(Diagnostic::error(code::WRONG_KIND, setting.span, message));
                None
            }
        }
    }
}

/// Whether a setting is written; reports it as missing unless another one may be its misspelling.
pub fn present(settings: &TrainSettings, setting: &str, example: &str, keyword: Span, context: &mut Context) -> bool {
    if settings.get(setting).is_some() {
        return true;
    }
    if settings.may_be_lost(setting) {
        return false;
    }
    let message = format!("`train` has no `{setting}`");
    context.push(
        Diagnostic::error(code::MISSING_SETTING, keyword, message)
            .note(format!("add one, such as `{setting}: {example};`")),
    );
    false
}

/// A setting that is given twice.
pub fn doubled(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(code::DOUBLED_SETTING, span, format!("`{name}` is set twice")).label(first, "first here")
}

/// A setting that other frameworks have in the training, and the language in another place.
fn belongs_elsewhere(setting: &Setting) -> Option<Diagnostic> {
    let Name { text, span } = &setting.name;
    match text.as_str() {
        "validation" | "validation_split" => {
            let message = format!("`{text}` is a setting of `data`, not of `train`");
            let diagnostic = Diagnostic::error(code::UNKNOWN_SETTING, *span, message);
            Some(diagnostic.note("write `validation: 0.2;` in `data { … }`"))
        }
        "shuffle" => {
            let message = "`train` has no `shuffle`: the training rows are shuffled before every epoch";
            let diagnostic = Diagnostic::error(code::UNKNOWN_SETTING, *span, message);
            Some(diagnostic.suggest("remove it", setting.span, ""))
        }
        "gradient_clip" | "gradient_clip_val" | "clip_grad" | "clip_value" | "clipvalue" => {
            let message = format!("`train` has no `{text}`: only the norm of all gradients can be limited");
            let diagnostic = Diagnostic::error(code::UNKNOWN_SETTING, *span, message);
            Some(diagnostic.note("write `clip_norm: 1.0;`"))
        }
        "callbacks" => {
            let diagnostic = Diagnostic::error(code::UNKNOWN_SETTING, *span, "`train` has no `callbacks`");
            Some(diagnostic.note("for early stopping, write `early_stopping(monitor: val_loss, patience: 8);`"))
        }
        _ => None,
    }
}

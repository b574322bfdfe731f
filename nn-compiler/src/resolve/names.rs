//! Names that were not found: the nearest one that exists, and what other frameworks call it.

use super::context::Context;
use crate::ast::{Call, Expr, Name};
use crate::diagnostic::code::{self, Code};
use crate::diagnostic::{Diagnostic, Near, nearest};
use crate::layers;
use crate::span::Span;

/// What other frameworks write, in lower case without `_`, and what the language writes. Layers have theirs in
/// their signatures.
const ELSEWHERE: &[(&str, &str)] = &[
    ("categoricalcrossentropy", "cross_entropy"),
    ("sparsecategoricalcrossentropy", "cross_entropy"),
    ("crossentropyloss", "cross_entropy"),
    ("crossentropy", "cross_entropy"),
    ("nll", "cross_entropy"),
    ("nllloss", "cross_entropy"),
    ("binarycrossentropy", "binary_cross_entropy"),
    ("bce", "binary_cross_entropy"),
    ("bceloss", "binary_cross_entropy"),
    ("bcewithlogitsloss", "binary_cross_entropy"),
    ("bcewithlogits", "binary_cross_entropy"),
    ("mseloss", "mse"),
    ("meansquarederror", "mse"),
    ("l1loss", "mae"),
    ("meanabsoluteerror", "mae"),
    ("huberloss", "huber"),
    ("smoothl1", "huber"),
    ("smoothl1loss", "huber"),
    ("acc", "accuracy"),
    ("valacc", "val_accuracy"),
    ("validationloss", "val_loss"),
    ("validationaccuracy", "val_accuracy"),
    ("categoricalaccuracy", "accuracy"),
    ("batchsize", "batch"),
    ("earlystopping", "early_stopping"),
    ("validationsplit", "validation"),
    ("sep", "delimiter"),
    ("separator", "delimiter"),
    ("parameters", "params"),
    ("sum", "add"),
    ("plus", "add"),
    ("product", "multiply"),
    ("mul", "multiply"),
    ("concatenate", "concat"),
    ("cat", "concat"),
    ("label", "target"),
    ("labels", "target"),
    ("targets", "target"),
    ("features", "columns"),
    ("weight", "weights"),
    ("sampleweight", "weights"),
    ("sampleweights", "weights"),
    ("rowweight", "weights"),
    ("rowweights", "weights"),
    ("epoch", "epochs"),
    ("numepochs", "epochs"),
    ("maxepochs", "epochs"),
    ("criterion", "loss"),
    ("optim", "optimizer"),
    ("randomseed", "seed"),
    ("randomstate", "seed"),
    ("lrschedule", "schedule"),
    ("lrscheduler", "schedule"),
    ("scheduler", "schedule"),
    ("learningrateschedule", "schedule"),
    ("steplr", "step"),
    ("exponentiallr", "exponential"),
    ("exponentialdecay", "exponential"),
    ("linearlr", "linear"),
    ("constantlr", "constant"),
    ("cosineannealinglr", "cosine"),
    ("cosineannealing", "cosine"),
    ("cosinedecay", "cosine"),
    ("onecyclelr", "one_cycle"),
    ("learningrate", "lr"),
    ("learningrates", "lr"),
    ("clipgradnorm", "clip_norm"),
    ("gradientclipping", "clip_norm"),
    ("globalclipnorm", "clip_norm"),
    ("gradientaccumulation", "accumulate"),
    ("gradientaccumulationsteps", "accumulate"),
    ("accumulategradbatches", "accumulate"),
    ("accumulationsteps", "accumulate"),
    ("kernelregularizer", "regularizer"),
    ("xavieruniform", "glorot_uniform"),
    ("xaviernormal", "glorot_normal"),
    ("kaimingnormal", "he_normal"),
    ("kaiminguniform", "he_uniform"),
    ("rmspropoptimizer", "rmsprop"),
    ("binaryaccuracy", "accuracy"),
    ("randomhorizontalflip", "flip"),
    ("horizontalflip", "flip"),
    ("randomflip", "flip"),
    ("hflip", "flip"),
    ("translate", "shift"),
    ("randomtranslation", "shift"),
    ("randomaffine", "shift"),
    ("gaussiannoise", "noise"),
    ("macadds", "macs"),
    ("multiplyadds", "macs"),
];

/// Those of them, and of the names in signatures, whose meaning is only similar: the author has to decide.
const SIMILAR: &[&str] = &[
    "conv",
    "nll",
    "nllloss",
    "randomaffine",
    "randomtranslation",
    "randomflip",
    "translate",
    "gradientclipping",
    "clipnorm",
    "linearlr",
    "constantlr",
    "exponentialdecay",
    "cosinedecay",
    // Keras defines the momentum the other way round, and its slope is 0.3.
    "batchnormalization",
    "leakyrelu",
];

/// A name in lower case without `_`.
fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

/// The known name that a written one probably means.
pub fn meant<'a>(written: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<Near<'a>> {
    let plain = plain(written);
    let same = |name: &&str| name.replace('_', "") == plain;
    let of_layers = || layers::signatures().find(|layer| layer.elsewhere.contains(&&*plain)).map(|layer| layer.name);
    let of_others = ELSEWHERE.iter().find(|(other, _)| *other == plain).map(|(_, ours)| *ours);
    let elsewhere = of_others.or_else(of_layers);
    known
        .clone()
        .find(same)
        .or_else(|| known.clone().find(|name| elsewhere == Some(*name)))
        .map(|name| Near { is_certain: !SIMILAR.contains(&&*plain), ..Near::certain(name) })
        .or_else(|| nearest(written, known))
}

/// What sort of names are looked up.
pub struct Names {
    /// The code of a name that does not exist.
    pub code: Code,
    /// One of them.
    pub kind: &'static str,
    /// All of them.
    pub kinds: &'static str,
    /// Whether the author of the spec made them, so that a near one is a guess.
    pub are_own: bool,
}

impl Names {
    const fn of_the_language(code: Code, kind: &'static str, kinds: &'static str) -> Self {
        Self { code, kind, kinds, are_own: false }
    }

    const fn of_the_author(code: Code, kind: &'static str, kinds: &'static str) -> Self {
        Self { code, kind, kinds, are_own: true }
    }
}

/// Names of losses.
pub const LOSSES: Names = Names::of_the_language(code::UNKNOWN_LOSS, "loss", "losses");
/// Names of optimizers.
pub const OPTIMIZERS: Names = Names::of_the_language(code::UNKNOWN_OPTIMIZER, "optimizer", "optimizers");
/// Names of schedules.
pub const SCHEDULES: Names = Names::of_the_language(code::UNKNOWN_SCHEDULE, "schedule", "schedules");
/// Names of metrics.
pub const METRICS: Names = Names::of_the_language(code::UNKNOWN_METRIC, "metric", "metrics");
/// Names of initialisers.
pub const INITIALISERS: Names = Names::of_the_language(code::UNKNOWN_INIT, "initialiser", "initialisers");
/// Names of outputs.
pub const OUTPUTS: Names = Names::of_the_author(code::UNKNOWN_VALUE, "output", "outputs");
/// Names of values.
pub const VALUES: Names = Names::of_the_author(code::UNKNOWN_VALUE, "value", "values");
/// Names of quantities.
pub const QUANTITIES: Names = Names::of_the_language(code::UNKNOWN_QUANTITY, "quantity", "quantities");
/// Names of lints.
pub const LINTS: Names = Names::of_the_language(code::UNKNOWN_LINT, "lint", "lints");
/// Names of the settings of `train`.
pub const TRAIN_SETTINGS: Names = Names::of_the_language(code::UNKNOWN_SETTING, "setting", "settings of `train`");
/// Names of the settings of `data`.
pub const DATA_SETTINGS: Names = Names::of_the_language(code::UNKNOWN_SETTING, "setting", "settings of `data`");
/// Names of augmentations.
pub const AUGMENTATIONS: Names = Names::of_the_language(code::UNKNOWN_AUGMENTATION, "augmentation", "augmentations");
/// Names of merge operations.
pub const MERGES: Names = Names::of_the_language(code::UNKNOWN_MERGE, "merge operation", "merge operations");

/// The known name that is written. An unknown name is reported; an unambiguous typo is then treated as the
/// intended name, so that the rest is still checked.
pub fn look_up<'a>(
    names: &Names,
    written: &str,
    span: Span,
    known: impl Iterator<Item = &'a str> + Clone,
    context: &mut Context,
) -> Option<&'a str> {
    if let Some(name) = known.clone().find(|name| *name == written) {
        return Some(name);
    }
    let mut diagnostic = Diagnostic::error(names.code, span, format!("there is no {} `{written}`", names.kind));
    if context.sink.is_full() {
        context.push(diagnostic);
        return None;
    }
    let near = meant(written, known.clone()).map(|near| if names.are_own { near.guessed() } else { near });
    if let Some(near) = near {
        diagnostic = diagnostic.mean(format!("did you mean `{}`?", near.name), span, Some(near));
    }
    let listed = listed(known);
    let note = if listed.is_empty() {
        format!("there are no {}", names.kinds)
    } else {
        format!("{} are {listed}", names.kinds)
    };
    context.push(diagnostic.note(note));
    near.filter(|near| near.is_alone).map(|near| near.name)
}

/// A list of names, each in backticks; only the first of many.
pub fn listed<'a>(mut names: impl Iterator<Item = &'a str>) -> String {
    const MOST_LISTED: usize = 50;
    let listed: Vec<String> = names.by_ref().take(MOST_LISTED).map(|name| format!("`{name}`")).collect();
    listed.join(", ") + if names.next().is_some() { ", …" } else { "" }
}

/// Reports a layer or block that does not exist; returns what its name certainly means.
pub fn unknown_layer<'a>(
    written: &str,
    span: Span,
    blocks: impl Iterator<Item = &'a str> + Clone,
    context: &mut Context,
) -> Option<&'a str> {
    // PyTorch's `Linear(64)` has arguments; our `linear` is the identity.
    let is_torch_linear = written.eq_ignore_ascii_case("linear");
    let known: Vec<&str> = layers::signatures()
        .map(|signature| signature.name)
        .chain(blocks.clone())
        .filter(|name| !is_torch_linear || *name != "linear")
        .collect();
    let diagnostic = Diagnostic::error(code::UNKNOWN_LAYER, span, format!("there is no layer `{written}`"));
    if context.sink.is_full() {
        context.push(diagnostic);
        return None;
    }
    let own = blocks.collect::<Vec<_>>();
    let near = meant(written, known.iter().copied());
    let near = near.map(|near| if own.contains(&near.name) { near.guessed() } else { near });
    context.push(match near {
        Some(near) => diagnostic.mean(format!("did you mean `{}`?", near.name), span, Some(near)),
        None => diagnostic.note(format!("layers are {}", listed(known.iter().copied()))),
    });
    near.filter(|near| near.is_alone).map(|near| near.name)
}

/// The call that an expression is; a word in quotes is reported and treated as the word.
pub fn call(expr: &Expr, context: &mut Context) -> Option<Call> {
    if let Some(call) = expr.call() {
        return Some(call.clone());
    }
    let text = expr.text().filter(|text| is_word(text))?;
    let message = "names are written without quotes";
    let diagnostic = Diagnostic::error(code::WRONG_KIND, expr.span, message);
    context.push(diagnostic.mend("remove the quotes", expr.span, text));
    let name = Name { text: text.to_owned(), span: expr.span };
    Some(Call { name, arguments: Vec::new(), span: expr.span })
}

/// Whether a text could be a word of the language.
pub fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|other| other.is_ascii_alphanumeric() || other == '_')
}

//! Names that were not found: the nearest one that exists, and what other frameworks call it.

use crate::diagnostic::code::{self, Code};
use crate::diagnostic::{Diagnostic, Near, nearest};
use crate::layers;
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind};

/// What other frameworks write, in lower case without `_`, and what the language writes.
const ELSEWHERE: &[(&str, &str)] = &[
    ("linear", "dense"),
    ("fullyconnected", "dense"),
    ("fc", "dense"),
    ("batchnorm1d", "batch_norm"),
    ("batchnormalization", "batch_norm"),
    ("batchnorm", "batch_norm"),
    ("leakyrelu", "leaky_relu"),
    ("swish", "silu"),
    ("hardtanh", "hard_tanh"),
    ("hardsigmoid", "hard_sigmoid"),
    ("logsoftmax", "log_softmax"),
    ("normalization", "normalize"),
    ("rescaling", "rescale"),
    ("identity", "linear"),
    ("heaviside", "step"),
    ("categoricalcrossentropy", "cross_entropy"),
    ("sparsecategoricalcrossentropy", "cross_entropy"),
    ("crossentropyloss", "cross_entropy"),
    ("crossentropy", "cross_entropy"),
    ("nll", "cross_entropy"),
    ("binarycrossentropy", "binary_cross_entropy"),
    ("bce", "binary_cross_entropy"),
    ("bceloss", "binary_cross_entropy"),
    ("mseloss", "mse"),
    ("meansquarederror", "mse"),
    ("l1loss", "mae"),
    ("meanabsoluteerror", "mae"),
    ("huberloss", "huber"),
    ("smoothl1", "huber"),
    ("acc", "accuracy"),
    ("categoricalaccuracy", "accuracy"),
    ("batchsize", "batch"),
    ("earlystopping", "early_stopping"),
    ("validationsplit", "validation"),
    ("parameters", "params"),
    ("sum", "add"),
    ("plus", "add"),
    ("product", "multiply"),
    ("mul", "multiply"),
    ("concatenate", "concat"),
    ("cat", "concat"),
];

/// A name in lower case without `_`.
fn plain(name: &str) -> String {
    name.chars().filter(|c| *c != '_').flat_map(char::to_lowercase).collect()
}

/// The known name that a written one probably means.
pub fn meant<'a>(written: &str, known: impl Iterator<Item = &'a str> + Clone) -> Option<Near<'a>> {
    let plain = plain(written);
    let same = |name: &&str| name.replace('_', "") == plain;
    let elsewhere = ELSEWHERE.iter().find(|(other, _)| *other == plain).map(|(_, ours)| *ours);
    known
        .clone()
        .find(same)
        .or_else(|| known.clone().find(|name| elsewhere == Some(*name)))
        .map(|name| Near { name, is_certain: true })
        .or_else(|| nearest(written, known))
}

/// A name that does not exist.
pub fn unknown<'a>(
    code: Code,
    kind: &str,
    kinds: &str,
    written: &str,
    span: Span,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(code, span, format!("there is no {kind} `{written}`"));
    if let Some(near) = meant(written, known.clone()) {
        diagnostic = diagnostic.mean(format!("did you mean `{}`?", near.name), span, Some(near));
    }
    let listed: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    diagnostic.note(format!("{kinds} are {}", listed.join(", ")))
}

/// A metric that does not exist.
pub fn unknown_metric<'a>(written: &str, span: Span, known: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    unknown(code::UNKNOWN_METRIC, "metric", "metrics", written, span, known)
}

/// Something of the language that this version does not build yet.
pub fn not_yet(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(code::NOT_SUPPORTED_YET, span, format!("{what} is not supported yet"))
        .note("it is part of the language, but this version does not build it; remove it for now")
}

/// A layer or block that does not exist.
pub fn unknown_layer<'a>(written: &str, span: Span, blocks: impl Iterator<Item = &'a str> + Clone) -> Diagnostic {
    let plain = plain(written);
    if let Some(name) = layers::NOT_YET.iter().find(|name| name.replace('_', "") == plain) {
        return not_yet(&format!("`{name}`"), span);
    }
    // PyTorch's `Linear(64)` has arguments; our `linear` is the identity.
    let is_torch_linear = written.eq_ignore_ascii_case("linear");
    let known: Vec<&str> = layers::signatures()
        .map(|signature| signature.name)
        .chain(blocks)
        .filter(|name| !is_torch_linear || *name != "linear")
        .collect();
    let diagnostic = Diagnostic::error(code::UNKNOWN_LAYER, span, format!("there is no layer `{written}`"));
    if let Some(near) = meant(written, known.iter().copied()) {
        return diagnostic.mean(format!("did you mean `{}`?", near.name), span, Some(near));
    }
    let listed: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
    diagnostic.note(format!("layers are {}", listed.join(", ")))
}

/// The word that an expression is, if it is one.
pub fn word(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Call(call) if call.arguments.is_empty() => Some(&call.name.text),
        _ => None,
    }
}

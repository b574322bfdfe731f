//! Arguments as other frameworks write them, and what the language writes instead.

use super::constants::Constants;
use super::names::meant;
use crate::ast::{Argument, Call, Expr, ExprKind, Name, Source};
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::layers;
use crate::signature::{ArgumentKind, ArgumentSpec, Fallback, LayerKind};
use crate::span::Span;

/// Names of other frameworks, and what the language calls the same thing.
pub const NAMES: &[(&str, &str)] = &[
    ("learning_rate", "lr"),
    ("kernel_initializer", "init"),
    ("initializer", "init"),
    ("use_bias", "bias"),
    ("out_features", "units"),
    ("out_channels", "channels"),
    ("filters", "channels"),
    ("kernel_size", "kernel"),
    ("kernel_size", "size"),
    ("kernel", "size"),
    ("pool_size", "size"),
    ("num_embeddings", "vocabulary"),
    ("input_dim", "vocabulary"),
    ("embedding_dim", "width"),
    ("output_dim", "width"),
    ("embeddings_initializer", "init"),
    ("strides", "stride"),
    ("p", "rate"),
    ("prob", "rate"),
    ("epsilon", "eps"),
    ("num_groups", "groups"),
    ("alpha", "rho"),
    ("alpha", "slope"),
    ("negative_slope", "slope"),
    ("beta_1", "beta1"),
    ("beta_2", "beta2"),
    ("decay", "weight_decay"),
    ("scale", "factor"),
    ("smoothing", "label_smoothing"),
    ("class_weight", "class_weights"),
    ("weight", "class_weights"),
    ("weights", "class_weights"),
    ("pos_weight", "positive_weight"),
    ("step_size", "every"),
    ("gamma", "factor"),
    ("gamma", "rate"),
    ("decay_rate", "rate"),
    ("total_iters", "over"),
    ("warmup_steps", "warmup"),
    ("num_warmup_steps", "warmup"),
    ("max_learning_rate", "max_lr"),
    ("delta", "min_delta"),
    ("threshold", "min_delta"),
    ("metric", "monitor"),
];

/// Whether a name of [`NAMES`] means only something similar, so that the author has to decide.
pub fn is_similar(name: &str) -> bool {
    matches!(name, "decay" | "decay_rate" | "gamma" | "step_size" | "total_iters" | "alpha" | "threshold")
}

/// A named argument that the language does not have.
pub fn argument(call: &Call, index: usize, takes: &[ArgumentSpec]) -> Option<Diagnostic> {
    let argument = &call.arguments[index];
    let name = argument.name.as_ref()?;
    let layer = &call.name.text;
    let has = |wanted: &str| takes.iter().any(|spec| spec.name == wanted);
    let diagnostic = |message: String| Diagnostic::error(code::UNKNOWN_ARGUMENT, name.span, message);
    let without = || vec![Edit::new(call.without(index), "")];
    Some(match name.text.as_str() {
        "activation" => activation(call, index, diagnostic(format!("`{layer}` has no argument `activation`"))),
        "kernel_regularizer" if has("l2") => {
            penalty(argument, diagnostic(format!("`{layer}` has no argument `{}`", name.text)))
        }
        "in_features" | "input_dim" | "input_shape" | "in_channels" if has("init") && !has("vocabulary") => diagnostic(
            format!("`{layer}` has no argument `{}`: input sizes are inferred", name.text),
        )
        .propose("remove it", without(), true),
        "num_channels" if has("groups") && has("eps") => diagnostic(format!(
            "`{layer}` has no argument `num_channels`: input sizes are inferred"
        ))
        .propose("remove it", without(), true),
        "dim" | "axis" if takes.is_empty() => {
            let is_last = argument.value.is_integer(1) || argument.value.is_integer(-1);
            diagnostic(format!("`{layer}` has no argument `{}`: it works on the values of one row", name.text)).propose(
                "remove it",
                without(),
                is_last,
            )
        }
        "inplace" => {
            diagnostic(format!("`{layer}` has no argument `inplace`: the compiler decides where each value is stored"))
                .propose("remove it", without(), true)
        }
        "ceil_mode" if has("padding") => {
            diagnostic(format!("`{layer}` has no argument `ceil_mode`: inputs that do not fill a window are left out"))
                .propose("remove it", without(), is_false(argument))
        }
        "count_include_pad" if has("padding") => diagnostic(format!(
            "`{layer}` has no argument `count_include_pad`: zeros of the padding are always counted"
        ))
        .propose("remove it", without(), !is_false(argument)),
        "from_logits" if layer.ends_with("cross_entropy") => {
            diagnostic(format!("`{layer}` has no argument `from_logits`: the loss is always computed from the logits"))
                .propose("remove it", without(), true)
        }
        "mode" if has("patience") => diagnostic(format!(
            "`{layer}` has no argument `mode`: the direction follows from the metric"
        ))
        .propose("remove it", without(), argument.value.word() == Some("auto")),
        "restore_best_weights" | "restore_best" if has("patience") => {
            let is_true = argument.value.flag() == Some(true) || argument.value.word() == Some("True");
            diagnostic(format!("`{layer}` has no argument `{}`: the best weights are always kept", name.text)).propose(
                "remove it",
                without(),
                is_true,
            )
        }
        "name" if layers::signatures().any(|signature| signature.name == layer) => diagnostic(format!(
            "`{layer}` has no argument `name`: a layer is named after its value"
        ))
        .propose("remove it", without(), true),
        "verbose" => diagnostic(format!("`{layer}` has no argument `verbose`")).propose("remove it", without(), true),
        "keep_prob" if has("rate") => diagnostic(format!("`{layer}` has no argument `keep_prob`"))
            .note("`rate` is the share that is dropped: 1 minus `keep_prob`"),
        "betas" if has("beta1") => betas(argument, diagnostic(format!("`{layer}` has no argument `betas`"))),
        "weight_decay" if layer == "adam" => diagnostic("`adam` has no argument `weight_decay`".to_owned())
            .suggest("for decoupled weight decay, use", call.name.span, "adamw")
            .note("for an L2 penalty, write `regularizer: l2(…);` in `train`"),
        _ => return None,
    })
}

/// A positional argument of a layer that has another one in this position in other frameworks.
pub fn position(call: &Call, index: usize, takes: &[ArgumentSpec], constants: &Constants) -> Option<Diagnostic> {
    let argument = &call.arguments[index];
    let layer = call.name.text.as_str();
    let kind = layers::signatures().find(|signature| signature.name == layer).map(|signature| signature.kind);
    // `gelu(tanh)` takes a word.
    let takes_a_word = takes.get(index).is_some_and(|spec| matches!(spec.kind, ArgumentKind::Word(_)));
    if let Some(name) = activation_of(&argument.value).filter(|name| !takes_a_word && !constants.contains(name))
        && kind.is_some()
    {
        let message = format!("`{layer}` takes no activation");
        let diagnostic = Diagnostic::error(code::SURPLUS_ARGUMENT, argument.span, message);
        let is_required = takes.get(index).is_some_and(|spec| spec.default == Fallback::Required);
        return Some(match is_required {
            true => diagnostic.note(format!("an activation is a separate layer: `-> {name}`")),
            false => as_a_layer(call, index, diagnostic, name),
        });
    }
    let is_size = |at: usize| call.arguments.get(at).is_some_and(is_integer);
    // `Linear(784, 128)`: input size, output size.
    let has = |name: &str| takes.iter().any(|spec| spec.name == name);
    if has("units") && index == 1 && is_size(0) && is_size(1) {
        return Some(two_sizes(call));
    }
    if has("kernel") && index == 1 {
        return unnamed_kernel(call);
    }
    // `relu(0.1)`: a slope, as its author believes, or a bound.
    if has("max") && index == 0 {
        let message = format!("the argument of `{layer}` needs its name");
        let diagnostic = Diagnostic::error(code::SURPLUS_ARGUMENT, argument.span, message);
        return Some(
            diagnostic
                .propose("name the bound", vec![Edit::new(argument.span.before(), "max: ")], false)
                .note("`leaky_relu(0.1)` has a slope below 0"),
        );
    }
    let required = takes.iter().filter(|spec| spec.default == Fallback::Required).count();
    let is_one = matches!(argument.value.kind, ExprKind::Integer(1));
    let (why, is_certain) = match kind? {
        // `BatchNorm1d(64)`, `GroupNorm(4, 64)`
        LayerKind::Norm if index == required && is_size(index) => ("the number of features is inferred", !is_one),
        LayerKind::Pool if takes.is_empty() && index == 0 => ("it returns one number for each channel", is_one),
        LayerKind::Weights
        | LayerKind::Scale
        | LayerKind::Norm
        | LayerKind::Activation
        | LayerKind::Pool
        | LayerKind::Shape
        | LayerKind::Regularizer => return None,
    };
    let message = format!("`{layer}` takes no size: {why}");
    let diagnostic = Diagnostic::error(code::SURPLUS_ARGUMENT, argument.span, message);
    Some(diagnostic.propose("remove it", vec![Edit::new(call.without(index), "")], is_certain))
}

fn is_false(argument: &Argument) -> bool {
    argument.value.flag() == Some(false) || argument.value.word() == Some("False")
}

/// `conv2d(16, 3)`, or `Conv2d(1, 16, 3)`: PyTorch has the input channels first, Keras the stride last.
fn unnamed_kernel(call: &Call) -> Option<Diagnostic> {
    let unnamed: Vec<&Argument> = call.arguments.iter().take_while(|argument| argument.name.is_none()).collect();
    let layer = &call.name.text;
    let is_kernel = |name: &Name| matches!(name.text.as_str(), "kernel" | "kernel_size");
    let has_kernel = call.arguments.iter().any(|argument| argument.name.as_ref().is_some_and(is_kernel));
    let named = |argument: &Argument, name: &str| Edit::new(argument.span.before(), format!("{name}: "));
    let without_inputs = || Edit::new(call.without(0), "");
    let [first, second, ..] = unnamed[..] else { return None };
    if let ([_, kernel], false) = (&unnamed[..], has_kernel) {
        let message = format!("`{layer}` takes the number of channels; all other arguments need their names");
        let diagnostic = Diagnostic::error(code::SURPLUS_ARGUMENT, kernel.span, message);
        // `Conv2d(64, 32)` of PyTorch lacks its kernel.
        return Some(diagnostic.propose("name the argument", vec![named(kernel, "kernel")], false));
    }
    let message = format!("`{layer}` takes only the number of output channels: input channels are inferred");
    let diagnostic = Diagnostic::error(code::SURPLUS_ARGUMENT, first.span.to(second.span), message);
    Some(match unnamed[..] {
        [_, _] => diagnostic.propose("remove the input channels", vec![without_inputs()], false),
        _ if has_kernel => diagnostic,
        [_, _, kernel, ref others @ ..] => {
            let edits = vec![without_inputs(), named(kernel, "kernel")];
            let diagnostic = diagnostic.propose("remove the input channels, and name the kernel", edits, false);
            if !others.is_empty() {
                return Some(diagnostic);
            }
            let edits = vec![named(second, "kernel"), named(kernel, "stride")];
            diagnostic.propose("if they are channels, kernel and stride, name them", edits, false)
        }
        _ => diagnostic,
    })
}

/// `dense(784, 128)`, or `dense(1,024)`, which looks the same except for whitespace and zeros.
fn two_sizes(call: &Call) -> Diagnostic {
    let (first, second) = (&call.arguments[0], &call.arguments[1]);
    let digits = |argument: &Argument| argument.span.end - argument.span.start;
    let may_be_one = second.span.start == first.span.end + 1 && digits(first) <= 3 && digits(second) == 3;
    let is_one = may_be_one && matches!(second.value.kind, ExprKind::Integer(0..100));
    let layer = &call.name.text;
    let message = format!("`{layer}` takes only the number of outputs: input sizes are inferred");
    let diagnostic = Diagnostic::error(code::SURPLUS_ARGUMENT, first.span.to(second.span), message);
    let comma = Span::new(first.span.end, second.span.start);
    let diagnostic = match may_be_one {
        true => Diagnostic { message: format!("commas cannot group digits; `{layer}` takes one size"), ..diagnostic },
        false => diagnostic,
    };
    let joined =
        |diagnostic: Diagnostic| diagnostic.propose("group digits with `_`", vec![Edit::new(comma, "_")], is_one);
    // `dense(784, 128)` may also be the widths of two layers.
    let without = |diagnostic: Diagnostic| {
        diagnostic.propose("remove the input size", vec![Edit::new(call.without(0), "")], false)
    };
    match (may_be_one, is_one) {
        (_, true) => joined(diagnostic),
        (true, false) => joined(diagnostic).note("input sizes are inferred"),
        (false, false) => without(diagnostic),
    }
}

fn is_integer(argument: &Argument) -> bool {
    argument.name.is_none() && matches!(argument.value.kind, ExprKind::Integer(_))
}

/// `dense(64, activation: relu)` is `dense(64) -> relu`.
fn activation(call: &Call, index: usize, diagnostic: Diagnostic) -> Diagnostic {
    let value = &call.arguments[index].value;
    if written(value).is_some_and(|word| word.eq_ignore_ascii_case("none") || word.eq_ignore_ascii_case("linear")) {
        return diagnostic.propose("remove it", vec![Edit::new(call.without(index), "")], true);
    }
    match activation_of(value) {
        Some(name) => as_a_layer(call, index, diagnostic, name),
        None => diagnostic.note("an activation is a separate layer, such as `-> relu`"),
    }
}

/// An argument becomes a layer after the call.
fn as_a_layer(call: &Call, index: usize, diagnostic: Diagnostic, name: &str) -> Diagnostic {
    let edits = vec![Edit::new(call.without(index), ""), Edit::new(call.span.after(), format!(" -> {name}"))];
    diagnostic.propose(format!("an activation is a separate layer: `-> {name}`"), edits, true)
}

/// A word, with or without quotes.
fn written(value: &Expr) -> Option<&str> {
    value.text().or_else(|| value.word())
}

/// The activation that a value names, in any framework's spelling.
fn activation_of(value: &Expr) -> Option<&'static str> {
    let is_plain = |argument: &ArgumentSpec| argument.default != Fallback::Required;
    let plain = layers::signatures().filter(|signature| signature.arguments.iter().all(is_plain));
    let activations = plain.filter(|signature| signature.kind == LayerKind::Activation);
    let known: Vec<&str> = activations.map(|signature| signature.name).collect();
    meant(written(value)?, known.iter().copied()).filter(|near| near.is_certain).map(|near| near.name)
}

/// A dimension of an input that means the batch: `None`, `-1`.
pub fn dimension(size: &Expr, constants: &Constants) -> Option<Diagnostic> {
    const BATCH: &[&str] = &["None", "none", "null", "N", "B", "batch", "batch_size"];
    let names_batch = |word| BATCH.contains(&word) && !constants.contains(word);
    let is_batch = size.is_integer(-1) || size.word().is_some_and(names_batch);
    let message = "a shape describes one example: it does not include the batch, and every size is a number";
    is_batch.then(|| Diagnostic::error(code::WRONG_KIND, size.span, message).note("write `input x: [784];`"))
}

/// `relu(h)`: a layer that is called like a function.
pub fn applied(source: &Source) -> Option<Diagnostic> {
    let Source::Merge { name, arguments, span } = source else { return None };
    let [Source::Name(value)] = &arguments[..] else { return None };
    let message = format!("a chain starts from a value, but `{}` is a layer", name.text);
    let text = format!("{} -> {}", value.text, name.text);
    Some(Diagnostic::error(code::NO_SOURCE, *span, message).suggest("write the value before the layer", *span, text))
}

/// `Sequential(…)`
pub fn sequence(name: &Name) -> Option<Diagnostic> {
    let message = "layers are joined with `->`, not in a list";
    let note = "a chain begins with a value: `x -> dense(4) -> relu -> dense(1)`";
    let is_sequence = matches!(name.text.to_lowercase().as_str(), "sequential" | "modulelist" | "stack");
    is_sequence.then(|| Diagnostic::error(code::UNKNOWN_LAYER, name.span, message).note(note))
}

/// Layers that other frameworks have, and the language writes differently.
pub fn layer(call: &Call) -> Option<Diagnostic> {
    let name = &call.name;
    if let Some(sequence) = sequence(name) {
        return Some(sequence);
    }
    let diagnostic = |message: &str| Diagnostic::error(code::UNKNOWN_LAYER, call.span, message);
    Some(match name.text.to_lowercase().as_str() {
        "activation" if !call.arguments.is_empty() => match &call.arguments[..] {
            [only] if only.name.is_none() => match activation_of(&only.value) {
                Some(layer) => {
                    diagnostic("an activation is a separate layer").mend("write the layer", call.span, layer)
                }
                None => diagnostic("an activation is a separate layer").note("write its name, such as `-> relu`"),
            },
            _ => diagnostic("an activation is a separate layer").note("write its name, such as `-> relu`"),
        },
        "repeat" | "times" => diagnostic("the number of repetitions follows the layer")
            .note("write `x -> unit(8) * 3`, with `block unit(n) = dense(n) -> relu;`"),
        "lstm" | "gru" | "rnn" | "simplernn" | "attention" | "multiheadattention" | "transformer" => {
            let message = format!("there is no layer `{}`", name.text);
            let note = "for sequences `[channels, length]` use `conv1d` and pools; \
                        recurrent layers and attention are not supported";
            Diagnostic::error(code::UNKNOWN_LAYER, name.span, message).note(note)
        }
        "relu6" => diagnostic("the bound of a relu is its argument").mend("write", call.span, "relu(max: 6)"),
        "view" => {
            let message = format!("there is no layer `{}`", name.text);
            Diagnostic::error(code::UNKNOWN_LAYER, name.span, message)
                .note("write `flatten`, or `reshape([28, 28])` with every size and without the batch")
        }
        _ => return None,
    })
}

/// `kernel_regularizer: l2(0.01)` is `l2: 0.01`.
fn penalty(argument: &Argument, diagnostic: Diagnostic) -> Diagnostic {
    if let ExprKind::Call(call) = &argument.value.kind
        && let [strength] = &call.arguments[..]
        && matches!(call.name.text.as_str(), "l1" | "l2")
    {
        let edits = vec![
            Edit::new(Span::new(argument.span.start, strength.value.span.start), format!("{}: ", call.name.text)),
            Edit::new(Span::new(strength.span.end, argument.span.end), ""),
        ];
        return diagnostic.propose("write the penalty as an argument", edits, true);
    }
    diagnostic.note("write a penalty of the weights as `l1: 1e-4` or `l2: 1e-4`")
}

/// `betas: [0.9, 0.999]` is `beta1: 0.9, beta2: 0.999`.
fn betas(argument: &Argument, diagnostic: Diagnostic) -> Diagnostic {
    let Some([first, second]) = argument.value.list() else {
        return diagnostic.note("write two arguments: `beta1: 0.9, beta2: 0.999`");
    };
    let between = |start, end, text: &str| Edit::new(Span::new(start, end), text);
    let edits = vec![
        between(argument.span.start, first.span.start, "beta1: "),
        between(first.span.end, second.span.start, ", beta2: "),
        between(second.span.end, argument.span.end, ""),
    ];
    diagnostic.propose("write two arguments", edits, true)
}

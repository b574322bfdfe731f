//! `train { … }`: settings, the loss and its output, the optimizer or rule.

use super::arguments::{self, Bound, Parameter};
use super::constants::Constants;
use super::graph::Graph;
use super::names;
use crate::diagnostic::code;
use crate::diagnostic::{Diagnostic, Sink};
use crate::layers::Layer;
use crate::layers::activation::Activation;
use crate::model::{Batch, EarlyStopping, Loss, LossTerm, Metric, Model, Node, Optimizer, Train, ValueId};
use crate::span::Span;
use crate::syntax::ast::{Argument, Call, Expr, ExprKind, Name, Operator, Setting, SettingValue};

/// The settings of `train`.
const SETTINGS: &[&str] = &[
    "loss",
    "optimizer",
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

/// The settings that this version does not build yet.
const NOT_YET: &[&str] = &["schedule", "clip_norm", "accumulate"];

/// The settings that were written, each once.
struct Settings<'a> {
    written: Vec<(&'static str, &'a Setting)>,
    /// Settings that are not missing: what misspelt names probably mean.
    meant: Vec<&'static str>,
}

impl<'a> Settings<'a> {
    fn new(settings: &'a [Setting], sink: &mut Sink) -> Self {
        let (mut written, mut meant): (Vec<(&str, &Setting)>, Vec<&str>) = (Vec::new(), Vec::new());
        for setting in settings {
            let Name { text, span } = &setting.name;
            if let Some(elsewhere) = belongs_elsewhere(setting) {
                sink.push(elsewhere);
                continue;
            }
            let known = SETTINGS.iter().copied();
            meant.extend(names::meant(text, known.clone()).map(|near| near.name));
            let Some(name) = names::look_up(&names::TRAIN_SETTINGS, text, *span, known, sink) else { continue };
            if NOT_YET.contains(&name) {
                sink.push(names::not_yet(&format!("`{name}`"), setting.span));
            } else if let Some((_, first)) = written.iter().find(|(other, _)| *other == name) {
                sink.push(doubled(name, *span, first.name.span));
            } else {
                written.push((name, setting));
            }
        }
        Self { written, meant }
    }

    fn get(&self, name: &str) -> Option<&'a Setting> {
        self.written.iter().find(|(other, _)| *other == name).map(|(_, setting)| *setting)
    }

    /// The value of `name: value;`.
    fn value(&self, name: &str, sink: &mut Sink) -> Option<&'a Expr> {
        let setting = self.get(name)?;
        match &setting.value {
            SettingValue::Value(value) => Some(value),
            SettingValue::Arguments(_) => {
                let message = format!("`{name}` is set by `{name}: …;`");
                sink.push(Diagnostic::error(code::WRONG_KIND, setting.span, message));
                None
            }
        }
    }
}

/// A setting that is given twice.
pub fn doubled(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(code::DOUBLED_SETTING, span, format!("`{name}` is set twice")).label(first, "first here")
}

/// A setting that other frameworks have in the training, and the language elsewhere.
fn belongs_elsewhere(setting: &Setting) -> Option<Diagnostic> {
    let Name { text, span } = &setting.name;
    let (message, remedy) = match text.as_str() {
        "lr" | "learning_rate" => ("the learning rate is an argument of the optimizer", "adam(lr: 1e-3)"),
        "momentum" => ("the momentum is an argument of the optimizer", "sgd(lr: 0.01, momentum: 0.9)"),
        "weight_decay" => ("the weight decay is an argument of the optimizer", "adamw(weight_decay: 0.01)"),
        "validation" | "validation_split" => {
            let message = format!("`{text}` says how much of the data is held back, so it stands in `data`");
            let diagnostic = Diagnostic::error(code::UNKNOWN_SETTING, *span, message);
            return Some(diagnostic.note("write `validation: 0.2;` in `data { … }`"));
        }
        "shuffle" => {
            let message = "`train` has no `shuffle`: the training rows are shuffled before every epoch";
            return Some(Diagnostic::error(code::UNKNOWN_SETTING, *span, message).suggest(
                "remove it",
                setting.span,
                "",
            ));
        }
        "callbacks" => {
            let diagnostic = Diagnostic::error(code::UNKNOWN_SETTING, *span, "`train` has no `callbacks`");
            return Some(diagnostic.note("early stopping is `early_stopping(monitor: val_loss, patience: 8);`"));
        }
        _ => return None,
    };
    let diagnostic = Diagnostic::error(code::UNKNOWN_SETTING, *span, message);
    Some(diagnostic.note(format!("write it there: `optimizer: {remedy};`")))
}

/// Resolves `train`; also gives the network's regularizer to the layers of `model`.
pub fn resolve(
    keyword: Span,
    settings: &[Setting],
    model: &mut Model,
    graph: &Graph,
    sink: &mut Sink,
) -> Option<Train> {
    let settings = Settings::new(settings, sink);
    let constants = graph.constants();
    regularize(model, &settings, constants, sink);
    let (losses, optimizer) = match settings.get("rule") {
        Some(rule) => perceptron(rule, &settings, model, constants, sink),
        None => {
            let loss = present(&settings, "loss", "mse", keyword, sink);
            let optimizer = present(&settings, "optimizer", "adam(lr: 1e-3)", keyword, sink);
            let losses =
                settings.value("loss", sink).filter(|_| loss).and_then(|value| losses(value, model, graph, sink));
            let call = settings.value("optimizer", sink).filter(|_| optimizer);
            (losses, call.and_then(|value| self::optimizer(value, constants, sink)))
        }
    };
    let is_rule = settings.get("rule").is_some();
    let metrics = settings.value("metrics", sink).map_or(Some(Vec::new()), |value| self::metrics(value, sink));
    let batch = batch(&settings, is_rule, constants, sink);
    let count = |name: &str, default, sink: &mut Sink| match settings.value(name, sink) {
        Some(value) => constants.size(value, &format!("`{name}`"), sink),
        None => Some(default),
    };
    let epochs = count("epochs", 10, sink);
    let seed = settings.value("seed", sink).map_or(Some(0), |value| seed(value, constants, sink));
    let early_stopping = match settings.get("early_stopping") {
        Some(setting) => Some(early_stopping(setting, constants, sink)?),
        None => None,
    };
    let mut train = Train {
        losses: losses?,
        optimizer: optimizer?,
        metrics: Vec::new(),
        batch: batch?,
        epochs: epochs?,
        seed: seed?,
        early_stopping,
        span: keyword,
        optimizer_span: settings.value("rule", sink).or_else(|| settings.value("optimizer", sink))?.span,
    };
    for (metric, span) in metrics? {
        if !train.metrics.contains(&metric) {
            check_metric(metric, &train, span, sink);
            train.metrics.push(metric);
        }
    }
    check(&train, &settings, model, sink);
    Some(train)
}

/// Whether a setting is written; reports it where it is not, unless another is its misspelling.
fn present(settings: &Settings, setting: &str, example: &str, keyword: Span, sink: &mut Sink) -> bool {
    if settings.get(setting).is_some() {
        return true;
    }
    if settings.meant.contains(&setting) {
        return false;
    }
    let message = format!("`train` has no `{setting}`");
    sink.push(
        Diagnostic::error(code::MISSING_SETTING, keyword, message)
            .note(format!("add one, such as `{setting}: {example};`")),
    );
    false
}

/// `l1(…)`, `l2(…)` or their sum, for every dense layer that does not name its own.
fn regularize(model: &mut Model, settings: &Settings, constants: &Constants, sink: &mut Sink) {
    let Some(value) = settings.value("regularizer", sink) else { return };
    let (mut l1, mut l2) = (None, None);
    for term in terms(value) {
        let ExprKind::Call(call) = &term.kind else {
            sink.push(not_a_regularizer(term.span));
            return;
        };
        const STRENGTH: &[Parameter] = &[Parameter::number("strength", 0.0, f64::INFINITY, "the weight in the loss")];
        let slot = match call.name.text.as_str() {
            "l1" => &mut l1,
            "l2" => &mut l2,
            _ => {
                sink.push(not_a_regularizer(term.span));
                return;
            }
        };
        match arguments::bind(call, STRENGTH, constants, sink) {
            Some(bound) => *slot = Some(bound.number("strength")),
            None => return,
        }
    }
    for value in &mut model.values {
        if let Node::Layer { layer: Layer::Dense(dense), .. } = &mut value.node
            && dense.l1.is_none()
            && dense.l2.is_none()
        {
            (dense.l1, dense.l2) = (l1, l2);
        }
    }
}

fn not_a_regularizer(span: Span) -> Diagnostic {
    Diagnostic::error(code::WRONG_KIND, span, "a regularizer is `l1(strength)`, `l2(strength)` or their sum")
}

/// The terms of a sum.
fn terms(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Binary { operator: Operator::Add, left, right } => {
            let mut all = terms(left);
            all.extend(terms(right));
            all
        }
        _ => vec![expr],
    }
}

/// The loss: a sum of weighted terms.
fn losses(value: &Expr, model: &Model, graph: &Graph, sink: &mut Sink) -> Option<Vec<LossTerm>> {
    let terms = terms(value);
    if terms.len() > 1 {
        sink.push(names::not_yet("a sum of losses", value.span));
        return None;
    }
    terms.into_iter().map(|term| loss_term(term, model, graph, sink)).collect()
}

fn loss_term(expr: &Expr, model: &Model, graph: &Graph, sink: &mut Sink) -> Option<LossTerm> {
    let (factor, term) = match &expr.kind {
        ExprKind::Binary { operator: Operator::Multiply, left, right } => (Some(left), &**right),
        _ => (None, expr),
    };
    let Some(call) = names::call(term, sink) else { return not_a_loss(expr.span, sink) };
    let fits = |weight: f64| weight > 0.0;
    let weight = match factor {
        Some(factor) => arguments::number(factor, graph.constants(), "the weight of a loss", "above 0", fits, sink)?,
        None => 1.0,
    };
    let (output, rest) = output_of(&call, model, graph, sink);
    let loss = loss(&rest, graph.constants(), sink);
    let (output, loss) = (output?, loss?);
    check_last_layer(loss, &call, model, output, sink);
    Some(LossTerm { weight, loss, output, span: expr.span })
}

fn not_a_loss<T>(span: Span, sink: &mut Sink) -> Option<T> {
    sink.push(Diagnostic::error(code::WRONG_KIND, span, "a loss is a name such as `mse`, or a number times a name"));
    None
}

/// The output that a loss names (the only one, where it names none), and the call without it.
fn output_of(call: &Call, model: &Model, graph: &Graph, sink: &mut Sink) -> (Option<ValueId>, Call) {
    let mut rest = call.clone();
    let first = rest.arguments.first().filter(|argument| argument.name.is_none());
    if let Some((argument, word)) = first.and_then(|argument| Some((argument, names::word(&argument.value)?)))
        && !graph.constants().contains(word)
    {
        let known = graph.output_names();
        // An output that is known and has no value has a mistake of its own; that there is none is said once.
        let name = match known[..] {
            [] => None,
            _ => names::look_up(&names::OUTPUTS, word, argument.span, known.iter().copied(), sink),
        };
        rest.arguments.remove(0);
        return (name.and_then(|name| graph.output(name)), rest);
    }
    if let [output] = model.outputs[..] {
        return (Some(output), rest);
    }
    if graph.is_sound() {
        let example = graph.output_names().first().map_or(String::new(), |name| format!("{}({name})", call.name.text));
        let message = format!(
            "the network has {} outputs; say which one `{}` is computed from",
            model.outputs.len(),
            call.name.text
        );
        sink.push(Diagnostic::error(code::MISSING_ARGUMENT, call.span, message).suggest(
            "for example",
            call.name.span,
            example,
        ));
    }
    (None, rest)
}

fn loss(call: &Call, constants: &Constants, sink: &mut Sink) -> Option<Loss> {
    const NONE: &[Parameter] = &[];
    const HUBER: &[Parameter] =
        &[Parameter::positive("delta", "where it turns from square to linear").default_number(1.0)];
    const LOSSES: &[&str] = &["cross_entropy", "binary_cross_entropy", "mse", "squared_error", "mae", "huber"];
    let name = names::look_up(&names::LOSSES, &call.name.text, call.name.span, LOSSES.iter().copied(), sink)?;
    if let Some(target) =
        call.arguments.first().filter(|first| first.name.is_none() && names::word(&first.value).is_some())
    {
        let message = format!("`{name}` compares an output with the targets of the data, not with another value");
        let diagnostic = Diagnostic::error(code::SURPLUS_ARGUMENT, target.span, message);
        sink.push(diagnostic.note("targets are columns of the csv file, or stand behind `=>` in a row"));
        return None;
    }
    let parameters = if name == "huber" { HUBER } else { NONE };
    let make: fn(&Bound) -> Loss = match name {
        "cross_entropy" => |_| Loss::CrossEntropy,
        "binary_cross_entropy" => |_| Loss::BinaryCrossEntropy,
        "mse" => |_| Loss::Mse,
        "squared_error" => |_| Loss::SquaredError,
        "mae" => |_| Loss::Mae,
        _ => |bound| Loss::Huber { delta: bound.number("delta") },
    };
    arguments::bind(&call.renamed(name), parameters, constants, sink).map(|bound| make(&bound))
}

/// A loss computed from logits wants their activation last; a gradient can not pass a step.
fn check_last_layer(loss: Loss, call: &Call, model: &Model, output: ValueId, sink: &mut Sink) {
    let value = model.value(output);
    let last = match &value.node {
        Node::Layer { layer, .. } => Some(layer),
        Node::Input { .. } | Node::Merge { .. } => None,
    };
    if matches!(last, Some(Layer::Activation(Activation::Step))) {
        let message = format!("`{}` needs a gradient, but `step` has none: it is flat everywhere", loss.name());
        sink.push(
            Diagnostic::error(code::STEP_HAS_NO_GRADIENT, call.span, message)
                .label(value.span, "the gradient ends here")
                .note("train one layer with `rule: perceptron(lr: 0.1);`, or end in `sigmoid`"),
        );
        return;
    }
    let (wanted, fits) = match loss {
        Loss::CrossEntropy => ("softmax", matches!(last, Some(Layer::Softmax(_)))),
        Loss::BinaryCrossEntropy => ("sigmoid", matches!(last, Some(Layer::Activation(Activation::Sigmoid)))),
        Loss::Mse | Loss::SquaredError | Loss::Mae | Loss::Huber { .. } | Loss::Perceptron => return,
    };
    if fits {
        return;
    }
    let message = format!("`{}` needs an output that ends in `{wanted}`", loss.name());
    let diagnostic =
        Diagnostic::error(code::LOSS_NEEDS_ACTIVATION, call.span, message).label(value.span, "the output ends here");
    let replaced = match last {
        Some(Layer::Softmax(_) | Layer::LogSoftmax(_) | Layer::Activation(_)) => value.span,
        Some(_) | None => value.span.after(),
    };
    let text = if replaced.start == replaced.end { format!(" -> {wanted}") } else { wanted.to_owned() };
    sink.push(diagnostic.mend(format!("end the output in `{wanted}`"), replaced, text));
}

const LR_SGD: Parameter = Parameter::positive("lr", "the learning rate").default_number(0.01);
const LR_ADAM: Parameter = Parameter::positive("lr", "the learning rate").default_number(1e-3);
const EPS: Parameter = Parameter::positive("eps", "keeps the division finite").default_number(1e-8);
const BETA1: Parameter = Parameter::share("beta1", "the decay of the mean of gradients").default_number(0.9);
const BETA2: Parameter = Parameter::share("beta2", "the decay of the mean of squared gradients").default_number(0.999);
const DECAY: Parameter = Parameter::number("weight_decay", 0.0, f64::INFINITY, "the weight decay");

/// Every optimizer: its name, its arguments, and how to make it of them.
type OptimizerSignature = (&'static str, &'static [Parameter], fn(&Bound) -> Optimizer);

const OPTIMIZERS: &[OptimizerSignature] = &[
    (
        "sgd",
        &[
            LR_SGD,
            Parameter::share("momentum", "the share of the last step that is kept").default_number(0.0),
            Parameter::flag("nesterov", false, "whether the step looks ahead"),
            DECAY.default_number(0.0),
        ],
        |bound| Optimizer::Sgd {
            lr: bound.number("lr"),
            momentum: bound.number("momentum"),
            nesterov: bound.flag("nesterov"),
            weight_decay: bound.number("weight_decay"),
        },
    ),
    (
        "rmsprop",
        &[LR_ADAM, Parameter::share("rho", "the decay of the mean of squared gradients").default_number(0.9), EPS],
        |bound| Optimizer::RmsProp { lr: bound.number("lr"), rho: bound.number("rho"), eps: bound.number("eps") },
    ),
    ("adam", &[LR_ADAM, BETA1, BETA2, EPS], |bound| Optimizer::Adam {
        lr: bound.number("lr"),
        beta1: bound.number("beta1"),
        beta2: bound.number("beta2"),
        eps: bound.number("eps"),
    }),
    ("adamw", &[LR_ADAM, BETA1, BETA2, EPS, DECAY.default_number(0.01)], |bound| Optimizer::AdamW {
        lr: bound.number("lr"),
        beta1: bound.number("beta1"),
        beta2: bound.number("beta2"),
        eps: bound.number("eps"),
        weight_decay: bound.number("weight_decay"),
    }),
    ("adagrad", &[LR_SGD, EPS.default_number(1e-10)], |bound| Optimizer::Adagrad {
        lr: bound.number("lr"),
        eps: bound.number("eps"),
    }),
];

fn optimizer(value: &Expr, constants: &Constants, sink: &mut Sink) -> Option<Optimizer> {
    let Some(call) = &names::call(value, sink) else {
        sink.push(Diagnostic::error(code::WRONG_KIND, value.span, "an optimizer is a name such as `adam(lr: 1e-3)`"));
        return None;
    };
    if call.name.text == "perceptron" {
        let message = "`perceptron` is a rule, not an optimizer";
        sink.push(
            Diagnostic::error(code::UNKNOWN_OPTIMIZER, call.span, message)
                .note("write `rule: perceptron(lr: 0.1);` instead of `loss` and `optimizer`"),
        );
        return None;
    }
    let known = OPTIMIZERS.iter().map(|(name, ..)| *name);
    let name = names::look_up(&names::OPTIMIZERS, &call.name.text, call.name.span, known, sink)?;
    let (_, parameters, make) = OPTIMIZERS.iter().find(|(other, ..)| *other == name)?;
    let optimizer = make(&arguments::bind(&call.renamed(name), parameters, constants, sink)?);
    if let Optimizer::Sgd { momentum: 0.0, nesterov: true, .. } = optimizer {
        let message = "`nesterov` looks ahead along the momentum, and there is no momentum";
        sink.push(Diagnostic::error(code::CONTRADICTION, call.span, message).note("add `momentum: 0.9`"));
    }
    Some(optimizer)
}

/// `rule: perceptron(lr)`: the loss is the error, the update is Rosenblatt's.
fn perceptron(
    rule: &Setting,
    settings: &Settings,
    model: &Model,
    constants: &Constants,
    sink: &mut Sink,
) -> (Option<Vec<LossTerm>>, Option<Optimizer>) {
    for name in ["loss", "optimizer", "regularizer"] {
        if let Some(setting) = settings.get(name) {
            let message =
                format!("`rule` and `{name}` contradict each other: a rule is the loss and the update in one");
            sink.push(Diagnostic::error(code::CONTRADICTION, setting.span, message).label(rule.name.span, "the rule"));
        }
    }
    const PERCEPTRON: &[Parameter] = &[Parameter::positive("lr", "the learning rate").default_number(0.1)];
    let optimizer = settings.value("rule", sink).and_then(|value| match &value.kind {
        ExprKind::Call(call) if call.name.text == "perceptron" => arguments::bind(call, PERCEPTRON, constants, sink)
            .map(|bound| Optimizer::Perceptron { lr: bound.number("lr") }),
        _ => {
            let message = "there is one rule: `perceptron(lr: 0.1)`";
            sink.push(Diagnostic::error(code::UNKNOWN_OPTIMIZER, value.span, message));
            None
        }
    });
    let losses = perceptron_output(rule, model, sink)
        .map(|output| vec![LossTerm { weight: 1.0, loss: Loss::Perceptron, output, span: rule.span }]);
    (losses, optimizer)
}

/// The output of a network that the perceptron rule can train: one dense layer, then `step`.
fn perceptron_output(rule: &Setting, model: &Model, sink: &mut Sink) -> Option<ValueId> {
    let layer = |id: ValueId| match &model.value(id).node {
        Node::Layer { layer, input } => Some((layer, *input)),
        Node::Input { .. } | Node::Merge { .. } => None,
    };
    let learning = model.values.iter().filter(|value| match &value.node {
        Node::Layer { layer, .. } => layer.learns(&crate::shape::Shape(vec![1])),
        Node::Input { .. } | Node::Merge { .. } => false,
    });
    if let [output] = model.outputs[..]
        && let Some((Layer::Activation(Activation::Step), before)) = layer(output)
        && let Some((Layer::Dense(_), _)) = layer(before)
        && learning.count() == 1
    {
        return Some(output);
    }
    let message = "the perceptron rule trains one `dense` layer that is followed by `step`";
    let mut diagnostic = Diagnostic::error(code::PERCEPTRON_SHAPE, rule.span, message);
    for output in &model.outputs {
        diagnostic = diagnostic.label(model.value(*output).span, "the output ends here");
    }
    sink.push(diagnostic.note("write `output y = x -> dense(1) -> step;`, or train by `loss` and `optimizer`"));
    None
}

fn metrics(value: &Expr, sink: &mut Sink) -> Option<Vec<(Metric, Span)>> {
    let items = match &value.kind {
        ExprKind::List(items) => items.iter().collect(),
        _ => vec![value],
    };
    let found: Vec<_> = items.into_iter().map(|item| metric(item, sink).map(|metric| (metric, item.span))).collect();
    found.into_iter().collect()
}

fn metric(item: &Expr, sink: &mut Sink) -> Option<Metric> {
    let call = names::call(item, sink).filter(|call| call.arguments.is_empty());
    let Some(Call { name: Name { text: written, .. }, .. }) = &call else {
        let message = "a metric is a name such as `accuracy`";
        sink.push(Diagnostic::error(code::WRONG_KIND, item.span, message));
        return None;
    };
    let known = Metric::ALL.iter().map(|metric| metric.name());
    let name = names::look_up(&names::METRICS, written, item.span, known, sink)?;
    Metric::ALL.into_iter().find(|metric| metric.name() == name)
}

/// Errors in numbers have no meaning where the target is a class.
pub fn check_metric(metric: Metric, train: &Train, span: Span, sink: &mut Sink) {
    if train.losses[0].loss.wants_classes() && metric != Metric::Accuracy {
        let message = format!("`{}` compares numbers, but the targets of `cross_entropy` are classes", metric.name());
        sink.push(Diagnostic::error(code::METRIC_DOES_NOT_FIT, span, message).note("use `accuracy`"));
    }
}

fn batch(settings: &Settings, is_rule: bool, constants: &Constants, sink: &mut Sink) -> Option<Batch> {
    let Some(value) = settings.value("batch", sink) else {
        return Some(Batch::Rows(if is_rule { 1 } else { 32 }));
    };
    let batch = match names::word(value) {
        Some("all") => Batch::All,
        Some("full" | "full_batch" | "none") => {
            let message = "a batch of all training rows is `batch: all`";
            sink.push(Diagnostic::error(code::WRONG_KIND, value.span, message).mend("write", value.span, "all"));
            Batch::All
        }
        _ => Batch::Rows(constants.size(value, "`batch`", sink)?),
    };
    if is_rule && batch != Batch::Rows(1) {
        let message = "the perceptron rule updates after each example: its batch is 1";
        sink.push(Diagnostic::error(code::CONTRADICTION, value.span, message));
    }
    Some(batch)
}

fn seed(value: &Expr, constants: &Constants, sink: &mut Sink) -> Option<u64> {
    let number = constants.number(value, "`seed`", sink)?;
    match number {
        super::constants::Number::Integer(integer @ 0..) => Some(integer as u64),
        _ => {
            sink.push(Diagnostic::error(code::OUT_OF_RANGE, value.span, "`seed` must be an integer, 0 or more"));
            None
        }
    }
}

fn early_stopping(setting: &Setting, constants: &Constants, sink: &mut Sink) -> Option<EarlyStopping> {
    const MONITORS: &[&str] = &["loss", "val_loss", "accuracy", "val_accuracy", "mae", "val_mae", "mse", "val_mse"];
    const PARAMETERS: &[Parameter] = &[
        Parameter::word("monitor", MONITORS, "what is watched").default_word("val_loss"),
        Parameter::size("patience", "how many epochs without improvement end the training").default_number(10.0),
        Parameter::number("min_delta", 0.0, f64::INFINITY, "how much better counts as better").default_number(0.0),
    ];
    let SettingValue::Arguments(arguments) = &setting.value else {
        let message = "`early_stopping` is set by arguments";
        let diagnostic = Diagnostic::error(code::WRONG_KIND, setting.span, message);
        sink.push(match &setting.value {
            SettingValue::Value(Expr { kind: ExprKind::Integer(patience), .. }) => {
                let text = format!("early_stopping(patience: {patience});");
                diagnostic.mend("name the patience", setting.span, text)
            }
            _ => diagnostic.note("write `early_stopping(monitor: val_loss, patience: 8);`"),
        });
        return None;
    };
    let arguments: Vec<Argument> = arguments.clone();
    let call = Call { name: setting.name.clone(), arguments, span: setting.span };
    let bound = arguments::bind(&call, PARAMETERS, constants, sink)?;
    Some(EarlyStopping {
        monitor: bound.word("monitor").to_owned(),
        patience: bound.size("patience"),
        min_delta: bound.number("min_delta"),
        span: setting.span,
    })
}

/// What settings say together.
fn check(train: &Train, settings: &Settings, model: &Model, sink: &mut Sink) {
    let norm = model.values.iter().find(|value| matches!(&value.node, Node::Layer { layer: Layer::BatchNorm(_), .. }));
    if let Some(norm) = norm
        && matches!(train.batch, Batch::All | Batch::Rows(1))
    {
        let span = settings.get("batch").map_or(train.span, |setting| setting.span);
        let message = "`batch_norm` needs a batch of two rows or more, given as a number";
        sink.push(
            Diagnostic::error(code::BATCH_NORM_BATCH, span, message)
                .label(norm.span, "it takes mean and variance over the batch here")
                .note("write `batch: 32;`"),
        );
    }
    if let Some(watched) = &train.early_stopping {
        let metric = watched.monitor.trim_start_matches("val_");
        if metric != "loss" && !train.metrics.iter().any(|measured| measured.name() == metric) {
            let message = format!("early stopping watches `{}`, but `{metric}` is not measured", watched.monitor);
            sink.push(
                Diagnostic::error(code::UNKNOWN_MONITOR, watched.span, message)
                    .note(format!("add `metrics: [{metric}];` to `train`")),
            );
        }
    }
}

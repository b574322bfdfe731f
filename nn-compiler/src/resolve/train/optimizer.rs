//! `optimizer: …`: how gradients change the parameters.

use crate::ast::Expr;
use crate::diagnostic::{Diagnostic, code};
use crate::model::Optimizer;
use crate::resolve::arguments;
use crate::resolve::context::Context;
use crate::resolve::names;
use crate::signature::{ArgumentSpec, Bound};

const LR_SGD: ArgumentSpec = ArgumentSpec::positive("lr", "the learning rate").default_number(0.01);
const LR_ADAM: ArgumentSpec = ArgumentSpec::positive("lr", "the learning rate").default_number(1e-3);
const EPS: ArgumentSpec =
    ArgumentSpec::positive("eps", "added to the denominator, against division by zero").default_number(1e-8);
const BETA1: ArgumentSpec =
    ArgumentSpec::share("beta1", "the decay of the running mean of gradients").default_number(0.9);
const BETA2: ArgumentSpec =
    ArgumentSpec::share("beta2", "the decay of the running mean of squared gradients").default_number(0.999);
const DECAY: ArgumentSpec = ArgumentSpec::number("weight_decay", 0.0, f64::INFINITY, "the weight decay");

/// Every optimizer: its name, its arguments, and how to make it from them.
type OptimizerSignature = (&'static str, &'static [ArgumentSpec], fn(&Bound) -> Optimizer);

const OPTIMIZERS: &[OptimizerSignature] = &[
    (
        "sgd",
        &[
            LR_SGD,
            ArgumentSpec::share("momentum", "the share of the previous step that is kept").default_number(0.0),
            ArgumentSpec::flag("nesterov", false, "whether to use Nesterov momentum"),
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
        &[
            LR_ADAM,
            ArgumentSpec::share("rho", "the decay of the running mean of squared gradients").default_number(0.9),
            EPS,
        ],
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

/// The arguments of an optimizer.
pub fn arguments_of(name: &str) -> Option<&'static [ArgumentSpec]> {
    OPTIMIZERS.iter().find(|(other, ..)| *other == name).map(|(_, takes, _)| *takes)
}

/// Resolves `optimizer: value;`.
pub fn optimizer(value: &Expr, context: &mut Context) -> Option<Optimizer> {
    let Some(call) = &names::call(value, context) else {
        context.push(Diagnostic::error(
            code::WRONG_KIND,
            value.span,
            "an optimizer is a name such as `adam(lr: 1e-3)`",
        ));
        return None;
    };
    if call.name.text == "perceptron" {
        let message = "`perceptron` is a rule, not an optimizer";
        context.push(
            Diagnostic::error(code::UNKNOWN_OPTIMIZER, call.span, message)
                .note("write `rule: perceptron(lr: 0.1);` instead of `loss` and `optimizer`"),
        );
        return None;
    }
    let known = OPTIMIZERS.iter().map(|(name, ..)| *name);
    let name = names::look_up(&names::OPTIMIZERS, &call.name.text, call.name.span, known, context)?;
    let (_, takes, make) = OPTIMIZERS.iter().find(|(other, ..)| *other == name)?;
    let optimizer = make(&arguments::bind(&call.renamed(name), takes, context)?);
    if let Optimizer::Sgd { momentum: 0.0, nesterov: true, .. } = optimizer {
        let message = "`nesterov` needs a momentum, but `momentum` is 0";
        context.push(Diagnostic::error(code::CONTRADICTION, call.span, message).note("add `momentum: 0.9`"));
    }
    Some(optimizer)
}

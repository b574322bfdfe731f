//! The values that a network accepts: tokens and targets.

use nn_compiler::model::TargetRange;
use nn_data::{Limit, Limits, TargetKind};

use crate::spec::Spec;

/// The kind of the targets. Of a single output it is a class or numbers; of several outputs, a kind
/// for each column.
pub fn target_kind(spec: &Spec) -> TargetKind {
    let targets: Vec<_> = spec.targets().collect();
    let of_class = |classes| TargetKind::Class { classes: Some(classes) };
    match targets[..] {
        [] => TargetKind::Numbers,
        [(target, width)] if target.is_class => of_class(width),
        [_] => TargetKind::Numbers,
        _ => {
            let columns = targets.iter().flat_map(|(target, width)| match target.is_class {
                true => vec![of_class(*width)],
                false => vec![TargetKind::Numbers; *width],
            });
            TargetKind::Columns(columns.collect())
        }
    }
}

/// The numbers that the network accepts: tokens of its embeddings, and targets in the range of
/// their loss.
pub fn limits(spec: &Spec) -> Limits {
    let (model, shapes) = (&spec.compiled.model, &spec.compiled.shapes);
    let mut limits = Limits::default();
    for (id, tokens) in model.tokens() {
        let before = model.inputs.iter().take_while(|input| **input != id);
        let start: usize = before.map(|input| shapes.of(*input).len()).sum();
        limits.inputs.push((start..start + shapes.of(id).len(), Limit::Token { tokens }));
    }
    let mut start = 0;
    for (at, (target, width)) in spec.targets().enumerate() {
        let own = start..start + if target.is_class { 1 } else { width };
        start = own.end;
        let Some(term) = model.train.as_ref().and_then(|train| train.narrowest_term(at)) else { continue };
        let loss = term.loss.name().to_owned();
        match term.loss.target_range() {
            TargetRange::Class | TargetRange::Number => {}
            TargetRange::Binary => limits.targets.push((own, Limit::Binary { loss })),
            TargetRange::Share => limits.targets.push((own, Limit::Share { loss })),
        }
    }
    limits
}

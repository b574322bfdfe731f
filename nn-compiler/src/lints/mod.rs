//! Lints: what an experienced colleague would say about a network that compiles.
//!
//! One lint a file, each a function of the `Network` (and of the [`Facts`] about its data) that adds to a
//! `Report`. The report drops what `allow(…)` silences, so no lint looks at that.

mod batch_norm_momentum;
mod bias_before_norm;
mod constant_init;
mod dropout_last;
mod edits;
mod expectation;
mod facts;
mod high_dropout;
mod hulls;
mod learning_rate;
mod linear_stack;
mod lost_differences;
mod network;
mod not_separable;
mod relu_last;
mod report;
mod unreachable_targets;
mod unscaled_data;
mod vanishing_gradient;

pub use facts::{Collapsed, Column, Examples, Facts};

use crate::compiled::Compiled;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::Model;
use crate::shape::Shapes;

use network::Network;
use report::Report;

/// Checks a network without errors, and its examples if they are in the spec.
pub fn check(text: &str, model: &Model, shapes: &Shapes, sink: &mut Sink) {
    let network = Network::new(text, model, shapes);
    let mut report = Report::new(model);
    linear_stack::check(&network, &mut report);
    dropout_last::check(&network, &mut report);
    high_dropout::check(&network, &mut report);
    vanishing_gradient::check(&network, &mut report);
    bias_before_norm::check(&network, &mut report);
    learning_rate::check(&network, &mut report);
    relu_last::check(&network, &mut report);
    expectation::check(&network, &mut report);
    constant_init::check(&network, &mut report);
    batch_norm_momentum::check(&network, &mut report);
    if let Some(facts) = Facts::of_rows(model, shapes) {
        check_data(&network, &facts, &mut report);
    }
    report.into_diagnostics().into_iter().for_each(|diagnostic| sink.push(diagnostic));
}

/// Checks a network against examples from a file.
pub fn data(compiled: &Compiled, facts: &Facts) -> Vec<Diagnostic> {
    let network = Network::new(&compiled.text, &compiled.model, &compiled.shapes);
    let mut report = Report::new(&compiled.model);
    check_data(&network, facts, &mut report);
    report.into_diagnostics()
}

fn check_data(network: &Network, facts: &Facts, report: &mut Report) {
    lost_differences::check(network, facts, report);
    unscaled_data::check(network, facts, report);
    not_separable::check(network, facts, report);
    unreachable_targets::check(network, facts, report);
}

//! `bias_before_norm`: `batch_norm` subtracts the mean, and with it every bias that was added before; it has
//! its own shift (Ioffe & Szegedy 2015, section 3.2).

use std::collections::BTreeSet;

use super::network::Network;
use super::report::Report;
use crate::diagnostic::{Diagnostic, Edit, code};
use crate::model::ValueId;
use crate::span::Span;

pub fn check(network: &Network, report: &mut Report) {
    // An edit inside a block must be right for all of its uses.
    let norms = network.layers().map(|(id, _)| (network.span(id), norm_after(network, id).is_some()));
    let without: BTreeSet<Span> = norms.filter(|(_, has_norm)| !has_norm).map(|(span, _)| span).collect();
    for (id, _) in network.layers() {
        let Some(norm) = norm_after(network, id) else { continue };
        let place = network.place(id, norm);
        let message = "this bias has no effect: the `batch_norm` that follows subtracts it";
        let diagnostic = Diagnostic::warning(code::BIAS_BEFORE_NORM, place, message)
            .label(network.place(norm, id), "it has its own shift");
        let is_always = !without.contains(&network.span(id));
        report.push_at(
            id,
            match without_bias(network.text, network.span(id)).filter(|_| is_always) {
                Some(edit) => diagnostic.propose("remove the bias", vec![edit], false),
                None => diagnostic.note("write `bias: false`"),
            },
        );
    }
}

/// The `batch_norm` that is the only reader of a layer with a bias.
fn norm_after(network: &Network, id: ValueId) -> Option<ValueId> {
    let has_bias = network.layer(id)?.rule().weights().is_some_and(|weights| weights.bias);
    match network.readers(id) {
        [norm] if has_bias && !network.is_output(id) => {
            Some(*norm).filter(|norm| network.layer(*norm).is_some_and(|layer| layer.rule().needs_batch()))
        }
        _ => None,
    }
}

/// `true` becomes `false`, or `bias: false` is added; `None` if the call contains comments.
fn without_bias(text: &str, call: Span) -> Option<Edit> {
    let words = &text[call.range()];
    if words.contains("//") || words.contains("/*") {
        return None;
    }
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    let is_word = |at: usize| !words[..at].ends_with(is_part) && !words[at + 4..].starts_with(is_part);
    if let Some((at, _)) = words.match_indices("true").find(|(at, _)| is_word(*at)) {
        let start = call.start + at;
        return Some(Edit::new(Span::new(start, start + 4), "false"));
    }
    let arguments = words.strip_suffix(')')?.trim_end();
    let end = call.start + arguments.len();
    let text = if arguments.ends_with(',') { " bias: false" } else { ", bias: false" };
    Some(Edit::new(Span::new(end, end), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bias_is_left_out_however_the_call_is_written() {
        let cases = [
            ("dense(8)", Some("dense(8, bias: false)")),
            ("dense(8, )", Some("dense(8, bias: false )")),
            ("dense(units: 8, bias: true, l2: 0.1)", Some("dense(units: 8, bias: false, l2: 0.1)")),
            ("dense(true_units)", Some("dense(true_units, bias: false)")),
            ("dense(8 /* wide */)", None),
        ];
        for (text, expected) in cases {
            let edited = without_bias(text, Span::new(0, text.len()))
                .map(|edit| format!("{}{}{}", &text[..edit.span.start], edit.text, &text[edit.span.end..]));
            assert_eq!(edited.as_deref(), expected);
        }
    }
}

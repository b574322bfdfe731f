//! Examples in the spec: `[0, 1] => [1];`

use super::super::constants::Number;
use crate::ast::{DataItem, Expr, ExprKind};
use crate::diagnostic::{Diagnostic, code};
use crate::model::Row;
use crate::resolve::context::Context;
use crate::span::Span;

/// The rows of `data`.
pub struct Rows {
    /// The place of the first, if there is one.
    pub first: Option<Span>,
    /// Those whose cells are numbers.
    pub rows: Vec<Row>,
    /// Whether these are all.
    pub is_whole: bool,
}

/// Resolves the cells of all rows.
pub fn resolve(items: &[DataItem], context: &mut Context) -> Rows {
    let (mut first, mut rows) = (None, Vec::new());
    for item in items {
        match item {
            DataItem::Setting(_) => {}
            DataItem::Row { inputs, targets, span } => {
                first = first.or(Some(*span));
                let target_list_spans = targets.iter().map(|list| list.span).collect();
                let inputs = lists(inputs, context);
                let targets = lists(targets, context);
                rows.push(inputs.zip(targets).map(|(inputs, targets)| Row {
                    inputs: inputs.numbers,
                    input_lists: inputs.lists,
                    targets: targets.numbers,
                    target_lists: targets.lists,
                    input_spans: inputs.spans,
                    target_spans: targets.spans,
                    target_list_spans,
                    span: *span,
                }));
            }
        }
    }
    let is_whole = rows.iter().all(Option::is_some);
    Rows { first, rows: rows.into_iter().flatten().collect(), is_whole }
}

/// One side of `=>`.
#[derive(Default)]
struct Side {
    numbers: Vec<f64>,
    /// The place of each number.
    spans: Vec<Span>,
    /// How many numbers each list has.
    lists: Vec<usize>,
}

/// The numbers of some lists; `None` if an item is not a number.
fn lists(exprs: &[Expr], context: &mut Context) -> Option<Side> {
    let mut side = Side::default();
    let mut sound = true;
    for expr in exprs {
        let before = side.numbers.len();
        sound &= add_numbers(expr, &mut side, context);
        side.lists.push(side.numbers.len() - before);
    }
    sound.then_some(side)
}

/// Adds numbers, lists of numbers, lists of lists …, row-major; returns whether all are numbers that `f32` can hold.
fn add_numbers(expr: &Expr, side: &mut Side, context: &mut Context) -> bool {
    if let ExprKind::List(items) = &expr.kind {
        let mut sound = true;
        for item in items {
            sound &= add_numbers(item, side, context);
        }
        return sound;
    }
    let Some(number) = context.number(expr, "a cell of a data row") else { return false };
    let number = number.as_f64();
    if !(number as f32).is_finite() {
        let message = format!("{} is beyond the range of `f32`, ±3.4e38", Number::shown(number));
        context.push(Diagnostic::error(code::OUT_OF_RANGE, expr.span, message));
        return false;
    }
    side.numbers.push(number);
    side.spans.push(expr.span);
    true
}

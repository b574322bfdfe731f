//! Examples that stand in the spec: `[0, 1] => [1];`

use super::super::constants::Constants;
use crate::diagnostic::Sink;
use crate::model::Row;
use crate::span::Span;
use crate::syntax::ast::{DataItem, Expr, ExprKind};

/// The rows of `data`.
pub struct Rows {
    /// Where the first stands, if there is one.
    pub first: Option<Span>,
    /// Those whose cells are numbers.
    pub rows: Vec<Row>,
    /// Whether these are all.
    pub is_whole: bool,
}

/// Resolves the cells of all rows.
pub fn resolve(items: &[DataItem], constants: &Constants, sink: &mut Sink) -> Rows {
    let (mut first, mut rows) = (None, Vec::new());
    for item in items {
        match item {
            DataItem::Setting(_) => {}
            DataItem::Row { inputs, targets, span } => {
                first = first.or(Some(*span));
                let inputs = lists(inputs, constants, sink);
                let targets = lists(targets, constants, sink);
                rows.push(inputs.zip(targets).map(|((inputs, input_lists), (targets, target_lists))| Row {
                    inputs,
                    input_lists,
                    targets,
                    target_lists,
                    span: *span,
                }));
            }
        }
    }
    let is_whole = rows.iter().all(Option::is_some);
    Rows { first, rows: rows.into_iter().flatten().collect(), is_whole }
}

/// The numbers of some lists, and how many each has.
fn lists(exprs: &[Expr], constants: &Constants, sink: &mut Sink) -> Option<(Vec<f64>, Vec<usize>)> {
    let parts: Vec<_> = exprs.iter().map(|expr| numbers(std::slice::from_ref(expr), constants, sink)).collect();
    let parts = parts.into_iter().collect::<Option<Vec<Vec<f64>>>>()?;
    let lengths = parts.iter().map(Vec::len).collect();
    Some((parts.concat(), lengths))
}

/// Numbers, lists of numbers, lists of lists …, row-major, each with its place.
fn numbers(exprs: &[Expr], constants: &Constants, sink: &mut Sink) -> Option<Vec<f64>> {
    let mut all = Some(Vec::new());
    for expr in exprs {
        let part = match &expr.kind {
            ExprKind::List(items) => numbers(items, constants, sink),
            _ => constants.number(expr, "a cell of a data row", sink).map(|number| vec![number.as_f64()]),
        };
        all = all.zip(part).map(|(mut all, part)| {
            all.extend(part);
            all
        });
    }
    all
}

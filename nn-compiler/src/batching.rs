//! How the rows of a batch pass through a training step: all at once or in chunks, and which have to be left out.

use crate::agreement::UNCUT_ROWS;
use crate::ids::ValueId;
use crate::model::{BatchSize, Model};
use crate::shape::Shapes;

/// The most rows that the workspace of a training step holds, if the batch can be split into chunks.
const MOST_ROWS: usize = UNCUT_ROWS;

/// Whether a batch cannot be split into chunks: where rows depend on each other, and where the caller sees them all before
/// the backward pass.
fn needs_whole_batch(model: &Model) -> bool {
    let has_loss = model.train.as_ref().is_none_or(|train| train.has_loss());
    !has_loss || model.batch_norms().next().is_some()
}

/// The `batch_norm` layers with one number of each feature in a row, so that one row is its own mean.
pub fn lone_norms(model: &Model, shapes: &Shapes) -> impl Iterator<Item = ValueId> {
    model.batch_norms().filter(|id| shapes.of(*id).len() == shapes.of(*id).features())
}

/// The smallest batch, in rows.
pub fn least_rows(model: &Model, shapes: &Shapes) -> usize {
    if lone_norms(model, shapes).next().is_some() { 2 } else { 1 }
}

/// How many of this many training rows are left out of each epoch, because the last batch would have too few rows. The
/// same as `Trainable::rows_left_out` of the runtime.
pub fn rows_left_out(model: &Model, shapes: &Shapes, rows: usize) -> usize {
    match model.train.as_ref().map(|train| train.batch) {
        Some(BatchSize::Rows(batch)) if rows > batch && rows % batch < least_rows(model, shapes) => rows % batch,
        Some(BatchSize::Rows(_) | BatchSize::All) | None => 0,
    }
}

/// The rows that pass through a training step at once.
pub fn chunk(model: &Model) -> usize {
    match model.train.as_ref().map(|train| train.batch) {
        Some(BatchSize::Rows(rows)) if needs_whole_batch(model) => rows,
        Some(BatchSize::Rows(rows)) => rows.min(MOST_ROWS),
        Some(BatchSize::All) | None => MOST_ROWS,
    }
}

/// Whether each gradient can be consumed where it is computed: all rows of a step pass at once, and no norm over all
/// gradients is needed.
pub fn fuses_update(model: &Model) -> bool {
    model.train.as_ref().is_some_and(|train| {
        let is_one_chunk = train.batch == BatchSize::Rows(chunk(model)) && train.accumulate == 1;
        is_one_chunk && train.clip_norm.is_none() && train.has_loss()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::compile;

    /// The rows that an epoch of 33, 64 and 7 rows leaves out.
    fn left_out(chain: &str, batch: &str) -> [usize; 3] {
        let text = format!(
            "network A {{ input x: [2, 6]; output z = x -> flatten -> dense(2, bias: false) -> batch_norm;
             output y = x -> {chain} -> flatten -> dense(1);
             train {{ loss: mse(y); optimizer: sgd; batch: {batch}; }} freeze frozen; frozen = x -> batch_norm; \
             output w = frozen -> tanh; }}"
        );
        let compiled = compile(&text).compiled.expect("the spec is sound");
        [33, 64, 7].map(|rows| rows_left_out(&compiled.model, &compiled.shapes, rows))
    }

    #[test]
    fn a_row_by_itself_is_left_out_where_it_is_its_own_mean() {
        assert_eq!(left_out("flatten -> batch_norm", "32"), [1, 0, 0]);
        assert_eq!(left_out("flatten -> batch_norm", "3"), [0, 1, 1]);
        assert_eq!(left_out("conv1d(2, kernel: 6) -> batch_norm", "32"), [1, 0, 0]);
        assert_eq!(left_out("conv1d(2, kernel: 5) -> batch_norm", "32"), [0; 3]);
        assert_eq!(left_out("batch_norm", "1"), [0; 3]);
        // Norms that no loss reaches, or that are frozen, take no part.
        assert_eq!(left_out("tanh", "1"), [0; 3]);
        assert_eq!(left_out("tanh", "all"), [0; 3]);
    }
}

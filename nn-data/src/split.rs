//! A table in, the rows to train with and the rows to validate with out.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::error::Error;
use crate::table::{Table, TargetColumn, Targets};

/// The rows of a table in two parts, each in random order. Together they are all rows, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The rows to train with.
    pub train: Vec<usize>,
    /// The rows to validate with.
    pub validation: Vec<usize>,
}

/// Sets a share of the rows aside for validation; the same table, share and seed give the same split.
///
/// round(`validation` × rows) rows are set aside. Where the targets are classes (of several targets, the first that is
/// a class), each class gives its share of
/// them (the rows that are left by rounding down come from the classes with the largest remainders), and a
/// class of two or more rows keeps at least one to train with, even if fewer rows are set aside in all.
/// Other tables keep at least one row as well. The rows are shuffled by Xoshiro256++.
///
/// # Errors
///
/// [`Error::Fraction`] where `validation` is not from 0 to below 1.
pub fn split(table: &Table, validation: f32, seed: u64) -> Result<Split, Error> {
    if !(0.0..1.0).contains(&validation) {
        return Err(Error::Fraction { fraction: validation });
    }
    let rows = table.rows();
    let groups = match &table.targets {
        Targets::Classes(classes) => classes.clone(),
        Targets::Columns(columns) => first_classes(columns).cloned().unwrap_or_else(|| vec![0; rows]),
        Targets::Numbers(_) | Targets::None => vec![0; rows],
    };
    let mut quotas = quotas(&sizes(&groups), validation);
    let mut split = Split { train: Vec::new(), validation: Vec::new() };
    for row in shuffled(rows, seed) {
        let quota = &mut quotas[groups[row]];
        if *quota > 0 {
            *quota -= 1;
            split.validation.push(row);
        } else {
            split.train.push(row);
        }
    }
    Ok(split)
}

/// Of several targets, the first that is a class decides.
fn first_classes(columns: &[TargetColumn]) -> Option<&Vec<usize>> {
    columns.iter().find_map(|column| match column {
        TargetColumn::Classes(classes) => Some(classes),
        TargetColumn::Numbers(_) => None,
    })
}

/// How many rows each group has.
fn sizes(groups: &[usize]) -> Vec<usize> {
    let mut sizes = vec![0; groups.iter().max().map_or(0, |last| last + 1)];
    for &group in groups {
        sizes[group] += 1;
    }
    sizes
}

/// How many rows each group gives.
fn quotas(sizes: &[usize], fraction: f32) -> Vec<usize> {
    let most = |size: usize| if size > 1 { size - 1 } else { size };
    let rows: usize = sizes.iter().sum();
    let wanted = (share(rows, fraction).round() as usize).min(rows.saturating_sub(1));
    let down = |&size: &usize| (share(size, fraction) as usize).min(most(size));
    let mut quotas: Vec<usize> = sizes.iter().map(down).collect();
    let mut left = wanted.saturating_sub(quotas.iter().sum());
    while left > 0 {
        let mut open: Vec<usize> = (0..sizes.len()).filter(|&group| quotas[group] < most(sizes[group])).collect();
        if open.is_empty() {
            break;
        }
        let lacking = |group: usize| share(sizes[group], fraction) - quotas[group] as f64;
        open.sort_by(|&a, &b| lacking(b).total_cmp(&lacking(a)));
        for &group in open.iter().take(left) {
            quotas[group] += 1;
            left -= 1;
        }
    }
    quotas
}

/// A share of some rows. An `f32` may lie a little below the decimal number that was written, so it is
/// raised by that much: 0.45 of 10 rows is 4.5 rows, which round up.
fn share(rows: usize, fraction: f32) -> f64 {
    rows as f64 * f64::from(fraction) * (1.0 + 1e-7)
}

/// The numbers below `count` in random order (Fisher and Yates).
fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        // The high half of a product with a 64-bit number is uniform but for one part in 2^64 / count.
        let wide = u128::from(generator.next_u64()) * (last as u128 + 1);
        order.swap(last, (wide >> 64) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_give_their_shares() {
        assert_eq!(quotas(&[50, 50, 50], 0.2), [10, 10, 10]);
        assert_eq!(quotas(&[59, 71, 48], 0.2), [12, 14, 10]);
        assert_eq!(quotas(&[3, 3, 3], 0.5), [2, 2, 1]);
    }

    #[test]
    fn a_class_of_two_keeps_a_row() {
        assert_eq!(quotas(&[2, 2], 0.9), [1, 1]);
        assert_eq!(quotas(&[2, 10], 0.8), [1, 9]);
    }

    #[test]
    fn a_table_of_one_row_trains_with_it() {
        assert_eq!(quotas(&[1], 0.9), [0]);
    }

    #[test]
    fn halves_of_decimal_shares_round_up() {
        assert_eq!(quotas(&[10], 0.45), [5]);
        assert_eq!(quotas(&[45], 0.7), [32]);
    }
}

//! A table in, the rows to train with and the rows to validate with out.

use std::cmp::Reverse;

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

/// Sets a share of the rows aside for validation; the same table, share and seed give the same
/// split.
///
/// round(`validation` × rows) rows are set aside. Where the targets are classes (of several
/// targets, the first that is a class), each class gives its share of them. The rows missing after
/// rounding down come from the classes with the largest remainders; among equal remainders, the
/// seed decides. A class of two or more rows keeps at least one to train with, even if fewer rows
/// are set aside in all. The rows are shuffled by Xoshiro256++.
///
/// # Errors
///
/// [`Error::Fraction`] where `validation` is not from 0 to below 1, [`Error::NoValidationRows`]
/// where it is above 0 and rounds to no row, and [`Error::NoTrainingRows`] where it rounds to all
/// rows.
pub fn split(table: &Table, validation: f32, seed: u64) -> Result<Split, Error> {
    if !(0.0..1.0).contains(&validation) {
        return Err(Error::Fraction { fraction: validation });
    }
    let rows = table.rows();
    let wanted = wanted(rows, validation)?;
    let groups = match &table.targets {
        Targets::Classes(classes) => classes.clone(),
        Targets::Columns(columns) => first_classes(columns).cloned().unwrap_or_else(|| vec![0; rows]),
        Targets::Numbers(_) | Targets::None => vec![0; rows],
    };
    let mut quotas = quotas(&sizes(&groups), validation, wanted, seed);
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

/// How many rows are set aside.
fn wanted(rows: usize, validation: f32) -> Result<usize, Error> {
    let wanted = share(rows, validation).round() as usize;
    // Quotients of decimal numbers are not exact either.
    let exact = decimal(validation);
    if wanted == 0 && validation > 0.0 && rows > 0 {
        // A single row is never set aside.
        let needed = ((0.5 / exact * (1.0 - 1e-9)).ceil() as usize).max(2);
        return Err(Error::NoValidationRows { share: validation, rows, needed });
    }
    if wanted >= rows && rows > 0 {
        let needed = (0.5 / (1.0 - exact) * (1.0 + 1e-9)).floor() as usize + 1;
        return Err(Error::NoTrainingRows { share: validation, rows, needed });
    }
    Ok(wanted)
}

/// How many of the wanted rows each group gives.
fn quotas(sizes: &[usize], fraction: f32, wanted: usize, seed: u64) -> Vec<usize> {
    let most = |size: usize| if size > 1 { size - 1 } else { size };
    let down = |&size: &usize| (share(size, fraction) as usize).min(most(size));
    let mut quotas: Vec<usize> = sizes.iter().map(down).collect();
    let mut left = wanted.saturating_sub(quotas.iter().sum());
    // Separate numbers, so that the rows are shuffled in the same way with and without ties.
    let order = shuffled(sizes.len(), !seed);
    while left > 0 {
        let is_open = |group: &usize| quotas[*group] < most(sizes[*group]);
        let mut open: Vec<usize> = order.iter().copied().filter(is_open).collect();
        if open.is_empty() {
            break;
        }
        let lacking = |group: usize| share(sizes[group], fraction) - quotas[group] as f64;
        open.sort_by_key(|group| Reverse((lacking(*group) / TIE).round() as i64));
        for &group in open.iter().take(left) {
            quotas[group] += 1;
            left -= 1;
        }
    }
    quotas
}

/// Remainders that differ by less are equal: products of decimal numbers are not exact.
const TIE: f64 = 1e-6;

/// A share of some rows, raised by the possible error of a product of decimal numbers: 0.7 of 45
/// rows is 31.5 rows, which round up.
fn share(rows: usize, fraction: f32) -> f64 {
    rows as f64 * decimal(fraction) * (1.0 + 1e-12)
}

/// The decimal number that was written, which an `f32` may be slightly below.
fn decimal(fraction: f32) -> f64 {
    fraction.to_string().parse().unwrap_or(f64::from(fraction))
}

/// The numbers below `count` in random order (Fisher and Yates).
fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        // The high half of a product with a 64-bit number is uniform except for one part in 2^64 /
        // count.
        let wide = u128::from(generator.next_u64()) * (last as u128 + 1);
        order.swap(last, (wide >> 64) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quotas(sizes: &[usize], fraction: f32) -> Vec<usize> {
        let wanted = wanted(sizes.iter().sum(), fraction).expect("some rows are set aside, and some left");
        super::quotas(sizes, fraction, wanted, 0)
    }

    #[test]
    fn classes_give_their_shares() {
        assert_eq!(quotas(&[50, 50, 50], 0.2), [10, 10, 10]);
        assert_eq!(quotas(&[59, 71, 48], 0.2), [12, 14, 10]);
        assert_eq!(
            quotas(&[178, 182, 177, 183, 181, 182, 181, 179, 174, 180], 0.2),
            [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]
        );
    }

    #[test]
    fn the_seed_breaks_ties() {
        let of_seed = |seed| super::quotas(&[3, 3, 3], 0.5, 5, seed);
        let mut seen: Vec<Vec<usize>> = (0..50).map(of_seed).collect();
        assert_eq!(of_seed(7), of_seed(7));
        seen.sort();
        seen.dedup();
        assert_eq!(seen, [[1, 2, 2], [2, 1, 2], [2, 2, 1]]);
        // Remainders of 0.4, of classes of different sizes.
        let mut seen: Vec<Vec<usize>> = (0..50).map(|seed| super::quotas(&[4, 14, 4], 0.1, 2, seed)).collect();
        seen.sort();
        seen.dedup();
        assert_eq!(seen, [[0, 1, 1], [0, 2, 0], [1, 1, 0]]);
    }

    #[test]
    fn a_class_of_two_keeps_a_row() {
        assert_eq!(quotas(&[2, 2], 0.8), [1, 1]);
        assert_eq!(quotas(&[2, 10], 0.8), [1, 9]);
    }

    #[test]
    fn shares_of_no_row_and_of_all_rows_say_what_is_needed() {
        let refused = |rows, share| wanted(rows, share).expect_err("no row, or all").to_string();
        assert_eq!(
            refused(3, 0.1),
            "`validation: 0.1` of 3 rows rounds to 0 rows; at least 5 rows are needed to hold one back; write a larger share, or leave \
             `validation` out to train on all rows"
        );
        assert_eq!(
            refused(10, 0.99),
            "`validation: 0.99` of 10 rows rounds to all of them; at least 51 rows are needed to keep one to train with; write a smaller \
             share"
        );
        for share in [0.001, 0.1, 0.15, 0.2, 0.3, 0.45, 0.5, 0.7, 0.9, 0.95, 0.999] {
            for rows in 1..40 {
                let needed = match wanted(rows, share) {
                    Err(Error::NoValidationRows { needed, .. } | Error::NoTrainingRows { needed, .. }) => needed,
                    found => {
                        assert!((1..rows).contains(&found.expect("rows to train and to validate with")));
                        continue;
                    }
                };
                assert!(needed > rows && wanted(needed, share).is_ok(), "{share} of {rows}: {needed}");
                assert!(wanted(needed - 1, share).is_err(), "{share} of {rows}: {needed}");
            }
        }
        assert_eq!(wanted(3, 0.0).expect("no share"), 0);
    }

    #[test]
    fn halves_of_decimal_shares_round_up() {
        assert_eq!(quotas(&[10], 0.45), [5]);
        assert_eq!(quotas(&[45], 0.7), [32]);
    }
}

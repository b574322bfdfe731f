//! Splits of any table: complete, disjoint, the same for the same seed, and in the classes' shares.

use nn_data::{Error, Split, Table, TargetKind, Targets, split};
use proptest::prelude::*;

fn of_classes(classes: &[usize]) -> Table {
    Table { targets: Targets::Classes(classes.to_vec()), ..of_numbers(classes.len()) }
}

fn of_numbers(rows: usize) -> Table {
    let rows: Vec<Vec<f64>> = (0..rows).map(|row| vec![row as f64]).collect();
    Table::from_rows(&rows, &rows, &TargetKind::Numbers).unwrap()
}

fn assert_complete(split: &Split, rows: usize) {
    let mut all: Vec<usize> = split.train.iter().chain(&split.validation).copied().collect();
    all.sort_unstable();
    assert_eq!(all, (0..rows).collect::<Vec<_>>());
}

fn count(classes: &[usize], rows: &[usize], class: usize) -> usize {
    rows.iter().filter(|&&row| classes[row] == class).count()
}

#[test]
fn the_first_class_of_several_targets_decides() {
    let second = |row: usize| (row % 2) as f64;
    let targets: Vec<Vec<f64>> = (0..20).map(|row| vec![0.5, if row < 5 { 0.0 } else { 1.0 }, second(row)]).collect();
    let inputs: Vec<Vec<f64>> = (0..20).map(|row| vec![f64::from(row)]).collect();
    let class = TargetKind::Class { classes: Some(2) };
    let kind = TargetKind::Columns(vec![TargetKind::Numbers, class.clone(), class]);
    let split = split(&Table::from_rows(&inputs, &targets, &kind).unwrap(), 0.4, 3).unwrap();
    assert_complete(&split, 20);
    assert_eq!(split.validation.iter().filter(|&&row| row < 5).count(), 2);
    assert_eq!(split.validation.len(), 8);
}

proptest! {
    #[test]
    fn numbers_are_split_at_the_rounded_share(
        rows in 1_usize..300, percent in 0_u8..100, seed: u64,
    ) {
        let wanted = (rows * usize::from(percent) + 50) / 100;
        let split = split(&of_numbers(rows), f32::from(percent) / 100.0, seed);
        if wanted == 0 && percent > 0 {
            let refused = matches!(split, Err(Error::NoValidationRows { .. }));
            prop_assert!(refused);
        } else if wanted == rows {
            let refused = matches!(split, Err(Error::NoTrainingRows { .. }));
            prop_assert!(refused);
        } else {
            let split = split.unwrap();
            assert_complete(&split, rows);
            prop_assert_eq!(split.validation.len(), wanted);
        }
    }

    #[test]
    fn classes_are_split_in_their_shares(
        classes in prop::collection::vec(0_usize..6, 1..300), percent in 0_u8..=80, seed: u64,
    ) {
        let table = of_classes(&classes);
        let fraction = f32::from(percent) / 100.0;
        let wanted = (classes.len() * usize::from(percent) + 50) / 100;
        prop_assume!(wanted < classes.len() && (wanted > 0 || percent == 0));
        let parts = split(&table, fraction, seed).unwrap();
        assert_complete(&parts, classes.len());
        prop_assert_eq!(&parts, &split(&table, fraction, seed).unwrap());
        for class in 0..6 {
            let train = count(&classes, &parts.train, class);
            let validation = count(&classes, &parts.validation, class);
            let size = train + validation;
            prop_assert!(size < 2 || train > 0);
            prop_assert!(validation + 1 > size * usize::from(percent) / 100 || train == 1);
        }
    }

    #[test]
    fn large_classes_give_exactly_their_shares(
        classes in prop::collection::vec(10_usize..60, 1..6), percent in 0_u8..=80, seed: u64,
    ) {
        let rows: Vec<usize> =
            classes.iter().enumerate().flat_map(|(class, &size)| vec![class; size]).collect();
        prop_assume!(percent == 0 || rows.len() * usize::from(percent) >= 50);
        let parts = split(&of_classes(&rows), f32::from(percent) / 100.0, seed).unwrap();
        prop_assert_eq!(parts.validation.len(), (rows.len() * usize::from(percent) + 50) / 100);
        for (class, &size) in classes.iter().enumerate() {
            let validation = count(&rows, &parts.validation, class) * 100;
            prop_assert!(validation.abs_diff(size * usize::from(percent)) < 100);
        }
    }
}

/// 30 classes of 4 rows: the 12 rows that are set aside come from 12 classes, other ones for each
/// seed.
#[test]
fn which_of_many_small_classes_are_validated_depends_on_the_seed() {
    let classes: Vec<usize> = (0..120).map(|row| row % 30).collect();
    let table = of_classes(&classes);
    let mut validated = [false; 30];
    for seed in 0..20 {
        let validation = split(&table, 0.1, seed).unwrap().validation;
        assert_eq!(validation.len(), 12);
        for (class, validated) in validated.iter_mut().enumerate() {
            let rows = count(&classes, &validation, class);
            assert!(rows <= 1);
            *validated |= rows == 1;
        }
    }
    assert_eq!(validated, [true; 30]);
}

#[test]
fn the_rows_are_those_of_the_generator() {
    let split = split(&of_numbers(10), 0.3, 7).unwrap();
    // From an implementation of SplitMix64, Xoshiro256++ and the shuffle in Python.
    assert_eq!(split.validation, [3, 8, 9]);
    assert_eq!(split.train, [4, 6, 7, 2, 5, 1, 0]);
}

#[test]
fn another_seed_gives_other_rows() {
    let table = of_numbers(100);
    assert_ne!(split(&table, 0.2, 1).unwrap(), split(&table, 0.2, 2).unwrap());
}

#[test]
fn shares_that_leave_nothing_are_refused() {
    for fraction in [-0.1, 1.0, 1.5, f32::NAN, f32::INFINITY] {
        let result = split(&of_numbers(3), fraction, 0);
        assert!(matches!(result, Err(Error::Fraction { .. })), "{fraction}");
    }
}

#[test]
fn taken_rows_keep_their_lines_and_targets() {
    let table = of_classes(&[2, 0, 1]).take(&[2, 0]);
    assert_eq!(table.inputs.column(0).to_vec(), [2.0, 0.0]);
    assert_eq!(table.targets, Targets::Classes(vec![1, 2]));
    assert_eq!(table.lines, [3, 1]);
}

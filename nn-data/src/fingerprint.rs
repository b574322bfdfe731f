//! A table in, a short text out that differs for every other table, so that examples can be
//! recognized.

use sha2::{Digest, Sha256};

use crate::bytes::are_bytes;
use crate::table::{Table, TargetColumn, Targets};

impl Table {
    /// Identifies the numbers of the table, row by row: inputs and targets as they were read,
    /// without the names of columns and the place of the file. Equal tables have equal
    /// fingerprints, and a row that is changed, added, left out or moved gives another one. 32
    /// hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        let mut hasher = Sha256::new();
        let (rows, width) = self.inputs.dim();
        hasher.update(format!("{rows} {width}\n"));
        let small = are_bytes(&self.inputs);
        let mut bytes = Vec::new();
        for row in self.inputs.outer_iter() {
            bytes.clear();
            match small {
                true => bytes.extend(row.iter().map(|number| *number as u8)),
                false => row.iter().for_each(|number| bytes.extend(number.to_le_bytes())),
            }
            hasher.update(&bytes);
        }
        match &self.targets {
            Targets::None => hasher.update("none\n"),
            Targets::Classes(classes) => update_with_classes(&mut hasher, classes),
            Targets::Numbers(numbers) => {
                hasher.update(format!("numbers {}\n", numbers.ncols()));
                update_with_numbers(&mut hasher, numbers.iter());
            }
            Targets::Columns(columns) => {
                for column in columns {
                    match column {
                        TargetColumn::Classes(classes) => update_with_classes(&mut hasher, classes),
                        TargetColumn::Numbers(numbers) => {
                            hasher.update("numbers 1\n");
                            update_with_numbers(&mut hasher, numbers.iter());
                        }
                    }
                }
            }
        }
        digits(hasher)
    }
}

/// Identifies a choice of rows: which, and in which order. 32 hexadecimal digits.
pub fn fingerprint_of_rows(rows: &[usize]) -> String {
    let mut hasher = Sha256::new();
    rows.iter().for_each(|row| hasher.update((*row as u64).to_le_bytes()));
    digits(hasher)
}

fn update_with_classes(hasher: &mut Sha256, classes: &[usize]) {
    hasher.update("classes\n");
    classes.iter().for_each(|class| hasher.update((*class as u64).to_le_bytes()));
}

fn update_with_numbers<'a>(hasher: &mut Sha256, numbers: impl Iterator<Item = &'a f32>) {
    numbers.for_each(|number| hasher.update(number.to_le_bytes()));
}

fn digits(hasher: Sha256) -> String {
    hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::TargetKind;

    fn table(inputs: &[[f64; 2]], targets: &[f64], kind: &TargetKind) -> Table {
        let inputs: Vec<Vec<f64>> = inputs.iter().map(|row| row.to_vec()).collect();
        let targets: Vec<Vec<f64>> = targets.iter().map(|target| vec![*target]).collect();
        Table::from_rows(&inputs, &targets, kind).unwrap()
    }

    #[test]
    fn equal_tables_and_no_others_have_one_fingerprint() {
        let class = TargetKind::Class { classes: Some(2) };
        let rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        let first = table(&rows, &[0.0, 1.0, 0.0], &class);
        let again = Table { lines: vec![7, 8, 9], dropped: 4, ..first.clone() };
        assert_eq!(first.fingerprint(), again.fingerprint());
        assert_eq!(first.fingerprint().len(), 32);
        let others = [
            table(&rows[..2], &[0.0, 1.0], &class),
            table(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.5]], &[0.0, 1.0, 0.0], &class),
            table(&rows, &[0.0, 1.0, 1.0], &class),
            table(&rows, &[0.0, 1.0, 0.0], &TargetKind::Numbers),
            first.take(&[0, 2, 1]),
            first.take(&[0, 1, 2, 2]),
        ];
        let mut all: Vec<String> = others.iter().chain([&first]).map(Table::fingerprint).collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 7);
    }

    #[test]
    fn rows_are_known_by_number_and_order() {
        let of = fingerprint_of_rows;
        assert_eq!(of(&[3, 1]), of(&[3, 1]));
        assert!(of(&[3, 1]) != of(&[1, 3]) && of(&[3]) != of(&[3, 1]) && of(&[]) != of(&[0]));
    }
}

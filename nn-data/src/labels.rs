//! A column of labels as numbers: each distinct text gets one, by first sight or by a given list.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::cell;

/// The labels of a column, row by row.
pub(crate) struct Labels {
    /// The distinct labels, each with its number.
    numbers: HashMap<String, usize>,
    /// The distinct labels by number.
    pub names: Vec<String>,
    /// Whether the labels were given, so that no other may occur.
    pub closed: bool,
    /// Whether they were given and all are whole numbers.
    known_whole: bool,
    /// The label of each row.
    pub rows: Vec<usize>,
}

impl Labels {
    /// A column in which any label may occur.
    pub fn open() -> Labels {
        Labels { numbers: HashMap::new(), names: Vec::new(), closed: false, known_whole: false, rows: Vec::new() }
    }

    /// A column in which only these labels may occur; they are numbered in this order.
    pub fn closed(names: &[String]) -> Labels {
        Labels {
            numbers: names.iter().cloned().zip(0..).collect(),
            names: names.to_vec(),
            closed: true,
            known_whole: are_whole(names),
            rows: Vec::new(),
        }
    }

    /// Adds a row; false if the label is not allowed.
    pub fn push(&mut self, text: &str) -> bool {
        let number = match self.numbers.get(text).copied().or_else(|| self.number_of_whole(text)) {
            Some(number) => number,
            None if self.closed => return false,
            None => {
                let number = self.names.len();
                self.names.push(text.to_owned());
                self.numbers.insert(text.to_owned(), number);
                number
            }
        };
        self.rows.push(number);
        true
    }

    /// The number of the known label that is the same whole number, where all known ones are whole
    /// numbers.
    fn number_of_whole(&self, text: &str) -> Option<usize> {
        let whole = cell::whole(text).filter(|_| self.known_whole)?;
        self.numbers.get(whole).copied()
    }

    /// The labels, after the last row: where all are whole numbers `3.0` is `3`, since programs
    /// write it so where a column of whole numbers has missing cells. Other texts are labels as
    /// they are: `1.1` and `1.10` are two.
    pub fn folded(mut self) -> Labels {
        if self.closed || !are_whole(&self.names) {
            return self;
        }
        let whole = |name: &String| cell::whole(name).map(str::to_owned);
        let folded: Vec<String> = self.names.iter().filter_map(whole).collect();
        let mut names = Vec::new();
        let mut numbers = HashMap::new();
        for name in &folded {
            numbers.entry(name.clone()).or_insert_with(|| {
                names.push(name.clone());
                names.len() - 1
            });
        }
        for row in &mut self.rows {
            *row = numbers[&folded[*row]];
        }
        Labels { numbers, names, closed: false, known_whole: false, rows: self.rows }
    }

    /// The labels with their final numbers: as they were given, otherwise sorted, by value if all
    /// are numbers.
    pub fn sorted(mut self) -> Labels {
        if self.closed {
            return self;
        }
        let mut names = self.names.clone();
        sort(&mut names);
        self.renumber(names);
        self
    }

    /// Gives the labels the numbers that they have in `names`, which holds all of them.
    pub fn renumber(&mut self, names: Vec<String>) {
        let numbers: HashMap<String, usize> = names.iter().cloned().zip(0..).collect();
        let moved: Vec<usize> = self.names.iter().map(|name| numbers[name]).collect();
        for row in &mut self.rows {
            *row = moved[*row];
        }
        self.names = names;
        self.numbers = numbers;
    }
}

fn are_whole(names: &[String]) -> bool {
    names.iter().all(|name| cell::whole(name).is_some())
}

/// Sorts by value where all labels are numbers, and by text otherwise.
fn sort(names: &mut [String]) {
    let value = |name: &String| cell::parse(name);
    if names.iter().all(|name| value(name).is_some()) {
        names.sort_by(|a, b| {
            let by_value = value(a).partial_cmp(&value(b)).unwrap_or(Ordering::Equal);
            by_value.then_with(|| a.cmp(b))
        });
    } else {
        names.sort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(texts: &[&str]) -> (Vec<String>, Vec<usize>) {
        let mut labels = Labels::open();
        assert!(texts.iter().all(|text| labels.push(text)));
        let labels = labels.folded().sorted();
        (labels.names, labels.rows)
    }

    #[test]
    fn numbers_sort_by_value_and_texts_by_letters() {
        let (names, rows) = sorted(&["10", "9", "-1", "9.0"]);
        assert_eq!(names, ["-1", "9", "10"]);
        assert_eq!(rows, [2, 1, 0, 1]);
        let (names, rows) = sorted(&["b", "10", "a", "9"]);
        assert_eq!(names, ["10", "9", "a", "b"]);
        assert_eq!(rows, [3, 0, 2, 1]);
    }

    #[test]
    fn whole_numbers_are_one_label_and_other_texts_are_as_they_are() {
        let (names, rows) = sorted(&["1.0", "2", "1", "2.00"]);
        assert_eq!((names.as_slice(), rows), (["1", "2"].map(str::to_owned).as_slice(), vec![0, 1, 0, 1]));
        let (names, rows) = sorted(&["1.10", "1.1", "1.0", "1"]);
        assert_eq!(names, ["1", "1.0", "1.1", "1.10"]);
        assert_eq!(rows, [3, 2, 1, 0]);
        let (names, _) = sorted(&["1.0", "1", "a"]);
        assert_eq!(names, ["1", "1.0", "a"]);
        let known = |names: &[&str]| Labels::closed(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let mut whole = known(&["1", "2"]);
        assert!(whole.push("2.0") && !whole.push("2.5"));
        assert_eq!(whole.rows, [1]);
        assert!(!known(&["1", "a"]).push("1.0"));
    }

    #[test]
    fn a_closed_list_keeps_its_order_and_takes_no_other() {
        let mut labels = Labels::closed(&["z".to_owned(), "a".to_owned()]);
        assert!(labels.push("a") && labels.push("z"));
        assert!(!labels.push("b"));
        let labels = labels.sorted();
        assert_eq!(labels.names, ["z", "a"]);
        assert_eq!(labels.rows, [1, 0]);
    }
}

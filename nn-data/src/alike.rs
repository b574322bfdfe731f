//! Labels that look the same but are different.
//!
//! They stay two labels: a wrong guess that two texts mean one label would go unnoticed (`1.1`
//! and `1.10` are versions). The one exception, `3.0` for `3` in a column of whole numbers, is how
//! programs write such a column if a cell is missing.

use std::collections::HashMap;

use crate::cell;
use crate::looks;
use crate::wording::{listed, quoted, spec_string};

/// How many groups of similar labels are named for each column.
const MOST_GROUPS: usize = 3;

/// What is odd in the labels of a column: some that are alike, and some that read like marks of
/// missing cells where the spec does not say which words these are. `noun` is what labels are, in
/// plural.
pub(crate) fn notes(names: &[String], noun: &str, missing_words: Option<&[String]>) -> Vec<String> {
    let groups = groups(names);
    let mut notes: Vec<String> = groups.iter().take(MOST_GROUPS).map(|group| describe(group, noun)).collect();
    if groups.len() > MOST_GROUPS {
        notes.push(format!("and {} more groups of {noun} that are alike", groups.len() - MOST_GROUPS));
    }
    if missing_words.is_none() {
        let marks: Vec<&str> = names.iter().map(String::as_str).filter(|name| looks::is_missing_mark(name)).collect();
        if !marks.is_empty() {
            let (verb, pronoun) = if marks.len() == 1 { ("is", "it means") } else { ("are", "they mean") };
            let quoted: Vec<String> = marks.iter().map(|mark| quoted(mark)).collect();
            let words = missing_words_with(missing_words, &marks);
            let among = format!("{} {verb} among the {noun}", listed(&quoted));
            notes.push(format!("{among}; if {pronoun} a missing cell, write `{words}`"));
        }
    }
    notes
}

/// The setting by which these texts also mean missing cells, in addition to the current ones; the
/// default ones if `None`.
pub(crate) fn missing_words_with(now: Option<&[String]>, marks: &[&str]) -> String {
    setting(missing_words(now).iter().chain(marks))
}

/// The setting by which these marks also mean missing cells, and these labels do not.
pub(crate) fn missing_words_without(now: Option<&[String]>, marks: &[&str], labels: &[&str]) -> String {
    setting(missing_words(now).iter().chain(marks).filter(|word| !labels.contains(word)))
}

fn setting<'a>(words: impl Iterator<Item = &'a &'a str>) -> String {
    let words: Vec<String> = words.map(|word| spec_string(word)).collect();
    format!("missing_words: [{}];", words.join(", "))
}

fn missing_words(now: Option<&[String]>) -> Vec<&str> {
    match now {
        Some(words) => words.iter().map(String::as_str).collect(),
        None => cell::USUAL_MISSING.to_vec(),
    }
}

/// The label that is meant by one that differs only in how it is written.
pub(crate) fn meant<'a>(text: &str, names: &'a [String]) -> Option<&'a str> {
    let is_same =
        |name: &&String| plain(name) == plain(text) || (number(text).is_some() && number(name) == number(text));
    names.iter().find(is_same).map(String::as_str)
}

/// Labels that are alike, each group in the order of the labels.
fn groups(names: &[String]) -> Vec<Vec<&str>> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for name in names {
        let key = number(name).unwrap_or_else(|| plain(name));
        let at = *known.entry(key).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.push(name),
            None => groups.push(vec![name]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

fn describe(group: &[&str], noun: &str) -> String {
    let quoted: Vec<String> = group.iter().map(|name| quoted(name)).collect();
    let same = |form: fn(&str) -> String| group.iter().all(|name| form(name) == form(group[0]));
    let why = if group.iter().all(|name| number(name).is_some()) {
        "they are the same number"
    } else if same(|name| name.to_lowercase()) {
        "they differ only in case"
    } else if same(without_blanks) {
        "they differ only in spaces"
    } else {
        "they differ only in case and spaces"
    };
    format!("{} are different {noun}, but {why}", listed(&quoted))
}

/// One text for all ways to write a number.
fn number(text: &str) -> Option<String> {
    // 0 and -0 are equal.
    cell::parse(text).map(|number| (number + 0.0).to_string())
}

fn plain(text: &str) -> String {
    without_blanks(text).to_lowercase()
}

/// The text without white space and characters that are not seen.
fn without_blanks(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Vec<String> {
        notes(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>(), "categories", None)
    }

    #[test]
    fn labels_that_are_alike_are_named() {
        assert_eq!(of(&["cat", "dog", "cats"]), [""; 0]);
        assert_eq!(of(&["Cat", "cat"]), ["`Cat` and `cat` are different categories, but they differ only in case"]);
        assert_eq!(
            of(&["1.1", "1.10", "1.2"]),
            ["`1.1` and `1.10` are different categories, but they are the same number"]
        );
        assert_eq!(of(&["a b", "ab"]), ["`a b` and `ab` are different categories, but they differ only in spaces"]);
        assert_eq!(
            of(&["A b", "ab", "x"]),
            ["`A b` and `ab` are different categories, but they differ only in case and spaces"]
        );
        let many = of(&["a", "A", "b", "B", "c", "C", "d", "D", "e", "E"]);
        assert_eq!((many.len(), many[3].as_str()), (4, "and 2 more groups of categories that are alike"));
    }

    #[test]
    fn marks_of_missing_cells_are_named() {
        assert_eq!(
            of(&["f", "m", "N/A"]),
            [
                "`N/A` is among the categories; if it means a missing cell, write `missing_words: [\"?\", \"NA\", \"NaN\", \"nan\", \"N/A\"];`"
            ]
        );
        assert_eq!(notes(&["f".to_owned(), "NA".to_owned()], "classes", Some(&[])), [""; 0]);
    }

    #[test]
    fn the_label_that_is_meant() {
        let names = ["Cat".to_owned(), "1".to_owned()];
        assert_eq!(meant("cat ", &names), Some("Cat"));
        assert_eq!(meant("1.0", &names), Some("1"));
        assert_eq!(meant("dog", &names), None);
    }
}

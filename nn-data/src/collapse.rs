//! Numbers that differ in a file and are one number as `f32`, which has 24 bits: some seven digits.
//!
//! That matters if the differences mean something: for whole numbers (times, identifiers), and for
//! columns whose numbers are large compared with their differences. For other fractions, the last
//! of seventeen digits are noise.

use crate::cell;

/// A column is narrow if its numbers differ by less than this share of the largest: `f32` loses 8
/// of 24 bits.
const NARROW: f64 = 1.0 / 256.0;

/// A column in which two different cells become equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Collapsed {
    /// The column.
    pub column: String,
    /// Whether it is a target.
    pub is_target: bool,
    /// Two of its cells, each with its line.
    pub cells: [(u64, String); 2],
    /// What both of them become.
    pub number: f32,
    /// What to subtract in f64, so that these two stay different, if that helps.
    pub offset: Option<f64>,
}

/// What is known about the numbers of a column while they are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    min: f64,
    max: f64,
    are_whole: bool,
    /// Whether some of them are not exact as `f32`.
    is_rounded: bool,
}

impl Default for Spread {
    fn default() -> Self {
        Self { min: f64::INFINITY, max: f64::NEG_INFINITY, are_whole: true, is_rounded: false }
    }
}

impl Spread {
    /// Adds a number, as in the file.
    pub fn push(&mut self, number: f64, offset: f64) {
        let moved = number - offset;
        (self.min, self.max) = (self.min.min(number), self.max.max(number));
        self.are_whole &= number.fract() == 0.0;
        // Whole numbers from 2⁵³ on are rounded already.
        self.is_rounded |= f64::from(moved as f32) != moved || number.abs() >= MOST_WHOLE;
    }

    /// Whether numbers may become equal.
    fn may_collapse(&self) -> bool {
        let largest = self.min.abs().max(self.max.abs());
        self.is_rounded && (self.are_whole || self.max - self.min <= NARROW * largest)
    }

    /// A round number below all of them, no further away than their range.
    fn offset(&self) -> f64 {
        let unit = 10f64.powf((self.max - self.min).max(f64::MIN_POSITIVE).log10().ceil());
        (self.min / unit).floor() * unit
    }
}

/// 2⁵³: from here on even f64 cannot hold every whole number.
const MOST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Two different cells of a column that become equal, if there are any; `offset` is subtracted from
/// each.
pub(crate) fn find<'a>(
    column: &str,
    is_target: bool,
    spread: &Spread,
    offset: f64,
    cells: impl Iterator<Item = (u64, &'a str)>,
) -> Option<Collapsed> {
    if !spread.may_collapse() {
        return None;
    }
    let mut sorted: Vec<(f64, u64, &str)> =
        cells.filter_map(|(line, text)| Some((cell::parse(text)?, line, text))).collect();
    sorted.sort_by(|(a, line, _), (b, other, _)| a.total_cmp(b).then(line.cmp(other)));
    sorted.dedup_by(|next, kept| !differ(next, kept));
    let rounded = |number: f64, offset: f64| (number - offset) as f32;
    let pair = sorted.windows(2).find(|pair| rounded(pair[0].0, offset) == rounded(pair[1].0, offset))?;
    let (a, b) = (pair[0], pair[1]);
    let better = spread.offset();
    let helps = better != 0.0 && better != offset && rounded(a.0, better) != rounded(b.0, better);
    let mut cells = [(a.1, a.2.to_owned()), (b.1, b.2.to_owned())];
    cells.sort_by_key(|(line, _)| *line);
    Some(Collapsed {
        column: column.to_owned(),
        is_target,
        cells,
        number: rounded(a.0, offset),
        offset: helps.then_some(better),
    })
}

/// The first column of an array, with rows of `width` numbers that have these names, in which
/// different numbers become equal.
pub(crate) fn first(exact: &[f64], width: usize, names: &[String], is_target: bool) -> Option<Collapsed> {
    names.iter().take(width).enumerate().find_map(|(at, name)| {
        let numbers = || exact.iter().skip(at).step_by(width);
        let mut spread = Spread::default();
        numbers().for_each(|number| spread.push(*number, 0.0));
        if !spread.may_collapse() {
            return None;
        }
        let texts: Vec<String> = numbers().map(f64::to_string).collect();
        find(name, is_target, &spread, 0.0, (0..).zip(texts.iter().map(String::as_str)))
    })
}

/// Whether two cells differ as they are written: by their values, or by digits that f64 does not
/// hold.
fn differ((a, _, first): &(f64, u64, &str), (b, _, second): &(f64, u64, &str)) -> bool {
    a != b
        || (a.abs() >= MOST_WHOLE && digits(first).zip(digits(second)).is_some_and(|(first, second)| first != second))
}

/// The digits of a whole number that is written out.
fn digits(text: &str) -> Option<&str> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[&str], offset: f64) -> Option<Collapsed> {
        let mut spread = Spread::default();
        texts.iter().for_each(|text| spread.push(text.parse().unwrap(), offset));
        find("c", false, &spread, offset, (2..).zip(texts.iter().copied()))
    }

    fn lines(texts: &[&str]) -> Option<[u64; 2]> {
        found(texts, 0.0).map(|found| found.cells.map(|(line, _)| line))
    }

    #[test]
    fn whole_numbers_that_differ_are_kept_apart_or_named() {
        assert_eq!(lines(&["16777215", "16777216", "3"]), None);
        assert_eq!(lines(&["16777216", "5", "16777217"]), Some([2, 4]));
        assert_eq!(lines(&["-16777217", "5", "-16777216", "-16777217"]), Some([2, 4]));
        assert_eq!(lines(&["16777217", "16777217"]), None);
        assert_eq!(lines(&["9007199254740993", "9007199254740992"]), Some([2, 3]));
        assert_eq!(lines(&["1e20", "100000000000000000000"]), None);
        assert_eq!(lines(&["33554432", "33554436", "33554440"]), None);
    }

    #[test]
    fn fractions_are_named_where_they_are_far_from_zero() {
        assert_eq!(lines(&["1700000000.25", "1700000000.5"]), Some([2, 3]));
        assert_eq!(lines(&["101325.001", "101325.002", "101330.5"]), Some([2, 3]));
        assert_eq!(lines(&["0.12345678901", "0.12345678902", "0.9"]), None);
        assert_eq!(lines(&["0.1", "0.2", "0.30000000000000004"]), None);
    }

    #[test]
    fn an_offset_keeps_them_apart() {
        let times = ["1700000000", "1700000060", "1700086400"];
        let collapsed = found(&times, 0.0).unwrap();
        assert_eq!((collapsed.number, collapsed.offset), (1.7e9, Some(1.7e9)));
        assert_eq!(found(&times, 1.7e9), None);
        assert_eq!(found(&times, 1.7e9 - 4096.0), None);
        // Too far apart for any offset.
        assert_eq!(found(&["1", "1000000000001", "1000000000002"], 0.0).unwrap().offset, None);
        // These are equal even in f64.
        assert_eq!(found(&["9007199254740993", "9007199254740992"], 0.0).unwrap().offset, None);
    }
}

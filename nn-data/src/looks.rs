//! What a cell looks like that is not a number: one in another notation, a date, a mark for a
//! missing cell.

use std::collections::HashSet;

use crate::cell;
use crate::remedy::Remedy;

/// What to do about a cell that is not a number, if its text shows that.
pub(crate) fn remedy(text: &str) -> Option<Remedy> {
    if is_missing_mark(text) {
        Some(Remedy::MissingWord)
    } else if is_date(text) {
        Some(Remedy::Date)
    } else {
        notation(text).map(|(remedy, _)| remedy)
    }
}

/// What to do about a column with texts where numbers are wanted, if not to encode its categories:
/// to leave it out, since its texts are dates or nearly all of its cells differ; or to correct the
/// few texts among many numbers. `cells` are those that are not missing.
pub(crate) fn column<'a>(cells: impl Iterator<Item = &'a str>) -> Option<Remedy> {
    // Fewer cells may all differ and be categories; more categories than this are not worth a
    // column each.
    const LEAST_CELLS: usize = 4;
    const MOST_CATEGORIES: usize = 100;
    // So few numbers may be categories that are counted, such as `0`, `1`, `2`, `3+`.
    const MOST_COUNTED: usize = 12;
    // More texts than this are not marks of missing cells.
    const MOST_MARKS: usize = 3;
    let cells: Vec<&str> = cells.collect();
    let texts = || cells.iter().filter(|text| cell::parse(text).is_none());
    let (count, dates) = (texts().count(), texts().filter(|text| is_date(text)).count());
    if count == 0 {
        None
    } else if 2 * dates > count {
        Some(Remedy::Date)
    } else if texts().all(|text| remedy(text).is_some()) {
        // They are numbers in another notation.
        None
    } else {
        let distinct = cells.iter().collect::<HashSet<_>>().len();
        let marks = texts().collect::<HashSet<_>>().len();
        if 2 * count < cells.len() && distinct - marks > MOST_COUNTED {
            return Some(if marks > MOST_MARKS { Remedy::Correct } else { Remedy::MissingWord });
        }
        let nearly_all = cells.len() >= LEAST_CELLS && 5 * distinct > 4 * cells.len();
        (2 * count > cells.len() && (nearly_all || distinct > MOST_CATEGORIES)).then_some(Remedy::LeaveOut)
    }
}

/// Whether programs write this where a cell is missing.
pub(crate) fn is_missing_mark(text: &str) -> bool {
    const MARKS: [&str; 17] = [
        "n/a", "na", "<na>", "#n/a", "nan", "null", "none", "nil", "missing", "-", "--", ".", "?", "#value!",
        "#div/0!", "#ref!", "#num!",
    ];
    MARKS.contains(&text.to_lowercase().as_str())
}

/// The number in the usual notation of csv files, and the change needed for that.
pub(crate) fn notation(text: &str) -> Option<(Remedy, String)> {
    const CURRENCIES: [&str; 12] = ["$", "€", "£", "¥", "₹", "USD", "EUR", "GBP", "CHF", "JPY", "US$", "Rs."];
    let ascii = text.replace('\u{2212}', "-");
    if ascii != text {
        return plain(&ascii).map(|number| (Remedy::MinusSign, number));
    }
    if let Some(number) = text.strip_suffix('%').or_else(|| text.strip_prefix('%')) {
        return plain(number.trim()).map(|number| (Remedy::Percent, number));
    }
    let (sign, amount) = text.strip_prefix('-').map_or(("", text), |amount| ("-", amount));
    for currency in CURRENCIES {
        let Some(amount) = amount.strip_prefix(currency).or_else(|| amount.strip_suffix(currency)) else { continue };
        return plain(&format!("{sign}{}", amount.trim())).map(|number| (Remedy::Currency, number));
    }
    match ungrouped(text) {
        Some(number) => Some((Remedy::Thousands, number)),
        None => plain(text).map(|number| (Remedy::DecimalPoint, number)),
    }
}

/// The number in a notation of some country, if it is one.
fn plain(text: &str) -> Option<String> {
    let is_number = |text: &String| cell::parse(text).is_some();
    let point = || Some(text.replacen(',', ".", 1)).filter(is_number);
    Some(text.to_owned()).filter(is_number).or_else(|| ungrouped(text)).or_else(point)
}

/// The number without its thousands separators.
fn ungrouped(text: &str) -> Option<String> {
    const SEPARATORS: [char; 8] = [',', '.', ' ', '\u{a0}', '\u{202f}', '\u{2009}', '\'', '’'];
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) => (&text[..1], digits),
        None => ("", text),
    };
    let forms = SEPARATORS.iter().flat_map(|group| ['.', ','].map(|decimal| (*group, decimal)));
    forms.filter(|(group, decimal)| group != decimal).find_map(|(group, decimal)| {
        let (whole, fraction) = digits.split_once(decimal).unwrap_or((digits, ""));
        let groups: Vec<&str> = whole.split(group).collect();
        let [first, middle @ .., last] = &groups[..] else { return None };
        let has = |part: &str, least: usize| (least..=3).contains(&part.len()) && all_digits(part);
        // Groups of two are Indian: 1,00,000.
        let fits = has(first, 1) && middle.iter().all(|part| has(part, 2)) && has(last, 3);
        let point = if fraction.is_empty() { "" } else { "." };
        (fits && all_digits(fraction)).then(|| format!("{sign}{}{point}{fraction}", groups.concat()))
    })
}

/// Whether the text is a date, a time of day, or both.
pub(crate) fn is_date(text: &str) -> bool {
    let day_and_time = text.split_once([' ', 'T']).is_some_and(|(day, time)| is_day(day) && is_time(time));
    is_day(text) || is_time(text) || day_and_time || has_month_name(text)
}

/// `2024-01-31`, `31.1.2024`, `1/31/24`, `2024-01`.
fn is_day(text: &str) -> bool {
    ['-', '/', '.'].into_iter().any(|separator| {
        let parts: Vec<&str> = text.split(separator).collect();
        let within =
            |part: &str, most: u32| part.len() <= 2 && part.parse().is_ok_and(|n: u32| (1..=most).contains(&n));
        let is_year = |part: &str| part.len() == 4 && all_digits(part);
        let is_short_year = |part: &str| separator != '.' && part.len() == 2 && all_digits(part);
        match &parts[..] {
            [year, month] => separator != '.' && is_year(year) && within(month, 12) && month.len() == 2,
            [a, b, c] if is_year(a) => within(b, 12) && within(c, 31),
            [a, b, c] => within(a, 31) && within(b, 31) && (is_year(c) || is_short_year(c)),
            _ => false,
        }
    })
}

/// `12:30`, `12:30:59.5`, `9:05 PM`, `12:30:00+01:00`, `12:30:00Z`.
pub(crate) fn is_time(text: &str) -> bool {
    let lower = text.to_lowercase();
    let clock = lower.trim_end_matches(['z', 'm', 'p', 'a', ' ']);
    let clock = clock.split(['+', '-']).next().unwrap_or(clock);
    let parts: Vec<&str> = clock.split(':').collect();
    let is_number = |part: &&str| cell::parse(part).is_some_and(|number| (0.0..60.0).contains(&number));
    (2..=3).contains(&parts.len()) && parts.iter().all(is_number) && parts[1..].iter().all(|part| part.len() >= 2)
}

/// `31 January 2024`, `Jan 31, 2024`, `31-Jan-24`: a month and numbers, and nothing else.
fn has_month_name(text: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric() && c != ':').filter(|word| !word.is_empty()).collect();
    let names = |names: &[&str], word: &str| names.iter().any(|name| *name == word || name[..3] == *word);
    let is_number = |word: &str| {
        let digits = word.trim_end_matches(char::is_alphabetic);
        (1..=4).contains(&digits.len()) && all_digits(digits)
    };
    words.iter().filter(|word| names(&MONTHS, word)).count() == 1
        && words.iter().any(|word| is_number(word))
        && words.iter().all(|word| names(&MONTHS, word) || names(&DAYS, word) || is_number(word) || is_time(word))
}

/// Whether there are only digits; an empty text is fine too.
fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_other_notations() {
        for (text, remedy, number) in [
            ("1,234", Remedy::Thousands, "1234"),
            ("-1,234,567.5", Remedy::Thousands, "-1234567.5"),
            ("1,00,000", Remedy::Thousands, "100000"),
            ("1 234", Remedy::Thousands, "1234"),
            ("1\u{a0}234,5", Remedy::Thousands, "1234.5"),
            ("1.234,56", Remedy::Thousands, "1234.56"),
            ("1.234.567", Remedy::Thousands, "1234567"),
            ("1'234", Remedy::Thousands, "1234"),
            ("3,14", Remedy::DecimalPoint, "3.14"),
            ("12,3456", Remedy::DecimalPoint, "12.3456"),
            ("45%", Remedy::Percent, "45"),
            ("4,5 %", Remedy::Percent, "4.5"),
            ("$12", Remedy::Currency, "12"),
            ("-$1,200.50", Remedy::Currency, "-1200.50"),
            ("3.50 €", Remedy::Currency, "3.50"),
            ("\u{2212}5", Remedy::MinusSign, "-5"),
        ] {
            assert_eq!(notation(text), Some((remedy, number.to_owned())), "{text}");
        }
        for text in ["abc", "1,2,3", "12,34,5", "1 2", "1_000", "$", "%", "3rd", "", "-", "é", "1.2.3", "1,23x"] {
            assert_eq!(notation(text), None, "{text}");
        }
    }

    #[test]
    fn dates() {
        for text in [
            "2024-01-31",
            "2024/1/3",
            "31.1.2024",
            "01/31/24",
            "1-2-2024",
            "2024-01",
            "2024-01-31 12:30",
            "2024-01-31T12:30:59.5Z",
            "2024-01-31T12:30:00+01:00",
            "12:30",
            "9:05 PM",
            "31 January 2024",
            "Jan 31, 2024",
            "31-Jan-24",
            "Mon, 5 Feb 2024 10:00",
            "5th May",
        ] {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "1.2.3",
            "10.12.15",
            "555-1234",
            "may",
            "March Hare",
            "2024-31-01x",
            "a/b/c",
            "1:2:3:4",
            "99/99/99",
            "",
            "1/2",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn marks_of_missing_cells() {
        for (text, expected) in
            [("N/A", true), ("null", true), ("-", true), ("#DIV/0!", true), ("no", false), ("", false)]
        {
            assert_eq!(is_missing_mark(text), expected, "{text}");
        }
    }
}

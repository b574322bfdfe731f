//! Edits of a chain's text.

use crate::span::Span;

/// What to delete to remove a link and the arrow before it; `None` where a comment or a repetition is in
/// the way.
pub fn without_link(text: &str, link: Span) -> Option<Span> {
    let before = text[..link.start].trim_end().strip_suffix("->")?;
    if text[link.end..].trim_start().starts_with('*') {
        return None;
    }
    let end_of_previous = before.trim_end().len();
    let line = text[..end_of_previous].lines().next_back().unwrap_or_default();
    // After a line comment the line break has to stay.
    if line.contains("//") {
        let spaces = text[link.end..].len() - text[link.end..].trim_start_matches(' ').len();
        return Some(Span::new(before.len(), link.end + spaces));
    }
    Some(Span::new(end_of_previous, link.end))
}

/// The place of a number in a call: written as `name: …` or, without a name, as the first argument.
pub fn number_argument(text: &str, call: Span, name: &str, number: f64) -> Option<Span> {
    let words = &text[call.range()];
    let mut start = call.start + words.find('(')? + 1;
    for argument in words[start - call.start..].trim_end_matches(')').split(',') {
        let value = match argument.split_once(':') {
            Some((written, value)) if written.trim() == name => Some(value),
            Some(_) => None,
            None => Some(argument).filter(|_| text[..start].ends_with('(')),
        };
        if let Some(value) = value.filter(|value| value.trim().replace('_', "").parse() == Ok(number)) {
            let from = start + argument.len() - value.trim_start().len();
            return Some(Span::new(from, from + value.trim().len()));
        }
        start += argument.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span_of(text: &str, words: &str) -> Span {
        let start = text.find(words).expect("the words are in the text");
        Span::new(start, start + words.len())
    }

    #[test]
    fn a_link_goes_with_its_arrow() {
        let cases = [
            ("x -> a -> drop(1);", Some("x -> a;")),
            ("x -> a -> drop(1) -> b;", Some("x -> a -> b;")),
            ("x -> a\n  -> drop(1)\n  -> b;", Some("x -> a\n  -> b;")),
            ("x -> a // why\n  -> drop(1) -> b;", Some("x -> a // why\n  -> b;")),
            ("x -> a -> /* why */ drop(1);", None),
            ("x -> a -> drop(1) * 2;", None),
        ];
        for (text, expected) in cases {
            let span = without_link(text, span_of(text, "drop(1)"));
            let edited = span.map(|span| format!("{}{}", &text[..span.start], &text[span.end..]));
            assert_eq!(edited.as_deref(), expected);
        }
    }

    #[test]
    fn a_number_is_found_by_its_name_or_place() {
        let cases = [
            ("f(lr: 5)", Some(6)),
            ("f(5.0)", Some(2)),
            ("f( 5 , a: 5)", Some(3)),
            ("f(a: 5, lr:5)", Some(11)),
            ("f(a: 5)", None),
            ("f(lr: five)", None),
            ("f", None),
        ];
        for (text, start) in cases {
            let found = number_argument(text, Span::new(0, text.len()), "lr", 5.0);
            assert_eq!(found.map(|span| span.start), start, "{text}");
        }
    }
}

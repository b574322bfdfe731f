//! Lines of Python.

use std::fmt::Write;

/// No line of what is generated is longer, where it can be broken.
const WIDTH: usize = 100;

/// Lines with an indentation.
#[derive(Default)]
pub struct Lines {
    text: String,
    depth: usize,
}

impl Lines {
    /// A line at the present indentation; an empty one stays empty.
    pub fn line(&mut self, line: impl AsRef<str>) -> &mut Self {
        let line = line.as_ref();
        if !line.is_empty() {
            self.text.extend(std::iter::repeat_n("    ", self.depth));
        }
        self.text.push_str(line);
        self.text.push('\n');
        self
    }

    /// The lines of a text, each at the present indentation.
    pub fn block(&mut self, text: &str) -> &mut Self {
        text.trim_end().lines().for_each(|line| {
            self.line(line);
        });
        self
    }

    /// What is written inside is indented further.
    pub fn indented(&mut self, write: impl FnOnce(&mut Self)) -> &mut Self {
        self.depth += 1;
        write(self);
        self.depth -= 1;
        self
    }

    /// Two empty lines, as between functions.
    pub fn gap(&mut self) -> &mut Self {
        self.line("").line("")
    }

    /// `before` + the items + `after`, on one line if it fits, else with one item on each line.
    pub fn list(&mut self, before: &str, items: &[String], after: &str) -> &mut Self {
        let one = format!("{before}{}{after}", items.join(", "));
        if 4 * self.depth + one.chars().count() <= WIDTH {
            return self.line(one);
        }
        self.line(before);
        self.indented(|lines| {
            items.iter().for_each(|item| {
                lines.line(format!("{item},"));
            });
        });
        self.line(after)
    }

    /// A line of code; a long one is broken in its first call, with one argument on each line.
    pub fn code(&mut self, line: impl AsRef<str>) -> &mut Self {
        let line = line.as_ref();
        match broken(line).filter(|_| 4 * self.depth + line.chars().count() > WIDTH) {
            Some((before, arguments, after)) => self.list(before, &arguments, after),
            None => self.line(line),
        }
    }

    /// All of it.
    pub fn finish(self) -> String {
        self.text
    }
}

/// What is before the arguments of the first call of a line, these, and what is after them.
fn broken(line: &str) -> Option<(&str, Vec<String>, &str)> {
    // A parenthesis after a name; others would become tuples.
    let is_call = |at: usize| line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
    let start = line.match_indices('(').map(|(at, _)| at).find(|at| is_call(*at))? + 1;
    let (mut depth, mut is_text, mut from, mut arguments) = (0usize, false, start, Vec::new());
    for (at, letter) in line.char_indices().skip_while(|(at, _)| *at < start) {
        match letter {
            '"' => is_text = !is_text,
            _ if is_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                arguments.push(line[from..at].trim().to_owned());
                return Some((&line[..start], arguments, &line[at..]));
            }
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                arguments.push(line[from..at].trim().to_owned());
                from = at + 1;
            }
            _ => {}
        }
    }
    None
}

/// A number as Python writes it.
pub fn number(number: f64) -> String {
    if number.is_finite() { format!("{number:?}") } else { format!("float(\"{number}\")") }
}

/// Numbers as the items of a list.
pub fn numbers(all: &[f64]) -> Vec<String> {
    all.iter().map(|one| number(*one)).collect()
}

/// A tuple of sizes; of one, too: `(64,)`.
pub fn tuple(sizes: &[usize]) -> String {
    let items: Vec<String> = sizes.iter().map(usize::to_string).collect();
    match &items[..] {
        [one] => format!("({one},)"),
        _ => format!("({})", items.join(", ")),
    }
}

/// Height and width: one number where they are equal. Of a sequence, the width.
pub fn pair([height, width]: [usize; 2], is_sequence: bool) -> String {
    if is_sequence || height == width { width.to_string() } else { format!("({height}, {width})") }
}

/// A string of Python.
pub fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            control if control.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// Text that is safe between three quotes.
pub fn docstring(text: &str) -> String {
    text.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"").trim_end_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_has_one_item_on_each_line() {
        let mut lines = Lines::default();
        let items = ["a".repeat(60), "b".repeat(60)];
        lines.list("f(", &["a".to_owned(), "b".to_owned()], ")").list("f(", &items, ")");
        assert_eq!(lines.finish(), format!("f(a, b)\nf(\n    {},\n    {},\n)\n", items[0], items[1]));
    }

    #[test]
    fn a_long_call_has_one_argument_on_each_line() {
        let mut lines = Lines::default();
        let long = "a".repeat(90);
        lines.code(format!("x = f({long}, g(1, 2), \"(,\")(y)")).code("x = f(1, 2)(y)");
        lines.code(format!("return (w * f({long}, 2)).sum()"));
        let sum = format!("return (w * f(\n    {long},\n    2,\n)).sum()\n");
        assert_eq!(
            lines.finish(),
            format!("x = f(\n    {long},\n    g(1, 2),\n    \"(,\",\n)(y)\nx = f(1, 2)(y)\n{sum}")
        );
    }

    #[test]
    fn texts_are_quoted() {
        assert_eq!(text("a\"b\\c\n"), r#""a\"b\\c\u000a""#);
        assert_eq!(docstring("say \"\"\"x\"\"\" \\d"), r#"say \"\"\"x\"\"\" \\d"#);
        assert_eq!([number(1e-5), number(1.0), number(f64::NEG_INFINITY)], ["1e-5", "1.0", "float(\"-inf\")"]);
        assert_eq!([tuple(&[3]), tuple(&[3, 4])], ["(3,)", "(3, 4)"]);
    }
}

//! Counts and names in sentences.

pub use nn_compiler::diagnostic::counted;

/// The first names, and how many more there are.
pub fn few<S: AsRef<str>>(names: &[S]) -> String {
    const MOST: usize = 20;
    let shown: Vec<&str> = names.iter().take(MOST).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(MOST) {
        0 => shown.join(", "),
        more => format!("{}, and {more} more", shown.join(", ")),
    }
}

/// The same, with each name in backticks.
pub fn few_quoted<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    few(&quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_are_cut_short() {
        let names: Vec<String> = (1..=22).map(|number| number.to_string()).collect();
        assert_eq!(few(&names[..2]), "1, 2");
        assert!(few(&names[..20]).ends_with("19, 20"));
        assert!(few_quoted(&names).ends_with("`19`, `20`, and 2 more"));
    }
}

//! What a program computed, to be compared with another's numbers.

use std::fmt;

/// Numbers in groups, each with its own tolerance.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// Outputs with the first weights, in inference mode: 1e-4 of the largest.
    pub outputs: Vec<f32>,
    /// Losses before the first step, after it, and after ten: each to 1e-3.
    pub losses: Vec<f32>,
    /// Losses that depend on random numbers (dropout, or the order of rows): each to a quarter.
    pub about: Vec<f32>,
}

impl Numbers {
    /// Reads what [`Display`](fmt::Display) writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = Self::default();
        let mut words = text.split_ascii_whitespace();
        if words.next() != Some("numbers") {
            return None;
        }
        let mut group = None;
        for word in words {
            match word {
                "outputs" => group = Some(&mut numbers.outputs),
                "losses" => group = Some(&mut numbers.losses),
                "about" => group = Some(&mut numbers.about),
                number => group.as_mut()?.push(number.parse().ok()?),
            }
        }
        Some(numbers)
    }

    /// Describes where these numbers and those of another program differ, if they do.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let largest = self.outputs.iter().fold(0.0_f32, |largest, output| largest.max(output.abs()));
        differ("outputs", &self.outputs, &other.outputs, |_| 1e-4 * largest)
            .or_else(|| differ("losses", &self.losses, &other.losses, |loss| 1e-3 * loss.abs()))
            .or_else(|| differ("losses that depend on chance", &self.about, &other.about, |loss| 0.25 * loss.abs()))
    }
}

/// The first number that differs from its counterpart by more than is allowed.
fn differ(what: &str, ours: &[f32], theirs: &[f32], tolerance: impl Fn(f32) -> f32) -> Option<String> {
    if ours.len() != theirs.len() {
        return Some(format!("{} {what} instead of {}", theirs.len(), ours.len()));
    }
    let pairs = ours.iter().zip(theirs).enumerate();
    let within = |ours: f32, theirs: f32| (ours - theirs).abs() <= tolerance(ours);
    pairs
        .into_iter()
        .find(|(_, (ours, theirs))| !within(**ours, **theirs))
        .map(|(place, (ours, theirs))| format!("{what}: number {place} is {theirs} instead of {ours}"))
}

impl fmt::Display for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers")?;
        for (name, group) in [("outputs", &self.outputs), ("losses", &self.losses), ("about", &self.about)] {
            if !group.is_empty() {
                write!(f, " {name}")?;
                group.iter().try_for_each(|number| write!(f, " {number}"))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Numbers {
        Numbers { outputs: vec![0.0, 1.0], losses: vec![2.0], about: vec![1.0] }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Numbers::parse(&numbers().to_string()), Some(numbers()));
        assert_eq!(Numbers::parse("numbers 1"), None);
        assert_eq!(Numbers::parse("numbers outputs one"), None);
        assert_eq!(Numbers::parse("outputs 1"), None);
    }

    #[test]
    fn each_group_has_its_tolerance() {
        assert_eq!(numbers().difference(&numbers()), None);
        assert_eq!(numbers().difference(&Numbers { outputs: vec![9e-5, 1.0], ..numbers() }), None);
        assert!(numbers().difference(&Numbers { outputs: vec![2e-4, 1.0], ..numbers() }).is_some());
        assert!(numbers().difference(&Numbers { outputs: vec![f32::NAN, 1.0], ..numbers() }).is_some());
        assert!(numbers().difference(&Numbers { outputs: vec![0.0], ..numbers() }).is_some());
        assert_eq!(numbers().difference(&Numbers { losses: vec![2.0019], ..numbers() }), None);
        assert!(numbers().difference(&Numbers { losses: vec![2.0021], ..numbers() }).is_some());
        assert_eq!(numbers().difference(&Numbers { about: vec![0.8], ..numbers() }), None);
        assert!(numbers().difference(&Numbers { about: vec![0.7], ..numbers() }).is_some());
    }
}

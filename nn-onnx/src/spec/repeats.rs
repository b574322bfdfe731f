//! Layers that repeat in a chain become a block: `unit * 3`.

use super::{Spec, StepId, StepKind};

/// From this many layers on, a block is shorter to read than the layers.
const LEAST: usize = 6;

/// The most layers of a block.
const LONGEST: usize = 32;

/// A part of a chain that repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Where it starts in the chain.
    pub start: usize,
    /// How many times it is there.
    pub count: usize,
    /// Its layers.
    pub body: Vec<String>,
}

impl Repeat {
    /// Where the chain goes on.
    pub fn end(&self) -> usize {
        self.start + self.count * self.body.len()
    }
}

/// The parts of a chain that repeat, from its start to its end.
pub fn find(spec: &Spec, steps: &[StepId]) -> Vec<Repeat> {
    let calls: Vec<Option<String>> = steps
        .iter()
        .map(|id| match &spec.step(*id).kind {
            StepKind::Layer(call, _) => Some(call.to_string()),
            StepKind::Input | StepKind::Join(..) => None,
        })
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < calls.len() {
        match longest(&calls, at) {
            Some(repeat) => {
                at = repeat.end();
                found.push(repeat);
            }
            None => at += 1,
        }
    }
    found
}

/// The repetition from a place on that covers most; of several, that of the shortest part.
fn longest(calls: &[Option<String>], start: usize) -> Option<Repeat> {
    let rest = &calls[start..];
    let mut best: Option<Repeat> = None;
    for period in 2..=(rest.len() / 2).min(LONGEST) {
        if rest[..period] != rest[period..2 * period] {
            continue;
        }
        let Some(body) = rest[..period].iter().cloned().collect::<Option<Vec<String>>>() else { break };
        let count = rest.chunks_exact(period).take_while(|chunk| chunk[..] == rest[..period]).count();
        let covered = count * period;
        if covered >= LEAST && best.as_ref().is_none_or(|best| covered > best.count * best.body.len()) {
            best = Some(Repeat { start, count, body });
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &str) -> Vec<Option<String>> {
        text.split(' ').map(|call| Some(call.to_owned())).collect()
    }

    #[test]
    fn the_longest_repetition_of_the_shortest_part() {
        let chain = calls("a b c a b c a b c a b c d");
        let body = ["a", "b", "c"].map(str::to_owned).to_vec();
        assert_eq!(longest(&chain, 0), Some(Repeat { start: 0, count: 4, body }));
        assert_eq!(longest(&calls("a b a b"), 0), None, "too short to be worth a block");
        assert_eq!(longest(&calls("x a b a b a b"), 0), None);
        assert_eq!(longest(&calls("x a b a b a b"), 1).map(|repeat| repeat.end()), Some(7));
    }
}

//! The text of a spec, formatted, and its tensors in the order in which the text has them.

use std::fmt::Write as _;

use nn_compiler::format::format;

use super::call::shape;
use super::names::{Names, fallback, hint, word};
use super::repeats::{self, Repeat};
use super::{Spec, Step, StepId, StepKind, Weights};

/// A spec as text.
pub struct Written {
    /// The text.
    pub text: String,
    /// Its tensors, in the order of the text.
    pub tensors: Vec<Weights>,
    /// The names of the inputs.
    pub inputs: Vec<String>,
    /// The names of the outputs.
    pub outputs: Vec<String>,
}

/// A statement: the steps of a chain, of which the last is named.
struct Statement {
    source: Option<StepId>,
    steps: Vec<StepId>,
    /// The parts of the chain that are a block.
    repeats: Vec<Repeat>,
}

/// What things are called.
struct Named {
    /// Each step that ends a statement.
    steps: Vec<String>,
    /// Each block of layers that repeat.
    blocks: Vec<(Vec<String>, String)>,
}

/// Writes a spec.
///
/// # Errors
///
/// The text and why it is not a spec: it is too long, or this crate has a mistake.
pub fn write(spec: &Spec) -> Result<Written, (String, String)> {
    let statements = statements(spec);
    let (names, mut written) = name(spec, &statements);
    let mut text = String::new();
    for line in &spec.docs {
        let _ = writeln!(text, "/// {line}");
    }
    let _ = writeln!(text, "network {} {{", spec.name);
    for (body, name) in &names.blocks {
        let _ = writeln!(text, "block {name} = {};", body.join(" -> "));
    }
    if !names.blocks.is_empty() {
        text.push('\n');
    }
    let mut was_input = false;
    for statement in &statements {
        let Some(last) = statement.steps.last() else { continue };
        let is_input = matches!(spec.step(*last).kind, StepKind::Input);
        if was_input && !is_input {
            text.push('\n');
        }
        was_input = is_input;
        write_statement(&mut text, spec, statement, &names);
        written.tensors.extend(statement.steps.iter().flat_map(|id| spec.step(*id).tensors.clone()));
    }
    text.push_str("}\n");
    match format(&text) {
        Ok(text) => Ok(Written { text, ..written }),
        Err(errors) => {
            let reasons: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
            Err((text, reasons.join("; ")))
        }
    }
}

/// How often each step is read, and whether it is an output.
fn uses(spec: &Spec) -> Vec<usize> {
    let mut uses = vec![0; spec.steps.len()];
    spec.steps.iter().flat_map(Step::inputs).for_each(|id| uses[id.0] += 1);
    uses
}

/// The chains: a step ends one if it is an input or an output, if a join reads it, or if not exactly one step does.
fn statements(spec: &Spec) -> Vec<Statement> {
    let uses = uses(spec);
    let mut ends: Vec<bool> = uses.iter().map(|count| *count != 1).collect();
    spec.outputs.iter().for_each(|(id, _)| ends[id.0] = true);
    for (at, step) in spec.steps.iter().enumerate() {
        match &step.kind {
            StepKind::Input => ends[at] = true,
            StepKind::Layer(..) => {}
            StepKind::Join(_, inputs) => inputs.iter().for_each(|id| ends[id.0] = true),
        }
    }
    let ended = (0..spec.steps.len()).filter(|at| ends[*at]);
    ended.map(|at| statement(spec, StepId(at), &ends)).collect()
}

fn statement(spec: &Spec, last: StepId, ends: &[bool]) -> Statement {
    let mut steps = vec![last];
    let mut at = last;
    while let StepKind::Layer(_, input) = spec.step(at).kind {
        if ends[input.0] {
            steps.reverse();
            return with_repeats(spec, Some(input), steps);
        }
        steps.push(input);
        at = input;
    }
    steps.reverse();
    with_repeats(spec, None, steps)
}

fn with_repeats(spec: &Spec, source: Option<StepId>, steps: Vec<StepId>) -> Statement {
    let repeats = repeats::find(spec, &steps);
    Statement { source, steps, repeats }
}

/// Names every statement. Inputs and outputs come first, so that they get theirs.
fn name(spec: &Spec, statements: &[Statement]) -> (Named, Written) {
    let mut names = Names::new();
    let mut blocks: Vec<(Vec<String>, String)> = Vec::new();
    for repeat in statements.iter().flat_map(|statement| &statement.repeats) {
        if !blocks.iter().any(|(body, _)| *body == repeat.body) {
            blocks.push((repeat.body.clone(), names.choose(None, "unit")));
        }
    }
    let mut of = vec![String::new(); spec.steps.len()];
    let uses = uses(spec);
    let mut written = Written { text: String::new(), tensors: Vec::new(), inputs: Vec::new(), outputs: Vec::new() };
    for (at, step) in spec.steps.iter().enumerate() {
        if matches!(step.kind, StepKind::Input) {
            of[at] = names.choose(step.hint.as_deref(), "x");
            written.inputs.push(of[at].clone());
        }
    }
    for (id, file) in &spec.outputs {
        if of[id.0].is_empty() {
            of[id.0] = names.choose(word(file).as_deref(), "y");
        }
        written.outputs.push(of[id.0].clone());
    }
    for statement in statements {
        if let Some(last) = statement.steps.last().filter(|id| of[id.0].is_empty()) {
            let fallback = fallback(spec, *last, uses[last.0]);
            of[last.0] = names.choose(hint(spec, &statement.steps).as_deref(), fallback);
        }
    }
    (Named { steps: of, blocks }, written)
}

fn write_statement(text: &mut String, spec: &Spec, statement: &Statement, names: &Named) {
    let comments = statement.steps.iter().filter_map(|id| spec.step(*id).comment.as_ref());
    let mut said: Vec<&String> = Vec::new();
    for comment in comments {
        if !said.contains(&comment) {
            let _ = writeln!(text, "// {comment}");
            said.push(comment);
        }
    }
    let Some(last) = statement.steps.last() else { return };
    let name = &names.steps[last.0];
    if let StepKind::Input = spec.step(*last).kind {
        let _ = writeln!(text, "input {name}: {};", shape(spec.dims(*last)));
        return;
    }
    let output = if spec.outputs.iter().any(|(id, _)| id == last) { "output " } else { "" };
    let mut chain: Vec<String> = statement.source.map(|id| names.steps[id.0].clone()).into_iter().collect();
    let mut at = 0;
    while let Some(id) = statement.steps.get(at) {
        if let Some(repeat) = statement.repeats.iter().find(|repeat| repeat.start == at) {
            let block = names.blocks.iter().find(|(body, _)| *body == repeat.body);
            chain.extend(block.map(|(_, name)| format!("{name} * {}", repeat.count)));
            at = repeat.end();
        } else {
            chain.push(link(spec, *id, names));
            at += 1;
        }
    }
    let _ = writeln!(text, "{output}{name} = {};", chain.join(" -> "));
}

/// A step as a link of a chain.
fn link(spec: &Spec, id: StepId, names: &Named) -> String {
    match &spec.step(id).kind {
        StepKind::Input => names.steps[id.0].clone(),
        StepKind::Layer(call, _) => call.to_string(),
        StepKind::Join(word, inputs) => {
            let inputs: Vec<&str> = inputs.iter().map(|id| names.steps[id.0].as_str()).collect();
            format!("{word}({})", inputs.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Call;
    use super::*;

    #[test]
    fn layers_that_repeat_are_a_block() {
        let mut spec = Spec { name: "N".to_owned(), ..Spec::default() };
        let mut step = spec.add(StepKind::Input, vec![4]);
        for _ in 0..3 {
            step = spec.apply(Call::new("dense").with(4), step);
            step = spec.apply(Call::new("tanh"), step);
        }
        spec.outputs.push((step, "33".to_owned()));
        let text = "\
network N {
    block unit = dense(4) -> tanh;

    input x: [4];

    output y = x -> unit * 3;
}
";
        assert_eq!(write(&spec).unwrap_or_else(|error| panic!("{error:?}")).text, text);
    }
}

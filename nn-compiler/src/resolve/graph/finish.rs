//! The checks of a graph at its end.

use super::Graph;
use super::auto_init::resolve_auto;
use crate::agreement::TUPLE_VALUES;
use crate::ast::{Ast, StatementKind};
use crate::diagnostic::{Diagnostic, code};
use crate::model::Model;
use crate::resolve::context::Context;

impl Graph<'_> {
    /// Reports values and blocks that nothing uses; without an output, no value can be used.
    fn unused(&self, has_output: bool, context: &mut Context) {
        for (name, binding) in
            self.bindings.iter().filter(|(_, binding)| has_output && !binding.used && !binding.is_output)
        {
            let message = format!("`{name}` is never used");
            let diagnostic = Diagnostic::error(code::UNUSED_VALUE, binding.span, message);
            context.push(diagnostic.note("remove it, or write `output` before it to return it"));
        }
        for (name, block) in self.blocks.iter().filter(|(_, block)| !block.used) {
            context.push(Diagnostic::error(
                code::UNUSED_BLOCK,
                block.name.span,
                format!("block `{name}` is never used"),
            ));
        }
    }

    /// Reports the first surplus input and the first surplus output.
    fn too_wide(&self, ast: &Ast, context: &mut Context) {
        let is_input: fn(&StatementKind) -> bool = |kind| matches!(kind, StatementKind::Input { .. });
        let is_output: fn(&StatementKind) -> bool = |kind| matches!(kind, StatementKind::Output { .. });
        for (what, is_of_kind) in [("inputs", is_input), ("outputs", is_output)] {
            let mut all = ast.statements.iter().filter(|statement| is_of_kind(&statement.kind));
            if let Some(surplus) = all.nth(TUPLE_VALUES) {
                let message = format!("a network can have at most {TUPLE_VALUES} {what}");
                context.push(
                    Diagnostic::error(code::TOO_MANY_ROWS, surplus.span, message)
                        .note("combine numbers into one value: `[9]` instead of nine times `[1]`"),
                );
            }
        }
    }

    /// What a network without an output could return: the last value, unless the statement after it was lost.
    fn no_output(&self, ast: &Ast) -> Diagnostic {
        let message = format!("{} has no output", named(ast));
        let diagnostic = Diagnostic::error(code::NO_OUTPUT, ast.name.span, message);
        let mut values = ast.statements.iter().rev().filter_map(|statement| match &statement.kind {
            StatementKind::Value { .. } => Some(statement.span),
            StatementKind::Input { .. }
            | StatementKind::Output { .. }
            | StatementKind::Const { .. }
            | StatementKind::Block { .. }
            | StatementKind::Train { .. }
            | StatementKind::Data { .. }
            | StatementKind::Assert { .. }
            | StatementKind::Expect { .. }
            | StatementKind::Freeze { .. }
            | StatementKind::Allow { .. }
            | StatementKind::Broken { .. } => None,
        });
        match values.next() {
            Some(last) => diagnostic.suggest("to return the last value, write", last.before(), "output "),
            None => diagnostic.note("add one, such as `output y = x -> dense(1);`"),
        }
    }

    /// Checks what is known only at the end, and returns the model without its settings.
    pub fn finish(&mut self, ast: &Ast, context: &mut Context) -> Model {
        if !self.is_lost {
            self.unused(self.has_output, context);
        }
        if !self.has_input {
            let message = format!("{} has no input", named(ast));
            context.push(
                Diagnostic::error(code::NO_INPUT, ast.name.span, message).note("add one, such as `input x: [2];`"),
            );
        }
        if !self.has_output {
            context.push(self.no_output(ast));
        }
        self.too_wide(ast, context);
        self.sound &= self.has_input && self.has_output;
        resolve_auto(&mut self.values);
        Model {
            name: ast.name.text.clone(),
            docs: ast.docs.clone(),
            values: std::mem::take(&mut self.values),
            inputs: std::mem::take(&mut self.inputs),
            outputs: std::mem::take(&mut self.outputs),
            output_names: std::mem::take(&mut self.output_names),
            train: None,
            data: None,
            budgets: Vec::new(),
            expectations: Vec::new(),
            freezes: Vec::new(),
            allowed: Vec::new(),
        }
    }
}

/// The network with its name, or without if its head has a syntax error.
fn named(ast: &Ast) -> String {
    match ast.name.text.as_str() {
        "" => "the network".to_owned(),
        name => format!("network `{name}`"),
    }
}

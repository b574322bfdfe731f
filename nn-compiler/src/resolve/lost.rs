//! What statements with syntax errors may bind: what depends on that is unknown, and skipped silently.

use std::collections::BTreeSet;

use crate::ast::{Ast, BlockBody, Form, Lost, StatementKind};

/// What a name is looked up as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binds {
    /// An input, an output or another value.
    Value,
    /// A constant.
    Constant,
    /// A block, that is, a layer.
    Block,
}

/// What the statements with syntax errors may bind, all together.
#[derive(Clone, Debug, Default)]
pub struct LostNames {
    names: BTreeSet<String>,
    /// The forms of the statements whose names are unknown.
    nameless: Vec<Form>,
    forms: Vec<Form>,
}

impl LostNames {
    /// Collects what the statements of a network lost.
    pub fn of(ast: &Ast) -> Self {
        let mut all = Self::default();
        for statement in &ast.statements {
            match &statement.kind {
                StatementKind::Broken { form, lost } => all.add(*form, lost),
                StatementKind::Block { body: BlockBody::Graph { lost, .. }, .. } => {
                    lost.iter().for_each(|lost| all.add(Form::Value, lost));
                }
                StatementKind::Input { .. }
                | StatementKind::Value { .. }
                | StatementKind::Output { .. }
                | StatementKind::Const { .. }
                | StatementKind::Block { body: BlockBody::Chain(_), .. }
                | StatementKind::Train { .. }
                | StatementKind::Data { .. }
                | StatementKind::Assert { .. }
                | StatementKind::Expect { .. }
                | StatementKind::Freeze { .. }
                | StatementKind::Allow { .. } => {}
            }
        }
        all
    }

    fn add(&mut self, form: Form, lost: &Lost) {
        self.forms.push(form);
        self.names.extend(lost.names.iter().cloned());
        if lost.is_nameless {
            self.nameless.push(form);
        }
    }

    /// The names that they may bind. A name as near to one of these as to a known name may mean either.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.names.iter().map(String::as_str)
    }

    /// Whether one of them may bind this name.
    pub fn may_bind(&self, name: &str, what: Binds) -> bool {
        let fits = |form: &Form| match form {
            Form::Input | Form::Output | Form::Value => what == Binds::Value,
            Form::Const => what == Binds::Constant,
            Form::Block => what == Binds::Block,
            Form::Unknown => true,
            Form::Train | Form::Data | Form::Freeze | Form::Check => false,
        };
        self.names.contains(name) || self.nameless.iter().any(fits)
    }

    /// Whether one of them may be a statement of this form.
    pub fn may_be(&self, form: Form) -> bool {
        self.forms.iter().any(|lost| matches!(lost, Form::Unknown) || *lost == form)
    }

    /// Whether one of them may be a part of the graph, so that it may use every value.
    pub fn touches_graph(&self) -> bool {
        self.forms.iter().any(|form| match form {
            Form::Input | Form::Output | Form::Value | Form::Block | Form::Const | Form::Unknown => true,
            Form::Train | Form::Data | Form::Freeze | Form::Check => false,
        })
    }
}

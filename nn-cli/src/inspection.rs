//! Checks the data of a spec for `nn check`, as `nn train` does before it compiles anything.

use std::io;
use std::path::Path;

use nn_compiler::diagnostic::Diagnostic;
use nn_data::{CellErrors, Origin};

use crate::coverage;
use crate::error::{Error, in_full};
use crate::examples::Examples;
use crate::facts;
use crate::spec::Spec;

/// The results of a check of the data.
#[derive(Default)]
pub struct Inspection {
    /// The warnings of lints that look at the data.
    pub warnings: Vec<Diagnostic>,
    /// Notes, a sentence each.
    pub notes: Vec<String>,
    /// Why `nn train` would refuse the data.
    pub error: Option<Error>,
}

/// Checks the data of a spec that is trained. Missing files are an error, unless the spec says
/// where to get them (`origin`), or `may_be_elsewhere`.
pub fn inspect(spec: &Spec, may_be_elsewhere: bool) -> Inspection {
    let (Ok(train), Ok(data)) = (spec.train(), spec.data()) else { return Inspection::default() };
    let examples = match Examples::load(spec, None, None) {
        Ok(examples) => examples,
        Err(error) => {
            let cannot_check = is_missing(&error) && (may_be_elsewhere || data.origin.is_some());
            return match cannot_check || matches!(error, Error::Examples(nn_data::Error::WithoutImages { .. })) {
                true => Inspection {
                    notes: vec![format!("the data was not checked: {}", in_full(&error))],
                    ..Inspection::default()
                },
                false => Inspection { error: Some(error), ..Inspection::default() },
            };
        }
    };
    let warnings = facts::warnings_of(spec, &examples.table);
    let mut notes: Vec<String> = examples.notes().cloned().collect();
    match examples.split(train.seed) {
        Ok(parts) => {
            notes.extend(coverage::notes(spec, &parts));
            Inspection { warnings, notes, error: None }
        }
        Err(error) => Inspection { warnings, notes, error: Some(error) },
    }
}

impl Inspection {
    /// The wrong cells and rows, and where they are, if there are any.
    pub fn cell_errors(&self) -> Option<(&Origin, &CellErrors)> {
        match &self.error {
            Some(Error::Examples(nn_data::Error::Cells { origin, errors })) => Some((origin, errors)),
            Some(_) | None => None,
        }
    }

    /// Each wrong cell on its own line, with its file, and then advice. Of a column of texts only a
    /// few are listed.
    pub fn listing(&self) -> String {
        let Some((origin, errors)) = self.cell_errors() else { return String::new() };
        let mut text = String::new();
        let shown = errors.shown();
        for error in &shown {
            text += &format!("{origin}: {}\n", error.describe(origin.unit()));
        }
        if shown.len() < errors.count() {
            text += &format!("… and {} more\n", errors.count() - shown.len());
        }
        for advice in errors.advice() {
            text += &format!("help: {advice}\n");
        }
        text
    }

    /// The final error of `nn check`, after wrong cells have been listed.
    pub fn verdict(self, spec: &Path) -> Result<(), Error> {
        let listed = self
            .cell_errors()
            .map(|(origin, errors)| Error::Data { place: origin.to_string(), mistakes: errors.count() });
        match listed.or(self.error) {
            Some(error) => Err(Error::Unfit { spec: spec.to_owned(), error: Box::new(error) }),
            None => Ok(()),
        }
    }
}

/// Whether the error is a missing file.
fn is_missing(error: &Error) -> bool {
    match error {
        Error::NoFile { .. } => true,
        Error::Examples(nn_data::Error::Read { source, .. }) => source.kind() == io::ErrorKind::NotFound,
        _ => false,
    }
}

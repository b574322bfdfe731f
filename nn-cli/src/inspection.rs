//! The data of a spec as `nn check` looks at them: as `nn train` would, before anything is compiled.

use std::io;
use std::path::Path;

use nn_compiler::diagnostic::Diagnostic;
use nn_data::{CellErrors, Origin};

use crate::coverage;
use crate::error::Error;
use crate::examples::Examples;
use crate::facts;
use crate::spec::Spec;

/// What was found.
#[derive(Default)]
pub struct Inspection {
    /// What lints say in the light of the data.
    pub warnings: Vec<Diagnostic>,
    /// What is worth knowing, a sentence each.
    pub notes: Vec<String>,
    /// Why `nn train` would not begin.
    pub error: Option<Error>,
}

/// Looks at the data of a spec that is trained. Files that are not there are an error, unless the spec says where they
/// can be had (`origin`), or `may_be_elsewhere`.
pub fn inspect(spec: &Spec, may_be_elsewhere: bool) -> Inspection {
    let (Ok(train), Ok(data)) = (spec.train(), spec.data()) else { return Inspection::default() };
    let examples = match Examples::load(spec, None, None) {
        Ok(examples) => examples,
        Err(error) => {
            let cannot_look = is_missing(&error) && (may_be_elsewhere || data.origin.is_some());
            return match cannot_look || matches!(error, Error::Examples(nn_data::Error::WithoutImages { .. })) {
                true => {
                    Inspection { notes: vec![format!("the data were not looked at: {error}")], ..Inspection::default() }
                }
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
    /// The wrong cells and rows, and what they are in, where the data have such.
    pub fn cell_errors(&self) -> Option<(&Origin, &CellErrors)> {
        match &self.error {
            Some(Error::Examples(nn_data::Error::Cells { origin, errors })) => Some((origin, errors)),
            Some(_) | None => None,
        }
    }

    /// Each wrong cell on a line of its own, with its file, then what helps; of a column of texts a few.
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

    /// What `nn check` ends with: wrong cells have been listed.
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

/// Whether it says that a file is not there.
fn is_missing(error: &Error) -> bool {
    match error {
        Error::NoFile { .. } => true,
        Error::Examples(nn_data::Error::Read { source, .. }) => source.kind() == io::ErrorKind::NotFound,
        _ => false,
    }
}

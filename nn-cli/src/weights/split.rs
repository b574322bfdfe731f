//! Which rows a training held back for validation. This is saved with the weights, so that
//! `nn eval` finds the same rows.

use nn_data::fingerprint_of_rows;

use crate::error::Error;
use crate::examples::{Examples, Parts};
use crate::weights::metadata::Metadata;
use crate::wording::counted;

const SEED: &str = "nn.seed";
const ROWS: &str = "nn.rows";
const DATA: &str = "nn.data";
const SHARE: &str = "nn.validation";
const VALIDATION: &str = "nn.validation_data";
const SPLIT: &str = "nn.split";

/// A record of the training and validation rows of a training.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitRecord {
    /// The seed of the shuffle.
    seed: u64,
    /// The number of rows, without those that were skipped because of missing cells.
    rows: usize,
    /// The fingerprint of the rows.
    data: String,
    held_back: HeldBack,
    /// The fingerprint of the indices of the rows that were held back. Another version of `nn` may
    /// choose other rows.
    chosen: String,
}

/// The rows that weights were trained and validated on.
pub enum TrainedRows<'a> {
    /// These rows.
    Known(Parts<'a>),
    /// The rows are unknown, for this reason.
    Unknown(String),
}

/// Where validation rows come from.
#[derive(Clone, Debug, PartialEq)]
enum HeldBack {
    /// A share of the rows.
    Share(f64),
    /// Their own file, with this fingerprint.
    File(String),
}

impl SplitRecord {
    /// Records the split of a training.
    pub fn new(examples: &Examples, parts: &Parts, seed: u64) -> Self {
        let table = &examples.table;
        Self {
            seed,
            rows: table.rows(),
            data: table.fingerprint(),
            held_back: HeldBack::of(examples),
            chosen: chosen(parts),
        }
    }

    /// As text, by key.
    pub fn to_metadata(&self) -> Metadata {
        let held_back = match &self.held_back {
            HeldBack::Share(share) => (SHARE, share.to_string()),
            HeldBack::File(fingerprint) => (VALIDATION, fingerprint.clone()),
        };
        let pairs = [
            (SEED, self.seed.to_string()),
            (ROWS, self.rows.to_string()),
            (DATA, self.data.clone()),
            held_back,
            (SPLIT, self.chosen.clone()),
        ];
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
    }

    /// Whether all rows were trained on.
    pub fn holds_nothing_back(&self) -> bool {
        self.held_back == HeldBack::Share(0.0)
    }

    /// The rows of the training, if this is its data.
    pub fn parts<'a>(&self, examples: &'a Examples) -> Result<TrainedRows<'a>, Error> {
        let table = &examples.table;
        let mut reasons = Vec::new();
        if table.rows() != self.rows {
            let (verb, found) = (if table.rows() == 1 { "is" } else { "are" }, counted(table.rows(), "row"));
            reasons.push(format!("there {verb} {found}, but the training had {}", self.rows));
        } else if table.fingerprint() != self.data {
            reasons.push("the rows are not those of the training, or are in another order".to_owned());
        }
        reasons.extend(self.held_back.difference(&HeldBack::of(examples)));
        if !reasons.is_empty() {
            return Ok(TrainedRows::Unknown(reasons.join("; ")));
        }
        let parts = examples.split(self.seed)?;
        if chosen(&parts) != self.chosen {
            return Ok(TrainedRows::Unknown(
                "this version of `nn` would hold back other rows than the training did".to_owned(),
            ));
        }
        Ok(TrainedRows::Known(parts))
    }
}

impl HeldBack {
    fn of(examples: &Examples) -> Self {
        match &examples.validation {
            Some(validation) => Self::File(validation.fingerprint()),
            None => Self::Share(examples.share),
        }
    }

    /// How other validation rows differ from these.
    fn difference(&self, now: &Self) -> Option<String> {
        match (self, now) {
            (Self::Share(then), Self::Share(now)) if then == now => None,
            (Self::Share(then), Self::Share(now)) => {
                Some(format!("`validation` is {now}, but was {then} in the training"))
            }
            (Self::File(then), Self::File(now)) if then == now => None,
            (Self::File(_), Self::File(_)) => {
                Some("the file of `validation` has changed since the training".to_owned())
            }
            (Self::Share(then), Self::File(_)) => {
                Some(format!("`validation` is a file, but was {then} of the rows in the training"))
            }
            (Self::File(_), Self::Share(now)) => Some(format!("`validation` is {now}, but was a file in the training")),
        }
    }
}

/// A fingerprint of which rows were held back.
fn chosen(parts: &Parts) -> String {
    fingerprint_of_rows(parts.validation.order().unwrap_or_default())
}

/// The record in a file, if there is one. What cannot be read is added to `differences`.
pub fn read(metadata: &Metadata, differences: &mut Vec<String>) -> Option<SplitRecord> {
    fn number<T: std::str::FromStr>(metadata: &Metadata, key: &str, differences: &mut Vec<String>) -> Option<T> {
        let text = metadata.get(key)?;
        let number = text.parse().ok();
        if number.is_none() {
            differences.push(format!("{key}: `{text}` in the file, which is not a valid number"));
        }
        number
    }
    let seed = number(metadata, SEED, differences);
    let rows = number(metadata, ROWS, differences);
    let share = number(metadata, SHARE, differences).map(HeldBack::Share);
    let file = metadata.get(VALIDATION).cloned().map(HeldBack::File);
    Some(SplitRecord {
        seed: seed?,
        rows: rows?,
        data: metadata.get(DATA)?.clone(),
        held_back: share.or(file)?,
        chosen: metadata.get(SPLIT)?.clone(),
    })
}

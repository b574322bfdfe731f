//! The metadata of a weights file.

use std::collections::BTreeMap;

/// Texts by key.
pub type Metadata = BTreeMap<String, String>;

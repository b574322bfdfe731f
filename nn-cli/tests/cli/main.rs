//! The `nn` program, run as users run it.

mod cells;
mod checking;
mod common;
mod exporting;
mod formatting;
mod heads;
mod importing;
mod importing_models;
#[cfg(target_os = "linux")]
mod installed;
#[cfg(unix)]
mod interruption;
mod lints;
mod non_finite;
mod offsets;
#[cfg(unix)]
mod outputs;
mod reading;
#[cfg(unix)]
mod runs;
mod sources;
mod training;
mod unfit_data;
mod units;
mod weighted_rows;

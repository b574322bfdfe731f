//! `normalize` makes the unit of a column irrelevant.

use std::fs;
use std::path::Path;

use safetensors::SafeTensors;

use crate::common::{Folder, assert_contains};

const SPEC: &str = "network Q {
    input x: [2];
    output y = x -> normalize -> dense(8) -> relu -> dense(2) -> softmax;
    train { loss: cross_entropy; optimizer: adam(lr: 0.02); metrics: [accuracy]; batch: 16; epochs: 200; seed: 1; }
    data { csv: \"d.csv\"; target: y; validation: 0.25; }
}
";

/// The values of a tensor in a weights file.
fn tensor(path: &Path, name: &str) -> Vec<f32> {
    let bytes = fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let numbers = file.tensor(name).unwrap().data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
    numbers.collect()
}

#[test]
fn a_column_in_any_unit_is_learned() {
    let folder = Folder::new("units").with("q.nn", SPEC);
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/units");
    // The first column in units of 1, of 10⁻²⁷ and of 10³⁰.
    for unit in ["one", "kg", "sun"] {
        let data = data.join(unit);
        let weights = format!("{unit}.safetensors");
        let trained = folder.nn(&["train", "q.nn", "--quiet", "--data", data.to_str().unwrap(), "--out", &weights]);
        assert_eq!(trained.code, Some(0), "{}", trained.stderr);
        assert_contains(&trained.stdout, &["accuracy 1.0000"]);
    }
    for name in ["y.1.weight", "y.1.bias", "y.2.weight", "y.2.bias"] {
        let [one, kg, sun] =
            ["one", "kg", "sun"].map(|unit| tensor(&folder.path(&format!("{unit}.safetensors")), name));
        for ((one, kg), sun) in one.iter().zip(&kg).zip(&sun) {
            assert!((one - kg).abs() < 1e-2 && (one - sun).abs() < 1e-2, "{name}: {one}, {kg}, {sun}");
        }
    }
    let deviation = |unit: &str| tensor(&folder.path(&format!("{unit}.safetensors")), "y.0.deviation")[0];
    assert!((1e29..1e31).contains(&deviation("sun")) && (1e-28..1e-26).contains(&deviation("kg")));
}

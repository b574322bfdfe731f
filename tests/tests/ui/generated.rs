//! Generated code that is kept in the project, for tests of the runtime that are built without `network!`.

use std::fs;

use nn_compiler::{codegen, compile};
use nn_tests::project;

/// Each `NAME.nn` beside a `NAME.rs` of what `nn expand` prints. `NN_BLESS=1` writes it.
#[test]
fn generated_networks_are_what_is_generated_now() {
    let folder = fs::read_dir(project("nn-runtime/tests/networks")).expect("the folder can be listed");
    let mut specs: Vec<_> = folder.map(|entry| entry.expect("it can be listed").path()).collect();
    specs.retain(|path| path.extension().is_some_and(|extension| extension == "nn"));
    assert!(!specs.is_empty());
    for path in specs {
        let text = fs::read_to_string(&path).expect("the spec can be read");
        let outcome = compile(&text);
        let compiled = outcome.compiled.unwrap_or_else(|| panic!("{}: {:?}", path.display(), outcome.diagnostics));
        let (code, kept) = (codegen::rust(&compiled), path.with_extension("rs"));
        if std::env::var_os("NN_BLESS").is_some() {
            fs::write(&kept, &code).expect("the code can be written");
        }
        let found = fs::read_to_string(&kept).expect("the code can be read");
        assert!(found == code, "{} is not what is generated; NN_BLESS=1 writes it", kept.display());
    }
}

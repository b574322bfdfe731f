//! Code of tests: networks of golden tests, and networks of random names.
//!
//! A spec beside a reference file, `golden/NAME.nn` beside `golden/NAME.f32.json`, becomes a
//! network with tests of it.

#[path = "build/names.rs"]
mod names;

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=golden");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build");
    let names = fs::read_dir("golden")?.map(|entry| Ok(PathBuf::from(entry?.file_name())));
    let mut specs = names.collect::<io::Result<Vec<PathBuf>>>()?;
    specs.retain(|name| name.extension().is_some_and(|extension| extension == "nn"));
    specs.sort();
    let mut code = String::new();
    for name in specs.iter().filter_map(|name| name.file_stem()?.to_str()) {
        let test = format!("#[test] fn golden() {{ nn_tests::golden::check_spec::<Net>({name:?}); }}");
        let network = format!("nn_runtime::prelude::network!(\"golden/{name}.nn\");");
        let _ = writeln!(code, "mod {name} {{ {network} {test} }}");
    }
    let folder = env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    fs::write(folder.join("golden.rs"), code)?;
    fs::write(folder.join("names.rs"), names::modules())
}

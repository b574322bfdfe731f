//! What it costs to check and to expand a network: `cargo bench -p nn-compiler`.
//!
//! `check` is what an editor waits for, `expand` what `network!` adds to a build, `print` what `nn expand`
//! adds to that.

use divan::Bencher;
use nn_compiler::codegen::{self, Options};
use nn_compiler::{Compiled, compile};
use quote::quote;

const DIGITS: &str = include_str!("../../specs/digits.nn");

fn main() {
    divan::main();
}

fn compiled() -> Compiled {
    compile(DIGITS).compiled.expect("the digits compile")
}

#[divan::bench]
fn check() -> bool {
    compile(divan::black_box(DIGITS)).has_errors()
}

#[divan::bench]
fn expand() -> String {
    let emit = Options { runtime: quote!(::nn_runtime), ..Options::default() };
    codegen::emit(&compiled(), &emit).to_string()
}

#[divan::bench]
fn print(bencher: Bencher) {
    let compiled = compiled();
    bencher.bench(|| codegen::rust(&compiled));
}

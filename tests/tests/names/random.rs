//! A thousand networks of random names in scopes of random names compile. `tests/build/names.rs`
//! writes them. Nothing uses them, so rustc checks them, and compiles no code for them.

// The names follow no style, and this is the point of them.
#![allow(
    dead_code,
    deprecated,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    unused_macros,
    clippy::all
)]

include!(concat!(env!("OUT_DIR"), "/names.rs"));

#[test]
fn a_thousand_networks_compile() {
    let text = include_str!(concat!(env!("OUT_DIR"), "/names.rs"));
    assert_eq!(COUNT, 1000);
    assert_eq!(text.matches("::nn_runtime::network!").count(), COUNT);
}

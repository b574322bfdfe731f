//! Generated Rust as people read it: formatted, each step with its formula.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Emit, definition, implementation};
use crate::pipeline::Compiled;

/// A module that defines the network: `use` of `nn_runtime`, the struct, the impls.
pub fn rust(compiled: &Compiled) -> String {
    let emit = Emit { attributes: quote! {}, visibility: quote! { pub }, runtime: quote! { nn_runtime } };
    let definition = formatted(definition(compiled, &emit));
    let indented: String = definition.lines().map(|line| format!("    {line}\n")).collect();
    let implementation = commented(&formatted(implementation(compiled, &emit.runtime, true)));
    format!("nn_runtime::plain! {{\n{indented}}}\n\n{implementation}")
}

fn formatted(tokens: TokenStream) -> String {
    match syn::parse2::<syn::File>(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        // Not reached by what the generator emits; unformatted code is better than none.
        Err(_) => tokens.to_string(),
    }
}

/// `__comment!("…");` becomes `// …`.
fn commented(code: &str) -> String {
    let mut text = String::with_capacity(code.len());
    for line in code.lines() {
        let trimmed = line.trim_start();
        match trimmed.strip_prefix("__comment!(\"").and_then(|rest| rest.strip_suffix("\");")) {
            Some(comment) => {
                text.push_str(&line[..line.len() - trimmed.len()]);
                text.push_str("// ");
                text.push_str(comment);
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

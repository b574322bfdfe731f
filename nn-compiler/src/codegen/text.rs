//! Generated Rust for people: formatted, each step with its formula.

use proc_macro2::TokenStream;
use quote::quote;

use super::definition::{Options, definition, implementation};
use super::trained::Trained;
use crate::compiled::Compiled;

/// A module that defines the network: the struct, the impls.
pub fn rust(compiled: &Compiled) -> String {
    module(compiled, None)
}

/// The module with `TRAINED`.
pub fn rust_with(compiled: &Compiled, trained: Trained) -> String {
    module(compiled, Some(trained))
}

fn module(compiled: &Compiled, trained: Option<Trained>) -> String {
    let (visibility, runtime) = (quote! { pub }, quote! { ::nn_runtime });
    let options = Options { visibility, runtime, trained, ..Options::default() };
    let definition = formatted(definition(compiled, &options));
    let indented: String = definition.lines().map(|line| format!("    {line}\n")).collect();
    let implementation = commented(&formatted(implementation(compiled, &options, true)));
    format!("::nn_runtime::generated::plain! {{\n{indented}}}\n\n{implementation}")
}

fn formatted(tokens: TokenStream) -> String {
    match syn::parse2::<syn::File>(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        // Not reached by what the generator emits; unformatted code is better than none.
        Err(_) => tokens.to_string(),
    }
}

/// `__comment!("…");` becomes `// …`, even if the formatter broke it over three lines.
fn commented(code: &str) -> String {
    let mut text = String::with_capacity(code.len());
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let trimmed = line.trim_start();
        let indent = &line[..line.len() - trimmed.len()];
        let comment = match trimmed.strip_prefix("__comment!(") {
            Some("") => {
                let comment = lines.next().map(str::trim);
                lines.next();
                comment
            }
            Some(rest) => rest.strip_suffix(");"),
            None => None,
        };
        match comment {
            Some(comment) => {
                text.push_str(&format!("\n{indent}// {}", comment.trim_matches('"')));
            }
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

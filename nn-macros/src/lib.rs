//! `network!`: turns a spec, written in place or in a file, into a Rust type.
//!
//! Everything about the language is in `nn-compiler`. This crate turns tokens into text
//! (`tokens`), a path into text (`source`), and diagnostics into errors of rustc at the tokens in
//! question (`report`).

mod report;
mod source;
mod tokens;

use nn_compiler::Outcome;
use nn_compiler::codegen::{self, Options};
use nn_compiler::diagnostic::Diagnostic;
use nn_compiler::diagnostic::render::in_words;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{LitStr, parse_macro_input};

use report::Report;
use tokens::{Body, Header, Input, Printed};

/// Defines a network: a plain struct of parameters that implements `Network`, and `Trainable` if
/// the spec has a `train` block.
///
/// The spec is written in the macro, with attributes, doc comments and visibility as on a struct,
/// or in a file, whose path is relative to the calling file or to the package's root:
///
/// ```text
/// network! {
///     /// Exclusive or.
///     pub network Xor {
///         input x: [2];
///         output y = x -> dense(4) -> tanh -> dense(1) -> sigmoid;
///     }
/// }
///
/// network!(pub "specs/digits.nn");
/// ```
///
/// Every mistake in the spec is a separate error, with its code, at the tokens in question.
///
/// What compiles but looks wrong is a warning. A macro cannot warn in stable Rust, so rustc reports
/// the use of something deprecated that has the lint's name: ``use of deprecated constant
/// `_::high_dropout`: [NN0703] …``. `allow(high_dropout);` in the spec silences it: for one
/// statement if written before it, for the network if written at the start or the end.
/// `#![allow(deprecated)]` in the module around `network!` silences all lints. Under
/// `#![deny(warnings)]` they are errors, like rustc's own warnings.
#[proc_macro]
pub fn network(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let Input { header, body } = parse_macro_input!(input);
    let definition = match body {
        Body::File(path) => from_file(&header, &path),
        Body::Inline(printed) => inline(&header, &printed),
    };
    definition.into()
}

fn inline(header: &Header, printed: &Printed) -> TokenStream {
    let outcome = nn_compiler::compile(&printed.text);
    let report = |diagnostic: &Diagnostic| {
        let (first, last) = printed.spans(diagnostic.span);
        Report { message: in_words(diagnostic, &printed.text), first, last }
    };
    define(header, &outcome, report)
}

fn from_file(header: &Header, path: &LitStr) -> TokenStream {
    let span = path.span();
    let source = match source::read(path) {
        Ok(source) => source,
        Err(message) => return report::error(&Report { message, first: span, last: span }),
    };
    let (text, outcome) = source.compile();
    let report = |diagnostic: &Diagnostic| {
        let message = report::with_snippet(diagnostic, &source.name, text);
        Report { message, first: span, last: span }
    };
    let definition = define(header, &outcome, report);
    let bytes = &source.include;
    quote! {
        // Makes cargo rebuild when the file changes.
        const _: &[u8] = ::core::include_bytes!(#bytes);
        #definition
    }
}

fn define(header: &Header, outcome: &Outcome, report: impl Fn(&Diagnostic) -> Report) -> TokenStream {
    let reports: TokenStream =
        outcome.diagnostics.iter().map(|diagnostic| report::tell(diagnostic, &report(diagnostic))).collect();
    let hidden = report::hidden(outcome.hidden);
    let reports = quote!(#reports #hidden);
    let Some(compiled) = &outcome.compiled else {
        let name = outcome.ast.as_ref().map(|ast| ast.name.text.as_str());
        return report::stand_in(name, &header.visibility, reports);
    };
    let emit = Options {
        attributes: header.attributes.clone(),
        visibility: header.visibility.clone(),
        runtime: quote!(::nn_runtime),
    };
    let network = codegen::emit(compiled, &emit);
    quote!(#reports #network)
}

//! `network!`: turns a spec, written in place or in a file, into a Rust type.
//!
//! Everything about the language is in `nn-compiler`. This crate turns tokens into text
//! (`tokens`), a path into text (`source`), and diagnostics into errors of rustc at the tokens in
//! question (`report`). It also reads the weights that a program holds (`weights`).

mod report;
mod source;
mod tokens;
mod weights;

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
/// Trained weights become part of the program with `weights`, whose path is relative to the same
/// places:
///
/// ```text
/// network!("specs/digits.nn", weights: "specs/digits.safetensors");
/// network! { weights: "xor.safetensors", pub network Xor { … } }
///
/// let digit = Digits::TRAINED.predict(&image);
/// ```
///
/// `Digits::TRAINED` is a `&'static Digits` in read-only memory. The file is checked while the
/// program is compiled: every tensor that is missing, left over or of another shape or number type,
/// a hash of another network, and a number that is not finite is an error at the path. cargo
/// compiles again when the file changes.
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
    let Input { header, weights, body } = parse_macro_input!(input);
    let program = Program { header, weights };
    let definition = match body {
        Body::File(path) => from_file(&program, &path),
        Body::Inline(printed) => inline(&program, &printed),
    };
    definition.into()
}

/// What the program says about a network, beside its spec.
struct Program {
    header: Header,
    /// The path of the weights for `TRAINED`.
    weights: Option<LitStr>,
}

fn inline(program: &Program, printed: &Printed) -> TokenStream {
    let outcome = nn_compiler::compile(&printed.text);
    let report = |diagnostic: &Diagnostic| {
        let (first, last) = printed.spans(diagnostic.span);
        Report { message: in_words(diagnostic, &printed.text), first, last }
    };
    define(program, &outcome, report)
}

fn from_file(program: &Program, path: &LitStr) -> TokenStream {
    let span = path.span();
    let source = match source::read_spec(path) {
        Ok(source) => source,
        Err(message) => return report::error(&Report { message, first: span, last: span }),
    };
    let (text, outcome) = source.compile();
    let report = |diagnostic: &Diagnostic| {
        let message = report::with_snippet(diagnostic, &source.name, text);
        Report { message, first: span, last: span }
    };
    let definition = define(program, &outcome, report);
    let bytes = &source.include;
    quote! {
        // Makes cargo rebuild when the file changes.
        const _: &[u8] = ::core::include_bytes!(#bytes);
        #definition
    }
}

fn define(program: &Program, outcome: &Outcome, report: impl Fn(&Diagnostic) -> Report) -> TokenStream {
    let Program { header, weights } = program;
    let reports: TokenStream =
        outcome.diagnostics.iter().map(|diagnostic| report::tell(diagnostic, &report(diagnostic))).collect();
    let hidden = report::hidden(outcome.hidden);
    let reports = quote!(#reports #hidden);
    let Some(compiled) = &outcome.compiled else {
        let name = outcome.ast.as_ref().map(|ast| ast.name.text.as_str());
        return report::stand_in(name, &header.visibility, reports);
    };
    let (trained, wrong) = weights.as_ref().map(|path| weights::read(path, compiled)).unzip();
    let emit = Options {
        attributes: header.attributes.clone(),
        visibility: header.visibility.clone(),
        runtime: quote!(::nn_runtime),
        trained,
    };
    let network = codegen::emit(compiled, &emit);
    quote!(#reports #wrong #network)
}

//! `network!`: turns a spec, written in place or in a file, into a Rust type.
//!
//! `nn-runtime` has the macro that programs call; it adds the path of the runtime, and calls
//! [`define!`] here. Everything about the language is in `nn-compiler`. This crate turns tokens into
//! text (`tokens`), a path into text (`source`), and diagnostics into errors of rustc at the tokens
//! in question (`report`). It also reads the weights that a program holds (`weights`).

mod groups;
mod header;
mod report;
mod source;
mod tokens;
mod weights;

use nn_compiler::Outcome;
use nn_compiler::codegen::{self, Options};
use nn_compiler::diagnostic::render::in_words;
use nn_compiler::diagnostic::{Diagnostic, code};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{LitStr, parse_macro_input};

use header::Header;
use report::Report;
use tokens::{Body, Input, Printed};

/// What `nn_runtime::network!` calls, with the path of the runtime in parentheses first.
#[proc_macro]
pub fn define(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
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
    network(program, outcome, report)
}

fn from_file(program: &Program, path: &LitStr) -> TokenStream {
    let span = path.span();
    let Header { conditions, runtime, .. } = &program.header;
    let source = match source::read_spec(path) {
        Ok(source) => source,
        Err(message) => return report::error(&Report { message, first: span, last: span }, conditions),
    };
    let (text, outcome) = source.compile();
    let report = |diagnostic: &Diagnostic| {
        let message = report::with_snippet(diagnostic, &source.name, text);
        Report { message, first: span, last: span }
    };
    let definition = network(program, outcome, report);
    let bytes = &source.include;
    quote! {
        // Makes cargo rebuild when the file changes.
        #conditions
        const _: () = { let _ = #runtime::generated::include_bytes!(#bytes); };
        #definition
    }
}

fn network(program: &Program, outcome: Outcome, report: impl Fn(&Diagnostic) -> Report) -> TokenStream {
    let Program { header, weights } = program;
    let reports = outcome.diagnostics.into_iter().map(explained).map(|diagnostic| {
        let report = report(&diagnostic);
        report::tell(&diagnostic, &report, header)
    });
    let reports: TokenStream = reports.collect();
    let hidden = report::hidden(outcome.hidden, &header.conditions);
    let reports = quote!(#reports #hidden);
    let Some(compiled) = &outcome.compiled else {
        let name = outcome.ast.as_ref().map(|ast| ast.name.text.as_str());
        return report::stand_in(name, header, reports);
    };
    let read = |path| weights::read(path, compiled, &header.conditions);
    let (trained, wrong) = weights.as_ref().map(read).unzip();
    let Header { runtime, conditions, levels, attributes, visibility, is_default } = header.clone();
    let options = Options { conditions, levels, attributes, visibility, runtime, is_default, trained };
    let network = codegen::emit(compiled, &options);
    quote!(#reports #wrong #network)
}

/// With what only a macro has to say: a name that is unknown to the spec may be known to Rust.
fn explained(diagnostic: Diagnostic) -> Diagnostic {
    if diagnostic.code != code::UNKNOWN_CONST || !diagnostic.labels.is_empty() {
        return diagnostic;
    }
    diagnostic.note(
        "`network!` cannot see constants of Rust: define a `const` in the network, or write `network!` in a \
         `macro_rules!` that gets the number",
    )
}

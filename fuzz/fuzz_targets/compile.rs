//! Bytes in; all that `nn check`, `nn check --fix`, `nn fmt` and `nn expand` do with a file,
//! without the file.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use nn_compiler::codegen::{self, Emit};
use nn_compiler::diagnostic::render::{in_words, render};
use nn_compiler::diagnostic::{self, Diagnostic};
use nn_compiler::format::format;
use nn_compiler::{Compiled, compile};
use nn_compiler::syntax::text_of;
use quote::quote;

fuzz_target!(|bytes: &[u8]| -> Corpus {
    let text = match text_of(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = std::str::from_utf8(&bytes[..error.span.start]).expect("the text before it is valid");
            examine(&error, valid);
            return Corpus::Reject;
        }
    };
    let outcome = compile(text);
    outcome.diagnostics.iter().for_each(|diagnostic| examine(diagnostic, text));
    match &outcome.compiled {
        Some(compiled) => is_rust(compiled),
        None => assert!(!outcome.diagnostics.is_empty(), "no network and no reason"),
    }
    let (fixed, _) = nn_compiler::fix(text);
    compile(&fixed);
    if let Ok(once) = format(text) {
        assert_eq!(format(&once).as_ref(), Ok(&once), "the layout changes the second time");
    }
    Corpus::Keep
});

/// A diagnostic can be shown, and speaks of places in the text.
fn examine(diagnostic: &Diagnostic, text: &str) {
    let edits = diagnostic.suggestions.iter().flat_map(|suggestion| &suggestion.edits).map(|edit| edit.span);
    for span in diagnostic.labels.iter().map(|(span, _)| *span).chain(edits).chain([diagnostic.span]) {
        assert!(text.get(span.range()).is_some(), "{span:?} of {diagnostic:?}");
    }
    assert!(render(diagnostic, "spec.nn", text, true).ends_with('\n'));
    assert!(in_words(diagnostic, text).contains(&diagnostic.message));
}

/// The Rust of a network is Rust.
fn is_rust(compiled: &Compiled) {
    let tokens = codegen::emit(compiled, &Emit { runtime: quote!(::nn_runtime), ..Emit::default() });
    syn::parse2::<syn::File>(tokens).expect("the Rust of a network is Rust");
}

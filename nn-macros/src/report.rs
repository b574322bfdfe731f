//! Diagnostics as errors and warnings of rustc.

use nn_compiler::diagnostic::render::render;
use nn_compiler::diagnostic::{Diagnostic, Level, counted};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::header::Header;

/// A message, and its tokens.
pub struct Report {
    /// What rustc says after `error: `.
    pub message: String,
    /// The first token.
    pub first: Span,
    /// The last token.
    pub last: Span,
}

/// A diagnostic as a message.
pub fn tell(diagnostic: &Diagnostic, report: &Report, header: &Header) -> TokenStream {
    match diagnostic.level {
        Level::Error => error(report, &header.conditions),
        Level::Warning => warning(diagnostic.code.lint().unwrap_or("warning"), report, header),
    }
}

/// An error of rustc. It underlines from the first token of a macro call to the last, so these get
/// the spans of the tokens in question.
pub fn error(report: &Report, conditions: &TokenStream) -> TokenStream {
    let message = &report.message;
    let path = quote_spanned!(report.first=> ::core::compile_error!);
    let argument = quote_spanned!(report.last=> { #message });
    quote!(#conditions #path #argument)
}

/// A warning of rustc. A macro cannot warn on stable Rust, but what it defines can be deprecated:
/// something named like the lint, so that the name appears in the message.
fn warning(lint: &str, report: &Report, header: &Header) -> TokenStream {
    let Header { conditions, levels, .. } = header;
    let message = &report.message;
    let defined = format_ident!("{lint}");
    let used = Ident::new(lint, report.first);
    quote! {
        #conditions
        #levels
        const _: () = {
            #[deprecated(note = #message)]
            #[allow(non_upper_case_globals)]
            const #defined: () = ();
            #used
        };
    }
}

/// Reports that there are more mistakes than are listed.
pub fn hidden(count: usize, conditions: &TokenStream) -> TokenStream {
    let span = Span::call_site();
    let message = format!("this network has {} that are not listed", counted(count, "more mistake"));
    if count == 0 { TokenStream::new() } else { error(&Report { message, first: span, last: span }, conditions) }
}

/// What is emitted in place of a network that has errors.
///
/// rustc suppresses errors about names from a module in which a macro failed, and about everything
/// that depends on them. So the errors go into a module, and the network's name is imported from
/// there: a mistake in a spec gives its own message and no other. If there is no name that Rust
/// could use, only the errors are emitted.
pub fn stand_in(name: Option<&str>, header: &Header, errors: TokenStream) -> TokenStream {
    let Some(name) = name.and_then(|name| syn::parse_str::<Ident>(name).ok()) else { return errors };
    let module = format_ident!("__network_{name}");
    let Header { conditions, visibility, .. } = header;
    quote! {
        #conditions
        #[allow(non_snake_case)]
        mod #module { #errors }
        #conditions
        #[allow(unused_imports)]
        #visibility use #module::#name;
    }
}

/// The message for a spec in a file, which rustc cannot show.
pub fn with_snippet(diagnostic: &Diagnostic, file: &str, text: &str) -> String {
    let rendered = render(diagnostic, file, text, false);
    let level = match diagnostic.level {
        Level::Error => "error",
        Level::Warning => "warning",
    };
    let title = format!("{level}[{}]: ", diagnostic.code);
    let rest = rendered.strip_prefix(&title).unwrap_or(&rendered);
    format!("[{}] {}", diagnostic.code, rest.trim_end())
}

#[cfg(test)]
mod tests {
    use nn_compiler::diagnostic::code;
    use nn_compiler::span::Span as Place;

    use super::*;

    #[test]
    fn a_spec_in_a_file_is_shown() {
        let text = "network A {\n    y = x -> dense(10);\n}";
        let diagnostic = Diagnostic::error(code::DENSE_NEEDS_FLAT_INPUT, Place::new(25, 30), "not flat").suggest(
            "flatten first",
            Place::new(25, 25),
            "flatten -> ",
        );
        let message = with_snippet(&diagnostic, "a.nn", text);
        assert!(message.starts_with("[NN0301] not flat\n --> a.nn:2:14\n"), "{message}");
        assert!(message.ends_with("++++++++++"), "{message}");
    }

    #[test]
    fn a_warning_is_the_use_of_something_deprecated() {
        let span = Span::call_site();
        let report = Report { message: "[NN0701] two".to_string(), first: span, last: span };
        let tokens =
            tell(&Diagnostic::warning(code::LINEAR_STACK, Place::default(), "two"), &report, &Header::default());
        let expected = quote! {
            const _: () = {
                #[deprecated(note = "[NN0701] two")]
                #[allow(non_upper_case_globals)]
                const linear_stack: () = ();
                linear_stack
            };
        };
        assert_eq!(tokens.to_string(), expected.to_string());
    }

    #[test]
    fn a_failed_network_leaves_its_name() {
        let header = Header { visibility: quote!(pub), ..Header::default() };
        let tokens = stand_in(Some("Digits"), &header, quote!(errors!();)).to_string();
        assert!(tokens.contains("mod __network_Digits") && tokens.ends_with("pub use __network_Digits :: Digits ;"));
    }
}

//! What `network!` says before the spec: the runtime, attributes, visibility.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token, Visibility, parenthesized};

use crate::groups::flatten;

/// The levels of lints, which hold for all that is generated.
const LEVELS: [&str; 4] = ["allow", "warn", "deny", "forbid"];

/// What is known before the spec. [`runtime`] is read before, since options may follow it.
#[derive(Clone, Debug, Default)]
pub struct Header {
    /// The path of the runtime.
    pub runtime: TokenStream,
    /// `#[cfg(…)]`: whether anything is generated.
    pub conditions: TokenStream,
    /// `#[allow(…)]` and the like.
    pub levels: TokenStream,
    /// The attributes of the struct, doc comments included.
    pub attributes: TokenStream,
    /// `pub` or `pub(…)`.
    pub visibility: TokenStream,
    /// Whether `Default` is derived. The struct's fields cannot: their numbers would be zeros.
    pub is_default: bool,
}

impl Parse for Header {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let mut header = Self::default();
        for attribute in input.call(Attribute::parse_outer)? {
            header.add(attribute)?;
        }
        header.visibility = input.parse::<Visibility>()?.into_token_stream();
        Ok(header)
    }
}

impl Header {
    fn add(&mut self, attribute: Attribute) -> syn::Result<()> {
        if let Some(condition) = part(&attribute.meta, &condition) {
            self.conditions.extend(quote!(#[#condition]));
        }
        if let Some(level) = part(&attribute.meta, &level) {
            self.levels.extend(quote!(#[#level]));
        }
        if attribute.path().is_ident("derive") {
            let paths = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)?;
            let is_default = |path: &&Path| path.segments.last().is_some_and(|last| last.ident == "Default");
            self.is_default |= paths.iter().any(|path| is_default(&path));
            let others = paths.iter().filter(|path| !is_default(path));
            self.attributes.extend(quote!(#[derive(#(#others),*)]));
        } else if !attribute.path().is_ident("cfg") {
            attribute.to_tokens(&mut self.attributes);
        }
        Ok(())
    }
}

/// The runtime: `($crate)`, which `network!` of `nn-runtime` puts first, unless the program names another one.
pub fn runtime(input: ParseStream) -> syn::Result<TokenStream> {
    let content;
    parenthesized!(content in input);
    let mut runtime = content.parse::<TokenStream>()?;
    while input.peek(Token![crate]) && input.peek2(Token![=]) {
        input.parse::<Token![crate]>()?;
        let equals = input.parse::<Token![=]>()?;
        let mut path = Vec::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            path.push(input.parse::<TokenTree>()?);
        }
        // A path that `macro_rules!` captured is in an invisible group, which a `use` does not take.
        runtime = flatten(path.into_iter().collect()).into_iter().collect();
        if runtime.is_empty() || input.is_empty() {
            let message = "expected the path of `nn_runtime` and the network: `crate = my_facade::nn, …`";
            return Err(syn::Error::new(equals.span, message));
        }
        input.parse::<Token![,]>()?;
    }
    Ok(runtime)
}

/// A condition as it holds for everything.
fn condition(meta: &Meta) -> Option<TokenStream> {
    meta.path().is_ident("cfg").then(|| meta.to_token_stream())
}

/// The level of a lint as it holds for everything. Generated code uses a deprecated network.
fn level(meta: &Meta) -> Option<TokenStream> {
    if meta.path().is_ident("deprecated") {
        return Some(quote!(allow(deprecated)));
    }
    LEVELS.iter().any(|level| meta.path().is_ident(level)).then(|| meta.to_token_stream())
}

/// The part of an attribute that is kept, also within `cfg_attr(…, …)`.
fn part(meta: &Meta, keep: &dyn Fn(&Meta) -> Option<TokenStream>) -> Option<TokenStream> {
    let Meta::List(list) = meta else { return keep(meta) };
    if !list.path.is_ident("cfg_attr") {
        return keep(meta);
    }
    let parse = |input: ParseStream| {
        let mut predicate = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            predicate.extend([input.parse::<TokenTree>()?]);
        }
        input.parse::<Option<Token![,]>>()?;
        Ok((predicate, Punctuated::<Meta, Token![,]>::parse_terminated(input)?))
    };
    let (predicate, attributes) = list.parse_args_with(parse).ok()?;
    let kept: Vec<TokenStream> = attributes.iter().filter_map(|meta| part(meta, keep)).collect();
    (!kept.is_empty()).then(|| quote!(cfg_attr(#predicate, #(#kept),*)))
}

#[cfg(test)]
mod tests {
    use syn::parse::Parser;

    use super::*;

    fn header(source: &str) -> Header {
        syn::parse_str(source).expect("a header")
    }

    #[test]
    fn the_runtime_is_what_the_program_names() {
        let named = |source: &str| {
            let parse = |input: ParseStream| {
                let runtime = runtime(input)?;
                input.parse::<Token![pub]>()?;
                Ok(runtime.to_string())
            };
            parse.parse_str(source).map_err(|error: syn::Error| error.to_string())
        };
        assert_eq!(named("(::nn_runtime) pub").as_deref(), Ok(":: nn_runtime"));
        assert_eq!(named("(::nn_runtime) crate = a::nn, pub").as_deref(), Ok("a :: nn"));
        assert_eq!(named("(a) crate = b, crate = crate::c, pub").as_deref(), Ok("crate :: c"));
        for mistake in ["(a) crate = , pub", "(a) crate = b"] {
            assert!(named(mistake).is_err_and(|error| error.starts_with("expected the path of `nn_runtime`")));
        }
    }

    #[test]
    fn conditions_and_levels_are_for_everything() {
        let header = header(
            "#[cfg(unix)] #[doc = \"d\"] #[allow(x)] #[cfg_attr(all(a, b), cfg(c), inline, cfg_attr(d, deny(e)))] #[deprecated] pub(crate)",
        );
        assert_eq!(header.conditions.to_string(), "# [cfg (unix)] # [cfg_attr (all (a , b) , cfg (c))]");
        let levels = "# [allow (x)] # [cfg_attr (all (a , b) , cfg_attr (d , deny (e)))] # [allow (deprecated)]";
        assert_eq!(header.levels.to_string(), levels);
        let attributes = "# [doc = \"d\"] # [allow (x)] # [cfg_attr (all (a , b) , cfg (c) , inline , cfg_attr (d , deny (e)))] # [deprecated]";
        assert_eq!(header.attributes.to_string(), attributes);
        assert_eq!(header.visibility.to_string(), "pub (crate)");
    }

    #[test]
    fn default_is_not_derived_from_the_fields() {
        let default = header("#[derive(Debug, std::default::Default, PartialEq)]");
        assert!(default.is_default);
        assert_eq!(default.attributes.to_string(), "# [derive (Debug , PartialEq)]");
        assert!(!header("#[derive(Debug)]").is_default);
    }
}

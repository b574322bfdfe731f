//! Files and functions that are too long to read at once.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::known::Finding;
use crate::sources::Source;

/// The most lines that each may have.
#[derive(Clone, Copy)]
pub struct Most {
    /// A file.
    pub file: usize,
    /// A function, from `fn` to its closing brace.
    pub function: usize,
}

/// Every length in a file that is above the most.
pub fn find(source: &Source, most: Most) -> Vec<Finding> {
    let mut walk = Walk { source, most, found: Vec::new() };
    if source.lines > most.file {
        let text = format!("{}: {} lines; at most {}", source.path, source.lines, most.file);
        walk.found.push(Finding { key: format!("long {}", source.path), text });
    }
    walk.visit_file(&source.syntax);
    walk.found
}

struct Walk<'a> {
    source: &'a Source,
    most: Most,
    found: Vec<Finding>,
}

impl Walk<'_> {
    fn check(&mut self, name: &str, start: Span, end: Span) {
        let (first, last) = (start.start().line, end.end().line);
        let lines = last - first + 1;
        if lines > self.most.function {
            let path = &self.source.path;
            let text = format!("{path}:{first}: `{name}` has {lines} lines; at most {}", self.most.function);
            self.found.push(Finding { key: format!("long {path}: {name}"), text });
        }
    }

    /// Functions in the tokens of a macro.
    fn check_tokens(&mut self, tokens: TokenStream) {
        let mut function: Option<(Span, Option<String>)> = None;
        for token in tokens {
            match token {
                TokenTree::Ident(word) if word == "fn" => function = Some((word.span(), None)),
                TokenTree::Ident(word) => {
                    if let Some((_, name)) = &mut function {
                        name.get_or_insert_with(|| word.to_string());
                    }
                }
                TokenTree::Group(group) => {
                    if group.delimiter() == Delimiter::Brace
                        && let Some((start, name)) = function.take()
                    {
                        self.check(&name.unwrap_or_default(), start, group.span());
                    }
                    self.check_tokens(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

impl<'a> Visit<'a> for Walk<'_> {
    fn visit_item_fn(&mut self, item: &'a syn::ItemFn) {
        self.check(&item.sig.ident.to_string(), item.sig.fn_token.span, item.block.span());
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'a syn::ImplItemFn) {
        self.check(&item.sig.ident.to_string(), item.sig.fn_token.span, item.block.span());
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'a syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.check(&item.sig.ident.to_string(), item.sig.fn_token.span, block.span());
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_macro(&mut self, found: &'a syn::Macro) {
        self.check_tokens(found.tokens.clone());
    }
}

//! Places where a new kind would be forgotten without an error.
//!
//! - A catch-all arm (`_`, `_ if …`, `other => …`) of a `match` whose other arms name a kind.
//! - `matches!` on a kind: it ends in an arm `_ => false`.
//! - `if let`, `let … else` and `while let` on a kind: they end in an `else` for all other kinds.
//!
//! A catch-all beside kinds is found at any depth: `(_, x)` beside `(Op::Copy, None)`, and
//! `Some(_)` beside `Some(Op::Copy)`.

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::known::Finding;
use crate::modules::is_for_tests;
use crate::sources::Source;

/// What is looked for in a file.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// Enums whose `match`es have no catch-all arm.
    pub kinds: &'a [&'a str],
    /// Those that `matches!` does not ask for, either.
    pub never_in_matches: &'a [&'a str],
    /// Those that `if let` does not ask for, either.
    pub never_in_if_let: &'a [&'a str],
}

/// Every place in a file that breaks a rule.
pub fn find(source: &Source, rules: Rules) -> Vec<Finding> {
    let mut walk = Walk { source, rules, owner: None, function: String::new(), found: Vec::new() };
    walk.visit_file(&source.syntax);
    walk.found
}

struct Walk<'a> {
    source: &'a Source,
    rules: Rules<'a>,
    /// The type of the `impl` that is walked: what `Self` names.
    owner: Option<String>,
    function: String,
    found: Vec<Finding>,
}

impl Walk<'_> {
    fn add(&mut self, what: &str, span: proc_macro2::Span) {
        let key = format!("arm {}: {}", self.source.path, self.function);
        let place = format!("{}:{}", self.source.path, span.start().line);
        self.found.push(Finding { key, text: format!("{place}: {what}") });
    }

    fn kinds<'k>(&'k self, kinds: &'k [&'k str]) -> Kinds<'k> {
        Kinds { kinds, owner: self.owner.as_deref() }
    }

    fn check_match(&mut self, patterns: &[&syn::Pat]) {
        let kinds = self.kinds(self.rules.kinds);
        let hiding: Vec<_> = patterns
            .iter()
            .filter(|pattern| !kinds.are_in(pattern))
            .filter(|pattern| patterns.iter().any(|other| kinds.are_hidden(pattern, other)))
            .map(|pattern| pattern.span())
            .collect();
        hiding.into_iter().for_each(|span| self.add("a catch-all arm over kinds", span));
    }
}

/// The enums that are asked about.
struct Kinds<'k> {
    kinds: &'k [&'k str],
    owner: Option<&'k str>,
}

impl Kinds<'_> {
    /// Whether `pattern` names a variant of a kind.
    fn are_in(&self, pattern: &syn::Pat) -> bool {
        struct Search<'s, 'k>(&'s Kinds<'k>, bool);
        impl<'a> Visit<'a> for Search<'_, '_> {
            fn visit_path(&mut self, path: &'a syn::Path) {
                self.1 |= self.0.is_variant(path);
            }
        }
        let mut search = Search(self, false);
        search.visit_pat(pattern);
        search.1
    }

    fn is_variant(&self, path: &syn::Path) -> bool {
        let Some(before_last) = path.segments.iter().rev().nth(1) else { return false };
        let name = before_last.ident.to_string();
        let name = if name == "Self" { self.owner.unwrap_or_default() } else { &name };
        self.kinds.contains(&name)
    }

    /// Whether `pattern` takes everything where `other` names a kind.
    fn are_hidden(&self, pattern: &syn::Pat, other: &syn::Pat) -> bool {
        let hidden_by_pairs = |mut pairs: Pairs| pairs.any(|(one, other)| self.are_hidden(one, other));
        match (pattern, other) {
            (syn::Pat::Or(pattern), other) => pattern.cases.iter().any(|case| self.are_hidden(case, other)),
            (pattern, syn::Pat::Or(other)) => other.cases.iter().any(|case| self.are_hidden(pattern, case)),
            (syn::Pat::Paren(pattern), other) => self.are_hidden(&pattern.pat, other),
            (pattern, syn::Pat::Paren(other)) => self.are_hidden(pattern, &other.pat),
            (syn::Pat::Guard(pattern), other) => self.are_hidden(&pattern.pat, other),
            (pattern, syn::Pat::Guard(other)) => self.are_hidden(pattern, &other.pat),
            (syn::Pat::Wild(_), other) => self.are_in(other),
            (syn::Pat::Ident(pattern), other) => match &pattern.subpat {
                Some((_, pattern)) => self.are_hidden(pattern, other),
                None => is_binding(pattern) && self.are_in(other),
            },
            (syn::Pat::Reference(pattern), syn::Pat::Reference(other)) => self.are_hidden(&pattern.pat, &other.pat),
            (syn::Pat::Tuple(one), syn::Pat::Tuple(other)) => hidden_by_pairs(pairs(&one.elems, &other.elems)),
            (syn::Pat::TupleStruct(one), syn::Pat::TupleStruct(other)) if is_same(&one.path, &other.path) => {
                hidden_by_pairs(pairs(&one.elems, &other.elems))
            }
            (syn::Pat::Struct(one), syn::Pat::Struct(other)) if is_same(&one.path, &other.path) => {
                one.fields.iter().any(|field| {
                    let mut others = other.fields.iter().filter(|other| other.member == field.member);
                    others.any(|other| self.are_hidden(&field.pat, &other.pat))
                })
            }
            _different => false,
        }
    }
}

type Pairs<'p> = Box<dyn Iterator<Item = (&'p syn::Pat, &'p syn::Pat)> + 'p>;

fn pairs<'p, T>(one: &'p Punctuated<syn::Pat, T>, other: &'p Punctuated<syn::Pat, T>) -> Pairs<'p> {
    Box::new(one.iter().zip(other))
}

fn is_same(one: &syn::Path, other: &syn::Path) -> bool {
    one.segments.last().map(|segment| &segment.ident) == other.segments.last().map(|segment| &segment.ident)
}

/// Whether a name in a pattern is a new one, not a constant or a variant.
fn is_binding(pattern: &syn::PatIdent) -> bool {
    pattern.ident.to_string().starts_with(|first: char| first.is_lowercase() || first == '_')
}

/// The operands of `matches!`.
struct Matches {
    value: syn::Expr,
    pattern: syn::Pat,
}

impl Parse for Matches {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let value = input.parse()?;
        input.parse::<syn::Token![,]>()?;
        let pattern = syn::Pat::parse_multi_with_leading_vert(input)?;
        input.parse::<proc_macro2::TokenStream>()?;
        Ok(Self { value, pattern })
    }
}

impl<'a> Visit<'a> for Walk<'_> {
    fn visit_item_mod(&mut self, item: &'a syn::ItemMod) {
        if !is_for_tests(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'a syn::ItemImpl) {
        let name = match &*item.self_ty {
            syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _nameless => None,
        };
        let outer = std::mem::replace(&mut self.owner, name);
        visit::visit_item_impl(self, item);
        self.owner = outer;
    }

    fn visit_signature(&mut self, signature: &'a syn::Signature) {
        self.function = signature.ident.to_string();
        visit::visit_signature(self, signature);
    }

    fn visit_expr_match(&mut self, expression: &'a syn::ExprMatch) {
        self.check_match(&expression.arms.iter().map(|arm| &arm.pat).collect::<Vec<_>>());
        visit::visit_expr_match(self, expression);
    }

    fn visit_expr_let(&mut self, expression: &'a syn::ExprLet) {
        if self.kinds(self.rules.never_in_if_let).are_in(&expression.pat) {
            self.add("`if let` on a kind", expression.span());
        }
        visit::visit_expr_let(self, expression);
    }

    fn visit_local(&mut self, local: &'a syn::Local) {
        let has_else = local.init.as_ref().is_some_and(|init| init.diverge.is_some());
        if has_else && self.kinds(self.rules.never_in_if_let).are_in(&local.pat) {
            self.add("`let … else` on a kind", local.span());
        }
        visit::visit_local(self, local);
    }

    fn visit_macro(&mut self, found: &'a syn::Macro) {
        if found.path.is_ident("matches") {
            if let Ok(Matches { value, pattern }) = found.parse_body::<Matches>() {
                if self.kinds(self.rules.never_in_matches).are_in(&pattern) {
                    self.add("`matches!` on a kind", found.span());
                }
                Walk::visit_expr(self, &value);
            }
        } else if let Ok(arguments) = found.parse_body_with(Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated) {
            arguments.iter().for_each(|argument| Walk::visit_expr(self, argument));
        }
    }
}

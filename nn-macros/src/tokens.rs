//! Tokens as text: printed at their places, each with its span, so that places can be found again.

use std::ops::Range;

use nn_compiler::span::Span as Place;
use proc_macro2::{Delimiter, Group, Ident, LineColumn, Spacing, Span, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Lit, LitStr, Token};

use crate::groups::flatten;
use crate::header::{self, Header};

/// The option before a spec, or after its path, that names a weights file.
const WEIGHTS: &str = "weights";

/// The contents of `network!`.
pub struct Input {
    /// The part before `network` or before the path.
    pub header: Header,
    /// The path of the weights file for `TRAINED`.
    pub weights: Option<LitStr>,
    /// The spec.
    pub body: Body,
}

/// A spec, or where it is.
pub enum Body {
    /// The path of a file.
    File(LitStr),
    /// The spec itself.
    Inline(Printed),
}

impl Parse for Input {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let runtime = header::runtime(input)?;
        let mut weights = None;
        if is_weights(input) {
            weights = Some(parse_weights(input)?);
            input.parse::<Token![,]>()?;
        }
        let header = Header { runtime, ..input.parse()? };
        if !input.peek(Lit) {
            let tokens = flatten(input.parse()?);
            return Ok(Self { header, weights, body: Body::Inline(Printed::new(tokens)) });
        }
        let Lit::Str(path) = input.fork().parse()? else {
            return Err(input.error("expected the path of a spec or `network Name { … }`"));
        };
        input.parse::<Lit>()?;
        input.parse::<Option<Token![,]>>()?;
        if weights.is_none() && is_weights(input) {
            weights = Some(parse_weights(input)?);
            input.parse::<Option<Token![,]>>()?;
        }
        match input.is_empty() {
            true => Ok(Self { header, weights, body: Body::File(path) }),
            false => Err(input.error("unexpected tokens after the path of a spec")),
        }
    }
}

/// Whether `weights: …` follows.
fn is_weights(input: ParseStream) -> bool {
    let word = input.fork().parse::<Ident>();
    word.is_ok_and(|word| word == WEIGHTS) && input.peek2(Token![:])
}

/// The path in `weights: "…"`.
fn parse_weights(input: ParseStream) -> syn::Result<LitStr> {
    input.parse::<Ident>()?;
    input.parse::<Token![:]>()?;
    input.parse().map_err(|error| syn::Error::new(error.span(), "expected the path of a weights file, in quotes"))
}

/// The text of tokens.
#[derive(Debug, Default)]
pub struct Printed {
    /// Line breaks and whitespace as in the program, from the first token on.
    pub text: String,
    /// Where in the text each token is, in order.
    tokens: Vec<(Range<usize>, Span)>,
    /// The place in the program that the text has reached.
    at: Option<LineColumn>,
    /// Whether the last token was a sign that the next one continues.
    joint: bool,
}

impl Printed {
    /// Prints tokens. Doc comments are left blank: for the language they are comments.
    pub fn new(tokens: Vec<TokenTree>) -> Self {
        let mut printed = Self::default();
        printed.print(&tokens);
        printed
    }

    /// The spans of the first and the last token at a place of the text.
    pub fn spans(&self, place: Place) -> (Span, Span) {
        let Some(end) = self.tokens.len().checked_sub(1) else {
            return (Span::call_site(), Span::call_site());
        };
        if place.start == place.end {
            // Between two tokens: what is missing there follows the first.
            let token = self.tokens.partition_point(|(range, _)| range.end < place.start).min(end);
            return (self.tokens[token].1, self.tokens[token].1);
        }
        let first = self.tokens.partition_point(|(range, _)| range.end <= place.start).min(end);
        let after = self.tokens.partition_point(|(range, _)| range.start < place.end);
        (self.tokens[first].1, self.tokens[after.saturating_sub(1).max(first)].1)
    }

    fn print(&mut self, tokens: &[TokenTree]) {
        let mut rest = tokens;
        while let Some((token, after)) = rest.split_first() {
            if let Some(length) = doc_comment(rest) {
                rest = &rest[length..];
                continue;
            }
            match token {
                TokenTree::Group(group) => self.group(group),
                TokenTree::Ident(_) | TokenTree::Literal(_) => self.token(&token.to_string(), token.span()),
                TokenTree::Punct(punct) => {
                    self.token(&punct.as_char().to_string(), punct.span());
                    self.joint = punct.spacing() == Spacing::Joint;
                }
            }
            rest = after;
        }
    }

    fn group(&mut self, group: &Group) {
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => return self.print(&flatten(group.stream())),
        };
        self.token(open, group.span_open());
        self.print(&flatten(group.stream()));
        self.token(close, group.span_close());
    }

    fn token(&mut self, token: &str, span: Span) {
        self.move_to(span.start());
        let start = self.text.len();
        self.text.push_str(token);
        self.tokens.push((start..self.text.len(), span));
        let width = token.chars().count();
        let LineColumn { line, column } = span.start();
        self.at = Some(span.end().max(LineColumn { line, column: column + width }));
        self.joint = false;
    }

    /// Whitespace up to a token. One space if positions are unknown or, for the tokens of
    /// `macro_rules!`, are in several places of the program.
    fn move_to(&mut self, to: LineColumn) {
        const FAR: usize = 1000;
        let at = self.at.unwrap_or(to);
        let lines = to.line.wrapping_sub(at.line);
        let columns = if lines == 0 { to.column.wrapping_sub(at.column) } else { to.column };
        if lines <= FAR && columns <= FAR {
            self.text.extend(std::iter::repeat_n('\n', lines));
            self.text.extend(std::iter::repeat_n(' ', columns));
        } else if !self.joint {
            self.text.push(' ');
        }
    }
}

/// The number of tokens of a doc comment: `#[doc = "…"]`, or `#![doc = "…"]`.
fn doc_comment(tokens: &[TokenTree]) -> Option<usize> {
    let is_sign =
        |at: usize, sign: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
    let at = if is_sign(1, '!') { 2 } else { 1 };
    let Some(TokenTree::Group(group)) = tokens.get(at).filter(|_| is_sign(0, '#')) else { return None };
    let word = flatten(group.stream()).into_iter().next()?;
    (group.delimiter() == Delimiter::Bracket && word.to_string() == "doc").then_some(at + 1)
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::*;

    fn print(source: &str) -> Printed {
        match syn::parse_str(&format!("(a)\n{source}")).expect("Rust tokens") {
            Input { body: Body::Inline(printed), .. } => printed,
            Input { body: Body::File(path), .. } => panic!("a path: {}", path.value()),
        }
    }

    #[test]
    fn text_is_reproduced_where_it_stood() {
        let source = "network A {\n    input x: [2];\n    y = x -> dense(1, l2: 1e-3)\n          => relu;\n}";
        assert_eq!(print(source).text, source);
    }

    #[test]
    fn attributes_and_visibility_are_taken_off() {
        let source = "/// Docs.\n#[derive(Debug)] pub(crate) network A { }";
        let Input { header, .. } = syn::parse_str(&format!("(a)\n{source}")).expect("Rust tokens");
        assert_eq!(header.attributes.to_string(), "# [doc = \" Docs.\"] # [derive (Debug)]");
        assert_eq!(header.visibility.to_string(), "pub (crate)");
        assert_eq!(print(source).text, "network A { }");
    }

    #[test]
    fn a_path_stands_alone() {
        let parse =
            |source: &str| syn::parse_str::<Input>(&format!("(a)\n{source}")).map_err(|error| error.to_string());
        assert!(matches!(parse("#[derive(Debug)] pub \"a.nn\","), Ok(Input { body: Body::File(_), .. })));
        assert_eq!(parse("\"a.nn\" network").err().as_deref(), Some("unexpected tokens after the path of a spec"));
        assert!(parse("3").is_err_and(|error| error.starts_with("expected the path of a spec")));
    }

    #[test]
    fn weights_are_named_before_a_network_or_after_a_path() {
        let parse =
            |source: &str| syn::parse_str::<Input>(&format!("(a)\n{source}")).map_err(|error| error.to_string());
        let weights = |source: &str| parse(source).expect("Rust tokens").weights.map(|path| path.value());
        assert_eq!(weights("weights: \"w\", /// Docs.\n pub network A { }").as_deref(), Some("w"));
        assert_eq!(weights("pub \"a.nn\", weights: \"w\",").as_deref(), Some("w"));
        assert_eq!(weights("\"a.nn\""), None);
        // `weights` is a name like any other.
        assert_eq!(print("network weights { input weights: [2]; }").text, "network weights { input weights: [2]; }");
        let wrong = parse("\"a.nn\", weights: w").err();
        assert_eq!(wrong.as_deref(), Some("expected the path of a weights file, in quotes"));
        assert!(parse("\"a.nn\", weights: \"w\", weights: \"w\"").is_err());
        assert!(parse("weights: \"w\" network A { }").is_err_and(|error| error.contains("expected `,`")));
    }

    #[test]
    fn doc_comments_are_blank() {
        let printed = print("network A {\n    //! inner\n    /// outer\n    input x: [2];\n}");
        assert_eq!(printed.text, "network A {\n\n\n    input x: [2];\n}");
    }

    #[test]
    fn unknown_positions_keep_joint_signs_together() {
        let tokens: TokenStream = "x -> dense(1) => relu; a == b".parse().expect("Rust tokens");
        fn forget(stream: TokenStream) -> TokenStream {
            let blank = |token| match token {
                TokenTree::Group(group) => Group::new(group.delimiter(), forget(group.stream())).into(),
                mut token => {
                    token.set_span(Span::call_site());
                    token
                }
            };
            stream.into_iter().map(blank).collect()
        }
        let printed = Printed::new(flatten(forget(tokens)));
        assert_eq!(printed.text, "x -> dense ( 1 ) => relu ; a == b");
    }

    #[test]
    fn invisible_groups_are_flattened() {
        let name: TokenStream = "A".parse().expect("Rust tokens");
        let group = TokenTree::from(Group::new(Delimiter::None, name));
        assert_eq!(Printed::new(vec![group]).text, "A");
    }

    #[test]
    fn places_are_found_again() {
        let printed = print("network A { y = x -> desne(10); }");
        let column = |part: &str, length: usize| {
            let start = printed.text.find(part).expect("the part is there");
            let (first, last) = printed.spans(Place::new(start, start + length));
            (first.start().column, last.end().column)
        };
        assert_eq!(column("desne", 5), (21, 26));
        assert_eq!(column("desne", 9), (21, 30));
        assert_eq!(column("->", 2), (18, 20));
        // Empty places belong to the token that ends there.
        assert_eq!(column(";", 0), (29, 30));
        assert_eq!(column("desne", 0), (21, 26));
        let (first, _) = printed.spans(Place::new(999, 1000));
        assert_eq!(first.start().column, 32);
    }
}

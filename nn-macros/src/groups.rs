//! Invisible groups of tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Without the invisible groups that `macro_rules!` puts around what it captured.
pub fn flatten(stream: TokenStream) -> Vec<TokenTree> {
    let mut tokens = Vec::new();
    for token in stream {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => tokens.extend(flatten(group.stream())),
            token => tokens.push(token),
        }
    }
    tokens
}

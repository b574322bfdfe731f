//! Braces that are missing or that close too early: which tokens are inside of what in that case.
//!
//! A brace is missing where the network seems to end too early. The depth of the tokens is set to what it would be with
//! that brace, so that the statements are found; the parser reports the brace itself.

use super::scan::{Token, TokenKind};
use super::statements::begins;

/// The brace that opens the network, or the last token of its head where that brace is missing and statements follow.
pub(super) fn of_network(text: &str, tokens: &mut [Token]) -> Option<usize> {
    let keyword = tokens.iter().position(|token| token.text(text) == "network");
    if let Some(name) = keyword.map(|keyword| keyword + 1)
        && name + 1 < tokens.len()
        && tokens[name].kind == TokenKind::Word
        && begins(text, tokens, name + 1)
    {
        deepen(text, tokens, name + 1);
        return Some(name);
    }
    tokens.iter().position(|token| token.depth == 0 && token.text(text) == "{")
}

/// Nests the tokens from `start` on one brace deeper, up to the first unmatched closing brace; returns its place.
pub(super) fn deepen(text: &str, tokens: &mut [Token], start: usize) -> usize {
    let mut open = 0usize;
    for (at, token) in tokens.iter_mut().enumerate().skip(start) {
        match token.text(text) {
            "{" => open += 1,
            "}" if open == 0 => return at,
            "}" => open -= 1,
            _ => {}
        }
        token.depth += 1;
    }
    tokens.len()
}

/// If the network, which opens at `brace`, ends at `close` because a `train`, `data` or `block` has no opening brace:
/// gives it one. Returns whether there was such a statement.
pub(super) fn reopen(text: &str, tokens: &mut [Token], brace: usize, close: usize) -> bool {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text(text));
    let lacks_brace = |at: &usize| {
        let begins = matches!(word(at - 1), "{" | "}" | ";");
        let next = match word(*at) {
            "train" | "data" => at + 1,
            "block" if word(at + 2) == "(" => {
                let depth = tokens[at + 2].depth;
                let ends = (at + 3..close).find(|end| word(*end) == ")" && tokens[*end].depth == depth);
                ends.map_or(close, |end| end + 1)
            }
            "block" => at + 2,
            _ => return false,
        };
        tokens[*at].depth == 1 && begins && !matches!(word(next), "{" | "=" | ";")
    };
    let Some(keyword) = (brace + 1..close).rev().find(lacks_brace) else { return false };
    tokens[keyword + 1..=close].iter_mut().for_each(|token| token.depth += 1);
    tokens[close].depth = 1;
    deepen(text, tokens, close + 1);
    true
}

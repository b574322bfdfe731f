//! The arguments of blocks: numbers, bound to names.

use super::constants::Constants;
use super::context::Context;
use crate::ast::{Argument, Call, Name};
use crate::diagnostic::{Diagnostic, code};

/// The values of a block's parameters in one use of it: `outer` holds the constants at the use, `globals` those in the
/// block.
pub fn bind(call: &Call, params: &[Name], context: &mut Context) -> Option<Constants> {
    let mut constants = context.constants.of_network();
    let mut given = vec![false; params.len()];
    let (mut sound, mut complete) = (true, true);
    for (position, argument) in call.arguments.iter().enumerate() {
        let index = match &argument.name {
            Some(name) => params.iter().position(|param| param.text == name.text),
            None => Some(position).filter(|position| *position < params.len()),
        };
        let Some(index) = index.filter(|index| !given[*index]) else {
            context.push(misplaced(call, argument, index.is_some(), params));
            sound = false;
            continue;
        };
        given[index] = true;
        let what = format!("`{}` of `{}`", params[index].text, call.name.text);
        let number = context.number(&argument.value, &what);
        sound &= number.is_some();
        constants.bind(&params[index].text, number);
    }
    let missing: Vec<&Name> = params.iter().zip(&given).filter(|(_, given)| !**given).map(|(param, _)| param).collect();
    for param in missing.into_iter().filter(|_| call.arguments.is_empty() || sound) {
        let message = format!("`{}` needs `{}`", call.name.text, param.text);
        context.push(Diagnostic::error(code::MISSING_ARGUMENT, call.span, message).label(param.span, "declared here"));
        complete = false;
    }
    (sound && complete).then_some(constants)
}

/// An argument that a block does not take, or has already.
fn misplaced(call: &Call, argument: &Argument, is_known: bool, params: &[Name]) -> Diagnostic {
    let block = &call.name.text;
    let listed: Vec<String> = params.iter().map(|param| format!("`{}`", param.text)).collect();
    let diagnostic = match &argument.name {
        Some(name) if is_known => {
            let message = format!("`{block}` gets `{}` twice", name.text);
            return Diagnostic::error(code::DOUBLED_ARGUMENT, argument.span, message).caption("remove one of them");
        }
        Some(name) => {
            let message = format!("`{block}` has no argument `{}`", name.text);
            Diagnostic::error(code::UNKNOWN_ARGUMENT, name.span, message)
        }
        None => {
            let message = match params.len() {
                0 => format!("`{block}` takes no arguments"),
                1 => format!("`{block}` takes one argument"),
                count => format!("`{block}` takes at most {count} arguments"),
            };
            Diagnostic::error(code::SURPLUS_ARGUMENT, argument.span, message).caption("remove this")
        }
    };
    if listed.is_empty() { diagnostic } else { diagnostic.note(format!("`{block}` takes {}", listed.join(", "))) }
}

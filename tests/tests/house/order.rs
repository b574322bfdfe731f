//! The order of the modules of `nn-compiler`: an import points from a line to a line above it.

use crate::imports::Imports;
use crate::known::Finding;
use crate::modules::Crate;

/// From the bottom to the top. Modules of one line do not import each other; a folder may be split,
/// then its longest prefix counts.
pub const COMPILER: [&[&str]; 28] = [
    &["agreement", "span", "ids"],
    &["diagnostic"],
    &["vocabulary"],
    &["signature"],
    &["shape"],
    &["ast"],
    &["plan"],
    &["layers"],
    &["syntax"],
    &["format"],
    &["model"],
    &["batching"],
    &["resolve"],
    &["infer"],
    &["layout"],
    &["consistency"],
    &["differentiate"],
    &["lower"],
    &["passes"],
    &["labels", "peak", "stack"],
    &["costs"],
    &["budgets"],
    &["compiled"],
    &["columns", "identity", "summary"],
    &["codegen", "explain", "interp", "lints", "plan_text"],
    &["trace", "weights"],
    &["compile"],
    &["fix"],
];

/// The crate and the top module of a file: `nn-cli/src/weights` for `nn-cli/src/weights/split.rs`.
pub fn top_module(path: &str) -> String {
    let (crate_path, rest) = split(path);
    format!("{crate_path}{}", rest.split('/').next().unwrap_or_default().trim_end_matches(".rs"))
}

/// The folder of the sources of a crate, and what follows.
fn split(path: &str) -> (&str, &str) {
    let end = path.find("/src/").map_or_else(|| path.find("/child/").map_or(0, |at| at + 7), |at| at + 5);
    path.split_at(end)
}

/// Every import that points up, known by its two modules.
pub fn find(of: &Crate, imports: &Imports, order: &[&[&str]]) -> Vec<Finding> {
    let mut found = Vec::new();
    for (&from, targets) in imports {
        for (&to, &line) in targets {
            let (from, to) = (&of.files[from].path, &of.files[to].path);
            let (Some(above), Some(below)) = (place(from, order), place(to, order)) else { continue };
            if above != below && above.0 <= below.0 {
                let (upper, lower) = (order[above.0][above.1], order[below.0][below.1]);
                found.push(Finding {
                    key: format!("upward {upper} -> {lower}"),
                    text: format!("{from}:{line} imports {to}: `{lower}` is not below `{upper}`"),
                });
            }
        }
    }
    found
}

/// The line and the column of a file in the table.
fn place(path: &str, order: &[&[&str]]) -> Option<(usize, usize)> {
    let (_, file) = split(path);
    let file = file.trim_end_matches(".rs").trim_end_matches("/mod");
    let modules = order
        .iter()
        .enumerate()
        .flat_map(|(line, modules)| modules.iter().enumerate().map(move |(column, module)| (*module, (line, column))));
    modules
        .filter(|(module, _)| file.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
        .max_by_key(|(module, _)| module.len())
        .map(|(_, place)| place)
}

//! Which file imports which, and the cycles among them.
//!
//! A file imports another one if it names an item that is defined there: in a `use`, or in a path.
//! A re-export is followed to the definition, so a `mod.rs` that only re-exports is in no cycle.
//! What exists in tests alone is left out, and so is what is generated (`quote!`).

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{self, Visit};

use crate::modules::{Crate, Target, attributes, imports, is_for_tests};

/// Macros whose tokens are the code of another program.
const QUOTES: [&str; 4] = ["quote", "quote_spanned", "parse_quote", "network"];

/// The imports of a crate: from a file, to a file, in a line of the first.
pub type Imports = BTreeMap<usize, BTreeMap<usize, usize>>;

/// Every import between two files of a crate.
pub fn between_files(of: &Crate) -> Imports {
    let mut found = Imports::new();
    for (id, module) in of.modules.iter().enumerate() {
        let mut walk = Walk { of, module: id, found: &mut found };
        module.items.iter().for_each(|item| walk.visit_item(item));
    }
    found
}

/// The shortest cycle through each file that is in one, as files; each cycle once.
pub fn cycles(imports: &Imports) -> Vec<Vec<usize>> {
    let mut seen = BTreeSet::new();
    let mut cycles = Vec::new();
    for &file in imports.keys() {
        if let Some(cycle) = shortest_cycle(imports, file)
            && seen.insert(cycle.iter().copied().collect::<BTreeSet<_>>())
        {
            cycles.push(cycle);
        }
    }
    cycles
}

/// From `start` back to it; `start` is first and not repeated at the end.
fn shortest_cycle(imports: &Imports, start: usize) -> Option<Vec<usize>> {
    let mut before = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(file) = queue.pop_front() {
        for &next in imports.get(&file).into_iter().flat_map(BTreeMap::keys) {
            if next == start {
                let mut cycle = vec![file];
                while let Some(&file) = before.get(cycle.last().expect("it begins with a file")) {
                    cycle.push(file);
                }
                cycle.reverse();
                return Some(cycle);
            }
            if let Entry::Vacant(entry) = before.entry(next) {
                entry.insert(file);
                queue.push_back(next);
            }
        }
    }
    None
}

/// A cycle, one import a line.
pub fn describe(of: &Crate, imports: &Imports, cycle: &[usize]) -> String {
    let mut text = String::new();
    for (at, &from) in cycle.iter().enumerate() {
        let to = cycle[(at + 1) % cycle.len()];
        let line = imports[&from][&to];
        text += &format!("\n    {}:{line} imports {}", of.files[from].path, of.files[to].path);
    }
    text
}

/// Finds the imports of one module.
struct Walk<'w, 'a> {
    of: &'w Crate<'a>,
    module: usize,
    found: &'w mut Imports,
}

impl Walk<'_, '_> {
    fn add(&mut self, path: &[String], line: usize) {
        let from = self.of.modules[self.module].file;
        if let Some(Target::Item(to)) = self.of.resolve(self.module, path)
            && to != from
        {
            self.found.entry(from).or_default().entry(to).or_insert(line);
        }
    }

    /// Paths in the tokens of a macro.
    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path = Path::default();
        let mut before = [' ', ' '];
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    let is_next = before == [':', ':'] && !path.names.is_empty();
                    let is_first = !matches!(before, [_, '.' | '$'] | [':', ':']) || name == "crate";
                    if !is_next {
                        path.end(self);
                    }
                    if is_next || is_first {
                        path.push(&name);
                    }
                    before = [' ', ' '];
                }
                TokenTree::Punct(punct) => before = [before[1], punct.as_char()],
                TokenTree::Group(group) => {
                    path.end(self);
                    self.add_tokens(group.stream());
                    before = [' ', ' '];
                }
                TokenTree::Literal(_) => before = [' ', ' '],
            }
        }
        path.end(self);
    }
}

/// A path that is read from tokens.
#[derive(Default)]
struct Path {
    names: Vec<String>,
    line: usize,
}

impl Path {
    fn push(&mut self, name: &Ident) {
        if self.names.is_empty() {
            self.line = name.span().start().line;
        }
        self.names.push(name.to_string());
    }

    fn end(&mut self, walk: &mut Walk) {
        walk.add(&self.names, self.line);
        self.names.clear();
    }
}

impl<'a> Visit<'a> for Walk<'_, '_> {
    fn visit_item(&mut self, item: &'a syn::Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    /// Each module is walked by itself.
    fn visit_item_mod(&mut self, _: &'a syn::ItemMod) {}

    fn visit_item_use(&mut self, item: &'a syn::ItemUse) {
        // A re-export counts where the name is used.
        if !matches!(item.vis, syn::Visibility::Inherited) {
            return;
        }
        for import in imports(item).iter().filter(|import| import.name.is_some()) {
            self.add(&import.path, item.use_token.span.start().line);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if let (None, Some(first)) = (path.leading_colon, path.segments.first()) {
            let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.add(&names, first.ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, found: &'a syn::Macro) {
        self.visit_path(&found.path);
        let name = found.path.segments.last().map(|segment| segment.ident.to_string());
        if !name.is_some_and(|name| QUOTES.contains(&name.as_str())) {
            self.add_tokens(found.tokens.clone());
        }
    }

    fn visit_attribute(&mut self, _: &'a syn::Attribute) {}

    fn visit_visibility(&mut self, _: &'a syn::Visibility) {}
}

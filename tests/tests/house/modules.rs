//! The modules of a crate, and where a path leads: a small copy of what rustc does with names.
//!
//! It knows no expansion of macros. A name that is not found in a module, for example because a
//! macro defines it, counts as defined in the file of the module.

use std::collections::BTreeMap;

use syn::visit::{self, Visit};

use crate::sources::Source;

/// Where a path may start, besides a name.
const START: [&str; 3] = ["crate", "self", "super"];

/// A crate as a tree of modules; the first is its root.
pub struct Crate<'a> {
    /// The files of the crate.
    pub files: Vec<&'a Source>,
    /// Its modules.
    pub modules: Vec<Module<'a>>,
}

/// A module.
pub struct Module<'a> {
    /// The file that contains it.
    pub file: usize,
    /// Its items.
    pub items: &'a [syn::Item],
    parent: Option<usize>,
    names: BTreeMap<String, Vec<Name>>,
    globs: Vec<Vec<String>>,
}

/// What a name of a module means.
enum Name {
    Defined,
    Module(usize),
    Import(Vec<String>),
    /// A module whose file is generated.
    Generated,
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// To an item that is defined in this file.
    Item(usize),
    /// To a module, which by itself is not an import.
    Module(usize),
    /// To an item of a file that is generated.
    Generated,
}

/// One name that a `use` brings in; `None` for a glob.
pub struct Import {
    /// Under which name.
    pub name: Option<String>,
    /// What it names.
    pub path: Vec<String>,
}

impl<'a> Crate<'a> {
    /// The crate whose root is the file `root`, with all modules that are not for tests alone.
    pub fn new(sources: &'a [Source], root: &str) -> Self {
        let mut this = Self { files: Vec::new(), modules: Vec::new() };
        let source = find(sources, root).unwrap_or_else(|| panic!("there is no {root}"));
        let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
        this.files.push(source);
        this.add(sources, &source.syntax.items, 0, None, folder);
        this
    }

    fn add(
        &mut self,
        sources: &'a [Source],
        items: &'a [syn::Item],
        file: usize,
        parent: Option<usize>,
        folder: &str,
    ) -> usize {
        let id = self.modules.len();
        self.modules.push(Module { file, items, parent, names: BTreeMap::new(), globs: Vec::new() });
        let mut names = Names { module: &mut self.modules[id], modules: Vec::new() };
        items.iter().for_each(|item| names.visit_item(item));
        for item in names.modules {
            let child = self.add_child(sources, item, (id, file), folder);
            self.modules[id].define(item.ident.to_string(), child.map_or(Name::Generated, Name::Module));
        }
        id
    }

    fn add_child(
        &mut self,
        sources: &'a [Source],
        item: &'a syn::ItemMod,
        (parent, file): (usize, usize),
        folder: &str,
    ) -> Option<usize> {
        let below = format!("{folder}/{}", item.ident);
        if let Some((_, items)) = &item.content {
            return Some(self.add(sources, items, file, Some(parent), &below));
        }
        let paths = match elsewhere(item) {
            Some(path) => vec![joined(&self.files[file].path, &path)],
            None => vec![format!("{below}.rs"), format!("{below}/mod.rs")],
        };
        let source = paths.iter().find_map(|path| find(sources, path))?;
        self.files.push(source);
        let file = self.files.len() - 1;
        Some(self.add(sources, &source.syntax.items, file, Some(parent), &below))
    }

    /// Where `path` leads from `module`; `None` where it leaves the crate or names something local.
    pub fn resolve(&self, module: usize, path: &[String]) -> Option<Target> {
        self.resolve_within(module, path, 0)
    }

    /// `depth`: imports that import each other would never end.
    fn resolve_within(&self, module: usize, path: &[String], depth: usize) -> Option<Target> {
        let mut at = module;
        let mut rest = path;
        while let Some((first, others)) = rest.split_first().filter(|(first, _)| START.contains(&first.as_str())) {
            at = match first.as_str() {
                "crate" => 0,
                "super" => self.modules[at].parent?,
                _same => at,
            };
            rest = others;
        }
        let found = self.look_up(at, rest, depth);
        let is_anchored = rest.len() < path.len();
        found.or(is_anchored.then_some(Target::Item(self.modules[at].file)))
    }

    fn look_up(&self, module: usize, path: &[String], depth: usize) -> Option<Target> {
        let Some((first, rest)) = path.split_first() else { return Some(Target::Module(module)) };
        if depth > 16 {
            return None;
        }
        let names = self.modules[module].names.get(first).map_or(&[][..], Vec::as_slice);
        let child = names.iter().find_map(|name| match name {
            Name::Module(child) => Some(*child),
            Name::Defined | Name::Import(_) | Name::Generated => None,
        });
        if let Some(child) = child.filter(|_| !rest.is_empty()) {
            let missing = Target::Item(self.modules[child].file);
            return Some(self.look_up(child, rest, depth).unwrap_or(missing));
        }
        let named = names.iter().find_map(|name| match name {
            Name::Defined => Some(Target::Item(self.modules[module].file)),
            Name::Import(to) => self.resolve_import(module, to, rest, depth + 1),
            Name::Module(_) => None,
            Name::Generated => Some(Target::Generated),
        });
        named.or(child.map(Target::Module)).or_else(|| {
            let globs = self.modules[module].globs.iter();
            globs.map(|glob| self.through_glob(module, glob, path, depth + 1)).find_map(|found| found)
        })
    }

    fn resolve_import(&self, module: usize, to: &[String], rest: &[String], depth: usize) -> Option<Target> {
        // `pub(crate) use name;` gives a path to a macro of the same module.
        if to.len() == 1 && rest.is_empty() && self.modules[module].is_defined(&to[0]) {
            return Some(Target::Item(self.modules[module].file));
        }
        self.resolve_within(module, &[to, rest].concat(), depth)
    }

    fn through_glob(&self, module: usize, glob: &[String], path: &[String], depth: usize) -> Option<Target> {
        if glob.first() == path.first() {
            return None;
        }
        match self.resolve_within(module, glob, depth)? {
            Target::Module(target) => self.look_up(target, path, depth),
            Target::Item(_) | Target::Generated => None,
        }
    }
}

impl Module<'_> {
    fn define(&mut self, name: String, meaning: Name) {
        self.names.entry(name).or_default().push(meaning);
    }

    fn is_defined(&self, name: &str) -> bool {
        self.names.get(name).is_some_and(|names| names.iter().any(|name| matches!(name, Name::Defined)))
    }
}

fn find<'a>(sources: &'a [Source], path: &str) -> Option<&'a Source> {
    sources.iter().find(|source| source.path == path)
}

/// What `#[path = "…"]` of a module says.
fn elsewhere(item: &syn::ItemMod) -> Option<String> {
    item.attrs.iter().find_map(|attribute| match &attribute.meta {
        syn::Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. }) => Some(path.value()),
            _other => None,
        },
        syn::Meta::NameValue(_) | syn::Meta::List(_) | syn::Meta::Path(_) => None,
    })
}

/// A path from the folder of a file.
fn joined(file: &str, path: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// Collects what a module names, also in its functions.
struct Names<'m, 'a> {
    module: &'m mut Module<'a>,
    modules: Vec<&'a syn::ItemMod>,
}

impl<'a> Visit<'a> for Names<'_, 'a> {
    fn visit_item(&mut self, item: &'a syn::Item) {
        if is_for_tests(attributes(item)) {
            return;
        }
        match item {
            syn::Item::Mod(item) => self.modules.push(item),
            syn::Item::Use(item) => {
                for import in imports(item) {
                    match import.name {
                        Some(name) => self.module.define(name, Name::Import(import.path)),
                        None => self.module.globs.push(import.path),
                    }
                }
            }
            item => {
                if let Some(name) = defined(item) {
                    self.module.define(name.to_string(), Name::Defined);
                }
                visit::visit_item(self, item);
            }
        }
    }
}

/// The name that an item defines.
fn defined(item: &syn::Item) -> Option<&syn::Ident> {
    match item {
        syn::Item::Const(item) => Some(&item.ident),
        syn::Item::Enum(item) => Some(&item.ident),
        syn::Item::Fn(item) => Some(&item.sig.ident),
        syn::Item::Macro(item) => item.ident.as_ref(),
        syn::Item::Static(item) => Some(&item.ident),
        syn::Item::Struct(item) => Some(&item.ident),
        syn::Item::Trait(item) => Some(&item.ident),
        syn::Item::TraitAlias(item) => Some(&item.ident),
        syn::Item::Type(item) => Some(&item.ident),
        syn::Item::Union(item) => Some(&item.ident),
        _nameless => None,
    }
}

/// The attributes of an item.
pub fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _others => &[],
    }
}

/// Whether what has these attributes exists in tests alone.
pub fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            let condition = list.tokens.to_string();
            condition.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test") && !condition.contains("not")
        }
        syn::Meta::List(_) | syn::Meta::NameValue(_) => false,
    })
}

/// What a `use` brings in.
pub fn imports(item: &syn::ItemUse) -> Vec<Import> {
    let mut imports = Vec::new();
    // `use ::name::…` names another crate.
    if item.leading_colon.is_none() {
        add_imports(&item.tree, &mut Vec::new(), &mut imports);
    }
    imports
}

fn add_imports(tree: &syn::UseTree, path: &mut Vec<String>, imports: &mut Vec<Import>) {
    let with = |path: &[String], name: &syn::Ident| {
        let mut path = path.to_vec();
        if name != "self" {
            path.push(name.to_string());
        }
        path
    };
    match tree {
        syn::UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            add_imports(&tree.tree, path, imports);
            path.pop();
        }
        syn::UseTree::Name(tree) => {
            let path = with(path, &tree.ident);
            imports.push(Import { name: path.last().cloned(), path });
        }
        syn::UseTree::Rename(tree) => {
            imports.push(Import { name: Some(tree.rename.to_string()), path: with(path, &tree.ident) });
        }
        syn::UseTree::Glob(_) => imports.push(Import { name: None, path: path.clone() }),
        syn::UseTree::Group(tree) => tree.items.iter().for_each(|tree| add_imports(tree, path, imports)),
    }
}

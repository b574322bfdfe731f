//! What generated code names without a path is in `nn_runtime::generated::scope`, or is defined by
//! the code itself. So nothing is looked up where the network is defined.

use std::collections::BTreeSet;
use std::fs;

use nn_compiler::codegen::{Header, Trained};
use nn_compiler::diagnostic::code;
use nn_compiler::{codegen, compile};
use nn_runtime::generated::init::Generator;
use nn_tests::project;
use nn_tests::random::Random;
use syn::visit::{self, Visit};

/// What a path may start with besides what is imported or defined.
const WORDS: [&str; 3] = ["Self", "nn", "self"];

/// The methods that generated code may call: inherent ones, on a receiver of exactly the type that
/// the method takes. So a method of the same name is not preferred, of a trait that all types
/// implement. Methods of traits would be found only where the trait is in scope.
const METHODS: [&str; 12] = [
    "as_flattened",
    "as_flattened_mut",
    "chunks",
    "copy_from_slice",
    "each_mut",
    "fill",
    "get",
    "iter",
    "layer_seed",
    "len",
    "map",
    "or_else",
];

/// The macros that it may call.
const MACROS: [&str; 2] = ["nn::include_bytes", "nn_runtime::generated::plain"];

/// The names that a `use` imports.
fn imported(tree: &syn::UseTree, names: &mut BTreeSet<String>) {
    match tree {
        syn::UseTree::Path(path) => imported(&path.tree, names),
        syn::UseTree::Name(name) => drop(names.insert(name.ident.to_string())),
        syn::UseTree::Rename(rename) => drop(names.insert(rename.rename.to_string())),
        syn::UseTree::Glob(_) => {}
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| imported(tree, names)),
    }
}

/// The names of `nn_runtime::generated::scope`.
fn scope() -> BTreeSet<String> {
    let text = fs::read_to_string(project("nn-runtime/src/generated.rs")).expect("the module is there");
    let file = syn::parse_file(&text).expect("it is Rust");
    let scope = file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == "scope" => module.content.as_ref(),
        _ => None,
    });
    let mut names = BTreeSet::new();
    for item in &scope.expect("it has a module `scope`").1 {
        let syn::Item::Use(item) = item else { panic!("the scope only imports") };
        imported(&item.tree, &mut names);
    }
    names.remove("self");
    names.insert("Option".to_owned());
    names
}

/// What is defined and named in code.
#[derive(Default)]
struct Code {
    defined: BTreeSet<String>,
    bound: BTreeSet<String>,
    named: BTreeSet<String>,
    methods: BTreeSet<String>,
    macros: BTreeSet<String>,
}

impl Visit<'_> for Code {
    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        imported(&item.tree, &mut self.defined);
        visit::visit_item_use(self, item);
    }

    fn visit_item_const(&mut self, item: &syn::ItemConst) {
        self.defined.insert(item.ident.to_string());
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &syn::ItemStatic) {
        self.defined.insert(item.ident.to_string());
        visit::visit_item_static(self, item);
    }

    fn visit_item_struct(&mut self, item: &syn::ItemStruct) {
        self.defined.insert(item.ident.to_string());
        visit::visit_item_struct(self, item);
    }

    fn visit_type_param(&mut self, parameter: &syn::TypeParam) {
        self.defined.insert(parameter.ident.to_string());
        visit::visit_type_param(self, parameter);
    }

    fn visit_pat_ident(&mut self, pattern: &syn::PatIdent) {
        self.bound.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_path(&mut self, path: &syn::Path) {
        if path.leading_colon.is_none() {
            self.named.extend(path.segments.first().map(|first| first.ident.to_string()));
        }
        visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &syn::ExprMethodCall) {
        self.methods.insert(call.method.to_string());
        visit::visit_expr_method_call(self, call);
    }

    fn visit_attribute(&mut self, attribute: &syn::Attribute) {
        // Attributes such as `allow` have names of their own. Traits that are derived do not.
        if attribute.path().is_ident("derive") {
            let traits =
                attribute.parse_args_with(syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated);
            traits.expect("a list of traits").iter().for_each(|path| self.visit_path(path));
        }
    }

    fn visit_macro(&mut self, call: &syn::Macro) {
        let path = call.path.segments.iter().map(|segment| segment.ident.to_string());
        self.macros.insert(path.collect::<Vec<_>>().join("::"));
    }
}

/// The texts of many networks: every spec, the networks of the golden tests, random graphs.
fn specs() -> Vec<String> {
    let mut texts = Vec::new();
    for folder in ["specs", "tests/golden", "nn-runtime/tests/networks"] {
        let entries = fs::read_dir(project(folder)).expect("the folder is there");
        let paths = entries.map(|entry| entry.expect("it can be read").path());
        let specs = paths.filter(|path| path.extension().is_some_and(|extension| extension == "nn"));
        texts.extend(specs.map(|path| fs::read_to_string(path).expect("a spec is text")));
    }
    let mut random = Random(Generator::new(3));
    for _ in 0..30 {
        texts.extend([random.spec(), random.image_spec()]);
        let (graph, _) = random.graph("batch: 4;");
        texts.push(graph.text("batch: 4;"));
        texts.push(graph.text("batch: all;"));
    }
    texts
}

#[test]
fn nothing_is_looked_up_where_a_network_is_defined() {
    let scope = scope();
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for text in specs() {
        let Some(compiled) = compile(&text).compiled else { continue };
        let starts = vec![0; compiled.tensors.all.len()];
        let header = Header { length: 1, fingerprint: 1 };
        let rust = codegen::rust_with(&compiled, Trained::beside("w", "w.safetensors", header, starts));
        let mut code = Code::default();
        code.visit_file(&syn::parse_file(&rust).expect("generated code is Rust"));
        let own = &code.defined;
        let is_known = |name: &String| {
            scope.contains(name) || own.contains(name) || WORDS.contains(&&**name) || *name == compiled.model.name
        };
        let unknown: Vec<&String> = code.named.iter().filter(|name| !is_known(name)).collect();
        assert!(unknown.is_empty(), "named without a path, and not in the scope: {unknown:?}\n{text}");
        // A local variable that is not in the scope can be a constant of the caller.
        let unhidden: Vec<&String> =
            code.bound.iter().filter(|name| !scope.contains(*name) && !own.contains(*name)).collect();
        assert!(unhidden.is_empty(), "variables that are not in the scope: {unhidden:?}\n{text}");
        let other: Vec<&String> = code.methods.iter().filter(|name| !METHODS.contains(&&***name)).collect();
        assert!(other.is_empty(), "methods that are not listed: {other:?}\n{text}");
        assert!(code.macros.iter().all(|name| MACROS.contains(&&**name)), "{:?}", code.macros);
        seen.extend(code.bound.into_iter().chain(code.named));
        count += 1;
    }
    assert!(count >= 100, "{count} networks");
    // `copied` of class targets and the like are named by some; what none names is not needed.
    let unused: Vec<&String> = scope.iter().filter(|name| !seen.contains(*name)).collect();
    assert!(unused.is_empty(), "in the scope for nothing: {unused:?}");
}

#[test]
fn a_network_with_a_name_of_the_scope_is_called_this() {
    for name in scope().iter().map(String::as_str).chain(["nn", "Window0", "Window17"]) {
        let text = format!("network {name} {{ input x: [1]; output y = x -> dense(1); }}");
        let outcome = compile(&text);
        let Some(compiled) = outcome.compiled else {
            // `input` and `output` are keywords of the language.
            assert!(outcome.diagnostics.iter().any(|one| one.code == code::RESERVED), "{name}");
            continue;
        };
        let code = codegen::rust(&compiled);
        assert!(code.contains(&format!("type This = {};", codegen::ident(name))), "{code}");
        assert!(code.contains("impl nn::network::Network for This {"), "{code}");
    }
}

/// Values whose names differ by case, or by `_` in place of a dot.
#[test]
fn constants_of_tensors_are_distinct() {
    let text = "network Cases {
        input x: [2];
        a = x -> dense(2) -> dense(2);
        A = a -> dense(2);
        a_0 = A -> dense(2, bias: false);
        A_0_weight = a_0 -> dense(2);
        output A_0 = A_0_weight -> batch_norm -> dense(2);
    }";
    let outcome = compile(text);
    let compiled = outcome.compiled.unwrap_or_else(|| panic!("{:?}", outcome.diagnostics));
    let code = codegen::rust(&compiled);
    let defined: Vec<&str> = code.lines().filter_map(|line| line.trim().strip_prefix("const ")).collect();
    let offsets: Vec<&str> =
        defined.iter().filter_map(|line| line.split_once(": usize = ")).map(|pair| pair.0).collect();
    let distinct: BTreeSet<&&str> = offsets.iter().collect();
    assert_eq!(distinct.len(), offsets.len(), "{offsets:?}");
    assert!(offsets.starts_with(&["A_0_WEIGHT", "A_0_BIAS", "A_1_WEIGHT", "A_1_BIAS", "A_0_WEIGHT_2", "A_0_BIAS_2"]));
}

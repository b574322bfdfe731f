//! A thousand networks with random names, each in a scope of random names: what they would break
//! is whether this compiles. `tests/names/random.rs` includes them.
//!
//! The names are those that generated code could confuse with its own: of Rust, of its standard
//! library, of the runtime, of local variables, and random ones.

use std::collections::BTreeSet;
use std::fmt::Write;

/// How many networks there are.
pub const COUNT: usize = 1000;

/// Names that Rust, the runtime and generated code use. Keywords are written as raw identifiers.
const KNOWN: &str = "Option Some None Vec Box String Result Ok Err Iterator IntoIterator Clone Copy Default Drop \
    Fn FnMut FnOnce From Into Send Sync Sized AsRef AsMut ToString ToOwned Unpin PartialEq Eq Ord PartialOrd Debug Hash \
    f32 f64 usize isize u8 u16 u32 u64 u128 i8 i16 i32 i64 bool str char \
    core std alloc nn nn_runtime nn_macros nn_compiler generated scope local define plain prelude network memory layers \
    isa losses metrics optimizers trainable targets init row threads Isa Kernel Network Trainable Trainer Body Window0 \
    Window1 This Flat Tensor TensorKind Zeroed I Input Output Scratch Target State Workspace Metrics Pass \
    dense activation conv merge batch_norm run zip rows rows_mut split fixed fixed_mut vector vector_mut \
    n p t x y s0 s1 s2 s3 inputs outputs scratch slot seed kind generator gradients workspace pass loss target \
    targets rule state step learning_rate penalty factors moments mean deviation dw db dgamma dbeta running_mean \
    running_variance panels first row parameters statistics forward predict values __ _a a_ A a B b \
    as break continue dyn else enum extern fn for gen if impl let loop match mod move mut pub ref return static struct \
    trait type union unsafe use where while async await try abstract become box do final macro override priv typeof \
    unsized virtual yield derive inline doc cfg deprecated macro_rules raw safe auto";

/// The words of them that only raw identifiers may be.
const KEYWORDS: &str = "as break continue dyn else enum extern fn for gen if impl let loop match mod move mut pub ref \
    return static struct trait type unsafe use where while async await try abstract become box do final macro override \
    priv typeof unsized virtual yield";

/// Names that the language keeps for itself.
const RESERVED: [&str; 20] = [
    "input", "output", "in", "out", "block", "const", "train", "data", "assert", "expect", "freeze", "allow", "add",
    "multiply", "concat", "true", "false", "self", "super", "crate",
];

/// The names of layers, which a block cannot have.
const LAYERS: [&str; 8] = ["dense", "step", "conv1d", "conv2d", "batch_norm", "linear", "tanh", "relu"];

/// Methods that generated code calls. A trait that has them for every type changes nothing.
const METHODS: [&str; 22] = [
    "as_flattened",
    "as_flattened_mut",
    "as_mut_slice",
    "as_slice",
    "chunks",
    "copied",
    "copy_from_slice",
    "default",
    "each_mut",
    "fill",
    "finish",
    "get",
    "is_finite",
    "is_some",
    "iter",
    "iter_mut",
    "len",
    "map",
    "matrix",
    "vector",
    "zip",
    "or_else",
];

/// Macros of std.
const MACROS: [&str; 6] = ["assert", "compile_error", "concat", "include_bytes", "plain", "debug_assert"];

/// Random numbers: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) % bound as u64) as usize
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }

    /// A name that is not in `taken`, which it is added to.
    fn name(&mut self, taken: &mut BTreeSet<String>) -> String {
        let known: Vec<&str> = KNOWN.split_whitespace().collect();
        loop {
            let name = match self.below(4) {
                0 => self.letters(),
                _ => self.of(&known).to_owned(),
            };
            if !RESERVED.contains(&&*name) && taken.insert(name.clone()) {
                return name;
            }
        }
    }

    /// Up to five letters, digits and `_`.
    fn letters(&mut self) -> String {
        const FIRST: &[u8] = b"abnpxABNPX_";
        const OTHERS: &[u8] = b"abnpxABNPX_019";
        let mut name = String::from(char::from(FIRST[self.below(FIRST.len())]));
        for _ in 0..1 + self.below(4) {
            name.push(char::from(OTHERS[self.below(OTHERS.len())]));
        }
        if name.chars().all(|letter| letter == '_') { "under".to_owned() } else { name }
    }
}

/// A name as Rust writes it.
fn ident(name: &str) -> String {
    let is_keyword = KEYWORDS.split_whitespace().any(|keyword| keyword == name);
    if is_keyword { format!("r#{name}") } else { name.to_owned() }
}

/// The modules, and how many there are.
pub fn modules() -> String {
    let mut random = Random(16);
    let mut code = format!("const COUNT: usize = {COUNT};\n");
    for index in 0..COUNT {
        module(index, &mut random, &mut code).expect("a string can be written to");
    }
    code
}

fn module(index: usize, random: &mut Random, code: &mut String) -> std::fmt::Result {
    let name = random.name(&mut BTreeSet::new());
    writeln!(code, "mod network_{index} {{")?;
    if random.below(4) == 0 {
        writeln!(code, "#![no_implicit_prelude]")?;
    }
    // In a function, everything is found in a block instead of a module.
    let is_in_function = random.below(5) == 0;
    if is_in_function {
        writeln!(code, "fn within() {{")?;
    }
    scope(&name, random, code)?;
    write!(code, "::nn_runtime::network! {{ ")?;
    network(&name, random, code)?;
    writeln!(code, " }}\n{}}}", if is_in_function { "}\n" } else { "" })
}

/// Items of random names. None is a type of the network's name, which would be defined twice.
fn scope(network: &str, random: &mut Random, code: &mut String) -> std::fmt::Result {
    let (mut types, mut values) = (BTreeSet::from([network.to_owned(), "Everything".to_owned()]), BTreeSet::new());
    for _ in 0..6 + random.below(10) {
        let kind = random.below(9);
        let name = match kind {
            // In both namespaces.
            0 | 1 => loop {
                let name = random.name(&mut types);
                if values.insert(name.clone()) {
                    break name;
                }
            },
            2..=5 => random.name(&mut types),
            _ => random.name(&mut values),
        };
        let name = ident(&name);
        let item = match kind {
            0 => format!("struct {name};"),
            1 => format!("struct {name}(::core::primitive::u8);"),
            2 => format!("enum {name} {{}}"),
            3 => format!("type {name} = ::core::primitive::u8;"),
            4 => format!("trait {name} {{}}"),
            5 => format!("mod {name} {{}}"),
            6 => format!("const {name}: ::core::primitive::usize = 1;"),
            7 => format!("static {name}: ::core::primitive::u8 = 1;"),
            _ => format!("fn {name}() {{}}"),
        };
        writeln!(code, "{item}")?;
    }
    if random.below(3) == 0 {
        writeln!(code, "macro_rules! {} {{ () => {{}} }}", random.of(&MACROS))?;
    }
    if random.below(3) == 0 {
        let receiver = random.of(&["self", "&self", "&mut self"]);
        let methods = METHODS.map(|method| format!("fn {method}({receiver}) where Self: ::core::marker::Sized {{}}"));
        writeln!(code, "trait Everything {{ {} }}", methods.join(" "))?;
        writeln!(code, "impl<T: ?::core::marker::Sized> Everything for T {{}}")?;
    }
    Ok(())
}

/// A spec whose names are random. One in ten trains.
fn network(name: &str, random: &mut Random, code: &mut String) -> std::fmt::Result {
    let mut names = BTreeSet::from(LAYERS.map(str::to_owned));
    let [first, second, size, block, parameter] = [(); 5].map(|()| random.name(&mut names));
    let mut names: BTreeSet<String> = [&first, &second, &size, &block].map(String::clone).into();
    let [hidden, last] = [(); 2].map(|()| random.name(&mut names));
    write!(code, "network {name} {{ input {first}: [2]; const {size} = 3; ")?;
    write!(code, "block {block}({parameter}) = dense({parameter}) -> tanh; ")?;
    match random.below(4) {
        0 => write!(code, "input {second}: [3]; {hidden} = concat({first}, {second}) -> {block}({size}); ")?,
        1 => write!(code, "{hidden} = {first} -> {block}({size}) -> batch_norm; ")?,
        2 => write!(
            code,
            "{hidden} = {first} -> reshape([1, 2]) -> conv1d(1, kernel: 2) -> tanh -> flatten -> {block}({size}); "
        )?,
        _ => write!(code, "{hidden} = {first} -> {block}({size}) * 2; ")?,
    }
    write!(code, "output {last} = {hidden} -> dense(2) -> tanh; ")?;
    if random.below(10) == 0 {
        let batch = random.of(&["batch: 4", "batch: 8", "batch: 2; clip_norm: 1", "batch: 4; epochs: 2"]);
        let optimizer = random.of(&["sgd", "adam", "sgd(momentum: 0.9)"]);
        write!(code, "train {{ loss: mse; optimizer: {optimizer}; metrics: [mae]; {batch}; }} ")?;
    }
    write!(code, "}}")
}

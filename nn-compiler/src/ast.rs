//! The tree that the parser returns: what was written, where, and nothing else.
//!
//! Every node keeps its [`Span`]. Names are still text; no name has been looked up.

use crate::span::Span;
use crate::vocabulary::Comparison;

/// One `network Name { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ast {
    /// The lines of the `///` comment before `network`, without the slashes.
    pub docs: Vec<String>,
    /// The network's name; empty where its head has a syntax error.
    pub name: Name,
    /// The statements between the braces, in order.
    pub statements: Vec<Statement>,
    /// From `network` to the closing brace.
    pub span: Span,
}

/// An identifier.
#[derive(Clone, Debug, PartialEq)]
pub struct Name {
    /// The identifier's text.
    pub text: String,
    /// Where it is.
    pub span: Span,
}

/// One statement of a network's body.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it says.
    pub kind: StatementKind,
    /// From its first token to its `;` or `}`.
    pub span: Span,
}

/// The kinds of statements.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// `input name: [d0, d1, …];`
    Input {
        /// The input's name.
        name: Name,
        /// Its dimensions.
        shape: Vec<Expr>,
        /// The brackets and what is between them.
        shape_span: Span,
    },
    /// `name = chain;`
    Value {
        /// The value's name.
        name: Name,
        /// How it is computed.
        chain: Chain,
    },
    /// `output name = chain;`
    Output {
        /// The value's name.
        name: Name,
        /// How it is computed.
        chain: Chain,
    },
    /// `const name = expr;`
    Const {
        /// The constant's name.
        name: Name,
        /// Its value.
        value: Expr,
    },
    /// `block name(params) = …;` or `block name(params) { … }`
    Block {
        /// The block's name.
        name: Name,
        /// The names of its parameters.
        params: Vec<Name>,
        /// What it expands to.
        body: BlockBody,
    },
    /// `train { … }`
    Train {
        /// The keyword.
        keyword: Span,
        /// Its settings.
        settings: Vec<Setting>,
        /// Those with a syntax error.
        lost: Vec<Lost>,
    },
    /// `data { … }`
    Data {
        /// The keyword.
        keyword: Span,
        /// Its settings and rows.
        items: Vec<DataItem>,
        /// Those with a syntax error.
        lost: Vec<Lost>,
    },
    /// `assert quantity op number;`; a quantity is a name or `memory(train)`.
    Assert {
        /// The quantity.
        quantity: Call,
        /// The comparison.
        comparison: Comparison,
        /// The number on the right.
        value: Expr,
    },
    /// `expect metric op number;`; a metric is a name or `accuracy(output)`.
    Expect {
        /// The metric.
        metric: Call,
        /// The comparison.
        comparison: Comparison,
        /// The number on the right.
        value: Expr,
    },
    /// `freeze name;`
    Freeze {
        /// The value whose layers keep their parameters.
        name: Name,
    },
    /// `allow(lint);`
    Allow {
        /// The lints.
        lints: Vec<Name>,
    },
    /// A statement with a syntax error.
    Broken {
        /// What it is, as far as its beginning tells.
        form: Form,
        /// What it may bind.
        lost: Lost,
    },
}

/// What a statement with a syntax error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `input …`
    Input,
    /// `output …`
    Output,
    /// `name = …`
    Value,
    /// `const …`
    Const,
    /// `block …`
    Block,
    /// `train …` without its brace.
    Train,
    /// `data …` without its brace.
    Data,
    /// `freeze …`
    Freeze,
    /// `assert …`, `expect …` or `allow …`, on which nothing else depends.
    Check,
    /// Its beginning does not say.
    Unknown,
}

/// What a piece with a syntax error may bind or set: what depends on that is not checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lost {
    /// Every name that it may bind or set.
    pub names: Vec<String>,
    /// Whether it may bind or set something whose name is unknown.
    pub is_nameless: bool,
}

/// What a block expands to.
#[derive(Clone, Debug, PartialEq)]
pub enum BlockBody {
    /// `= layer -> …;`
    Chain(Chain),
    /// `{ name = …; out = …; }`; the name of the last one is `out`.
    Graph {
        /// Its bindings.
        bindings: Vec<(Name, Chain)>,
        /// Those with a syntax error.
        lost: Vec<Lost>,
    },
}

/// `source -> layer -> layer …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// Where it starts. `None` in the body of a chain block, which starts with a layer.
    pub source: Option<Source>,
    /// The layers, in order.
    pub links: Vec<Link>,
    /// The whole chain.
    pub span: Span,
}

/// What a chain starts from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A name, `in` included.
    Name(Name),
    /// `add(a, b, …)`, `multiply(a, b)`, `concat(a, b, …)`; any name followed by arguments that begins a chain.
    Merge {
        /// The word.
        name: Name,
        /// What is merged.
        arguments: Vec<Source>,
        /// The word and its parentheses.
        span: Span,
    },
}

impl Source {
    /// Where it is.
    pub fn span(&self) -> Span {
        match self {
            Self::Name(name) => name.span,
            Self::Merge { span, .. } => *span,
        }
    }
}

/// `layer` or `layer * n`.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The layer or block.
    pub call: Call,
    /// How often it is repeated.
    pub times: Option<Expr>,
    /// The whole link.
    pub span: Span,
}

/// `name` or `name(arguments)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The word before the parentheses.
    pub name: Name,
    /// The arguments in the parentheses; empty without parentheses.
    pub arguments: Vec<Argument>,
    /// The whole call.
    pub span: Span,
}

impl Call {
    /// The same call with another name.
    pub fn renamed(&self, name: &str) -> Self {
        let name = Name { text: name.to_owned(), span: self.name.span };
        Self { name, arguments: self.arguments.clone(), span: self.span }
    }

    /// What to delete to remove an argument with its comma, or with the parentheses if it is the only one.
    pub fn without(&self, index: usize) -> Span {
        let span = |at: usize| self.arguments[at].span;
        match (index.checked_sub(1), self.arguments.get(index + 1)) {
            (Some(before), _) => Span::new(span(before).end, span(index).end),
            (None, Some(next)) => Span::new(span(index).start, next.span.start),
            (None, None) => Span::new(self.name.span.end, self.span.end),
        }
    }
}

/// `value` or `name: value` in a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The name before the colon.
    pub name: Option<Name>,
    /// The value.
    pub value: Expr,
    /// The whole argument.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it says.
    pub kind: ExprKind,
    /// Where it is.
    pub span: Span,
}

impl Expr {
    /// The terms of a sum; itself if it is not a sum.
    pub fn terms(&self) -> Vec<&Self> {
        match &self.kind {
            ExprKind::Binary { operator: Operator::Add, left, right } => {
                let mut all = left.terms();
                all.extend(right.terms());
                all
            }
            ExprKind::Binary { operator: Operator::Subtract | Operator::Multiply | Operator::Divide, .. }
            | ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Call(_)
            | ExprKind::List(_)
            | ExprKind::Negative(_) => vec![self],
        }
    }

    /// Both sides of a product, if it is one.
    pub fn product(&self) -> Option<(&Self, &Self)> {
        match &self.kind {
            ExprKind::Binary { operator: Operator::Multiply, left, right } => Some((left, right)),
            ExprKind::Binary { operator: Operator::Add | Operator::Subtract | Operator::Divide, .. }
            | ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Call(_)
            | ExprKind::List(_)
            | ExprKind::Negative(_) => None,
        }
    }

    /// The name, if it is a name without arguments.
    pub fn word(&self) -> Option<&str> {
        self.call().filter(|call| call.arguments.is_empty()).map(|call| call.name.text.as_str())
    }

    /// The call, if it is a name with or without arguments.
    pub fn call(&self) -> Option<&Call> {
        match &self.kind {
            ExprKind::Call(call) => Some(call),
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::List(_)
            | ExprKind::Negative(_)
            | ExprKind::Binary { .. } => None,
        }
    }

    /// The text, if it is one in quotes.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            ExprKind::Text(text) => Some(text),
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Call(_)
            | ExprKind::List(_)
            | ExprKind::Negative(_)
            | ExprKind::Binary { .. } => None,
        }
    }

    /// The elements, if it is a list.
    pub fn list(&self) -> Option<&[Self]> {
        match &self.kind {
            ExprKind::List(items) => Some(items),
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Call(_)
            | ExprKind::Negative(_)
            | ExprKind::Binary { .. } => None,
        }
    }

    /// The elements of a list; only itself if it is not a list.
    pub fn one_or_list(&self) -> Vec<&Self> {
        self.list().map_or_else(|| vec![self], |items| items.iter().collect())
    }

    /// The flag, if it is `true` or `false`.
    pub fn flag(&self) -> Option<bool> {
        match &self.kind {
            ExprKind::Bool(flag) => Some(*flag),
            ExprKind::Integer(_)
            | ExprKind::Float(_)
            | ExprKind::Text(_)
            | ExprKind::Call(_)
            | ExprKind::List(_)
            | ExprKind::Negative(_)
            | ExprKind::Binary { .. } => None,
        }
    }

    /// The integer, if it is one without a sign.
    pub fn integer(&self) -> Option<u64> {
        match &self.kind {
            ExprKind::Integer(integer) => Some(*integer),
            ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Call(_)
            | ExprKind::List(_)
            | ExprKind::Negative(_)
            | ExprKind::Binary { .. } => None,
        }
    }

    /// Whether it is this integer, with its sign.
    pub fn is_integer(&self, integer: i64) -> bool {
        match &self.kind {
            ExprKind::Integer(written) => i64::try_from(*written) == Ok(integer),
            ExprKind::Negative(inner) => integer <= 0 && inner.is_integer(-integer),
            ExprKind::Float(_)
            | ExprKind::Bool(_)
            | ExprKind::Text(_)
            | ExprKind::Call(_)
            | ExprKind::List(_)
            | ExprKind::Binary { .. } => false,
        }
    }
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `10_000`. Too large for 64 bits is a syntax error.
    Integer(u64),
    /// `0.5`, `1e-3`.
    Float(f64),
    /// `true`, `false`.
    Bool(bool),
    /// `"…"`, unescaped.
    Text(String),
    /// A name, or `name(arguments)`.
    Call(Call),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `-a`.
    Negative(Box<Expr>),
    /// `a + b`.
    Binary {
        /// `+ - * /`.
        operator: Operator,
        /// The left side.
        left: Box<Expr>,
        /// The right side.
        right: Box<Expr>,
    },
}

/// `+ - * /`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl Operator {
    /// As it is written.
    pub fn symbol(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
        }
    }
}

/// `name: value;` or `name(arguments);` in `train` and `data`.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The setting's name; may be a keyword such as `in`.
    pub name: Name,
    /// Its value.
    pub value: SettingValue,
    /// The whole setting, the `;` included.
    pub span: Span,
}

/// What a setting is set to.
#[derive(Clone, Debug, PartialEq)]
pub enum SettingValue {
    /// `name: value;`
    Value(Expr),
    /// `name(arguments);`
    Arguments(Vec<Argument>),
}

impl SettingValue {
    /// The integer, if it is one without a sign.
    pub fn integer(&self) -> Option<u64> {
        match self {
            Self::Value(value) => value.integer(),
            Self::Arguments(_) => None,
        }
    }
}

/// One item of `data { … }`.
#[derive(Clone, Debug, PartialEq)]
pub enum DataItem {
    /// `csv: "…";`
    Setting(Setting),
    /// `[0, 1] => [1];`; one list an input, one list (or number) a target.
    Row {
        /// What is before `=>`.
        inputs: Vec<Expr>,
        /// What is after it.
        targets: Vec<Expr>,
        /// The whole row.
        span: Span,
    },
}

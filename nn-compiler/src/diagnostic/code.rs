//! The registry of codes: every `NNxxxx`, its title, and the stage that reports it.

use std::fmt;

use super::level::Level;

/// A code such as `NN0301`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u16);

/// What the registry says about a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// What it means, in a few words.
    pub title: &'static str,
    /// The stage that reports it.
    pub stage: Stage,
    /// Its page of `docs/errors`: what it means, a spec that fails with it, and the same spec corrected.
    pub page: &'static str,
}

/// The stages that report, in the order of the compiler; each has a hundred codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// The text is read: NN00xx.
    Syntax,
    /// Names are looked up: NN01xx.
    Names,
    /// Arguments are bound: NN02xx.
    Arguments,
    /// Shapes are inferred: NN03xx.
    Shapes,
    /// `train` is resolved and checked against the graph: NN04xx.
    Training,
    /// `data` is resolved and checked against the shapes: NN05xx.
    Data,
    /// Costs are checked against `assert`: NN06xx.
    Budgets,
    /// The network compiles, and gets the advice of an experienced colleague: NN07xx, all warnings.
    Lints,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 8] = [
        Self::Syntax,
        Self::Names,
        Self::Arguments,
        Self::Shapes,
        Self::Training,
        Self::Data,
        Self::Budgets,
        Self::Lints,
    ];

    /// The word for it, which is also the folder of its specs under `specs/fail`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Names => "names",
            Self::Arguments => "arguments",
            Self::Shapes => "shapes",
            Self::Training => "training",
            Self::Data => "data",
            Self::Budgets => "budgets",
            Self::Lints => "lints",
        }
    }
}

impl Entry {
    /// How serious it is.
    pub fn level(&self) -> Level {
        match self.stage {
            Stage::Lints => Level::Warning,
            Stage::Syntax
            | Stage::Names
            | Stage::Arguments
            | Stage::Shapes
            | Stage::Training
            | Stage::Data
            | Stage::Budgets => Level::Error,
        }
    }
}

impl Code {
    /// The digits after `NN`.
    pub fn number(self) -> u16 {
        self.0
    }

    /// The code that is written as `NN0301`, in upper or lower case.
    pub fn parse(word: &str) -> Option<&'static Entry> {
        ALL.iter().find(|entry| entry.code.to_string().eq_ignore_ascii_case(word))
    }

    /// Its entry in the registry.
    pub fn entry(self) -> &'static Entry {
        let found = ALL.iter().find(|entry| entry.code == self);
        found.expect("codes are made by the registry alone")
    }

    /// The name by which `allow` silences it, if it is a lint.
    pub fn lint(self) -> Option<&'static str> {
        LINTS.iter().find(|(_, code)| *code == self).map(|(name, _)| *name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "NN{:04}", self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// The number of `NN0301`; a code in another form fails when the registry is compiled.
const fn number(text: &str) -> u16 {
    let bytes = text.as_bytes();
    assert!(bytes.len() == 6 && bytes[0] == b'N' && bytes[1] == b'N');
    let mut number = 0;
    let mut at = 2;
    while at < 6 {
        assert!(bytes[at].is_ascii_digit());
        number = 10 * number + (bytes[at] - b'0') as u16;
        at += 1;
    }
    number
}

macro_rules! codes {
    ($($stage:ident { $($name:ident = $number:literal, $title:literal;)* })*) => {
        $($(#[doc = concat!($number, ": ", $title)] pub const $name: Code = Code(number($number));)*)*

        /// Every code, in order.
        pub const ALL: &[Entry] = &[$($(Entry {
            code: $name,
            title: $title,
            stage: Stage::$stage,
            page: include_str!(concat!("../../errors/", $number, ".md")),
        }),*),*];
    };
}

/// Every lint by its name.
pub const LINTS: &[(&str, Code)] = &[
    ("linear_stack", LINEAR_STACK),
    ("dropout_last", DROPOUT_LAST),
    ("high_dropout", HIGH_DROPOUT),
    ("vanishing_gradient", VANISHING_GRADIENT),
    ("bias_before_norm", BIAS_BEFORE_NORM),
    ("learning_rate", LEARNING_RATE),
    ("relu_last", RELU_LAST),
    ("lost_differences", LOST_DIFFERENCES),
    ("unscaled_data", UNSCALED_DATA),
    ("not_separable", NOT_SEPARABLE),
    ("expectation", EXPECTATION),
    ("constant_init", CONSTANT_INIT),
    ("batch_norm_momentum", BATCH_NORM_MOMENTUM),
    ("unreachable_targets", UNREACHABLE_TARGETS),
];

codes! {
    Syntax {
        SYNTAX = "NN0001", "the text does not follow the grammar";
        UNCLOSED = "NN0002", "a bracket, a string or a comment is not closed";
        NUMBER_TOO_LARGE = "NN0003", "a number does not fit 64 bits";
        TOO_LONG = "NN0004", "the spec is too long";
        TOO_DEEP = "NN0005", "the spec is nested too deeply";
        NOT_TEXT = "NN0006", "the spec is not text";
        EMPTY = "NN0007", "the spec has no network";
        SURPLUS = "NN0008", "text after the network";
        RESERVED = "NN0009", "a keyword is used as a name";
    }

    Names {
        UNKNOWN_LAYER = "NN0101", "no such layer or block";
        UNKNOWN_VALUE = "NN0102", "no such value";
        BOUND_TWICE = "NN0103", "a name is defined twice";
        UNUSED_VALUE = "NN0104", "a value is never used";
        UNKNOWN_CONST = "NN0105", "no such constant";
        NO_INPUT = "NN0106", "a network without an input";
        NO_OUTPUT = "NN0107", "a network without an output";
        RECURSION = "NN0108", "a block uses itself";
        UNUSED_BLOCK = "NN0109", "a block is never used";
        NO_SOURCE = "NN0110", "a chain does not start from a value";
        USED_BEFORE_BOUND = "NN0111", "a value is used before it is defined";
        UNKNOWN_MERGE = "NN0112", "no such merge";
        UNKNOWN_LINT = "NN0113", "no such lint";
        TOO_MANY_ROWS = "NN0114", "too many inputs or outputs";
    }

    Arguments {
        UNKNOWN_ARGUMENT = "NN0201", "no such argument";
        MISSING_ARGUMENT = "NN0202", "an argument is missing";
        SURPLUS_ARGUMENT = "NN0203", "too many arguments";
        DOUBLED_ARGUMENT = "NN0204", "an argument is given twice";
        OUT_OF_RANGE = "NN0205", "a value is out of range";
        WRONG_KIND = "NN0206", "a value of the wrong kind";
        UNEVEN_DIVISION = "NN0207", "a division of integers that leaves a remainder";
        ARITHMETIC = "NN0208", "an expression that has no value";
        UNKNOWN_INIT = "NN0209", "no such initialiser";
        BAD_REPEAT = "NN0210", "a layer cannot be repeated this often";
        MERGE_ARITY = "NN0211", "a merge of too few or too many values";
    }

    Shapes {
        DENSE_NEEDS_FLAT_INPUT = "NN0301", "`dense` needs a flat input";
        RESHAPE_SIZE = "NN0302", "`reshape` changes the number of elements";
        MERGE_SHAPES = "NN0303", "the shapes of merged values do not fit";
        TOO_LARGE = "NN0304", "a value or a weight matrix is too large";
        NEEDS_FLAT_INPUT = "NN0305", "a layer that needs a flat input";
        NORMALIZE_PLACE = "NN0306", "`normalize` after a layer that learns";
        NEEDS_IMAGE = "NN0307", "a layer that needs an image or a sequence";
        WINDOW_TOO_LARGE = "NN0308", "a window larger than its input";
        GROUPS = "NN0309", "groups that do not divide the channels";
        PADDING_TOO_LARGE = "NN0310", "a pool whose padding is as large as its window";
        EMBEDDING_PLACE = "NN0311", "`embedding` of numbers that are computed";
    }

    Training {
        UNKNOWN_SETTING = "NN0401", "no such setting";
        DOUBLED_SETTING = "NN0402", "a setting is given twice";
        MISSING_SETTING = "NN0403", "a setting is missing";
        UNKNOWN_LOSS = "NN0404", "no such loss";
        UNKNOWN_OPTIMIZER = "NN0405", "no such optimizer or rule";
        UNKNOWN_METRIC = "NN0406", "no such metric";
        LOSS_NEEDS_ACTIVATION = "NN0407", "the loss does not fit the last activation";
        SOFTMAX_OF_ONE = "NN0408", "softmax over one unit";
        STEP_HAS_NO_GRADIENT = "NN0409", "`step` cannot be trained by gradients";
        PERCEPTRON_SHAPE = "NN0410", "the perceptron rule trains one layer with `step`";
        CONTRADICTION = "NN0411", "settings that contradict each other";
        BATCH_NORM_BATCH = "NN0412", "`batch_norm` needs a batch of two rows or more, as a number";
        METRIC_DOES_NOT_FIT = "NN0414", "a metric that does not fit the loss";
        UNKNOWN_MONITOR = "NN0415", "early stopping monitors something that is not measured";
        NOTHING_TO_TRAIN = "NN0416", "training a network in which nothing learns";
        DOUBLED_STATEMENT = "NN0417", "a statement that may be written once is written twice";
        EXPECT_WITHOUT_TRAIN = "NN0418", "`expect` without `train`";
        SOFTMAX_TWICE = "NN0419", "a softmax of a softmax";
        NOTHING_TO_FREEZE = "NN0420", "`freeze` where nothing learns";
        UNKNOWN_SCHEDULE = "NN0421", "no such schedule";
        SCHEDULE_DOES_NOT_FIT = "NN0422", "a schedule that does not fit the epochs";
        CLASS_WEIGHTS = "NN0423", "class weights that do not fit the classes";
        NEEDS_LOSS = "NN0424", "something that needs a loss, where `train` has none";
        ALL_WITHOUT_LOSS = "NN0425", "`batch: all` without a loss";
        RATE_OF_NOTHING = "NN0426", "a learning rate of a value that does not learn";
    }

    Data {
        ROW_WIDTH = "NN0501", "a data row of the wrong width";
        DATA_WITHOUT_SOURCE = "NN0502", "`data` names neither a file nor rows";
        BAD_LABEL = "NN0503", "a label outside the classes";
        TARGET_WIDTH = "NN0504", "target columns that do not fit the output";
        INPUT_WIDTH = "NN0505", "input columns that do not fit the inputs";
        NO_VALIDATION = "NN0506", "validation is monitored, but no rows are held back for it";
        NO_IMAGES = "NN0507", "images where the network takes none";
        UNKNOWN_AUGMENTATION = "NN0508", "no such augmentation";
        BAD_TOKEN = "NN0509", "a number that is not the index of a token";
        OFFSET_WITHOUT_NUMBERS = "NN0510", "an offset of a column that holds no numbers";
        TARGET_RANGE = "NN0513", "a target outside the range of the loss";
        ONE_HOT_TARGETS = "NN0514", "one-hot targets where the loss takes the number of a class";
        WEIGHTS_COLUMN = "NN0515", "a column of weights that has another use as well";
    }

    Budgets {
        UNKNOWN_QUANTITY = "NN0601", "no such quantity";
        BUDGET = "NN0602", "a budget is exceeded";
    }

    Lints {
        LINEAR_STACK = "NN0701", "two layers without an activation between them";
        DROPOUT_LAST = "NN0702", "dropout after the last layer";
        HIGH_DROPOUT = "NN0703", "dropout that drops more than half";
        VANISHING_GRADIENT = "NN0704", "sigmoid or tanh in three or more hidden layers";
        BIAS_BEFORE_NORM = "NN0705", "a bias right before `batch_norm`";
        LEARNING_RATE = "NN0706", "a learning rate out of the usual range of its optimizer";
        RELU_LAST = "NN0707", "`relu` last on an output that is trained on numbers";
        UNSCALED_DATA = "NN0708", "data far from zero that nothing scales";
        NOT_SEPARABLE = "NN0709", "a single neuron on examples that no line separates";
        EXPECTATION = "NN0710", "an expectation that is never met, or always";
        CONSTANT_INIT = "NN0711", "a hidden layer whose weights all start out the same";
        BATCH_NORM_MOMENTUM = "NN0712", "an unusual `momentum` of `batch_norm`";
        LOST_DIFFERENCES = "NN0713", "different numbers that are equal as `f32`";
        UNREACHABLE_TARGETS = "NN0715", "targets that the last activation cannot reach";
    }
}

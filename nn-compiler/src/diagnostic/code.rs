//! The registry of codes: every `NNxxxx`, its title, and where it comes from.

use std::fmt;

/// A code such as `NN0301`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u16);

impl Code {
    /// The digits after `NN`.
    pub fn number(self) -> u16 {
        self.0
    }

    /// What the code stands for, in a few words.
    pub fn title(self) -> &'static str {
        ALL.iter().find(|(code, _)| *code == self).map_or("", |(_, title)| title)
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

macro_rules! codes {
    ($($name:ident = $number:literal, $title:literal;)*) => {
        $(#[doc = $title] pub const $name: Code = Code($number);)*

        /// Every code with its title, in order.
        pub const ALL: &[(Code, &str)] = &[$(($name, $title)),*];
    };
}

codes! {
    SYNTAX = 1, "what stands here is not in the language's grammar";
    UNCLOSED = 2, "a bracket, a string or a comment is not closed";
    NUMBER_TOO_LARGE = 3, "a number does not fit 64 bits";
    TOO_LONG = 4, "the spec is too long";
    TOO_DEEP = 5, "the spec is nested too deep";
    NOT_TEXT = 6, "the spec is not text";
    EMPTY = 7, "the spec holds no network";
    SURPLUS = 8, "text after the network";
    RESERVED = 9, "a keyword is used as a name";

    UNKNOWN_LAYER = 101, "no such layer or block";
    UNKNOWN_VALUE = 102, "no such value";
    BOUND_TWICE = 103, "a name is bound twice";
    UNUSED_VALUE = 104, "a value is never used";
    UNKNOWN_CONST = 105, "no such constant";
    NO_INPUT = 106, "a network without an input";
    NO_OUTPUT = 107, "a network without an output";
    RECURSION = 108, "a block uses itself";
    UNUSED_BLOCK = 109, "a block is never used";
    NO_SOURCE = 110, "a chain does not start from a value";
    USED_BEFORE_BOUND = 111, "a value is used before it is bound";
    UNKNOWN_MERGE = 112, "no such way to merge values";

    UNKNOWN_ARGUMENT = 201, "no such argument";
    MISSING_ARGUMENT = 202, "an argument is missing";
    SURPLUS_ARGUMENT = 203, "too many arguments";
    DOUBLED_ARGUMENT = 204, "an argument is given twice";
    OUT_OF_RANGE = 205, "a value is out of range";
    WRONG_KIND = 206, "a value of the wrong kind";
    UNEVEN_DIVISION = 207, "a division of integers that leaves a remainder";
    ARITHMETIC = 208, "an expression that has no value";
    UNKNOWN_INIT = 209, "no such initialiser";
    BAD_REPEAT = 210, "a layer can not be repeated this often";
    MERGE_ARITY = 211, "a merge of too few or too many values";

    DENSE_NEEDS_FLAT_INPUT = 301, "`dense` needs a flat input";
    RESHAPE_SIZE = 302, "`reshape` changes the number of elements";
    MERGE_SHAPES = 303, "the shapes of merged values do not fit";
    TOO_LARGE = 304, "a size that does not fit";
    NEEDS_FLAT_INPUT = 305, "a layer that needs a flat input";
    NORMALIZE_PLACE = 306, "`normalize` after a layer that learns";

    UNKNOWN_SETTING = 401, "no such setting";
    DOUBLED_SETTING = 402, "a setting is given twice";
    MISSING_SETTING = 403, "a setting is missing";
    UNKNOWN_LOSS = 404, "no such loss";
    UNKNOWN_OPTIMIZER = 405, "no such optimizer or rule";
    UNKNOWN_METRIC = 406, "no such metric";
    LOSS_NEEDS_ACTIVATION = 407, "the loss does not fit the last activation";
    SOFTMAX_OF_ONE = 408, "softmax over one unit";
    STEP_HAS_NO_GRADIENT = 409, "`step` can not be trained by gradients";
    PERCEPTRON_SHAPE = 410, "the perceptron rule trains one layer with `step`";
    CONTRADICTION = 411, "settings that contradict each other";
    BATCH_NORM_BATCH = 412, "`batch_norm` needs a batch of two rows or more, as a number";
    NOT_SUPPORTED_YET = 413, "not supported yet";
    METRIC_DOES_NOT_FIT = 414, "a metric that does not fit the loss";
    UNKNOWN_MONITOR = 415, "early stopping watches something that is not measured";
    NOTHING_TO_TRAIN = 416, "training a network without parameters";
    DOUBLED_STATEMENT = 417, "a statement that may stand once stands twice";
    EXPECT_WITHOUT_TRAIN = 418, "`expect` without `train`";

    ROW_WIDTH = 501, "a data row of the wrong width";
    DATA_WITHOUT_SOURCE = 502, "`data` names neither a file nor rows";
    BAD_LABEL = 503, "a label outside the classes";

    UNKNOWN_QUANTITY = 601, "no such quantity";
    BUDGET = 602, "a budget is exceeded";

    UNKNOWN_LINT = 701, "no such lint";
}

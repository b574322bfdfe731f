//! Choices among constants.

/// Runs the first line whose condition holds. The conditions are constants, and numbers become
/// constants by them, so that what is compiled is only what occurs.
macro_rules! choose {
    ($($condition:expr => $body:expr;)*) => {
        $(if const { $condition } { return $body; })*
    };
}

pub(crate) use choose;

/// Calls a function of `Self` for the rows and vectors of the largest tile of an instruction set.
macro_rules! choose_largest {
    ($isa:ident => $function:ident($($argument:expr),*)) => {
        if const { $isa::SUMS == 24 } {
            Self::$function::<$isa, 12, 2>($($argument),*);
        } else if const { $isa::SUMS == 6 } {
            Self::$function::<$isa, 6, 1>($($argument),*);
        } else if const { $isa::SUMS == 4 } {
            Self::$function::<$isa, 4, 1>($($argument),*);
        } else {
            Self::$function::<$isa, 2, 1>($($argument),*);
        }
    };
}

pub(super) use choose_largest;

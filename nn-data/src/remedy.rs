//! What can be done about wrong cells.

/// What can be done about an error, other than to correct the file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Remedy {
    /// One-hot encode the column.
    OneHot,
    /// Train a network with classes.
    Classes,
    /// Leave the column out, since nearly all of its texts differ.
    LeaveOut,
    /// Leave the column out, or compute numbers from its dates.
    Date,
    /// Write a decimal point instead of the comma.
    DecimalPoint,
    /// Write the number without its thousands separators.
    Thousands,
    /// Write the number without the percent sign.
    Percent,
    /// Write the number without the sign of a currency.
    Currency,
    /// Write `-` for the minus sign.
    MinusSign,
    /// Say that the text means a missing cell.
    MissingWord,
    /// Correct the few cells of a column of numbers that are texts.
    Correct,
    /// Leave out rows with missing cells.
    Drop,
    /// Write the two labels of the column as 0 and 1.
    TwoLabels {
        /// The smaller label.
        no: f32,
        /// The larger label.
        yes: f32,
    },
    /// Train with a loss that takes such numbers.
    OtherLoss,
}

impl Remedy {
    /// Whether it changes the use of the whole column.
    pub(crate) fn concerns_column(self) -> bool {
        matches!(self, Remedy::OneHot | Remedy::Classes) || self.leaves_out()
    }

    /// Whether it leaves the column out.
    pub(crate) fn leaves_out(self) -> bool {
        match self {
            Remedy::LeaveOut | Remedy::Date => true,
            Remedy::OneHot
            | Remedy::Classes
            | Remedy::DecimalPoint
            | Remedy::Thousands
            | Remedy::Percent
            | Remedy::Currency
            | Remedy::MinusSign
            | Remedy::MissingWord
            | Remedy::Correct
            | Remedy::Drop
            | Remedy::TwoLabels { .. }
            | Remedy::OtherLoss => false,
        }
    }
}

//! Corrections that are offered. Nothing is corrected unless the person accepts it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A correction of the file as it is read; the file itself stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fix {
    /// Every cell of a column with this text gets that text.
    Value {
        /// The column's name in the file.
        column: String,
        /// The text that is replaced.
        from: String,
        /// The text in its place.
        to: String,
        /// It can only be meant so (`1.0` for `1`); others are for a person to judge.
        sure: bool,
    },
    /// A column of the file is this field.
    Rename {
        /// The name in the file.
        from: String,
        /// The name in the project.
        to: String,
    },
    /// A column of the file is left out.
    Drop {
        /// The name in the file.
        column: String,
    },
    /// Record names of digits get leading zeros up to this width.
    PadIds {
        /// The width.
        width: usize,
    },
    /// Blank instances of repeating instruments and events become `new`.
    NewInstances,
    /// Records that look as if they had lost their leading zeros are new on purpose.
    KeepIds,
    /// Values of checkbox fields are ticked codes, as exports with one value a row have them.
    ExportedBoxes,
}

impl Fix {
    /// Whether there is no other way to read the file.
    pub fn is_sure(&self) -> bool {
        matches!(self, Self::Value { sure: true, .. })
    }

    /// Whether two corrections say different things about the same, so that one replaces the other.
    pub fn conflicts_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value { column: a, from: x, .. }, Self::Value { column: b, from: y, .. }) => {
                a == b && x == y
            }
            (
                Self::Rename { from: a, .. } | Self::Drop { column: a },
                Self::Rename { from: b, .. } | Self::Drop { column: b },
            ) => a == b,
            (Self::PadIds { .. } | Self::KeepIds, Self::PadIds { .. } | Self::KeepIds) => true,
            _ => false,
        }
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { column, from, to, .. } => write!(f, "in {column}, read \"{from}\" as \"{to}\""),
            Self::Rename { from, to } => write!(f, "read the column \"{from}\" as {to}"),
            Self::Drop { column } => write!(f, "leave the column \"{column}\" out"),
            Self::PadIds { width } => write!(f, "fill record names with zeros to {width} digits"),
            Self::NewInstances => write!(f, "read a blank instance as \"new\""),
            Self::ExportedBoxes => {
                write!(f, "read the values of checkbox fields as ticked choices, as exports have them")
            }
            Self::KeepIds => write!(f, "these records are new on purpose"),
        }
    }
}

//! What becomes of a cell, in one word.

/// What becomes of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Cell {
    /// A blank where the row can hold no value of the field, or a key.
    Nothing,
    /// A value, compared with nothing.
    Filled,
    /// A value where nothing is stored.
    New,
    /// Another value than the stored one.
    Changed,
    /// The stored value.
    Same,
    /// A blank; the stored value stays.
    Kept,
    /// A blank where nothing is stored.
    Blank,
    /// A blank that erases the stored value.
    Erased,
    /// Not sent: REDCap computes or ignores it.
    Ignored,
    /// It cannot be sent.
    Refused,
}

impl Cell {
    /// All, in the order of the summary.
    pub const ALL: [Self; 10] = [
        Self::New,
        Self::Changed,
        Self::Erased,
        Self::Same,
        Self::Kept,
        Self::Blank,
        Self::Filled,
        Self::Ignored,
        Self::Refused,
        Self::Nothing,
    ];

    /// A short word for scripts.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Filled => "not_compared",
            Self::New => "new",
            Self::Changed => "changed",
            Self::Same => "same",
            Self::Kept => "kept",
            Self::Blank => "blank",
            Self::Erased => "erased",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
        }
    }

    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Filled => "not compared",
            Self::New => "new",
            Self::Changed => "changed",
            Self::Same => "same",
            Self::Kept => "blank (stored value kept)",
            Self::Blank => "blank (nothing stored)",
            Self::Erased => "will be erased",
            Self::Ignored => "ignored",
            Self::Refused => "refused",
        }
    }
}

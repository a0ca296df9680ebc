//! What can be wrong with a file, and how the server would take it (`redcap-validation.md` §9, §13).

use super::fix::Fix;

/// How serious a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// REDCap refuses the whole import.
    Refused,
    /// REDCap would take it, and it would be wrong or nobody can know: capscope does not send it.
    Stopped,
    /// REDCap accepts it without saying anything.
    Warning,
    /// Good to know.
    Note,
}

impl Severity {
    /// All, the worst first.
    pub const ALL: [Self; 4] = [Self::Refused, Self::Stopped, Self::Warning, Self::Note];

    /// The word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Stopped => "stopped",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

macro_rules! rules {
    ($($name:ident $severity:ident $tag:literal $title:literal $why:literal;)*) => {
        /// What is wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "title() and why() say in words what each one is")]
        pub enum Rule { $($name,)* }

        impl Rule {
            /// All rules.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// How serious it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// A short word for scripts; capital letters are those of REDCap's Data Quality rules.
            pub fn tag(self) -> &'static str {
                match self { $(Self::$name => $tag,)* }
            }

            /// What is wrong, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// Why it matters, and what REDCap does.
            pub fn why(self) -> &'static str {
                match self { $(Self::$name => $why,)* }
            }
        }
    };
}

rules! {
    UnknownColumn Refused "column" "No such field"
        "REDCap refuses the whole import if one column is unknown: it names the columns as fields that were not found in the project.";
    ColumnTwice Refused "column-twice" "The column comes twice"
        "Which of the two REDCap would take is not known.";
    NoIdColumn Refused "no-id" "The record id is missing"
        "Every row must say which record it belongs to, in the first field of the project.";
    BlankId Refused "blank-id" "The record name is blank"
        "Every row must say which record it belongs to.";
    LongId Refused "long-id" "The record name is too long"
        "Record names have at most 100 characters.";
    RaggedRow Stopped "ragged" "The row has another number of cells than the header"
        "A delimiter inside a value that is not quoted moves all cells after it into wrong columns.";
    UnknownEvent Refused "event" "No such event"
        "REDCap refuses the whole import: the value must be an event's unique name, not its label.";
    EventMissing Stopped "no-event" "The event is missing"
        "The project has events. Without one, REDCap's API takes the first event (sources differ), so the row may land at the wrong visit.";
    NotDesignated Refused "not-here" "The field is not at this event"
        "REDCap refuses the import: the instrument of this field is not designated for this event.";
    NeedsInstance Refused "instance" "Instrument and instance are needed"
        "The instrument repeats, so redcap_repeat_instrument and redcap_repeat_instance must say which instance is meant.";
    EventNeedsInstance Stopped "event-instance" "The instance of the repeating event is missing"
        "The whole event repeats. What REDCap does without an instance is not known.";
    BadRepeatInstrument Refused "repeat-instrument" "No such repeating instrument"
        "REDCap refuses it: redcap_repeat_instrument must be the unique name of an instrument that repeats at this event.";
    RepeatsElsewhere Stopped "repeats-elsewhere" "The instrument does not repeat at this event"
        "It repeats at another event only. What REDCap does with the row is not known.";
    InstanceNotAllowed Refused "no-instance" "Nothing repeats here"
        "REDCap refuses it: redcap_repeat_instance must be blank where neither the instrument nor the event repeats.";
    BadInstance Refused "bad-instance" "No instance number"
        "The instance is a whole number from 1, or the word new.";
    OtherForm Refused "other-form" "The field is not on this instrument"
        "The row is an instance of a repeating instrument; only fields of that instrument belong into it.";
    BadCode Refused "code" "Not one of the choices"
        "REDCap takes codes, never labels, and compares them exactly: 01 is not 1. It refuses the import.";
    BadCheckbox Refused "checkbox" "A checkbox takes 0 or 1"
        "One column for each choice: 1 ticks it, 0 unticks it, blank leaves it. Anything else is refused.";
    BadStatus Refused "status" "No form status"
        "A form status is 0 Incomplete, 1 Unverified or 2 Complete. Missing data codes are not taken here.";
    BadFormat Refused "format" "Not in the expected format"
        "REDCap refuses it: the value does not follow the field's validation.";
    BadDate Refused "date" "No date"
        "The value is no date of the calendar in a form that REDCap takes.";
    MixedDates Refused "dates-mixed" "Dates are written in different orders"
        "An import has one date format. Values of this column can only be read in different ways.";
    AmbiguousDates Stopped "dates" "Day or month first?"
        "Every date of the column can be read both ways. REDCap would take either without a word.";
    OutOfSlider Refused "slider" "Outside the slider"
        "REDCap checks the range of sliders on import and refuses values outside.";
    TooLong Refused "too-long" "The text is too long"
        "REDCap refuses texts of more than about 65,000 characters.";
    DagInGroup Refused "dag" "The group column may not be sent"
        "The token's user is in a Data Access Group. REDCap refuses redcap_data_access_group from such users.";
    UnknownDag Refused "no-dag" "No such Data Access Group"
        "The value must be the unique name of a group, never its label.";
    ConflictingRows Stopped "rows-conflict" "Two rows for the same place differ"
        "REDCap keeps one of them without saying which, and its count hides the other.";
    LostZeros Stopped "zeros" "Leading zeros may be lost"
        "A record with this name plus leading zeros exists. REDCap would create a new record beside it.";
    LostDigits Stopped "exponent" "Digits are lost"
        "A spreadsheet rounded the number and wrote it with an exponent. The digits cannot be brought back.";
    InventedCode Stopped "invented-code" "Not a missing data code of this project"
        "The value is outside the range and looks like a code for missing values that the project does not have. REDCap would store it as a number.";
    UnseenErasure Stopped "erases-unseen" "A blank may erase a value that cannot be seen"
        "Blanks erase in this mode, and the token's export rights hide what is stored in this field.";
    LossyText Stopped "encoding" "Some characters cannot be read"
        "The bytes do not belong to this encoding. Choose another encoding.";
    OutOfRange Warning "D" "Outside the range"
        "Limits of text fields only warn on REDCap's pages; the API stores the value. Data Quality rule D finds it later.";
    RequiredBlank Warning "B" "Required fields stay blank"
        "Imports do not ask for required fields. Data Quality rule B finds them later.";
    HiddenValue Warning "F" "Branching logic hides the field"
        "The value is stored although the form does not show the field. Who opens the form next is asked to erase it. Data Quality rule F finds it.";
    InstanceGap Warning "gap" "An instance is left out"
        "REDCap stores the instance although the one before it does not exist.";
    CalcColumn Warning "calc" "REDCap computes this field"
        "Values that are sent for a calculated field are ignored; REDCap computes them after the import. The column is left out.";
    FileColumn Warning "file" "Files are not imported with records"
        "REDCap ignores the column without a word. Files have a method of their own. The column is left out.";
    SystemColumn Note "ignored-column" "REDCap ignores this column"
        "Survey identifiers and times are accepted in a file and ignored. The column is left out.";
    NoRows Stopped "no-rows" "The file has no rows"
        "There is a header and nothing below it. Perhaps a filter hid the rows when the file was saved.";
    EmptyLines Note "empty-line" "Lines without any value"
        "Spreadsheets write a line of delimiters for an empty row. It names no record, so it is left out.";
    EmptyColumn Note "empty-column" "An empty column without a name"
        "Spreadsheets often write one at the end. It is left out because all of its cells are empty.";
    KeysOnly Warning "empty-row" "The row has no values"
        "REDCap accepts a row with nothing but its keys. Whether it creates the record is told differently by the sources.";
    IdenticalRows Warning "rows-twice" "The same row comes twice"
        "REDCap keeps one; its count shows records, not rows.";
    LabelIsCode Warning "label-code" "A label reads like this code"
        "The value is taken as a code. Another choice has the same text as its label; make sure which one is meant.";
    HiddenCharacters Warning "invisible" "Invisible characters"
        "The value has characters that cannot be seen, such as no-break spaces. They are stored, and searches will miss the value.";
    OuterBlanks Note "blanks" "Blanks around the value"
        "REDCap probably removes them (its pages do).";
    NotUnique Warning "unique" "The value must be unique"
        "This is the project's secondary unique field. Whether the API checks it is not known.";
    ExclusiveChoice Warning "exclusive" "A choice that excludes all others"
        "@NONEOFTHEABOVE is not enforced on import.";
    TooManyTicks Warning "max-checked" "More ticks than allowed"
        "@MAXCHECKED is not enforced on import.";
    OverLimit Warning "limit" "Longer than the field allows"
        "@CHARLIMIT and @WORDLIMIT are not enforced on import.";
    NoMissingCodes Warning "no-missing" "The field takes no missing data codes"
        "The field has @NOMISSING. Whether the API refuses the code is not known.";
    NotChecked Note "not-checked" "Not checked"
        "What this field takes cannot be known from the data dictionary.";
    NewRecord Note "new-record" "A new record"
        "The record does not exist yet. If the token lacks the right Create Records, REDCap refuses the import.";
    AutoNumbered Note "auto-number" "REDCap names the records"
        "With forceAutoNumber REDCap gives every record of the file a new name. The names in the file only tell which rows belong together; nothing that is stored is changed. Which name became which is in the receipt.";
    EavGroup Stopped "eav-dag" "Groups in a file with one value a row"
        "Whether REDCap takes redcap_data_access_group as the name of a field in such files is not known.";
    GroupMove Warning "dag-move" "The record changes its Data Access Group"
        "People of the old group lose it, people of the new group see it.";
    BlankColumnErases Warning "column-erases" "The whole column is blank"
        "Blanks erase in this mode, so the field is emptied in every row of the file.";
}

/// What one or more findings have in common: the same sentence and the same correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// What is wrong with this value or row, in a sentence. Never holds a stored value.
    pub what: String,
    /// The same without values of identifier fields, where it quotes values of several fields.
    pub masked: Option<String>,
    /// A correction, if one can be offered.
    pub fix: Option<Fix>,
}

/// Something found. Small, because a file may have millions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The row of the file, from 0; `None` for the file or a whole column.
    pub row: Option<u32>,
    /// The column of the file.
    pub column: Option<u32>,
    /// What is wrong.
    pub rule: Rule,
    /// The place of its [`Why`].
    pub why: u32,
}

/// Collects findings.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub list: Vec<Finding>,
    pub whys: Vec<Why>,
}

impl Findings {
    /// Keeps a sentence and gives its place.
    pub fn why(&mut self, what: impl Into<String>, fix: Option<Fix>) -> u32 {
        self.whys.push(Why { what: what.into(), masked: None, fix });
        self.whys.len() as u32 - 1
    }

    /// One finding with a sentence that quotes values, and the same sentence with masks.
    pub fn once_masked(
        &mut self,
        row: Option<usize>,
        column: Option<usize>,
        rule: Rule,
        what: String,
        masked: String,
    ) {
        let masked = (masked != what).then_some(masked);
        self.whys.push(Why { what, masked, fix: None });
        self.add(row, column, rule, self.whys.len() as u32 - 1);
    }

    pub fn add(&mut self, row: Option<usize>, column: Option<usize>, rule: Rule, why: u32) {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.list.push(Finding { row: row.map(small), column: column.map(small), rule, why });
    }

    /// One finding with a sentence of its own.
    pub fn once(
        &mut self,
        row: Option<usize>,
        column: Option<usize>,
        rule: Rule,
        what: impl Into<String>,
        fix: Option<Fix>,
    ) {
        let why = self.why(what, fix);
        self.add(row, column, rule, why);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_has_a_tag_of_its_own_and_words() {
        let tags: std::collections::HashSet<&str> = Rule::ALL.iter().map(|r| r.tag()).collect();
        assert_eq!(tags.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            assert!(!rule.title().is_empty() && rule.why().ends_with('.'), "{rule:?}");
        }
    }
}

//! The functions of the language (`redcap-logic.md` §7), one family per file.
//!
//! `if` is not here: it evaluates only the branch that it takes, so the evaluator does it.

pub(super) mod dates;
pub(super) mod missing;
pub(super) mod numbers;
pub(super) mod statistics;
pub(super) mod text;

use super::error::{EvalError, LogicError};
use super::rules::Rules;
use super::syntax::Expr;
use super::value::Value;
use jiff::civil::DateTime;
use std::ops::Range;

macro_rules! functions {
    ($($variant:ident $name:literal $min:literal $max:tt $family:ident $shape:literal;)*) => {
        /// A function of REDCap.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Function {
            $(#[doc = concat!("`", $shape, "`")] $variant,)*
        }

        impl Function {
            /// All functions.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The function with this name, in lower case.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// Its name.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How it is written.
            pub fn shape(self) -> &'static str {
                match self { $(Self::$variant => $shape,)* }
            }

            /// What it works on.
            pub fn family(self) -> Family {
                match self { $(Self::$variant => Family::$family,)* }
            }

            fn arity(self) -> (usize, usize) {
                match self { $(Self::$variant => ($min, functions!(@max $max)),)* }
            }
        }
    };
    (@max many) => { usize::MAX };
    (@max $max:literal) => { $max };
}

/// The families of functions, by what they take and give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// `if`
    Choice,
    /// From dates to numbers.
    Date,
    /// From a number to a number, and the tests for numbers.
    Number,
    /// From many numbers to one.
    Statistic,
    /// Tests for blanks and missing data codes.
    MissingCode,
    /// From two texts to true or false.
    TextTest,
    /// From texts to a number.
    TextMeasure,
    /// From texts to a text.
    Text,
}

functions! {
    If "if" 3 3 Choice "if(condition, then, else)";
    Datediff "datediff" 3 5 Date "datediff(date1, date2, 'unit', signed)";
    AgeAtDate "age_at_date" 2 3 Date "age_at_date(birth, date, decimals)";
    DayOfTheWeek "dayoftheweek" 1 1 Date "dayoftheweek(date)";
    Year "year" 1 1 Date "year(date)";
    Month "month" 1 1 Date "month(date)";
    Day "day" 1 1 Date "day(date)";
    Round "round" 1 2 Number "round(number, decimal places)";
    RoundUp "roundup" 1 2 Number "roundup(number, decimal places)";
    RoundDown "rounddown" 1 2 Number "rounddown(number, decimal places)";
    Sqrt "sqrt" 1 1 Number "sqrt(number)";
    Abs "abs" 1 1 Number "abs(number)";
    Exponential "exponential" 1 1 Number "exponential(number)";
    Log "log" 1 2 Number "log(number, base)";
    Mod "mod" 2 2 Number "mod(number, divisor)";
    Min "min" 1 many Statistic "min(number, number, ...)";
    Max "max" 1 many Statistic "max(number, number, ...)";
    Mean "mean" 1 many Statistic "mean(number, number, ...)";
    Median "median" 1 many Statistic "median(number, number, ...)";
    Sum "sum" 1 many Statistic "sum(number, number, ...)";
    Stdev "stdev" 1 many Statistic "stdev(number, number, ...)";
    IsNumber "isnumber" 1 1 Number "isnumber(value)";
    IsInteger "isinteger" 1 1 Number "isinteger(value)";
    IsBlankOrMissingCode "isblankormissingcode" 1 1 MissingCode "isblankormissingcode(value)";
    IsBlankNotMissingCode "isblanknotmissingcode" 1 1 MissingCode "isblanknotmissingcode(value)";
    IsMissingCode "ismissingcode" 1 1 MissingCode "ismissingcode(value)";
    HasMissingCode "hasmissingcode" 2 2 MissingCode "hasmissingcode(value, 'code,code')";
    Contains "contains" 2 2 TextTest "contains(text, part)";
    NotContain "not_contain" 2 2 TextTest "not_contain(text, part)";
    StartsWith "starts_with" 2 2 TextTest "starts_with(text, part)";
    EndsWith "ends_with" 2 2 TextTest "ends_with(text, part)";
    Find "find" 2 2 TextMeasure "find(part, text)";
    Left "left" 2 2 Text "left(text, number)";
    Right "right" 2 2 Text "right(text, number)";
    Mid "mid" 3 3 Text "mid(text, start, number)";
    Length "length" 1 1 TextMeasure "length(text)";
    Upper "upper" 1 1 Text "upper(text)";
    Lower "lower" 1 1 Text "lower(text)";
    Trim "trim" 1 1 Text "trim(text)";
    Concat "concat" 1 many Text "concat(text, text, ...)";
    ConcatWs "concat_ws" 2 many Text "concat_ws(separator, text, ...)";
    ReplaceText "replace_text" 3 3 Text "replace_text(text, search, replacement)";
}

impl Function {
    /// Whether it works on text.
    pub fn takes_text(self) -> bool {
        matches!(self.family(), Family::Text | Family::TextTest | Family::TextMeasure)
    }
}

/// Names that are no functions of REDCap, with what people mean by them (§7).
pub(super) fn instead_of(name: &str) -> &'static str {
    match name {
        "isblankormissing" => "Write isblankormissingcode(...).",
        "today" => "Write 'today' in quotes, inside a date function.",
        "now" => "Write 'now' in quotes, inside a date function.",
        "count" => "Use sum() over conditions or checkbox choices.",
        "coalesce" => "Use if([a]<>'', [a], [b]).",
        "in" | "like" | "between" => "Use comparisons joined by and / or.",
        _ => "If an external module of the server adds it, only the server can evaluate it.",
    }
}

/// Checks what can be checked when a call is read: how many arguments, and the unit of time.
pub(super) fn check_arguments(
    function: Function,
    args: &[Expr],
    at: &Range<usize>,
) -> Result<(), LogicError> {
    let (min, max) = function.arity();
    if args.len() < min || args.len() > max {
        let wanted = match (min, max) {
            (1, 1) => "one argument".to_owned(),
            (min, usize::MAX) => format!("at least {min}"),
            (min, max) if min == max => format!("{min} arguments"),
            (min, max) => format!("{min} to {max} arguments"),
        };
        let missing_unit = function == Function::Datediff && args.len() == 2;
        return Err(LogicError::new(
            at.clone(),
            if missing_unit {
                "datediff() has no unit of time.".to_owned()
            } else {
                format!("{}() has {}, but takes {wanted}.", function.name(), args.len())
            },
            format!("Write {}.", function.shape()),
        ));
    }
    if function == Function::Datediff
        && let Some(unit) = args.get(2)
        && let Some(text) = unit.literal_text()
        && dates::Unit::read(text).is_none()
    {
        return Err(LogicError::new(
            unit.at.clone(),
            format!("{text:?} is no unit of time."),
            "Units are y, M (month), d, h, m (minute) and s; case matters.",
        ));
    }
    Ok(())
}

/// What functions need besides their arguments.
pub(super) struct Call<'c> {
    pub at: &'c Range<usize>,
    pub rules: &'c Rules,
    pub now: DateTime,
    pub is_missing_code: &'c dyn Fn(&str) -> bool,
}

/// Evaluates any function but `if`.
pub(super) fn call<'v>(
    function: Function,
    args: &[Value<'v>],
    call: &Call<'_>,
) -> Result<Value<'v>, EvalError> {
    match function.family() {
        // The evaluator takes care of `if`; three evaluated values give the same here.
        Family::Choice => Ok(match args {
            [condition, then, otherwise] => {
                if condition.is_true(call.rules) {
                    then.clone()
                } else {
                    otherwise.clone()
                }
            }
            _ => Value::Blank,
        }),
        Family::Date => dates::call(function, args, call),
        Family::Number => numbers::call(function, args, call),
        Family::Statistic => statistics::call(function, args, call),
        Family::MissingCode => Ok(missing::call(function, args, call)),
        Family::TextTest | Family::TextMeasure | Family::Text => text::call(function, args, call),
    }
}

/// The whole number of a count or position; 0 for what is negative.
#[allow(clippy::cast_sign_loss, reason = "a float below zero becomes 0, as wanted")]
fn count(number: f64) -> usize {
    number as usize
}

//! The switches: one for every rule that the public documentation leaves unsure.
//!
//! REDCap's logic is documented well for the common cases and not at all for some corners; its
//! own browser and server sides differ in a few. Each such corner is one field here. The default
//! is what `redcap-logic.md` recommends; where it recommends nothing, the field says so.

/// What `<`, `<=`, `>` and `>=` give when a side is blank (`redcap-logic.md` §6, §14.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BlankOrder {
    /// No blank is in any order: the comparison is false.
    #[default]
    False,
    /// Blank is below every value.
    Low,
    /// Blank counts as the number 0.
    Zero,
}

/// How halves below zero are rounded by `round` (§7, §14.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NegativeHalf {
    /// `round(-2.5)` is -3.
    #[default]
    AwayFromZero,
    /// `round(-2.5)` is -2.
    Up,
}

/// Where `roundup` and `rounddown` go for numbers below zero (§7, §14.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NegativeRounding {
    /// `roundup` goes away from zero, `rounddown` toward it.
    #[default]
    ByMagnitude,
    /// `roundup` is the ceiling, `rounddown` the floor.
    CeilingFloor,
}

/// The sign of `mod` when a side is below zero (§7, §14.4; the reference names no default).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ModuloSign {
    /// The sign of the first number.
    #[default]
    Dividend,
    /// The sign of the second number.
    Divisor,
}

/// What `stdev` divides by (§7, §14.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deviation {
    /// n - 1.
    #[default]
    Sample,
    /// n.
    Population,
}

/// What comes out where nothing can be computed, or nothing is known for sure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OrRefuse {
    /// Blank.
    #[default]
    Blank,
    /// The evaluation stops and says that it cannot tell.
    Refuse,
}

/// What a field on another repeating instrument means without an instance (§4.1, §14.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OtherInstance {
    /// Blank.
    #[default]
    Blank,
    /// Its instance 1.
    One,
}

/// The switches. [`Rules::default`] holds the documented defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// `not`, `!`, `==`, `&&` and `||` are understood (§5, §14.2). Used by the parser.
    pub lenient_operators: bool,
    /// Function names may be written in any case (§2, §14.11). Used by the parser.
    pub any_case_functions: bool,
    /// Numbers such as `1e3` are understood (§2). Used by the parser.
    pub exponent_numbers: bool,
    /// Logic of nothing but white space and comments is refused; otherwise it is empty logic
    /// (§14.8). Used by the parser.
    pub refuse_white_space: bool,
    /// The order of blanks (§6, §14.1).
    pub blank_order: BlankOrder,
    /// A blank equals an unquoted 0, as an old browser page had it (§6, §14.1).
    pub blank_equals_zero: bool,
    /// A blank in arithmetic counts as 0 if it comes from a text field without validation (§6).
    pub unvalidated_blank_is_zero: bool,
    /// `=` and `<>` between two texts that look like numbers compare numbers: `'08'='8'` (§6, §14.3).
    pub numeric_text_equality: bool,
    /// A date equals the midnight of the same day when compared with a date-time (§6).
    pub date_is_midnight_in_comparison: bool,
    /// A bare text that is no number counts as true (§6).
    pub bare_text_is_true: bool,
    /// Halves below zero in `round`.
    pub negative_half: NegativeHalf,
    /// `roundup` and `rounddown` below zero.
    pub negative_rounding: NegativeRounding,
    /// The sign of `mod`.
    pub modulo_sign: ModuloSign,
    /// The divisor of `stdev`.
    pub deviation: Deviation,
    /// `sum` of nothing but blanks is 0; otherwise it is blank (§6, §14.5).
    pub sum_of_blanks_is_zero: bool,
    /// The other statistics of nothing but blanks (§6, §14.5).
    pub statistic_of_blanks: OrRefuse,
    /// Statistics skip texts that are no numbers, such as missing data codes; otherwise one of
    /// them makes the result blank (§10).
    pub statistics_skip_text: bool,
    /// The root of a negative number, `log(0)`, `mod(n, 0)` (§6).
    pub undefined_number: OrRefuse,
    /// `isnumber` and `isinteger` of a blank are true (§7).
    pub blank_is_number: bool,
    /// `datediff` of a date and a date-time takes the date as midnight; otherwise it is blank
    /// (§7, §14.6).
    pub datediff_mixes_dates_and_times: bool,
    /// `@CALCDATE` adds whole months and years by the calendar; otherwise by their fixed lengths (§8).
    pub calcdate_by_calendar: bool,
    /// `replace_text` finds its text in any case (§7, §14.11; the reference names no default).
    pub replace_text_any_case: bool,
    /// A field on another repeating instrument, without an instance.
    pub other_instance: OtherInstance,
    /// An instance given for a field that does not repeat is ignored; otherwise the reference
    /// is blank (§4.1; the reference names no default).
    pub ignore_instance_of_single: bool,
    /// The status of a form that was never saved is 0; otherwise blank (§4; the reference names
    /// no default).
    pub unsaved_status_is_zero: bool,
    /// A choice that the checkbox does not have reads as not ticked; otherwise blank (§11).
    pub unknown_choice_is_unticked: bool,
    /// The choices of a checkbox that holds a missing data code read as not ticked; otherwise
    /// blank (§10).
    pub coded_checkbox_is_unticked: bool,
    /// How many significant digits a number keeps when it becomes text; all of them if `None`
    /// (§6, §14.6).
    pub significant_digits: Option<u8>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            lenient_operators: true,
            any_case_functions: true,
            exponent_numbers: true,
            refuse_white_space: false,
            blank_order: BlankOrder::False,
            blank_equals_zero: false,
            unvalidated_blank_is_zero: false,
            numeric_text_equality: true,
            date_is_midnight_in_comparison: false,
            bare_text_is_true: true,
            negative_half: NegativeHalf::default(),
            negative_rounding: NegativeRounding::default(),
            modulo_sign: ModuloSign::default(),
            deviation: Deviation::default(),
            sum_of_blanks_is_zero: true,
            statistic_of_blanks: OrRefuse::Blank,
            statistics_skip_text: true,
            undefined_number: OrRefuse::Blank,
            blank_is_number: false,
            datediff_mixes_dates_and_times: true,
            calcdate_by_calendar: false,
            replace_text_any_case: false,
            other_instance: OtherInstance::Blank,
            ignore_instance_of_single: true,
            unsaved_status_is_zero: false,
            unknown_choice_is_unticked: true,
            coded_checkbox_is_unticked: true,
            significant_digits: None,
        }
    }
}

impl Rules {
    /// These rules, and each way in which REDCap may treat blanks differently.
    ///
    /// A result that is not the same under all of them depends on blank handling, and should be
    /// reported as such (`redcap-logic.md` §6).
    pub fn blank_variants(&self) -> Vec<Self> {
        let mut variants = vec![self.clone()];
        for order in [BlankOrder::False, BlankOrder::Low, BlankOrder::Zero] {
            variants.push(Self { blank_order: order, ..self.clone() });
        }
        variants.push(Self { blank_equals_zero: !self.blank_equals_zero, ..self.clone() });
        variants.push(Self { unvalidated_blank_is_zero: !self.unvalidated_blank_is_zero, ..self.clone() });
        variants
    }
}

//! Each switch of [`Rules`] changes what it says, and nothing where it should not.

use super::*;

#[test]
fn switches_of_functions_do_what_they_say() {
    let standard = Rules::default;
    for (expression, by_default, switched, rules) in [
        ("mod(-7, 3)", "-1", "2", Rules { modulo_sign: ModuloSign::Divisor, ..standard() }),
        ("stdev(2, 4)", "1.4142135623730951", "1", Rules { deviation: Deviation::Population, ..standard() }),
        ("sum([note])", "0", "", Rules { sum_of_blanks_is_zero: false, ..standard() }),
        ("mean('UNK', 4)", "4", "", Rules { statistics_skip_text: false, ..standard() }),
        ("isnumber([note])", "0", "1", Rules { blank_is_number: true, ..standard() }),
        ("isinteger('a')", "0", "0", Rules { blank_is_number: true, ..standard() }),
        (
            "datediff('2024-01-01', '2024-01-02 12:00', 'd')",
            "1.5",
            "",
            Rules { datediff_mixes_dates_and_times: false, ..standard() },
        ),
        ("replace_text('aA', 'A', 'b')", "ab", "bb", Rules { replace_text_any_case: true, ..standard() }),
        ("if('text', 1, 2)", "1", "2", Rules { bare_text_is_true: false, ..standard() }),
        ("if('0', 1, 2)", "2", "2", Rules { bare_text_is_true: false, ..standard() }),
        ("round(-2.5)", "-3", "-2", Rules { negative_half: NegativeHalf::Up, ..standard() }),
        (
            "roundup(-2.1)",
            "-3",
            "-2",
            Rules { negative_rounding: NegativeRounding::CeilingFloor, ..standard() },
        ),
        ("0.1 + 0.2", "0.30000000000000004", "0.3", Rules { significant_digits: Some(14), ..standard() }),
        ("'08' = '8'", "1", "0", Rules { numeric_text_equality: false, ..standard() }),
        ("[note] = 0", "0", "1", Rules { blank_equals_zero: true, ..standard() }),
        ("[note] < 1", "0", "1", Rules { blank_order: BlankOrder::Low, ..standard() }),
        ("[note] + 1", "", "1", Rules { unvalidated_blank_is_zero: true, ..standard() }),
        ("[weight] + 1", "", "", Rules { unvalidated_blank_is_zero: true, ..standard() }),
        (
            "'2024-01-01 00:00' = '2024-01-01'",
            "0",
            "1",
            Rules { date_is_midnight_in_comparison: true, ..standard() },
        ),
    ] {
        assert_eq!(in_row(expression, 0, &standard()).unwrap(), by_default, "{expression} by default");
        assert_eq!(in_row(expression, 0, &rules).unwrap(), switched, "{expression} switched");
    }
}

#[test]
fn refusing_is_better_than_guessing_if_one_asks_for_it() {
    let rules = Rules {
        undefined_number: OrRefuse::Refuse,
        statistic_of_blanks: OrRefuse::Refuse,
        ..Rules::default()
    };
    for expression in ["sqrt(-1)", "log(0)", "mod(10, 0)", "mean([note])"] {
        assert_eq!(in_row(expression, 0, &Rules::default()).unwrap(), "", "{expression}");
        assert!(in_row(expression, 0, &rules).is_err(), "{expression}");
    }
    // Division by zero is known to be blank.
    assert_eq!(in_row("1/0", 0, &rules).unwrap(), "");
}

#[test]
fn edges_of_functions() {
    for (expression, result) in [
        ("datediff('2024-01-01', '08:30', 'd')", ""),
        ("datediff('08:30', '10:00', 'h', true)", "1.5"),
        ("datediff('2024-03-01', '2024-01-01', 'd', 'mdy')", "60"),
        ("datediff('2024-03-01', '2024-01-01', 'd', 'mdy', false)", "60"),
        ("datediff('now', 'today', 'h', true)", "-13.758333333333333"),
        ("round(2.345, 'x')", ""),
        ("round(1234.5, -2)", "1200"),
        ("mid('abc', 0, 2)", "ab"),
        ("left('abc', -1)", ""),
        ("right('äöü', 2)", "öü"),
        ("(-8)^(1/3)", ""),
        ("-2^2", "-4"),
        ("2^3^2", "512"),
        ("2^-1", "0.5"),
        ("1 < 2 < 3", "1"),
        ("stdev(5)", ""),
        ("IF(1=1, UPPER('a'), 'b')", "A"),
        ("if(1=1, 'NaN', 1)", ""),
        ("true and not false", "1"),
        ("age_at_date('2000-07-05', 'today')", "23"),
    ] {
        assert_eq!(in_row(expression, 0, &Rules::default()).unwrap(), result, "{expression}");
    }
}

//! No text does harm: property tests, depth, length.

use super::*;
use crate::domain::logic::tags;
use proptest::prelude::*;

#[test]
fn deep_nesting_is_refused_on_a_small_stack() {
    // Half of what threads get by default, without optimisation.
    let small = std::thread::Builder::new().stack_size(1 << 20);
    small.spawn(deep_nesting).unwrap().join().unwrap();
}

fn deep_nesting() {
    for (open, close) in
        [("(", ")"), ("not ", ""), ("!", ""), ("abs(", ")"), ("-(", ")"), ("2^", ""), ("if(1=1,", ",0)")]
    {
        let nested = |n: usize| format!("{}1{}", open.repeat(n), close.repeat(n));
        let deepest = nested(MAX_DEPTH - 1);
        let logic = parse(&deepest).unwrap();
        assert!(parse(&logic.to_string()).is_ok());
        assert!(in_row(&deepest, 0, &Rules::default()).is_ok());
        let error = parse(&nested(100_000)).unwrap_err();
        assert!(error.message.contains("nested"), "{open}: {error}");
    }
}

#[test]
fn long_chains_are_no_problem() {
    let rules = Rules::default();
    for (part, between) in [("[sex]='2'", " and "), ("[sex]='1'", " or "), ("1", "+"), ("1", "*"), ("1", "=")]
    {
        let long = vec![part; 50_000].join(between);
        assert!(in_row(&long, 0, &rules).is_ok(), "{part}{between}");
    }
    let many = format!("sum({})", vec!["1"; 50_000].join(","));
    assert_eq!(in_row(&many, 0, &rules).unwrap(), "50000");
}

#[test]
fn texts_do_not_grow_without_bound() {
    let rules = Rules::default();
    for (open, close) in [
        ("replace_text(", ", 'a', 'aaa')"),
        ("concat_ws(", ", 'a', 'a', 'a')"),
        ("replace_text('aaaa', 'a', ", ")"),
    ] {
        let bomb = format!("{}'aa'{}", open.repeat(90), close.repeat(90));
        let result = in_row(&bomb, 0, &rules).map_err(|e| e.problem);
        assert!(matches!(result, Err(Problem::TooLong(_))), "{open}");
    }
}

/// Texts made of the pieces of the language, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "[sex]",
        "[race(1)]",
        "[weight]",
        "[v1_arm_1]",
        "[drug]",
        "[last-instance]",
        "[1]",
        "[born]",
        "(",
        ")",
        " and ",
        " or ",
        " not ",
        "!",
        "=",
        "<>",
        "<",
        ">=",
        "+",
        "-",
        "*",
        "/",
        "^",
        ",",
        "'",
        "\"",
        "''",
        "'a'",
        "'today'",
        "0",
        "1.5",
        "1e9",
        "if(",
        "datediff(",
        "round(",
        "sum(",
        "mid(",
        "'d'",
        " ",
        "\n",
        "#",
        "\\",
        "é",
        "@IF(",
        "@CALCTEXT(",
        "@CALCDATE(",
        "true",
        "log(",
        "replace_text(",
        "concat_ws(",
        "mod(",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Expressions that are valid, with every kind of node.
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "[sex]",
        "[race(1)]",
        "[v1_arm_1][weight]",
        "[drug][1]",
        "[born]",
        "1",
        "0.25",
        "-3",
        "'a'",
        "\"it's\"",
        "''",
        "'2024-01-01'",
        "'today'",
        "true",
        "'UNK'",
        "[event-name]",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 3, |inner| {
        let op = prop::sample::select(vec![
            "=", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", " and ", " or ", " AND ", "||",
        ]);
        let call = prop::sample::select(vec![
            "sum",
            "max",
            "concat",
            "median",
            "stdev",
            "if",
            "mid",
            "replace_text",
            "mean",
            "concat_ws",
        ]);
        let single = prop::sample::select(vec![
            "abs",
            "sqrt",
            "round",
            "rounddown",
            "roundup",
            "length",
            "upper",
            "trim",
            "year",
            "isnumber",
            "isblankormissingcode",
            "log",
            "exponential",
            "dayoftheweek",
        ]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a}{op}{b})")),
            (call, inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(f, a, b, c)| format!("{f}({a},{b}, {c})")),
            (single, inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})^({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("datediff({a},{b},'d',true)")),
            inner.prop_map(|a| format!("(not {a})")),
        ]
    })
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC*|(?s).*") {
        let _ = parse(&text);
        let _ = tags::find(&text);
    }

    #[test]
    fn no_pieces_make_the_engine_panic(text in pieces()) {
        let metadata = study();
        let project = Project::new(&metadata);
        match parse(&text) {
            Ok(logic) => {
                let _ = logic.lint(&project, Purpose::Branching { field: "note" });
                let printed = logic.to_string();
                prop_assert_eq!(parse(&printed).map(|l| l.to_string()), Ok(printed));
                for row in [0, 4] {
                    let _ = in_row(&text, row, &Rules::default());
                }
            }
            Err(error) => {
                prop_assert!(text.get(error.at.clone()).is_some(), "{} of {:?}", error, text);
            }
        }
        for tag in tags::find(&text) {
            prop_assert!(text.get(tag.at.clone()).is_some());
            let _ = tags::read_if(&text, &tag);
        }
        let _ = tags::computed(&text);
    }

    #[test]
    fn valid_logic_prints_as_logic_that_means_the_same(text in expressions()) {
        let logic = parse(&text).unwrap();
        let printed = logic.to_string();
        prop_assert_eq!(parse(&printed).unwrap().to_string(), printed.clone());
        for row in [0, 1, 4] {
            let rules = Rules::default();
            let (value, again) = (in_row(&text, row, &rules), in_row(&printed, row, &rules));
            prop_assert_eq!(value.map_err(|e| e.problem), again.map_err(|e| e.problem));
        }
    }

    #[test]
    fn a_bound_table_finds_the_rows_that_each_row_says(text in expressions()) {
        let (metadata, table) = (study(), data());
        let project = Project::new(&metadata);
        let rows = TableRows::new(&project, &table);
        let rules = Rules::default();
        let logic = parse(&format!("[sex]='2' or {text} and [pill]<>5")).unwrap();
        let bound = logic.bind(&rows, &rules, now()).unwrap();
        let mut expected = Vec::new();
        for row in 0..table.n_rows() {
            let record = rows.record(row);
            let context = RecordContext::new(&project, &record, rows.place(row), &rules, now());
            if logic.is_true(&context, &rules).unwrap() {
                expected.push(row as u32);
            }
        }
        prop_assert_eq!(bound.matching().unwrap(), expected);
    }
}

//! Logic, choices, dictionaries and data.

use super::{Tried, bytes, fuzz};
use capscope::domain::choices::{Choice, checkbox_column, parse_choices};
use capscope::domain::dictionary::{Dictionary, Field, FieldType};
use capscope::domain::event::{Event, Mapping, Repeating};
use capscope::domain::logic::syntax::{Expr, Node};
use capscope::domain::logic::{
    EvalError, OutlineLine, Problem, Project, Purpose, RecordContext, Rules, TableRows, Value, Verdict,
    parse, review, tags, uses,
};
use capscope::domain::project::{Metadata, Readable};
use capscope::domain::quality::{Checks, CustomRule, Letter, Report, Rule, Run, needed};
use capscope::domain::record::column;
use capscope::domain::table::{RecordTable, TableBuilder};
use capscope::domain::validation;
use jiff::civil::DateTime;
use proptest::prelude::*;

fn now() -> DateTime {
    jiff::civil::date(2024, 7, 4).at(13, 45, 30, 0)
}

/// The pieces of logic, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "[a]",
        "[b]",
        "[c(1)]",
        "[c(-4)]",
        "[c]",
        "[a:label]",
        "[nothing]",
        "[e1_arm_1]",
        "[e2_arm_1]",
        "[f]",
        "[n]",
        "[next-event-name]",
        "[last-instance]",
        "[1]",
        "[2]",
        "[record-name]",
        "[event-name]",
        "[A]",
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
        "==",
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
        "\"it's\"",
        "'\\'",
        "\\",
        "'today'",
        "'now'",
        "'2024-02-30'",
        "'UNK'",
        "0",
        "1.5",
        "1e9",
        ".5",
        "1e400",
        "if(",
        "datediff(",
        "round(",
        "sum(",
        "mean(",
        "stdev(",
        "mid(",
        "left(",
        "find(",
        "concat_ws(",
        "replace_text(",
        "log(",
        "mod(",
        "isnumber(",
        "isblankormissingcode(",
        "hasmissingcode(",
        "nosuch(",
        "true",
        "false",
        "'d'",
        "'y'",
        " ",
        "\n",
        "#",
        "// x\n",
        "é",
        "“",
        "@IF(",
        "@CALCTEXT(",
        "@CALCDATE(",
        "@DEFAULT='x'",
        "&lt;",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Logic that can be read, with every kind of part.
fn logic() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "[a]",
        "[b]",
        "[c(1)]",
        "[c(9)]",
        "[e1_arm_1][a]",
        "[next-event-name][b]",
        "[f][1]",
        "[f][last-instance]",
        "[n]",
        "1",
        "-3",
        "0.25",
        "''",
        "'a'",
        "\"it's\"",
        "'b\\'s'",
        "'2024-01-01'",
        "'today'",
        "true",
        "'UNK'",
        "[event-name]",
        "[record-name]",
        "[a_complete]",
    ]);
    leaf.prop_map(str::to_owned).prop_recursive(5, 40, 3, |inner| {
        let op = prop::sample::select(vec![
            "=", "<>", "!=", "==", "<", "<=", ">", ">=", "+", "-", "*", "/", " and ", " or ", " AND ", "||",
            "&&",
        ]);
        let two = prop::sample::select(vec!["contains", "mod", "left", "round", "concat", "hasmissingcode"]);
        let one = prop::sample::select(vec![
            "abs",
            "sqrt",
            "upper",
            "trim",
            "isnumber",
            "year",
            "not ",
            "-",
            "sum",
            "rounddown",
            "roundup",
            "length",
            "log",
            "exponential",
            "dayoftheweek",
            "isblankormissingcode",
        ]);
        let three = prop::sample::select(vec![
            "if",
            "mid",
            "replace_text",
            "concat_ws",
            "max",
            "median",
            "mean",
            "stdev",
        ]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a}{op}{b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} = {b} or {b} > 1 and {a} <> 2")),
            (three, inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(f, a, b, c)| format!("{f}({a},{b}, {c})")),
            (two, inner.clone(), inner.clone()).prop_map(|(f, a, b)| format!("{f}({a},{b})")),
            (one, inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})^({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("datediff({a},{b},'d',true)")),
        ]
    })
}

/// A small project: two events, a form that repeats at the second, codes, a checkbox.
fn project() -> Metadata {
    let field = |name: &str, form: &str, kind: &str, validation: &str, choices: &str| {
        let mut field = Field::new(name, form);
        field.field_type = FieldType::from(kind);
        field.validation = validation.into();
        field.choices_or_calculations = choices.into();
        field
    };
    let mut metadata = Metadata::default();
    metadata.info.is_longitudinal = true;
    metadata.info.missing_data_codes = vec![Choice::new("UNK", "Unknown"), Choice::new("-99", "Refused")];
    metadata.dictionary = Dictionary::new(vec![
        field("id", "a", "text", "", ""),
        field("a", "a", "text", "integer", ""),
        field("b", "a", "radio", "", "1, One | 2, Two"),
        field("c", "a", "checkbox", "", "1, One | -4, Four | 9, Nine"),
        field("n", "a", "text", "number_comma_decimal", ""),
        field("f", "r", "notes", "", ""),
    ]);
    let event =
        |name: &str| Event { unique_name: name.into(), name: name.into(), arm_num: 1, ..Event::default() };
    let map = |event: &str, form: &str| Mapping { arm_num: 1, event: event.into(), form: form.into() };
    metadata.events = Readable::Known(vec![event("e1_arm_1"), event("e2_arm_1")]);
    metadata.mapping =
        Readable::Known(vec![map("e1_arm_1", "a"), map("e2_arm_1", "a"), map("e2_arm_1", "r")]);
    metadata.repeating = Readable::Known(vec![Repeating {
        event: "e2_arm_1".into(),
        form: "r".into(),
        custom_label: String::new(),
    }]);
    metadata
}

const COLUMNS: [&str; 13] = [
    "id",
    column::EVENT,
    column::REPEAT_INSTRUMENT,
    column::REPEAT_INSTANCE,
    "a",
    "b",
    "c___1",
    "c____4",
    "c___9",
    "n",
    "a_complete",
    "f",
    "r_complete",
];

fn data() -> RecordTable {
    let mut table = TableBuilder::new(COLUMNS);
    table.push_row(["1", "e1_arm_1", "", "", "20", "1", "1", "0", "0", "1,5", "2"]);
    table.push_row(["1", "e2_arm_1", "", "", "", "2", "0", "0", "0", "", "0"]);
    table.push_row(["1", "e2_arm_1", "r", "1", "", "", "", "", "", "", "", "text", "2"]);
    table.push_row(["1", "e2_arm_1", "r", "3", "", "", "", "", "", "", "", "", "0"]);
    table.push_row(["2", "e1_arm_1", "", "", "UNK", "", "0", "1", "0", "x", "1"]);
    table.finish()
}

/// The tree without places in the text, and with references by name and not by number.
fn shape(expr: &Expr, references: &[String]) -> String {
    let all = |parts: &[Expr]| parts.iter().map(|p| shape(p, references)).collect::<Vec<_>>().join(";");
    match &expr.node {
        Node::Number(n) => format!("n{n:?}"),
        Node::Text { text, mark } => format!("t{mark}{text:?}"),
        Node::Bool(b) => format!("b{b}"),
        Node::Reference(i) => format!("r{}", references[*i]),
        Node::Call { name, function, args } => format!("f{name}{}({})", function.is_some(), all(args)),
        Node::Group(of) => format!("({})", shape(of, references)),
        Node::Not(of) => format!("!({})", shape(of, references)),
        Node::Sign { minus, of } => format!("s{minus}({})", shape(of, references)),
        Node::Power(a, b) => format!("^({};{})", shape(a, references), shape(b, references)),
        Node::Arithmetic(first, rest) => {
            let rest: Vec<String> =
                rest.iter().map(|(op, e)| format!("{op:?}{}", shape(e, references))).collect();
            format!("a({};{})", shape(first, references), rest.join(";"))
        }
        Node::Compare(first, rest) => {
            let rest: Vec<String> =
                rest.iter().map(|(op, e)| format!("{op:?}{}", shape(e, references))).collect();
            format!("c({};{})", shape(first, references), rest.join(";"))
        }
        Node::All(parts) => format!("&({})", all(parts)),
        Node::Any(parts) => format!("|({})", all(parts)),
    }
}

/// What must hold of any text as an expression.
fn check_logic(text: &str, metadata: &Metadata, table: &RecordTable) -> Tried {
    for tag in tags::find(text) {
        prop_assert!(text.get(tag.at.clone()).is_some() && text.get(tag.argument_at.clone()).is_some());
        let _ = tags::read_if(text, &tag);
    }
    let _ = tags::computed(text);
    let parsed = match parse(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            prop_assert!(text.get(error.at.clone()).is_some() && !error.message.is_empty());
            return Ok(());
        }
    };
    // Printed and read again it is the same tree.
    let printed = parsed.to_string();
    let again = parse(&printed).map_err(|e| TestCaseError::fail(format!("{printed:?}: {e}")))?;
    let names = |logic: &capscope::domain::logic::Logic| -> Vec<String> {
        logic.references().map(ToString::to_string).collect()
    };
    let shape_of =
        |logic: &capscope::domain::logic::Logic| logic.root().map(|root| shape(root, &names(logic)));
    prop_assert_eq!(shape_of(&parsed), shape_of(&again), "{:?} became {:?}", text, printed);

    let project = Project::new(metadata);
    for purpose in [Purpose::Filter, Purpose::Branching { field: "a" }, Purpose::Calculation { field: "b" }] {
        for lint in parsed.lint(&project, purpose) {
            prop_assert!(text.get(lint.at.clone()).is_some());
        }
    }
    let never = parsed.is_never_true(&project);
    let plain = |text: &str| text.replace([' ', '\n'], "");
    for width in [1, 30] {
        let outline: String = parsed.outline(width).iter().map(OutlineLine::text).collect();
        prop_assert_eq!(plain(&outline), plain(&printed));
    }
    let (rules, rows) = (Rules::default(), TableRows::new(&project, table));
    let bound = parsed.bind(&rows, &rules, now());
    let matching = bound.as_ref().ok().and_then(|bound| bound.matching().ok());
    for row in 0..table.n_rows() {
        let record = rows.record(row);
        let context = RecordContext::new(&project, &record, rows.place(row), &rules, now());
        let value = parsed.eval(&context, &rules);
        let verdict = parsed.verdict(&context, &rules);
        // Data may hold codes that the dictionary does not have; these rows hold none.
        prop_assert!(!(never && verdict == Ok(Verdict::True)), "{}", text);
        let _ = (parsed.calc(&context, &rules), parsed.calctext(&context, &rules));
        if let Some(trace) = parsed.trace(&context, &rules) {
            prop_assert_eq!(&trace.result, &value.clone().map(Value::into_owned));
        }
        if let Some(found) = &matching {
            prop_assert_eq!(Ok(found.contains(&(row as u32))), parsed.is_true(&context, &rules));
        }
        // A table refuses as a whole what a row may never reach.
        if let Ok(bound) = &bound {
            prop_assert_eq!(bound.value(row), value.map(Value::into_owned));
        } else if let (Err(EvalError { problem, .. }), Ok(_)) = (&bound, &value) {
            let lazy = matches!(
                problem,
                Problem::NotLoaded(_)
                    | Problem::UnknownField(_)
                    | Problem::UnknownFunction(_)
                    | Problem::CheckboxWithoutChoice(_)
                    | Problem::Unavailable(_)
            );
            prop_assert!(lazy, "{problem}");
        }
    }
    Ok(())
}

#[test]
fn logic_of_any_kind() {
    let (metadata, table) = (project(), data());
    let any_text = prop_oneof![1 => bytes(), 1 => "\\PC{0,60}", 3 => pieces(), 4 => logic()];
    fuzz("logic", &any_text, |text| check_logic(&text, &metadata, &table));
}

#[test]
fn choices_of_any_kind() {
    let piece = prop::sample::select(vec![
        "1", "-4", "k>=9", ",", "|", " | ", ", ", "Label", "é", "<b>", "\n", "_", "",
    ]);
    let pieced = prop::collection::vec(piece, 0..16).prop_map(|p| p.concat());
    fuzz("choices", &prop_oneof![1 => bytes(), 3 => pieced], |text| {
        let choices = parse_choices(&text);
        prop_assert!(choices.len() <= text.split('|').count());
        for choice in &choices {
            prop_assert_eq!(choice.code.trim(), choice.code.as_str());
            let column = checkbox_column("field", &choice.code);
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
            prop_assert!(column.starts_with("field___") && column.chars().all(plain), "{}", column);
        }
        // Written as REDCap writes it, it reads as the same. A blank code cannot be written.
        if choices.iter().all(|c| !c.code.is_empty()) {
            let written: Vec<String> = choices.iter().map(|c| format!("{}, {}", c.code, c.label)).collect();
            prop_assert_eq!(parse_choices(&written.join(" | ")), choices);
        }
        Ok(())
    });
}

/// A field as a damaged or odd dictionary may have it.
fn field() -> impl Strategy<Value = Field> {
    let kinds = vec![
        "text",
        "notes",
        "radio",
        "dropdown",
        "checkbox",
        "yesno",
        "truefalse",
        "calc",
        "slider",
        "file",
        "descriptive",
        "sql",
        "made_up",
    ];
    let validations = vec![
        "",
        "",
        "integer",
        "number",
        "number_1dp",
        "number_comma_decimal",
        "date_ymd",
        "date_mdy",
        "datetime_dmy",
        "datetime_seconds_ymd",
        "time",
        "time_hh_mm_ss",
        "time_mm_ss",
        "email",
        "zipcode",
        "site_type",
    ];
    let limits = vec![
        "",
        "",
        "0",
        "10",
        "-1,5",
        "2024-01-01",
        "01/02/2024",
        "08:00",
        "today",
        "now",
        "[a]",
        "[nothing]",
        "[",
        "é",
    ];
    (
        prop::sample::select(kinds),
        prop::sample::select(validations),
        prop::sample::select(limits.clone()),
        prop::sample::select(limits),
        prop_oneof![2 => Just(String::new()), 2 => logic(), 1 => pieces()],
        prop_oneof![2 => Just("1, One | 2, Two".to_owned()), 1 => logic(), 1 => pieces()],
        prop_oneof![3 => Just(String::new()), 1 => logic().prop_map(|l| format!("@CALCTEXT({l})")), 1 => pieces()],
        any::<(bool, bool)>(),
    )
        .prop_map(|(kind, validation, low, high, branching, choices, annotation, (required, second))| {
            let mut field = Field::new("x", if second { "r" } else { "a" });
            field.field_type = FieldType::from(kind);
            field.validation = validation.into();
            field.validation_min = low.into();
            field.validation_max = high.into();
            field.branching_logic = branching;
            field.choices_or_calculations = choices;
            field.annotation = annotation;
            field.required = required;
            field
        })
}

fn cell() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "",
        "",
        "",
        "0",
        "1",
        "2",
        "5",
        "99",
        "-99",
        "UNK",
        "1,5",
        "2.5",
        "2024-02-29",
        "2024-02-30",
        "12/31/2024",
        "24:00",
        "8:30",
        "09:30:10",
        "2024-01-01 08:30",
        "x",
        "é",
        "1e400",
        "NaN",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => bytes()]
}

fn run(metadata: &Metadata, checks: &Checks, tables: &[RecordTable]) -> Report {
    let mut run = Run::new(metadata, checks, now());
    for table in tables {
        run.feed(table);
    }
    run.finish()
}

#[test]
fn quality_rules_over_any_dictionary_and_data() {
    let inputs = (
        prop::collection::vec(field(), 1..5),
        prop::collection::vec(prop::collection::vec(cell(), 16), 1..10),
        logic(),
        0..4_usize,
    );
    fuzz("quality", &inputs, |(fields, cells, custom, kept)| {
        let mut metadata = project();
        let mut all = metadata.dictionary.fields().to_vec();
        all.extend(fields.into_iter().enumerate().map(|(i, f)| Field { name: format!("x{i}"), ..f }));
        metadata.dictionary = Dictionary::new(all);
        let _ = (review(&metadata), uses(&metadata.dictionary));
        let columns: Vec<String> = COLUMNS
            .iter()
            .map(|c| (*c).to_owned())
            .chain(metadata.dictionary.fields().iter().skip(6).flat_map(Field::export_columns))
            .collect();
        // Three records; rows at any place, also at places that cannot be.
        let mut rows: Vec<Vec<String>> = Vec::new();
        for (i, row) in cells.iter().enumerate() {
            let place = match i % 4 {
                0 => ["e1_arm_1", "", ""],
                1 => ["e2_arm_1", "", ""],
                2 => ["e2_arm_1", "r", "1"],
                _ => ["nowhere", "a", "x"],
            };
            let mut line = vec![(i / 4).to_string()];
            line.extend(place.map(str::to_owned));
            line.extend(columns.iter().skip(4).enumerate().map(|(at, _)| row[at % row.len()].clone()));
            rows.push(line);
        }
        let table_of = |rows: &[Vec<String>]| {
            let mut table = TableBuilder::new(columns.iter());
            for row in rows {
                table.push_row(row.iter().map(String::as_str));
            }
            table.finish()
        };
        let mut checks = Checks::all(true);
        if let Ok(rule) = CustomRule::read("", &custom, &Project::new(&metadata)) {
            checks.rules.push(Rule::Custom(rule));
        }
        let needed = needed(&metadata, &checks);
        prop_assert!(needed.fields.iter().all(|f| f != "id"));
        let whole = run(&metadata, &checks, &[table_of(&rows)]);
        let batches: Vec<RecordTable> = rows.chunks(4).map(table_of).collect();
        prop_assert_eq!(&run(&metadata, &checks, &batches), &whole);
        // Fewer are kept, and as many are counted.
        let few = run(&metadata, &Checks { kept, ..checks.clone() }, &batches);
        for (few, all) in few.rules.iter().zip(&whole.rules) {
            prop_assert_eq!(few.found, all.found);
            prop_assert_eq!(&few.findings[..], &all.findings[..kept.min(all.findings.len())]);
            for finding in &all.findings {
                let _ = (finding.note.words(true, true), finding.note.words(false, false));
            }
        }
        // What is required and blank is blank.
        let of = |letter: Letter| {
            whole.rules.iter().find(|r| r.rule == Rule::Standard(letter)).map(|r| &r.findings).unwrap()
        };
        prop_assert!(of(Letter::B).iter().all(|f| of(Letter::A).contains(f)));
        for row in &cells {
            for cell in row {
                for kind in ["date_mdy", "datetime_seconds_ymd", "email", "phone", "number_2dp"] {
                    let _ = validation::fits(kind, cell);
                }
            }
        }
        Ok(())
    });
}

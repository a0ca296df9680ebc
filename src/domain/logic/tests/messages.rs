//! Errors, lints and verdicts: what people are told.

use super::*;

#[test]
fn what_depends_on_blanks_says_so() {
    let (metadata, table) = (study(), data());
    let project = Project::new(&metadata);
    let rows = TableRows::new(&project, &table);
    let rules = Rules::default();
    let verdict = |text: &str, row| {
        let record = rows.record(row);
        let context = RecordContext::new(&project, &record, rows.place(row), &rules, now());
        parse(text).unwrap().verdict(&context, &rules).unwrap()
    };
    assert_eq!(verdict("[weight]<80", 1), Verdict::True);
    assert_eq!(verdict("[weight]<80", 0), Verdict::DependsOnBlanks);
    assert_eq!(verdict("[weight]=0", 0), Verdict::DependsOnBlanks);
    assert_eq!(verdict("[weight]<80 and [weight]<>''", 0), Verdict::False);
}

#[test]
fn lints_say_what_is_doubtful() {
    use LintKind::*;
    let metadata = study();
    let project = Project::new(&metadata);
    let on = |field| Purpose::Branching { field };
    for (purpose, text, kinds) in [
        (Purpose::Filter, "[sex]='1' and [weight]>50", &[][..]),
        (Purpose::Filter, "[wieght]>50", &[UnknownField]),
        (Purpose::Filter, "[race]='1'", &[CheckboxWithoutChoice]),
        (Purpose::Filter, "[race(9)]='1'", &[UnknownChoice]),
        (Purpose::Filter, "[sex(1)]='1'", &[ChoiceOfOtherField]),
        (Purpose::Filter, "[bsae_arm_1][sex]='1'", &[UnknownEvent]),
        (Purpose::Filter, "[v1_arm_1][sex]='1'", &[NotAtEvent]),
        (on("note"), "[base_arm_2][other]<>''", &[OtherArm]),
        (on("note"), "[sex]='1'", &[NotAtEvent]),
        (on("note"), "[v1_arm_1][drug]<>''", &[InstanceMissing]),
        (on("sex"), "[sex]='1'", &[SelfReference]),
        (Purpose::Filter, "[sex][2]='1'", &[InstanceOfSingle]),
        (Purpose::Filter, "[sex] != '1'", &[UndocumentedOperator]),
        (
            Purpose::Filter,
            "!([sex] == '1' && [id]='1' || [id]='2')",
            &[
                UndocumentedOperator,
                MixedAndOr,
                UndocumentedOperator,
                UndocumentedOperator,
                UndocumentedOperator,
            ],
        ),
        (Purpose::Filter, "[weight]^2 > 4", &[BarePower]),
        (Purpose::Filter, "([weight])^(2) > 4", &[]),
        (Purpose::Filter, "[base_arm_1] [sex]='1'", &[SpaceInReference]),
        (Purpose::Filter, "[Sex]='1'", &[UpperCaseName]),
        (Purpose::Filter, "[sex:label]='1'", &[PipingModifier]),
        (Purpose::Filter, "[sex:value]='1'", &[]),
        (Purpose::Filter, "[sex]='Female'", &[NotACode]),
        (Purpose::Filter, "[sex]=3", &[NotACode]),
        (Purpose::Filter, "[sex]='UNK'", &[]),
        (Purpose::Filter, "[agrees]='Yes'", &[NotACode]),
        (Purpose::Filter, "[race(1)]='2'", &[NotACode]),
        (Purpose::Filter, "[weight] < 50", &[UnguardedLess]),
        (Purpose::Filter, "50 >= [weight]", &[UnguardedLess]),
        (Purpose::Filter, "[weight] < 50 and [weight] <> ''", &[]),
        (Purpose::Filter, "[weight] < 50 and [weight] > 20", &[]),
        (Purpose::Filter, "[weight] = 0", &[UnquotedZero]),
        (Purpose::Filter, "[weight] = '0'", &[]),
        (on("note"), "[weight] > [weight] + 2", &[RightHandArithmetic]),
        (Purpose::Filter, "[born] > '06/15/1990'", &[DateForm]),
        (Purpose::Filter, "datediff([born], 'Today', 'y') > 1", &[DateForm]),
        (Purpose::Filter, "left([born], 4) = '1990'", &[TextOfShownDate]),
        (Purpose::Calculation { field: "x" }, "datediff([born], 'today', 'y')", &[TodayInCalculation]),
        (Purpose::Calculation { field: "x" }, "if([sex]='1', 'female', 2)", &[TextInCalculation]),
        (Purpose::CalcText { field: "x" }, "if([sex]='1', 'female', 2)", &[]),
        (Purpose::Calculation { field: "x" }, "if(contains([note],'x'),1,0)", &[TextTestInCalculation]),
        (Purpose::Filter, "today() > 1", &[UnknownFunction]),
        (Purpose::Filter, "[mycap-project-code] = ''", &[UnsupportedVariable]),
    ] {
        let found: Vec<LintKind> =
            parse(text).unwrap().lint(&project, purpose).into_iter().map(|lint| lint.kind).collect();
        assert_eq!(found, kinds, "{text}");
    }
    let lints = parse("[wieght]>50").unwrap().lint(&project, Purpose::Filter);
    assert_eq!((lints[0].at.clone(), lints[0].hint.as_str()), (0..8, "Did you mean [weight]?"));
}

#[test]
fn a_check_refuses_what_a_server_refuses() {
    let metadata = study();
    let project = Project::new(&metadata);
    for (text, at) in [
        ("[sex]='1' and [gone]='1'", Some(14..20)),
        ("nosuch([sex])", Some(0..13)),
        ("[bsae_arm_1][sex]='1'", None),
    ] {
        assert_eq!(parse(text).unwrap().check(&project).err().map(|e| e.at), at, "{text}");
    }
}

#[test]
fn errors_of_the_grammar_say_where_and_what() {
    for (text, at, words) in [
        ("([age]>18", 0..1, "not closed"),
        ("[age]>18)", 8..9, "no opening"),
        ("[age >18", 0..8, "not closed"),
        ("[age]='18\"", 6..10, "not closed"),
        ("datediff([age],'today')", 0..23, "no unit"),
        ("datediff([age],'today','years')", 23..30, "no unit"),
        ("[age] > ", 8..8, "ends where a value"),
        ("[age] 18", 6..8, "operator is missing"),
        ("if([age]>1,2)", 0..13, "takes 3 arguments"),
        ("age>18", 0..3, "neither a field nor a text"),
        ("[age] > and 1", 8..11, "expected before and"),
        ("[age] > * 1", 8..9, "value is expected"),
        ("round(1", 5..6, "not closed"),
        ("1, 2", 1..2, "comma"),
        ("(1, 2)", 2..3, "comma"),
        ("[a] [1]", 4..7, "no field"),
        ("[a] [current-instance]", 4..22, "operator is missing"),
        ("[a(1)] [b]", 7..10, "operator is missing"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.at, at, "{text}: {error}");
        assert!(error.message.contains(words), "{text}: {error}");
        assert!(!error.hint.is_empty(), "{text}");
    }
    let strict = Rules { lenient_operators: false, any_case_functions: false, ..Rules::default() };
    for text in ["[a]==1", "[a]=1 && [b]=1", "not [a]=1", "ROUND(1)"] {
        assert!(parse(text).is_ok() && parse_with(text, &strict).is_err(), "{text}");
    }
    let no_white = Rules { refuse_white_space: true, ..Rules::default() };
    assert!(parse_with(" \n# x", &no_white).is_err() && parse_with("", &no_white).is_ok());
    assert!(parse(" \n# x").is_ok_and(|logic| logic.is_empty()));
    assert!(parse_with("[a]!=1 AND [b]=1", &strict).is_ok());
}

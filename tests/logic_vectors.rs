//! The test vectors of REDCap's logic language: expression, values, result.
//!
//! Marks say how sure a vector is: A, expression and result both published; E, expression published
//! and the result follows from documented meaning; D, derived from a documented rule; U, derived
//! from a rule that is itself unsure, so it tests the default of a switch.
//! Values that are not listed are blank; a checkbox choice that is not listed is not ticked.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

use capscope::domain::choices::{Choice, checkbox_column};
use capscope::domain::dictionary::{Dictionary, Field, FieldType};
use capscope::domain::logic::{self, Context, Item, Logic, Problem, Project, Reference, Rules, TableRows};
use capscope::domain::project::Metadata;
use capscope::domain::table::TableBuilder;
use jiff::civil::{DateTime, date};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How the result of an expression is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// As a condition.
    Logic,
    /// As the number of a calculated field.
    Calc,
    /// As the text of `@CALCTEXT`.
    Text,
    /// As `Calc`, over text fields without validation, where old servers count blanks as 0. Not
    /// expected of the defaults: run with that switch.
    Quirk,
}

/// How sure a vector is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    A,
    E,
    D,
    U,
}

use Mark::{A, D, E, U};
use Use::{Calc, Logic as Condition, Quirk, Text};

#[derive(Debug, Clone, Copy)]
struct Vector {
    number: u16,
    used_as: Use,
    expression: &'static str,
    values: &'static [(&'static str, &'static str)],
    result: &'static str,
    mark: Mark,
}

const fn v(
    number: u16,
    used_as: Use,
    expression: &'static str,
    values: &'static [(&'static str, &'static str)],
    result: &'static str,
    mark: Mark,
) -> Vector {
    Vector { number, used_as, expression, values, result, mark }
}

/// Vectors that cannot pass, with the reason. Empty: all pass.
const CANNOT_PASS: &[(u16, &str)] = &[];

const MISSING_CODES: [&str; 3] = ["NASK", "NI", "UNK"];

fn now() -> DateTime {
    date(2024, 7, 4).at(13, 45, 30, 0)
}

fn rules(vector: &Vector) -> Rules {
    Rules { unvalidated_blank_is_zero: vector.used_as == Quirk, ..Rules::default() }
}

fn field(name: &str, vector: &Vector) -> Field {
    let mut field = Field::new(name, "form");
    if vector.used_as != Quirk {
        field.validation = "number".into();
    }
    field
}

struct Values<'v> {
    vector: &'v Vector,
    fields: BTreeMap<String, Field>,
}

impl Context for Values<'_> {
    fn value(&self, reference: &Reference) -> Result<Cow<'_, str>, Problem> {
        let text = reference.to_string();
        let plain = text.trim_start_matches('[').trim_end_matches(']');
        let found = self.vector.values.iter().find(|(name, _)| *name == text || *name == plain);
        match found {
            Some((_, value)) => Ok(Cow::Borrowed(value)),
            // Where an error is expected, only the listed fields exist.
            None if self.vector.result == "ERROR" => Err(Problem::UnknownField(plain.to_owned())),
            None => Ok(Cow::Borrowed("")),
        }
    }

    fn now(&self) -> DateTime {
        now()
    }

    fn is_missing_code(&self, text: &str) -> bool {
        MISSING_CODES.contains(&text)
    }

    fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }
}

fn evaluated(vector: &Vector) -> Result<String, String> {
    let logic = logic::parse(vector.expression).map_err(|e| e.to_string())?;
    let fields = logic.fields().map(|name| (name.to_owned(), field(name, vector))).collect();
    let (context, rules) = (Values { vector, fields }, rules(vector));
    match vector.used_as {
        Condition => logic.is_true(&context, &rules).map(|truth| truth.to_string()),
        Calc | Quirk => logic.calc(&context, &rules),
        Text => logic.calctext(&context, &rules),
    }
    .map_err(|e| e.to_string())
}

/// Numbers are compared with the tolerance that stored calculations need.
fn same(found: &str, expected: &str) -> bool {
    match (logic::parse_number(found), logic::parse_number(expected)) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1.0),
        _ => found == expected,
    }
}

#[test]
fn every_vector_gives_its_result() {
    let mut passed: BTreeMap<Mark, usize> = BTreeMap::new();
    let mut failed = Vec::new();
    for vector in VECTORS {
        let found = evaluated(vector);
        let good = match &found {
            Ok(text) => same(text, vector.result),
            Err(_) => vector.result == "ERROR",
        };
        if good {
            *passed.entry(vector.mark).or_default() += 1;
        } else if !CANNOT_PASS.iter().any(|(number, _)| *number == vector.number) {
            failed.push(format!(
                "{:03} {} -> {found:?}, not {:?}",
                vector.number, vector.expression, vector.result
            ));
        }
    }
    println!("passed per mark: {passed:?}");
    assert!(failed.is_empty(), "{} vectors fail:\n{}", failed.len(), failed.join("\n"));
    let by_mark = |mark| passed.get(&mark).copied().unwrap_or_default();
    assert_eq!((by_mark(A), by_mark(E), by_mark(D), by_mark(U)), (105, 44, 91, 28));
}

/// Whether a vector can be a row of a classic project's export.
fn is_plain(logic: &Logic) -> bool {
    logic.references().all(|r| r.is_plain() && matches!(r.item, Item::Field { .. }))
}

#[test]
fn every_vector_without_events_gives_the_same_in_a_bound_table() {
    let mut compared = 0;
    for vector in VECTORS {
        let Ok(logic) = logic::parse(vector.expression) else { continue };
        if !is_plain(&logic) || vector.result == "ERROR" {
            continue;
        }
        let mut metadata = Metadata::default();
        metadata.info.missing_data_codes = MISSING_CODES.map(|code| Choice::new(code, code)).to_vec();
        let mut fields = BTreeMap::new();
        let mut columns = BTreeMap::from([("id".to_owned(), "1")]);
        for reference in logic.references() {
            let Item::Field { name, code, .. } = &reference.item else { continue };
            let field = fields.entry(name.clone()).or_insert_with(|| field(name, vector));
            let column = code.as_ref().map_or_else(
                || name.clone(),
                |code| {
                    field.field_type = FieldType::Checkbox;
                    field.choices_or_calculations += &[code, ", ", code, " | "].concat();
                    checkbox_column(name, code)
                },
            );
            let key = reference.to_string();
            let value = vector.values.iter().find(|(n, _)| format!("[{n}]") == key).map_or("", |(_, v)| *v);
            columns.insert(column, value);
        }
        let id = Field::new("id", "form");
        metadata.dictionary = Dictionary::new(std::iter::once(id).chain(fields.into_values()).collect());
        let project = Project::new(&metadata);
        let mut table = TableBuilder::new(columns.keys().cloned());
        // The row stands behind an empty one, so that codes and rows differ.
        table.push_row([]);
        table.push_row(columns.values().copied());
        let table = table.finish();
        let rows = TableRows::new(&project, &table);
        let rules = rules(vector);
        let bound = logic.bind(&rows, &rules, now()).unwrap();
        let found = match vector.used_as {
            Condition => {
                assert_eq!(bound.matching().unwrap().contains(&1), bound.is_true(1).unwrap());
                bound.is_true(1).unwrap().to_string()
            }
            Calc | Quirk => {
                let number = bound.value(1).unwrap().as_number();
                number.map_or_else(String::new, |n| logic::number_text(n, None))
            }
            Text => bound.value(1).unwrap().to_text(&rules).into_owned(),
        };
        assert!(same(&found, vector.result), "{:03} {} -> {found:?}", vector.number, vector.expression);
        compared += 1;
    }
    assert!(compared > 200, "only {compared} vectors were compared");
}

#[test]
fn every_vector_prints_as_logic_that_means_the_same() {
    for vector in VECTORS {
        let Ok(logic) = logic::parse(vector.expression) else { continue };
        let printed = logic.to_string();
        assert_eq!(logic::parse(&printed).unwrap().to_string(), printed);
    }
}

#[rustfmt::skip]
const VECTORS: &[Vector] = &[
    // Equality, quoting, case.
    v(1, Condition, r#"[sex] = "0""#, &[("sex", "0")], "true", E),
    v(2, Condition, r#"[sex] = "0""#, &[("sex", "1")], "false", E),
    v(3, Condition, r#"[sex] = "0""#, &[("sex", "")], "false", E),
    v(4, Condition, "[gender]='1'", &[("gender", "1")], "true", E),
    v(5, Condition, "[gender]=1", &[("gender", "1")], "true", A),
    v(6, Condition, "[revboard]=2 or [revboard]=3", &[("revboard", "3")], "true", E),
    v(7, Condition, "[radio_button_manual]='101'", &[("radio_button_manual", "101")], "true", A),
    v(8, Condition, "[radio_button_manual]='101'", &[("radio_button_manual", "100")], "false", A),
    v(9, Condition, "[radio]='9..9'", &[("radio", "9..9")], "true", A),
    v(10, Condition, "[record_id]='999'", &[("record_id", "1")], "false", E),
    v(11, Condition, "[record_id]<>'999'", &[("record_id", "1")], "true", E),
    v(12, Condition, "[email]='a@b.org'", &[("email", "a@b.org")], "true", E),
    v(13, Condition, "[city]='Boston'", &[("city", "boston")], "false", D),
    v(14, Condition, "lower([city])='boston'", &[("city", "BOSTON")], "true", D),
    v(15, Condition, "[email1] != [email2]", &[("email1", "a@x.org"), ("email2", "b@x.org")], "true", E),
    v(16, Condition, "[email1] != [email2]", &[("email1", "a@x.org"), ("email2", "a@x.org")], "false", E),
    v(17, Calc, "if([email1]=[email2],1,'')", &[("email1", "a@x.org"), ("email2", "a@x.org")], "1", E),
    v(18, Calc, "if([email1]=[email2],1,'')", &[("email1", "a@x.org"), ("email2", "b@x.org")], "", E),
    v(19, Condition, "[ptname]<>[name]", &[("ptname", "Ann"), ("name", "Ann B")], "true", A),
    v(20, Condition, "[a]=[b]", &[("a", "5"), ("b", "5.0")], "true", U),
    v(21, Condition, "[a]='8'", &[("a", "08")], "true", U),
    v(22, Condition, "[dept]='R & D'", &[("dept", "R & D")], "true", D),
    v(23, Condition, r#"[q]="it's""#, &[("q", "it's")], "true", D),
    // Relational operators on numbers.
    v(24, Condition, "[age]>=18", &[("age", "18")], "true", E),
    v(25, Condition, "[age]>=18", &[("age", "17")], "false", E),
    v(26, Condition, "[age]>='18'", &[("age", "19")], "true", A),
    v(27, Condition, "[age]>='18'", &[("age", "9")], "false", D),
    v(28, Condition, "[age] > 9", &[("age", "10")], "true", D),
    v(29, Condition, "[bmi] > 25", &[("bmi", "31.3")], "true", A),
    v(30, Condition, "[bmi] > 25", &[("bmi", "27.1")], "true", A),
    v(31, Condition, "[bmi] > 25", &[("bmi", "22.2")], "false", A),
    v(32, Condition, "[bmi] > 25", &[("bmi", "")], "false", A),
    v(33, Condition, "([age] > 80)", &[("age", "81")], "true", E),
    v(34, Condition, "[age]>=35 and [age]<=45", &[("age", "45")], "true", A),
    v(35, Condition, "[age]>=35 and [age]<=45", &[("age", "46")], "false", A),
    v(36, Condition, "[age]>=35 or [age]<=35", &[("age", "7")], "true", A),
    v(37, Condition, "[age]>15 and [age]<10", &[("age", "12")], "false", A),
    v(38, Condition, "[temp] < -5", &[("temp", "-10")], "true", D),
    v(39, Condition, "[temp] > -5", &[("temp", "-10")], "false", D),
    v(40, Condition, "[v1] - [v2] > 2", &[("v1", "10"), ("v2", "7")], "true", D),
    v(41, Condition, "[v1] > [v2] + 2", &[("v1", "10"), ("v2", "7")], "true", U),
    // AND / OR / NOT, precedence, parentheses.
    v(42, Condition, r#"[sex] = "0" and [given_birth] = "1""#, &[("sex", "0"), ("given_birth", "1")], "true", E),
    v(43, Condition, r#"[sex] = "0" and [given_birth] = "1""#, &[("sex", "0"), ("given_birth", "0")], "false", E),
    v(44, Condition, r#"[rev_type] = "2" OR [rev_type] = "3""#, &[("rev_type", "3")], "true", E),
    v(45, Condition, "[a]='1' or [b]='1' and [c]='1'", &[("a", "1"), ("b", "0"), ("c", "0")], "true", D),
    v(46, Condition, "([a]='1' or [b]='1') and [c]='1'", &[("a", "1"), ("b", "0"), ("c", "0")], "false", D),
    v(47, Condition, "[age]>=35 and ([gender]='female' or [hair]='green') and [coffee]='hot'", &[("age", "40"), ("gender", "male"), ("hair", "green"), ("coffee", "hot")], "true", D),
    v(48, Condition, "([age]>=35 and [gender]='female') or ([hair]='green' and [coffee]='hot')", &[("age", "20"), ("gender", "male"), ("hair", "green"), ("coffee", "hot")], "true", D),
    v(49, Condition, "([status] = '2' or [status] = '3' or [status] = '4') AND ([rev_type]='3')", &[("status", "5"), ("rev_type", "3")], "false", E),
    v(50, Condition, "[a]='1' && [b]='1'", &[("a", "1"), ("b", "1")], "true", U),
    v(51, Condition, "!([a]='1')", &[("a", "1")], "false", U),
    v(52, Condition, "not([a]='1')", &[("a", "2")], "true", U),
    // Blanks.
    v(53, Condition, r#"[status] <>"""#, &[("status", "3")], "true", E),
    v(54, Condition, r#"[status] <>"""#, &[("status", "")], "false", E),
    v(55, Condition, "[f]=''", &[("f", "")], "true", A),
    v(56, Condition, "[f]=''", &[("f", "0")], "false", A),
    v(57, Condition, "[f]<>'0'", &[("f", "")], "true", D),
    v(58, Condition, "[f]='0'", &[("f", "")], "false", A),
    v(59, Condition, "[f]=0", &[("f", "")], "false", U),
    v(60, Condition, "[f]<>0", &[("f", "")], "true", U),
    v(61, Condition, "[age] < 18", &[("age", "")], "false", U),
    v(62, Condition, "[age] <= 18", &[("age", "")], "false", U),
    v(63, Condition, "[age] >= 0", &[("age", "")], "false", U),
    v(64, Condition, r#"[age] < 18 and [age] <> """#, &[("age", "")], "false", E),
    v(65, Condition, "[x][last-instance]=0 or isblankormissingcode([x][last-instance])", &[("[x][last-instance]", "")], "true", E),
    v(66, Condition, "[a]=[b]", &[("a", ""), ("b", "")], "true", D),
    v(67, Calc, "if([a]>0,1,0)*1+if([b]>0,1,0)", &[("a", ""), ("b", "")], "0", A),
    v(68, Condition, "[flag]", &[("flag", "")], "false", U),
    v(69, Condition, "[flag]", &[("flag", "1")], "true", U),
    v(70, Condition, "[flag]", &[("flag", "0")], "false", U),
    // Checkboxes.
    v(71, Condition, "[checkbox(3)]='1'", &[("checkbox(3)", "1")], "true", A),
    v(72, Condition, "[checkbox(3)]='1'", &[("checkbox(3)", "0")], "false", A),
    v(73, Condition, "[checkbox(3)]='0'", &[], "true", D),
    v(74, Condition, "[checkbox(3)]<>'1'", &[], "true", D),
    v(75, Condition, "[checkbox(3)]=''", &[], "false", D),
    v(76, Condition, "[fund_source(888)] = '1'", &[("fund_source(888)", "1")], "true", E),
    v(77, Condition, "[race(-4)]='1'", &[("race(-4)", "1")], "true", D),
    v(78, Condition, "[hypertension(1)]='1' or [diabetes(1)]='1' or [cancer(1)]='1'", &[("diabetes(1)", "1")], "true", E),
    v(79, Calc, "sum([c(1)],[c(2)],[c(3)])", &[("c(1)", "1"), ("c(3)", "1")], "2", D),
    v(80, Calc, "[c(1)]+[c(2)]+[c(3)]", &[("c(1)", "1"), ("c(3)", "1")], "2", D),
    // Events, instances.
    v(81, Condition, "[baseline_arm_1][age]>=18", &[("[baseline_arm_1][age]", "20")], "true", E),
    v(82, Condition, "[baseline_arm_1][consent_status]='1' AND [visit_status]='completed'", &[("[baseline_arm_1][consent_status]", "1"), ("visit_status", "completed")], "true", E),
    v(83, Condition, "[baseline_arm_1][primary_diagnosis]<>''", &[("[baseline_arm_1][primary_diagnosis]", "")], "false", A),
    v(84, Condition, "[med_name][1]='Aspirin'", &[("[med_name][1]", "Aspirin")], "true", E),
    v(85, Condition, "[visit_status][previous-instance]='complete'", &[("[visit_status][previous-instance]", "")], "false", A),
    v(86, Condition, "[event_1_arm_1][my_checkbox(3)][5]='1'", &[("[event_1_arm_1][my_checkbox(3)][5]", "1")], "true", E),
    v(87, Condition, r#"[last-instance] <= "3""#, &[("last-instance", "4")], "false", E),
    v(88, Condition, r#"[last-instance] <= "3""#, &[("last-instance", "3")], "true", E),
    v(89, Condition, "[event-name]='visit_1_arm_1' and [weight]>50", &[("event-name", "visit_1_arm_1"), ("weight", "60")], "true", D),
    v(90, Calc, "[weight]-[previous-event-name][weight]", &[("weight", "70"), ("[previous-event-name][weight]", "68")], "2", D),
    v(91, Condition, r#"[user-role-label]!="Administrator""#, &[("user-role-label", "Data Entry Person")], "true", E),
    v(92, Condition, "[my_form_complete]='2'", &[("my_form_complete", "2")], "true", E),
    v(93, Condition, "[arm-number]=2", &[("arm-number", "2")], "true", D),
    v(94, Condition, "[is-survey]='1'", &[("is-survey", "0")], "false", D),
    // Arithmetic and blank propagation.
    v(95, Calc, "3+4", &[], "7", D),
    v(96, Calc, "3*2", &[], "6", A),
    v(97, Calc, "2+3*4", &[], "14", D),
    v(98, Calc, "(2+3)*4", &[], "20", D),
    v(99, Calc, "10-4-3", &[], "3", D),
    v(100, Calc, "7/2", &[], "3.5", D),
    v(101, Calc, "-[a]+5", &[("a", "2")], "3", D),
    v(102, Calc, "(4)^(3)", &[], "64", A),
    v(103, Calc, "([weight]+43)^(2)", &[("weight", "57")], "10000", E),
    v(104, Calc, "[a]+[b]+[c]", &[("a", "1"), ("b", "2"), ("c", "3")], "6", D),
    v(105, Calc, "[a]+[b]+[c]", &[("a", "1"), ("b", ""), ("c", "3")], "", A),
    v(106, Calc, "sum([a],[b],[c])", &[("a", "1"), ("b", ""), ("c", "3")], "4", A),
    v(107, Calc, "[a]/[b]", &[("a", "1"), ("b", "0")], "", A),
    v(108, Calc, "[a]*2", &[("a", "abc")], "", A),
    v(109, Calc, "round((([sbp]+2*[dbp])/3),1)", &[("sbp", "120"), ("dbp", "80")], "93.3", A),
    v(110, Calc, "round((([sbp]+2*[dbp])/3),1)", &[("sbp", ""), ("dbp", "")], "", A),
    v(111, Calc, "round((([sbp]+2*[dbp])/3),1)", &[("sbp", "120"), ("dbp", "")], "", A),
    v(112, Quirk, "round((([sbp]+2*[dbp])/3),1)", &[("sbp", "120"), ("dbp", "")], "40", A),
    v(113, Quirk, "round((([sbp]+2*[dbp])/3),1)", &[("sbp", ""), ("dbp", "80")], "53.3", A),
    v(114, Quirk, "round((([sbp]+2*[dbp])/3),1)", &[("sbp", ""), ("dbp", "")], "0", A),
    v(115, Calc, "round((([sbp]+2*[dbp])/3),1)", &[("sbp", "NASK"), ("dbp", "80")], "", A),
    v(116, Calc, "round((([sbp]+2*[dbp])/3),1)", &[("sbp", "-99"), ("dbp", "80")], "20.3", D),
    v(117, Calc, "round((([sbp]+2*[dbp])/3)*([sbp]*[dbp])/([sbp]*[dbp]),1)", &[("sbp", "120"), ("dbp", "80")], "93.3", A),
    v(118, Calc, r#"if([a]="" or [b]="","",[a]+[b])"#, &[("a", ""), ("b", "2")], "", D),
    v(119, Calc, r#"if([innovation]="1",4,if([innovation]="2",4,"NaN"))"#, &[("innovation", "3")], "", E),
    v(120, Calc, r#"if([innovation]="1",4,if([innovation]="2",4,"NaN"))"#, &[("innovation", "2")], "4", E),
    v(121, Calc, "if([a]='1','male','female')", &[("a", "1")], "", A),
    // BMI-type calculations from public project data.
    v(122, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "80"), ("height", "160")], "31.3", A),
    v(123, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "66"), ("height", "156")], "27.1", A),
    v(124, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "88"), ("height", "199")], "22.2", A),
    v(125, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "234"), ("height", "200")], "58.5", A),
    v(126, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "223"), ("height", "332")], "20.2", A),
    v(127, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "90"), ("height", "160")], "35.2", A),
    v(128, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "1"), ("height", "7")], "204.1", A),
    v(129, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "1"), ("height", "6")], "277.8", A),
    v(130, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "80"), ("height", "180")], "24.7", A),
    v(131, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "54"), ("height", "165")], "19.8", A),
    v(132, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", "104"), ("height", "193.04")], "27.9", A),
    v(133, Calc, "round(([weight]*10000)/(([height])^(2)),1)", &[("weight", ""), ("height", "160")], "", D),
    v(134, Calc, "round(([weight]/(([height])^(2))*703), 1)", &[("weight", "180"), ("height", "70")], "25.8", E),
    v(135, Calc, "round([weight]/(([height])^(2)),1)", &[("weight", "52.3"), ("height", "1.54")], "22.1", A),
    v(136, Calc, "round([weight]/(([height])^(2)),1)", &[("weight", "92.3"), ("height", "1.84")], "27.3", A),
    v(137, Calc, "round([weight]/(([height])^(2)),1)", &[("weight", "123.4"), ("height", "1.95")], "32.5", A),
    v(138, Calc, "round([weight]/(([height])^(2)),1)", &[("weight", "45.9"), ("height", "1.61")], "17.7", A),
    v(139, Calc, "round([prop_raw]/55*100, 1)", &[("prop_raw", "44")], "80", E),
    // if().
    v(140, Calc, "if([weight] > 100, 44, 11)", &[("weight", "101")], "44", A),
    v(141, Calc, "if([weight] > 100, 44, 11)", &[("weight", "100")], "11", A),
    v(142, Calc, "if([age]<18,0,1)", &[("age", "20")], "1", A),
    v(143, Calc, "if([age]<18,0,1)", &[("age", "17")], "0", A),
    v(144, Calc, "if([age]<18,0,1)", &[("age", "")], "1", U),
    v(145, Text, "if([gender]='1', 'male', 'female')", &[("gender", "2")], "female", E),
    v(146, Text, "if([age] >= 18, 'adult', 5*[other_field])", &[("age", "10"), ("other_field", "3")], "15", E),
    v(147, Text, "if([q]='','',if([q]>=10,'high','low'))", &[("q", "")], "", D),
    v(148, Text, r"'The user\'s guide'", &[], "The user's guide", A),
    // Rounding and numeric functions.
    v(149, Calc, "round(14.384,1)", &[], "14.4", A),
    v(150, Calc, "roundup(14.384,1)", &[], "14.4", A),
    v(151, Calc, "rounddown(14.384,1)", &[], "14.3", A),
    v(152, Calc, "round(14.5)", &[], "15", D),
    v(153, Calc, "round(14.384)", &[], "14", D),
    v(154, Calc, "roundup(14.01)", &[], "15", D),
    v(155, Calc, "rounddown(14.99)", &[], "14", D),
    v(156, Calc, "rounddown(-2.1)", &[], "-2", U),
    v(157, Calc, "roundup(-2.1)", &[], "-3", U),
    v(158, Calc, "round(-2.5)", &[], "-3", U),
    v(159, Calc, "abs(-7.1)", &[], "7.1", A),
    v(160, Calc, "abs(45)", &[], "45", A),
    v(161, Calc, "sqrt(49)", &[], "7", D),
    v(162, Calc, "sqrt(-1)", &[], "", U),
    v(163, Calc, "log(100,10)", &[], "2", A),
    v(164, Calc, "round(log(100),4)", &[], "4.6052", D),
    v(165, Calc, "log(0)", &[], "", U),
    v(166, Calc, "round(exponential(1),3)", &[], "2.718", A),
    v(167, Calc, "mod(10,4)", &[], "2", A),
    v(168, Calc, "mod(10,0)", &[], "", U),
    v(169, Calc, "min(3,1,2)", &[], "1", D),
    v(170, Calc, "max(3,1,2)", &[], "3", D),
    v(171, Calc, "mean(1,2,6)", &[], "3", D),
    v(172, Calc, "median(3,1,2,10)", &[], "2.5", D),
    v(173, Calc, "median(9,1,5)", &[], "5", D),
    v(174, Calc, "round(stdev(2,4,4,4,5,5,7,9),4)", &[], "2.1381", U),
    v(175, Calc, "mean([a],[b],[c])", &[("a", "2"), ("b", ""), ("c", "4")], "3", A),
    v(176, Calc, "min([a],[b])", &[("a", ""), ("b", "4")], "4", D),
    v(177, Calc, "max([a],[b])", &[("a", "-3"), ("b", "")], "-3", D),
    v(178, Calc, "sum([a],[b])", &[("a", ""), ("b", "")], "0", U),
    v(179, Calc, "mean([a],[b])", &[("a", ""), ("b", "")], "", U),
    v(180, Condition, "isnumber([a])", &[("a", "12.5")], "true", D),
    v(181, Condition, "isnumber([a])", &[("a", "abc")], "false", D),
    v(182, Condition, "isnumber([a])", &[("a", "")], "false", U),
    v(183, Condition, "isinteger([a])", &[("a", "12")], "true", D),
    v(184, Condition, "isinteger([a])", &[("a", "12.5")], "false", D),
    // Dates.
    v(185, Calc, r#"datediff([d1],[d2],"d")"#, &[("d1", "2024-01-01"), ("d2", "2024-03-01")], "60", D),
    v(186, Calc, r#"datediff([d1],[d2],"d")"#, &[("d1", "2024-03-01"), ("d2", "2024-01-01")], "60", D),
    v(187, Calc, r#"datediff([d1],[d2],"d")"#, &[("d1", "2024-02-28"), ("d2", "2024-03-01")], "2", D),
    v(188, Calc, r#"datediff([d1],[d2],"d")"#, &[("d1", "2023-02-28"), ("d2", "2023-03-01")], "1", D),
    v(189, Calc, r#"datediff([d1],[d2],"d",true)"#, &[("d1", "2024-03-01"), ("d2", "2024-01-01")], "-60", D),
    v(190, Calc, r#"datediff([d1],[d2],"d","ymd",true)"#, &[("d1", "2024-03-01"), ("d2", "2024-01-01")], "-60", D),
    v(191, Calc, r#"round(datediff([d1],[d2],"d","mdy"))"#, &[("d1", "2024-01-01"), ("d2", "2024-01-15")], "14", E),
    v(192, Calc, r#"datediff([d1],[d2],"d")"#, &[("d1", ""), ("d2", "2024-01-01")], "", D),
    v(193, Calc, r#"round(datediff([d1],[d2],"y"),6)"#, &[("d1", "2024-01-01"), ("d2", "2025-01-01")], "1.002074", D),
    v(194, Calc, r#"round(datediff([d1],[d2],"M"),6)"#, &[("d1", "2024-01-01"), ("d2", "2025-01-01")], "12.023653", D),
    v(195, Calc, r#"round(datediff([d1],[d2],"M"),6)"#, &[("d1", "2024-01-31"), ("d2", "2024-02-29")], "0.952694", D),
    v(196, Calc, r#"datediff([t1],[t2],"h")"#, &[("t1", "2024-01-01 08:30"), ("t2", "2024-01-02 10:00")], "25.5", D),
    v(197, Calc, r#"datediff([t1],[t2],"m")"#, &[("t1", "2024-01-01 08:30"), ("t2", "2024-01-01 10:00")], "90", D),
    v(198, Calc, r#"datediff([t1],[t2],"s")"#, &[("t1", "2024-01-01 08:30:10"), ("t2", "2024-01-01 08:31:00")], "50", D),
    v(199, Calc, r#"datediff([t1],[t2],"m")"#, &[("t1", "08:30"), ("t2", "10:00")], "90", D),
    v(200, Calc, r#"datediff([d1],"today","d")"#, &[("d1", "2024-06-24")], "10", D),
    v(201, Calc, "rounddown(datediff([dob],'today','y'))", &[("dob", "1990-06-15")], "34", E),
    v(202, Calc, "rounddown(datediff([dob],'today','y'))", &[("dob", "")], "", A),
    v(203, Calc, r#"rounddown(datediff([x],[dob],"y","ymd"),1)"#, &[("x", "2019-10-14"), ("dob", "2010-10-14")], "8.9", A),
    v(204, Calc, r#"rounddown(datediff([x],[dob],"y","ymd"),1)"#, &[("x", "2019-10-14"), ("dob", "2010-02-02")], "9.6", A),
    v(205, Calc, "age_at_date([dob],[d])", &[("dob", "2010-10-14"), ("d", "2019-10-14")], "9", D),
    v(206, Calc, "age_at_date([dob],[d])", &[("dob", "2010-10-15"), ("d", "2019-10-14")], "8", D),
    v(207, Calc, "year([d])", &[("d", "1985-03-15")], "1985", A),
    v(208, Calc, "month([d])", &[("d", "2024-03-15 10:00")], "3", A),
    v(209, Calc, "day([d])", &[("d", "2024-03-15")], "15", A),
    v(210, Calc, "dayoftheweek('today')", &[], "4", D),
    v(211, Calc, "dayoftheweek([d])", &[("d", "2024-07-07")], "7", D),
    v(212, Text, "if(round(7*((datediff('1899-12-31',[date],'d')/7)-rounddown((datediff('1899-12-31',[date],'d')/7))))=4,'Thursday','other')", &[("date", "2024-07-04")], "Thursday", E),
    v(213, Condition, "[d1] < [d2]", &[("d1", "2024-01-31"), ("d2", "2024-02-01")], "true", D),
    v(214, Condition, "[d1] > '2024-01-01'", &[("d1", "2023-12-31")], "false", D),
    v(215, Condition, "[d1] >= '2024-01-01'", &[("d1", "2024-01-01 00:00")], "true", U),
    v(216, Condition, "datediff([dob],'today','y') >= 18 and [dob]<>''", &[("dob", "2006-07-03")], "true", D),
    v(217, Condition, "datediff([dob],'today','y') >= 18", &[("dob", "")], "false", U),
    // Text functions.
    v(218, Condition, r#"contains("Rob Taylor","TAYLOR")"#, &[], "true", A),
    v(219, Condition, r#"contains("Rob Taylor","paul")"#, &[], "false", A),
    v(220, Condition, r#"not_contain("Rob Taylor","TAYLOR")"#, &[], "false", A),
    v(221, Condition, r#"not_contain("Rob Taylor","paul")"#, &[], "true", A),
    v(222, Condition, r#"starts_with("Rob Taylor","rob")"#, &[], "true", A),
    v(223, Condition, r#"starts_with("Rob Taylor","Tay")"#, &[], "false", A),
    v(224, Condition, r#"ends_with("Rob Taylor","Lor")"#, &[], "true", A),
    v(225, Condition, r#"ends_with("Rob Taylor","Tay")"#, &[], "false", A),
    v(226, Text, "find('y',[n])", &[("n", "Taylor")], "3", A),
    v(227, Text, "find('Y',[n])", &[("n", "Taylor")], "3", D),
    v(228, Text, "find('z',[n])", &[("n", "Taylor")], "0", A),
    v(229, Text, "left([n],3)", &[("n", "Taylor")], "Tay", A),
    v(230, Text, "right([n],4)", &[("n", "Taylor")], "ylor", A),
    v(231, Text, "mid([n],2,3)", &[("n", "TAYLOR")], "AYL", A),
    v(232, Text, "length([n])", &[("n", "Taylor")], "6", A),
    v(233, Text, "upper('John Doe')", &[], "JOHN DOE", A),
    v(234, Text, "lower('John Doe')", &[], "john doe", A),
    v(235, Text, "trim(' Sentence with spaces on end. ')", &[], "Sentence with spaces on end.", A),
    v(236, Text, "concat([f],' ',[l])", &[("f", "Rob"), ("l", "Taylor")], "Rob Taylor", A),
    v(237, Text, "lower( concat( trim([f]), '_', trim([l]) ) )", &[("f", "John "), ("l", " Doe")], "john_doe", A),
    v(238, Text, "right(concat('00', [i]), 3)", &[("i", "7")], "007", A),
    v(239, Text, "mid([record-name], find('-', [record-name])+1, length([record-name])-find('-', [record-name])+1)", &[("record-name", "4890-2318")], "2318", A),
    v(240, Text, r#"concat_ws(" and ",[v1],[v2],"Tomatoes")"#, &[("v1", "Peas"), ("v2", "Carrots")], "Peas and Carrots and Tomatoes", A),
    v(241, Text, "concat_ws(', ',[a],[b])", &[("a", "Alice"), ("b", "")], "Alice", A),
    v(242, Text, r#"replace_text([f],"Taylor","Harris")"#, &[("f", "Rob Taylor")], "Rob Harris", A),
    v(243, Text, "length([f])", &[("f", "")], "0", D),
    v(244, Text, "left([f],10)", &[("f", "abc")], "abc", D),
    v(245, Condition, r#"[email] <> "" AND [email_ver] <> "" AND contains([email],[email_ver])"#, &[("email", "a@x.org"), ("email_ver", "A@X.ORG")], "true", E),
    // Missing data codes (project codes NASK, NI, UNK).
    v(246, Condition, "isblankormissingcode([age])", &[("age", "UNK")], "true", A),
    v(247, Condition, "isblankormissingcode([age])", &[("age", "")], "true", A),
    v(248, Condition, "isblankormissingcode([age])", &[("age", "40")], "false", A),
    v(249, Condition, "ismissingcode([age])", &[("age", "NI")], "true", A),
    v(250, Condition, "ismissingcode([age])", &[("age", "")], "false", D),
    v(251, Condition, "isblanknotmissingcode([age])", &[("age", "")], "true", A),
    v(252, Condition, "isblanknotmissingcode([age])", &[("age", "NI")], "false", D),
    v(253, Condition, "hasmissingcode([age],'NASK,NI,UNK')", &[("age", "NI")], "true", A),
    v(254, Condition, "hasmissingcode([age],'NASK')", &[("age", "NI")], "false", D),
    v(255, Condition, "[f]='NASK'", &[("f", "NASK")], "true", D),
    v(256, Condition, r#"[f]="" or [f]="NASK""#, &[("f", "")], "true", D),
    v(257, Calc, "sum([a],[b])", &[("a", "NI"), ("b", "4")], "4", U),
    // Errors.
    v(258, Condition, "([age]>18", &[("age", "20")], "ERROR", A),
    v(259, Condition, "[age]>18)", &[("age", "20")], "ERROR", D),
    v(260, Condition, "[age >18", &[("age", "20")], "ERROR", A),
    v(261, Condition, "[nosuchfield]='1'", &[("age", "20")], "ERROR", A),
    v(262, Condition, r#"[age]='18""#, &[("age", "20")], "ERROR", D),
    v(263, Condition, "datediff([age],'today')", &[("age", "20")], "ERROR", D),
    v(264, Condition, "nosuchfn([age])", &[("age", "20")], "ERROR", D),
    v(265, Condition, "[age] > ", &[("age", "20")], "ERROR", D),
    v(266, Condition, "[age] 18", &[("age", "20")], "ERROR", D),
    v(267, Condition, "if([age]>1,2)", &[("age", "20")], "ERROR", D),
    v(268, Condition, "age>18", &[("age", "20")], "ERROR", D),
];

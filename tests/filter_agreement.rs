//! The demo server's `filterLogic` and the filter in this program must find the same rows: the two
//! share the engine, but not the way to the values (a store there, an exported table here).
//!
//! Hundreds of expressions are made for each project out of its own fields, events and values.
//! Projects of real servers lie beside the repository and are no part of it; without them this
//! test says so loudly and uses the built-in ones only.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]
#![allow(clippy::print_stderr, reason = "what is skipped is told")]

use capscope::api::client::{Api, RecordQuery, silent};
use capscope::api::token::Token;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::domain::dictionary::{FieldType, status_field};
use capscope::domain::logic::{Project, Rules, TableRows, parse};
use capscope::domain::project::Metadata;
use capscope::domain::quality::{Checks, CustomRule, Rule};
use capscope::domain::record::column;
use capscope::domain::table::RecordTable;
use capscope::jobs::bench::{Workbench, address};
use capscope::jobs::{open, quality};
use capscope::store::settings::Settings;
use capscope::store::vault::Vault;
use std::path::{Path, PathBuf};

/// How many expressions are made for each project.
const EXPRESSIONS: usize = 250;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }
}

/// Makes expressions for a project.
struct Maker<'a> {
    metadata: &'a Metadata,
    table: &'a RecordTable,
    dice: Dice,
}

impl Maker<'_> {
    /// A condition on a file field: its value here is another one than the document number that the
    /// server compares, so only blank or not has a meaning (`redcap-logic.md` §4).
    fn on_a_file(&mut self) -> Option<String> {
        let files: Vec<&str> = self
            .metadata
            .dictionary
            .fields()
            .iter()
            .filter(|f| f.field_type == FieldType::File)
            .map(|f| f.name.as_str())
            .collect();
        if files.is_empty() || self.dice.below(10) > 0 {
            return None;
        }
        Some(format!("[{}] {} ''", self.dice.of(&files), self.dice.of(&["=", "<>"])))
    }

    /// A reference and values it may have.
    fn reference(&mut self) -> (String, Vec<String>) {
        let fields = self.metadata.dictionary.fields();
        let (name, values) = match self.dice.below(12) {
            0 => {
                let forms = self.metadata.dictionary.forms();
                let form = self.dice.of(&forms);
                (status_field(form), vec!["0".into(), "1".into(), "2".into()])
            }
            1 => return self.smart(),
            _ => {
                let field = loop {
                    let field = &fields[self.dice.below(fields.len())];
                    if field.holds_data() && field.field_type != FieldType::File {
                        break field;
                    }
                };
                let choices = field.choices();
                if field.field_type == FieldType::Checkbox {
                    let codes: Vec<&str> = choices.iter().map(|c| c.code.as_str()).collect();
                    // A choice that is written with a closing parenthesis cannot be referred to.
                    let code = self.dice.of(&codes);
                    let code = if code.contains([')', ']']) { "1" } else { code };
                    (format!("{}({code})", field.name), vec!["0".into(), "1".into()])
                } else {
                    let column = self.table.column(&field.name);
                    let mut values: Vec<String> = column
                        .into_iter()
                        .flat_map(|c| self.table.distinct(c).take(40))
                        .map(str::to_owned)
                        .collect();
                    values.extend(choices.into_iter().map(|c| c.code));
                    (field.name.clone(), values)
                }
            }
        };
        let events: Vec<String> = self.metadata.events.list().iter().map(|e| e.unique_name.clone()).collect();
        let event = match self.dice.below(5) {
            0 if !events.is_empty() => format!("[{}]", events[self.dice.below(events.len())]),
            1 if !events.is_empty() => {
                let which = [
                    "previous-event-name",
                    "next-event-name",
                    "first-event-name",
                    "last-event-name",
                    "event-name",
                ];
                format!("[{}]", self.dice.of(&which))
            }
            _ => String::new(),
        };
        let instance = match self.dice.below(6) {
            0 => {
                let which = [
                    "1",
                    "2",
                    "first-instance",
                    "last-instance",
                    "previous-instance",
                    "next-instance",
                    "current-instance",
                ];
                format!("[{}]", self.dice.of(&which))
            }
            _ => String::new(),
        };
        (format!("{event}[{name}]{instance}"), values)
    }

    fn smart(&mut self) -> (String, Vec<String>) {
        let own = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        let names = [
            "record-name",
            "event-name",
            "current-instance",
            "last-instance",
            "arm-number",
            "event-label",
            "project-id",
            "record-dag-name",
        ];
        let name = self.dice.of(&names);
        let column = match name {
            "record-name" => {
                self.metadata.dictionary.record_id_field().and_then(|f| self.table.column(&f.name))
            }
            "event-name" => self.table.column(column::EVENT),
            "record-dag-name" => self.table.column(column::DAG),
            _ => None,
        };
        let values = match column {
            Some(column) => self.table.distinct(column).map(str::to_owned).collect(),
            None => own(&["1", "2", "3", "Baseline"]),
        };
        (format!("[{name}]"), values)
    }

    /// A value in quotes; blank now and then, or one that is in no record.
    fn literal(&mut self, values: &[String]) -> String {
        let text = match self.dice.below(8) {
            0 => "",
            1 => self.dice.of(&["5", "-1", "0", "2015-06-01", "zzz", "a"]),
            _ if values.is_empty() => "1",
            _ => values[self.dice.below(values.len())].as_str(),
        };
        let plain = text.chars().all(|c| c.is_ascii_digit());
        // Quotes, backslashes and line breaks in values are not what is tried here.
        if text.contains(['\'', '"', '\\', '\n', '\r']) || text.len() > 40 {
            return "'x'".into();
        }
        if plain && !text.is_empty() && self.dice.below(3) == 0 {
            text.to_owned()
        } else {
            format!("'{text}'")
        }
    }

    /// A number.
    fn number(&mut self, depth: usize) -> String {
        let (a, _) = self.reference();
        let (b, _) = self.reference();
        match self.dice.below(if depth == 0 { 3 } else { 9 }) {
            0 => a,
            1 => format!("{}", self.dice.below(200)),
            2 => format!("{a} + {b}"),
            3 => format!("round({a} / {b}, 1)"),
            4 => format!("sum({a}, {b}, 1)"),
            5 => format!("datediff({a}, {b}, '{}', true)", ["d", "y", "h"][depth % 3]),
            6 => format!("if({}, {a}, {})", self.condition(depth - 1), self.number(depth - 1)),
            7 => format!("length({a})"),
            _ => format!("max({a}, {b}) - min({a}, {b})"),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        if let Some(file) = self.on_a_file() {
            return file;
        }
        let (a, values) = self.reference();
        let (b, _) = self.reference();
        let op = self.dice.of(&["=", "<>", "<", "<=", ">", ">="]);
        match self.dice.below(if depth == 0 { 4 } else { 11 }) {
            0..=2 => format!("{a} {op} {}", self.literal(&values)),
            3 => format!("{a} {op} {b}"),
            4 => format!("isblankormissingcode({a})"),
            5 => format!("contains({a}, {})", self.literal(&values)),
            6 => format!("{} {op} {}", self.number(depth - 1), self.number(depth - 1)),
            7 => format!("not ({})", self.condition(depth - 1)),
            8 => format!("({} or {})", self.condition(depth - 1), self.condition(depth - 1)),
            9 => format!("({} and {})", self.condition(depth - 1), self.condition(depth - 1)),
            _ => format!("isnumber({a}) and {a} {op} {}", self.dice.below(100)),
        }
    }
}

/// The place of each row as text.
fn places(table: &RecordTable, id: &str, rows: impl Iterator<Item = usize>) -> Vec<String> {
    let key = [id, column::EVENT, column::REPEAT_INSTRUMENT, column::REPEAT_INSTANCE];
    rows.map(|row| key.map(|name| table.get(row, name)).join("|")).collect()
}

/// Asks both about each expression; gives back what they disagree on, and how many had an answer.
async fn disagreements(name: &str, api: &Api, metadata: &Metadata) -> (Vec<String>, usize, usize) {
    let id = metadata.dictionary.record_id_field().unwrap().name.clone();
    // Everything, as a filter may look at everything. Untouched forms are blank in the store too.
    let forms: Vec<String> = metadata.dictionary.forms().into_iter().map(str::to_owned).collect();
    let all = RecordQuery {
        forms,
        fields: vec![id.clone()],
        blank_for_gray: true,
        dags: true,
        ..RecordQuery::default()
    };
    let table = api.records(&all, &mut |_| {}).await.unwrap();
    let project = Project::new(metadata);
    let rows = TableRows::new(&project, &table);
    let rules = Rules::default();
    let now = jiff::Timestamp::now().to_zoned_datetime(jiff::tz::TimeZone::UTC).datetime();
    let mut maker = Maker { metadata, table: &table, dice: Dice(metadata.info.project_id + 7) };
    let (mut wrong, mut answered, mut matched) = (Vec::new(), 0, 0);
    for n in 0..EXPRESSIONS {
        let text = maker.condition(n % 4);
        let query = RecordQuery { filter_logic: text.clone(), ..all.clone() };
        let theirs = api.records(&query, &mut |_| {}).await;
        let parsed = parse(&text).map_err(|e| e.to_string());
        let ours = parsed.and_then(|logic| {
            logic.check(&project).map_err(|e| e.to_string())?;
            let bound = logic.bind(&rows, &rules, now).map_err(|e| e.to_string())?;
            let found = bound.matching().map_err(|e| e.to_string())?;
            Ok(found.into_iter().map(|row| row as usize).collect::<Vec<_>>())
        });
        match (theirs, ours) {
            (Ok(theirs), Ok(ours)) => {
                answered += 1;
                matched += usize::from(!ours.is_empty() && ours.len() < table.n_rows());
                // A custom rule of data quality is the same filter by another way.
                let custom = CustomRule::read("", &text, &project).unwrap();
                let by_rule = quality::judge_rows(metadata, &Checks::new(vec![Rule::Custom(custom)]), &table);
                let by_rule: Vec<String> = by_rule.report.rules[0]
                    .findings
                    .iter()
                    .map(|f| {
                        let instance = f.place.instance.map(|n| n.to_string()).unwrap_or_default();
                        [&f.place.record, &f.place.event, &f.place.instrument, &instance]
                            .map(String::as_str)
                            .join("|")
                    })
                    .collect();
                let theirs = places(&theirs, &id, 0..theirs.n_rows());
                let ours = places(&table, &id, ours.into_iter());
                if theirs != ours || by_rule != ours {
                    let only = |a: &[String], b: &[String]| {
                        a.iter().filter(|k| !b.contains(k)).take(3).cloned().collect::<Vec<_>>()
                    };
                    wrong.push(format!(
                        "{name}: {text}\n    only the server: {:?}\n    only here: {:?}\n    rule: {}",
                        only(&theirs, &ours),
                        only(&ours, &theirs),
                        by_rule == ours
                    ));
                }
            }
            // Both refuse, whatever their words.
            (Err(_), Err(_)) => {}
            (Ok(_), Err(why)) => {
                wrong.push(format!("{name}: {text}\n    only the server has an answer: {why}"));
            }
            (Err(why), Ok(_)) => {
                wrong.push(format!("{name}: {text}\n    only we have an answer: {}", why.server_text));
            }
        }
    }
    (wrong, answered, matched)
}

/// The projects of real servers, if they are beside the repository.
fn real_projects() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.parent().map(|p| p.join("shared/judge"));
    let list = folder.as_ref().and_then(|f| std::fs::read_to_string(f.join("projects.json")).ok());
    let (Some(folder), Some(list)) = (folder, list) else {
        eprintln!(
            "\n*** SKIPPED: no projects of real servers beside the repository; built-in ones only ***\n"
        );
        return Vec::new();
    };
    let list: Vec<serde_json::Value> = serde_json::from_str(&list).unwrap();
    let files = list.iter().filter(|p| p["kind"] == "odm").filter_map(|p| p["file"].as_str());
    files.map(|file| folder.join(file)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_and_the_local_filter_find_the_same_rows() {
    let options = DemoOptions { load: real_projects(), registry_records: 30, ..DemoOptions::default() };
    let server = DemoServer::start(options).await.unwrap();
    let bench = Workbench::new(None, Settings::default(), Vault::in_memory(), silent());
    let url = address(server.url()).unwrap();
    let mut wrong = Vec::new();
    for project in server.projects() {
        let token = Token::parse(&project.tokens[0].token).unwrap();
        let api = Api::new(bench.server(&url, None), token);
        let mut metadata = open::read(&api, None, &|_| ()).await.unwrap();
        metadata.access = open::read_access(&api, &metadata, &|_| ()).await.unwrap().0;
        let (found, answered, matched) = disagreements(&project.title, &api, &metadata).await;
        eprintln!("{}: {answered} of {EXPRESSIONS} have an answer, {matched} split the rows", project.title);
        assert!(answered > EXPRESSIONS / 2, "{}: too few expressions are valid", project.title);
        wrong.extend(found);
    }
    assert!(wrong.is_empty(), "{} disagreements\n{}", wrong.len(), wrong.join("\n"));
}

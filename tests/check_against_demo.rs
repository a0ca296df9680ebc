//! The check against the demo server, whose own checks are separate code: what the check calls
//! clean is never refused, and what it says REDCap refuses always is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "these are tests"
)]

use capscope::api::client::DataFormat;
use capscope::api::client::{ImportAnswer, RecordImport, ReturnContent, silent};
use capscope::api::token::Token;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::domain::check::payload::MOST_RECORDS;
use capscope::domain::check::{Settings, Severity};
use capscope::jobs::bench::Workbench;
use capscope::jobs::check::{self, CheckWanted};
use capscope::jobs::open;
use capscope::jobs::types::SavedProject;
use capscope::store::settings::Settings as Options;
use capscope::store::vault::Vault;
use std::collections::HashMap;

/// How many files are made; more with `CHECK_FILES=5000`.
const FILES: u64 = 400;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    /// Once in so many times.
    fn rarely(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// Columns with values that are good and values that are bad.
const COLUMNS: &[(&str, &[&str], &[&str])] = &[
    ("weight", &["70", "70.5", ".5", "1e2", "UNK", "500", ""], &["70,5", "x", "5.", "1,000", "unk"]),
    ("sbp", &["120", "-3", "NASK", ""], &["120.0", "x", "12 0"]),
    (
        "visit_date",
        &["2026-02-03", "2026/02/03", "UNK", ""],
        &["2026-02-31", "46115", "2026-02-03T10:00", "x"],
    ),
    ("pregnant", &["0", "1", ""], &["TRUE", "2", "1.0", "Yes"]),
    ("smoker", &["1", "4", ""], &["5", "more", "01", "3.0"]),
    ("visit_complete", &["0", "1", "2", ""], &["3", "Complete", "UNK"]),
    ("sex", &["1", "2", ""], &["Female", "3", "1.0"]),
    ("race___1", &["0", "1", ""], &["2", "Checked", "1.0"]),
    ("zip", &["98105", "98105-1234", ""], &["98105.0", "9810"]),
    ("notes_free", &["two\nlines", "plain", ""], &[]),
    ("ae_term", &["Cough", ""], &[]),
    ("ae_start", &["2026-02-01", ""], &["01.02.2026"]),
    ("ae_grade", &["1", "5", ""], &["6", "Mild"]),
    ("phq1", &["0", "3", ""], &["4"]),
    ("phq_total", &["7", ""], &[]),
    ("bogus", &[], &["x"]),
];

const PLACES: &[(&str, &str, &str)] = &[
    ("screening_arm_1", "", ""),
    ("baseline_arm_1", "", ""),
    ("week_4_arm_1", "", ""),
    ("week_12_arm_1", "", ""),
    ("unscheduled_arm_1", "", "1"),
    ("unscheduled_arm_1", "", "7"),
    ("ongoing_arm_1", "ae_log", "2"),
    ("ongoing_arm_1", "ae_log", "new"),
];

/// How a file is written and sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Flat,
    /// One value a row, as CSV.
    Eav,
    /// One value a row, as JSON.
    EavJson,
    /// One row a place, and REDCap names the records.
    Numbered,
}

impl Shape {
    fn of(seed: u64) -> Self {
        match seed % 6 {
            0 => Self::Eav,
            1 => Self::EavJson,
            2 => Self::Numbered,
            _ => Self::Flat,
        }
    }

    fn is_eav(self) -> bool {
        matches!(self, Self::Eav | Self::EavJson)
    }
}

fn file(dice: &mut Dice, shape: Shape) -> String {
    let rows = rows(dice);
    if !shape.is_eav() {
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in rows {
            writer.write_record(&row).unwrap();
        }
        return String::from_utf8(writer.into_inner().unwrap()).unwrap();
    }
    let header = &rows[0];
    let keys = header.iter().take_while(|h| h.starts_with("redcap_") || **h == "study_id").count();
    let mut values: Vec<Vec<&str>> = Vec::new();
    for row in &rows[1..] {
        for (name, value) in header.iter().zip(row).skip(keys) {
            // Mostly what is blank is not named at all.
            if !value.is_empty() || dice.rarely(6) {
                let mut line = row[..keys].to_vec();
                line.extend([*name, value]);
                values.push(line);
            }
        }
    }
    let mut names = header[..keys].to_vec();
    names[0] = "record";
    names.extend(["field_name", "value"]);
    if shape == Shape::EavJson {
        let object = |line: &Vec<&str>| {
            let pairs = names.iter().zip(line).map(|(name, text)| ((*name).to_owned(), (*text).into()));
            serde_json::Value::Object(pairs.collect())
        };
        return serde_json::Value::Array(values.iter().map(object).collect()).to_string();
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names).unwrap();
    for line in values {
        writer.write_record(&line).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

fn rows(dice: &mut Dice) -> Vec<Vec<&'static str>> {
    let columns: Vec<_> =
        COLUMNS.iter().filter(|(name, ..)| dice.rarely(if *name == "bogus" { 40 } else { 3 })).collect();
    let with_repeats = !dice.rarely(4);
    let mut header = vec!["study_id", "redcap_event_name"];
    if with_repeats {
        header.extend(["redcap_repeat_instrument", "redcap_repeat_instance"]);
    }
    header.extend(columns.iter().map(|(name, ..)| *name));
    let mut rows = vec![header];
    // Half of the files keep every value at an event where its form is.
    let careful = dice.rarely(2);
    for _ in 0..=dice.below(3) {
        let record = dice.pick(&["001", "002", "003", "004", "N1", "N2"]);
        let (event, mut form, mut number) = PLACES[dice.below(PLACES.len())];
        if dice.rarely(12) {
            form = dice.pick(&["visit", "ae_log", "nothing", ""]);
        }
        if dice.rarely(12) {
            number = dice.pick(&["0", "x", "3", ""]);
        }
        let event = if dice.rarely(20) { "week_9_arm_1" } else { event };
        let mut row = vec![record, event];
        if with_repeats {
            row.extend([form, number]);
        }
        for (name, good, bad) in &columns {
            let at_event = match *name {
                "sex" | "race___1" | "zip" | "notes_free" => event == "screening_arm_1",
                "ae_term" | "ae_start" | "ae_grade" => event == "ongoing_arm_1",
                "phq1" => matches!(event, "baseline_arm_1" | "week_4_arm_1" | "week_12_arm_1"),
                "phq_total" | "bogus" => true,
                _ => {
                    matches!(event, "baseline_arm_1" | "week_4_arm_1" | "week_12_arm_1" | "unscheduled_arm_1")
                }
            };
            row.push(match (careful && !at_event, bad.is_empty() || !dice.rarely(14)) {
                (true, _) => "",
                (false, true) if good.is_empty() => "",
                (false, true) => dice.pick(good),
                (false, false) => dice.pick(bad),
            });
        }
        rows.push(row);
    }
    rows
}

#[tokio::test(flavor = "multi_thread")]
async fn clean_is_never_refused_and_refused_always_is() {
    let options = DemoOptions { registry_records: 5, ..DemoOptions::default() };
    let server = DemoServer::start(options).await.unwrap();
    let token = &server.projects()[0].tokens.iter().find(|t| t.note.starts_with("FULL")).unwrap().token;
    let project =
        SavedProject::new("breathe", server.url(), 101, "BREATHE", jiff::Timestamp::UNIX_EPOCH).unwrap();
    let bench = Workbench::new(None, Options::default(), Vault::in_memory(), silent());
    bench.keep_for_session(&project.id, Token::parse(token).unwrap());
    let api = bench.api(&project).await.unwrap();
    let metadata = open::read(&api, None, &|_| {}).await.unwrap();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file.csv");
    let mut by_shape = [0; 4];
    let files = std::env::var("CHECK_FILES").map_or(FILES, |n| n.parse().unwrap());
    let (mut clean, mut refused, mut stopped) = (0, 0, 0);
    for seed in 1..=files {
        let shape = Shape::of(seed);
        let text = file(&mut Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)), shape);
        let (eav, auto_number) = (shape.is_eav(), shape == Shape::Numbered);
        if text == "[]" || text.lines().count() == 1 && !text.starts_with('[') {
            continue;
        }
        std::fs::write(&path, &text).unwrap();
        let wanted = CheckWanted {
            path: path.clone(),
            settings: Settings { auto_number, ..Settings::default() },
            metadata: Box::new(metadata.clone()),
            offline: false,
            before: None,
        };
        let checked = check::run(&bench, &project, wanted, &|_| {}).await.unwrap();
        let r = &checked.rehearsal;
        let found: Vec<String> = r
            .findings
            .iter()
            .map(|f| format!("{} {} {}", f.rule.tag(), r.where_is(f), r.sentence(f, false)))
            .collect();
        let said = format!("seed {seed}\n{text}\n{found:#?}");
        if r.count_of(Severity::Refused) > 0 {
            refused += 1;
            let format = if shape == Shape::EavJson { DataFormat::Json } else { DataFormat::Csv };
            let data = text.clone();
            let raw = RecordImport { data, format, eav, auto_number, ..RecordImport::default() };
            let answer = api.import_records(&raw).await;
            assert!(answer.is_err(), "the server took what the check says it refuses: {said}");
        } else if r.may_be_sent() {
            clean += 1;
            by_shape[shape as usize] += 1;
            for batch in r.batches(MOST_RECORDS) {
                let returns = if auto_number { ReturnContent::AutoIds } else { ReturnContent::Ids };
                let data = r.data(&batch);
                let import = RecordImport { data, eav, auto_number, returns, ..RecordImport::default() };
                let answer = api.import_records(&import).await;
                assert!(answer.is_ok(), "the server refused what the check calls clean: {answer:?} {said}");
                let mut names = HashMap::new();
                let mut records = batch.records.clone();
                if let Ok(ImportAnswer::AutoIds(pairs)) = answer {
                    records = pairs.iter().map(|(new, _)| new.clone()).collect();
                    names.extend(pairs.into_iter().map(|(new, given)| (given, new)));
                }
                let now = check::read_rows(&api, &checked.touched, &records).await.unwrap();
                let proof = r.prove(&batch, &now, &names);
                assert!(proof.different.is_empty(), "{:?} {said}", proof.different);
            }
        } else {
            stopped += 1;
        }
    }
    println!("{clean} clean, {refused} refused, {stopped} stopped");
    assert!(clean > files / 8 && refused > files / 8, "{clean} clean, {refused} refused");
    assert!(by_shape.iter().all(|n| *n > files / 60), "clean files of each shape: {by_shape:?}");
}

//! How fast logic is evaluated over a large table: `cargo bench --bench logic`.
//!
//! Prints rows per second, with and without the time to bind the expression to the table, and how
//! many times faster that is than evaluating each row on its own.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]

use capscope::domain::dictionary::{Dictionary, Field, FieldType};
use capscope::domain::event::{Event, Mapping, Repeating};
use capscope::domain::logic::{self, Project, RecordContext, Rules, TableRows};
use capscope::domain::project::{Metadata, Readable};
use capscope::domain::table::{RecordTable, TableBuilder};
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

const ROWS: u32 = 1_000_000;

fn metadata() -> Metadata {
    let mut metadata = Metadata::default();
    let mut smoker = Field::new("habit", "base");
    smoker.field_type = FieldType::Checkbox;
    smoker.choices_or_calculations = "1, Smokes | 2, Drinks".into();
    let plain = ["id", "sex", "age", "weight", "height", "born", "name"].map(|name| Field::new(name, "base"));
    let repeating = Field::new("dose", "meds");
    metadata.dictionary = Dictionary::new(plain.into_iter().chain([smoker, repeating]).collect());
    metadata
}

/// Numbers that look random and are the same in every run.
fn noise(seed: u32) -> u32 {
    let mixed = seed.wrapping_mul(2_654_435_761);
    (mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519) >> 8
}

fn classic() -> RecordTable {
    let mut table =
        TableBuilder::new(["id", "sex", "age", "weight", "height", "born", "name", "habit___1", "habit___2"]);
    for i in 0..ROWS {
        let n = noise(i);
        let age = if n.is_multiple_of(17) { String::new() } else { (n % 90).to_string() };
        table.push_row([
            i.to_string().as_str(),
            ["1", "2", ""][(n % 3) as usize],
            &age,
            &format!("{}.{}", 40 + n % 80, n % 10),
            &(140 + n % 60).to_string(),
            &format!("{}-{:02}-{:02}", 1930 + n % 80, 1 + n % 12, 1 + n % 28),
            &format!("name {}", n % 5000),
            ["0", "1"][(n % 2) as usize],
            ["0", "1"][(n / 2 % 2) as usize],
        ]);
    }
    table.finish()
}

/// Each record has three events; at the second a form repeats four times.
fn longitudinal(metadata: &mut Metadata) -> RecordTable {
    let names = ["first_arm_1", "second_arm_1", "third_arm_1"];
    let event = |name: &str| Event { unique_name: name.into(), arm_num: 1, ..Event::default() };
    let map = |event: &str, form: &str| Mapping { arm_num: 1, event: event.into(), form: form.into() };
    metadata.events = Readable::Known(names.map(event).to_vec());
    let mut mapping = names.map(|name| map(name, "base")).to_vec();
    mapping.push(map(names[1], "meds"));
    metadata.mapping = Readable::Known(mapping);
    metadata.repeating = Readable::Known(vec![Repeating {
        event: names[1].into(),
        form: "meds".into(),
        custom_label: String::new(),
    }]);
    let columns =
        ["id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance", "age", "dose"];
    let mut table = TableBuilder::new(columns);
    for record in 0..ROWS / 7 {
        let id = record.to_string();
        for (i, name) in (0..).zip(names) {
            table.push_row([id.as_str(), name, "", "", &(noise(record + i) % 90).to_string()]);
        }
        for instance in 1..=4 {
            let dose = (noise(record * 4 + instance) % 20).to_string();
            table.push_row([id.as_str(), names[1], "meds", &instance.to_string(), "", &dose]);
        }
    }
    table.finish()
}

/// The shortest of several runs.
fn best(mut run: impl FnMut()) -> Duration {
    (0..5)
        .map(|_| {
            let start = Instant::now();
            run();
            start.elapsed()
        })
        .min()
        .unwrap_or_default()
}

fn measure(project: &Project<'_>, table: &RecordTable, expressions: &[&str]) -> Result<(), Box<dyn Error>> {
    let now = jiff::civil::date(2024, 7, 4).at(13, 45, 30, 0);
    let rules = Rules::default();
    let rows = TableRows::new(project, table);
    for text in expressions {
        let logic = logic::parse(text)?;
        let bind = best(|| {
            black_box(logic.bind(&rows, &rules, now)).ok();
        });
        let bound = logic.bind(&rows, &rules, now)?;
        bound.matching()?;
        let run = best(|| {
            black_box(bound.matching()).ok();
        });
        let sample = table.n_rows().min(50_000);
        let single = best(|| {
            for row in 0..sample {
                let record = rows.record(row);
                let context = RecordContext::new(project, &record, rows.place(row), &rules, now);
                black_box(logic.is_true(&context, &rules)).ok();
            }
        });
        let n = table.n_rows() as f64;
        let millions = |time: Duration| n / time.as_secs_f64() / 1e6;
        let alone = sample as f64 / single.as_secs_f64() / 1e6;
        println!(
            "{:9.1} M rows/s  {:8.1} M rows/s with binding  {:6.2} M rows/s one by one  x{:<6.0} {text}",
            millions(run),
            millions(run + bind),
            alone,
            millions(run) / alone,
        );
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let metadata_of_classic = metadata();
    println!("classic project, {ROWS} rows");
    measure(
        &Project::new(&metadata_of_classic),
        &classic(),
        &[
            "[sex] = '2' and [age] >= 18",
            "[sex] = '2' and ([age] >= 18 or [habit(1)] = '1') and [weight] <> ''",
            "datediff([born], 'today', 'y') >= 18",
            "contains([name], '42')",
            "[weight] > [age]",
            "round([weight] / ([height] / 100)^(2), 1) >= 25",
            "[sex] = '2' and [weight] > [age]",
            "[id] > 500000",
        ],
    )?;
    let mut metadata_of_long = metadata();
    let long = longitudinal(&mut metadata_of_long);
    println!("longitudinal project with repeating forms, {} rows", long.n_rows());
    measure(
        &Project::new(&metadata_of_long),
        &long,
        &[
            "[age] >= 18",
            "[dose] > 5 and [age] >= 18",
            "[first_arm_1][age] >= 18",
            "[dose][last-instance] > 5",
            "[previous-event-name][age] < [age]",
            "[event-name] = 'second_arm_1' and [dose] > 5",
        ],
    )
}

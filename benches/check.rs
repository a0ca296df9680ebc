//! How fast an import is checked: `cargo bench --bench check`.
//!
//! A file of 50,000 rows and 100 columns against as many stored rows: reading the file, then the
//! whole rehearsal. Once clean, once with a mistake in every tenth row.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]

use capscope::domain::check::{Cell, Rehearsal, Settings, SourceFile, Stored, rehearse, touched};
use capscope::domain::dictionary::{Dictionary, Field, FieldType};
use capscope::domain::project::Metadata;
use capscope::domain::table::TableBuilder;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

/// Names a folder in which both tables are kept, for other programs to be timed on the same data.
const KEEP: &str = "CAPSCOPE_BENCH_KEEP";

const ROWS: u32 = 50_000;
const COLUMNS: u32 = 100;

/// Numbers that look random and are the same in every run.
fn noise(seed: u32) -> u32 {
    let mixed = seed.wrapping_mul(2_654_435_761);
    (mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519) >> 8
}

fn metadata() -> Metadata {
    let mut fields = vec![Field::new("id", "base")];
    for i in 1..COLUMNS {
        let mut field = Field::new(format!("field_{i}"), "base");
        match i % 5 {
            0 => field.validation = "number".into(),
            1 => {
                field.field_type = FieldType::Radio;
                field.choices_or_calculations = "1, One | 2, Two | 3, Three".into();
            }
            2 => field.validation = "date_ymd".into(),
            3 => field.validation = "integer".into(),
            _ => {}
        }
        if i % 25 == 0 {
            field.branching_logic = "[field_1] = '1' or [field_3] > 50".into();
        }
        fields.push(field);
    }
    Metadata { dictionary: Dictionary::new(fields), ..Metadata::default() }
}

fn cell(row: u32, column: u32, salt: u32) -> String {
    let n = noise(row * COLUMNS + column + salt);
    match column % 5 {
        0 => format!("{}.{}", n % 300, n % 10),
        1 => (1 + n % 3).to_string(),
        2 => format!("{}-{:02}-{:02}", 2000 + n % 25, 1 + n % 12, 1 + n % 28),
        3 => (n % 200).to_string(),
        _ if n.is_multiple_of(5) => format!("text {}", n % 20_000),
        _ => String::new(),
    }
}

fn stored() -> Stored {
    let names: Vec<String> =
        (0..COLUMNS).map(|c| if c == 0 { "id".into() } else { format!("field_{c}") }).collect();
    let mut table = TableBuilder::new(names.iter().chain([&"base_complete".to_owned()]).map(String::as_str));
    for row in 0..ROWS {
        let cells: Vec<String> = (0..COLUMNS)
            .map(|c| if c == 0 { row.to_string() } else { cell(row, c, 0) })
            .chain(["0".to_owned()])
            .collect();
        table.push_row(cells.iter().map(String::as_str));
    }
    Stored { rows: table.finish(), ids: None }
}

/// What is stored, as a file.
fn as_csv() -> String {
    let mut text = header();
    for row in 0..ROWS {
        let _ = write!(text, "{row}");
        for c in 1..COLUMNS {
            let _ = write!(text, ",{}", cell(row, c, 0));
        }
        text.push('\n');
    }
    text
}

fn header() -> String {
    let names = (1..COLUMNS).map(|i| format!(",field_{i}"));
    format!("id{}\n", names.collect::<String>())
}

fn file(with_mistakes: bool) -> String {
    let mut text = header();
    for row in 0..ROWS {
        let _ = write!(text, "{row}");
        for c in 1..COLUMNS {
            let mistaken = with_mistakes && c == 1 + row % 99 && row.is_multiple_of(10);
            // Every twentieth value is another than the stored one.
            let salt = u32::from(noise(row + c).is_multiple_of(20)) * 77;
            let _ = write!(text, ",{}", if mistaken { "x y".into() } else { cell(row, c, salt) });
        }
        text.push('\n');
    }
    text
}

fn main() -> Result<(), Box<dyn Error>> {
    let metadata = metadata();
    let settings = Settings::default();
    let stored = Arc::new(stored());
    if let Ok(dir) = std::env::var(KEEP) {
        std::fs::write(format!("{dir}/stored.csv"), as_csv())?;
        std::fs::write(format!("{dir}/file.csv"), file(false))?;
    }
    let now = jiff::civil::date(2026, 3, 10).at(12, 0, 0, 0);
    for with_mistakes in [false, true] {
        let text = file(with_mistakes);
        println!("{ROWS} x {COLUMNS}, {} MB, mistakes: {with_mistakes}", text.len() >> 20);
        let start = Instant::now();
        let source = Arc::new(SourceFile::read(text.as_bytes(), &settings)?);
        let read = start.elapsed();
        let wanted = touched(&source, &metadata, &settings);
        let rehearsal: Rehearsal = rehearse(&source, &metadata, &settings, Some(&stored), now);
        let all = start.elapsed();
        println!("  read {read:?}, read and rehearsed {all:?} ({} records touched)", wanted.records.len());
        println!(
            "  {} changed, {} same, {} new, {} findings",
            rehearsal.count(Cell::Changed),
            rehearsal.count(Cell::Same),
            rehearsal.count(Cell::New),
            rehearsal.findings.len()
        );
    }
    Ok(())
}

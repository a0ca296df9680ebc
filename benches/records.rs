//! What a batch of records costs the screen as the table grows: `cargo bench --bench records`.
//!
//! Compares the first batches with the last ones of 500,000 rows, then times a filter and a sort
//! over all of them. A batch must cost the same early and late.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]

use capscope::app::records::Records;
use capscope::app::sorting::Sort;
use capscope::domain::dictionary::{Dictionary, Field};
use capscope::domain::layout::Layout;
use capscope::domain::project::Metadata;
use capscope::domain::table::TableBuilder;
use capscope::jobs::types::RecordsPart;
use std::time::{Duration, Instant};

const BATCHES: u32 = 2_000;
const PER_BATCH: u32 = 250;
const COMPARED: usize = 100;

fn part(batch: u32, names: &[String]) -> RecordsPart {
    let mut table = TableBuilder::new(names.iter().map(String::as_str));
    for record in batch * PER_BATCH..(batch + 1) * PER_BATCH {
        let cells: Vec<String> = (0..names.len() as u32)
            .map(|c| {
                if c == 0 { record.to_string() } else { (record.wrapping_mul(7 + c) % (c * 50)).to_string() }
            })
            .collect();
        table.push_row(cells.iter().map(String::as_str));
    }
    RecordsPart { ids: None, rows: table.finish(), records_read: 0 }
}

fn main() {
    let names: Vec<String> = (0..20).map(|i| format!("field_{i}")).collect();
    let fields = names.iter().map(|name| Field::new(name, "base")).collect();
    let metadata = Metadata { dictionary: Dictionary::new(fields), ..Metadata::default() };
    let mut records = Records::default();
    records.begin("base", Layout::default());
    let mut times: Vec<Duration> = Vec::new();
    for batch in 0..BATCHES {
        let part = part(batch, &names);
        let start = Instant::now();
        records.take(part, &metadata, false);
        times.push(start.elapsed());
    }
    let mean = |times: &[Duration]| times.iter().sum::<Duration>() / times.len().max(1) as u32;
    let early = times.get(..COMPARED).unwrap_or_default();
    let late = times.get(times.len().saturating_sub(COMPARED)..).unwrap_or_default();
    println!("{} rows in {} batches", records.rows.len(), times.len());
    println!("a batch: {:?} at first, {:?} at last", mean(early), mean(late));
    let timed = |what: &str, records: &mut Records| {
        let start = Instant::now();
        records.refresh(&metadata, false);
        println!("{what}: {:?}, {} rows", start.elapsed(), records.rows.len());
    };
    "99".clone_into(&mut records.filter);
    timed("filter \"99\" over 20 columns", &mut records);
    records.filter.clear();
    records.sort = Some(Sort { column: "field_7".into(), down: false });
    timed("sort by a field", &mut records);
}

//! A large export, from the socket to the screen: `cargo bench --bench table -- [M|L]`.
//!
//! M is 50,000 rows of 300 columns, L 500,000 of 400; four cells in five are blank. Prints the
//! time to download and take in, beside what reading the same body with the csv crate takes; the
//! memory of the table; and how long a search, a filter, a sort and a frame take on it.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]

use capscope::api::client::{Api, RecordQuery, Server, ServerSettings, silent};
use capscope::api::token::Token;
use capscope::api::url::ApiUrl;
use capscope::app::cell_search::CellSearch;
use capscope::app::model::{Model, Options, Pane, Section};
use capscope::app::open::Open;
use capscope::app::records::Records;
use capscope::app::sorting::Sort;
use capscope::domain::dictionary::{Dictionary, Field};
use capscope::domain::layout::Layout;
use capscope::domain::project::Metadata;
use capscope::jobs::types::{RecordsPart, SavedProject};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader, BufWriter, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Tells a child that it is to serve this file.
const SERVE: &str = "CAPSCOPE_BENCH_SERVE";

/// Names the file in which the data are kept.
const KEEP: &str = "CAPSCOPE_BENCH_KEEP";

fn main() -> Result<(), Box<dyn Error>> {
    if let Ok(path) = std::env::var(SERVE) {
        return serve(&path);
    }
    let large = std::env::args().any(|a| a == "L");
    let (rows, columns) = if large { (500_000, 400) } else { (50_000, 300) };
    let dir = tempfile::tempdir()?;
    // Kept for other programs to be timed on the same data, if a place is named.
    let path = std::env::var(KEEP).map_or_else(|_| dir.path().join("export.csv"), Into::into);
    let size = generate(&path, rows, columns)?;
    println!("{rows} rows of {columns} columns, {} MB of CSV", size / 1_000_000);
    let (child, url) = child(&path.display().to_string())?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let before = memory("VmRSS");
    let start = Instant::now();
    let table = runtime.block_on(with_capscope(&url))?;
    let own = start.elapsed();
    let (used, most) = (memory("VmRSS").saturating_sub(before), memory("VmHWM").saturating_sub(before));
    // Only now: what it holds would be counted as ours.
    let plain = runtime.block_on(with_the_csv_crate(&url))?;
    let ratio = own.as_secs_f64() / plain.as_secs_f64();
    println!("download and take in: {own:?}; download, then the csv crate: {plain:?}; {ratio:.2} of it");
    let cells = rows * columns;
    println!(
        "memory: {} MB, {:.2} bytes a cell; at most {} MB while it came in",
        used / 1000,
        used as f64 * 1000.0 / cells as f64,
        most / 1000
    );
    on_screen(table, columns);
    drop(child);
    Ok(())
}

/// How long this thread had a processor, where the system tells it: what else runs on the machine
/// makes no difference.
fn processor() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0))
}

/// A figure of this process in kilobytes, where the system tells it.
fn memory(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|l| l.starts_with(name));
    line.and_then(|l| l.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}

/// Numbers that look random and are the same in every run.
fn noise(seed: u32) -> u32 {
    let mixed = seed.wrapping_mul(2_654_435_761);
    (mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519) >> 8
}

fn generate(path: &std::path::Path, rows: usize, columns: usize) -> Result<u64, Box<dyn Error>> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    write!(out, "record_id")?;
    for column in 1..columns {
        write!(out, ",field_{column}")?;
    }
    writeln!(out)?;
    for row in 0..rows as u32 {
        write!(out, "{row}")?;
        for column in 1..columns as u32 {
            let n = noise(row.wrapping_mul(401).wrapping_add(column));
            out.write_all(b",")?;
            match (n % 5, column % 4) {
                (0, 0) => write!(out, "{}", n / 5 % 9)?,
                (0, 1) => write!(out, "{}.{}", 40 + n / 5 % 80, n % 10)?,
                (0, 2) => write!(out, "20{:02}-{:02}-{:02}", 10 + n % 15, 1 + n / 5 % 12, 1 + n / 60 % 28)?,
                (0, _) => write!(out, "note {}", n / 5 % 3000)?,
                _ => {}
            }
        }
        writeln!(out)?;
    }
    out.flush()?;
    Ok(std::fs::metadata(path)?.len())
}

/// A child process that serves the file, stopped when dropped: its memory is not ours.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn child(path: &str) -> Result<(Served, String), Box<dyn Error>> {
    let mut child = Command::new(std::env::current_exe()?).env(SERVE, path).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    Ok((Served(child), line.trim().to_owned()))
}

/// Answers every request with the file.
fn serve(path: &str) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("http://{}/api/", listener.local_addr()?);
    for stream in listener.incoming() {
        let mut stream = stream?;
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? <= 2 {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        let mut file = File::open(path)?;
        let size = file.metadata()?.len();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/csv; charset=utf-8\r\nconnection: close\r\n";
        write!(stream, "{head}content-length: {size}\r\n\r\n")?;
        // Whoever went away before the end is no trouble of the server.
        let _ = std::io::copy(&mut file, &mut stream);
    }
    Ok(())
}

async fn with_the_csv_crate(url: &str) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    let body = reqwest::Client::new().post(url).body("token=x").send().await?.bytes().await?;
    let mut reader = csv::Reader::from_reader(body.as_ref());
    let mut record = csv::ByteRecord::new();
    let mut cells = 0;
    while reader.read_byte_record(&mut record)? {
        cells += record.iter().filter(|c| !c.is_empty()).count();
    }
    black_box(cells);
    Ok(start.elapsed())
}

async fn with_capscope(url: &str) -> Result<capscope::domain::table::RecordTable, Box<dyn Error>> {
    let url = ApiUrl::parse(url)?;
    let settings = ServerSettings { paced: false, ..ServerSettings::default() };
    let server = Server::new(url, settings, silent());
    let api = Api::new(server, Token::parse(&"a".repeat(32))?);
    let query = RecordQuery { fields: vec!["record_id".into()], ..RecordQuery::default() };
    Ok(api.records(&query, &mut |_| {}).await?)
}

fn on_screen(table: capscope::domain::table::RecordTable, columns: usize) {
    let names = std::iter::once("record_id".to_owned()).chain((1..columns).map(|c| format!("field_{c}")));
    let mut fields: Vec<Field> = names.map(|name| Field::new(name, "base")).collect();
    for (at, field) in fields.iter_mut().enumerate().skip(1) {
        if at % 4 == 1 {
            field.validation = "number".into();
        }
    }
    let metadata = Metadata { dictionary: Dictionary::new(fields), ..Metadata::default() };
    let project = SavedProject {
        id: "p".into(),
        name: "Bench".into(),
        url: "https://redcap.example.edu/api/".into(),
        project_id: 1,
        title: "Bench".into(),
        ca_file: None,
        token_env: None,
        write_access: false,
        added: jiff::Timestamp::UNIX_EPOCH,
    };
    let mut open = Open::new(project.clone(), false);
    open.metadata = metadata;
    let timed = |what: &str, work: &mut dyn FnMut() -> usize| {
        let (start, cpu) = (Instant::now(), processor());
        let n = work();
        let cpu = processor().saturating_sub(cpu);
        println!("{what}: {:?} ({cpu:?} of the processor), {n}", start.elapsed());
    };
    let part = RecordsPart { ids: None, rows: table, records_read: 0 };
    timed("first order of all rows", &mut || {
        open.records.begin("base", Layout::default());
        open.records.take(part.clone(), &open.metadata, false);
        open.records.rows.len()
    });
    let refresh = |open: &mut Open| {
        open.records.refresh(&open.metadata, false);
        open.records.rows.len()
    };
    let typed =
        ["n", "note 2999", "20", "7", "field_1 >= 100, field_2 >= 2020-06, field_4 = 3", "record_id: 77"];
    for filter in typed {
        filter.clone_into(&mut open.records.filter);
        timed(&format!("filter {filter:?}"), &mut || {
            open.records.filter_again(&open.metadata, false);
            open.records.rows.len()
        });
    }
    open.records.filter.clear();
    refresh(&mut open);
    for column in ["field_1", "field_3"] {
        open.records.sort = Some(Sort { column: column.into(), down: false });
        timed(&format!("sort by {column}"), &mut || refresh(&mut open));
    }
    let records: &Records = &open.records;
    for text in ["n", "note 2999", "7"] {
        let mut search = CellSearch { search: tui_input::Input::new(text.into()), ..CellSearch::default() };
        timed(&format!("search {text:?} in all cells"), &mut || {
            search.run(records, &open.metadata, false);
            search.total
        });
    }
    let mut model = Model::new(Options::default(), vec![project], jiff::Timestamp::UNIX_EPOCH);
    model.size = (200, 60);
    model.section = Section::Records;
    model.pane = Pane::Main;
    model.open = Some(open);
    let mut times: Vec<Duration> = (0..200)
        .map(|_| {
            let start = Instant::now();
            let mut buffer = Buffer::empty(Rect::new(0, 0, 200, 60));
            black_box(capscope::ui::render(&model, &mut buffer));
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).copied().unwrap_or_default();
    println!("a frame of 200 by 60: median {:?}, 99th of 100 {:?}", at(50), at(99));
}

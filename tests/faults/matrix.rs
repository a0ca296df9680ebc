//! The matrix: all faults, all jobs, one cell after the other or many at once.

use crate::door::Kind;
use crate::jobs::{Outcome, What, play};
use crate::world::{IMPATIENT, World};
use capscope::demo::chaos::{FAULTS, Fault, Place};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// No cell may take longer, on however slow a computer.
const NO_HANG: Duration = Duration::from_secs(60);

/// A row of the matrix.
struct Row {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    fault: Option<Fault>,
}

impl Row {
    /// Whether the client's own patience ends it.
    fn stalls(&self) -> bool {
        self.kind == Kind::Silent || matches!(self.fault, Some(Fault::StallHead | Fault::StallBody))
    }
}

fn rows() -> Vec<Row> {
    let mut rows = vec![Row { name: "none", help: "all is well", kind: Kind::Plain, fault: None }];
    // A value that the server loses is nothing of the connection; the receipt's own test plays it.
    rows.extend(FAULTS.iter().filter(|f| f.fault != Fault::LosesValue).map(|f| {
        // Only over HTTPS is a step to HTTP one.
        let kind = if f.name == "301-http" { Kind::Good } else { Kind::Plain };
        Row { name: f.name, help: f.help, kind, fault: Some(f.fault.clone()) }
    }));
    for (name, help, kind) in [
        ("nobody", "nothing listens at the address", Kind::Nobody),
        ("tls-good", "a certificate as it should be", Kind::Good),
        ("tls-expired", "the certificate has expired", Kind::Expired),
        ("tls-other-name", "the certificate is for another name", Kind::OtherName),
        ("tls-unknown", "the certificate's authority is not known here", Kind::SelfSigned),
        ("tls-1.0-alert", "the server speaks TLS 1.0 only and says so", Kind::OldAlert),
        ("tls-1.0-hello", "the server speaks TLS 1.0 only and answers in it", Kind::OldHello),
        ("tls-none", "HTTP where HTTPS should be", Kind::PlainOnTls),
        ("tls-silent", "the server takes the connection and says nothing", Kind::Silent),
    ] {
        rows.push(Row { name, help, kind, fault: None });
    }
    rows
}

/// Whether the connection itself lets nothing through.
fn is_shut(kind: Kind) -> bool {
    !matches!(kind, Kind::Plain | Kind::Good)
}

async fn cell(world: Arc<World>, row: usize, what: What) -> Result<Outcome, String> {
    let rows = rows();
    let row = &rows[row];
    let patience = if row.stalls() { IMPATIENT } else { NO_HANG };
    let playing = play(&world, what, row.kind, row.fault.as_ref(), patience);
    let Ok(outcome) = tokio::time::timeout(NO_HANG, playing).await else {
        return Err(format!("{} x {}: it hangs", row.name, what.name()));
    };
    let text = format!("{} {}", outcome.told, outcome.kept);
    if world.tokens().any(|token| text.contains(token)) {
        return Err(format!("{} x {}: it shows a token", row.name, what.name()));
    }
    if is_shut(row.kind) && outcome.told.is_empty() {
        return Err(format!("{} x {}: it went through", row.name, what.name()));
    }
    // The port is another one each time.
    let Outcome { told, kept } = outcome;
    Ok(Outcome { told: without_ports(&told), kept })
}

/// The text with the ports of this computer's servers left out.
fn without_ports(text: &str) -> String {
    let mut parts = text.split("127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, rest| text + "127.0.0.1" + rest.trim_start_matches(|c: char| c.is_ascii_digit()))
}

#[test]
fn every_fault_meets_every_job() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let only = std::env::var("FAULT").ok();
    let began = Instant::now();
    let rows = rows();
    let world = Arc::new(runtime.block_on(World::new()));
    let mut outcomes: BTreeMap<(usize, usize), Outcome> = BTreeMap::new();
    let mut failures = Vec::new();
    // Cells that stall cost time and no work, so all of them go at once; the others need the
    // processor, and a client that is starved would look like a server that stalls.
    for stalls in [false, true] {
        let room = Arc::new(Semaphore::new(if stalls { 64 } else { 12 }));
        let mut cells = Vec::new();
        for (n, row) in rows.iter().enumerate() {
            if row.stalls() != stalls || only.as_ref().is_some_and(|o| o != row.name) {
                continue;
            }
            for (m, what) in What::ALL.into_iter().enumerate() {
                let (world, room) = (world.clone(), room.clone());
                let task = runtime.spawn(async move {
                    let _turn = room.acquire().await.unwrap();
                    cell(world, n, what).await
                });
                cells.push((n, m, task));
            }
        }
        for (n, m, task) in cells {
            match runtime.block_on(task) {
                Ok(Ok(outcome)) => drop(outcomes.insert((n, m), outcome)),
                Ok(Err(why)) => failures.push(why),
                Err(panic) => {
                    let panic = panic.into_panic();
                    let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
                    failures.push(format!("{} x {}: {text}", rows[n].name, What::ALL[m].name()));
                }
            }
        }
    }
    eprintln!("{} cells in {:?}", outcomes.len(), began.elapsed());
    let text = table(&rows, &outcomes);
    if std::env::var_os("UPDATE_DOCS").is_none() || only.is_some() {
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
    if only.is_some() {
        eprintln!("{text}");
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/matrix.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, text).unwrap();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    } else {
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        let (new, old): (Vec<&str>, Vec<&str>) = (text.lines().collect(), found.lines().collect());
        let changed: Vec<&&str> = new.iter().filter(|line| !old.contains(line)).collect();
        assert_eq!(new.len(), old.len(), "the matrix is old: {changed:#?}");
        assert!(changed.is_empty(), "the matrix is old (UPDATE_DOCS=1 writes it anew): {changed:#?}");
    }
}

/// The most frequent text.
fn usual<'a>(texts: impl Iterator<Item = &'a str>) -> &'a str {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    texts.for_each(|text| *counts.entry(text).or_default() += 1);
    counts.into_iter().max_by_key(|(_, n)| *n).map_or("", |(text, _)| text)
}

/// The lines of one fault: jobs that tell the same share a line, and what is kept is only said
/// where it is not the usual.
fn lines(row: usize, outcomes: &BTreeMap<(usize, usize), Outcome>, kept: &[[&str; 2]]) -> String {
    let mut groups: Vec<((&str, &str), Vec<&str>)> = Vec::new();
    for (m, what) in What::ALL.iter().enumerate() {
        let Some(outcome) = outcomes.get(&(row, m)) else { continue };
        let usual = kept[m][usize::from(outcome.told.is_empty())];
        let shown = (outcome.told.as_str(), if usual == outcome.kept { "" } else { outcome.kept.as_str() });
        match groups.iter_mut().find(|(key, _)| *key == shown) {
            Some((_, names)) => names.push(what.name()),
            None => groups.push((shown, vec![what.name()])),
        }
    }
    let mut text = String::new();
    for ((told, kept), names) in groups {
        let told = if told.is_empty() { "(nothing is wrong)" } else { told };
        let cell = |t: &str| t.replace('|', "\\|").replace('\n', " ");
        let names = if names.len() == What::ALL.len() { "all".to_owned() } else { names.join(", ") };
        let _ = writeln!(text, "| {names} | {} | {} |", cell(told), cell(kept));
    }
    text
}

/// The whole page: what is usual, and then the faults; those that end alike stand together.
fn table(rows: &[Row], outcomes: &BTreeMap<(usize, usize), Outcome>) -> String {
    let mut text = String::from(
        "# What capscope says and keeps when something goes wrong\n\n\
         Written by `UPDATE_DOCS=1 cargo test --test faults`; each cell is a test. A fault strikes in the\n\
         middle of a job and stays: loads and exports meet it at the second batch, a send at its first\n\
         batch (stored or not before the answer is lost), a token test at its fourth call. Faults are what\n\
         servers, proxies and networks can do; most can be played by `capscope serve --fault NAME`.\n\n\
         ## What is kept\n\n| Job | If it fails | If it ends well |\n|---|---|---|\n",
    );
    let mut kept: Vec<[&str; 2]> = Vec::new();
    for (m, what) in What::ALL.iter().enumerate() {
        let of = |well: bool| {
            let cells = outcomes.iter().filter(|((_, at), o)| *at == m && o.told.is_empty() == well);
            usual(cells.map(|(_, o)| o.kept.as_str()))
        };
        kept.push([of(false), of(true)]);
        let _ = writeln!(text, "| {} | {} | {} |", what.name(), of(false), of(true));
    }
    text.push_str("\n## Faults\n\nWhat is kept is said where it is not the usual.\n");
    let mut blocks: Vec<(String, Vec<&Row>)> = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let lines = lines(n, outcomes, &kept);
        match blocks.iter_mut().find(|(text, _)| *text == lines) {
            Some((_, names)) => names.push(row),
            None => blocks.push((lines, vec![row])),
        }
    }
    for (lines, rows) in blocks {
        text.push('\n');
        for row in rows {
            let _ = writeln!(text, "- **{}**: {}", row.name, row.help);
        }
        let _ = write!(text, "\n| Job | What the person is told | What is kept |\n|---|---|---|\n{lines}");
    }
    text
}

#[test]
fn the_address_elsewhere_is_a_reserved_one() {
    for fault in FAULTS {
        if let Fault::Redirect { to: Place::Elsewhere(url), .. } = fault.fault {
            assert!(url.contains(".example."), "{url}");
        }
    }
}

//! A busy server at the receiver: `cargo bench --bench triggers`.
//!
//! A thousand triggers a second for ten seconds, each on a connection of its own as REDCap posts
//! them, to `capscope triggers listen` in a process of its own: once only shown, once also kept on
//! the disk for a handler that is down. The time of an answer counts from the moment at which the
//! trigger was due, so that a receiver that falls behind cannot hide it.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]

use capscope::domain::trigger::Trigger;
use capscope::triggers::send::body;
use std::collections::HashSet;
use std::error::Error;
use std::io::{BufRead, BufReader, Read as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

const PER_SECOND: u32 = 1000;
const SECONDS: u32 = 10;
const COUNT: u32 = PER_SECOND * SECONDS;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let home = tempfile::tempdir()?;
    println!("{COUNT} triggers, {PER_SECOND} a second, each on its own connection");
    run(&runtime, "shown", home.path(), &[])?;
    // Nobody listens there, so everything stays on the disk.
    let down = runtime.block_on(async { TcpListener::bind("127.0.0.1:0").await?.local_addr() })?;
    let target = format!("http://{down}/");
    run(&runtime, "kept on the disk", home.path(), &["--forward", &target, "--suspicious-too"])
}

fn run(runtime: &tokio::runtime::Runtime, name: &str, home: &Path, args: &[&str]) -> Result<(), Failure> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_capscope"))
        .args(["triggers", "listen", "--json"])
        .args(args)
        .env("CAPSCOPE_HOME", home)
        .stdout(Stdio::piped())
        .spawn()?;
    let out = child.stdout.take().ok_or("no feed")?;
    let measured = measure(runtime, &child, out);
    child.kill()?;
    child.wait()?;
    let (mut times, told, memory) = measured?;
    times.sort_unstable();
    let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    println!("{name}:");
    println!(
        "  received {told}, lost {}, not acknowledged {}",
        COUNT as usize - told,
        COUNT as usize - times.len()
    );
    println!(
        "  answer p50 {:.1?}, p99 {:.1?}, longest {:.1?}",
        at(50),
        at(99),
        times.last().copied().unwrap_or_default()
    );
    println!("  memory {memory}");
    Ok(())
}

/// Posts all, and gives the times of the answers, how many are in the feed, and the memory.
fn measure(
    runtime: &tokio::runtime::Runtime,
    child: &Child,
    out: ChildStdout,
) -> Result<(Vec<Duration>, usize, String), Failure> {
    let mut feed = BufReader::new(out);
    let mut ready = String::new();
    feed.read_line(&mut ready)?;
    let ready: serde_json::Value = serde_json::from_str(&ready)?;
    let url = ready["url"].as_str().ok_or("no address")?;
    let addr: SocketAddr = url.trim_start_matches("http://").trim_end_matches('/').parse()?;
    let reader = read_feed(feed);
    let times = runtime.block_on(post_all(addr));
    let memory = memory(child.id());
    // Reads what is left in the feed; it ends after the last one, or when nothing comes any more.
    let told = reader.join().map_err(|_| "the feed's reader failed")?;
    Ok((times, told, memory))
}

/// Counts the records in the feed until all are there.
fn read_feed(feed: BufReader<ChildStdout>) -> JoinHandle<usize> {
    std::thread::spawn(move || {
        let mut records = HashSet::new();
        for line in feed.lines().map_while(Result::ok) {
            let Ok(told) = serde_json::from_str::<serde_json::Value>(&line) else { continue };
            if told["event"] == "trigger" {
                records.insert(told["parameters"]["record"].as_str().unwrap_or_default().to_owned());
            }
            // The last one is a mark that comes after all others.
            if records.remove("end") {
                break;
            }
        }
        records.len()
    })
}

async fn post_all(addr: SocketAddr) -> Vec<Duration> {
    let start = Instant::now() + Duration::from_millis(100);
    let posts: Vec<_> = (0..COUNT)
        .map(|n| {
            let due = start + Duration::from_secs(1) * n / PER_SECOND;
            tokio::spawn(async move {
                tokio::time::sleep_until(due).await;
                let taken = post(addr, &format!("r{n}")).await;
                taken.then(|| due.elapsed())
            })
        })
        .collect();
    let mut times = Vec::new();
    for post in posts {
        times.extend(post.await.ok().flatten());
    }
    post(addr, "end").await;
    times
}

/// Posts one as REDCap does. Gives whether it was acknowledged.
async fn post(addr: SocketAddr, record: &str) -> bool {
    let trigger = Trigger {
        project_id: 17,
        username: "alice".into(),
        instrument: "visit".into(),
        record: record.into(),
        event: "week_12_arm_1".into(),
        status: "2".into(),
        redcap_url: "https://redcap.example.edu/".into(),
        project_url: "https://redcap.example.edu/redcap_v14.9.1/index.php?pid=17".into(),
        ..Trigger::default()
    };
    let body = body(&trigger);
    let request = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let posted = async {
        let mut stream = TcpStream::connect(addr).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer.starts_with(b"HTTP/1.1 200"))
    };
    posted.await.unwrap_or(false)
}

/// The memory of a process and the most it had, where the system tells.
fn memory(id: u32) -> String {
    let mut status = String::new();
    let read =
        std::fs::File::open(format!("/proc/{id}/status")).and_then(|mut f| f.read_to_string(&mut status));
    let part = |name: &str| {
        let line = status.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default();
        line.split_whitespace().next().and_then(|n| n.parse::<u64>().ok()).unwrap_or_default() / 1000
    };
    match read {
        Ok(_) => format!("{} MB, at most {} MB", part("VmRSS:"), part("VmHWM:")),
        Err(_) => "is not told by this system".to_owned(),
    }
}

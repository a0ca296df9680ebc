//! The receiver in a process of its own, a handler that takes what is forwarded, and senders that
//! post as REDCap does: one connection a trigger, no second try.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, dead_code)]

use capscope::domain::trigger::Trigger;
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for something, but not for ever.
pub async fn take_within<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it took too long")
}

/// An address where nobody listens.
pub async fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

/// The body of a trigger for a record.
pub fn body(record: &str) -> String {
    let trigger = Trigger {
        project_id: 17,
        username: "alice".into(),
        instrument: "visit".into(),
        record: record.into(),
        status: "2".into(),
        redcap_url: "https://redcap.example.edu/".into(),
        ..Trigger::default()
    };
    capscope::triggers::send::body(&trigger)
}

fn record_of(body: &str) -> String {
    let start = body.find("record=").unwrap() + "record=".len();
    body[start..].split('&').next().unwrap().to_owned()
}

/// Posts once, on a connection of its own. Gives the status; 0 if there was no answer.
pub async fn post(addr: SocketAddr, body: &[u8]) -> u16 {
    let posted = async {
        let mut stream = TcpStream::connect(addr).await.ok()?;
        let head = format!(
            "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.ok()?;
        // The receiver may answer and hang up before it took everything.
        let _ = stream.write_all(body).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        let text = String::from_utf8_lossy(&answer).into_owned();
        text.split(' ').nth(1)?.parse().ok()
    };
    take_within(posted).await.unwrap_or(0)
}

/// Posts triggers for records `r0`, `r1`, ..., sixteen at a time, and notes those that were
/// acknowledged. Gives how many were not.
pub async fn post_all(addr: SocketAddr, count: usize, acknowledged: Arc<Mutex<HashSet<String>>>) -> usize {
    let senders: Vec<_> = (0..16)
        .map(|sender| {
            let acknowledged = acknowledged.clone();
            tokio::spawn(async move {
                let mut refused = 0;
                for n in (sender..count).step_by(16) {
                    let record = format!("r{n}");
                    if post(addr, body(&record).as_bytes()).await == 200 {
                        acknowledged.lock().unwrap().insert(record);
                    } else {
                        refused += 1;
                    }
                }
                refused
            })
        })
        .collect();
    let mut refused = 0;
    for sender in senders {
        refused += sender.await.unwrap();
    }
    refused
}

/// `capscope triggers listen --json` in a process of its own, killed when dropped.
pub struct Receiver {
    child: Child,
    /// Read all the time: a feed that nobody reads holds the receiver up.
    lines: std::sync::mpsc::Receiver<String>,
    pub addr: SocketAddr,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Receiver {
    pub fn start(home: &Path, args: &[&str]) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_capscope")), home, args)
    }

    /// Starts it through a shell, which puts it into surroundings of its own.
    pub fn start_through(script: &str, home: &Path, args: &[&str]) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", script, env!("CARGO_BIN_EXE_capscope")]);
        Self::run(shell, home, args)
    }

    fn run(mut command: Command, home: &Path, args: &[&str]) -> Self {
        let mut child = command
            .args(["triggers", "listen", "--json"])
            .args(args)
            .env("CAPSCOPE_HOME", home)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (to, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if to.send(line).is_err() {
                    return;
                }
            }
        });
        let line = lines.recv_timeout(PATIENCE).unwrap();
        let ready: serde_json::Value = serde_json::from_str(&line).expect("the receiver starts");
        let addr = ready["url"].as_str().unwrap().trim_start_matches("http://").trim_end_matches('/');
        let addr = addr.parse().unwrap();
        Self { child, lines, addr }
    }

    /// SIGKILL: nothing is told, nothing is put in order.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The records of so many triggers in the feed.
    pub fn records(&self, count: usize) -> HashSet<String> {
        let mut records = HashSet::new();
        while records.len() < count {
            let line = self.lines.recv_timeout(PATIENCE).expect("the feed goes on");
            let told: serde_json::Value = serde_json::from_str(&line).unwrap();
            if told["event"] == "trigger" {
                records.insert(told["parameters"]["record"].as_str().unwrap().to_owned());
            }
        }
        records
    }

    /// The most memory it ever had, in KB.
    #[cfg(target_os = "linux")]
    pub fn memory_kb(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|l| l.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

/// The user's own handler: takes what is posted, and says 200.
pub struct Handler {
    bodies: mpsc::UnboundedReceiver<String>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Handler {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Handler {
    pub fn on(listener: TcpListener) -> Self {
        let (to, bodies) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            // The forwarder keeps its connection; it breaks when the handler goes down.
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                connections.spawn(serve(stream, to.clone()));
            }
        });
        Self { bodies, task }
    }

    /// The next body.
    pub async fn next(&mut self) -> String {
        take_within(self.bodies.recv()).await.unwrap()
    }

    /// Takes posts until those of all these records came, and gives the records that came.
    pub async fn wait_for(&mut self, records: &HashSet<String>) -> HashSet<String> {
        let mut came = HashSet::new();
        while !records.is_subset(&came) {
            came.insert(record_of(&self.next().await));
        }
        came
    }
}

async fn serve(mut stream: TcpStream, to: mpsc::UnboundedSender<String>) {
    let mut bytes = Vec::new();
    loop {
        let whole = loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, rest)) = text.split_once("\r\n\r\n") {
                let head = head.to_lowercase();
                let length = head.split("content-length: ").nth(1).unwrap();
                let length: usize = length.split("\r\n").next().unwrap().parse().unwrap();
                if rest.len() >= length {
                    bytes = bytes.split_off(head.len() + 4 + length);
                    break rest[..length].to_owned();
                }
            }
            let mut chunk = [0; 4096];
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(n) => bytes.extend_from_slice(&chunk[..n]),
            }
        };
        let _ = to.send(whole);
        if stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.is_err() {
            return;
        }
    }
}

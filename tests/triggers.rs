//! Receiving Data Entry Triggers: what the door lets in, what hostile senders can do, and what
//! survives when the handler or the receiver itself goes down.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

use capscope::domain::trigger::Trigger;
use capscope::domain::trigger::judge::Known;
use capscope::jobs::triggers::{Listen, Listening, listen, play};
use capscope::store::paths::Paths;
use capscope::triggers::forward::{Forwarding, Pauses};
use capscope::triggers::receiver::{Limits, Settings};
use capscope::triggers::work::Event;
use std::collections::HashSet;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const HOME: &str = "https://redcap.example.edu/";

/// A receiver that runs until it is dropped, and what it tells.
struct Running {
    listening: Listening,
    events: mpsc::UnboundedReceiver<Event>,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn start(paths: Option<Paths>, wanted: Listen) -> Running {
    let (tell, events) = mpsc::unbounded_channel();
    let (ready, started) = tokio::sync::oneshot::channel();
    let known =
        vec![Known { id: "p1".into(), name: "Study".into(), url: format!("{HOME}api/"), project_id: 17 }];
    let task = tokio::spawn(async move {
        let tell = Arc::new(move |event| {
            let _ = tell.send(event);
        });
        let started = move |listening| {
            let _ = ready.send(listening);
        };
        listen(paths.as_ref(), known, wanted, started, tell).await.unwrap();
    });
    Running { listening: started.await.unwrap(), events, task }
}

impl Running {
    async fn event(&mut self) -> Event {
        tokio::time::timeout(Duration::from_secs(20), self.events.recv()).await.unwrap().unwrap()
    }

    fn addr(&self) -> SocketAddr {
        let url = self.listening.url.strip_prefix("http://").unwrap();
        url.split('/').next().unwrap().parse().unwrap()
    }

    /// Sends these bytes and gives the first line of the answer; empty if there was none.
    async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.addr()).await.unwrap();
        // The receiver may hang up before it took everything.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let mut chunk = [0; 1024];
        while !answer.contains(&b'\n') {
            match tokio::time::timeout(Duration::from_secs(20), stream.read(&mut chunk)).await.unwrap() {
                Ok(0) | Err(_) => break,
                Ok(n) => answer.extend_from_slice(&chunk[..n]),
            }
        }
        String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
    }

    async fn post(&self, path: &str, headers: &str, body: &[u8]) -> String {
        let mut bytes = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        bytes.extend_from_slice(body);
        self.raw(&bytes).await
    }
}

fn trigger(record: &str) -> Trigger {
    Trigger {
        project_id: 17,
        username: "alice".into(),
        instrument: "visit".into(),
        record: record.into(),
        status: "2".into(),
        redcap_url: HOME.into(),
        project_url: format!("{HOME}redcap_v14.9.1/index.php?pid=17"),
        ..Trigger::default()
    }
}

fn body(record: &str) -> Vec<u8> {
    capscope::triggers::send::body(&trigger(record)).into_bytes()
}

fn status(line: &str) -> u16 {
    line.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0)
}

#[tokio::test]
async fn a_trigger_is_answered_judged_and_told() {
    let mut running = start(None, Listen::default()).await;
    let (answer, _) = play(running.listening.url.clone(), &trigger("1001")).await.unwrap();
    assert_eq!(answer, 200);
    let Event::Trigger(came) = running.event().await else { panic!() };
    assert_eq!(came.trigger, trigger("1001"));
    assert!(came.verdict.fits());

    let forged = Trigger { project_id: 99, ..trigger("$(reboot); `id` | sh") };
    assert_eq!(play(running.listening.url.clone(), &forged).await.unwrap().0, 200);
    let Event::Trigger(came) = running.event().await else { panic!() };
    assert!(!came.verdict.fits());
    assert_eq!(came.trigger.record, "$(reboot); `id` | sh");

    // REDCap's test button: looking, and a post without anything.
    for request in
        ["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"]
    {
        assert_eq!(status(&running.raw(request.as_bytes()).await), 200, "{request}");
        assert!(matches!(running.event().await, Event::Tested(..)));
    }
}

#[tokio::test]
async fn what_is_no_trigger_is_turned_away() {
    let settings = Settings { secret: Some("a-long-secret-path".into()), ..Settings::default() };
    let mut running = start(None, Listen { settings, ..Listen::default() }).await;
    let path = "/a-long-secret-path";
    assert!(running.listening.url.ends_with(path));
    let ten_mb = vec![b'a'; 10 << 20];
    for (path, headers, body, expected) in [
        ("/", "", body("1"), 404),
        ("/a-long-secret-patH", "", body("1"), 404),
        ("/a-long-secret-path/x", "", body("1"), 404),
        (path, "Origin: https://evil.example\r\n", body("1"), 403),
        (path, "Sec-Fetch-Site: cross-site\r\n", body("1"), 403),
        (path, "", b"record=1".to_vec(), 400),
        (path, "", b"project_id=1&instrument=a&record=%ff".to_vec(), 400),
        (path, "", ten_mb, 413),
    ] {
        let answer = running.post(path, headers, &body).await;
        // A body that is far too long may end in a hung up connection.
        let hung_up = expected == 413 && answer.is_empty();
        assert!(status(&answer) == expected || hung_up, "{path} {headers}: {answer}");
        assert!(matches!(running.event().await, Event::Refused(..)));
    }
    // The same without a length: told in chunks until the limit is reached.
    let mut chunked =
        format!("POST {path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..40 {
        chunked.extend_from_slice(format!("400\r\n{}\r\n", "a".repeat(1024)).as_bytes());
    }
    let answer = running.raw(&chunked).await;
    assert!(matches!(status(&answer), 413 | 0), "{answer}");
    assert!(matches!(running.event().await, Event::Refused(..)));
    assert_eq!(status(&running.raw(b"DELETE /a-long-secret-path HTTP/1.1\r\nHost: x\r\n\r\n").await), 405);
    assert!(matches!(running.event().await, Event::Refused(..)));
    // Floods of headers are ended by the HTTP library itself; nothing is told, nothing breaks.
    let many = "X-A: b\r\n".repeat(5000);
    assert!(matches!(status(&running.post(path, &many, &body("1")).await), 431 | 400 | 0));
    assert_eq!(status(&running.post(path, "", &body("after all that")).await), 200);
    let Event::Trigger(came) = running.event().await else { panic!() };
    assert_eq!(came.trigger.record, "after all that");
}

#[tokio::test]
async fn slow_senders_are_cut_off_and_do_not_hold_up_others() {
    let limits = Limits { connections: 4, read_within: Duration::from_millis(300), ..Limits::default() };
    let settings = Settings { limits, ..Settings::default() };
    let mut running = start(None, Listen { settings, ..Listen::default() }).await;
    // Three that never finish their head, and one that never finishes its body.
    let mut slow = Vec::new();
    for _ in 0..3 {
        let mut stream = TcpStream::connect(running.addr()).await.unwrap();
        stream.write_all(b"POST / HTTP/1.1\r\nHost:").await.unwrap();
        slow.push(stream);
    }
    let mut stream = TcpStream::connect(running.addr()).await.unwrap();
    stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nproject_id=1").await.unwrap();
    slow.push(stream);
    let begin = Instant::now();
    assert_eq!(status(&running.post("/", "", &body("1")).await), 200);
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    // Which of the slow ones is cut off first is not said: the good post needs only one place.
    let (mut refused, mut taken) = (0, 0);
    while (refused, taken) != (1, 1) {
        match running.event().await {
            Event::Refused(_, _, why) => {
                refused += 1;
                assert_eq!(why.to_string(), "It did not come to an end in time.");
            }
            Event::Trigger(_) => taken += 1,
            other => panic!("{other:?}"),
        }
        assert!(refused <= 1 && taken <= 1);
    }
}

#[tokio::test]
async fn other_computers_need_a_secret() {
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    for (secret, words) in [
        (None, "must be a secret"),
        (Some("short"), "at least"),
        (Some("../../etc/passwd-passwd"), "at least"),
    ] {
        let settings = Settings { addr: any, secret: secret.map(str::to_owned), ..Settings::default() };
        let tell = Arc::new(|_| ());
        let wanted = Listen { settings, ..Listen::default() };
        let problem = listen(None, Vec::new(), wanted, |_| (), tell).await.unwrap_err();
        assert!(problem.what.contains(words), "{problem:?}");
    }
}

/// The user's own handler: takes what is posted, or is down.
struct Handler {
    bodies: mpsc::UnboundedReceiver<String>,
    task: JoinHandle<()>,
}

impl Drop for Handler {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn handler(addr: SocketAddr, answer: &'static str) -> (SocketAddr, Handler) {
    let listener = TcpListener::bind(addr).await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (to, bodies) = mpsc::unbounded_channel();
    let task = tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = Vec::new();
            let mut chunk = [0; 4096];
            let body = loop {
                let n = stream.read(&mut chunk).await.unwrap_or(0);
                bytes.extend_from_slice(&chunk[..n]);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                if let Some((head, body)) = text.split_once("\r\n\r\n") {
                    let length = head.to_lowercase();
                    let length = length.split("content-length: ").nth(1).unwrap();
                    if body.len() >= length.split("\r\n").next().unwrap().parse().unwrap() {
                        break body.to_owned();
                    }
                }
                assert!(n > 0, "the sender hung up");
            };
            let head = format!("HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            let _ = to.send(body);
        }
    });
    (addr, Handler { bodies, task })
}

fn quick() -> Pauses {
    Pauses { first: Duration::from_millis(50), longest: Duration::from_millis(100) }
}

fn forwarding_to(addr: SocketAddr) -> Listen {
    Listen { forward: Some(format!("http://{addr}/hook")), pauses: quick(), ..Listen::default() }
}

#[tokio::test]
async fn a_handler_that_is_down_gets_everything_later_also_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut running = start(Some(paths.clone()), forwarding_to(free)).await;
    for record in ["1", "2"] {
        assert_eq!(status(&running.post("/", "", &body(record)).await), 200);
    }
    // What fits no known project is shown, and not passed on.
    let odd = String::from_utf8(body("3")).unwrap().replace("17", "18");
    assert_eq!(status(&running.post("/", "", odd.as_bytes()).await), 200);
    let mut retried = false;
    let mut came = 0;
    while !retried || came < 3 {
        match running.event().await {
            Event::Forward(Forwarding::WillRetry { number: 1, .. }) => retried = true,
            Event::Trigger(_) => came += 1,
            other => panic!("{other:?}"),
        }
    }
    drop(running);
    // The receiver's end takes a moment to give its file back.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut running = start(Some(paths.clone()), forwarding_to(free)).await;
    assert_eq!(running.listening.waiting, 2);
    assert_eq!(status(&running.post("/", "", &body("4")).await), 200);
    let (_, mut handler) = handler(free, "200 OK").await;
    for record in ["1", "2", "4"] {
        let posted =
            tokio::time::timeout(Duration::from_secs(20), handler.bodies.recv()).await.unwrap().unwrap();
        assert_eq!(posted.as_bytes(), body(record), "each once, in order, and as it came");
    }
    loop {
        if let Event::Forward(Forwarding::Delivered { number: 3, waiting }) = running.event().await {
            assert_eq!(waiting, 0);
            break;
        }
    }
    drop(running);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let running = start(Some(paths), forwarding_to(free)).await;
    assert_eq!(running.listening.waiting, 0);
}

#[tokio::test]
async fn one_trigger_that_the_handler_refuses_does_not_hold_up_the_others() {
    for (answer, tries, expected) in
        [("400 Bad Request", 1, 400), ("500 Oops", 8, 500), ("302 Found", 1, 302)]
    {
        let home = tempfile::tempdir().unwrap();
        let (addr, mut handler) = handler("127.0.0.1:0".parse().unwrap(), answer).await;
        let mut running = start(Some(Paths::under(home.path())), forwarding_to(addr)).await;
        assert_eq!(status(&running.post("/", "", &body("1")).await), 200);
        loop {
            if let Event::Forward(Forwarding::GivenUp { status, waiting, .. }) = running.event().await {
                assert_eq!((status, waiting), (expected, 0));
                break;
            }
        }
        let mut posts = 0;
        while handler.bodies.try_recv().is_ok() {
            posts += 1;
        }
        assert_eq!(posts, tries, "{answer}");
    }
}

#[tokio::test]
async fn a_program_gets_the_trigger_in_its_environment_and_never_in_a_command() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    let program = home.path().join("program");
    let mut file = std::fs::File::create(&program).unwrap();
    let script =
        "#!/bin/sh\nprintf '%s|%s|%s' \"$#\" \"$CAPSCOPE_TRIGGER_RECORD\" \"$CAPSCOPE_TRIGGER_STATUS\"";
    writeln!(file, "{script} > {}", out.display()).unwrap();
    drop(file);
    #[cfg(unix)]
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let mut running = start(None, Listen { exec: Some(program), ..Listen::default() }).await;
    let hostile = "1'; touch /tmp/x; $(id) \"%PATH%\" & \\";
    play(running.listening.url.clone(), &trigger(hostile)).await.unwrap();
    assert!(matches!(running.event().await, Event::Trigger(_)));
    let Event::Exec(record, ran) = running.event().await else { panic!() };
    assert_eq!((record.as_str(), ran.to_string().as_str()), (hostile, "The program did its work."));
    assert_eq!(std::fs::read_to_string(&out).unwrap(), format!("0|{hostile}|2"));
    // What fits no known project starts nothing.
    std::fs::remove_file(&out).unwrap();
    play(running.listening.url.clone(), &Trigger { project_id: 18, ..trigger("9") }).await.unwrap();
    assert!(matches!(running.event().await, Event::Trigger(_)));
    play(running.listening.url.clone(), &trigger("10")).await.unwrap();
    assert!(matches!(running.event().await, Event::Trigger(_)));
    let Event::Exec(record, _) = running.event().await else { panic!() };
    assert_eq!(record, "10");
    let missing = Listen { exec: Some(home.path().join("nothing")), ..Listen::default() };
    assert!(listen(None, Vec::new(), missing, |_| (), Arc::new(|_| ())).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_loses_nothing_that_was_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut running = start(Some(Paths::under(home.path())), forwarding_to(free)).await;
    let url = running.listening.url.clone();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut senders = Vec::new();
    for sender in 0..16 {
        let (client, url) = (client.clone(), url.clone());
        senders.push(tokio::spawn(async move {
            let mut taken = Vec::new();
            for i in 0..125 {
                let record = format!("{sender}-{i}");
                let answer = client.post(&url).body(body(&record)).send().await.unwrap();
                if answer.status() == 200 {
                    taken.push(record);
                }
            }
            taken
        }));
    }
    let begin = Instant::now();
    let mut acknowledged = HashSet::new();
    for sender in senders {
        acknowledged.extend(sender.await.unwrap());
    }
    eprintln!("2,000 triggers on the disk and acknowledged in {:?}", begin.elapsed());
    let mut told = HashSet::new();
    while told.len() < acknowledged.len() {
        if let Event::Trigger(came) = running.event().await
            && came.queued.is_some()
        {
            told.insert(came.trigger.record.clone());
        }
    }
    assert_eq!(told, acknowledged);
    assert_eq!(acknowledged.len(), 2000, "the limit of the rate is above this");
    drop(running);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let again = start(Some(Paths::under(home.path())), forwarding_to(free)).await;
    assert_eq!(again.listening.waiting, 2000);
}

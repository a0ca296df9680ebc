//! What goes wrong around the receiver: a handler that is down, a receiver that is killed, a disk
//! that is full, a crowd, and large posts. What was acknowledged to REDCap is never lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

mod trigger_support;

use capscope::triggers::Target;
use capscope::triggers::forward::{self, Forwarding, Pauses};
use capscope::triggers::queue::Queue;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use trigger_support::{Handler, Receiver, body, free_port, post_all, take_within};

/// A handler that is down for a minute gets everything then, each once and in order. The minute
/// passes without waiting: the pauses are told to the test, which starts the handler after it.
#[tokio::test]
async fn a_handler_that_is_down_for_a_minute_gets_everything_then() {
    let home = tempfile::tempdir().unwrap();
    let addr = free_port().await;
    let target = Target::parse(&format!("http://{addr}/hook")).unwrap();
    let queue = Queue::open(home.path(), &target).unwrap();
    queue.add((0..20).map(|n| body(&n.to_string())).collect()).unwrap();
    let passed = Arc::new(AtomicU64::new(0));
    let handler: Arc<Mutex<Option<Handler>>> = Arc::default();
    let wait = |pause: Duration| {
        let (passed, handler) = (passed.clone(), handler.clone());
        async move {
            let now = passed.fetch_add(pause.as_secs(), Ordering::SeqCst) + pause.as_secs();
            if now >= 60 && handler.lock().unwrap().is_none() {
                let up = Handler::on(TcpListener::bind(addr).await.unwrap());
                *handler.lock().unwrap() = Some(up);
            }
        }
    };
    let (to, mut told) = tokio::sync::mpsc::unbounded_channel();
    let tell = move |what| drop(to.send(what));
    let mut tries = 0;
    let forwarding = forward::run(queue.clone(), target, Pauses::default(), tell, wait);
    let watching = async {
        while let Some(what) = told.recv().await {
            match what {
                Forwarding::WillRetry { waiting, .. } => {
                    assert_eq!(waiting, 20, "nothing is dropped meanwhile");
                    tries += 1;
                }
                Forwarding::Delivered { waiting: 0, .. } => return,
                Forwarding::Delivered { .. } => {}
                other @ Forwarding::GivenUp { .. } => panic!("{other:?}"),
            }
        }
    };
    tokio::select! {
        () = forwarding => panic!("forwarding ended"),
        () = take_within(watching) => {}
    }
    // 1, 2, 4, 8, 16 and 32 seconds: patient, and not a storm of tries.
    assert_eq!((tries, passed.load(Ordering::SeqCst)), (6, 63));
    let mut handler = handler.lock().unwrap().take().unwrap();
    for n in 0..20 {
        assert_eq!(handler.next().await, body(&n.to_string()));
    }
    assert!(queue.is_empty());
}

/// The receiver is killed in the middle of a crowd, with no time to say goodbye.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_receiver_loses_nothing_that_it_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let addr = free_port().await;
    let hook = format!("http://{addr}/");
    let args = ["--forward", &hook, "--suspicious-too"];
    let mut receiver = Receiver::start(home.path(), &args);
    let acknowledged: Arc<Mutex<HashSet<String>>> = Arc::default();
    let senders = tokio::spawn(post_all(receiver.addr, 2000, acknowledged.clone()));
    while acknowledged.lock().unwrap().len() < 300 {
        assert!(!senders.is_finished());
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    receiver.kill();
    senders.await.unwrap();
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!((300..2000).contains(&acknowledged.len()), "{}", acknowledged.len());
    let mut handler = Handler::on(TcpListener::bind(addr).await.unwrap());
    let _again = Receiver::start(home.path(), &args);
    handler.wait_for(&acknowledged).await;
}

/// A file that may not grow: the limit of a process acts like a disk that is full, and ends when
/// the process does.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_full_disk_cannot_take_is_not_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let addr = free_port().await;
    let hook = format!("http://{addr}/");
    let args = ["--forward", &hook, "--suspicious-too"];
    // 32 or 64 KB, as the shell counts; the signal that comes with it is ignored, as on a full disk.
    let mut receiver =
        Receiver::start_through("trap '' XFSZ; ulimit -f 64; exec \"$0\" \"$@\"", home.path(), &args);
    let acknowledged: Arc<Mutex<HashSet<String>>> = Arc::default();
    let refused = post_all(receiver.addr, 1000, acknowledged.clone()).await;
    let acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > 50 && refused > 50, "{} taken, {refused} refused", acknowledged.len());
    assert_eq!(acknowledged.len() + refused, 1000, "each got an answer");
    receiver.kill();
    let mut handler = Handler::on(TcpListener::bind(addr).await.unwrap());
    let _again = Receiver::start(home.path(), &args);
    let delivered = handler.wait_for(&acknowledged).await;
    assert_eq!(delivered, acknowledged, "what was refused does not come back");
}

/// A file system of 256 KB, in a name space of its own: really full. What was acknowledged is
/// delivered from it, and afterwards there is room again.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_really_full_file_system_keeps_what_was_acknowledged() {
    let mount = "mount -t tmpfs -o size=256k none \"$CAPSCOPE_HOME\" && exec \"$0\" \"$@\"";
    let possible =
        std::process::Command::new("unshare").args(["-rm", "sh", "-c", "mount -t tmpfs none /mnt"]).output();
    if !possible.is_ok_and(|o| o.status.success()) {
        eprintln!("SKIPPED: this computer does not let a test mount a small file system.");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let addr = free_port().await;
    let hook = format!("http://{addr}/");
    let args = ["--forward", &hook, "--suspicious-too"];
    let script = format!("exec unshare -rm sh -c '{mount}' \"$0\" \"$@\"");
    let receiver = Receiver::start_through(&script, home.path(), &args);
    let acknowledged: Arc<Mutex<HashSet<String>>> = Arc::default();
    let refused = post_all(receiver.addr, 4000, acknowledged.clone()).await;
    let mut acknowledged = acknowledged.lock().unwrap().clone();
    assert!(acknowledged.len() > 100 && refused > 100, "{} taken, {refused} refused", acknowledged.len());
    let mut handler = Handler::on(TcpListener::bind(addr).await.unwrap());
    assert_eq!(handler.wait_for(&acknowledged).await, acknowledged);
    // The last delivery is known here a moment before its place is free there.
    let begin = std::time::Instant::now();
    let late = loop {
        let late: Arc<Mutex<HashSet<String>>> = Arc::default();
        if post_all(receiver.addr, 20, late.clone()).await == 0 {
            break late;
        }
        assert!(begin.elapsed() < Duration::from_secs(30), "there is room again");
    };
    acknowledged = late.lock().unwrap().clone();
    handler.wait_for(&acknowledged).await;
}

/// A thousand connections at the same moment, more than the receiver serves at once. Other systems
/// let fewer wait.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_at_once_lose_none() {
    let home = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(home.path(), &[]);
    let acknowledged: Arc<Mutex<HashSet<String>>> = Arc::default();
    let posts: Vec<_> = (0..1000)
        .map(|n| {
            let (addr, acknowledged) = (receiver.addr, acknowledged.clone());
            tokio::spawn(async move {
                let record = format!("at-once-{n}");
                let status = trigger_support::post(addr, body(&record).as_bytes()).await;
                if status == 200 {
                    acknowledged.lock().unwrap().insert(record);
                }
                status
            })
        })
        .collect();
    let mut answers = Vec::new();
    for post in posts {
        answers.push(post.await.unwrap());
    }
    assert!(answers.iter().all(|status| *status == 200), "{answers:?}");
    let told = tokio::task::spawn_blocking(move || receiver.records(1000)).await.unwrap();
    assert_eq!(told, *acknowledged.lock().unwrap());
}

/// Sixty posts of ten megabytes at the same time: none is read to its end, and memory stays small.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn huge_posts_cost_no_memory() {
    let home = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(home.path(), &[]);
    assert_eq!(trigger_support::post(receiver.addr, body("small").as_bytes()).await, 200);
    let before = receiver.memory_kb();
    let huge: Arc<Vec<u8>> = Arc::new(vec![b'a'; 10 << 20]);
    let posts: Vec<_> = (0..60)
        .map(|_| {
            let (addr, huge) = (receiver.addr, huge.clone());
            tokio::spawn(async move { trigger_support::post(addr, &huge).await })
        })
        .collect();
    for post in posts {
        // 0: the receiver hung up while the rest was still on its way.
        assert!(matches!(post.await.unwrap(), 413 | 0));
    }
    let grown = receiver.memory_kb().saturating_sub(before);
    assert!(grown < 30_000, "{grown} KB more");
    assert_eq!(trigger_support::post(receiver.addr, body("after").as_bytes()).await, 200);
}

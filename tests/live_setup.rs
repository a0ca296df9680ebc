//! Setting the receiver up on the screen: what is asked for, what cannot be, and what becomes of
//! triggers that are passed on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;
mod trigger_support;

use capscope::app::live::LiveState;
use capscope::app::msg::{Effect, Msg};
use capscope::app::running::Slot;
use capscope::app::{Model, update};
use capscope::jobs::types::{Delivery, Job, JobEvent, Listening, LiveEvent, Setup};
use capscope::store::Paths;
use support::{App, model, picture, press};
use tokio::net::TcpListener;
use trigger_support::Handler;

fn type_in(m: &mut Model, text: &str) {
    update(m, Msg::Paste(text.to_owned()));
}

/// The setup that the dialog starts the receiver with.
fn started(effects: &[Effect]) -> Option<(u64, Setup)> {
    effects.iter().find_map(|e| match e {
        Effect::Start { slot: Slot::Live, generation, job: Job::Listen(setup) } => {
            Some((*generation, (**setup).clone()))
        }
        _ => None,
    })
}

#[test]
fn the_dialog_says_what_triggers_cannot_do_and_starts_the_receiver() {
    let mut m = model();
    press(&mut m, "8u");
    for (size, name) in [((120, 36), "setup_120x36"), ((80, 24), "setup_80x24")] {
        m.size = size;
        let shown = picture(&m);
        insta::assert_snapshot!(name, shown);
        for text in ["Receive Data Entry Triggers", "one address", "Imports", "Old versions", "Enter receive"]
        {
            assert!(shown.contains(text), "{name} {text}\n{shown}");
        }
    }
    type_in(&mut m, "0.0.0.0:7373");
    press(&mut m, "<Tab>");
    type_in(&mut m, "a-long-secret-path");
    press(&mut m, "<Tab><Tab><Tab>");
    type_in(&mut m, "https://handler.example.edu/hook?key=1");
    assert!(picture(&m).contains("A handler of yours"));
    let (generation, setup) = started(&press(&mut m, "<Enter>")).unwrap();
    assert_eq!((setup.addr.as_str(), setup.secret.as_str()), ("0.0.0.0:7373", "a-long-secret-path"));
    assert_eq!(setup.forward, "https://handler.example.edu/hook?key=1");
    assert_eq!(setup.known.len(), 3, "the open project and the saved ones");
    assert!(!format!("{setup:?}").contains("secret") && !format!("{setup:?}").contains("key=1"));
    let tell = |m: &mut Model, event| {
        let event = Box::new(JobEvent::Live(Box::new(event)));
        update(m, Msg::Job { slot: Slot::Live, generation, event });
    };
    let listening = Listening {
        url: "http://0.0.0.0:7373/a-long-secret-path".into(),
        reachable: true,
        forward: "https://handler.example.edu/…".into(),
        waiting: 2,
        encrypted: false,
        exec: "work.sh".into(),
    };
    tell(&mut m, LiveEvent::Listening(listening));
    let told =
        |done, waiting, words: &str| LiveEvent::Forward(Delivery { done, waiting, words: words.into() });
    tell(&mut m, told(Some(true), 1, "Forwarded no. 1; 1 wait."));
    tell(&mut m, told(Some(false), 1, "The handler refused no. 2 (status 400); it is given up, 1 wait."));
    tell(&mut m, told(None, 1, "No. 3 could not be forwarded (no answer); again in 4 s, 1 wait."));
    tell(&mut m, LiveEvent::Ran(None));
    tell(&mut m, LiveEvent::Ran(Some("The program ended with code 3.".into())));
    for (size, name) in [((120, 36), "passed_on_120x36"), ((80, 24), "passed_on_80x24")] {
        m.size = size;
        let shown = picture(&m);
        insta::assert_snapshot!(name, shown);
        let shown: String = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for text in [
            "! Other computers can reach it",
            "Forwarding: 1 delivered, 1 waiting, 1 GIVEN UP",
            "! No. 3 could not be",
            "work.sh: 2 times, 1 failed",
        ] {
            assert!(shown.contains(text), "{name} {text}\n{shown}");
        }
    }
    // Once more: what was set up is still there.
    press(&mut m, "u");
    assert!(picture(&m).contains("0.0.0.0:7373_"));
    assert!(press(&mut m, "<Esc>").is_empty());
}

#[test]
fn what_is_forwarded_from_the_screen_reaches_the_handler_and_waits_while_it_is_down() {
    let home = tempfile::tempdir().unwrap();
    let mut app = App::demo_in(Paths::under(home.path()));
    let (addr, mut handler) = app.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        (listener.local_addr().unwrap(), Handler::on(listener))
    });
    app.shell.model.live.setup.addr = "127.0.0.1:0".into();
    app.keys("8u<Tab><Tab><Tab><Tab>");
    app.shell.send(Msg::Paste(format!("http://{addr}/hook"))).unwrap();
    app.keys("<Enter>").wait(|m| m.live.listening().is_some());
    app.keys("e").wait(|m| m.live.passed_on.delivered == 1 && m.is_idle());
    let record = app.shell.model.live.chosen().unwrap().trigger.record.clone();
    let body = app.block_on(handler.next());
    assert!(body.contains(&format!("record={record}")), "{body}");
    app.assert_shows("Forwarding: 1 delivered, 0 waiting, to");
    app.assert_shows(&format!("http://{addr}/…"));
    // Down: the trigger waits, and the screen says why.
    drop(handler);
    app.keys("e").wait(|m| m.live.passed_on.trouble.is_some() && m.is_idle());
    app.assert_shows("1 delivered, 1 waiting");
    app.assert_shows("could not be forwarded");
    // Received again later, it is still there.
    app.keys("s").wait(|m| m.live.listening().is_none());
    let (_, mut handler) = app.block_on(async {
        let listener = TcpListener::bind(addr).await.unwrap();
        (addr, Handler::on(listener))
    });
    for _ in 0..50 {
        // The stopped receiver gives its queue back in a moment.
        app.keys("s").wait(|m| m.live.listening().is_some() || m.live.problem().is_some());
        if app.shell.model.live.listening().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    app.wait(|m| m.live.passed_on.delivered == 1);
    assert!(app.block_on(handler.next()).contains("record="));
}

#[test]
fn another_address_gets_a_secret_of_its_own_and_mistakes_are_told() {
    let home = tempfile::tempdir().unwrap();
    let mut app = App::demo_in(Paths::under(home.path()));
    app.keys("8");
    app.shell.model.live.setup.addr = "0.0.0.0:0".into();
    app.keys("s").wait(|m| m.live.listening().is_some());
    let listening = app.shell.model.live.listening().unwrap().clone();
    let path = listening.url.rsplit('/').next().unwrap();
    assert!(listening.reachable && path.len() == 24, "{listening:?}");
    app.assert_shows("! Other computers can reach it");
    app.keys("s");
    let setup = |addr: &str, certificate: &str, exec: &str| Setup {
        addr: addr.into(),
        certificate: certificate.into(),
        exec: exec.into(),
        ..Setup::default()
    };
    for (setup, words) in [
        (setup("somewhere", "", ""), "The address is none with a port."),
        (setup("127.0.0.1:0", "cert.pem", ""), "belong together"),
        (setup("127.0.0.1:0", "", "/nowhere/work.sh"), "There is no program"),
    ] {
        app.shell.model.live.setup = setup;
        app.keys("s").wait(|m| matches!(m.live.state, LiveState::Failed(_)));
        let problem = app.shell.model.live.problem().unwrap();
        assert!(problem.what.contains(words), "{problem:?}");
    }
    // The demo keeps no files, so it cannot keep what waits.
    let mut app = App::demo(120, 36);
    app.keys("8");
    app.shell.model.live.setup =
        Setup { addr: "127.0.0.1:0".into(), forward: "http://127.0.0.1:9/".into(), ..Setup::default() };
    app.keys("s").wait(|m| matches!(m.live.state, LiveState::Failed(_)));
    assert!(app.shell.model.live.problem().unwrap().what.contains("there is no folder for it"));
    app.assert_shows("! Triggers cannot be forwarded here");
}

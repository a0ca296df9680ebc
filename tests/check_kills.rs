//! The real program is killed between any two steps of a send, and started again: no row is stored
//! twice and none is lost track of.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

#[path = "check_support/gate.rs"]
mod gate;

use gate::{Desk, Hold};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const KEYED: &str =
    "study_id,redcap_event_name,weight\n001,week_12_arm_1,70.5\n002,week_12_arm_1,82\n003,week_4_arm_1,64\n";
const NEW: &str = "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,ae_term\n001,ongoing_arm_1,ae_log,new,Sneezing\n002,ongoing_arm_1,ae_log,new,Itching\n";
const NUMBERED: &str = "study_id,redcap_event_name,weight\na,baseline_arm_1,61.5\nb,baseline_arm_1,62.5\n";

/// The numbers of the requests that a send makes, from the first after the check to the last, and
/// which of them are imports.
async fn requests_of(text: &str, more: &[&str]) -> (Vec<usize>, Vec<usize>) {
    let desk = Desk::new().await;
    desk.file(text);
    let (code, said) = desk.run(more).await;
    assert!(matches!(code, 0 | 3), "{said}");
    let seen = desk.seen();
    let imports: Vec<usize> = (0..seen.len()).filter(|n| seen[*n] == "import").collect();
    // The check ends with reading what is stored; what the project is and its log come before the
    // first import.
    ((imports[0] - 2..seen.len()).collect(), imports)
}

/// All cases, some at once.
async fn all<F: Future<Output = ()> + Send + 'static>(cases: impl Iterator<Item = F>) {
    let room = Arc::new(Semaphore::new(4));
    let mut running = JoinSet::new();
    for case in cases {
        let room = Arc::clone(&room);
        running.spawn(async move {
            let _place = room.acquire().await.unwrap();
            case.await;
        });
    }
    while let Some(ended) = running.join_next().await {
        ended.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_request_stores_no_row_twice_and_loses_none() {
    let (requests, imports) = requests_of(KEYED, &[]).await;
    assert_eq!(imports.len(), 3, "one batch a record");
    let points = requests.into_iter().flat_map(|n| [(n, Hold::Before), (n, Hold::After)]);
    let first = imports[0];
    all(points.map(move |(n, how)| async move {
        let at = format!("killed at request {n} {how:?}");
        let desk = Desk::new().await;
        desk.file(KEYED);
        desk.killed_at(n, how, &[]).await;
        let (code, said) = desk.run(&[]).await;
        if n < first - 1 {
            // Nothing was planned yet: the file is sent as if nothing had been.
            assert_eq!(code, 0, "{at}: {said}");
        } else {
            assert_eq!(code, 2, "{at}: {said}");
            assert!(said.contains("A send was interrupted"), "{at}: {said}");
            let (code, said) = desk.run(&["--resume"]).await;
            assert_eq!(code, 0, "{at}: {said}");
            assert!(said.starts_with("Result: verified"), "{at}: {said}");
            assert!(said.contains("Cells sent: 3, stored equal: 3"), "{at}: {said}");
        }
        for record in ["\"001\"", "\"002\"", "\"003\""] {
            assert_eq!(desk.times(record), 1, "{at}: {record}");
        }
        let stored = desk.stored(&["study_id", "weight"]).await;
        for row in ["001,week_12_arm_1,,,70.5", "002,week_12_arm_1,,,82", "003,week_4_arm_1,,,64"] {
            assert!(stored.contains(row), "{at}: {stored}");
        }
        // And it is at its end: nothing is left to go on with.
        assert!(desk.journal().1.contains("\"ended\""), "{at}");
    }))
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_redcap_numbers_are_never_sent_a_second_time() {
    for (text, more, words) in
        [(NEW, &[][..], ["Sneezing", "Itching"]), (NUMBERED, &["--auto-number"], ["61.5", "62.5"])]
    {
        let (requests, imports) = requests_of(text, more).await;
        let points = requests.into_iter().flat_map(|n| [(n, Hold::Before), (n, Hold::After)]);
        let (first, imports) = (imports[0], Arc::new(imports));
        all(points.map(move |(n, how)| {
            let imports = Arc::clone(&imports);
            async move {
                let at = format!("{words:?} killed at request {n} {how:?}");
                let desk = Desk::new().await;
                desk.file(text);
                desk.killed_at(n, how, more).await;
                let with = |flag| more.iter().copied().chain([flag]).collect::<Vec<_>>();
                let (code, said) = desk.run(more).await;
                let mut done = code != 2;
                if n >= first - 1 {
                    assert!(code == 2 && said.contains("A send was interrupted"), "{at}: {said}");
                    let (code, said) = desk.run(&with("--resume")).await;
                    let is_import = imports.contains(&n);
                    assert_eq!(said.contains("cannot be told by key"), is_import, "{at}: {said}");
                    assert!(matches!(code, 0 | 3), "{at}: {said}");
                    done = !is_import;
                    if is_import {
                        // Whatever is tried, it stays so, until a person gives it up with open eyes.
                        assert_eq!(desk.run(&with("--resume")).await.0, 3, "{at}");
                        assert_eq!(desk.run(more).await.0, 2, "{at}");
                        let (code, said) = desk.run(&with("--abandon")).await;
                        assert!(code == 2 && said.contains("This very file was sent before"), "{at}: {said}");
                    }
                }
                for word in words {
                    let times = desk.times(word);
                    assert!(
                        if done { times == 1 } else { times <= 1 },
                        "{at}: {word} was stored {times} times"
                    );
                }
                // A file that was sent is not sent anew by accident either.
                let (code, said) = desk.run(more).await;
                assert!(code == 2 && said.contains("This very file was sent before"), "{at}: {said}");
                for word in words {
                    assert!(desk.times(word) <= 1, "{at}: {word}");
                }
            }
        }))
        .await;
    }
}

/// A kill between an answer and its line in the journal, or in the middle of a line, cannot be
/// waited for from outside. So every beginning of a finished journal is put in place, with the
/// server as it was then.
#[tokio::test(flavor = "multi_thread")]
async fn every_beginning_of_a_journal_leads_to_the_same_end() {
    let whole = Desk::new().await;
    whole.file(KEYED);
    assert_eq!(whole.run(&[]).await.0, 0);
    let (path, journal) = whole.journal();
    let imports = whole.imports();
    let lines: Vec<&str> = journal.split_inclusive('\n').collect();
    assert_eq!(lines.len(), 1 + 2 * 3 + 1, "{journal}");
    let mut cases: Vec<(usize, usize)> = Vec::new();
    let mut before = 0;
    for line in &lines {
        for cut in [before + 1, before + line.len() / 2, before + line.len() - 1, before + line.len()] {
            let begun = &journal[..cut];
            let count = |words: &str| {
                begun
                    .lines()
                    .filter(|l| serde_json::from_str::<serde_json::Value>(l).is_ok() && l.contains(words))
                    .count()
            };
            let (sending, stored) = (count("\"sending\""), count("\"stored\""));
            // What was about to be sent may or may not have arrived.
            cases.extend((stored..=sending).map(|arrived| (cut, arrived)));
        }
        before += line.len();
    }
    let finished = Arc::new((whole.url.clone(), journal, imports, path.file_name().unwrap().to_owned()));
    all(cases.into_iter().map(move |(cut, arrived)| {
        let finished = Arc::clone(&finished);
        async move {
            let (url, journal, imports, name) = &*finished;
            let desk = Desk::new().await;
            desk.file(KEYED);
            desk.replay(&imports[..arrived]).await;
            let folder = desk.home.path().join("state/sends");
            std::fs::create_dir_all(&folder).unwrap();
            // The servers listen on ports of their own; the plan is cut only where it is whole.
            let begun = journal[..cut].replace(url, &desk.url);
            std::fs::write(folder.join(name), &begun).unwrap();
            let at = format!("{arrived} batches arrived, journal: {begun}");
            let mut result = desk.run(&[]).await;
            if result.0 == 2 {
                assert!(result.1.contains("A send was interrupted"), "{at}: {}", result.1);
                result = desk.run(&["--resume"]).await;
            } else {
                // Nothing was planned, or all was done: then the person sends it again by choice.
                let ended = begun.lines().last().is_some_and(|l| l.contains("\"ended\"") && l.ends_with('}'));
                assert!(!begun.contains('}') || arrived == 0 || ended, "{at}: {}", result.1);
                if ended {
                    return;
                }
            }
            assert_eq!(result.0, 0, "{at}: {}", result.1);
            assert!(result.1.contains("Cells sent: 3, stored equal: 3"), "{at}: {}", result.1);
            for (n, record) in ["\"001\"", "\"002\"", "\"003\""].iter().enumerate() {
                assert_eq!(desk.times(record), usize::from(n >= arrived), "{at}: {record}");
            }
        }
    }))
    .await;
}

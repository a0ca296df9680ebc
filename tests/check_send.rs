//! Sending a checked file: the receipt, lost answers, kills between any two steps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

#[path = "check_support/faults.rs"]
mod faults;

use capscope::api::client::silent;
use capscope::api::token::Token;
use capscope::demo::behaviour::Behaviour;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::domain::check::{Cell, Settings};
use capscope::jobs::bench::Workbench;
use capscope::jobs::check::{self, CheckWanted, Checked};
use capscope::jobs::receipt::{LogProof, Outcome, Receipt};
use capscope::jobs::send::{self, INTERRUPTED, SendWanted};
use capscope::jobs::types::SavedProject;
use capscope::jobs::{Problem, open};
use capscope::store::Paths;
use capscope::store::settings::Settings as Options;
use capscope::store::vault::Vault;
use faults::{Fault, Faults};
use std::path::{Path, PathBuf};

const GOOD: &str = "study_id,redcap_event_name,weight,sbp\n001,week_12_arm_1,70.5,120\n002,week_12_arm_1,82,\n003,week_4_arm_1,64,118\n";

/// The demo server behind the faults, and a home folder with one project.
struct Desk {
    server: DemoServer,
    faults: Faults,
    home: tempfile::TempDir,
}

impl Desk {
    async fn new(plan: &[Fault]) -> Self {
        Self::with(plan, Behaviour::default()).await
    }

    async fn with(plan: &[Fault], behaviour: Behaviour) -> Self {
        let options = DemoOptions { registry_records: 5, ..DemoOptions::default() };
        let server = DemoServer::start_with(options, behaviour).await.unwrap();
        let faults = Faults::before(server.url(), plan).await;
        Self { server, faults, home: tempfile::tempdir().unwrap() }
    }

    fn paths(&self) -> Paths {
        Paths::under(self.home.path().join("capscope"))
    }

    /// A capscope of its own, as after a start of the program.
    fn capscope(&self, who: &str, write: bool) -> (Workbench, SavedProject) {
        let token = &self.server.projects()[0].tokens.iter().find(|t| t.note.starts_with(who)).unwrap().token;
        let mut project =
            SavedProject::new("breathe", &self.faults.url, 101, "BREATHE", jiff::Timestamp::UNIX_EPOCH)
                .unwrap();
        project.id = format!("p-{who}");
        project.write_access = write;
        capscope::store::projects::add(&self.paths(), project.clone()).unwrap();
        let bench = Workbench::new(Some(self.paths()), Options::default(), Vault::in_memory(), silent());
        bench.keep_for_session(&project.id, Token::parse(token).unwrap());
        (bench, project)
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.home.path().join("good.csv");
        std::fs::write(&path, text).unwrap();
        path
    }

    async fn check(&self, bench: &Workbench, project: &SavedProject, path: &Path) -> Checked {
        self.check_with(bench, project, path, Settings::default()).await
    }

    async fn check_with(
        &self,
        bench: &Workbench,
        project: &SavedProject,
        path: &Path,
        settings: Settings,
    ) -> Checked {
        let api = bench.api(project).await.unwrap();
        let metadata = open::read(&api, None, &|_| {}).await.unwrap();
        let wanted = CheckWanted {
            path: path.to_owned(),
            settings,
            metadata: Box::new(metadata),
            offline: false,
            before: None,
        };
        check::run(bench, project, wanted, &|_| {}).await.unwrap()
    }

    /// Checks and sends, one record a batch.
    async fn send(&self, text: &str, resume: bool) -> Result<Receipt, Problem> {
        let (bench, project) = self.capscope("FULL", true);
        let path = self.file(text);
        let checked = Box::new(self.check(&bench, &project, &path).await);
        let wanted = SendWanted { resume, most_records: 1, ..SendWanted::new(checked) };
        send::run(&bench, &project, wanted, &|_| {}).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s20_the_receipt_names_the_cell_that_is_not_stored() {
    let desk = Desk::new(&[Fault::LosesSbp]).await;
    let (bench, project) = desk.capscope("FULL", true);
    let path = desk.file(GOOD);
    let checked = Box::new(desk.check(&bench, &project, &path).await);
    let receipt = send::run(&bench, &project, SendWanted::new(checked), &|_| {}).await.unwrap();
    assert_eq!((receipt.proof.sent, receipt.proof.equal, receipt.proof.different.len()), (5, 4, 1));
    assert_eq!((receipt.ids_returned, receipt.sent_records), (3, 3));
    assert_eq!(receipt.result(), "NOT verified");
    let text = receipt.lines(false).join("\n");
    assert!(text.contains("003 week_4_arm_1 sbp: stored blank"), "{text}");
    assert!(!text.contains("118"), "no values unless asked: {text}");
    assert!(receipt.lines(true).join("\n").contains("sbp: sent 118, stored blank"));
    assert_eq!(receipt.log, LogProof::Lines { found: 3, expected: 3 });

    // The same file again: only the lost cell is left, and then nothing changes at all.
    let checked = Box::new(desk.check(&bench, &project, &path).await);
    assert_eq!((checked.rehearsal.count(Cell::New), checked.rehearsal.count(Cell::Same)), (1, 4));
    let receipt = send::run(&bench, &project, SendWanted::new(checked), &|_| {}).await.unwrap();
    assert_eq!(receipt.result(), "verified");
    let checked = Box::new(desk.check(&bench, &project, &path).await);
    let receipt = send::run(&bench, &project, SendWanted::new(checked), &|_| {}).await.unwrap();
    assert!(receipt.is_verified() && receipt.changed_nothing);
    assert!(receipt.lines(false).join("\n").contains("nothing changed; REDCap writes no log line"));
}

#[tokio::test(flavor = "multi_thread")]
async fn s20_a_queued_import_is_accepted_and_then_proved_or_not() {
    let desk = Desk::new(&[]).await;
    let (bench, project) = desk.capscope("FULL", true);
    let path = desk.file(GOOD);
    let checked = Box::new(desk.check(&bench, &project, &path).await);
    let wanted = SendWanted { background: true, ..SendWanted::new(checked) };
    let receipt = send::run(&bench, &project, wanted, &|_| {}).await.unwrap();
    // The demo server works its queue off at once, so the rows read back.
    assert!(matches!(receipt.result(), "verified" | "accepted, not verified"), "{}", receipt.result());
}

#[tokio::test(flavor = "multi_thread")]
async fn s21_after_a_lost_answer_nothing_is_sent_again_until_somebody_says_so() {
    for (fault, told, left) in
        [(Fault::StoredThen504, "batch 2 stored", 1), (Fault::LostThen504, "batch 2 is not stored", 2)]
    {
        let desk = Desk::new(&[Fault::None, fault]).await;
        let receipt = desk.send(GOOD, false).await.unwrap();
        let Outcome::Paused { batch, left: found, .. } = &receipt.outcome else { panic!("{receipt:?}") };
        assert_eq!((*batch, *found), (2, left));
        assert!(receipt.lines(false).join("\n").contains(told), "{:?}", receipt.lines(false));
        assert_eq!(desk.faults.imported("study_id"), [vec!["001"], vec!["002"]]);
        // A new send is refused: the old one is not finished.
        let refused = desk.send(GOOD, false).await.unwrap_err();
        assert_eq!(refused.title, INTERRUPTED);
        let receipt = desk.send(GOOD, true).await.unwrap();
        assert!(receipt.is_verified(), "{:?}", receipt.lines(true));
        let sent = desk.faults.imported("study_id");
        let of_002 = sent.iter().filter(|r| r.contains(&"002".to_owned())).count();
        assert_eq!(of_002, if fault == Fault::StoredThen504 { 1 } else { 2 }, "{sent:?}");
        assert_eq!(sent.iter().filter(|r| r.contains(&"001".to_owned())).count(), 1);
    }
}

/// Said that 0 batches are left and how to go on with them.
#[tokio::test(flavor = "multi_thread")]
async fn s21_where_the_last_answer_is_lost_only_the_end_is_left() {
    let desk = Desk::new(&[Fault::None, Fault::None, Fault::StoredThen504]).await;
    let receipt = desk.send(GOOD, false).await.unwrap();
    let Outcome::Paused { batch: 3, left: 0, .. } = &receipt.outcome else { panic!("{receipt:?}") };
    let told = receipt.lines(false).join("\n");
    assert!(told.contains("no batch is left. To close this send, check the same file again"), "{told}");
    let receipt = desk.send(GOOD, true).await.unwrap();
    assert!(receipt.is_verified(), "{:?}", receipt.lines(true));
    assert_eq!(desk.faults.imported("study_id").len(), 3, "nothing was sent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn s21_new_instances_cannot_be_told_by_key_and_are_never_sent_again() {
    let rows = "study_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,ae_term\n001,ongoing_arm_1,ae_log,new,Sneezing\n";
    let desk = Desk::new(&[Fault::StoredThen504]).await;
    let receipt = desk.send(rows, false).await.unwrap();
    assert!(receipt.lines(false).join("\n").contains("cannot be told by key; compare by content"));
    let receipt = desk.send(rows, true).await.unwrap();
    assert!(matches!(receipt.outcome, Outcome::Paused { .. }), "{:?}", receipt.outcome);
    assert_eq!(desk.faults.imported("study_id").len(), 1, "it was sent once");
    // Only when it is given up can the file be sent anew.
    let (bench, project) = desk.capscope("FULL", true);
    send::abandon(&bench, &project).await.unwrap();
    let refused = desk.send(rows, false).await.unwrap_err();
    assert_eq!(refused.title, send::SENT_BEFORE, "it may be stored already");
    let path = desk.file(rows);
    let checked = Box::new(desk.check(&bench, &project, &path).await);
    let wanted = SendWanted { again: true, ..SendWanted::new(checked) };
    assert!(send::run(&bench, &project, wanted, &|_| {}).await.is_ok());
}

/// Kills capscope while a batch is on its way, stored or not: a new start tracks every row and
/// sends none twice that is stored.
#[test]
fn a_kill_at_any_batch_loses_track_of_nothing() {
    let outside = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for killed in 0..3 {
        for fault in [Fault::StoredThenSilence, Fault::LostThenSilence] {
            let mut plan = vec![Fault::None; killed];
            plan.push(fault);
            let desk = std::sync::Arc::new(outside.block_on(Desk::new(&plan)));
            let inside =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            let sending = desk.clone();
            inside.spawn(async move { sending.send(GOOD, false).await });
            outside.block_on(desk.faults.silence());
            // Dead, in the middle of a request.
            inside.shutdown_timeout(std::time::Duration::from_millis(50));
            let receipt = outside.block_on(async {
                for _ in 0..100 {
                    match desk.send(GOOD, true).await {
                        // The lock of the dead one goes with its last thread.
                        Err(p) if p.what.contains("in use") => {
                            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                        }
                        other => return other,
                    }
                }
                panic!("the lock stays");
            });
            let receipt = receipt.unwrap();
            assert!(receipt.is_verified(), "{fault:?} at {killed}: {:?}", receipt.lines(true));
            let sent = desk.faults.imported("study_id");
            for (n, record) in ["001", "002", "003"].iter().enumerate() {
                let times = sent.iter().filter(|r| r.contains(&(*record).to_owned())).count();
                let expected = if n == killed && fault == Fault::LostThenSilence { 2 } else { 1 };
                assert_eq!(times, expected, "{fault:?} at {killed}, record {record}: {sent:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_without_the_switch_the_number_and_the_same_file() {
    let desk = Desk::new(&[]).await;
    let (bench, project) = desk.capscope("FULL", false);
    let path = desk.file(GOOD);
    let checked = desk.check(&bench, &project, &path).await;
    let wanted = || SendWanted::new(Box::new(checked.clone()));
    let refused = send::run(&bench, &project, wanted(), &|_| {}).await.unwrap_err();
    assert!(refused.what.contains("not switched on"), "{refused:?}");
    // The switch as it was kept counts, not the one in hand.
    let mut pretended = project.clone();
    pretended.write_access = true;
    assert!(send::run(&bench, &pretended, wanted(), &|_| {}).await.is_err());
    let (bench, project) = desk.capscope("FULL", true);
    std::fs::write(&path, GOOD.replace("64", "65")).unwrap();
    let refused = send::run(&bench, &project, wanted(), &|_| {}).await.unwrap_err();
    assert!(refused.what.contains("changed since"), "{refused:?}");

    let blanks = desk.file("study_id,redcap_event_name,weight\n001,baseline_arm_1,\n");
    let settings = Settings { overwrite: true, ..Settings::default() };
    let checked = desk.check_with(&bench, &project, &blanks, settings).await;
    let mut wanted = SendWanted::new(Box::new(checked));
    let refused = send::run(&bench, &project, wanted.clone(), &|_| {}).await.unwrap_err();
    assert!(refused.what.contains("1 stored values would be erased"), "{refused:?}");
    assert!(desk.faults.imported("study_id").is_empty());
    wanted.erasures = 1;
    wanted.undo = Some(desk.home.path().join("undo.csv"));
    let receipt = send::run(&bench, &project, wanted, &|_| {}).await.unwrap();
    assert!(receipt.is_verified(), "{:?}", receipt.lines(true));
    let undo = std::fs::read_to_string(receipt.undo.unwrap()).unwrap();
    assert!(undo.contains("001,baseline_arm_1,,,72.5"), "{undo}");
    // The undo file brings the old value back.
    let undo = desk.file(&undo);
    let settings = Settings { overwrite: true, ..Settings::default() };
    let checked = desk.check_with(&bench, &project, &undo, settings).await;
    assert_eq!(checked.rehearsal.count(Cell::New), 1);
    let receipt = send::run(&bench, &project, SendWanted::new(Box::new(checked)), &|_| {}).await.unwrap();
    assert!(receipt.is_verified());
}

#[tokio::test(flavor = "multi_thread")]
async fn s22_the_servers_refusals_are_shown_with_what_was_not_imported() {
    let mut behaviour = Behaviour::default();
    behaviour.import.locked_records = vec![(101, "002".into())];
    let desk = Desk::with(&[], behaviour).await;
    let receipt = desk.send(GOOD, false).await.unwrap();
    let text = receipt.lines(false).join("\n");
    assert_eq!(receipt.result(), "REFUSED");
    assert!(text.contains("locked at the record level") && text.contains("Not imported: 002, 003"), "{text}");
    // The server's words stand beside the row that they are about.
    assert!(text.contains("The server refused line 3, 002 study_id: This record has been locked"), "{text}");
    // That nothing of it was stored is looked at, not believed.
    assert!(text.contains("It was read back: nothing of batch 2 is stored."), "{text}");

    // In a Data Access Group the column is refused in the rehearsal.
    let (bench, project) = desk.capscope("DAGA", true);
    let path = desk
        .file("study_id,redcap_event_name,redcap_data_access_group,weight\n001,baseline_arm_1,site_a,72\n");
    let checked = desk.check(&bench, &project, &path).await;
    assert!(!checked.rehearsal.may_be_sent());
    assert!(checked.rehearsal.findings.iter().any(|f| f.rule.tag() == "dag"));

    // Without the right to create records the server's sentence is shown.
    let (bench, project) = desk.capscope("NOPHQ", true);
    let path = desk.file("study_id,redcap_event_name,weight\n099,baseline_arm_1,72\n");
    let checked = Box::new(desk.check(&bench, &project, &path).await);
    let receipt = send::run(&bench, &project, SendWanted::new(checked), &|_| {}).await.unwrap();
    let text = receipt.lines(false).join("\n");
    assert!(
        text.contains("do NOT allow you to create new records") && text.contains("Create Records"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_value_is_named_by_its_line_and_not_in_a_receipt_without_values() {
    let mut behaviour = Behaviour::default();
    behaviour.import.longest_text = 8;
    let desk = Desk::with(&[], behaviour).await;
    let text = "study_id,redcap_event_name,first_name,notes_free\n001,screening_arm_1,Ann,fine\n003,screening_arm_1,\"Secret, name\",ok\n";
    let (bench, project) = desk.capscope("FULL", true);
    let path = desk.file(text);
    let checked = Box::new(desk.check(&bench, &project, &path).await);
    let receipt = send::run(&bench, &project, SendWanted::new(checked), &|_| {}).await.unwrap();
    assert_eq!(receipt.result(), "REFUSED");
    let plain = receipt.lines(false).join("\n");
    assert!(plain.contains("The server refused line 3, 003 first_name: "), "{plain}");
    let masked = receipt.screen_lines(true).join("\n");
    assert!(masked.contains("003 first_name \"••••••\": "), "{masked}");
    for text in [&plain, &masked] {
        assert!(!text.contains("Secret"), "{text}");
    }
    assert!(receipt.lines(true).join("\n").contains("first_name \"Secret, name\": "));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_holds_names_and_hashes_and_no_value() {
    let desk = Desk::new(&[Fault::StoredThen504]).await;
    let secret = GOOD.replace("64", "64.987654");
    desk.send(&secret, false).await.unwrap();
    let folder = desk.home.path().join("capscope/state/sends");
    let mut found = String::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        found.push_str(&std::fs::read_to_string(entry.unwrap().path()).unwrap());
    }
    assert!(found.contains("\"001\"") && found.contains("file_hash"), "{found}");
    assert!(!found.contains("64.987654") && !found.contains("70.5"), "{found}");
}

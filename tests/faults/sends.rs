//! Sending against a fault: two batches of one new record each. The first one meets it.

use crate::jobs::{Outcome, outcome, run, words};
use crate::world::{Desk, Study, World};
use capscope::api::client::RecordQuery;
use capscope::demo::chaos::Rule;
use capscope::domain::check::Settings;
use capscope::jobs::Problem;
use capscope::jobs::bench::Workbench;
use capscope::jobs::check::CheckWanted;
use capscope::jobs::receipt::{Outcome as End, Receipt};
use capscope::jobs::send::SendWanted;
use capscope::jobs::types::{Checked, Job, Output, SavedProject};
use std::path::Path;
use std::time::Duration;

/// Plays a send. What is stored in
/// the end is looked at past the faults, and an interrupted send is gone on with: nothing may be
/// lost and nothing stored twice.
pub async fn play(desk: &Desk, world: &World, rules: &[Rule]) -> Outcome {
    let quiet = world.desk(Study::Breathe, crate::door::Kind::Plain, Duration::from_secs(30)).await;
    let names = [world.new_name(), world.new_name()];
    let [first, second] = &names;
    let text = format!(
        "study_id,redcap_event_name,weight\n{first},baseline_arm_1,71.5\n{second},baseline_arm_1,82\n"
    );
    let path = desk.file("send.csv", &text);
    let checked = check(&quiet.bench, &quiet.project, world, &path).await;
    let wanted = SendWanted { most_records: 1, ..SendWanted::new(Box::new(checked)) };
    desk.door.set(rules.to_vec());
    let result = send(&desk.bench, &desk.project, wanted).await;
    let imports = desk.door.seen().1;
    desk.door.set(Vec::new());
    let stored = stored(&quiet, &names).await;
    let told = match &result {
        Err(problem) => {
            assert_eq!((imports, stored), (0, [false, false]), "nothing was sent");
            return outcome(words(problem), "nothing was sent");
        }
        Ok(receipt) => {
            agrees(receipt, imports, stored);
            match &receipt.outcome {
                End::Finished => receipt.result().to_owned(),
                End::Refused { problem, .. } => format!("{}: {}", receipt.result(), words(problem)),
                End::Paused { problem, .. } => {
                    let lines = receipt.lines(false);
                    let back =
                        lines.iter().find(|l| l.contains("atch 1") && !l.contains("was lost")).unwrap();
                    format!("{}: {} {back}", receipt.result(), words(problem))
                }
            }
        }
    };
    let times = |n: usize| if stored[n] { "stored" } else { "not stored" };
    let mut kept = format!("batch 1 {}, batch 2 {}", times(0), times(1));
    let paused = matches!(result, Ok(Receipt { outcome: End::Paused { .. }, .. }));
    if paused && desk.door.front.is_some() {
        // The fault is over and somebody says to go on.
        desk.bench.resume(&desk.project);
        let checked = check(&desk.bench, &desk.project, world, &path).await;
        let wanted = SendWanted { most_records: 1, resume: true, ..SendWanted::new(Box::new(checked)) };
        let receipt = send(&desk.bench, &desk.project, wanted).await.unwrap();
        assert!(receipt.is_verified(), "{:?}", receipt.lines(true));
        let all = desk.door.seen().1;
        let again = usize::from(!stored[0]);
        assert_eq!(all - imports, again + 1, "what was stored is not sent again");
        kept.push_str(if stored[0] { "; going on sends only batch 2" } else { "; going on sends both" });
        assert_eq!(self::stored(&quiet, &names).await, [true, true]);
    }
    outcome(if told == "verified" { String::new() } else { told }, kept)
}

/// What the receipt says is what is so.
fn agrees(receipt: &Receipt, imports: usize, stored: [bool; 2]) {
    match &receipt.outcome {
        End::Finished => assert_eq!((imports, stored), (2, [true, true])),
        End::Refused { .. } => {
            assert_eq!(imports, 1, "the second batch is not sent");
            assert_eq!(stored, [false, false]);
        }
        End::Paused { landed, .. } => {
            use capscope::domain::check::receipt::Landed;
            assert!(imports <= 1, "a write is sent once: {imports}");
            match landed {
                Landed::All => assert_eq!(stored, [true, false]),
                Landed::Nothing => assert_eq!(stored, [false, false]),
                _ => assert!(!stored[1]),
            }
        }
    }
}

async fn send(bench: &Workbench, project: &SavedProject, wanted: SendWanted) -> Result<Receipt, Problem> {
    match run(bench, Job::Send(Box::new(project.clone()), Box::new(wanted))).await.0 {
        Ok(Output::Sent(receipt)) => Ok(*receipt),
        Err(problem) => Err(problem),
        other => panic!("{other:?}"),
    }
}

async fn check(bench: &Workbench, project: &SavedProject, world: &World, path: &Path) -> Checked {
    let wanted = CheckWanted {
        path: path.to_owned(),
        settings: Settings::default(),
        metadata: Box::new(world.metadata(Study::Breathe).clone()),
        offline: false,
        before: None,
    };
    match run(bench, Job::Check(Box::new(project.clone()), Box::new(wanted))).await.0 {
        Ok(Output::Checked(checked)) => *checked,
        other => panic!("{other:?}"),
    }
}

/// Whether each record is there, seen by somebody whom no fault meets.
async fn stored(quiet: &Desk, names: &[String; 2]) -> [bool; 2] {
    let api = quiet.bench.api(&quiet.project).await.unwrap();
    let query = RecordQuery {
        records: names.to_vec(),
        fields: vec!["study_id".into(), "weight".into()],
        ..RecordQuery::default()
    };
    let table = api.records(&query, &mut |_| {}).await.unwrap();
    let rows = |name: &str| (0..table.n_rows()).filter(|r| table.cell(*r, 0) == name).count();
    let [first, second] = names;
    assert!(rows(first) < 2 && rows(second) < 2, "nothing is stored twice");
    [rows(first) == 1, rows(second) == 1]
}

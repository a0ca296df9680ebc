//! A fault that strikes once: reads are tried again with patience and come out whole; writes are
//! not tried again.

use crate::door::Kind;
use crate::jobs::{self, What};
use crate::world::{Study, World};
use capscope::api::client::{Api, CallState, Observer, RecordQuery, Server, ServerSettings};
use capscope::api::token::Token;
use capscope::api::url::ApiUrl;
use capscope::demo::chaos::{FAULTS, Fault, Rule};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What passes by itself. The others stay as they are, however often one asks.
fn passes(fault: &Fault) -> bool {
    match fault {
        Fault::Cut(_)
        | Fault::Reset
        | Fault::Empty
        | Fault::TooLong
        | Fault::TooShort
        | Fault::GzipCut
        | Fault::HalfJson => true,
        Fault::Status { status, retry_after } => *status != 413 && *retry_after != Some(3600),
        _ => false,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_fault_is_not_even_noticed() {
    let world = World::new().await;
    for named in FAULTS.iter().filter(|f| passes(&f.fault)) {
        // The second batch of a load meets it once.
        let desk = world.desk(Study::Registry, Kind::Plain, Duration::from_secs(30)).await;
        let rules = vec![Rule { to: 3, ..Rule::always(named.fault.clone()).on("record", 3) }];
        let outcome = jobs::load(&desk, &world, rules).await;
        assert_eq!((outcome.told.as_str(), outcome.kept.as_str()), ("", "all records"), "{}", named.name);
        let struck = desk.door.front.as_ref().unwrap().seen().iter().filter(|s| s.fault.is_some()).count();
        assert_eq!(struck, 1, "{}", named.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_meets_a_passing_fault_once_and_stops() {
    let world = World::new().await;
    for named in FAULTS.iter().filter(|f| passes(&f.fault)) {
        let desk = world.desk(Study::Breathe, Kind::Plain, Duration::from_secs(30)).await;
        let rules = [Rule { to: 1, ..Rule::always(named.fault.clone()).on("import", 1) }];
        // It looks by itself that nothing was sent twice, lost or kept silent about.
        let outcome = crate::sends::play(&desk, &world, &rules).await;
        assert!(outcome.told.starts_with("INTERRUPTED"), "{}: {outcome:?}", named.name);
    }
}

/// The waits that a client announces while a server is busy.
async fn waits(world: &World, fault: &str, retry_wait: Duration) -> Vec<u64> {
    let desk = world.desk(Study::Breathe, Kind::Plain, Duration::from_secs(30)).await;
    desk.door.set(vec![fault.parse().unwrap()]);
    let told: Arc<Mutex<Vec<u64>>> = Arc::default();
    let sink = told.clone();
    let observer: Observer = Arc::new(move |event| {
        if let CallState::Retrying { in_ms, .. } = event.state {
            sink.lock().unwrap().push(in_ms);
        }
    });
    let settings = ServerSettings { retry_wait, paced: false, ..ServerSettings::default() };
    let server = Server::new(ApiUrl::parse(&desk.door.url).unwrap(), settings, observer);
    let api = Api::new(server, Token::parse(world.tokens().next().unwrap()).unwrap());
    let query = RecordQuery { fields: vec!["study_id".into()], ..RecordQuery::default() };
    let _ = api.records(&query, &mut |_| {}).await;
    told.lock().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_wait_longer_each_time_and_as_long_as_the_server_asks() {
    let world = World::new().await;
    let ms = Duration::from_millis;
    let busy = waits(&world, "503", ms(20)).await;
    let doubled = busy.iter().zip([20_u64, 40, 80]).all(|(told, planned)| told.abs_diff(planned) <= 2);
    assert!(busy.len() == 3 && doubled, "three tries, each after twice the wait: {busy:?}");
    assert_eq!(waits(&world, "429-wait#1", ms(20)).await, [1000], "what the server asks for counts");
    assert!(waits(&world, "503-wait-long", ms(20)).await.is_empty(), "an hour is told, not waited");
    assert!(waits(&world, "page", ms(20)).await.is_empty(), "a page stays a page");
    assert_eq!(waits(&world, "empty#1", ms(20)).await.len(), 0, "nothing is asked for again as JSON at once");
}

#[test]
fn every_job_of_the_matrix_has_a_name_of_its_own() {
    let names: std::collections::HashSet<&str> = What::ALL.iter().map(|w| w.name()).collect();
    assert_eq!(names.len(), What::ALL.len());
}

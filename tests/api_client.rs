//! The client against servers that behave as real ones were seen to, and worse.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/script.rs"]
mod script;

use capscope::api::catalogue::Action;
use capscope::api::client::{
    Api, CallEvent, CallState, LogQuery, Observer, RecordQuery, Server, ServerSettings, readable, silent,
};
use capscope::api::error::{ApiError, ErrorKind};
use capscope::api::request::Request;
use capscope::api::token::Token;
use capscope::api::url::ApiUrl;
use capscope::domain::project::Readable;
use capscope::domain::table::RecordTable;
use script::{Script, Step, answer, ok};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const TOKEN: &str = "0123456789ABCDEF0123456789ABCDEF";
const LOGIN: &str = "<!DOCTYPE html><html><body>Log In</body></html>";

fn fast() -> ServerSettings {
    ServerSettings {
        paced: false,
        retries: 2,
        retry_wait: Duration::from_millis(1),
        idle_timeout: Duration::from_secs(20),
        ..ServerSettings::default()
    }
}

fn api_at(url: &str, settings: ServerSettings, observer: Observer) -> Api {
    let server = Server::new(ApiUrl::parse(url).unwrap(), settings, observer);
    Api::new(server, Token::parse(TOKEN).unwrap())
}

async fn script(steps: Vec<Step>) -> (Script, Api) {
    let script = Script::start(steps).await;
    let api = api_at(&script.url(), fast(), silent());
    (script, api)
}

fn recorder() -> (Observer, Arc<Mutex<Vec<CallEvent>>>) {
    let events: Arc<Mutex<Vec<CallEvent>>> = Arc::default();
    let sink = events.clone();
    (Arc::new(move |e| sink.lock().unwrap().push(e)), events)
}

async fn records(api: &Api) -> Result<RecordTable, ApiError> {
    api.records(&RecordQuery::default(), &mut |_| {}).await
}

fn delete() -> Request {
    Request::find("record", Action::Delete).unwrap().set_list("records", ["1"])
}

#[tokio::test]
async fn a_request_is_a_post_with_the_token_in_its_body_only() {
    let (script, api) = script(vec![ok("14.5.2\n")]).await;
    assert_eq!(api.version().await.unwrap(), "14.5.2");
    let requests = script.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /api/ HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("application/x-www-form-urlencoded") && !head.contains(TOKEN));
    assert_eq!(body, format!("token={TOKEN}&content=version&returnFormat=json"));
}

#[tokio::test]
async fn every_read_asks_for_json() {
    let steps = vec![
        ok(r#"{"project_id":7,"project_title":"BREATHE"}"#),
        ok(r#"[{"field_name":"id","form_name":"a","field_type":"text"}]"#),
        answer(400, "", r#"{"error":"You cannot export arms for classic projects"}"#),
        answer(403, "", r#"{"error":"You do not have User Rights privileges"}"#),
        ok("[]"),
        ok("8"),
    ];
    let (script, api) = script(steps).await;
    assert_eq!(api.project_info().await.unwrap().title, "BREATHE");
    assert_eq!(api.metadata().await.unwrap().fields().len(), 1);
    assert!(
        matches!(readable(api.arms().await).unwrap(), Readable::NotHere(words) if words.contains("classic"))
    );
    assert!(
        matches!(readable(api.users().await).unwrap(), Readable::NoRight(words) if words.contains("User Rights"))
    );
    let query = LogQuery { begin: "2026-01-01 00:00".into(), dag: Some(3), ..LogQuery::default() };
    assert!(api.log(query).await.unwrap().is_empty());
    assert_eq!(api.next_record_name().await.unwrap(), "8");
    let requests = script.requests();
    for request in &requests[..5] {
        assert!(request.contains("&format=json&returnFormat=json"), "{request}");
    }
    assert!(requests[4].ends_with("&dag=3&beginTime=2026-01-01+00%3A00"), "{}", requests[4]);
}

#[tokio::test]
async fn records_are_read_from_csv_while_they_come() {
    let (script, api) = script(vec![ok("record_id;age\n1;40\n2;\n")]).await;
    let query = RecordQuery {
        records: vec!["1".into(), "2".into()],
        fields: vec!["record_id".into(), "redcap_event_name".into(), "age".into()],
        blank_for_gray: true,
        filter_logic: "[age] > 3".into(),
        label: true,
        ..RecordQuery::default()
    };
    let mut last = None;
    let table = api.records(&query, &mut |p| last = Some(p)).await.unwrap();
    assert_eq!([table.get(0, "age"), table.get(1, "age"), table.get(1, "record_id")], ["40", "", "2"]);
    let last = last.unwrap();
    assert_eq!((last.rows, last.bytes), (2, 22));
    let body = script.requests()[0].split_once("\r\n\r\n").unwrap().1.to_owned();
    assert_eq!(
        body,
        format!(
            "token={TOKEN}&content=record&format=csv&returnFormat=json&records%5B0%5D=1&records%5B1%5D=2\
             &fields%5B0%5D=record_id&fields%5B1%5D=age&rawOrLabel=label&filterLogic=%5Bage%5D+%3E+3\
             &csvDelimiter=%2C&exportBlankForGrayFormStatus=true"
        )
    );
}

#[tokio::test]
async fn no_records_and_no_answer_are_told_apart() {
    let (_script, api) = script(vec![ok("\n")]).await;
    assert_eq!(records(&api).await.unwrap().n_rows(), 0);

    // Zero bytes: asked again as JSON, where nothing is `[]`.
    let (two, api) = script(vec![ok(""), ok("[]")]).await;
    assert_eq!(records(&api).await.unwrap().n_rows(), 0);
    assert!(two.requests()[1].contains("format=json&returnFormat=json"));

    let (three, api) = script(vec![ok(""), ok(""), ok("")]).await;
    assert_eq!(records(&api).await.unwrap_err().kind, ErrorKind::EmptyAnswer);
    assert_eq!(three.requests().len(), 3);
}

#[tokio::test]
async fn a_csv_whose_header_cannot_be_used_is_asked_for_as_json() {
    let (_script, api) =
        script(vec![ok("Record ID,Complete?\n1,2\n"), ok(r#"[{"record_id":"1","a_complete":2}]"#)]).await;
    assert_eq!(records(&api).await.unwrap().get(0, "a_complete"), "2");
}

#[tokio::test]
async fn failures_inside_a_success_are_failures() {
    let memory = r#"{"error":"REDCap ran out of server memory. The request cannot be processed."}"#;
    for (body, kind) in [
        (format!("record_id,age\n1,40\n{memory}"), ErrorKind::OutOfMemory),
        (format!("<br />\n<b>Fatal error</b>: x<br />{memory}"), ErrorKind::OutOfMemory),
        (memory.to_owned(), ErrorKind::OutOfMemory),
        (LOGIN.to_owned(), ErrorKind::NotRedcap),
        (
            r#"{"error":"The following values in the parameter \"fields\" are not valid: 'x'"}"#.into(),
            ErrorKind::Refused,
        ),
        ("record_id,age\n1,2,3\n2,2\n".to_owned(), ErrorKind::Decode),
    ] {
        let (script, api) = script(vec![ok(&body)]).await;
        let error = records(&api).await.unwrap_err();
        assert_eq!((error.kind, script.requests().len()), (kind, 1), "{body}");
        assert_eq!(error.method, "Export Records");
    }
}

#[tokio::test]
async fn a_refusal_of_records_is_explained() {
    let refusal = r#"{"error":"You do not have permissions to use the API"}"#;
    let (_script, api) = script(vec![answer(403, "", refusal)]).await;
    let error = records(&api).await.unwrap_err();
    assert_eq!((error.kind, error.status), (ErrorKind::BadToken, Some(403)));
    assert_eq!(error.server_text, "You do not have permissions to use the API");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_left() {
    let script = Script::start(vec![
        Step::Silence,
        Step::Stall(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n[".to_vec()),
    ])
    .await;
    let settings = ServerSettings { idle_timeout: Duration::from_millis(60), ..fast() };
    let api = api_at(&script.url(), settings, silent());
    for call in 0..2 {
        let error = api.metadata().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Timeout, "{call} {error:?} {:?}", script.requests());
        script.left().await;
    }
    assert_eq!(script.requests().len(), 2, "a slow server is not asked again and again");
}

#[tokio::test]
async fn half_an_answer_is_no_answer_and_is_asked_for_again() {
    let half =
        || Step::Answer(b"HTTP/1.1 200 X\r\ncontent-length: 100\r\n\r\nrecord_id,age\n1,40\n".to_vec());
    let chunked = Step::Answer(
        b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n14\r\nrecord_id,age\n1,40\n2\r\n".to_vec(),
    );
    let endless = Step::Answer(b"HTTP/1.1 200 X\r\n\r\nrecord_id,age\n1,40\n2,4".to_vec());
    let whole = || ok("record_id,age\n1,40\n2,50\n");
    for cut in [half(), chunked, endless] {
        let (script, api) = script(vec![cut, whole()]).await;
        assert_eq!(records(&api).await.unwrap().n_rows(), 2);
        assert_eq!(script.requests().len(), 2);
    }
    let (script, api) = script(vec![half(), half(), half(), whole()]).await;
    assert_eq!(records(&api).await.unwrap_err().kind, ErrorKind::Incomplete);
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn passing_failures_of_reads_are_tried_again() {
    for passing in [
        Step::Reset,
        answer(500, "", LOGIN),
        answer(502, "", ""),
        answer(503, "", ""),
        answer(504, "", LOGIN),
        answer(408, "", ""),
        answer(429, "", ""),
        ok("The hostname (h) / username (u) combination could not connect to the MySQL server."),
    ] {
        let (_script, api) = script(vec![passing, ok("14.0.0")]).await;
        assert_eq!(api.version().await.unwrap(), "14.0.0");
    }
}

#[tokio::test]
async fn a_write_is_sent_once_whatever_happens() {
    for step in [
        Step::Reset,
        answer(500, "", ""),
        answer(504, "", LOGIN),
        answer(301, "location: /api/x/\r\n", ""),
        Step::Answer(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n1".to_vec()),
    ] {
        let reset = matches!(step, Step::Reset);
        let (script, api) = script(vec![step, ok("1"), ok("1")]).await;
        assert!(api.call(&delete()).await.is_err());
        assert_eq!(script.requests().len(), usize::from(!reset));
    }
    let (script, api) = script(vec![ok("1")]).await;
    assert_eq!(api.call(&delete()).await.unwrap().text(), "1");
    assert!(script.requests()[0].ends_with("content=record&action=delete&records%5B0%5D=1"));
}

#[tokio::test]
async fn an_incomplete_request_is_not_sent() {
    let (script, api) = script(vec![ok("1")]).await;
    let error = api.call(&Request::find("record", Action::Delete).unwrap()).await.unwrap_err();
    assert_eq!((error.kind, error.cause.as_str()), (ErrorKind::BadRequest, "It needs records."));
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn the_server_may_ask_for_a_longer_wait() {
    let script = Script::start(vec![answer(429, "retry-after: 30\r\n", "")]).await;
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let observer: Observer = Arc::new(move |e| {
        if let CallState::Retrying { in_ms, .. } = e.state {
            let _ = sender.send(in_ms);
        }
    });
    let api = api_at(&script.url(), fast(), observer);
    let call = tokio::spawn(async move { api.version().await });
    assert_eq!(receiver.recv().await, Some(30_000));
    call.abort();

    let (_script, api) = self::script(vec![answer(503, "retry-after: 3600\r\n", "")]).await;
    let error = api.version().await.unwrap_err();
    assert_eq!((error.kind, error.retry_after), (ErrorKind::ServerBusy, Some(Duration::from_secs(3600))));
}

#[tokio::test]
async fn a_redirect_on_the_same_server_is_followed_once_and_remembered() {
    let (script, api) =
        script(vec![answer(301, "location: /rc/api/\r\n", LOGIN), ok("14.0.0"), ok("14.0.0"), ok("1")]).await;
    assert_eq!(api.version().await.unwrap(), "14.0.0");
    assert_eq!(api.version().await.unwrap(), "14.0.0");
    api.call(&delete()).await.unwrap();
    let paths: Vec<String> =
        script.requests().iter().map(|r| r.split(' ').nth(1).unwrap_or_default().to_owned()).collect();
    assert_eq!(paths, ["/api/", "/rc/api/", "/rc/api/", "/rc/api/"]);
    let bodies: Vec<String> =
        script.requests().iter().map(|r| r.split_once("\r\n\r\n").unwrap().1.to_owned()).collect();
    assert_eq!(bodies[0], bodies[1], "the same POST again");
}

#[tokio::test]
async fn the_token_never_goes_to_another_server() {
    let other = Script::start(vec![ok("14.0.0")]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}\r\n", other.url());
        let (_script, api) = script(vec![answer(status, &location, "")]).await;
        let error = api.version().await.unwrap_err();
        let to_host = format!("http://127.0.0.1:{}", other.port);
        assert_eq!((error.kind, error.status), (ErrorKind::Redirect { to_host }, Some(status)));
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn redirects_in_circles_end() {
    for (first, second) in [("/api/", "/api/"), ("/a/", "/api/"), ("/a/", "/b/")] {
        let steps = [first, second].map(|to| answer(302, &format!("location: {to}\r\n"), ""));
        let (_script, api) = script(steps.to_vec()).await;
        assert_eq!(api.version().await.unwrap_err().kind, ErrorKind::RedirectLoop);
    }
    let (_script, api) = script(vec![answer(302, "", LOGIN)]).await;
    assert_eq!(api.version().await.unwrap_err().kind, ErrorKind::NotRedcap);
}

#[tokio::test]
async fn a_firewall_or_ban_stops_all_requests() {
    let (script, api) = script(vec![answer(403, "", "<html>Forbidden</html>"), ok("14.0.0")]).await;
    let (first, second) = tokio::join!(api.version(), api.metadata());
    assert_eq!(first.unwrap_err().kind, ErrorKind::Blocked);
    let second = second.unwrap_err();
    assert_eq!((second.kind, second.method), (ErrorKind::Blocked, "Export Metadata (Data Dictionary)"));
    assert_eq!(script.requests().len(), 1, "nothing more is sent");
    assert!(api.server().blocked().is_some());
    api.server().resume();
    assert_eq!(api.version().await.unwrap(), "14.0.0");
}

#[tokio::test]
async fn an_endless_answer_is_stopped() {
    let head = b"HTTP/1.1 200 X\r\ncontent-type: text/csv\r\n\r\nrecord_id,age\n".to_vec();
    let script = Script::start(vec![
        Step::Endless(head.clone(), b"1,40\n".repeat(1000)),
        Step::Endless(b"HTTP/1.1 200 X\r\n\r\n[".to_vec(), b"{},".repeat(1000)),
    ])
    .await;
    let api = api_at(&script.url(), ServerSettings { max_bytes: 100_000, ..fast() }, silent());
    assert_eq!(records(&api).await.unwrap_err().kind, ErrorKind::TooLarge);
    assert_eq!(api.metadata().await.unwrap_err().kind, ErrorKind::TooLarge);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn compressed_answers_are_counted_as_what_they_become() {
    let zip = |bytes: &[u8]| answer(200, "content-encoding: gzip\r\n", gzip(bytes));
    let bomb = zip(&[b"record_id,age\n".to_vec(), b"1,4\n".repeat(1_000_000)].concat());
    let script = Script::start(vec![zip(b"record_id,age\n1,40\n"), bomb]).await;
    let api = api_at(&script.url(), ServerSettings { max_bytes: 200_000, ..fast() }, silent());
    assert_eq!(records(&api).await.unwrap().get(0, "age"), "40");
    assert_eq!(records(&api).await.unwrap_err().kind, ErrorKind::TooLarge);
    assert!(script.requests()[0].to_lowercase().contains("accept-encoding: gzip"));

    let whole = gzip(b"record_id,age\n1,40\n2,50\n");
    let (_script, api) =
        self::script(vec![answer(200, "content-encoding: gzip\r\n", &whole[..whole.len() - 9]); 3]).await;
    assert_eq!(records(&api).await.unwrap_err().kind, ErrorKind::Incomplete);
}

#[tokio::test]
async fn there_is_one_request_at_a_time() {
    let (script, api) = script(vec![ok("14.0.0"); 12]).await;
    let calls: Vec<_> = (0..12)
        .map(|_| {
            let api = api.clone();
            tokio::spawn(async move { api.version().await })
        })
        .collect();
    for call in calls {
        assert!(call.await.unwrap().is_ok());
    }
    assert_eq!((script.requests().len(), script.most_at_once()), (12, 1));
}

#[tokio::test]
async fn a_dropped_call_stops_at_once_and_lets_the_next_one_go() {
    let script = Script::start(vec![Step::Silence, ok("14.0.0")]).await;
    let (observer, events) = recorder();
    let api = api_at(&script.url(), fast(), observer);
    let slow = tokio::spawn({
        let api = api.clone();
        async move { api.metadata().await }
    });
    while script.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    slow.abort();
    // The server sees the connection close, and the queue is free.
    script.left().await;
    assert_eq!(api.version().await.unwrap(), "14.0.0");
    let events = events.lock().unwrap();
    let dones: Vec<_> = events.iter().filter(|e| matches!(e.state, CallState::Done { .. })).collect();
    assert_eq!(dones.len(), 2);
    assert!(matches!(&dones[0].state, CallState::Done { outcome: Err(words), .. } if words == "Stopped"));
}

#[tokio::test]
async fn an_observer_hears_every_step_and_never_a_value() {
    let script = Script::start(vec![answer(500, "", ""), ok("record_id,name\n1,Nutmeg\n")]).await;
    let (observer, events) = recorder();
    let api = api_at(&script.url(), fast(), observer);
    records(&api).await.unwrap();
    let events = events.lock().unwrap();
    let steps: Vec<String> = events
        .iter()
        .map(|e| match &e.state {
            CallState::Waiting => "waiting".into(),
            CallState::Sent => "sent".into(),
            CallState::Receiving { bytes } => format!("receiving {bytes}"),
            CallState::Retrying { reason, .. } => format!("retrying: {reason}"),
            CallState::Done { status, bytes, outcome, .. } => format!("done {status:?} {bytes} {outcome:?}"),
        })
        .collect();
    assert_eq!(
        steps,
        [
            "waiting",
            "sent",
            "retrying: The server is busy",
            "sent",
            "receiving 24",
            "done Some(200) 24 Ok(())"
        ]
    );
    let text = format!("{events:?}");
    assert!(!text.contains(TOKEN) && !text.contains("Nutmeg"));
    assert!(
        events.iter().all(|e| e.id == events[0].id && e.host == "127.0.0.1" && e.title == "Export Records")
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_to_be_so() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let api = api_at(&format!("http://127.0.0.1:{port}/"), fast(), silent());
    let error = api.version().await.unwrap_err();
    assert_eq!((error.kind.clone(), error.status), (ErrorKind::NoNetwork, None));
    assert!(error.reason().contains("does not take connections"), "{error:?}");
}

#[tokio::test]
async fn files_go_up_as_multipart_and_come_down_with_their_name() {
    let named = answer(200, "content-type: text/html; name=\"page.html\"\r\n", LOGIN);
    let (script, api) = script(vec![ok(""), named]).await;
    let place = |action| Request::find("file", action).unwrap().set("record", "1").set("field", "scan");
    let up = place(Action::Import).set_file("scan.png", b"bytes of it".to_vec());
    api.call(&up).await.unwrap();
    let sent = script.requests()[0].clone();
    assert!(sent.contains("multipart/form-data; boundary="), "{sent}");
    assert!(sent.contains("name=\"token\"\r\n\r\n0123") && sent.contains("filename=\"scan.png\""), "{sent}");
    let down = api.call(&place(Action::Export)).await.unwrap();
    assert_eq!((down.file_name().as_deref(), down.body.as_slice()), (Some("page.html"), LOGIN.as_bytes()));
}

#[tokio::test]
async fn the_raw_answer_can_be_had_and_judged_later() {
    let (_script, api) = script(vec![answer(403, "x-note: here\r\n", LOGIN)]).await;
    let request = Request::find("version", Action::Export).unwrap();
    let reply = api.call_raw(&request).await.unwrap();
    assert_eq!((reply.status, reply.header("X-Note")), (403, Some("here")));
    assert_eq!(Api::judge_reply(&request, &reply).unwrap_err().kind, ErrorKind::Blocked);
    assert!(api.server().blocked().is_some(), "nothing goes on against a ban");
}

#[tokio::test]
async fn text_that_is_not_utf8_is_read_all_the_same() {
    let latin1 = b"[{\"instrument_name\":\"a\",\"instrument_label\":\"Caf\xe9\"}]";
    let (_script, api) = script(vec![ok(latin1)]).await;
    assert_eq!(api.instruments().await.unwrap()[0].label, "Caf\u{fffd}");
}

#[tokio::test]
async fn the_pace_is_kept_by_default() {
    let script = Script::start(vec![ok("14.0.0"); 3]).await;
    let settings = ServerSettings { paced: true, per_minute: 4, burst: 2, ..fast() };
    let api = api_at(&script.url(), settings, silent());
    api.version().await.unwrap();
    api.version().await.unwrap();
    let third = tokio::time::timeout(Duration::from_millis(50), api.version()).await;
    assert!(third.is_err(), "the third waits for half a minute");
    assert_eq!(script.requests().len(), 2);
}

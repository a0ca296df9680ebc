//! An answer that is cut off at any byte is never taken for a whole one.

#[path = "../support/script.rs"]
#[allow(dead_code, reason = "only a part of the script server is used here")]
mod script;

use capscope::api::client::{Api, RecordQuery, Server, ServerSettings, silent};
use capscope::api::error::ErrorKind;
use capscope::api::token::Token;
use capscope::api::url::ApiUrl;
use script::{Script, Step};

const CSV: &str = "study_id,name,age\n001,\"Siân \"\"Nut\"\" O'Brien\",40\n002,\"two\nlines, one cell\",51\n";
const LIST: &str = r#"[{"unique_name":"a","name":"Siân \"Nut\""},{"unique_name":"b","name":"\\"}]"#;

/// How the end of a body is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length,
    /// The length is that of what is left: somebody on the way believed the cut.
    FalseLength,
    Chunked,
    None,
}

const ALL: [Framing; 4] = [Framing::Length, Framing::FalseLength, Framing::Chunked, Framing::None];

fn answer(body: &str, framing: Framing, at: usize) -> Vec<u8> {
    let part = &body.as_bytes()[..at];
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\n";
    match framing {
        Framing::Length => {
            [format!("{head}content-length: {}\r\n\r\n", body.len()).as_bytes(), part].concat()
        }
        Framing::FalseLength => [format!("{head}content-length: {at}\r\n\r\n").as_bytes(), part].concat(),
        Framing::Chunked => {
            let chunk = if at == 0 { String::new() } else { format!("{at:x}\r\n") };
            let end = if at == 0 { "" } else { "\r\n" };
            let head = format!("{head}transfer-encoding: chunked\r\n\r\n{chunk}");
            [head.as_bytes(), part, end.as_bytes()].concat()
        }
        Framing::None => [format!("{head}\r\n").as_bytes(), part].concat(),
    }
}

async fn api(answers: Vec<Vec<u8>>) -> (Script, Api) {
    let script = Script::start(answers.into_iter().map(Step::Answer).collect()).await;
    let settings = ServerSettings { paced: false, retries: 0, ..ServerSettings::default() };
    let server = Server::new(ApiUrl::parse(&script.url()).unwrap(), settings, silent());
    (script, Api::new(server, Token::parse("0123456789ABCDEF0123456789ABCDEF").unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn records_cut_at_any_byte_are_not_taken_for_all() {
    for framing in ALL {
        for at in 0..CSV.len() {
            // If it is asked for again as JSON, the server gives the same half once more.
            let half = answer(CSV, framing, at);
            let (_script, api) = api(vec![half.clone(), half]).await;
            let result = api.records(&RecordQuery::default(), &mut |_| {}).await;
            let says_its_end = matches!(framing, Framing::Length | Framing::Chunked);
            match result {
                Err(error) => assert!(
                    matches!(
                        error.kind,
                        ErrorKind::Incomplete
                            | ErrorKind::EmptyAnswer
                            | ErrorKind::Decode
                            | ErrorKind::NotRedcap
                    ),
                    "{framing:?} at {at}: {error:?}"
                ),
                // Whole rows whose length is false look like all rows: only the names that were
                // asked for tell (the seal of a load).
                Ok(table) => {
                    assert!(!says_its_end && CSV[..at].ends_with('\n'), "{framing:?} at {at}: {table:?}");
                    assert!(at != CSV.find("lines,").unwrap(), "inside a quoted value");
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_cut_at_any_byte_are_not_taken_for_all() {
    for framing in ALL {
        for at in 0..LIST.len() {
            if !LIST.is_char_boundary(at) && framing == Framing::None {
                continue;
            }
            let (_script, api) = api(vec![answer(LIST, framing, at)]).await;
            let error = api.dags().await.unwrap_err();
            let fits = matches!(error.kind, ErrorKind::Incomplete | ErrorKind::EmptyAnswer);
            assert!(fits, "{framing:?} at {at}: {error:?}");
        }
    }
}

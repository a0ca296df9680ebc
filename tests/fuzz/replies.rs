//! Answers of servers: through the real client, and as the playground shows them.

use super::{Tried, damage, fuzz};
use capscope::api::catalogue::METHODS;
use capscope::api::client::{Api, LogQuery, RecordQuery, Server, ServerSettings, silent};
use capscope::api::reply::Reply;
use capscope::api::request::Request;
use capscope::api::token::Token;
use capscope::api::url::ApiUrl;
use capscope::jobs::playground::{Answer, Guard};
use proptest::prelude::*;
use std::io::{Read, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const REPLIES: &[&str] = &[
    r#"[{"field_name":"a","form_name":"f","field_type":"radio","field_label":"A","select_choices_or_calculations":"1, x | 2, y","identifier":"y","required_field":"y"}]"#,
    r#"{"project_id":7,"project_title":"T","is_longitudinal":1,"in_production":"1","missing_data_codes":"UNK, Unknown","secondary_unique_field":null}"#,
    r#"[{"unique_event_name":"e_arm_1","event_name":"E","arm_num":1,"day_offset":"4","custom_event_label":null,"form":"f","form_name":"f"}]"#,
    r#"[{"username":"u","email":"u@x","expiration":"","data_access_group":"","forms":{"f":1},"forms_export":{"f":"2"},"design":1,"unique_role_name":"R","role_label":"L","data_access_group_name":"D","unique_group_name":"d","data_access_group_id":3}]"#,
    r#"[{"timestamp":"2026-03-10 03:30","username":"u","action":"Update record 1","details":"a = '1'","record":"1"}]"#,
    "record_id,redcap_event_name,a,b\n1,e_arm_1,\"x, \"\"y\"\"\",2\n2,e_arm_1,,\n",
    r#"{"error":"You do not have permissions to use the API"}"#,
    r#"["1","2"]"#,
    r#"{"count":2}"#,
    "14.5.2",
    "<html><body>403 Forbidden</body></html>",
    "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<records><item><a><![CDATA[1]]></a></item></records>",
];

fn seeds() -> Vec<Vec<u8>> {
    REPLIES.iter().map(|s| s.as_bytes().to_vec()).collect()
}

/// The status and the body of the next answers.
type Says = Arc<Mutex<(u16, Vec<u8>)>>;

/// A server that answers every request with the bytes that are set.
fn parrot() -> (String, Says) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/api/", listener.local_addr().unwrap());
    let says = Arc::new(Mutex::new((200_u16, Vec::new())));
    let shared = says.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut piece = [0; 16 * 1024];
            let _ = stream.read(&mut piece);
            let (status, body) = shared.lock().unwrap().clone();
            let head =
                format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat());
        }
    });
    (url, says)
}

#[test]
fn answers_of_any_kind_to_every_read() {
    let (url, says) = parrot();
    let settings = ServerSettings {
        paced: false,
        retries: 0,
        retry_wait: Duration::ZERO,
        idle_timeout: Duration::from_secs(20),
        ..ServerSettings::default()
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let server = Server::new(ApiUrl::parse(&url).unwrap(), settings, silent());
    let api = Api::new(server.clone(), Token::parse(&"A".repeat(32)).unwrap());
    let status = prop::sample::select(vec![200_u16, 200, 200, 200, 400, 403, 500]);
    let input = (status, damage::of(seeds()), 0_usize..13);
    fuzz("answers of servers", &input, |(status, body, which)| -> Tried {
        *says.lock().unwrap() = (status, body);
        server.resume();
        let said = runtime.block_on(async {
            match which {
                0 => api.version().await.err(),
                1 => api.project_info().await.err(),
                2 => api.metadata().await.err(),
                3 => api.instruments().await.err(),
                4 => api.events().await.err(),
                5 => api.mapping().await.err(),
                6 => api.repeating().await.err(),
                7 => api.users().await.err(),
                8 => api.roles().await.err(),
                9 => api.dags().await.err(),
                10 => api.log(LogQuery::default()).await.err(),
                11 => api.arms().await.err(),
                _ => api.records(&RecordQuery::default(), &mut |_| {}).await.err(),
            }
        });
        if let Some(error) = said {
            prop_assert!(!error.what().is_empty() && !error.title().is_empty());
        }
        Ok(())
    });
}

#[test]
fn answers_of_any_kind_in_the_playground() {
    let input = (0..METHODS.len(), damage::of(seeds()), any::<bool>());
    fuzz("answers in the playground", &input, |(method, body, judged)| -> Tried {
        let request = Request::new(&METHODS[method]).json();
        let reply = Reply { status: 200, headers: Vec::new(), body, ms: 1 };
        let verdict = Api::judge_reply(&request, &reply).err().filter(|_| judged).map(Into::into);
        let _ = Answer::new(&request, reply, verdict, Guard::Open);
        Ok(())
    });
}

//! What people type, and files and posts that come from elsewhere.

use super::{Tried, bytes, damage, fuzz};
use capscope::api::token::Token;
use capscope::api::url::ApiUrl;
use capscope::demo::{DemoOptions, DemoServer};
use capscope::domain::changes::pieces;
use capscope::domain::check::{Settings, SourceFile};

use capscope::domain::dictionary::Dictionary;
use capscope::domain::filter::{Column, Kind, parse, parse_as_far};
use capscope::domain::text::{guarded, is_unsafe, many_lines, one_line, scrub, without_html};
use capscope::domain::trigger::{Post, parse as parse_post};
use capscope::store::settings;
use proptest::prelude::*;

const CSV: &[&str] = &[
    "study_id,redcap_event_name,weight,notes\n001,week_4_arm_1,70.5,\"two\nlines, \"\"quoted\"\"\"\n002,week_4_arm_1,,x\n",
    "a;b;c\n1,5;2;\"x;y\"\n3;4;5\n",
    "\u{feff}a\tb\r\n1\t2\r\n",
    "[{\"a\":\"1\",\"b\":2},{\"a\":null,\"c\":[1]}]",
];

#[test]
fn files_to_check_in_any_encoding_and_dialect() {
    let mut seeds: Vec<Vec<u8>> = CSV.iter().map(|s| s.as_bytes().to_vec()).collect();
    seeds.push(CSV[0].encode_utf16().flat_map(u16::to_le_bytes).collect());
    seeds.push(b"id,name\n1,Si\xe2n\n".to_vec());
    let settings = prop::sample::select(vec![None, Some(b';'), Some(b'\t')]);
    fuzz("files to check", &(damage::of(seeds), settings), |(bytes, delimiter)| -> Tried {
        let settings = Settings { delimiter, ..Settings::default() };
        match SourceFile::read(&bytes, &settings) {
            Ok(file) => {
                prop_assert_eq!(file.lines.len(), file.table.n_rows());
                prop_assert!(
                    file.lines.is_sorted() && file.ragged.iter().all(|(row, _)| *row < file.table.n_rows())
                );
                let _ = file.describe();
            }
            Err(e) => prop_assert!(!e.to_string().is_empty() && !e.advice().is_empty()),
        }
        Ok(())
    });
}

#[test]
fn filters_of_any_kind() {
    let column = |name: &str, kind, masked| Column { names: vec![name.into()], kind, masked };
    let columns = [
        column("age", Kind::Number, false),
        column("dob", Kind::Text, true),
        column("nötes", Kind::Text, false),
    ];
    let seeds = [
        "age >= 55 and dob < 2020-01-01",
        "notes ~ \"a b\" or not (age = 3)",
        "-x is empty",
        "age in 1..5",
        "älter",
    ];
    let text = prop_oneof![damage::text_of(&seeds), bytes()];
    fuzz("filters", &text, |text| -> Tried {
        if let Err(mistake) = parse(&text, &columns) {
            prop_assert!(text.starts_with(mistake.text_before(&text)));
        }
        let _ = parse_as_far(&text, &columns).0.words(&columns);
        Ok(())
    });
}

#[test]
fn trigger_posts_of_any_kind() {
    let seed = "project_id=101&username=nurse&instrument=visit&record=00%201&redcap_event_name=week_4_arm_1&redcap_repeat_instance=2&visit_complete=2&redcap_url=https%3A%2F%2Fx%2F&project_url=https%3A%2F%2Fx%2Fr%3Fpid%3D1";
    fuzz(
        "trigger posts",
        &damage::of(vec![seed.into(), b"".to_vec(), b"project_id=1".to_vec()]),
        |body| -> Tried {
            if let Ok(Post::Trigger(trigger)) = parse_post(&body) {
                let _ = (trigger.status_words().len(), trigger.parameters());
                prop_assert!(trigger.same_place(&trigger));
            }
            Ok(())
        },
    );
}

#[test]
fn settings_addresses_and_tokens_of_any_kind() {
    let seeds =
        [settings::TEMPLATE, &settings::TEMPLATE.replace("# ", ""), "per_minute = 60\nmouse = true\n[x]\n"];
    fuzz("settings", &damage::text_of(&seeds), |text| -> Tried {
        let (_, problems) = settings::parse(&text);
        prop_assert!(problems.iter().all(|p| p.line >= 1 && p.line <= text.lines().count().max(1) + 1));
        Ok(())
    });
    let seeds = [
        "https://redcap.example.edu/api/",
        "http://[::1]:80/redcap_v14.5.2/index.php?pid=1",
        "0123456789ABCDEF0123456789ABCDEF",
    ];
    fuzz("addresses and tokens", &damage::text_of(&seeds), |text| -> Tried {
        if let Ok(url) = ApiUrl::parse(&text) {
            prop_assert_eq!(ApiUrl::parse(url.as_str()), Ok(url.clone()));
            prop_assert!(url.as_str().starts_with("https://") || url.is_loopback());
        }
        if let Err(problem) = Token::parse(&text) {
            prop_assert!(text.trim().len() < 16 || !problem.to_string().contains(text.trim()));
        }
        Ok(())
    });
}

#[test]
fn words_for_the_screen_are_safe_whatever_they_are_made_of() {
    let dictionary = Dictionary::default();
    let seeds = [
        "weight = '81', race(3) = checked, mrn = 'O''Brien'",
        "<p style='x'>One &amp; two</p><br>",
        "\u{1b}]0;x\u{7}\u{9b}2J\u{202e}",
    ];
    fuzz("words for the screen", &prop_oneof![damage::text_of(&seeds), any::<String>()], |text| -> Tried {
        prop_assert!(!one_line(&text).contains(is_unsafe));
        prop_assert!(!many_lines(&text).replace('\n', "").contains(is_unsafe));
        prop_assert!(!guarded(&text).starts_with(['=', '@', '\t', '\r', '\n']));
        let _ = (without_html(&text), scrub(&text), pieces(&text, &dictionary));
        Ok(())
    });
}

#[test]
fn project_xml_of_any_kind() {
    let seeds = vec![
        include_bytes!("../fixtures/odm_classic.xml").to_vec(),
        include_bytes!("../fixtures/odm_longitudinal.xml").to_vec(),
    ];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("project.xml");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    fuzz("project XML", &damage::of(seeds), |xml| -> Tried {
        std::fs::write(&file, &xml).unwrap();
        let options = DemoOptions { builtin: false, load: vec![file.clone()], ..DemoOptions::default() };
        match runtime.block_on(DemoServer::start(options)) {
            Ok(server) => prop_assert_eq!(server.projects().len(), 1),
            Err(e) => prop_assert!(!e.to_string().is_empty()),
        }
        Ok(())
    });
}

use super::*;
use proptest::prelude::*;

const TITLE: &str = "Export Records";
const MEMORY: &str = "REDCap ran out of server memory. The request cannot be processed. \
                      Please try importing/exporting a smaller amount of data.";
const LOGIN: &str = "<!DOCTYPE HTML>\n<html><head><title>REDCap</title></head><body>Log In</body></html>";

fn kind(status: u16, body: impl AsRef<[u8]>, shape: Shape) -> Option<ErrorKind> {
    judge(status, "", body.as_ref(), shape, TITLE).err().map(|e| e.kind)
}

#[test]
fn a_success_needs_status_body_and_shape() {
    use ErrorKind::*;
    use Shape::*;
    let half_page = format!(
        "<br />\n<b>Fatal error</b>: Allowed memory size of 134217728 bytes exhausted<br />{{\"error\":\"{MEMORY}\"}}"
    );
    let database = "The hostname (db) / username (u) / password (****) combination could not connect to the MySQL server. Please check their values.";
    for (body, shape, expected) in [
        ("[]", Json, None),
        ("{}", Json, None),
        ("\u{feff}[{\"a\":1}]\n", Json, None),
        ("3", Json, None),
        ("[{\"a\":\"Si\u{fffd}n\"}]", Json, None),
        (r#"[{"note":"REDCap ran out of server memory"}]"#, Json, None),
        (r#"[{"note":"<html> banned IP ERROR: x"}]"#, Json, None),
        ("", Json, Some(EmptyAnswer)),
        (" \n", Json, Some(EmptyAnswer)),
        (LOGIN, Json, Some(NotRedcap)),
        (LOGIN, Csv, Some(NotRedcap)),
        (LOGIN, Text, Some(NotRedcap)),
        (LOGIN, Xml, Some(NotRedcap)),
        (LOGIN, File, Some(NotRedcap)),
        (LOGIN, Receipt, Some(NotRedcap)),
        (r#"[{"a":"1"},{"a":"#, Json, Some(Incomplete)),
        (r#"[{"a":"1""#, Json, Some(Incomplete)),
        (r#"[{"a":"1"}]]"#, Json, Some(Decode)),
        ("hello", Json, Some(Decode)),
        (MEMORY, Json, Some(OutOfMemory)),
        (&half_page, Json, Some(OutOfMemory)),
        (&half_page, Csv, Some(OutOfMemory)),
        (database, Json, Some(Database)),
        (database, Text, Some(Database)),
        (r#"{"error":"The record \"-1\" does not exist"}"#, Json, Some(Refused)),
        (r#"{"error":"You do not have"#, Json, Some(Refused)),
        ("ERROR: The record \"-1\" does not exist", Csv, Some(Refused)),
        ("<?xml version=\"1.0\" encoding=\"UTF-8\" ?><hash><error>No</error></hash>", Xml, Some(Refused)),
        ("<?xml version=\"1.0\" encoding=\"UTF-8\" ?><records><item></item></records>", Xml, None),
        ("<?xml version=\"1.0\"?><ODM><a>", Xml, None),
        ("<?xml version=\"1.0\"?><ODM><a>half", Xml, Some(Incomplete)),
        ("arms", Xml, Some(Decode)),
        ("\n", Csv, None),
        ("", Csv, Some(EmptyAnswer)),
        ("a,b\n1,2\n", Csv, None),
        (
            "id,notes\n1,\"banned from a club, IP unknown\"\n2,\"REDCap ran out of server memory\"\n3,\n",
            Csv,
            None,
        ),
        ("[{\"a\":\"banned IP\"},{\"b\":", Json, Some(Incomplete)),
        ("a,b\n1,2\nERROR: REDCap ran out of server memory.", Csv, Some(OutOfMemory)),
        ("a,b\n1,2\nPHP Fatal error:  Allowed memory size of 1 bytes exhausted", Csv, Some(OutOfMemory)),
        ("14.5.2", Text, None),
        ("", Text, Some(EmptyAnswer)),
        ("", Receipt, None),
        ("3", Receipt, None),
        ("{\"count\":3}", Receipt, None),
        ("Your IP address has been banned due to suspected abuse.", Text, Some(Blocked)),
        ("<html>Your IP address was BANNED</html>", Json, Some(Blocked)),
    ] {
        assert_eq!(kind(200, body, shape), expected, "{shape:?} {body}");
    }
}

#[test]
fn files_are_taken_as_they_are() {
    let named = |body: &[u8]| judge(200, "text/html; name=\"page.html\"", body, Shape::File, TITLE).is_ok();
    assert!(named(LOGIN.as_bytes()) && named(b"") && named(b"\x00\x01"));
    assert_eq!(kind(200, b"%PDF-1.4\x00\x01", Shape::File), None);
    assert_eq!(kind(200, r#"{"error":"no"}"#, Shape::File), Some(ErrorKind::Refused));
}

#[test]
fn refusals_are_told_apart_by_status_and_words() {
    use ErrorKind::*;
    let right = |name: &str| NoRight { right: Some(name.to_owned()) };
    for (status, message, expected) in [
        (403, "You do not have permissions to use the API", BadToken),
        (401, "whatever", BadToken),
        (403, "You do not have API Import/Update privileges", right("API Import/Update")),
        (403, "You do not have Delete Record privileges", right("Delete Records")),
        (
            400,
            "Insufficient user privileges: You must have 'API Export' privileges and 'Data Access Groups' privileges in the project.",
            right("Data Access Groups"),
        ),
        (403, "You do not have API Export privileges", right("API Export")),
        (403, "No rights", NoRight { right: None }),
        (
            403,
            "The API request cannot complete because report_id=1 does not belong to this project.",
            Refused,
        ),
        (400, "You cannot export arms for classic projects", NotHere),
        (400, "You cannot export form/event mappings for classic projects", NotHere),
        (
            400,
            "You cannot export repeating instruments and events because the project does not contain any repeating instruments and events",
            NotHere,
        ),
        (400, "The REDCap project no longer exists because it was deleted.", Refused),
        (
            400,
            "The File Repository folder folder_id=99 does not exist or else you do not have permission to that folder because it is DAG-restricted or Role-restricted.",
            Refused,
        ),
        (400, "The value of the parameter \"content\" is not valid", NotSupported),
        (501, "The requested method is not implemented.", NotSupported),
        (400, MEMORY, OutOfMemory),
        (500, MEMORY, OutOfMemory),
        (500, "something", ServerBusy),
    ] {
        let json = serde_json::json!({ "error": message }).to_string();
        let csv = format!("ERROR: {message}");
        let xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?><hash><error>{message}</error></hash>");
        for (body, shape) in [(json, Shape::Json), (csv, Shape::Csv), (xml, Shape::Xml)] {
            let error = judge(status, "", body.as_bytes(), shape, TITLE).unwrap_err();
            assert_eq!(error.kind, expected, "{status} {body}");
            assert_eq!((error.server_text.as_str(), error.status), (message, Some(status)));
        }
    }
}

#[test]
fn answers_of_others_than_redcap_are_not_blamed_on_the_token() {
    use ErrorKind::*;
    for (status, body, expected) in [
        (403, "<html>403 Forbidden</html>", Blocked),
        (403, "Forbidden", Blocked),
        (403, "", Blocked),
        (403, "You do not have permissions to use the API", BadToken),
        (400, "The data is not in the specified format.", Refused),
        (400, "<html>Bad Request</html>", NotRedcap),
        (401, "<html>Unauthorized</html>", NotRedcap),
        (404, "<html>Not Found</html>", NotRedcap),
        (404, "", NotRedcap),
        (405, "Method Not Allowed", NotRedcap),
        (407, "", Proxy),
        (411, "<html></html>", NotRedcap),
        (413, "<html></html>", RequestTooLarge),
        (408, "", ServerBusy),
        (429, "slow down", ServerBusy),
        (500, "<html></html>", ServerBusy),
        (502, "<html></html>", ServerBusy),
        (503, "", ServerBusy),
        (504, "<html>Gateway Time-out</html>", ServerBusy),
        (300, "", NotRedcap),
    ] {
        assert_eq!(kind(status, body, Shape::Json), Some(expected), "{status} {body}");
    }
}

#[test]
fn a_token_in_an_error_is_hidden() {
    let token = "0123456789ABCDEF0123456789ABCDEF";
    let body = format!("{{\"error\":\"The token {token} is bad\"}}");
    let error = judge(400, "", body.as_bytes(), Shape::Json, TITLE).unwrap_err();
    assert_eq!(error.server_text, "The token •••• is bad");
}

#[test]
fn broken_data_is_not_repeated_in_the_error() {
    let error = judge(200, "", br#"[{"name":"Nutmeg"},{"name":"#, Shape::Json, TITLE).unwrap_err();
    assert!(!format!("{error:?}").contains("Nutmeg"), "{error:?}");
}

#[test]
fn xml_messages_are_read_with_and_without_cdata() {
    let wrapped =
        |inner: &str| error_message(&format!("<?xml version=\"1.0\"?>\n<hash><error>{inner}</error></hash>"));
    assert_eq!(wrapped("a &amp; b").as_deref(), Some("a & b"));
    assert_eq!(wrapped("<![CDATA[a b]]>").as_deref(), Some("a b"));
    assert_eq!(error_message("\u{feff}error: x").as_deref(), Some("x"));
    assert_eq!(error_message("errors"), None);
    assert_eq!(error_message(r#"{ "error": {"x":1}}"#).as_deref(), Some(r#"{"x":1}"#));
}

#[test]
fn the_shape_follows_the_method_and_its_format() {
    let shape = |content, action, format: &str| {
        shape_of(&Request::find(content, action).unwrap().set("format", format.to_owned()))
    };
    assert_eq!(shape("metadata", Action::Export, "json"), Shape::Json);
    assert_eq!(shape("metadata", Action::Export, "csv"), Shape::Csv);
    assert_eq!(shape("metadata", Action::Export, ""), Shape::Xml);
    assert_eq!(shape("version", Action::Export, ""), Shape::Text);
    assert_eq!(shape("surveyLink", Action::Export, ""), Shape::Text);
    assert_eq!(shape("file", Action::Export, ""), Shape::File);
    assert_eq!(shape("pdf", Action::Export, ""), Shape::File);
    assert_eq!(shape("project_xml", Action::Export, ""), Shape::Xml);
    assert_eq!(shape("record", Action::Import, "json"), Shape::Receipt);
    assert_eq!(shape("fileRepository", Action::List, "json"), Shape::Json);
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(
        status in 100_u16..600,
        body in prop::collection::vec(any::<u8>(), 0..200),
        text in "(<|\\{\"error\"|ERROR:|<hash><error>|\u{feff})?\\PC*",
        shape in prop::sample::select(vec![Shape::Json, Shape::Csv, Shape::Xml, Shape::Text, Shape::File, Shape::Receipt]),
    ) {
        let _ = judge(status, "text/html", &body, shape, TITLE);
        let _ = judge(status, "text/html", text.as_bytes(), shape, TITLE);
    }

    #[test]
    fn a_list_that_is_cut_off_is_never_a_success(cut in 1_usize..60) {
        let whole = r#"[{"record_id":"1","age":"40"},{"record_id":"2","age":"\u00e9"}]"#;
        prop_assume!(cut < whole.len());
        prop_assert_eq!(kind(200, &whole[..cut], Shape::Json), Some(ErrorKind::Incomplete));
    }
}

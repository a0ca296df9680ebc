//! Class B and C: calls that would write, but name what cannot be. The right is checked first, and then
//! the server refuses them whatever the right (`redcap-permissions.md` §5.1, §6.4).

use super::Told;
use super::probe::Probes;
use crate::api::catalogue::Action;
use crate::api::request::Request;
use crate::domain::access_test::doctor::Group;
use crate::store::files::random_hex;

/// Makes the calls that are safe here. Returns why others were not made.
pub(super) async fn run(probes: &mut Probes<'_>, told: &Told, write_access: bool) -> String {
    let (Some(info), Some(dictionary)) = (&told.info, &told.dictionary) else {
        return "The project could not be read, so it is not known what would be safe.".into();
    };
    if info.in_production && !write_access {
        return "The project is in production and write access is not switched on for it.".into();
    }
    let Ok(random) = random_hex(9) else {
        return "No random name could be made.".into();
    };
    let mut field = "capscope_probe_no_such_field".to_owned();
    while dictionary.field(&field).is_some() {
        field.push_str("_x");
    }
    let data = format!("[{{\"{field}\":\"1\"}}]");
    send(probes, Request::find("record", Action::Import).map(|r| r.json().set("data", data))).await;
    // Whoever sees all names can tell that a name does not exist. Nobody else can.
    let sees_all = matches!(told.doctor.group, Group::Sees | Group::NoGroups);
    let Some(ids) = told.ids.as_ref().filter(|_| sees_all && !told.doctor.hashed) else {
        return "The token may not see all records, so that a record does not exist cannot be proven.".into();
    };
    let (absent, other) = (format!("capscope-probe-{random}"), format!("capscope-probe-{random}-new"));
    if ids.iter().any(|id| *id == absent || *id == other) {
        return "The made-up name exists.".into();
    }
    let delete = Request::find("record", Action::Delete);
    send(probes, delete.map(|r| r.json().set_list("records", [absent.clone()]))).await;
    let rename = Request::find("record", Action::Rename);
    send(probes, rename.map(|r| r.json().set("record", absent).set("new_record_name", other))).await;
    "Its answer would not tell more than the other calls did.".into()
}

/// Class C: randomizes a record that is proven not to exist, by a randomization that cannot be.
/// Returns why it was not sent.
pub(super) async fn randomize(probes: &mut Probes<'_>, told: &Told, write_access: bool) -> String {
    let Some(info) = &told.info else {
        return "The project could not be read, so it is not known what would be safe.".into();
    };
    if info.in_production && !write_access {
        return "The project is in production and write access is not switched on for it.".into();
    }
    if !info.randomization_enabled {
        return "Randomization is not switched on in this project.".into();
    }
    let sees_all = matches!(told.doctor.group, Group::Sees | Group::NoGroups);
    let Some(ids) = told.ids.as_ref().filter(|_| sees_all && !told.doctor.hashed) else {
        return "The token may not see all records, so that a record does not exist cannot be proven.".into();
    };
    let Ok(random) = random_hex(9) else {
        return "No random name could be made.".into();
    };
    let absent = format!("capscope-probe-{random}");
    if ids.contains(&absent) {
        return "The made-up name exists.".into();
    }
    let request = Request::find("record", Action::Randomize);
    send(probes, request.map(|r| r.json().set("record", absent).set("randomization_id", "0"))).await;
    "There was no answer to it.".into()
}

async fn send(probes: &mut Probes<'_>, request: Option<Request>) {
    if let Some(request) = request {
        let call = request.clone();
        probes.ask(Some(request), probes.api.call(&call), |_| String::new()).await;
    }
}

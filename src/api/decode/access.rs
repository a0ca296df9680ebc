//! Users, roles, Data Access Groups and who is in which (`redcap-permissions.md` §1.2-1.5).

use super::row::{Row, number_of, rows_with, text_of};
use crate::domain::rights::{Dag, DagAssignment, Rights, Role, RoleAssignment, User};
use serde_json::Value;

/// `content=user`.
pub fn users(text: &str) -> Result<Vec<User>, String> {
    Ok(rows_with(text, "username")?
        .into_iter()
        .map(|mut row| {
            let mut take = |key: &str| row.take(key).as_ref().map(text_of).unwrap_or_default();
            let username = take("username");
            let email = take("email");
            let firstname = take("firstname");
            let lastname = take("lastname");
            let expiration = take("expiration");
            let dag = take("data_access_group");
            // The display name is that of `content=dag`.
            take("data_access_group_label");
            let dag_id = take("data_access_group_id").trim().parse().ok();
            User { username, email, firstname, lastname, expiration, dag, dag_id, rights: rights(row) }
        })
        .collect())
}

/// `content=userRole`.
pub fn roles(text: &str) -> Result<Vec<Role>, String> {
    Ok(rows_with(text, "unique_role_name")?
        .into_iter()
        .map(|mut row| {
            let mut take = |key: &str| row.take(key).as_ref().map(text_of).unwrap_or_default();
            Role { unique_name: take("unique_role_name"), label: take("role_label"), rights: rights(row) }
        })
        .collect())
}

/// `content=userRoleMapping`.
pub fn role_assignments(text: &str) -> Result<Vec<RoleAssignment>, String> {
    let rows = rows_with(text, "username")?;
    Ok(rows
        .iter()
        .map(|r| RoleAssignment { username: r.text("username"), role: r.text("unique_role_name") })
        .collect())
}

/// `content=dag`.
pub fn dags(text: &str) -> Result<Vec<Dag>, String> {
    let rows = rows_with(text, "unique_group_name")?;
    Ok(rows
        .iter()
        .map(|r| Dag {
            name: r.text("data_access_group_name"),
            unique_name: r.text("unique_group_name"),
            id: r.number("data_access_group_id"),
        })
        .collect())
}

/// `content=userDagMapping`.
pub fn dag_assignments(text: &str) -> Result<Vec<DagAssignment>, String> {
    let rows = rows_with(text, "username")?;
    Ok(rows
        .iter()
        .map(|r| DagAssignment { username: r.text("username"), dag: r.text("redcap_data_access_group") })
        .collect())
}

/// The rights that are left in a row: all numbers, and the two maps. Unknown keys are kept.
fn rights(mut row: Row) -> Rights {
    let forms = row.take("forms").map(|v| codes(&v)).unwrap_or_default();
    let forms_export = row.take("forms_export").map(|v| codes(&v)).unwrap_or_default();
    let flags = row.iter().filter_map(|(key, value)| Some((key.to_owned(), number_of(value)?))).collect();
    Rights { flags, forms, forms_export }
}

/// A map of instruments to codes: an object, or `demographics:1,visit:130` as in CSV. An empty
/// map may come as `[]`.
fn codes(value: &Value) -> Vec<(String, i64)> {
    match value {
        Value::Object(map) => map.iter().filter_map(|(k, v)| Some((k.clone(), number_of(v)?))).collect(),
        Value::String(text) => text
            .split(',')
            .filter_map(|part| {
                let (form, code) = part.split_once(':')?;
                Some((form.trim().to_owned(), code.trim().parse().ok()?))
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::rights::{EntryRight, ExportRight};

    #[test]
    fn users_are_read_with_both_codings_and_unknown_keys() {
        let users = users(
            r#"[{"username":"alice","email":"alice@example.org","firstname":"Al","lastname":"Ice","expiration":"",
            "data_access_group":"site_a","data_access_group_id":331,"data_access_group_label":"Site-A","design":0,
            "user_rights":2,"logging":"1","from_the_future":4,"api_export":1,"lock_records":0,
            "forms":{"demographics":1,"visit":130},"forms_export":{"demographics":"1","gone":2}},
            {"username":"bob","data_access_group_id":"","forms":"demographics:3,visit:128","forms_export":[]}]"#,
        )
        .unwrap();
        let alice = &users[0];
        assert_eq!((alice.dag.as_str(), alice.dag_id), ("site_a", Some(331)));
        assert_eq!((alice.rights.get("user_rights"), alice.rights.get("from_the_future")), (2, 4));
        assert!(alice.rights.has("logging") && !alice.rights.has("design"));
        assert!(
            !alice.rights.flags.contains_key("email")
                && !alice.rights.flags.contains_key("data_access_group_id")
        );
        assert_eq!(alice.rights.forms, [("demographics".into(), 1), ("visit".into(), 130)]);
        assert_eq!(alice.rights.export_of("demographics"), Some(ExportRight::FullDataSet));
        let bob = &users[1];
        assert_eq!((bob.dag_id, bob.rights.entry_of("visit")), (None, Some(EntryRight::NoAccess)));
        assert!(bob.rights.forms_export.is_empty());
    }

    #[test]
    fn roles_groups_and_assignments_are_read() {
        // The flags of roles are strings on real servers (redcap-wire.md).
        let roles = roles(
            r#"[{"unique_role_name":"U-527D39JXAC","role_label":"Data Entry","design":"0","api_export":"1",
            "forms":{"demographics":"1"},"forms_export":{"demographics":"2"}}]"#,
        )
        .unwrap();
        assert_eq!((roles[0].label.as_str(), roles[0].rights.get("api_export")), ("Data Entry", 1));
        assert_eq!(roles[0].rights.export_of("demographics"), Some(ExportRight::DeIdentified));
        let a = role_assignments(r#"[{"username":"alice","unique_role_name":null,"data_access_group":""}]"#)
            .unwrap();
        assert_eq!(a[0].role, "");
        let d = dags(r#"[{"data_access_group_name":"Site-A","unique_group_name":"sitea"}]"#).unwrap();
        assert_eq!((d[0].unique_name.as_str(), d[0].id), ("sitea", None));
        let u = dag_assignments(r#"[{"username":"alice","redcap_data_access_group":"sitea"}]"#).unwrap();
        assert_eq!(u[0].dag, "sitea");
    }
}

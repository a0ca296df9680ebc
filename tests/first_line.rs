//! What the first line says of a project whose answers are still on the way.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod support;

use capscope::app::open::Open;
use support::{model, noon, picture, saved};

#[test]
fn a_demo_project_that_is_not_read_yet_is_never_said_to_be_writable() {
    let mut model = model();
    let project = saved("demo-101-0", "BREATHE");
    model.open = Some(Open { source: None, ..Open::new(project, true) });
    let first = |model: &capscope::app::Model| picture(model).lines().next().unwrap().to_owned();
    assert!(first(&model).contains("[READ-ONLY]"), "{}", first(&model));
    let open = model.open.as_mut().unwrap();
    open.metadata = support::metadata();
    open.metadata.info.in_production = false;
    open.source = Some(capscope::jobs::types::Source::Server(noon()));
    assert!(first(&model).contains("[WRITE ACCESS]"), "{}", first(&model));
    model.open.as_mut().unwrap().metadata.info.in_production = true;
    assert!(first(&model).contains("[READ-ONLY]"), "{}", first(&model));
}

#[test]
fn users_that_could_not_be_read_are_not_said_to_be_read() {
    use capscope::domain::project::Readable;
    let mut model = model();
    let open = model.open.as_mut().unwrap();
    open.access_at = Some(noon());
    open.access_asked = true;
    open.metadata.access.users = Readable::NoRight("no".into());
    support::press(&mut model, "4");
    model.notice = None;
    let screen = picture(&model);
    assert!(screen.contains("asked for the users") && !screen.contains("Users read from"), "{screen}");
}

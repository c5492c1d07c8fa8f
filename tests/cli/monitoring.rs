//! A publication that failed is told: by the exit status, and by a file for monitoring.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt};

use crate::place::{Place, Run, issuer_program};

const FILE: &str = "vernet.prom";

/// The values in the file.
fn metrics(place: &Place) -> BTreeMap<String, u64> {
    let text = place.read(FILE);
    let values = text.lines().filter(|line| !line.starts_with('#'));
    let value = |line: &str| {
        let (name, value) = line.split_once(' ').expect("a name and a value");
        let name = name.strip_prefix("vernet_publish_").expect("one of ours");
        (name.to_owned(), value.parse().expect("a number"))
    };
    values.map(value).collect()
}

fn publish(place: &Place, out: &str) -> Run {
    // As cron runs it.
    let command = r#"umask 077; exec "$0" publish --out "$1" --metrics vernet.prom"#;
    let mut shell = place.command("sh".as_ref());
    Run::of(shell.args(["-c", command]).arg(issuer_program()).arg(out))
}

#[test]
fn monitoring_sees_what_became_of_a_publication() {
    let place = Place::with_demo();
    let answer = publish(&place, "demo/publication").done().stdout;
    let good = metrics(&place);
    assert_eq!((good["last_run_success"], good["certificates"]), (1, 1));
    assert_eq!(good["last_run_timestamp_seconds"], good["last_success_timestamp_seconds"]);
    let (_, until) = answer.split_once("good until ").expect("it is told");
    let until: vernet_common::NumericDate =
        until.split(',').next().expect("an instant").parse().expect("an instant");
    assert_eq!(good["good_until_timestamp_seconds"], until.seconds().unsigned_abs());
    let mode = fs::metadata(place.path(FILE)).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode, 0o644, "another user's exporter reads it");

    // Somebody has put something into the folder.
    place.write("demo/publication/notes.txt", "");
    publish(&place, "demo/publication").refused("folder_not_ours");
    let failed = metrics(&place);
    assert_eq!(failed["last_run_success"], 0);
    assert_eq!(failed["last_run_error{code=\"folder_not_ours\"}"], 1);
    for kept in ["last_success_timestamp_seconds", "good_until_timestamp_seconds", "certificates"] {
        assert_eq!(failed[kept], good[kept], "{kept}");
    }
    fs::remove_file(place.path("demo/publication/notes.txt")).expect("it is there");
    publish(&place, "demo/publication").done();
    assert_eq!(metrics(&place)["last_run_success"], 1);
    assert!(!place.read(FILE).contains("last_run_error"), "it is over");
}

#[test]
fn an_office_that_cannot_be_opened_is_seen_too() {
    let mut place = Place::with_demo();
    place.set("VERNET_OFFICE", "no-office");
    publish(&place, "demo/publication").refused("no_office");
    let found = metrics(&place);
    assert_eq!(found["last_run_error{code=\"no_office\"}"], 1);
    assert_eq!(found["last_success_timestamp_seconds"], 0, "never, so alarms about its age ring");
}

#[test]
fn a_publication_that_monitoring_cannot_see_is_no_success() {
    let mut place = Place::with_demo();
    place.set("VERNET_PUBLISH_METRICS", "no-folder/vernet.prom");
    let done = place.issuer(&["publish", "--out", "demo/publication"]);
    done.refused("file_not_written");
    assert!(done.stderr.contains("the lists ARE published"), "{done:?}");
    place.write("demo/publication/notes.txt", "");
    let failed = place.issuer(&["publish", "--out", "demo/publication"]);
    failed.refused("folder_not_ours");
    assert!(failed.stderr.contains("monitoring does not see this failure"), "{failed:?}");
}

/// What is published is for everybody, whatever the umask of the job was (case a29).
#[test]
fn a_job_with_a_narrow_umask_publishes_what_a_web_server_can_read() {
    let place = Place::with_demo();
    publish(&place, "served").done();
    let mode =
        |name: &str| fs::metadata(place.path(name)).expect("there").permissions().mode() & 0o777;
    for folder in ["served", "served/status", "served/log", "served/.well-known"] {
        assert_eq!(mode(folder), 0o755, "{folder}");
    }
    for file in ["served/bundle.json", "served/status/1", "served/log/checkpoint"] {
        assert_eq!(mode(file), 0o644, "{file}");
    }
}

/// The command of the unit, with a test folder in place of the system's. What the unit calls when
/// it fails is there.
#[test]
fn the_unit_publishes_and_tells_when_it_could_not() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/systemd");
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
    let unit = read("vernet-publish.service");
    let value = |name: &str| {
        let lines = unit.lines();
        lines.filter_map(|line| line.strip_prefix(name)).next().expect(name).to_owned()
    };
    let place = Place::with_demo();
    let command = value("ExecStart=/usr/local/bin/vernet-issuer ")
        .replace("/srv/www/publication", "demo/publication")
        .replace("/var/lib/prometheus/node-exporter/", "");
    place.issuer(&command.split(' ').collect::<Vec<_>>()).done();
    assert_eq!(metrics(&place)["last_run_success"], 1);

    let tell = read(&value("OnFailure="));
    assert!(tell.contains("mail -s") && tell.contains("vernet.prom"), "{tell}");
    assert!(read("vernet-publish.timer").contains("OnCalendar=hourly"));
}

//! `--since`: what a job reports each morning.

use vernet_common::Status;

use super::Ward;
use crate::hospital::FILES;

const MORNING: [&str; 4] = ["--since", "last.json", "--out", "last.json"];

#[test]
fn a_job_that_keeps_its_report_in_one_file_tells_each_change_once() {
    let mut ward = Ward::new();
    let [kari, ola] = [(1, "Kari"), (2, "Ola")].map(|(n, name)| ward.person(n, name, "Nordmann"));
    ward.hospital
        .write("staff.csv", format!("staff_id,certificate\n1,{}\n2,{}\n", kari.text(), ola.text()));
    let first = ward.check("staff.csv", &MORNING).done();
    assert!(first.stderr.contains("no earlier report yet"), "{first:?}");
    let quiet = ward.check("staff.csv", &MORNING).done();
    assert_eq!((quiet.stdout.lines().count(), quiet.stderr.as_str()), (2, ""), "{quiet:?}");
    assert!(quiet.stdout.contains("no changes since"), "{quiet:?}");

    ward.set(&kari, Status::Suspended);
    let told = ward.check("staff.csv", &MORNING);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.stdout.contains("Kari Nordmann") && !told.stdout.contains("Ola"), "{told:?}");
    let quiet = ward.check("staff.csv", &MORNING).done();
    assert!(
        quiet.stdout.starts_with("staff.csv: 2 rows, 1 needs attention\n  no changes"),
        "{quiet:?}"
    );
    assert_eq!(ward.check("staff.csv", &[]).code, Some(1), "without `--since` she still counts");

    ward.set(&kari, Status::Valid);
    let lifted = ward.check("staff.csv", &MORNING).done();
    assert!(lifted.stdout.contains("suspension lifted"), "{lifted:?}");
}

#[test]
fn stale_lists_are_an_alarm_every_morning() {
    let mut ward = Ward::new();
    let kari = ward.person(1, "Kari", "Nordmann").text();
    ward.hospital.write("staff.csv", format!("staff_id,certificate\n1,{kari}\n"));
    ward.check("staff.csv", &MORNING).done();
    ward.at = "2026-11-24T10:00:00Z".into();
    for _ in 0..2 {
        let run = ward.check("staff.csv", &MORNING);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.stdout.contains("run `vernet-verifier sync`"), "{run:?}");
    }
    // The hospital may accept older lists.
    ward.check("staff.csv", &["--max-status-age", "72"]).done();
}

#[test]
fn what_runs_out_is_told_once_and_is_no_alarm_otherwise() {
    let ward = Ward::new();
    let nils = ward.person(1, "Nils", "Li").expiring("2026-12-31").text();
    ward.hospital.write("staff.csv", format!("staff_id,certificate\n1,{nils}\n"));
    ward.check("staff.csv", &MORNING).done();
    let more: Vec<&str> = [&MORNING[..], &["--expiring", "60"]].concat();
    let told = ward.check("staff.csv", &more);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.stdout.contains("expires soon") && told.stdout.contains("2026-12-30"), "{told:?}");
    ward.check("staff.csv", &more).done();
    let whole = ward.check("staff.csv", &["--expiring", "60"]).done();
    assert!(whole.stdout.contains("EXPIRES WITHIN 60 DAYS"), "{whole:?}");
}

#[test]
fn an_earlier_report_that_cannot_be_read_is_not_replaced() {
    let ward = Ward::with_a_staff();
    ward.check("staff.csv", &["--out", "good.json"]);
    let newer = ward.read("good.json").replacen("\"version\":1", "\"version\":2", 1);
    for (damaged, code) in [
        ("{", "roster_last_unreadable"),
        ("", "roster_last_unreadable"),
        (&newer, "roster_last_version"),
    ] {
        ward.hospital.write("last.json", damaged);
        let run = ward.check("staff.csv", &MORNING);
        run.failed(code);
        assert!(run.stderr.contains("last.json"), "{run:?}");
        assert_eq!(ward.read("last.json"), damaged);
    }
}

#[test]
fn what_cannot_run_is_neither_good_nor_bad_news() {
    let ward = Ward::with_a_staff();
    ward.check("nobody.csv", &[]).failed("nobody.csv");
    ward.hospital.write("empty.csv", "staff_id,certificate\n");
    ward.check("empty.csv", &[]).failed("roster_empty");
    ward.check("staff.csv", &["--format", "pdf"]).failed("--format");
    ward.hospital.write("headless.csv", "Kari Nordmann,9144889\n");
    ward.check("headless.csv", &["--since", "last.json", "--out", "last.json"])
        .failed("roster_column_missing");
    assert!(!ward.hospital.path("last.json").exists());
    let without_roots = ["roster", "check", "staff.csv", "--publication", "publication"];
    ward.hospital.run(&without_roots).failed("not pinned");
    ward.hospital.run(&["roster", "check", "staff.csv"]).failed("no root keys are pinned");
    assert_eq!(FILES[0], "--roots");
}

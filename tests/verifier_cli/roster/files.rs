//! Certificates in files: named in a table, or collected in a folder.

use std::{
    fs,
    os::unix::{fs::PermissionsExt, net::UnixListener},
};

use super::Ward;
use crate::{
    pdf::{letter, scan},
    picture::{jpeg, picture, png},
};

const CERTIFICATE: &str = "application/dc+sd-jwt";

#[test]
fn certificates_are_read_from_every_kind_of_file_and_from_the_table() {
    let ward = Ward::new();
    let kari = ward.person(1, "Kari", "Nordmann");
    let (text, link) = (kari.text(), ward.hospital.office.link());
    let hospital = &ward.hospital;
    fs::create_dir(hospital.path("sub")).expect("a new folder can be made");
    hospital.write("sub/a.txt", text.as_str().to_owned() + "\n");
    hospital.write("b.url", &link);
    hospital.write("c.png", png(&picture(&[&link])));
    hospital.write("d.jpg", jpeg(&picture(&[&link])));
    hospital.write("e.pdf", letter(&[(CERTIFICATE, &text)]));
    hospital.write("f.pdf", scan(&jpeg(&picture(&[&link]))));
    let digits = link.split_once('#').expect("digits").1;
    let broken: String = text
        .chars()
        .enumerate()
        .map(|(n, c)| if n % 70 == 69 { format!("{c}\n") } else { c.into() })
        .collect();
    for cell in
        ["sub/a.txt", "./b.url", "c.png", "d.jpg", "e.pdf", "f.pdf", &text, &link, digits, &broken]
    {
        hospital.write("staff.csv", format!("name,certificate\n,\"{cell}\"\n"));
        assert_eq!(ward.codes("staff.csv")[0].1, ["authorised"], "{}", &cell[..20.min(cell.len())]);
    }
    // From another working folder: the files are beside the table, or where `--files` says.
    hospital.write("staff.csv", "name,certificate\n,sub/a.txt\n");
    hospital.write("sub/staff.csv", "name,certificate\n,sub/a.txt\n");
    let path = |name: &str| hospital.path(name).to_str().expect("UTF-8").to_owned();
    let (roots, publication) = (path("roots.json"), path("publication"));
    let run = |table: &str, more: &[&str]| {
        let table = path(table);
        let arguments = [
            "roster",
            "check",
            &table,
            "--at",
            &ward.at,
            "--roots",
            &roots,
            "--publication",
            &publication,
            "--json",
        ];
        let output = hospital
            .command(&[&arguments[..], more].concat())
            .current_dir("/")
            .output()
            .expect("the program starts");
        output.status.code()
    };
    assert_eq!(run("staff.csv", &[]), Some(0));
    assert_eq!(run("sub/staff.csv", &[]), Some(1));
    assert_eq!(run("sub/staff.csv", &["--files", &path("")]), Some(0));
}

#[test]
fn files_that_give_no_certificate_have_their_codes() {
    let ward = Ward::new();
    let [kari, ola] =
        [(1, "Kari"), (2, "Ola")].map(|(n, name)| ward.person(n, name, "Nordmann").text());
    let hospital = &ward.hospital;
    fs::create_dir(hospital.path("folder")).expect("a new folder can be made");
    let _socket = UnixListener::bind(hospital.path("socket")).expect("a socket can be made");
    hospital.write("two.pdf", letter(&[(CERTIFICATE, &kari), (CERTIFICATE, &ola)]));
    hospital.write("none.pdf", letter(&[]));
    hospital.write("none.png", png(&picture(&[])));
    hospital.write("binary", [0xff, 0x01, 0x00]);
    let huge = fs::File::create(hospital.path("huge.png")).expect("a new file");
    huge.set_len((24 << 20) + 1).expect("a file may have a hole");
    let roots = hospital.path("roots.json").to_str().expect("UTF-8").to_owned();
    let digits = "9".repeat(300);
    for (cell, code) in [
        ("", "certificate_missing"),
        ("missing.pdf", "file_missing"),
        ("roots.json/x", "file_missing"),
        ("has none yet", "file_missing"),
        ("../roots.json", "file_outside"),
        ("folder/../../roots.json", "file_outside"),
        (&roots, "file_outside"),
        ("folder", "file_unreadable"),
        ("socket", "file_unreadable"),
        ("huge.png", "file_unreadable"),
        ("two.pdf", "several_certificates"),
        ("none.pdf", "unreadable"),
        ("none.png", "unreadable"),
        ("binary", "unreadable"),
        ("eyJ", "malformed"),
        (&digits, "malformed"),
        ("https://files.example.no/kari.pdf", "malformed"),
        ("file:///etc/passwd", "malformed"),
    ] {
        hospital.write("staff.csv", format!("name,certificate\nKari,{cell}\n"));
        assert_eq!(ward.codes("staff.csv"), [("Kari".to_owned(), vec![code.to_owned()])], "{cell}");
        assert_eq!(ward.check("staff.csv", &[]).code, Some(1), "{cell}");
    }
}

#[test]
fn a_folder_is_a_roster_of_all_its_files() {
    let ward = Ward::new();
    let [kari, ola] =
        [(1, "Kari"), (2, "Ola")].map(|(n, name)| ward.person(n, name, "Nordmann").text());
    let hospital = &ward.hospital;
    for folder in ["all", "all/ward", "all/.hidden"] {
        fs::create_dir(hospital.path(folder)).expect("a new folder can be made");
    }
    hospital.write("all/ward/kari.jwt", &kari);
    hospital.write("all/both.pdf", letter(&[(CERTIFICATE, &kari), (CERTIFICATE, &ola)]));
    hospital.write("all/notes.txt", "buy milk");
    hospital.write("all/empty", "");
    hospital.write("all/.DS_Store", "x");
    hospital.write("all/.hidden/x.jwt", "x");
    std::os::unix::fs::symlink("nowhere", hospital.path("all/link")).expect("a link can be made");
    std::os::unix::fs::symlink("..", hospital.path("all/ring")).expect("a link can be made");
    let expected: [(&str, &[&str]); 7] = [
        ("both.pdf, certificate 1 of 2", &["authorised"]),
        ("both.pdf, certificate 2 of 2", &["authorised"]),
        ("empty", &["unreadable"]),
        ("link", &["file_missing"]),
        ("notes.txt", &["malformed"]),
        ("ring", &["file_unreadable"]),
        ("ward/kari.jwt", &["certificate_repeated"]),
    ];
    let expected = expected.map(|(name, codes)| {
        (name.to_owned(), codes.iter().map(|code| (*code).to_owned()).collect())
    });
    assert_eq!(ward.codes("all"), expected);
    let run = ward.check("all", &[]);
    assert!(run.stdout.contains("names and birth dates were not compared"), "{run:?}");
    fs::create_dir(hospital.path("none")).expect("a new folder can be made");
    ward.check("none", &[]).failed("roster_empty");
}

#[test]
fn a_report_is_written_in_one_step_for_its_owner_alone() {
    let ward = Ward::with_a_staff();
    for (file, begins) in [
        ("r.csv", "\u{feff}row,"),
        ("r.json", "{\"format\""),
        ("r.html", "<!DOCTYPE"),
        ("r.txt", "staff.csv: 9 rows"),
    ] {
        ward.hospital.write(file, "old");
        let run = ward.check("staff.csv", &["--out", file]);
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(ward.read(file).starts_with(begins), "{file}");
        assert!(run.stdout.starts_with("staff.csv: 9 rows, 6 need attention"), "{}", run.stdout);
        assert!(!run.stdout.contains("Kari"), "the summary names nobody: {}", run.stdout);
        let mode = fs::metadata(ward.hospital.path(file)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    // `--format` counts, whatever the file is called.
    ward.check("staff.csv", &["--out", "r.csv", "--format", "json"]);
    assert!(ward.read("r.csv").starts_with('{'));
    ward.check("staff.csv", &["--out", "no-folder/r.csv"]).failed("no-folder/r.csv");
    let left: Vec<_> =
        fs::read_dir(ward.hospital.path("")).expect("a folder").filter_map(Result::ok).collect();
    assert!(
        left.iter().all(|entry| !entry.file_name().to_string_lossy().starts_with(".tmp")),
        "{left:?}"
    );
}

#[test]
fn a_report_never_replaces_the_roster() {
    let ward = Ward::with_a_staff();
    let before = ward.read("staff.csv");
    std::os::unix::fs::symlink(ward.hospital.path("staff.csv"), ward.hospital.path("alias.csv"))
        .expect("a link");
    for (roster, out) in [
        ("staff.csv", "staff.csv"),
        ("staff.csv", "./files/../staff.csv"),
        ("staff.csv", "alias.csv"),
        ("files", "files/report.html"),
    ] {
        ward.check(roster, &["--out", out]).failed("in the roster itself");
        ward.check(roster, &["--since", out]).failed("in the roster itself");
    }
    assert_eq!(ward.read("staff.csv"), before);
}

#[test]
fn a_table_on_standard_input() {
    let ward = Ward::new();
    let table =
        format!("name;certificate\nKari Nordmann;{}\n", ward.person(1, "Kari", "Nordmann").text());
    ward.hospital.publish();
    let run = ward.hospital.run_with(&ward.arguments("-", &[]), table.as_bytes()).done();
    assert!(run.stdout.starts_with("standard input: 1 row, nobody needs attention"), "{run:?}");
}

//! Every format, compared with a file (except for line ends, which another test checks).
//! `SNAPSHOTS=overwrite` writes the files again: review them before you trust them.

use std::path::Path;

use snapbox::{Assert, Data, IntoData};

use super::Ward;
use crate::terminal::{NASTY, assert_clean, on_a_terminal};

#[track_caller]
fn assert_snapshot(actual: &str, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/verifier_cli/roster/reports")
        .join(file);
    // The style is checked in a browser, not here.
    let style = actual.find("<style>").zip(actual.find("</style>"));
    let actual = style
        .map_or(actual.to_owned(), |(from, to)| format!("{}{}", &actual[..from], &actual[to..]));
    let expected = Data::read_from(&path, Some(snapbox::data::DataFormat::Text));
    Assert::new().action_env("SNAPSHOTS").eq(actual.into_data().raw(), expected.raw());
}

#[test]
fn each_format_of_the_report() {
    let ward = Ward::with_a_staff();
    for (format, file) in [
        ("table", "staff.txt"),
        ("csv", "staff.csv"),
        ("json", "staff.json"),
        ("html", "staff.html"),
    ] {
        let run = ward.check("staff.csv", &["--format", format]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{run:?}");
        assert_snapshot(&run.stdout, file);
    }
    let run = ward.check("staff.csv", &["--json"]);
    assert_snapshot(&run.stdout, "staff.json");
}

#[test]
fn each_format_of_the_changes() {
    let mut ward = Ward::with_a_staff();
    ward.check("staff.csv", &["--out", "last.json"]);
    let kari = ward.person(1, "Kari", "Nordmann");
    ward.set(&kari, vernet_common::Status::Suspended);
    let staff = ward.read("staff.csv");
    // Marie has left, and Nils has a new certificate.
    let rows: Vec<_> =
        staff.split_inclusive("\r\n").filter(|row| !row.starts_with("106")).collect();
    let nils = ward.person(4, "Nils", "Li").reissued(9).text();
    ward.hospital.write("staff.csv", rows.concat().replace("files/nils.png", &nils));
    for (format, file) in [
        ("table", "changes.txt"),
        ("csv", "changes.csv"),
        ("json", "changes.json"),
        ("html", "changes.html"),
    ] {
        let run = ward.check("staff.csv", &["--format", format, "--since", "last.json"]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""), "{run:?}");
        assert_snapshot(&run.stdout, file);
    }
}

#[test]
fn a_table_for_people_fits_the_screen() {
    let ward = Ward::with_a_staff();
    let run = ward.check("staff.csv", &[]);
    let widest = run.stdout.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(100), "{widest:?}");
    let long = "a".repeat(300);
    ward.hospital.write("long.csv", format!("name,certificate\n{long},x\n"));
    let run = ward.check("long.csv", &[]);
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 100), "{}", run.stdout);
}

#[test]
fn csv_is_read_back_by_another_program() {
    let ward = Ward::with_a_staff();
    let run = ward.check("staff.csv", &["--format", "csv"]);
    let text = run.stdout.strip_prefix('\u{feff}').expect("the mark by which Excel knows UTF-8");
    assert!(text.ends_with("\r\n"), "RFC 4180");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").clone();
    let column = |name: &str| header.iter().position(|found| found == name).expect("a column");
    let rows: Vec<csv::StringRecord> =
        reader.records().collect::<Result<_, _>>().expect("every row has all cells");
    assert_eq!(rows.len(), 9);
    assert_eq!(&rows[0][column("note")], "'=HYPERLINK(\"http://evil.example\")");
    assert_eq!(&rows[2][column("note")], "two\nlines, a comma");
    assert_eq!(&rows[3][column("note")], "'+47 22 33 44 55");
    for cell in rows.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
    }
}

#[test]
fn columns_of_the_roster_that_are_called_like_ours_are_told_apart() {
    let ward = Ward::new();
    ward.hospital.write("staff.csv", "name,certificate,code,change,=1+1\nKari,,a,b,c\n");
    let run = ward.check("staff.csv", &["--format", "csv"]);
    let header = run.stdout.lines().next().unwrap_or_default();
    assert!(header.ends_with(",roster code,roster change,'=1+1"), "{header}");
}

#[test]
fn what_strangers_wrote_does_not_command_a_terminal_or_a_page() {
    let ward = Ward::new();
    let cell = NASTY.replace('"', "");
    ward.hospital.write(
        "staff.csv",
        format!("name,certificate,{cell}\n{cell},{cell},{cell}\n{cell},eyJ{cell},\n"),
    );
    let nasty = format!("{NASTY}.csv");
    ward.hospital.write(&nasty, "x");
    for format in ["table", "json", "html"] {
        let run =
            on_a_terminal(&ward.hospital, &ward.arguments("staff.csv", &["--format", format]), b"");
        assert_clean(&run, format);
        for roster in [nasty.as_str(), "missing\u{1b}[2J.csv"] {
            assert_clean(&on_a_terminal(&ward.hospital, &ward.arguments(roster, &[]), b""), format);
        }
    }
    let hostile = "</title><script>alert(1)</script><!--\"' onload=x";
    ward.hospital.write(
        "staff.csv",
        format!(
            "name,certificate,\"{0}\"\n\"{0}\",\"{0}\",\"{0}\"\n",
            hostile.replace('"', "\"\"")
        ),
    );
    let page = ward.check("staff.csv", &["--format", "html"]).stdout;
    assert!(
        !page.contains("<script") && !page.contains("<!--") && page.contains("&lt;script&gt;"),
        "{page}"
    );
}

/// A page that loads nothing and runs nothing, and says so to the browser.
#[test]
fn the_page_has_everything_in_it() {
    let page = Ward::with_a_staff().check("staff.csv", &["--format", "html"]).stdout;
    for foreign in
        ["<script", "<link", "<img", "src=", "url(", "@import", "href=", " style=", " onclick"]
    {
        assert!(!page.contains(foreign), "{foreign}");
    }
    assert!(page.contains("default-src 'none'") && page.contains("<html lang=\"en\">"), "{page}");
    assert_eq!(page.matches("<table>").count(), page.matches("<caption>").count());
}

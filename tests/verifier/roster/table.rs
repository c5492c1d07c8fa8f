//! Tables as people, spreadsheets and attackers write them.

use std::io::{self, Read};

use proptest::prelude::*;
use vernet_verifier::roster::{RosterError, RosterRow, RosterTable};

fn read(table: impl AsRef<[u8]>) -> Result<Vec<RosterRow>, RosterError> {
    RosterTable::read(table.as_ref())?.collect()
}

/// The content of each row, or its error.
fn rows(table: impl AsRef<[u8]>) -> Vec<String> {
    let shown = |row: RosterRow| match row.fault {
        Some(fault) => format!("{}: {}", row.line, fault.code()),
        None => format!(
            "{}: {}|{}|{}|{}|{}",
            row.line,
            row.staff_id,
            row.name,
            row.birthdate,
            row.certificate,
            row.free.join("+")
        ),
    };
    read(table).expect("a table").into_iter().map(shown).collect()
}

#[track_caller]
fn refused(table: impl AsRef<[u8]>, code: &str, message: &str) {
    let error = read(table).expect_err(code);
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().contains(message), "{message} in: {error}");
}

#[test]
fn columns_have_the_names_that_people_give_them() {
    let expected = ["2: 7|Åse Li|1980-02-29|x|B"];
    for table in [
        "staff_id,name,birthdate,certificate,ward\n7,Åse Li,1980-02-29,x,B\n",
        "Staff ID;Name;Birth date;Certificate;Ward\r\n7;Åse Li;1980-02-29;x;B\r\n",
        "Staff–ID,Na\u{ad}me,Birth\u{2011}date,\u{200b}Certificate,Ward\r7,Åse Li,1980-02-29,x,B\r",
        "ansattnummer\tnavn\tfødselsdato\tsertifikat\tpost\n7\tÅse Li\t1980-02-29\tx\tB",
        "\u{feff}ward,fornavn,etternavn,Fødsels-dato,certificate,employee_id\nB,Åse,Li,1980-02-29,x,7\n",
        "\"staff_id\",\"name\",\"birthdate\",\"certificate\",\"ward\"\n\n\r\n7, Åse Li ,1980-02-29,\"x\",B\n\n",
    ] {
        let found = rows(table);
        let without_line = |row: &String| row.split_once(' ').map(|(_, row)| row.to_owned());
        assert_eq!(
            found.iter().map(without_line).collect::<Vec<_>>(),
            expected.map(|row| Some(row[3..].to_owned())),
            "{table:?}"
        );
    }
}

#[test]
fn a_line_that_states_the_delimiter_is_no_header() {
    for (table, line) in [
        ("sep=;\nstaff_id;name;certificate\n7;Li, Nils;x\n", 3),
        ("\u{feff}SEP=;\r\nstaff_id;name;certificate\r\n7;Li, Nils;x\r\n", 3),
        ("\"sep=;\"\nstaff_id;name;certificate\n7;Li, Nils;x\n", 3),
        ("sep=\t\nstaff_id\tname\tcertificate\n7\tLi, Nils\tx\n", 3),
        ("sep=|\rstaff_id|name|certificate\r7|Li, Nils|x\r", 3),
        ("staff_id;name;certificate\nsep=;;\n7;Li, Nils;x\n", 3),
    ] {
        let found = rows(table);
        assert_eq!(
            found.last().map(String::as_str),
            Some(format!("{line}: 7|Li, Nils||x|").as_str()),
            "{table:?}"
        );
    }
    refused("sep=,\n", "roster_empty", "names of the columns");
    refused("sep=", "roster_column_missing", "`certificate`");
    refused("sep=;;\nname;certificate\n", "roster_column_missing", "`certificate`");
}

/// Files as Excel and other programs save them: `tests/tables/README.md` says which.
#[test]
fn every_form_in_which_a_spreadsheet_saves_is_the_same_roster() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tables/staff");
    let expected = ["7|Åse Østby|1984-05-17|x|B", "8|Nils-Ole Li|1990-02-06|y|"];
    let mut count = 0;
    for file in std::fs::read_dir(folder).expect("the folder") {
        let file = file.expect("a file").path();
        let found = rows(std::fs::read(&file).expect("a file"));
        let without_line: Vec<_> =
            found.iter().map(|row| row.split_once(' ').expect("a line").1).collect();
        assert_eq!(without_line, expected, "{}", file.display());
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

#[test]
fn lines_may_end_in_cr_throughout() {
    let table = "staff_id,name,certificate,address\r7,Kari,x,\"Gate 1\r\nOslo\"\r\r8,\"Ola,x,\r9,Nils,y,\r10,Åse,z,";
    assert_eq!(
        rows(table),
        ["2: 7|Kari||x|Gate 1\r\nOslo", "5: row_quote", "6: 9|Nils||y|", "7: 10|Åse||z|"]
    );
    // In any other table a CR is part of a cell.
    assert_eq!(rows("staff_id,certificate\n7,a\rb\n"), ["2: 7|||a\rb|"]);
    assert_eq!(rows("\"staff\r_id\",certificate\n7,x\n8,y\n").len(), 2);
    let long = format!("staff_id,certificate,{}\r7,x,w\r8,y,w\r", "a".repeat(60_000));
    assert_eq!(rows(long).len(), 2);
}

#[test]
fn wrong_columns_say_what_is_expected_and_quote_nobody() {
    refused("", "roster_empty", "names of the columns");
    refused("\u{feff}\n\n", "roster_empty", "names of the columns");
    refused(
        "Kari Nordmann,9144889\nOla,1\n",
        "roster_column_missing",
        "2 columns, none of them is `certificate`",
    );
    refused("certificate,ward\nx,B\n", "roster_column_missing", "`staff_id`, or `name`");
    refused(
        "certificate,given_name\nx,B\n",
        "roster_column_missing",
        "`given_name` and `family_name`",
    );
    refused("name,certificate,Navn\n", "roster_column_repeated", "`name` twice");
    refused(
        "name,certificate\n".repeat(9000).replace('\n', ","),
        "roster_header_unreadable",
        "65536 bytes",
    );
    refused("name,\"certificate\n", "roster_header_unreadable", "quotation mark");
    refused(b"name,certificate,f\xbfdselsdato\r", "roster_not_utf8", "CSV UTF-8");
    refused(b"PK\x03\x04\x14\0", "table_workbook", "CSV UTF-8");
    let error = read("Kari Nordmann,9144889\n").expect_err("no header").to_string();
    assert!(!error.contains("Kari") && !error.contains("9144889"), "{error}");
}

#[test]
fn a_row_that_cannot_be_read_is_a_row_and_the_next_one_too() {
    let large = format!("8,{},x\n", "a".repeat(70_000));
    let quoted = format!("8,\"{}\",x\n", "a\n".repeat(40_000).replace('\n', "\"\""));
    for (bad, code) in [
        ("8,Ola\n", "row_length"),
        ("8,Ola,x,y\n", "row_length"),
        ("8,Ola\n", "row_length"),
        ("8,\"Ola\" Li,x\n", "row_quote"),
        ("8,\"Ola,x\n", "row_quote"),
        ("8,O\0la,x\n", "row_nul"),
        (large.as_str(), "row_too_large"),
        (quoted.as_str(), "row_too_large"),
    ] {
        let table = format!(
            "staff_id,name,certificate\n7,Kari,x\n{bad}9,\"Åse \"\"Åsa\"\" Li\",x\n10,Nils,y\n"
        );
        let expected = [
            "2: 7|Kari||x|".to_owned(),
            format!("3: {code}"),
            "4: 9|Åse \"Åsa\" Li||x|".to_owned(),
            "5: 10|Nils||y|".to_owned(),
        ];
        assert_eq!(rows(&table), expected, "{}", &bad[..20.min(bad.len())]);
    }
    let damaged = b"staff_id,name,certificate\n7,K\xe5re,x\n8,\xc3\x85se,x\n";
    assert_eq!(rows(damaged), ["2: row_not_utf8", "3: 8|Åse||x|"]);
    assert_eq!(
        rows("staff_id,name,certificate\n7,Kari,x\n8,Ola,\"x"),
        ["2: 7|Kari||x|", "3: row_quote"]
    );
}

#[test]
fn a_stray_quotation_mark_does_not_make_one_person_out_of_two() {
    // The crate `csv` reads this as one row about Kari, with Ola's certificate.
    let table = "staff_id,name,certificate\n7,\"Kari,k\n8,\"Ola,o\n9,Nils,n\n";
    assert_eq!(rows(table), ["2: row_quote", "3: row_quote", "4: 9|Nils||n|"]);
}

#[test]
fn cells_may_have_line_breaks_and_lines_are_counted_on() {
    let table = "staff_id,certificate,address\r\n7,\"ab\r\ncd\",\"Gate 1\n0150 Oslo\"\r\n8,x,\r\n";
    assert_eq!(rows(table), ["2: 7|||ab\r\ncd|Gate 1\n0150 Oslo", "5: 8|||x|"]);
}

/// Gives one byte at a time, and at the end an error if there is one.
struct Drop<'a>(&'a [u8], Option<io::ErrorKind>);

impl Read for Drop<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match (self.0.split_first(), self.1) {
            (Some((byte, rest)), _) => {
                buffer[0] = *byte;
                self.0 = rest;
                Ok(1)
            }
            (None, Some(kind)) => Err(kind.into()),
            (None, None) => Ok(0),
        }
    }
}

#[test]
fn a_table_that_breaks_off_is_an_error_and_not_a_shorter_staff() {
    let table = "staff_id,certificate\n7,x\n8,y\n";
    let error = RosterTable::read(Drop(table.as_bytes(), Some(io::ErrorKind::ConnectionReset)));
    let rows: Result<Vec<_>, _> = error.and_then(Iterator::collect::<Result<Vec<_>, _>>);
    assert_eq!(rows.expect_err("it breaks off").code(), "roster_unreadable");
    let rows: Vec<_> = RosterTable::read(Drop(table.as_bytes(), None))
        .expect("a table")
        .collect::<Result<_, _>>()
        .expect("rows");
    assert_eq!(rows.len(), 2);
}

proptest! {
    /// What another program writes by the rules, we read in the same way.
    #[test]
    fn any_table_by_the_rules_is_read_as_by_the_crate_csv(
        cells in prop::collection::vec(prop::collection::vec("[a-zå \",;\r\n\t=']{0,12}", 4), 1..20),
        crlf: bool,
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().terminator(terminator).quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["staff_id", "certificate", "a", "b"]).expect("writes");
        cells.iter().for_each(|row| writer.write_record(row).expect("writes"));
        let table = writer.into_inner().expect("writes");
        let found: Vec<_> = read(&table).expect("a table").into_iter().map(|row| {
            assert_eq!(row.fault, None);
            [vec![row.staff_id, row.certificate], row.free].concat()
        }).collect();
        let trimmed = |row: &Vec<String>| [row[0].trim(), row[1].trim(), &row[2], &row[3]].map(str::to_owned).to_vec();
        // A row in which nothing is written is none.
        let written = cells.iter().filter(|row| row.iter().any(|cell| !cell.trim().is_empty()));
        prop_assert_eq!(found, written.map(trimmed).collect::<Vec<_>>());
    }

    /// Whatever the bytes are, reading ends without a panic, and each line in which something is
    /// written is in a row. Lines of empty cells are those that spreadsheets write after the last.
    #[test]
    fn any_bytes_have_an_end_and_lose_no_line(bytes in prop::collection::vec(prop::sample::select(b"ab,\"\n\r\0\xff".to_vec()), 0..200)) {
        let table = [b"staff_id,certificate\n".as_slice(), &bytes].concat();
        let rows = read(&table).expect("a table");
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !matches!(line, [] | [b'\r'])).count();
        let inside: usize = rows.iter().filter(|row| row.fault.is_none())
            .map(|row| [&row.staff_id, &row.certificate].iter().map(|cell| cell.matches('\n').count()).sum::<usize>()).sum();
        let nothing = bytes.iter().all(|byte| b",\"\n\r\0".contains(byte));
        prop_assert!(rows.len() <= lines.max(1) && (nothing || !rows.is_empty() || inside > 0));
    }
}

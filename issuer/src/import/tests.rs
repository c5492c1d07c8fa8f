//! Tables: what is read from them, and what each fault is called.

use vernet_common::CivilDate;
use vernet_register::{Application, RowOutcome};

use super::*;

const HEADER: &str =
    "hpr_number,given_name,family_name,birthdate,kind,basis,granted,exam_school,exam_date";
const ROW: &str = "9144889,Åse,Østby,1980-02-29,1,norwegian_exam,2010-06-30,A school,2010-06-11";

fn today() -> CivilDate {
    "2026-01-15".parse().expect("a date")
}

fn read(table: impl AsRef<[u8]>) -> Result<ImportTable, crate::Error> {
    ImportTable::read(table.as_ref(), &vernet_register::Titles::default(), today())
}

fn code(table: impl AsRef<[u8]>) -> &'static str {
    read(table).expect_err("refused").code()
}

fn only(table: impl AsRef<[u8]>) -> Application {
    let table = read(table).expect("a table");
    let [row] = table.rows() else { panic!("one row") };
    row.application.as_ref().expect("an application").clone()
}

#[test]
fn commas_semicolons_a_byte_order_mark_and_windows_lines_give_the_same() {
    let plain = only(format!("{HEADER}\n{ROW}\n"));
    assert_eq!(plain.decided, plain.granted, "decided on the day of the grant unless it is said");
    assert_eq!(only(format!("\u{feff}{HEADER}\r\n{ROW}\r\n")), plain);
    assert_eq!(only(format!("{HEADER}\n{ROW}").replace(',', ";")), plain);
    assert_eq!(only(format!("{HEADER}\n{}", ROW.replace("Åse", "\"A\u{30a}se\""))), plain);
    assert_eq!(only(format!("{HEADER}\n{}", ROW.replace(",1,", ",authorisation,"))), plain);
}

#[test]
fn the_age_limit_is_no_end_that_somebody_decided() {
    let row = |end| format!("{HEADER},valid_to\n{ROW},{end}");
    assert_eq!(only(row("2060-02-29")).valid_to, None);
    assert_eq!(
        only(row("2060-02-28")).valid_to.map(|day| day.to_string()).as_deref(),
        Some("2060-02-28")
    );
}

#[test]
fn each_fault_of_the_header_has_its_code() {
    assert_eq!(code(""), "import_empty");
    assert_eq!(code(format!("{HEADER}\n")), "import_empty");
    assert_eq!(
        code(format!("{HEADER},national_identity_number\n{ROW},1")),
        "import_column_unknown"
    );
    assert_eq!(code(format!("{HEADER},kind\n{ROW},1")), "import_column_repeated");
    assert_eq!(code(format!("{}\n{ROW}", HEADER.replace(",granted", ""))), "import_column_missing");
    assert_eq!(code(b"hpr_number,\xbf\n"), "import_not_utf8");
    assert_eq!(code(b"hpr_number,\"kind\n"), "import_row_unreadable");
    assert_eq!(code(b"PK\x03\x04\x14\0"), "table_workbook");
}

#[test]
fn a_row_that_is_not_utf8_does_not_spoil_the_others() {
    let mut table = format!("{HEADER}\n{ROW}\n").into_bytes();
    table.extend(b"1,\xff,x,1980-01-01,1,norwegian_exam,2010-01-01,A,2009-01-01\n");
    let table = read(table).expect("a table");
    let codes: Vec<_> =
        table.rows().iter().map(|row| row.application.as_ref().err().map(|e| e.code())).collect();
    assert_eq!(codes, [None, Some("import_not_utf8")]);
    assert_eq!(table.rows()[1].line, 3);
}

/// Files as Excel and other programs save them: `tests/tables/README.md` says which.
#[test]
fn every_form_in_which_a_spreadsheet_saves_is_the_same_people() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tables/people");
    let mut count = 0;
    for file in std::fs::read_dir(folder).expect("the folder") {
        let file = file.expect("a file").path();
        let table = read(std::fs::read(&file).expect("a file")).expect("a table");
        let people: Vec<_> = table
            .rows()
            .iter()
            .map(|row| {
                let Application { hpr_number, given_name, family_name, birthdate, granted, .. } =
                    row.application.as_ref().expect("an application");
                format!("{hpr_number} {} {birthdate} {granted}", given_name.with(family_name))
            })
            .collect();
        assert_eq!(
            people,
            ["9144911 Åse Østby 1980-02-29 2010-06-30", "9144900 Suharto 1985-03-04 2011-06-30"],
            "{}",
            file.display()
        );
        count += 1;
    }
    assert!(count >= 10, "{count}");
}

/// A spreadsheet changes what it takes for a number, without a word.
#[test]
fn what_a_spreadsheet_lost_is_said_and_how_to_get_it_back() {
    for (from, to, code, says) in [
        ("1980-02-29", "29280", "field_invalid", "may show this number as 1980-02-29"),
        ("2010-06-30", "40359", "field_invalid", "`granted` is `40359`"),
        ("2010-06-11", "40340", "field_invalid", "`exam_date` is `40340`"),
        ("9144889", "9,14E+06", "field_invalid", "a spreadsheet rounded it"),
        ("9144889", "1018012345", "national_identity_number", "`hpr_number`"),
    ] {
        let row = format!(
            "\"{}\"",
            ROW.replace(from, to).replace("9,14E", "9;14E").replace(',', "\",\"")
        )
        .replace("9;14E", "9,14E");
        let table = read(format!("{HEADER}\n{row}\n")).expect("a table");
        let error = table.rows()[0].application.as_ref().expect_err(to);
        assert_eq!(error.code(), code, "{to}");
        assert!(error.to_string().contains(says), "{error}");
        assert!(!error.to_string().contains("10180"), "{error}");
    }
    // Zeros before a number and the order of a Norwegian day mean nothing.
    let plain = only(format!("{HEADER}\n{ROW}\n"));
    let row = ROW.replace("9144889", "009144889").replace("2010-06-30", "30.6.2010");
    assert_eq!(only(format!("{HEADER}\n{row}\n")), plain);
}

#[test]
fn a_stray_quotation_mark_does_not_make_one_person_out_of_two() {
    let stray = ROW.replace("A school", "\"A school");
    let again = ROW.replace("9144889", "9144900");
    let table = read(format!("{HEADER}\n{stray}\n{again}\n")).expect("a table");
    let codes: Vec<_> =
        table.rows().iter().map(|row| row.application.as_ref().err().map(|e| e.code())).collect();
    assert_eq!(codes, [Some("import_row_unreadable"), None]);
}

#[test]
fn a_column_without_a_name_is_passed_over_only_if_it_is_empty() {
    let (header, row) = (HEADER.replacen(',', ",,", 1), ROW.replacen(',', ",,", 1));
    assert!(only(format!("{header}\n{row}\n")).given_name.as_str() == "Åse");
    let table = read(format!("{header}\n{}\n", row.replacen(",,", ",x,", 1))).expect("a table");
    let error = table.rows()[0].application.as_ref().expect_err("something in it");
    assert_eq!(error.code(), "import_column_unnamed");
    assert!(error.to_string().contains("column 2"), "{error}");
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let rows = |end: &str| {
        let quoted = ROW.replace("A school", &format!("\"A{end}school\""));
        let table = format!("{HEADER}{end}{ROW}{end}{end}{quoted}{end}{ROW}{end}");
        read(&table).expect("a table").rows().iter().map(|row| row.line).collect::<Vec<_>>()
    };
    for end in ["\n", "\r\n", "\r"] {
        assert_eq!(rows(end), [2, 4, 6], "{end:?}");
    }
}

#[test]
fn all_or_nothing_and_each_differ() {
    let row = |line, refused: bool| RowReport {
        line,
        hpr_number: line.to_string(),
        outcome: match refused {
            true => RowOutcome::Refused {
                code: "over_age_limit",
                message: "too old, \"really\"".into(),
            },
            false => RowOutcome::Passes,
        },
    };
    let some = ImportReport { rows: vec![row(2, false), row(3, true)] };
    assert_eq!(some.check(false).expect_err("one is refused").code(), "import_rows_refused");
    assert!(some.check(true).is_ok());
    let none = ImportReport { rows: vec![row(2, true)] };
    assert_eq!(none.check(true).expect_err("all are").code(), "import_nothing_left");
    let mut csv = Vec::new();
    some.write_csv(&mut csv).expect("memory");
    let expected = "line,hpr_number,outcome,code,certificate_number,message\n2,2,passes,,,\n\
                    3,3,refused,over_age_limit,,\"too old, \"\"really\"\"\"\n";
    assert_eq!(String::from_utf8(csv).expect("text"), expected);
}

/// Two rows about one person would be granted in one step, beside each other: neither the rules nor
/// the register's numbers stop them then.
#[test]
fn a_person_is_in_a_table_once_whatever_ends_its_lines() {
    let again = ROW.replace("Åse", "Åsne").replace("9144889", "009144889");
    for end in ["\n", "\r\n", "\r", "\n\n"] {
        let table = read(format!("{HEADER}{end}{ROW}{end}{again}{end}")).expect("a table");
        let codes: Vec<_> = table
            .rows()
            .iter()
            .map(|row| row.application.as_ref().err().map(|e| e.code()))
            .collect();
        assert_eq!(codes, [None, Some("import_person_repeated")], "{end:?}");
        let lines: Vec<_> = table.rows().iter().map(|row| row.line).collect();
        assert_eq!(lines, if end == "\n\n" { [3, 5] } else { [2, 3] }, "{end:?}");
    }
    let quoted = ROW.replace("A school", "\"A\nschool\"");
    let table = read(format!("{HEADER}\n{quoted}\n{again}\n")).expect("a table");
    let codes: Vec<_> =
        table.rows().iter().map(|row| row.application.as_ref().err().map(|e| e.code())).collect();
    assert_eq!(codes, [Some("field_invalid"), None], "a line end within quotes ends no row");
    assert_eq!(table.rows()[1].line, 4);
}

/// 32 MiB of lines with a comma would be sixteen million rows, and some gigabytes.
#[test]
fn a_table_of_nothing_but_lines_does_not_take_all_memory() {
    let table = |rows: usize| format!("{HEADER}\n{}", "x,\n".repeat(rows));
    // Rows of an empty table are nobody.
    assert_eq!(code(format!("{HEADER}\n{}", ",,\n".repeat(500_001))), "import_empty");
    assert_eq!(read(table(500_000)).expect("a table").rows().len(), 500_000);
    assert_eq!(code(table(500_001)), "import_too_many_rows");
}

/// In Norway the last two digits of the number follow from the first nine, and the first six are
/// the birthdate.
#[test]
fn no_part_of_a_national_identity_number_is_in_a_report_whatever_column_it_was_typed_into() {
    let columns = HEADER.split(',').count();
    for column in 0..=columns {
        let mut row: Vec<_> = ROW.split(',').chain(["PE"]).collect();
        row[column] = "01018012345";
        let table = read(format!("{HEADER},category\n{}\n", row.join(","))).expect("a table");
        let [row] = table.rows() else { panic!("one row") };
        let error = row.application.as_ref().expect_err("refused");
        assert_eq!(error.code(), "national_identity_number", "column {column}");
        assert!(
            !format!("{}{error}", row.hpr_number).contains("010180"),
            "column {column}: {error}"
        );
    }
    let error = read("01018012345,Ola,Nordmann\n2,Kari,Nordmann\n").expect_err("no header");
    assert_eq!(error.code(), "import_column_unknown");
    assert!(!error.to_string().contains("010180"), "{error}");
    let error = read("\"a\u{1b}[2J\nb\",kind\n1,2\n").expect_err("a hostile header").to_string();
    assert!(!error.chars().any(char::is_control), "{error:?}");
}

/// Officers open reports in spreadsheets, and tables come from strangers.
#[test]
fn nothing_in_a_report_is_a_formula_or_more_than_a_line() {
    let cells =
        ["=1+2", "@SUM(1)", "+47 12", "-1", "\"1\n=2\"", "\u{1b}[2J", "\"\u{202e}1\"", "\t1"];
    for cell in cells {
        for column in 0..HEADER.split(',').count() {
            let mut row: Vec<_> = ROW.split(',').collect();
            row[column] = cell;
            let table = read(format!("{HEADER}\n{}\n", row.join(","))).expect("a table");
            let [row] = table.rows() else { panic!("one row") };
            let outcome = match &row.application {
                Ok(_) => RowOutcome::Passes,
                Err(error) => refused(error),
            };
            let report = RowReport { line: row.line, hpr_number: row.hpr_number.clone(), outcome };
            let mut csv = Vec::new();
            ImportReport { rows: vec![report] }.write_csv(&mut csv).expect("memory");
            let csv = String::from_utf8(csv).expect("text");
            assert_eq!(csv.lines().count(), 2, "{csv}");
            assert!(!csv.trim_end().chars().any(|c| c.is_control() && c != '\n'), "{csv}");
            let fields = csv.lines().nth(1).expect("a row").split(',');
            let formula =
                |field: &str| field.trim_matches('"').starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(!fields.clone().any(formula), "{csv}");
        }
    }
}

const ALERTS: &str = "id,given_name,family_name,birthdate,state,scope,from,until,received";
const ALERT: &str = "IMI-1,Åse,Østby,1980-02-29,SE,restricted,2025-03-01,,2025-03-04";

#[test]
fn alerts_are_read_from_a_table() {
    let read = |table: String| read_alerts(table.as_bytes(), today()).expect("alerts");
    let plain = read(format!("{ALERTS}\n{ALERT}\n"));
    let [alert] = &plain[..] else { panic!("one alert") };
    assert_eq!((alert.id.as_str(), alert.until), ("IMI-1", None));
    assert_eq!(alert.birthdate.map(|day| day.to_string()).as_deref(), Some("1980-02-29"));
    assert_eq!(read(format!("\u{feff}{ALERTS}\r\n{ALERT}\r\n").replace(',', ";")), plain);
    let short = format!("{ALERTS}\n{ALERT}").replace(",until", "").replace("01,,", "01,");
    assert_eq!(read(short), plain, "columns that may be left out");
    let unknown = read(format!("{ALERTS}\n{}", ALERT.replace("1980-02-29", "")));
    assert_eq!(unknown[0].birthdate, None);
}

#[test]
fn each_fault_of_a_table_of_alerts_has_its_code() {
    for (table, code) in [
        (String::new(), "import_empty"),
        (ALERTS.to_owned(), "import_empty"),
        (format!("{ALERTS},reason\n{ALERT},x"), "import_column_unknown"),
        (format!("{ALERTS},id\n{ALERT},x"), "import_column_repeated"),
        (ALERTS.replace(",received", ""), "import_column_missing"),
    ] {
        let error = read_alerts(table.as_bytes(), today()).expect_err(&table);
        assert_eq!(error.code(), code, "{table}");
    }
    for (row, code, names) in [
        (format!("{ALERT},x"), "import_row_length", "10 cells"),
        (ALERT.to_owned(), "import_alert_repeated", "line 2"),
        (ALERT.replace("SE", "Sweden"), "field_invalid", "`state`"),
        (ALERT.replace("1980-02-29", "29028012345"), "national_identity_number", "`birthdate`"),
        (ALERT.replace("2025-03-01", "45717"), "field_invalid", "as 2025-03-01"),
        (
            ALERT.replace("-1,", "-2,").replace("2025-03-04", "2026-01-16"),
            "field_invalid",
            "`received`",
        ),
    ] {
        let table = format!("{ALERTS}\n{ALERT}\n\n{row}\n");
        let error = read_alerts(table.as_bytes(), today()).expect_err(&row);
        assert_eq!(error.code(), code, "{row}");
        let text = error.to_string();
        assert!(text.starts_with("line 4: ") && text.contains(names), "{text}");
        assert!(!text.contains("12345"), "{text}");
    }
    let not_utf8 = [ALERTS.as_bytes(), b"\nIMI-1,\xbf,x,,SE,restricted,2025-03-01,,2025-03-04"];
    let error = read_alerts(&not_utf8.concat(), today()).expect_err("bytes");
    assert_eq!(error.code(), "import_not_utf8");
}

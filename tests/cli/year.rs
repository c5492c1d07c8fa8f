//! A year in the office, from `year.txt`: what was wrong is put right, and what is asked is answered.

use serde_json::json;
use vernet_common::PublicKey;

#[cfg(feature = "postgres")]
use crate::postgres_server::server;
use crate::{life::Office, place::faketime_is_missing};

#[test]
fn a_year_in_the_office() {
    if !faketime_is_missing() {
        live_through_it(Office::found("2026-01-02"));
    }
}

#[cfg(feature = "postgres")]
#[test]
fn a_year_in_the_office_on_postgresql() {
    if faketime_is_missing() {
        return;
    }
    let Some(server) = server() else { return };
    let url = server.url(&server.data_base());
    live_through_it(Office::found_with("2026-01-02", &["--register", &url]));
}

fn live_through_it(mut office: Office) {
    let people = [
        ("nina.json", "Nina", "Ødegård", "1981-02-28", "1000007"),
        ("nina-again.json", "Nina", "Ødegård", "1980-02-29", "1000007"),
        ("per.json", "Per", "D'Angelo", "1975-05-05", "1000015"),
        ("liv.json", "Liv", "Čáhppes", "1990-06-07", "1000015"),
        ("single.json", "", "Suharto", "1970-01-01", "1000023"),
        ("namesake.json", "Nina", "Oedegaard", "1980-02-29", "1000066"),
        ("child.json", "Kim", "Moe", "2012-06-11", "1000031"),
    ];
    for (file, given_name, family_name, birthdate, hpr_number) in people {
        let mut application = json!({
            "given_name": given_name,
            "family_name": family_name,
            "birthdate": birthdate,
            "hpr_number": hpr_number,
            "kind": "authorisation",
            "basis": "norwegian_exam",
            "exam": { "school": "A made-up school of perfusion", "date": "2014-06-11" },
            "decided": "2026-01-02",
            "granted": "2026-01-02",
        });
        if given_name.is_empty() {
            application.as_object_mut().expect("an object").remove("given_name");
        }
        office.place.write(file, application.to_string());
    }
    // As Excel saves "Unicode text": UTF-16, tabs, an empty column and an empty row.
    let table = "hpr_number\tgiven_name\tfamily_name\tbirthdate\tkind\tbasis\tgranted\texam_school\texam_date\t\r\n\
        1000040\tAnne\u{2011}Marie\tLie\t01.02.1985\t1\tnorwegian_exam\t2015-07-01\tA made-up school\t2015-06-11\t\r\n\
        \t\t\t\t\t\t\t\t\t\r\n";
    let utf_16: Vec<u8> =
        [0xfeff].into_iter().chain(table.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    office.place.write("excel.txt", utf_16);
    office.place.write(
        "hpr.csv",
        "hpr_number;name;birthdate;status\r\n1000007;Nina Ødegård;29.02.1980;Tilbakekalt\r\n",
    );
    for name in ["kari", "ola"] {
        let key: PublicKey =
            serde_json::from_str(&office.place.read(&format!("{name}.pub"))).expect("a key");
        office.names.insert(format!("kid-of-{name}"), key.kid().to_string());
    }
    assert!(office.live_through("year.txt") > 50);
}

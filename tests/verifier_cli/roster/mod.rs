//! `roster check`: a staff at a hospital, at a fixed time.

mod documents;
mod files;
mod formats;
mod privacy;
mod since;

use std::fs;

use serde_json::Value;
use vernet_common::Status;

use crate::{
    hospital::{FILES, Hospital, Run},
    office::Office,
    pdf::letter,
    people::{Person, person},
    picture::{jpeg, picture, png},
};

/// A hospital whose office published at a fixed time, so that reports can be compared byte for
/// byte.
pub(crate) struct Ward {
    pub(crate) hospital: Hospital,
    pub(crate) at: String,
}

impl Ward {
    pub(crate) fn new() -> Self {
        let mut hospital = Hospital::new();
        hospital.office = Office::new();
        let at = hospital.office.now.to_string();
        let ward = Self { hospital, at };
        ward.hospital.write_roots("roots.json", &ward.hospital.office.anchor());
        ward.hospital.publish();
        ward
    }

    pub(crate) fn person(&self, number: u32, given_name: &str, family_name: &str) -> Person {
        person(&self.hospital.office, number, given_name, family_name)
    }

    pub(crate) fn set(&mut self, person: &Person, status: Status) {
        person.has_status(&mut self.hospital.office, status);
        self.hospital.publish();
    }

    /// The arguments of `roster check` with the files, and more arguments.
    pub(crate) fn arguments<'a>(&'a self, roster: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        [&["roster", "check", roster, "--at", &self.at][..], &FILES, more].concat()
    }

    pub(crate) fn check(&self, roster: &str, more: &[&str]) -> Run {
        // Publishes first, so that the log has the certificates made since.
        self.hospital.publish();
        self.hospital.run(&self.arguments(roster, more))
    }

    /// Each row's name, or else its file, and its codes.
    pub(crate) fn codes(&self, roster: &str) -> Vec<(String, Vec<String>)> {
        self.check(roster, &["--format", "json"]).json()["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .map(codes)
            .collect()
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.hospital.path(file)).expect("it was written")
    }

    /// A staff with one case of every kind, in a table with files beside it.
    pub(crate) fn with_a_staff() -> Self {
        let mut ward = Self::new();
        let [kari, ola, ase, nils] = [
            ward.person(1, "Kari", "Nordmann"),
            ward.person(2, "Ola", "Hansen"),
            ward.person(3, "Åse", "Kjærstad Østlyngen-Bråthen"),
            ward.person(4, "Nils", "Li").expiring("2026-12-01"),
        ];
        let [sara, marie] =
            [ward.person(5, "Máhtte Ánde", "Sárá"), ward.person(6, "Marie", "Etter")];
        ward.set(&ola, Status::Suspended);
        ward.set(&ase, Status::Conditions);
        ward.set(&marie, Status::Invalid);
        let hospital = &ward.hospital;
        fs::create_dir(hospital.path("files")).expect("a new folder can be made");
        hospital.write("files/ola.pdf", letter(&[("application/dc+sd-jwt", &ola.text())]));
        hospital.write("files/nils.png", png(&picture(&[&nils.text()])));
        hospital.write("files/blurred.jpg", jpeg(&picture(&[])));
        hospital.write("files/marie.jwt", marie.text() + "\n");
        hospital.write(
            "staff.csv",
            format!(
                "staff_id,name,birthdate,certificate,ward,note\r\n\
                 101,Kari Nordmann,1980-02-29,{},Heart,\"=HYPERLINK(\"\"http://evil.example\"\")\"\r\n\
                 102,Ola Hansen,29.02.1980,files/ola.pdf,Heart,\r\n\
                 103,Åse Bråthen,,\"{}\",Lung,\"two\nlines, a comma\"\r\n\
                 104,\"Li, Nils\",1980-02-29,files/nils.png,Lung,+47 22 33 44 55\r\n\
                 105,<script>alert(1)</script> & 'Co',1980-02-28,{},Heart,\r\n\
                 106,Marie Etter,,files/marie.jwt,,\r\n\
                 107,Per Spelmann,,,,\r\n\
                 108,Per Gynt,,files/blurred.jpg,,\r\n\
                 109,Peer \"Ibsen,x,,,\r\n",
                kari.text(),
                ase.text(),
                sara.text()
            ),
        );
        ward
    }
}

pub(crate) fn codes(row: &Value) -> (String, Vec<String>) {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let findings =
        row["findings"].as_array().expect("findings").iter().map(|finding| text(&finding["code"]));
    let findings: Vec<_> = findings.collect();
    let name = ["name", "staff_id", "file"]
        .map(|member| text(&row[member]))
        .into_iter()
        .find(|name| !name.is_empty());
    (
        name.unwrap_or_default(),
        if findings.is_empty() { vec![text(&row["code"])] } else { findings },
    )
}

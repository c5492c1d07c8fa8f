//! The server watches a staff, and tells those whom the operator has named what has changed.

mod alerts;
mod arrival;
mod mail;
mod offices;
mod page;
mod settings;

use serde_json::Value;
use vernet_common::Status;

use crate::{
    hospital::Hospital,
    office::HOUR,
    people::{Person, person},
    publisher::Publisher,
    receivers::Hook,
    serving::Serving,
};

pub(crate) const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8G";

const TOKEN: &str = "a-token-of-the-personnel-department";

/// A hospital with a staff of three, an office that publishes, and a program that is told.
struct Ward {
    hospital: Hospital,
    publisher: Publisher,
    hook: Hook,
    people: Vec<Person>,
}

impl Ward {
    fn new() -> Self {
        let mut hospital = Hospital::new();
        hospital.office.status_claims.iat = hospital.office.now.plus_seconds(-HOUR);
        let people = [(1, "Kari", "Nordmann"), (2, "Ola", "Hansen"), (3, "Nils", "Li")];
        let people: Vec<Person> = people
            .map(|(number, given, family)| person(&hospital.office, number, given, family))
            .into();
        // From here on they are in the office's log.
        people.iter().for_each(|person| drop(person.text()));
        let publisher = Publisher::of(&hospital.office.bundle());
        let ward = Self { hospital, publisher, hook: Hook::new(), people };
        ward.hospital.write("key.txt", format!("{KEY}\n"));
        ward.hospital.write("tokens", format!("{TOKEN}\n"));
        ward.write_table(&[0, 1, 2]);
        ward.configure(&ward.webhook());
        ward
    }

    /// A table of these people.
    fn write_table(&self, people: &[usize]) {
        let mut table = "staff_id,name,birthdate,certificate\n".to_owned();
        for place in people {
            let person = &self.people[*place];
            let (given, family) = (&person.claims.given_name, &person.claims.family_name);
            table += &format!("{},{given} {family},1980-02-29,{}\n", 101 + place, person.text());
        }
        self.hospital.write("staff.csv", table);
    }

    fn webhook(&self) -> String {
        format!(
            "[[roster.webhook]]\nname = \"hr\"\nurl = \"{}\"\nkey = \"key.txt\"\n",
            self.hook.url()
        )
    }

    /// Settings with these receivers, and a refresh each second.
    fn configure(&self, receivers: &str) {
        self.configure_with("refresh = 1\n", receivers);
    }

    fn configure_with(&self, settings: &str, receivers: &str) {
        self.hospital.write(
            "server.toml",
            format!(
                "roots = \"roots.json\"\npublication = \"{}\"\ntokens = \"tokens\"\n{settings}[roster]\nstaff = \"staff.csv\"\n{receivers}",
                self.publisher.url()
            ),
        );
    }

    fn serve(&self) -> Serving {
        Serving::run(&self.hospital, &["--config", "server.toml"])
    }

    /// The office publishes again, a little later.
    fn publish(&mut self) {
        let iat = &mut self.hospital.office.status_claims.iat;
        *iat = iat.plus_seconds(10);
        self.publisher.publish(&self.hospital.office.bundle());
    }

    fn set(&mut self, place: usize, status: Status) {
        self.people[place].clone().has_status(&mut self.hospital.office, status);
        self.publish();
    }
}

/// The kinds of change in a message, by staff id.
fn kinds(message: &Value) -> Vec<(String, String)> {
    let changes = message["data"]["changes"].as_array().expect("changes");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    changes
        .iter()
        .map(|change| {
            let kinds: Vec<String> =
                change["kinds"].as_array().expect("kinds").iter().map(text).collect();
            (text(&change["staff_id"]), kinds.join(" "))
        })
        .collect()
}

fn one(staff_id: &str, kind: &str) -> Vec<(String, String)> {
    vec![(staff_id.to_owned(), kind.to_owned())]
}

//! One person's whole life through the command line, from `life.txt`. The programs read the
//! machine's clock, which `faketime` changes.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};
use vernet_common::CivilDate;

use crate::{
    excerpt::show_says_the_same_either_way,
    place::{Place, Run, faketime_is_missing, issuer_program, verifier_program},
};

#[test]
fn a_whole_life() {
    if faketime_is_missing() {
        return;
    }
    let mut office = Office::found("2025-01-10");
    let count = office.live_through("life.txt");
    assert!(count > 30, "only {count} lines");
    let audit = office.json("2027-12-05", &["audit"]);
    assert_eq!(audit["certificates"], 5);
}

pub(crate) struct Office {
    pub(crate) place: Place,
    /// Certificate numbers, and those of decisions, by the names in the table.
    pub(crate) names: BTreeMap<String, String>,
    /// The day of the newest trust list.
    trusted: CivilDate,
    /// How many programs have run: each runs a little later than the one before.
    runs: i64,
}

impl Office {
    pub(crate) fn found(today: &str) -> Self {
        Self::found_with(today, &[])
    }

    /// With more options of `init`.
    pub(crate) fn found_with(today: &str, options: &[&str]) -> Self {
        let place = Place::empty();
        let mut office = Self { place, names: BTreeMap::new(), trusted: day(today), runs: 0 };
        office.place.write("passphrase.txt", "a passphrase of this test\n");
        office.place.set("VERNET_PASSPHRASE_FILE", "passphrase.txt");
        for (r#use, name) in
            [("root", "root-1"), ("root", "root-2"), ("officer", "kari"), ("officer", "ola")]
        {
            office
                .issuer(today, &["keys", "new", "--use", r#use, "--out", &format!("{name}.pem")])
                .done();
        }
        let iss = "https://perfusionist.example.no";
        office
            .issuer(
                today,
                &["keys", "roots", "--iss", iss, "--out", "roots.json", "root-1.pub", "root-2.pub"],
            )
            .done();
        office.place.write("data.json", data().to_string());
        office.place.set("VERNET_OFFICER_KEY", "kari.pem");
        let page = "https://verify.example.no/v";
        let init = [
            "init",
            "--iss",
            iss,
            "--verification-page",
            page,
            "--roots",
            "roots.json",
            "--data",
            "data.json",
        ];
        let founders =
            ["--founder", "Kari Nordmann", "kari.pub", "--founder", "Ola Nordmann", "ola.pub"];
        office.issuer(today, &[&init[..], &founders, options].concat()).done();
        office.renew_trust_list(today);
        office
    }

    /// Carries out the lines of a table, and returns how many there are.
    pub(crate) fn live_through(&mut self, table: &str) -> usize {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cli").join(table);
        let table = fs::read_to_string(path).expect("the table");
        let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let lines: Vec<&str> = lines.collect();
        lines.iter().for_each(|line| self.live(line));
        let days: Vec<&str> = lines.iter().filter_map(|line| line.split(' ').next()).collect();
        let (middle, last) = (days[days.len() / 2], days[days.len() - 1]);
        let office = self.place.path("office");
        show_says_the_same_either_way(&office, &[middle, last], &mut |arguments| {
            self.issuer(last, arguments)
        });
        lines.len()
    }

    /// Carries out one line of the table.
    pub(crate) fn live(&mut self, line: &str) {
        let (left, expected) =
            line.split_once(" => ").unwrap_or_else(|| panic!("no `=>` in {line:?}"));
        let (today, rest) = left.split_once("  ").unwrap_or_else(|| panic!("no day in {line:?}"));
        let (verb, arguments) =
            rest.split_once(' ').unwrap_or_else(|| panic!("no verb in {line:?}"));
        let words: Vec<String> = words(arguments)
            .map(|word| self.names.get(word).cloned().unwrap_or_else(|| word.to_owned()))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.write_applications(today);
        let found = match verb {
            "decide" => self.decide(today, &words, expected),
            "refuse" => {
                let run = self.issuer(today, &[&["propose"], &words[..]].concat());
                run.refused(expected);
                expected.to_owned()
            }
            "verdict" => self.verdict(today, words[0]),
            "standing" => {
                let on = words.get(2).map_or(Vec::new(), |day| vec!["--on", day]);
                let shown = self.json(today, &[&["show", words[0]], &on[..]].concat());
                shown["standing"]["code"].as_str().expect("a code").to_owned()
            }
            "says" => {
                self.keep_trusted(today);
                let run = self.issuer(today, &words).done();
                let said = format!("{}{}", run.stdout, run.stderr);
                assert!(said.contains(expected), "{line}\n{said}");
                return;
            }
            "fails" => {
                self.issuer(today, &words).refused(expected);
                return;
            }
            "differs" => {
                let run = self.issuer(today, &words);
                assert_eq!(run.code, Some(3), "{line}\n{run:?}");
                assert!(run.stdout.contains(expected), "{line}\n{run:?}");
                return;
            }
            _ => panic!("no verb `{verb}`: {line:?}"),
        };
        let expected = expected.split(" as ").next().expect("a word");
        assert_eq!(found, expected, "{line}");
    }

    fn decide(&mut self, today: &str, words: &[&str], expected: &str) -> String {
        self.keep_trusted(today);
        let seq = self.json(today, &[&["propose"], words].concat())["proposal"].to_string();
        let answer = self.json(today, &["approve", &seq, "--officer-key", "ola.pem"]);
        if let Some((event, name)) =
            expected.split_once(" as ").filter(|_| answer["certificate"].is_string())
        {
            let text = |member: &str| answer[member].as_str().expect("a certificate").to_owned();
            self.names.insert(name.to_owned(), text("certificate_number"));
            self.place.write(&text("certificate_number"), text("certificate"));
            assert_eq!(answer["event"], event);
            return text("event");
        }
        let statement = answer["seq"].to_string();
        if let Some((event, name)) = expected.split_once(" as ") {
            self.names.insert(name.to_owned(), statement);
            return event.to_owned();
        }
        answer["event"]["type"].as_str().expect("an event").to_owned()
    }

    fn verdict(&mut self, today: &str, certificate: &str) -> String {
        self.keep_trusted(today);
        self.issuer(today, &["publish", "--out", "publication"]).done();
        let check = [
            "check",
            certificate,
            "--roots",
            "roots.json",
            "--publication",
            "publication",
            "--json",
        ];
        let run = self.run(today, verifier_program(), &check);
        run.json()["code"].as_str().expect("a verdict has a code").to_owned()
    }

    /// Renews the trust list when needed: it is valid for 90 days.
    fn keep_trusted(&mut self, today: &str) {
        if day(today).days_since(self.trusted) > 80 {
            self.renew_trust_list(today);
        }
    }

    fn renew_trust_list(&mut self, today: &str) {
        self.issuer(today, &["trust-list", "draft"]).done();
        let draft = "office/trust-list/draft.json";
        self.issuer(
            today,
            &["trust-list", "sign", draft, "--key", "root-1.pem", "--key", "root-2.pem"],
        )
        .done();
        self.issuer(today, &["trust-list", "accept"]).done();
        self.trusted = day(today);
    }

    fn write_applications(&self, today: &str) {
        let mut application = json!({
            "given_name": "Åse",
            "family_name": "Kjærstad",
            "birthdate": "1948-03-01",
            "hpr_number": "9144889",
            "kind": "authorisation",
            "basis": "norwegian_exam",
            "exam": { "school": "A made-up school of perfusion", "date": "1975-06-11" },
            "decided": today,
            "granted": today,
        });
        self.place.write("first.json", application.to_string());
        if let Some(first) = self.names.get("first") {
            application["basis"] = json!("new_authorisation");
            application["previous_certificate"] = json!(first);
            application["applied"] = json!(today);
            application.as_object_mut().expect("an object").remove("exam");
            self.place.write("again.json", application.to_string());
            application["special_reasons"] = json!("2025/62");
            self.place.write("reasons.json", application.to_string());
        }
    }

    pub(crate) fn json(&mut self, today: &str, arguments: &[&str]) -> Value {
        self.issuer(today, &[arguments, &["--json"]].concat()).done().json()
    }

    pub(crate) fn issuer(&mut self, today: &str, arguments: &[&str]) -> Run {
        self.run(today, issuer_program(), &[&["--clock-is-right"], arguments].concat())
    }

    pub(crate) fn skip_a_minute(&mut self) {
        self.runs += 1;
    }

    /// Runs a program as if on this day, a minute after the last one.
    fn run(&mut self, today: &str, program: &Path, arguments: &[&str]) -> Run {
        self.runs += 1;
        let (hour, minute) = (8 + self.runs / 60, self.runs % 60);
        assert!(hour < 22, "the day is over");
        let mut command = self.place.command("faketime".as_ref());
        command
            .env("TZ", "UTC")
            .arg(format!("{today} {hour:02}:{minute:02}:00"))
            .arg(program)
            .args(arguments);
        Run::of(&mut command)
    }
}

/// The words of a line; what stands between single quotes is one word.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let parts = line.split('\'').enumerate();
    parts.flat_map(|(place, part)| match place % 2 {
        0 => part.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>(),
        _ => vec![part],
    })
}

fn day(text: &str) -> CivilDate {
    text.parse().expect("a day")
}

/// The office's data.
fn data() -> Value {
    json!({ "accreditations": { "schools": [] } })
}

//! `person`: finding somebody, and everything that is held about them (the general data protection
//! regulation, article 15).

use std::{collections::BTreeSet, path::PathBuf};

use anyhow::Result;
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Value, json};
use vernet_common::{CertificateNumber, NumericDate};
use vernet_issuer::{Office, write_new_secret};
use vernet_register::{
    Event, FoundPerson, IncomingAlert, PersonFile, PersonRight, Refused, State, Statement,
};

use super::{
    Session,
    documents::{deleted_in_words, deletion},
    records::{details, officers},
    terminal::{fitted, shown},
};

#[derive(Args)]
#[command(
    after_help = "One match is the file on that person: what article 15 of the general data protection regulation asks. It has every statement about them, with both officers; the documents, which lie beside the register, are named with their hashes. Several matches are a table to choose from."
)]
pub(super) struct PersonArgs {
    /// A health personnel number (an earlier one, too), a certificate's number, a birth date, or
    /// words of a name in any order and spelling, as in `K. Nordm`; several of these narrow it down
    #[arg(required = true, value_name = "WHO")]
    who: Vec<String>,
    /// Write the file on the person to a new file, as text, or as JSON with `--json`
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(session: &Session, args: &PersonArgs) -> Result<()> {
    let mut office = session.open()?;
    let now = session.reading_clock(&office)?;
    let who = args.who.join(" ");
    let found = office.register().state().find_people(&who, now)?;
    let [one] = &found[..] else { return choose(session, &who, &found) };
    let applicants = {
        let file = office.register().state().person_file(one.hpr_number, now)?;
        Office::as_applicants(&file)
    };
    let alerts = office.alerts_like(&applicants)?;
    let file = office.register().state().person_file(one.hpr_number, now)?;
    let everything = Everything { office: &office, file: &file, alerts: &alerts, now };
    let object = everything.as_json()?;
    let Some(out) = &args.out else {
        return session.answer(&object, || everything.as_text());
    };
    let bytes = match session.json {
        true => serde_json::to_vec_pretty(&object)?,
        false => format!("{}\n", everything.as_text()).into_bytes(),
    };
    // The person decides who sees it.
    write_new_secret(out, &bytes)?;
    session.answer(&json!({ "file": shown(out), "bytes": bytes.len() }), || {
        format!("wrote {}", out.display())
    })
}

/// Several people, or nobody.
fn choose(session: &Session, who: &str, found: &[FoundPerson]) -> Result<()> {
    session.answer(&json!({ "found": found }), || {
        if found.is_empty() {
            return format!("nobody in the register is found by `{who}`");
        }
        let mut table = Table::new();
        let header = ["HPR number", "name", "born", "certificates"];
        table.load_style(presets::NOTHING).set_header(header);
        for one in found {
            let certificates: Vec<_> = one.certificates.iter().map(ToString::to_string).collect();
            table.add_row([
                one.hpr_number.to_string(),
                one.given_name.with(&one.family_name),
                one.birthdate.to_string(),
                certificates.join(", "),
            ]);
        }
        let table = fitted(&mut table, &[]);
        format!("{table}\n{} people; one of them: vernet-issuer person NUMBER", found.len())
    })
}

/// The file on a person, with what lies beside the register.
struct Everything<'a> {
    office: &'a Office,
    file: &'a PersonFile<'a>,
    alerts: &'a [IncomingAlert],
    now: NumericDate,
}

impl Everything<'_> {
    fn state(&self) -> &State {
        self.office.register().state()
    }

    /// The person's own certificates.
    fn own(&self) -> BTreeSet<CertificateNumber> {
        self.file.rights.iter().flat_map(|right| right.certificates.iter().copied()).collect()
    }

    fn refusals(&self) -> impl Iterator<Item = (&Statement, &Refused)> {
        self.file.statements.iter().filter_map(|statement| match &statement.event {
            Event::Refused(refused) => Some((*statement, &**refused)),
            _ => None,
        })
    }

    /// What is wrong with each document that is not there as it was signed.
    fn documents(&self) -> Vec<(u64, &str, String, Option<String>)> {
        let documents = self.office.documents();
        let one = |(seq, document): &(u64, &vernet_register::Document)| {
            let fault = documents.check_one(document).err().map(|error| {
                match deletion(self.office, *seq, document.sha256) {
                    Some((deleted, reason)) => deleted_in_words(deleted, reason),
                    None => format!("NOT AS SIGNED [{}]", error.code()),
                }
            });
            (*seq, document.sha256.to_string(), fault)
        };
        let all = self.file.documents.iter();
        all.map(|found| {
            let (seq, sha256, fault) = one(found);
            (seq, found.1.name.as_str(), sha256, fault)
        })
        .collect()
    }

    /// A statement without what is in it about others: a batch of letters names their certificates.
    fn statement_as_json(&self, statement: &Statement) -> Result<Value> {
        let own = self.own();
        let mut event = serde_json::to_value(&statement.event)?;
        if let Some(numbers) = event.get_mut("certificates").and_then(Value::as_array_mut) {
            numbers.retain(|number| {
                let number = number.as_str().and_then(|number| number.parse().ok());
                number.is_some_and(|number: CertificateNumber| own.contains(&number))
            });
        }
        Ok(json!({
            "statement": statement.seq,
            "recorded_at": statement.recorded_at.to_string(),
            "decided_on": statement.decided_on,
            "effective_on": statement.effective_on,
            "officers": self.state().officers_of(statement).collect::<Vec<_>>(),
            "event": event,
        }))
    }

    fn as_json(&self) -> Result<Value> {
        let PersonFile { person, names, birthdates, numbers, waiting, rejected, .. } = self.file;
        let of_kind = |name: &str| -> Result<Vec<Value>> {
            let all = self.file.statements.iter();
            let all = all.filter(|statement| statement.event.name() == name);
            all.map(|statement| self.statement_as_json(statement)).collect()
        };
        let statements: Vec<Value> = self
            .file
            .statements
            .iter()
            .map(|statement| self.statement_as_json(statement))
            .collect::<Result<_>>()?;
        let rejected =
            rejected.iter().map(|(seq, reason)| json!({ "proposal": seq, "reason": reason }));
        let refused = self.refusals().map(|(statement, refused)| {
            json!({
                "statement": statement.seq,
                "decided_on": statement.decided_on,
                "reason": refused.reason,
                "application": refused.application,
            })
        });
        let documents = self.documents().into_iter().map(|(proposal, name, sha256, fault)| {
            json!({ "proposal": proposal, "name": name, "sha256": sha256, "fault": fault })
        });
        Ok(json!({
            "as_of": self.now.to_string(),
            "person": person,
            "names": names.iter().map(|(given, family)| json!({ "given_name": given, "family_name": family })).collect::<Vec<_>>(),
            "birthdates": birthdates,
            "hpr_numbers": numbers,
            "rights": self.file.rights.iter().map(|right| self.right_as_json(right)).collect::<Result<Vec<_>>>()?,
            "statements": statements,
            "waiting_proposals": waiting,
            "rejected_proposals": rejected.collect::<Vec<_>>(),
            "refused_applications": refused.collect::<Vec<_>>(),
            "documents": documents.collect::<Vec<_>>(),
            "dispatched": of_kind("dispatched")?,
            "histories": of_kind("history_made")?,
            "incoming_alerts": self.alerts,
        }))
    }

    fn right_as_json(&self, right: &PersonRight<'_>) -> Result<Value> {
        let certificate = |number: &CertificateNumber| -> Result<Value> {
            let certificate = self.state().certificate(*number)?;
            Ok(json!({
                "certificate_number": number,
                "status": self.status(*number)?,
                "superseded_by": certificate.superseded_by,
                "claims": certificate.claims,
                "certificate": format!("{}~", certificate.jws),
            }))
        };
        let certificates =
            right.certificates.iter().map(certificate).collect::<Result<Vec<_>>>()?;
        Ok(json!({
            "title": right.title,
            "standing": right.standing.code(),
            "certificates": certificates,
        }))
    }

    fn status(&self, number: CertificateNumber) -> Result<String> {
        let status = self.state().certificate_status(number, self.now.civil_date(), self.now)?;
        Ok(format!("{status:?}").to_lowercase())
    }

    fn as_text(&self) -> String {
        let person = &self.file.person;
        let mut lines = vec![
            format!(
                "{}, born {}, HPR number {}",
                person.given_name.with(&person.family_name),
                person.birthdate,
                person.hpr_number
            ),
            format!("everything that is held on {}", self.now),
        ];
        let mut section = |heading: &str, content: Vec<String>| {
            lines.push(String::new());
            lines.push(heading.to_owned());
            match content.is_empty() {
                true => lines.push("  nothing".to_owned()),
                false => lines.extend(content.into_iter().map(|line| format!("  {line}"))),
            }
        };
        section("NAMES, FROM THE FIRST TO THE LAST", self.names());
        section("BIRTH DATES, RIGHT AND WRONG", strings(&self.file.birthdates));
        section("HPR NUMBERS, PRESENT AND EARLIER", strings(&self.file.numbers));
        section("RIGHTS", self.rights());
        section("REFUSED APPLICATIONS", self.refused());
        section("PROPOSALS THAT WAIT FOR ANOTHER OFFICER", strings(&self.file.waiting));
        let rejected = self.file.rejected.iter();
        let rejected = rejected.map(|(seq, reason)| format!("{seq}: {reason}"));
        section("PROPOSALS THAT WERE REJECTED", rejected.collect());
        section("LETTERS AND OTHER PAPERS, PRINTED AND SENT", self.of_kind("dispatched"));
        section("HISTORIES HANDED OUT", self.of_kind("history_made"));
        section("DOCUMENTS", self.documents_in_words());
        section("ALERTS OF OTHER STATES ABOUT SOMEBODY OF THIS NAME", self.alerts_in_words());
        let all = self.file.statements.iter();
        section("EVERY STATEMENT", all.map(|statement| self.line(statement)).collect());
        lines.join("\n")
    }

    fn names(&self) -> Vec<String> {
        self.file.names.iter().map(|(given, family)| given.with(family)).collect()
    }

    fn rights(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for right in &self.file.rights {
            lines.push(format!("{}: {}", right.title, right.standing.code().replace('_', " ")));
            for number in &right.certificates {
                let status = self.status(*number).unwrap_or_default();
                lines.push(format!("  certificate {number}: {status}"));
            }
        }
        lines
    }

    fn refused(&self) -> Vec<String> {
        let one = |(statement, refused): (&Statement, &Refused)| {
            let title = &refused.application.title;
            format!(
                "{title}, {}, statement {}: {}",
                statement.decided_on, statement.seq, refused.reason
            )
        };
        self.refusals().map(one).collect()
    }

    fn of_kind(&self, name: &str) -> Vec<String> {
        let all = self.file.statements.iter();
        let all = all.filter(|statement| statement.event.name() == name);
        all.map(|statement| self.line(statement)).collect()
    }

    /// A statement on one line.
    fn line(&self, statement: &Statement) -> String {
        let what = statement.event.name().replace('_', " ");
        let more = match details(statement) {
            more if more.is_empty() => String::new(),
            more => format!(": {more}"),
        };
        format!(
            "{}  {}  {what}, by {}{more}",
            statement.seq,
            statement.effective_on,
            officers(self.state(), statement)
        )
    }

    fn documents_in_words(&self) -> Vec<String> {
        let one = |(proposal, name, sha256, fault): (u64, &str, String, Option<String>)| {
            let state = fault.unwrap_or_else(|| "as signed".to_owned());
            format!("{name}, of proposal {proposal}, sha256 {sha256}, {state}")
        };
        self.documents().into_iter().map(one).collect()
    }

    fn alerts_in_words(&self) -> Vec<String> {
        let one = |alert: &IncomingAlert| {
            let IncomingAlert { id, state, scope, from, .. } = alert;
            format!("{id} of {state}, from {from}: {scope}")
        };
        self.alerts.iter().map(one).collect()
    }
}

fn strings<T: ToString>(all: impl IntoIterator<Item = T>) -> Vec<String> {
    all.into_iter().map(|one| one.to_string()).collect()
}

//! `reconcile`: the register compared with what others have. Nothing is changed.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use vernet_common::{CivilDate, NumericDate};
use vernet_issuer::{ElsewhereTable, Office, UnreadRow};
use vernet_register::{
    Compared, Differs, Discrepancy, Documents, compare_register, compare_roster,
};

use super::{Session, terminal::shown};

/// Something differs, or a row could not be read.
const DIFFERS: u8 = 3;

const HOW: &str = "\
The tables are CSV in UTF-8 with commas or semicolons, at most 32 MiB. The first line names the
columns, in any case and with or without spaces and hyphens; other columns are not read, and named.
The national register publishes no format of an export: have the columns called by these names.
  hpr_number       HPR-nummer, HPR-nr, HPR, helsepersonellnummer (needed)
  status           autorisasjonsstatus, godkjenningsstatus: valid (gyldig, aktiv), limited (med
                   vilkår, begrenset), suspended (suspendert), revoked (tilbakekalt), annulled
                   (ugyldiggjort), waived (frivillig avkalt), ended (avsluttet, bortfalt), deceased
                   (død). Needed, unless there is `end_reason` or `valid_to`
  end_reason       sluttårsak, avslutningsårsak: 1 revoked, 2 annulled, 3 waived, 99 ended
  category         helsepersonellkategori, yrke: code system 9060, as in PE. Rows of other
                   professions are counted, and not compared. Without it all are of this office's
  kind             godkjenning, autorisasjonstype: code system 7704, or its word
  conditions       vilkår: yes or no
  valid_from, valid_to            gyldig fra, gyldig til. A right ends on `valid_to`
  suspended_from, suspended_until, limited_from, limited_until
  name, or given_name, middle_name, family_name          navn, fornavn, mellomnavn, etternavn
  birthdate        fødselsdato: 1980-02-29 or 29.02.1980
  deceased         dødsdato, død
  merged_into      nytt HPR-nummer, erstattet av
A roster needs `hpr_number` alone, and may be a list of numbers without a header. Names and birth
dates in it are compared. A national identity number is never read.

Names agree whatever their case, marks, hyphens and order. The end of a right may be its last day or
the day after. What a column does not say is not compared. Rights for temporary service, those of
specialists and those of boards are not compared.

Exit status: 0 nothing differs, 3 something differs or a row could not be read, 1 an error, 2 wrong
usage. By cron, which mails what is printed, only if there is something to see to:
  0 5 * * * umask 077; vernet-issuer reconcile hpr.csv >differences.txt || cat differences.txt";

#[derive(Args)]
#[command(after_long_help = HOW, after_help = "`--help` says which columns are read. Exit status 3 if something differs.")]
pub(super) struct ReconcileArgs {
    /// An export of the national register, as CSV
    #[arg(required_unless_present = "roster")]
    file: Option<PathBuf>,
    /// A hospital's roster, as CSV: who on it is not authorised by this office today?
    #[arg(long, value_name = "FILE")]
    roster: Option<PathBuf>,
}

/// A table, and what was found.
struct Reconciled<'a> {
    what: &'static str,
    file: &'a Path,
    table: ElsewhereTable,
    compared: Compared,
}

pub(super) fn run(session: &Session, args: &ReconcileArgs) -> Result<ExitCode> {
    let office = session.open()?;
    // A clock that is behind would call authorised whoever lost the right since.
    let now = session.releasing_clock(&office)?;
    let when = (now.civil_date(), now);
    let register = args.file.as_deref().map(|file| register(&office, file, when)).transpose()?;
    let roster = args.roster.as_deref().map(|file| roster(&office, file, when)).transpose()?;
    let all: Vec<_> = register.into_iter().chain(roster).collect();
    let count = |of: fn(&Reconciled<'_>) -> usize| all.iter().map(of).sum::<usize>();
    let differences = count(|one| one.compared.discrepancies.len());
    let not_read = count(|one| one.table.unread.len());
    let object = json!({
        "on": when.0,
        "as_of": now.to_string(),
        "differences": differences,
        "not_read": not_read,
        "tables": all.iter().map(Reconciled::object).collect::<Vec<_>>(),
    });
    session.answer(&object, || {
        let texts: Vec<_> = all.iter().map(Reconciled::text).collect();
        format!("{}\nas of {now}. Nothing was changed", texts.join("\n"))
    })?;
    Ok(match differences + not_read {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(DIFFERS),
    })
}

fn register<'a>(
    office: &Office,
    file: &'a Path,
    when: (CivilDate, NumericDate),
) -> Result<Reconciled<'a>> {
    let state = office.register().state();
    let table = ElsewhereTable::register(Documents::read(file)?.bytes(), state.titles(), when.0)?;
    let compared = compare_register(state, &table.rows, &table.unread_numbers(), when);
    Ok(Reconciled { what: "register", file, table, compared })
}

fn roster<'a>(
    office: &Office,
    file: &'a Path,
    when: (CivilDate, NumericDate),
) -> Result<Reconciled<'a>> {
    let table = ElsewhereTable::roster(Documents::read(file)?.bytes())?;
    let compared = compare_roster(office.register().state(), &table.rows, when);
    Ok(Reconciled { what: "roster", file, table, compared })
}

impl Reconciled<'_> {
    fn object(&self) -> Value {
        let differences = self.compared.discrepancies.iter().map(|one| {
            json!({
                "code": one.differs.code(),
                "line": one.line,
                "hpr_number": one.hpr_number,
                "name": one.name,
                "title": one.title,
                "certificate_number": one.certificate,
                "here": one.here,
                "there": one.there,
                "action": action(one),
            })
        });
        let not_read = self.table.unread.iter().map(|UnreadRow { line, hpr_number, error }| {
            json!({
                "line": line,
                "hpr_number": hpr_number,
                "code": error.code(),
                "message": error.to_string(),
            })
        });
        json!({
            "what": self.what,
            "table": shown(self.file),
            "rows": self.compared.rows,
            "other_rows": self.compared.others,
            "rights": self.compared.rights,
            "not_compared": self.compared.not_compared,
            "other_columns": self.table.other_columns,
            "differences": differences.collect::<Vec<_>>(),
            "not_read": not_read.collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let mut lines: Vec<_> = self.compared.discrepancies.iter().map(in_words).collect();
        lines.extend(self.table.unread.iter().map(|UnreadRow { line, error, .. }| {
            format!("line {line} is not read, and not compared: {error} [{}]", error.code())
        }));
        lines.push(self.summary());
        lines.join("\n")
    }

    fn summary(&self) -> String {
        let Compared { rows, others, rights, not_compared, discrepancies } = &self.compared;
        let some = |count: u64, words: &str| match count {
            0 => String::new(),
            count => format!(", {count} {words}"),
        };
        let columns = match &self.table.other_columns[..] {
            [] => String::new(),
            names => format!("; not read are the columns {}", names.join(", ")),
        };
        format!(
            "{}: {rows} rows compared with {rights} rights of this office: {} differences{}{}{}{columns}",
            self.file.display(),
            discrepancies.len(),
            some(*others, "rows of others"),
            some(self.table.unread.len() as u64, "rows not read"),
            some(*not_compared, "rights not compared for that"),
        )
    }
}

fn in_words(one: &Discrepancy) -> String {
    let Discrepancy { differs, line, hpr_number, name, certificate, here, there, .. } = one;
    let line = line.map_or_else(String::new, |line| format!(" (line {line})"));
    let name = if name.is_empty() { String::new() } else { format!("{name}, ") };
    let certificate = certificate.map_or_else(String::new, |number| format!(", {number}"));
    format!(
        "{}: {name}HPR number {hpr_number}{certificate}{line}\n  here: {here}; there: {there}\n  {}",
        differs.code(),
        action(one)
    )
}

/// What to do about a difference. A person decides: either of the two can be wrong.
fn action(one: &Discrepancy) -> String {
    let number = one.certificate.map_or_else(|| "NUMBER".to_owned(), |number| number.to_string());
    let tell_them = "have the national register put right";
    match one.differs {
        Differs::RevokedThere => format!(
            "ask for the decision today. If it stands: `vernet-issuer propose revoke {number}`, then publish. Until it is settled one officer can suspend: `vernet-issuer suspend {number} --until DAY --emergency`"
        ),
        Differs::AnnulledThere => format!(
            "ask for the decision today. If it stands: `vernet-issuer propose annul {number}`, then publish. Until it is settled one officer can suspend: `vernet-issuer suspend {number} --until DAY --emergency`"
        ),
        Differs::WaivedThere => format!(
            "ask for the declaration today. If there is one: `vernet-issuer propose waive {number}`, then publish"
        ),
        Differs::SuspendedThere => format!(
            "ask for the decision today. If it stands: `vernet-issuer propose suspend {number} --until DAY`, then publish; at once and alone: `vernet-issuer suspend {number} --until DAY --emergency`"
        ),
        Differs::DeceasedThere => format!(
            "look the death up in the population register. If it is right: `vernet-issuer propose deceased {number} --effective DAY`"
        ),
        Differs::EndedThere => format!(
            "find out today why it ended there: by age, by its own end, or by a decision that is not here. Record what is right about {number}, or {tell_them}"
        ),
        Differs::RosterNotAuthorised => {
            "tell the hospital at once: this person may not practise by a right of this office"
                .to_owned()
        }
        Differs::RosterUnknown => {
            "ask the hospital whether the number and the profession are right: this office never authorised anybody with it"
                .to_owned()
        }
        Differs::UnknownThere => format!(
            "compare the number with the application for {number}. If it is wrong here: `vernet-issuer propose correct {number} --hpr-number HPR`; else {tell_them}"
        ),
        Differs::TwoPersons => format!(
            "the number is somebody else's in one of the two: compare with the application for {number} at once. If it is wrong here: `vernet-issuer propose correct {number} --hpr-number HPR`; else {tell_them}"
        ),
        Differs::ConditionsThere => format!(
            "ask for the decision. If it stands: `vernet-issuer propose limit {number} --reference CASE`, then publish"
        ),
        Differs::KindDiffers => format!(
            "compare with the decision on {number}, and put right whichever differs from it: here by a new grant that names {number} as `previous_certificate`"
        ),
        Differs::LiveThere => format!(
            "{tell_them}, then `vernet-issuer notified {number} --decision SEQ --notice hpr`; `vernet-issuer history {number}` shows the decision"
        ),
        Differs::ConditionsHere => format!(
            "{tell_them}, unless the conditions have fallen: `vernet-issuer propose lift {number} --limitation`"
        ),
        Differs::MergedThere => format!(
            "find out whether the two numbers are one person. If so: `vernet-issuer propose merge {} {}`; else {tell_them}",
            one.here, one.there
        ),
        Differs::MergedHere => {
            format!("tell the national register that {} has {} in its place", one.there, one.here)
        }
        Differs::BirthdateDiffers => format!(
            "compare with the documents of the application for {number}. If it is wrong here: `vernet-issuer propose correct {number} --birthdate DAY`; else {tell_them}"
        ),
        Differs::NameDiffers => format!(
            "if the name is new: `vernet-issuer propose reissue {number} --because name_change --given-name NAME --family-name NAME`; if it was mistyped here: `vernet-issuer propose correct {number} --given-name NAME --family-name NAME`; else {tell_them}"
        ),
        Differs::PeriodDiffers => format!(
            "compare with the decision on {number}, and have whichever is wrong put right"
        ),
        Differs::UnknownHere => {
            "find out who granted it. If this office did: `vernet-issuer propose import FILE`, or `propose grant`"
                .to_owned()
        }
        Differs::RosterOldNumber => {
            format!("tell the hospital that the number is now {}", one.here)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    /// What a person fills in.
    const FILLED: [(&str, &str); 6] = [
        ("HPR", "9144900"),
        ("DAY", "2027-03-01"),
        ("CASE", "2026/1"),
        ("SEQ", "24"),
        ("NAME", "Li"),
        ("FILE", "people.csv"),
    ];

    #[test]
    fn every_difference_says_what_to_do_with_commands_that_exist() {
        let mut commands = 0;
        for differs in Differs::ALL {
            let one = Discrepancy {
                differs,
                line: Some(2),
                hpr_number: "9144889".parse().expect("a number"),
                name: String::new(),
                title: None,
                certificate: Some("NO-PE-2026-000001".parse().expect("a number")),
                here: "9144889".to_owned(),
                there: "9144900".to_owned(),
            };
            let text = action(&one);
            assert!(text.len() > 20, "{differs:?}: {text}");
            for command in text.split('`').filter(|text| text.starts_with("vernet-issuer ")) {
                let filled = FILLED
                    .iter()
                    .fold(command.to_owned(), |text, (from, to)| text.replace(from, to));
                if let Err(error) = Cli::try_parse_from(filled.split(' ')) {
                    panic!("{differs:?}: `{command}`: {error}");
                }
                commands += 1;
            }
        }
        assert!(commands > 10, "only {commands}");
    }
}

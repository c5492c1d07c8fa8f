//! What the register says: `show`, `list`, `history`, `due`.

use anyhow::{Context, Result};
use clap::Args;
use comfy_table::{ColumnConstraint, Table, Width, presets};
use serde_json::{Value, json};
use vernet_common::{CertificateClaims, CertificateNumber, CivilDate, Kind, NumericDate};
use vernet_host::{TimeError, parse_time};
use vernet_issuer::Office;
use vernet_register::{
    CertificateRecord, Dispatched, Due, DueKind, Event, ProtectedTitle, Refused, Standing, State,
    Statement,
};

use super::{
    Session, ends, history::SignedHistoryArgs, particulars::plainly, restored, terminal::fitted,
};

#[derive(Args)]
pub(super) struct ShowArgs {
    /// The certificate's number
    number: CertificateNumber,
    #[command(flatten)]
    moment: Moment,
}

#[derive(Args)]
pub(super) struct ListArgs {
    /// The applications that were refused, instead
    #[arg(long, conflicts_with_all = ["on", "known"])]
    refused: bool,
    /// Only those whose letter nobody recorded as printed or sent, and whose holder waits for it
    #[arg(long, conflicts_with_all = ["on", "known", "refused"])]
    unsent: bool,
    #[command(flatten)]
    moment: Moment,
}

#[derive(Args)]
pub(super) struct HistoryArgs {
    /// The certificate's number
    #[arg(required_unless_present = "out", conflicts_with = "out")]
    number: Option<CertificateNumber>,
    #[command(flatten)]
    signed: SignedHistoryArgs,
}

#[derive(Args)]
pub(super) struct DueArgs {
    /// Look so many days ahead
    #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(i32).range(0..=3650))]
    within: i32,
}

/// On which day, and as known when.
#[derive(Args)]
pub(super) struct Moment {
    /// On this day; today if not given
    #[arg(long, value_name = "DATE")]
    on: Option<CivilDate>,
    /// As the register knew it at this time, or at the end of this day; now if not given
    #[arg(long, value_name = "TIME", value_parser = end_or_instant)]
    known: Option<NumericDate>,
}

/// An instant, or a day for its last second in Oslo: what was recorded on that day was known on it.
fn end_or_instant(text: &str) -> Result<NumericDate, TimeError> {
    let instant = parse_time(text)?;
    Ok(match text.parse::<CivilDate>() {
        Ok(day) => day.plus_days(1).start().plus_seconds(-1),
        Err(_) => instant,
    })
}

impl Moment {
    fn resolve(&self, session: &Session, office: &Office) -> Result<(CivilDate, NumericDate)> {
        Ok(self.at(session.reading_clock(office)?))
    }

    /// The day and the instant, where what was not given is now.
    pub(super) fn at(&self, now: NumericDate) -> (CivilDate, NumericDate) {
        (self.on.unwrap_or_else(|| now.civil_date()), self.known.unwrap_or(now))
    }
}

pub(super) fn show(session: &Session, args: &ShowArgs) -> Result<()> {
    let found = session.look_up(args.number)?;
    let (on, known_at) = args.moment.at(session.reading_clock_of(&found)?);
    let record = found.record()?;
    let object = describe(&record, on, known_at)?;
    session.answer(&object, || {
        let claims = record.certificate().claims;
        let mut lines = vec![
            format!("{}  {}", claims.certificate_number, claims.full_name()),
            format!("  born {}, HPR number {}", claims.birthdate, claims.hpr_number),
            format!(
                "  {}, {} by {}, granted {}, certificate until {}",
                claims.title,
                claims.authorisation.kind.word().replace('_', " "),
                object["basis"].as_str().unwrap_or_default().replace('_', " "),
                claims.authorisation.granted,
                claims.exp.civil_date()
            ),
            format!("  on {on}: {}", in_words(&object["standing"], claims)),
            format!(
                "  status {} at index {} of {}",
                object["status"].as_str().unwrap_or_default(),
                claims.status.status_list.idx.index(),
                claims.status.status_list.uri
            ),
        ];
        lines.extend(replacement(&record, on, known_at).map(|text| format!("  {text}")));
        lines.extend(papers(&record, known_at).map(|text| format!("  {text}")));
        lines.join("\n")
    })
}

pub(super) fn list(session: &Session, args: &ListArgs) -> Result<()> {
    let office = session.open()?;
    if args.refused {
        return list_refused(session, office.register().state());
    }
    let (on, known_at) = args.moment.resolve(session, &office)?;
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header([
        "certificate",
        "name",
        "born",
        "HPR number",
        "kind",
        "granted",
        "until",
        "standing",
    ]);
    let mut objects = Vec::new();
    let state = office.register().state();
    for certificate in state.certificates() {
        if certificate.statement.recorded_at > known_at {
            continue;
        }
        let number = certificate.claims.certificate_number;
        if args.unsent && !state.letter_is_unsent(number, on, known_at)? {
            continue;
        }
        let record = state.record_of(number)?;
        let object = describe(&record, on, known_at)?;
        let claims = certificate.claims;
        let standing = replacement(&record, on, known_at)
            .unwrap_or_else(|| in_words(&object["standing"], claims));
        table.add_row([
            claims.certificate_number.to_string(),
            claims.full_name(),
            claims.birthdate.to_string(),
            claims.hpr_number.to_string(),
            match claims.title == ProtectedTitle::first().title {
                true => claims.authorisation.kind.word().replace('_', " "),
                // The others are for one title, most of the time.
                false => format!(
                    "{}, {}",
                    claims.authorisation.kind.word().replace('_', " "),
                    claims.title
                ),
            },
            claims.authorisation.granted.to_string(),
            claims.exp.civil_date().to_string(),
            standing,
        ]);
        objects.push(object);
    }
    // Wide enough for the number of the replacement certificate and a space beside it.
    if let Some(standing) = table.column_mut(7) {
        standing.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(19)));
    }
    session.answer(&json!(objects), || fitted(&mut table, &LIST_SPARE))
}

fn list_refused(session: &Session, state: &State) -> Result<()> {
    let mut table = Table::new();
    let header = ["no.", "decided", "name", "born", "HPR number", "kind", "reason"];
    table.load_style(presets::NOTHING).set_header(header);
    let mut objects = Vec::new();
    for (statement, Refused { application, reason }) in state.refusals() {
        objects.push(json!({
            "statement": statement.seq,
            "decided_on": statement.decided_on,
            "application": application,
            "reason": reason,
            "officers": officers(state, statement),
        }));
        table.add_row([
            statement.seq.to_string(),
            statement.decided_on.to_string(),
            application.given_name.with(&application.family_name),
            application.birthdate.to_string(),
            application.hpr_number.to_string(),
            application.kind.word().replace('_', " "),
            reason.clone(),
        ]);
    }
    session.answer(&json!(objects), || match objects.is_empty() {
        true => "no application was refused".to_owned(),
        false => fitted(&mut table, &[]),
    })
}

/// The columns that a narrow terminal omits and `show` has: kind, granted, until.
const LIST_SPARE: [usize; 3] = [4, 5, 6];

/// The column that a narrow terminal omits: when it was recorded.
pub(super) const HISTORY_SPARE: [usize; 1] = [4];

pub(super) fn history(session: &Session, args: &HistoryArgs) -> Result<()> {
    if let Some(out) = args.signed.out() {
        return args.signed.run(session, out);
    }
    let office = session.open()?;
    let number = args.number.context("which certificate? Give its number, or `--out FILE`")?;
    let history = office.register().state().history(number)?;
    session.answer(&serde_json::to_value(&history)?, || {
        fitted(&mut history_table(office.register().state(), &history), &HISTORY_SPARE)
    })
}

/// Statements, one per line, with both officers if two were needed.
pub(super) fn history_table(state: &State, history: &[&Statement]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header([
        "no.",
        "event",
        "decided",
        "effective",
        "recorded",
        "officers",
        "details",
    ]);
    for statement in history {
        table.add_row([
            statement.seq.to_string(),
            statement.event.name().replace('_', " "),
            statement.decided_on.to_string(),
            statement.effective_on.to_string(),
            statement.recorded_at.to_string(),
            officers(state, statement),
            details(statement),
        ]);
    }
    table
}

pub(super) fn officers(state: &State, statement: &Statement) -> String {
    state.officers_of(statement).collect::<Vec<_>>().join(", ")
}

pub(super) fn due(session: &Session, args: &DueArgs) -> Result<()> {
    let office = session.open()?;
    let now = session.reading_clock(&office)?;
    let outlook = office.outlook(args.within, now)?;
    let reminders = outlook.reminders.iter().map(|reminder| {
        let object = json!({
            "what": reminder.code,
            "at": reminder.at.to_string(),
            "overdue": reminder.at <= now,
            "subject": reminder.subject.text(),
            "action": reminder.action,
            "days_off": ends::days_off_as_json(reminder.days_off()),
        });
        // What is overdue is to be done now, whatever day it is.
        let days_off = reminder.days_off().filter(|_| reminder.at > now);
        let when = days_off.map_or_else(String::new, |days| format!(" (it ends {days})"));
        let text = format!("{}: {}{when}", reminder.subject.text(), reminder.action);
        (reminder.at, reminder.at <= now, object, text)
    });
    let due =
        outlook.due.iter().map(|due| (due.on.start(), due.overdue, due_object(due), due_text(due)));
    let mut rows: Vec<_> = reminders.chain(due).collect();
    rows.sort_by_key(|(at, ..)| *at);
    let objects: Vec<_> = rows.iter().map(|(_, _, object, _)| object).collect();
    session.answer(&json!(objects), || {
        if rows.is_empty() {
            return format!("nothing is due within {} days", args.within);
        }
        let line = |(at, overdue, object, text): &(NumericDate, bool, Value, String)| {
            let late = if *overdue { "OVERDUE  " } else { "" };
            let what = match object["what"].as_str().unwrap_or_default() {
                "eea_alert" => "EEA alert".to_owned(),
                "eea_end" => "EEA alert of an end".to_owned(),
                "employer" => "tell the employer".to_owned(),
                "nordic" => "tell the Nordic authorities".to_owned(),
                "hpr" => "update the register of health personnel".to_owned(),
                "employer_end" => "tell the employer of an end".to_owned(),
                "nordic_end" => "tell the Nordic authorities of an end".to_owned(),
                "hpr_end" => "update the register of health personnel after an end".to_owned(),
                other => other.replace('_', " "),
            };
            format!("{}  {late}{what}: {text}", at.civil_date())
        };
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    })
}

fn due_object(due: &Due) -> Value {
    let mut object =
        json!({ "on": due.on, "overdue": due.overdue, "certificate_number": due.certificate });
    object["what"] = due.what.code().into();
    match &due.what {
        DueKind::RenewalReminder { ends } => object["ends"] = json!(ends),
        DueKind::InGrace { until } => object["until"] = json!(until),
        DueKind::EmergencyEnds { decision }
        | DueKind::AppealEnds { decision }
        | DueKind::SuitEnds { decision } => object["decision"] = json!(decision),
        DueKind::KeyStolen { kid } => object["kid"] = json!(kid),
        DueKind::PaperMissing { because } => object["because"] = because.word().into(),
        DueKind::LostDecision { restore, hospitals } => {
            object["restore"] = json!(restore);
            object["hospitals"] = restored::word(*hospitals).into();
        }
        DueKind::Notice(notice) => {
            object["notice"] = json!({
                "decision": notice.decision,
                "given_name": notice.given_name,
                "family_name": notice.family_name,
                "birthdate": notice.birthdate,
                "profession": notice.profession,
                "authority": notice.authority,
                "scope": notice.scope,
                "from": notice.from,
                "until": notice.until,
            });
        }
        DueKind::CertificateExpires
        | DueKind::NotRenewed
        | DueKind::ReinstatementEnds
        | DueKind::SuspensionEnds
        | DueKind::PaperWrong
        | DueKind::LetterUnsent => {}
    }
    object
}

fn due_text(due: &Due) -> String {
    match &due.what {
        DueKind::CertificateExpires | DueKind::SuspensionEnds => due.certificate.to_string(),
        DueKind::RenewalReminder { ends } => format!(
            "{}, remind the holder: it must be renewed, the cycle ends before {ends}",
            due.certificate
        ),
        DueKind::NotRenewed => {
            format!("{}, its cycle ends before this day: it is not renewed yet", due.certificate)
        }
        DueKind::InGrace { until } => format!(
            "{}, its cycle is over and it is not renewed: it is good until {until}, not including it",
            due.certificate
        ),
        DueKind::ReinstatementEnds => {
            format!("{}, has lapsed: a renewal reinstates it before this day", due.certificate)
        }
        DueKind::EmergencyEnds { decision } => {
            format!(
                "{}, unless another officer runs `vernet-issuer approve {decision}`",
                due.certificate
            )
        }
        DueKind::KeyStolen { kid } => format!(
            "{}, signed with {kid} after it was stolen, is refused: `vernet-issuer propose reissue --all --because key_rotation --of-key {kid}`",
            due.certificate
        ),
        DueKind::PaperMissing { because } => format!(
            "{0}: the right is in force again, and hospitals refuse the holder until there is another certificate: `vernet-issuer propose reissue {0} --because {1}`",
            due.certificate,
            because.word()
        ),
        DueKind::PaperWrong => format!(
            "{0}: it says of its holder what is known to be wrong: `vernet-issuer propose reissue {0} --because correction`",
            due.certificate
        ),
        DueKind::LostDecision { restore, hospitals } => format!(
            "{}: hospitals were told `{}` by a decision that was lost, see statement {restore}: {}",
            due.certificate,
            restored::word(*hospitals),
            restored::ways_out(due.certificate, *hospitals)
        ),
        DueKind::LetterUnsent => format!(
            "{0}: nobody recorded that its letter was printed or sent: `vernet-issuer export {0} --format pdf`, then `vernet-issuer sent {0}`",
            due.certificate
        ),
        DueKind::AppealEnds { decision } => {
            format!("{}, the last day for an appeal against decision {decision}", due.certificate)
        }
        DueKind::SuitEnds { decision } => format!(
            "{}, the last day to go to court about decision {decision}, after the appeal",
            due.certificate
        ),
        DueKind::Notice(notice) => format!(
            "{}, born {}, {} from {}{}, by {} (then run `vernet-issuer notified {} --decision {} --notice {}`)",
            notice.given_name.with(&notice.family_name),
            notice.birthdate,
            notice.scope,
            notice.from,
            notice
                .until
                .map_or_else(String::new, |until| format!(" until {until}, not including it")),
            notice.authority,
            due.certificate,
            notice.decision,
            notice.notice.word(),
        ),
    }
}

fn describe(record: &CertificateRecord<'_>, on: CivilDate, known_at: NumericDate) -> Result<Value> {
    let claims = record.certificate().claims;
    let standing = record.standing(on, known_at)?;
    let status = restored::word(record.status(on, known_at)?);
    Ok(json!({
        "certificate_number": claims.certificate_number,
        "claims": claims,
        "basis": record.grant().application.basis.word(),
        "on": on,
        "known_at": known_at.to_string(),
        "standing": standing_object(&standing),
        "status": status,
        "may_practise": standing.may_practise(),
        "may_use_title": standing.may_use_title(),
        "end_reason": standing.end_reason().map(vernet_register::EndReason::code),
        "superseded_by": record.successor(known_at),
        "officers": record.officers().collect::<Vec<_>>().join(", "),
        "dispatched": dispatches_as_json(record, known_at),
    }))
}

/// Which certificate took the place of another one, and how long that is good.
fn replacement(
    record: &CertificateRecord<'_>,
    on: CivilDate,
    known_at: NumericDate,
) -> Option<String> {
    let (next, until) = record.replacement(on, known_at)?;
    Some(match until {
        Some(until) => format!("replaced by {next}, good until {until}, not including it"),
        None => format!("replaced by {next}"),
    })
}

/// The papers about a certificate that were printed or sent.
fn papers(record: &CertificateRecord<'_>, known_at: NumericDate) -> impl Iterator<Item = String> {
    record.dispatches(known_at).map(|(statement, papers)| {
        let to = papers.to.as_ref().map_or_else(String::new, |to| format!(" to {to}"));
        format!(
            "{} {} {}{to}, statement {}",
            papers.what.word().replace('_', " "),
            papers.how.word(),
            statement.effective_on,
            statement.seq
        )
    })
}

fn dispatches_as_json(record: &CertificateRecord<'_>, known_at: NumericDate) -> Vec<Value> {
    let as_json = |(statement, papers): (&Statement, &Dispatched)| {
        json!({
            "what": papers.what.word(),
            "how": papers.how.word(),
            "on": statement.effective_on,
            "to": papers.to,
            "statement": statement.seq,
        })
    };
    record.dispatches(known_at).map(as_json).collect()
}

fn standing_object(standing: &Standing) -> Value {
    let mut object = json!({ "code": standing.code() });
    match standing {
        Standing::WithConditions { reference, until } => {
            object["reference"] = json!(reference);
            object["until"] = json!(until);
        }
        Standing::Suspended { until } => object["until"] = json!(until),
        Standing::Ended { since, .. }
        | Standing::Lapsed { since, .. }
        | Standing::Deceased { since } => object["since"] = json!(since),
        Standing::NotYet | Standing::Authorised | Standing::Annulled => {}
    }
    object
}

fn in_words(standing: &Value, claims: &CertificateClaims) -> String {
    let text = |key: &str, before: &str| {
        standing[key].as_str().map_or_else(String::new, |value| format!("{before}{value}"))
    };
    let code = standing["code"].as_str().unwrap_or_default().replace('_', " ");
    // A board authorises nobody.
    let code = match claims.authorisation.kind {
        Kind::BoardCertificate => code.replace("authorised", "certified"),
        _ => code,
    };
    format!(
        "{code}{}{}{}",
        text("since", " since "),
        text("until", " until "),
        text("reference", ", ")
    )
}

/// The content of an event apart from its name and certificates.
pub(super) fn details(statement: &Statement) -> String {
    // Nobody reads hashes and slots.
    if let Event::Restored(restored) = &statement.event {
        let (size, lost) = (restored.log.size, restored.certificates.len());
        return format!(
            "what was published is taken back: {lost} of {size} certificates were lost"
        );
    }
    let Ok(Value::Object(event)) = serde_json::to_value(&statement.event) else {
        return String::new();
    };
    let claims = event
        .get("claims")
        .and_then(|claims| claims["certificate_number"].as_str())
        .map(ToOwned::to_owned);
    let plain = event.iter().filter(|(key, _)| {
        let elsewhere = ["type", "claims", "jws", "application", "names", "list", "appointment"];
        !elsewhere.contains(&key.as_str())
    });
    let mut parts: Vec<String> = claims.into_iter().collect();
    parts.extend(plain.filter_map(|(key, value)| {
        let key = key.replace('_', " ");
        match value {
            Value::String(text) => Some(format!("{key} {text}")),
            // A batch may be of thousands, who are not this person.
            Value::Array(numbers) if key == "certificates" => {
                Some(format!("{} certificates", numbers.len()))
            }
            Value::Bool(true) => Some(key),
            Value::Bool(false) => None,
            other => Some(format!("{key} {}", plainly(other))),
        }
    }));
    parts.join(", ")
}

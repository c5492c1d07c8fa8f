//! `officers appoint`: drafted at the office, signed where the root keys are, and recorded at the
//! office by one of the appointed.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde_json::{Value, json};
use vernet_common::{CivilDate, KeyId};
use vernet_host::{note, printable_lines};
use vernet_issuer::{KeyLocation, sign_appointment, write_atomic};
use vernet_register::{Appointment, Enrolment, Role, SignedAppointment};

use super::{
    Session, decisions::public_key, shortage::warn_of_what_is_left, terminal::shown,
    trust_list::write_draft,
};

#[derive(Subcommand)]
pub(super) enum AppointCommand {
    /// Write an appointment, unsigned: who shall be an officer, and whose keys end
    Draft {
        /// An officer: the name, the public half of the key, the roles with commas between them (or
        /// `all`), and the first day on which the officer is no longer in office. As often as needed
        #[arg(long, num_args = 4, value_names = ["NAME", "KEY.pub", "ROLES", "UNTIL"],
            action = clap::ArgAction::Append, required = true)]
        officer: Vec<String>,
        /// The first day in office, of all of them; today if not given
        #[arg(long, value_name = "DATE")]
        from: Option<CivilDate>,
        /// A key that ends, for instance one that was lost or stolen. As often as needed
        #[arg(long, value_name = "KID")]
        end: Vec<KeyId>,
        /// Where; `appointment.json` in the office's folder if not given
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Show an appointment and add a root key's signature; needs no office, only the file and the
    /// key
    Sign {
        /// The appointment
        file: PathBuf,
        /// The root key: its file, or the PKCS #11 URI of a token; several if they are all here
        #[arg(long, value_name = "FILE|URI", required = true)]
        key: Vec<KeyLocation>,
    },
    /// Record a signed appointment, if enough roots signed it: with the key of one of the officers
    /// in it
    Accept {
        /// The appointment; `appointment.json` in the office's folder if not given
        file: Option<PathBuf>,
    },
    /// Show an appointment in a file
    Show {
        /// The appointment
        file: PathBuf,
    },
}

pub(super) fn run(session: &Session, command: &AppointCommand) -> Result<()> {
    match command {
        AppointCommand::Draft { officer, from, end, out } => {
            draft(session, (officer, *from), end, out.as_deref())
        }
        AppointCommand::Sign { file, key } => sign(session, file, key),
        AppointCommand::Accept { file } => accept(session, file.as_deref()),
        AppointCommand::Show { file } => show(session, file),
    }
}

fn draft_path(session: &Session) -> PathBuf {
    session.office.join("appointment.json")
}

fn draft(
    session: &Session,
    (officers, from): (&[String], Option<CivilDate>),
    end: &[KeyId],
    out: Option<&Path>,
) -> Result<()> {
    let office = session.open()?;
    let now = session.checked_clock(&office)?;
    let from = from.unwrap_or_else(|| now.civil_date());
    let officers =
        officers.chunks(4).map(|one| enrolment(one, from)).collect::<Result<Vec<_>>>()?;
    let appointment = office.draft_appointment(officers, end, now)?;
    let json = to_json(&appointment)?;
    let out = write_draft(out, draft_path(session), &json)?;
    let claims = appointment.unverified_claims()?;
    let roots = office.register().state().pinned_roots();
    let needed = roots.map_or(0, |roots| roots.threshold);
    let object = json!({ "file": shown(&out), "appointment": claims, "threshold": needed });
    session.answer(&object, || {
        format!(
            "{}\nwrote {}: {needed} root keys must sign it, each wherever it is kept:\n  vernet-issuer officers appoint sign {} --key ROOT.pem",
            describe(&claims, &[]),
            out.display(),
            out.display()
        )
    })
}

/// An officer as given on the command line.
fn enrolment(words: &[String], from: CivilDate) -> Result<Enrolment> {
    let [name, key, roles, until] = words else {
        bail!("each `--officer` has a name, a key, roles and a day")
    };
    Ok(Enrolment {
        name: name.parse()?,
        key: public_key(&key.into())?,
        roles: roles_of(roles)?,
        from,
        until: until.parse()?,
    })
}

fn roles_of(text: &str) -> Result<BTreeSet<Role>> {
    if text == "all" {
        return Ok(Role::ALL.into());
    }
    let role = |word: &str| {
        let known = Role::ALL.into_iter().find(|role| role.word() == word.trim());
        known.ok_or_else(|| {
            let expected =
                "roles with commas between them: grant, supervise, publish, administer; or all";
            vernet_common::Error::field("roles", word, expected)
        })
    };
    Ok(text.split(',').map(role).collect::<Result<_, _>>()?)
}

fn sign(session: &Session, file: &Path, keys: &[KeyLocation]) -> Result<()> {
    let mut appointment = read(file)?;
    let claims = appointment.unverified_claims()?;
    note(format_args!("About to sign:\n{}", printable_lines(&describe(&claims, &[]))));
    let credentials = session.credentials.of_existing_keys();
    for key in keys {
        sign_appointment(&mut appointment, key, &credentials)
            .with_context(|| format!("`{key}`"))?;
    }
    write_atomic(file, &to_json(&appointment)?)?;
    let signers: Vec<KeyId> = appointment.signers().collect();
    let object = json!({ "file": shown(file), "signers": signers });
    session.answer_done("the appointment IS signed", &object, || {
        format!(
            "signed by {}\nThe office's register says how many root keys must sign, and which. Next, when enough have, at the office:\n  vernet-issuer officers appoint accept {}",
            words(&signers),
            file.display()
        )
    })
}

fn accept(session: &Session, file: Option<&Path>) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let file = file.map_or_else(|| draft_path(session), Path::to_owned);
    let signed = read(&file)?;
    let claims = signed.unverified_claims()?;
    let statement = session
        .as_of_now(&mut office, |office, now| office.accept_appointment(&signed, &*officer, now))?;
    if file == draft_path(session) {
        std::fs::remove_file(&file).with_context(|| {
            format!(
                "the appointment IS recorded, as statement {}, only its draft `{}` could not be removed",
                statement.seq,
                file.display()
            )
        })?;
    }
    warn_of_what_is_left(office.register().state(), statement.recorded_at.civil_date());
    let object = json!({
        "statement": statement.seq,
        "officer": statement.officer.as_str(),
        "appointment": claims,
        "signers": signed.signers().collect::<Vec<_>>(),
    });
    session.answer_done("the appointment IS recorded", &object, || {
        let names: Vec<_> = claims.officers.iter().map(|one| one.name.as_str()).collect();
        let ended = match &claims.ended[..] {
            [] => String::new(),
            ended => format!("; {} may sign nothing more", words(ended.iter().map(|one| &one.kid))),
        };
        format!(
            "statement {}: the root keys appointed {}{ended}\nIt counts from now on: vernet-issuer officers list",
            statement.seq,
            names.join(", ")
        )
    })
}

fn show(session: &Session, file: &Path) -> Result<()> {
    let appointment = read(file)?;
    note("UNVERIFIED: what the file claims to say");
    let claims = appointment.unverified_claims()?;
    let signers: Vec<KeyId> = appointment.signers().collect();
    let object: Value = json!({ "appointment": claims, "signers": signers });
    session.answer(&object, || describe(&claims, &signers))
}

/// What a person must see before signing.
fn describe(appointment: &Appointment, signers: &[KeyId]) -> String {
    let Appointment { iss, iat, seq, head, officers, ended } = appointment;
    let mut lines = vec![
        format!("an appointment of officers of {iss}"),
        format!("  drafted at {iat}, after statement {seq} of its register, which has the hash"),
        format!("    {head}"),
        "  officers from now on:".to_owned(),
    ];
    lines.extend(officers.iter().map(|Enrolment { name, key, roles, from, until }| {
        let roles: Vec<_> = roles.iter().map(|role| role.word()).collect();
        let (name, kid) = (name.as_str(), key.kid());
        format!("    {name}, key {kid}: {}, from {from} and before {until}", roles.join(", "))
    }));
    lines.push(match ended.is_empty() {
        true => "  no key ends".to_owned(),
        false => "  keys that may sign nothing more:".to_owned(),
    });
    lines.extend(ended.iter().map(|one| format!("    {}, key {}", one.officer.as_str(), one.kid)));
    lines.push("  everything else stays as it is".to_owned());
    if !signers.is_empty() {
        lines.push(format!("  signed by {}", words(signers)));
    }
    lines.join("\n")
}

fn words<'a>(kids: impl IntoIterator<Item = &'a KeyId>) -> String {
    kids.into_iter().map(KeyId::as_str).collect::<Vec<_>>().join(", ")
}

fn read(file: &Path) -> Result<SignedAppointment> {
    let read = || Ok::<_, anyhow::Error>(SignedAppointment::from_json(&std::fs::read(file)?)?);
    read().with_context(|| {
        format!(
            "reading the appointment `{}`, which `vernet-issuer officers appoint draft` writes",
            file.display()
        )
    })
}

fn to_json(appointment: &SignedAppointment) -> Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(appointment)?;
    json.push(b'\n');
    Ok(json)
}

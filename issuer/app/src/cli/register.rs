//! `register`: backups and copies of the register, and what was lost since a backup.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;
use vernet_issuer::{Office, PublicationSource};
use vernet_register::{Copied, RegisterLocation};

use super::{Session, answers, look::Look, terminal::shown};

#[derive(Subcommand)]
pub(super) enum RegisterCommand {
    /// Write the whole register to a new SQLite file, and read it back
    Backup(BackupArgs),
    /// Audit a register and copy it to where there is nothing yet, from SQLite to PostgreSQL or
    /// back
    Copy(CopyArgs),
    /// Propose to take back from the last publication what an old backup does not hold: certificates
    /// stay good, and what was revoked or suspended stays so until two officers decide anew
    Restore(RestoreArgs),
}

#[derive(Args)]
pub(super) struct BackupArgs {
    /// The file; it must not exist
    file: PathBuf,
}

#[derive(Args)]
pub(super) struct RestoreArgs {
    /// The newest publication that there is: its folder, or the URL from which hospitals fetch it
    #[arg(long, value_name = "URL|DIR")]
    from_publication: String,
}

#[derive(Args)]
pub(super) struct CopyArgs {
    /// A file, or a URL as in `postgres://USER@HOST/DATABASE`; the office's register if not given
    #[arg(long, value_name = "FILE|URL")]
    // Parsed later: clap repeats values that it refuses, and this may hold a password.
    from: Option<String>,
    /// A new file, or the URL of a data base without a register
    #[arg(long, value_name = "FILE|URL")]
    to: String,
}

pub(super) fn run(session: &Session, command: &RegisterCommand) -> Result<()> {
    match command {
        RegisterCommand::Backup(args) => backup(session, args),
        RegisterCommand::Copy(args) => copy(session, args),
        RegisterCommand::Restore(args) => restore(session, args),
    }
}

fn backup(session: &Session, args: &BackupArgs) -> Result<()> {
    // Opening refuses an old copy of the register: its backup would look like a new one.
    drop(session.open()?);
    let from = Office::register_location(&session.office)?;
    let copied = vernet_register::copy(&from, &args.file.as_path().into())?;
    let mut object = object(&copied);
    object["backup"] = shown(&args.file).into();
    session.answer_done("the backup IS written", &object, || {
        format!("wrote {} to {}", in_words(&copied), args.file.display())
    })
}

/// The proposal. Another administrator reviews and approves it as any other.
fn restore(session: &Session, args: &RestoreArgs) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let source = PublicationSource::parse(&args.from_publication);
    let statement = session
        .as_of_now(&mut office, |office, now| office.propose_restore(&source, &*officer, now))?;
    answers::proposed(session, &office, &statement, &Look::nothing())
}

fn copy(session: &Session, args: &CopyArgs) -> Result<()> {
    let from = match args.from.as_deref() {
        Some(from) => from.parse()?,
        None => Office::register_location(&session.office)?,
    };
    let to: RegisterLocation = args.to.parse()?;
    // The copy is compared row by row, so the audit of the original holds for the copy.
    vernet_register::audit(&from, None)?;
    let copied = vernet_register::copy(&from, &to)?;
    let mut object = object(&copied);
    object["from"] = from.to_string().into();
    object["to"] = to.to_string().into();
    session.answer_done("the register IS copied", &object, || {
        let next = match &to {
            RegisterLocation::File(_) => {
                "Next, to work with it: put it in the office's folder as register.sqlite, without `register` in office.json"
            }
            RegisterLocation::Postgres(_) => "Next, to work with it: write its URL in office.json, as `register`",
        };
        format!("copied {} from {from} to {to}\n{next}.", in_words(&copied))
    })
}

fn object(copied: &Copied) -> serde_json::Value {
    json!({
        "statements": copied.statements,
        "certificates": copied.certificates,
        "head": copied.head.to_string(),
    })
}

fn in_words(copied: &Copied) -> String {
    format!("{} statements and {} certificate numbers", copied.statements, copied.certificates)
}

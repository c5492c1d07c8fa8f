//! What all commands share: the office, the officer, the credentials, the clock, and the output.

use std::{io, path::PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;
use vernet_common::{CertificateNumber, KeyUse, NumericDate};
use vernet_host::{clock, note, printable_json, printable_lines, write_out};
use vernet_issuer::{Error, KeyLocation, LookUp, Office};
use vernet_register::OfficerSigner;

use super::credentials::{CredentialArgs, SessionCredentials};

#[derive(Args)]
pub(super) struct Session {
    /// The office's folder
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "VERNET_OFFICE",
        default_value = "office"
    )]
    pub(super) office: PathBuf,
    /// The private key of the officer who decides, from `keys new --use officer`: its file, or a
    /// `pkcs11:` URI
    #[arg(long, global = true, value_name = "FILE", env = "VERNET_OFFICER_KEY")]
    officer_key: Option<KeyLocation>,
    #[command(flatten)]
    pub(super) credentials: CredentialArgs,
    /// Print JSON for programs
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// You compared this machine's clock with another one: go on although nothing was recorded for
    /// a long time
    #[arg(long, global = true)]
    clock_is_right: bool,
}

/// No officer's key was given.
#[derive(Debug, thiserror::Error)]
#[error(
    "there is no officer's key in `--officer-key` or VERNET_OFFICER_KEY, expected that of the officer who decides"
)]
pub(super) struct OfficerKeyMissing;

impl OfficerKeyMissing {
    pub(super) const CODE: &str = "officer_key_missing";
}

impl Session {
    pub(super) fn open(&self) -> Result<Office> {
        let office = Office::open(&self.office)?;
        warn_of_network_disk(office.network_disk());
        Ok(office)
    }

    /// Looks one certificate up, without reading the whole register if that is not needed.
    pub(super) fn look_up(&self, number: CertificateNumber) -> Result<LookUp> {
        let found = LookUp::open(&self.office, number)?;
        warn_of_network_disk(found.network_disk());
        Ok(found)
    }

    /// Where the key of the officer is.
    pub(super) fn officer_location(&self) -> Result<&KeyLocation> {
        Ok(self.officer_key.as_ref().ok_or(OfficerKeyMissing)?)
    }

    /// The key of the officer who signs what is done now.
    pub(super) fn officer(&self) -> Result<Box<dyn OfficerSigner>> {
        let location = self.officer_location()?;
        let opened = location.open(&self.credentials.of_officer());
        let key = opened.with_context(|| format!("the officer's key `{location}`"))?;
        Ok(Box::new(key))
    }

    /// The credentials of the office's keys for these uses. Prompts for missing ones come now.
    pub(super) fn credentials_for(
        &self,
        office: &Office,
        uses: &[KeyUse],
    ) -> Result<SessionCredentials<'_>> {
        let now = clock()?;
        let locations = uses
            .iter()
            .map(|r#use| office.location_in_use(*r#use, now))
            .collect::<Result<Vec<_>, _>>()?;
        self.credentials.of(&locations)
    }

    /// Prints the answer: JSON for a program, text for a person.
    pub(super) fn answer(&self, json: &Value, text: impl FnOnce() -> String) -> Result<()> {
        self.write(json, text).or_else(unless_closed)
    }

    /// Prints a file as the answer, to the byte.
    pub(super) fn answer_with_file(&self, bytes: &[u8]) -> Result<()> {
        write_out(|out| out.write_all(bytes)).or_else(unless_closed)
    }

    fn write(&self, json: &Value, text: impl FnOnce() -> String) -> Result<()> {
        let answer = if self.json { printable_json(json) } else { printable_lines(&text()) };
        write_out(|out| writeln!(out, "{answer}"))
    }

    /// Prints the answer after an irreversible action: if the answer cannot be written, the error
    /// says that the action is done.
    pub(super) fn answer_done(
        &self,
        done: &str,
        json: &Value,
        text: impl FnOnce() -> String,
    ) -> Result<()> {
        self.write(json, text)
            .with_context(|| format!("{done}, only the answer could not be written"))
    }

    /// The clock for a change. A clock that is far ahead is not trusted unless a person has checked
    /// it.
    pub(super) fn checked_clock(&self, office: &Office) -> Result<NumericDate> {
        let now = clock()?;
        if !self.clock_is_right {
            office.check_clock(now)?;
        }
        Ok(now)
    }

    /// The clock for reading. One that is behind the register answers about the past, and says so.
    pub(super) fn reading_clock(&self, office: &Office) -> Result<NumericDate> {
        self.clock_for_reading(|now| office.check_not_behind(now))
    }

    /// The same for one certificate.
    pub(super) fn reading_clock_of(&self, found: &LookUp) -> Result<NumericDate> {
        self.clock_for_reading(|now| found.check_not_behind(now))
    }

    fn clock_for_reading(
        &self,
        check_not_behind: impl FnOnce(NumericDate) -> Result<(), Error>,
    ) -> Result<NumericDate> {
        let now = clock()?;
        if let Err(error) = check_not_behind(now) {
            note(format_args!(
                "warning: {error}: set the clock right. What follows is as of the clock, without what is later"
            ));
        }
        Ok(now)
    }

    /// The clock for what leaves the office: not one that is behind.
    pub(super) fn releasing_clock(&self, office: &Office) -> Result<NumericDate> {
        let now = clock()?;
        office.check_not_behind(now)?;
        Ok(now)
    }

    /// Does some work as of now. Another process may have recorded a decision after we read the
    /// clock and before we got the lock: then not the clock is behind, only our reading of it, and
    /// we read it again.
    pub(super) fn as_of_now<T, E: Into<Error>>(
        &self,
        office: &mut Office,
        mut work: impl FnMut(&mut Office, NumericDate) -> Result<T, E>,
    ) -> Result<T> {
        loop {
            match work(office, self.checked_clock(office)?).map_err(Into::into) {
                Err(Error::Register(vernet_register::Error::ClockBehind { known, .. }))
                    if known <= clock()? => {}
                done => return Ok(done?),
            }
        }
    }
}

fn warn_of_network_disk(kind: Option<&str>) {
    if let Some(kind) = kind {
        note(format_args!(
            "warning: the register lies on a network disk, {kind}, where two programs at once may damage it: keep it on a disk of this machine, or in PostgreSQL [register_on_network_disk]"
        ));
    }
}

/// A closed pipe is not an error: `list | head` has read all that it wants.
fn unless_closed(error: anyhow::Error) -> Result<()> {
    match error.downcast_ref().map(io::Error::kind) {
        Some(io::ErrorKind::BrokenPipe) => Ok(()),
        _ => Err(error),
    }
}

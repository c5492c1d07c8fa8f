//! What every command has in common: the office, the officer, the passphrases, the clock, and how to answer.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use getrandom::{SysRng, rand_core::UnwrapErr};
use serde_json::Value;
use vernet_common::{CivilDate, NumericDate, SecretKey};
use vernet_issuer::{Error, KeyFile, Office, Passphrase, is_readable_by_others};

use super::terminal::{note, printable, printable_json, printable_lines, write_out};

#[derive(Args)]
pub(super) struct Session {
    /// The office's folder
    #[arg(long, global = true, value_name = "DIR", env = "VERNET_OFFICE", default_value = "office")]
    pub(super) office: PathBuf,
    /// The private key of the officer who decides, from `keys new --use officer`
    #[arg(long, global = true, value_name = "FILE", env = "VERNET_OFFICER_KEY")]
    officer_key: Option<PathBuf>,
    /// A file whose first line is the passphrase of the officer's key; else that of the office's keys
    #[arg(long, global = true, value_name = "FILE", env = "VERNET_OFFICER_PASSPHRASE_FILE")]
    officer_passphrase_file: Option<PathBuf>,
    /// A file whose first line is the passphrase of the office's keys; else $VERNET_PASSPHRASE, else it is asked for
    #[arg(long, global = true, value_name = "FILE", env = "VERNET_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
    /// Print JSON for programs
    #[arg(long, global = true)]
    pub(super) json: bool,
    /// You compared this machine's clock with another one: go on although nothing was recorded for a long time
    #[arg(long, global = true)]
    clock_is_right: bool,
}

impl Session {
    pub(super) fn open(&self) -> Result<Office> {
        Ok(Office::open(&self.office)?)
    }

    /// The key of the officer who signs what is done now.
    pub(super) fn officer(&self) -> Result<SecretKey> {
        let file = self.officer_key.as_deref();
        let file = file.context("who decides? Give `--officer-key FILE` or set VERNET_OFFICER_KEY")?;
        // What is wrong with the file is known before anybody is asked for a passphrase.
        let read = || -> Result<SecretKey> {
            let key = KeyFile::open(file)?;
            let stored = match &self.officer_passphrase_file {
                Some(file) => Some(from_file(file)?),
                None => self.stored_passphrase()?,
            };
            let passphrase = stored.map_or_else(|| ask("Passphrase of the officer's key: "), Ok)?;
            Ok(key.decrypt(&passphrase)?)
        };
        read().with_context(|| format!("the officer's key `{}`", file.display()))
    }

    /// The passphrase of existing keys.
    pub(super) fn passphrase(&self) -> Result<Passphrase> {
        match self.stored_passphrase()? {
            Some(passphrase) => Ok(passphrase),
            None => ask("Passphrase of the keys: "),
        }
    }

    /// The passphrase of keys about to be made: asked for twice, because nobody can look it up afterwards.
    pub(super) fn new_passphrase(&self) -> Result<Passphrase> {
        let passphrase = match self.stored_passphrase()? {
            Some(passphrase) => passphrase,
            None => {
                let first = prompt("New passphrase of the keys: ")?;
                if first != prompt("The same again: ")? {
                    bail!("the two are not the same: nothing was written");
                }
                Passphrase::from_prompt(first)?
            }
        };
        passphrase.check_for_new_key()?;
        Ok(passphrase)
    }

    fn stored_passphrase(&self) -> Result<Option<Passphrase>> {
        if let Some(file) = &self.passphrase_file {
            return Ok(Some(from_file(file)?));
        }
        if std::env::var_os("VERNET_PASSPHRASE").is_some() {
            return Ok(Some(Passphrase::from_env("VERNET_PASSPHRASE")?));
        }
        Ok(None)
    }

    /// Answers: with JSON for a program, with text for a person.
    pub(super) fn answer(&self, json: &Value, text: impl FnOnce() -> String) -> Result<()> {
        let answer = if self.json { printable_json(json) } else { printable_lines(&text()) };
        write_out(|out| writeln!(out, "{answer}"))
    }

    /// Answers after something was done that cannot be undone: whoever does not get the answer is told that it is done.
    pub(super) fn answer_done(&self, done: &str, json: &Value, text: impl FnOnce() -> String) -> Result<()> {
        self.answer(json, text).with_context(|| format!("{done}, only the answer could not be written"))
    }

    /// The clock, to change something under. One that is far ahead is not believed unless a person has looked.
    pub(super) fn checked_clock(&self, office: &Office) -> Result<NumericDate> {
        let now = clock()?;
        if !self.clock_is_right {
            office.check_clock(now)?;
        }
        Ok(now)
    }

    /// Does some work as of now. Somebody else may have recorded a decision after we looked at the clock and before it was our turn: then
    /// the clock is not behind, only our look at it, and we look again.
    pub(super) fn as_of_now<T>(
        &self,
        office: &mut Office,
        mut work: impl FnMut(&mut Office, NumericDate) -> Result<T, Error>,
    ) -> Result<T> {
        loop {
            match work(office, self.checked_clock(office)?) {
                Err(Error::ClockBehind { known, .. }) if known <= clock()? => {}
                done => return Ok(done?),
            }
        }
    }
}

fn from_file(file: &Path) -> Result<Passphrase> {
    if is_readable_by_others(file).unwrap_or(false) {
        let file = printable(&file.display().to_string());
        note(format_args!("warning: `{file}` can be read by other users of this machine"));
    }
    Ok(Passphrase::from_file(file)?)
}

fn ask(question: &str) -> Result<Passphrase> {
    Ok(Passphrase::from_prompt(prompt(question)?)?)
}

fn prompt(question: &str) -> Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody can be asked for the passphrase here: give `--passphrase-file FILE` or set VERNET_PASSPHRASE");
    }
    rpassword::prompt_password(question).context("reading the passphrase")
}

/// The machine's clock: read here and nowhere else.
pub(super) fn clock() -> Result<NumericDate> {
    let since =
        SystemTime::now().duration_since(UNIX_EPOCH).context("the clock of this machine is before 1970: set it")?;
    let seconds = i64::try_from(since.as_secs()).context("the clock of this machine is broken: set it")?;
    Ok(NumericDate::from_seconds(seconds)?)
}

/// The operating system's random source. It ends the program rather than give a number that is not random.
pub(super) fn random() -> UnwrapErr<SysRng> {
    UnwrapErr(SysRng)
}

/// An instant as in `2026-11-22T10:00:00Z`, or a date for the start of that day in Oslo.
pub(super) fn parse_time(text: &str) -> Result<NumericDate> {
    if let Ok(date) = text.parse::<CivilDate>() {
        return Ok(date.start());
    }
    match text.parse() {
        Ok(instant) => Ok(instant),
        Err(_) => bail!("expected an instant as in `2026-11-22T10:00:00Z` or a date as in `2026-11-22`"),
    }
}

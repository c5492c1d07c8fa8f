//! `export`: a certificate in the forms that people use.

use std::{
    io::{IsTerminal, Write},
    num::NonZero,
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use vernet_common::{CertificateNumber, NumericDate, Status};
use vernet_host::note;
use vernet_issuer::{Error, Language, Office, Release, TerminalStyle, write_new_secret};

use vernet_register::{Dispatched, Handling, OfficerSigner, Paper};

use super::{
    Session, dispatches, ends,
    export_all::{self, Selection},
    export_together::{self, Together},
    terminal::shown,
};

#[derive(Args)]
pub(super) struct ExportArgs {
    /// The certificate's number
    #[arg(required_unless_present = "all")]
    number: Option<CertificateNumber>,
    /// The newest certificate of everybody, each in a file of its own
    #[arg(long, requires = "out", conflicts_with = "number")]
    all: bool,
    /// In which form
    #[arg(long, value_enum)]
    format: Format,
    /// The language of the letter or the card; if not given, the form of Norwegian that the person
    /// chose
    #[arg(long, value_enum, value_name = "LANGUAGE")]
    language: Option<Tongue>,
    /// For `ccps`: the authority that it is for, with its address, in one line
    #[arg(long, value_name = "TEXT", value_parser = dispatches::one_line)]
    addressee: Option<String>,
    /// Write to a file instead of standard output; with `--all`, to a folder
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// With `--all`: leave the files alone that are there already. So one goes on after an
    /// interruption
    #[arg(long, requires = "all")]
    only_missing: bool,
    /// With `--all`: how many at once; as many as there are processors, if not given
    #[arg(long, value_name = "N", requires = "all")]
    jobs: Option<NonZero<usize>>,
    /// With `--all`: those of people who are suspended or limited, too. Otherwise they are left out
    /// and named
    #[arg(long, requires = "all")]
    with_restricted: bool,
    /// With `--all`: only those whose letter nobody recorded as printed or sent
    #[arg(long, requires = "all")]
    unsent: bool,
    /// With `--all`: only those in this table, in its column `certificate_number`, and in its order
    #[arg(long, value_name = "FILE", requires = "all")]
    numbers: Option<PathBuf>,
    /// With `--all --format pdf`: all letters in one file for a printer, in a new folder, with a
    /// list of those whom they are for, as a table and as a page. At most 2,000
    #[arg(long, requires = "all", conflicts_with_all = ["only_missing", "jobs"])]
    together: bool,
    /// With `--together`: an empty page after each letter, for a printer that prints on both sides
    #[arg(long, requires = "together")]
    blank_backs: bool,
    /// Record that the letter, the card or the statement was printed today; `sent` records that it
    /// was sent
    #[arg(long)]
    record: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The certificate as text, an SD-JWT VC
    Jwt,
    /// The link in the QR code
    Url,
    /// The QR code as a picture that can be scaled
    QrSvg,
    /// The QR code as a picture
    QrPng,
    /// The QR code on this terminal
    QrTerminal,
    /// The letter: one A4 page as PDF, with the signed certificate attached
    Pdf,
    /// The same on a card of 85.6 x 54 mm
    Card,
    /// For authorities of other states, in English: a signed statement of the status today, with
    /// the reactions on record; good for 90 days
    Ccps,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Tongue {
    /// Norwegian bokmål, whatever the person chose
    Nb,
    /// Norwegian nynorsk, whatever the person chose
    Nn,
    /// English
    En,
    /// Swedish
    Sv,
    /// Danish
    Da,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::Nb => Self::Bokmal,
            Tongue::Nn => Self::Nynorsk,
            Tongue::En => Self::English,
            Tongue::Sv => Self::Swedish,
            Tongue::Da => Self::Danish,
        }
    }
}

pub(super) fn run(session: &Session, args: &ExportArgs) -> Result<()> {
    let on_paper = matches!(args.format, Format::Pdf | Format::Card);
    if args.language.is_some() && !on_paper {
        bail!(
            "`--language` is for `--format pdf` and `--format card`; other forms have no language, and `ccps` is in English"
        );
    }
    if args.addressee.is_some() && args.format != Format::Ccps {
        bail!("`--addressee` is for `--format ccps`; other forms are for everybody");
    }
    if args.record && !on_paper && args.format != Format::Ccps {
        bail!("`--record` is for what is printed: `--format pdf`, `card` and `ccps`");
    }
    if args.together && args.format != Format::Pdf {
        bail!("`--together` is for letters: `--format pdf`");
    }
    if args.all {
        return all(session, args);
    }
    let to_terminal = args.out.is_none() && std::io::stdout().is_terminal();
    if to_terminal && (on_paper || matches!(args.format, Format::QrPng | Format::Ccps)) {
        bail!("this form is not for a terminal: give `--out FILE`");
    }
    let mut office = session.open()?;
    let now = session.releasing_clock(&office)?;
    let officer = recorder(session, args, &office, now)?;
    let number = args.number.context("which certificate? Give its number, or `--all`")?;
    let release = office.release(number, now)?;
    if release.status() == Status::Suspended {
        note(
            "warning: the authorisation is suspended, so hospitals will refuse this certificate for the time being",
        );
    }
    if !release.is_published() {
        note(NOT_PUBLISHED);
    }
    let good_until = ends::of_exported(&office, now)?;
    let language = args.language.map_or(release.language(), Language::from);
    let bytes = match args.format {
        Format::Ccps => paper::ccps(session, &office, number, args.addressee.as_deref())?,
        format => render(&release, format, language, now, terminal_style(args.out.is_none()))?,
    };
    match &args.out {
        Some(file) => {
            // It contains a birthdate and a health personnel number: the holder decides who sees
            // them.
            write_new_secret(file, &bytes)?;
            let statement = record_printed(session, args, officer, &mut office, vec![number])?;
            let object = serde_json::json!({
                "file": shown(file),
                "bytes": bytes.len(),
                "good_until": good_until,
                "statement": statement,
            });
            session.answer(&object, || format!("wrote {}", file.display()))?;
        }
        None => {
            let mut stdout = std::io::stdout().lock();
            stdout
                .write_all(&bytes)
                .and_then(|()| stdout.flush())
                .context("writing to standard output")?;
            drop(stdout);
            record_printed(session, args, officer, &mut office, vec![number])?;
        }
    }
    Ok(())
}

/// A warning for those who print before publishing: what a hospital will say.
const NOT_PUBLISHED: &str = "note: no publication holds this certificate yet: hospitals will say `log_behind`, which is *not known*, until the next \
                             `vernet-issuer publish`";

/// The officer who records what is printed, if somebody is to. Whoever may not is refused before
/// anything is written.
fn recorder(
    session: &Session,
    args: &ExportArgs,
    office: &Office,
    now: NumericDate,
) -> Result<Option<Box<dyn OfficerSigner>>> {
    if !args.record {
        return Ok(None);
    }
    let officer = session.officer()?;
    dispatches::check_may_record(office, &*officer, now)?;
    Ok(Some(officer))
}

/// Records what was printed, if somebody is to. Returns the number of the last statement.
fn record_printed(
    session: &Session,
    args: &ExportArgs,
    officer: Option<Box<dyn OfficerSigner>>,
    office: &mut Office,
    certificates: Vec<CertificateNumber>,
) -> Result<Option<u64>> {
    let Some(officer) = officer.filter(|_| !certificates.is_empty()) else { return Ok(None) };
    let papers = Dispatched {
        what: match args.format {
            Format::Card => Paper::Card,
            Format::Ccps => Paper::ProfessionalStatus,
            _ => Paper::Letter,
        },
        how: Handling::Printed,
        certificates,
        decision: None,
        to: args.addressee.clone(),
    };
    let recorded = dispatches::record(session, office, &*officer, &papers, None)
        .context("what is printed is written and not recorded: record it with `sent --printed`")?;
    Ok(recorded.last().map(|last| last.seq))
}

/// The newest certificate of everybody, in a folder.
fn all(session: &Session, args: &ExportArgs) -> Result<()> {
    let extension = match args.format {
        Format::Jwt => "jwt",
        Format::Url => "url",
        Format::QrSvg => "svg",
        Format::QrPng => "png",
        Format::Pdf => "pdf",
        Format::Card => "card.pdf",
        Format::QrTerminal | Format::Ccps => {
            bail!("this form is for one certificate at a time: give its number")
        }
    };
    let (format, mut office) = (args.format, session.open()?);
    let now = session.releasing_clock(&office)?;
    let officer = recorder(session, args, &office, now)?;
    let folder = args.out.as_deref().context("`--all` needs `--out DIR`")?;
    let selection = Selection {
        unsent: args.unsent,
        numbers: args.numbers.as_deref().map(dispatches::read_numbers).transpose()?,
        with_restricted: args.with_restricted,
    };
    if args.together {
        let (language, blank_backs) = (args.language.map(Language::from), args.blank_backs);
        let together = Together { folder, language, blank_backs };
        return export_together::run(
            session,
            office,
            (&together, &selection),
            now,
            |office, of| {
                let mut office = office;
                record_printed(session, args, officer, &mut office, of)
            },
        );
    }
    let (only_missing, jobs) = (args.only_missing, args.jobs);
    let run = export_all::Run { folder, extension, only_missing, jobs, selection };
    let done = export_all::run(&office, &run, now, &|certificate| {
        let language = args.language.map_or(certificate.language(), Language::from);
        render(certificate, format, language, now, TerminalStyle::Plain)
    })?;
    let statement = record_printed(session, args, officer, &mut office, done.written().collect())?;
    export_all::answer(session, &run, done, statement)
}

/// A certificate in a form that states nothing new and so needs no key.
fn render(
    release: &Release,
    format: Format,
    language: Language,
    now: NumericDate,
    style: TerminalStyle,
) -> Result<Vec<u8>, Error> {
    Ok(match format {
        Format::Jwt => format!("{}\n", release.text()).into_bytes(),
        Format::Url => format!("{}\n", release.link()).into_bytes(),
        Format::QrSvg => release.qr_code()?.to_svg()?.into_bytes(),
        Format::QrPng => release.qr_code()?.to_png()?,
        Format::QrTerminal => release.qr_code()?.to_terminal(style)?.into_bytes(),
        Format::Pdf => paper::letter(release, language, now)?,
        Format::Card => paper::card(release, language, now)?,
        // This form is signed, which happens elsewhere.
        Format::Ccps => return Err(Error::CredentialsNeeded),
    })
}

#[cfg(feature = "pdf")]
mod paper {
    use vernet_common::KeyUse;
    use vernet_issuer::Error;

    use super::{CertificateNumber, Language, NumericDate, Office, Release, Result, Session};

    pub(super) fn letter(
        certificate: &Release,
        language: Language,
        now: NumericDate,
    ) -> Result<Vec<u8>, Error> {
        Ok(vernet_issuer::letter(certificate, language, now)?)
    }

    pub(super) fn card(
        certificate: &Release,
        language: Language,
        now: NumericDate,
    ) -> Result<Vec<u8>, Error> {
        Ok(vernet_issuer::card(certificate, language, now)?)
    }

    /// Something is signed, so the clock is checked.
    pub(super) fn ccps(
        session: &Session,
        office: &Office,
        number: CertificateNumber,
        addressee: Option<&str>,
    ) -> Result<Vec<u8>> {
        let credentials = session.credentials_for(office, &[KeyUse::Status])?;
        let status =
            office.professional_status(number, &credentials, session.checked_clock(office)?)?;
        Ok(vernet_issuer::status_letter(&status, addressee).map_err(Error::from)?)
    }
}

#[cfg(not(feature = "pdf"))]
mod paper {
    use vernet_issuer::Error;

    use super::{CertificateNumber, Language, NumericDate, Office, Release, Result, Session};

    const MISSING: Error = Error::FeatureMissing { feature: "pdf" };

    pub(super) fn letter(_: &Release, _: Language, _: NumericDate) -> Result<Vec<u8>, Error> {
        Err(MISSING)
    }

    pub(super) fn card(_: &Release, _: Language, _: NumericDate) -> Result<Vec<u8>, Error> {
        Err(MISSING)
    }

    pub(super) fn ccps(
        _: &Session,
        _: &Office,
        _: CertificateNumber,
        _: Option<&str>,
    ) -> Result<Vec<u8>> {
        Err(MISSING.into())
    }
}

/// Colours only on a terminal that shows them.
fn terminal_style(to_stdout: bool) -> TerminalStyle {
    let colours =
        to_stdout && std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    if colours { TerminalStyle::Coloured } else { TerminalStyle::Plain }
}

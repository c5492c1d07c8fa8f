//! `export --all --together`: letters in one file for a printer, with the list of those whom they
//! are for. The folder is there whole or not at all.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail};
use serde_json::json;
use vernet_common::{CertificateNumber, NumericDate};
use vernet_host::{FileError, files::write_atomic_private};
use vernet_issuer::{Language, Office, Recipient, Release, recipients_csv};

use super::{
    Session, ends,
    export_all::{LeftOut, Selection, told},
    terminal::{progress, shown},
};

/// The files in the folder.
const LETTERS: &str = "letters.pdf";
const TABLE: &str = "recipients.csv";
const PAGE: &str = "recipients.pdf";

/// The most letters in one file, which is held in memory until it is written: 160 MB in the
/// file, and 0.5 GB to make it.
const MOST: usize = 2_000;

/// What is wanted of the letters.
pub(super) struct Together<'a> {
    pub(super) folder: &'a Path,
    /// The language of all letters; that of each person if there is none.
    pub(super) language: Option<Language>,
    /// Whether an empty page follows on each letter.
    pub(super) blank_backs: bool,
}

/// Writes the letters, has them recorded with `record`, and only then puts the folder in its place.
pub(super) fn run(
    session: &Session,
    office: Office,
    (wanted, selection): (&Together<'_>, &Selection),
    now: NumericDate,
    record: impl FnOnce(Office, Vec<CertificateNumber>) -> Result<Option<u64>>,
) -> Result<()> {
    if wanted.folder.symlink_metadata().is_ok() {
        return Err(FileError::Exists { path: wanted.folder.to_owned() }.into());
    }
    let written = write(&office, wanted, selection, now)?;
    let good_until = ends::of_exported(&office, now)?;
    let Written { staged, recipients, left_out, not_published } = written;
    let numbers: Vec<_> = recipients.iter().map(|one| one.certificate_number).collect();
    let statement = record(office, numbers)?;
    let in_place = || format!("cannot create `{}`", wanted.folder.display());
    fs::rename(staged.path(), wanted.folder).with_context(in_place)?;
    // It is not there any more under its first name.
    let _ = staged.keep();
    told(&left_out, not_published);
    let object = json!({
        "folder": shown(wanted.folder),
        "letters": recipients.len(),
        "files": [LETTERS, TABLE, PAGE],
        "left_out": left_out.iter().map(LeftOut::as_json).collect::<Vec<_>>(),
        "not_published": not_published,
        "good_until": good_until,
        "statement": statement,
    });
    session.answer_done("the letters ARE written", &object, || {
        let recorded = match statement {
            Some(seq) => format!("statement {seq} says that they were printed"),
            None => format!(
                "once they are printed or sent: vernet-issuer sent --batch {}",
                wanted.folder.join(TABLE).display()
            ),
        };
        format!(
            "{} letters written to {}: {LETTERS}, and {TABLE} and {PAGE} with those whom they are for\n{recorded}",
            recipients.len(),
            wanted.folder.display()
        )
    })
}

struct Written {
    staged: tempfile::TempDir,
    recipients: Vec<Recipient>,
    left_out: Vec<LeftOut>,
    not_published: usize,
}

fn write(
    office: &Office,
    wanted: &Together<'_>,
    selection: &Selection,
    now: NumericDate,
) -> Result<Written> {
    let releases = office.releases()?;
    let (mut left_out, mut recipients, mut not_published) = (Vec::new(), Vec::new(), 0);
    let numbers = selection.numbers(office, &releases, now)?;
    let mut letters = paper::Letters::new(wanted.blank_backs, now)?;
    let bar = progress("writing letters");
    bar.set_length(numbers.len() as u64);
    for number in numbers {
        bar.inc(1);
        let release: Release = match releases.release(number, now) {
            Ok(release) => release,
            Err(error) if LeftOut::may_not(&error) => {
                left_out.push(LeftOut::refused(number, &error));
                continue;
            }
            Err(error) => return Err(anyhow::Error::new(error).context(number.to_string())),
        };
        if let Some(why) = selection.leaves_out(&release) {
            left_out.push(LeftOut::restricted(&release, why));
            continue;
        }
        if recipients.len() == MOST {
            bail!(
                "there are more than {MOST} letters, expected at most {MOST} in one file: choose some with `--unsent` or `--numbers FILE`"
            );
        }
        let language = wanted.language.unwrap_or_else(|| release.language());
        letters.add(&release, language)?;
        not_published += usize::from(!release.is_published());
        recipients.push(release.recipient(recipients.len() + 1, language));
    }
    bar.finish_and_clear();
    if recipients.is_empty() {
        told(&left_out, 0);
        bail!("there is no letter to write: {} were left out", left_out.len());
    }
    let folder = wanted.folder.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let in_folder = || format!("cannot create a folder in `{}`", folder.display());
    fs::create_dir_all(folder).with_context(in_folder)?;
    let mut builder = tempfile::Builder::new();
    builder.prefix(".vernet-letters-");
    // Letters name people, so only its owner may read a new folder.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let staged = builder.tempdir_in(folder).with_context(in_folder)?;
    let put = |name: &str, bytes: &[u8]| write_atomic_private(&staged.path().join(name), bytes);
    put(LETTERS, &letters.finish()?)?;
    put(TABLE, &recipients_csv(&recipients))?;
    put(PAGE, &paper::recipients(office, &recipients, wanted.language, now)?)?;
    Ok(Written { staged, recipients, left_out, not_published })
}

#[cfg(feature = "pdf")]
mod paper {
    use vernet_issuer::{Error, LetterBatch};

    use super::{Language, NumericDate, Office, Recipient, Release, Result};

    pub(super) struct Letters(LetterBatch);

    impl Letters {
        pub(super) fn new(blank_backs: bool, now: NumericDate) -> Result<Self> {
            let batch = LetterBatch::new(&now.to_string(), blank_backs, now);
            Ok(Self(batch.map_err(Error::from)?))
        }

        pub(super) fn add(&mut self, release: &Release, language: Language) -> Result<()> {
            Ok(self.0.add(release, language).map_err(Error::from)?)
        }

        pub(super) fn finish(self) -> Result<Vec<u8>> {
            Ok(self.0.finish().map_err(Error::from)?)
        }
    }

    pub(super) fn recipients(
        office: &Office,
        of: &[Recipient],
        language: Option<Language>,
        now: NumericDate,
    ) -> Result<Vec<u8>> {
        let sender = office.config().sender(now.civil_date());
        let page = vernet_issuer::recipients(of, sender, language.unwrap_or_default(), now);
        Ok(page.map_err(Error::from)?)
    }
}

#[cfg(not(feature = "pdf"))]
mod paper {
    use vernet_issuer::Error;

    use super::{Language, NumericDate, Office, Recipient, Release, Result};

    const MISSING: Error = Error::FeatureMissing { feature: "pdf" };

    pub(super) struct Letters;

    impl Letters {
        pub(super) fn new(_: bool, _: NumericDate) -> Result<Self> {
            Err(MISSING.into())
        }

        pub(super) fn add(&mut self, _: &Release, _: Language) -> Result<()> {
            Err(MISSING.into())
        }

        pub(super) fn finish(self) -> Result<Vec<u8>> {
            Err(MISSING.into())
        }
    }

    pub(super) fn recipients(
        _: &Office,
        _: &[Recipient],
        _: Option<Language>,
        _: NumericDate,
    ) -> Result<Vec<u8>> {
        Err(MISSING.into())
    }
}

//! `export --all`: the newest certificate of everybody, each in a file that is written whole or not
//! at all.
//!
//! Several threads take one number after the other; memory holds only the numbers and the failures.

use std::{
    fs, io,
    num::NonZero,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::{Context, Result, bail};
use comfy_table::{Table, presets};
use serde_json::json;
use vernet_common::{CertificateNumber, NumericDate};
use vernet_host::{files::write_atomic_private, note};
use vernet_issuer::{Error, Office, Release, Releases};
use vernet_verifier::Code;

use super::{
    Session, ends,
    terminal::{fitted, progress, shown},
};

/// The destination and the options.
pub(super) struct Run<'a> {
    pub(super) folder: &'a Path,
    pub(super) extension: &'static str,
    pub(super) only_missing: bool,
    pub(super) jobs: Option<NonZero<usize>>,
}

/// How one certificate becomes a file.
pub(super) type Render<'a> = dyn Fn(&Release) -> Result<Vec<u8>, Error> + Sync + 'a;

pub(super) fn run(
    session: &Session,
    office: &Office,
    run: &Run<'_>,
    now: NumericDate,
    render: &Render<'_>,
) -> Result<()> {
    let releases = office.releases()?;
    let numbers: Vec<_> = releases.newest().collect();
    make_folder(run.folder).with_context(|| format!("cannot create `{}`", run.folder.display()))?;
    let bar = progress("writing certificates");
    bar.set_length(numbers.len() as u64);
    let shared = Shared {
        run,
        releases: &releases,
        now,
        render,
        numbers: &numbers,
        next: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
        written: AtomicUsize::new(0),
        not_published: AtomicUsize::new(0),
        there: AtomicUsize::new(0),
        not_written: Mutex::default(),
    };
    let jobs = run.jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..jobs.min(numbers.len()) {
            scope.spawn(|| shared.work(&|| bar.inc(1)));
        }
    });
    bar.finish_and_clear();
    let good_until = ends::of_exported(office, now)?;
    answer(session, run, (numbers.len(), good_until), shared)
}

/// What the threads share.
struct Shared<'a> {
    run: &'a Run<'a>,
    releases: &'a Releases<'a>,
    now: NumericDate,
    render: &'a Render<'a>,
    numbers: &'a [CertificateNumber],
    next: AtomicUsize,
    /// Set if a file could not be written: then the next ones cannot either.
    stopped: AtomicBool,
    written: AtomicUsize,
    /// How many of the certificates no publication holds yet.
    not_published: AtomicUsize,
    there: AtomicUsize,
    not_written: Mutex<Vec<(CertificateNumber, Error)>>,
}

impl Shared<'_> {
    fn work(&self, one_done: &dyn Fn()) {
        while let Some(number) = self.numbers.get(self.next.fetch_add(1, Ordering::Relaxed))
            && !self.stopped.load(Ordering::Relaxed)
        {
            match self.write(*number) {
                Ok(counter) => drop(counter.fetch_add(1, Ordering::Relaxed)),
                Err(error) => {
                    self.stopped.fetch_or(matches!(error, Error::File(_)), Ordering::Relaxed);
                    // A panic in another thread leaves the list whole: threads only push to it.
                    self.not_written
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push((*number, error));
                }
            }
            one_done();
        }
    }

    fn write(&self, number: CertificateNumber) -> Result<&AtomicUsize, Error> {
        // Checked first, so that an existing file of a certificate that was withdrawn since is
        // reported.
        let release = self.releases.release(number, self.now)?;
        if !release.is_published() {
            self.not_published.fetch_add(1, Ordering::Relaxed);
        }
        let path = self.run.folder.join(format!("{number}.{}", self.run.extension));
        if self.run.only_missing && path.exists() {
            return Ok(&self.there);
        }
        write_atomic_private(&path, &(self.render)(&release)?)?;
        Ok(&self.written)
    }
}

/// Whether the certificate may not be printed, as opposed to a failure.
fn may_not(error: &Error) -> bool {
    matches!(error, Error::Withdrawn { .. } | Error::SelfCheck { found: Code::Expired, .. })
}

fn answer(
    session: &Session,
    run: &Run<'_>,
    (all, good_until): (usize, serde_json::Value),
    shared: Shared<'_>,
) -> Result<()> {
    let Shared { not_written, written, there, not_published, .. } = shared;
    let not_published = not_published.into_inner();
    if not_published > 0 {
        note(format_args!(
            "note: no publication holds {not_published} of the certificates yet: hospitals will say `log_behind` until the next `vernet-issuer publish`"
        ));
    }
    let mut not_written = not_written.into_inner().unwrap_or_else(PoisonError::into_inner);
    not_written.sort_by_key(|(number, _)| *number);
    let (written, there) = (written.into_inner(), there.into_inner());
    let refused = not_written.iter().filter(|(_, error)| may_not(error)).count();
    let failed = not_written.len() - refused;
    let rows = not_written.iter().map(|(number, error)| {
        let left = run.folder.join(format!("{number}.{}", run.extension)).exists();
        json!({ "certificate_number": number, "code": error.code(), "message": error.to_string(), "file_from_before": left })
    });
    let object = json!({
        "folder": shown(run.folder),
        "certificates": all,
        "written": written,
        "there_already": there,
        "not_published": not_published,
        "good_until": good_until,
        "refused": refused,
        "failed": failed,
        "not_written": rows.collect::<Vec<_>>(),
    });
    session.answer(&object, || {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_header(["certificate", "code", "why not"]);
        for (number, error) in &not_written {
            let left = run.folder.join(format!("{number}.{}", run.extension)).exists();
            let left = if left { "; its file from before is there: remove it" } else { "" };
            table.add_row([number.to_string(), error.code().to_owned(), format!("{error}{left}")]);
        }
        let table =
            if table.is_empty() { String::new() } else { format!("{}\n", fitted(&mut table, &[])) };
        let there = if there > 0 { format!(", {there} there already") } else { String::new() };
        format!(
            "{table}{written} written to {}{there}, {refused} may not be printed",
            run.folder.display()
        )
    })?;
    match not_written.into_iter().find(|(_, error)| !may_not(error)) {
        None => Ok(()),
        Some((number, error @ Error::File(_))) => Err(anyhow::Error::new(error)
            .context(format!("{number}; the same command with `--only-missing` goes on"))),
        Some(_) => bail!("{failed} certificates were not written"),
    }
}

/// Letters name people, so only its owner may read a new folder.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

//! `export --all`: the newest certificate of everybody, each in a file that is written whole or not
//! at all.
//!
//! Several threads take one number after the other; memory holds only the numbers and the failures.

use std::{
    collections::BTreeSet,
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
use serde_json::{Value, json};
use vernet_common::{CertificateNumber, NumericDate, Status};
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
    pub(super) selection: Selection,
}

/// Which certificates are wanted.
pub(super) struct Selection {
    /// Only those whose letter nobody recorded.
    pub(super) unsent: bool,
    /// Only these, in this order.
    pub(super) numbers: Option<Vec<CertificateNumber>>,
    /// Those of people who are suspended or limited, too.
    pub(super) with_restricted: bool,
}

impl Selection {
    /// The numbers of the certificates that are wanted.
    pub(super) fn numbers(
        &self,
        office: &Office,
        releases: &Releases<'_>,
        now: NumericDate,
    ) -> Result<Vec<CertificateNumber>> {
        let mut numbers = match &self.numbers {
            None => releases.newest().collect(),
            Some(named) => {
                let mut seen = BTreeSet::new();
                named.iter().copied().filter(|number| seen.insert(*number)).collect::<Vec<_>>()
            }
        };
        if self.unsent {
            let (state, today) = (office.register().state(), now.civil_date());
            let mut waiting = BTreeSet::new();
            for number in &numbers {
                if state.letter_is_unsent(*number, today, now)? {
                    waiting.insert(*number);
                } else if state.certificate_status(*number, today, now)? == Status::Suspended
                    && state.dispatches(*number, now).next().is_none()
                {
                    // It is named among those that are left out.
                    waiting.insert(*number);
                }
            }
            numbers.retain(|number| waiting.contains(number));
        }
        Ok(numbers)
    }

    /// Why a certificate is left out, unless those that are restricted are wanted.
    pub(super) fn leaves_out(&self, release: &Release) -> Option<&'static str> {
        release.restriction().filter(|_| !self.with_restricted)
    }
}

/// A certificate that is not printed, and why.
pub(super) struct LeftOut {
    number: CertificateNumber,
    /// The holder; empty if the certificate may not be printed at all.
    name: String,
    code: &'static str,
    why: String,
}

impl LeftOut {
    /// Whether the certificate may not be printed, as opposed to a failure.
    pub(super) fn may_not(error: &Error) -> bool {
        matches!(error, Error::Withdrawn { .. } | Error::SelfCheck { found: Code::Expired, .. })
    }

    pub(super) fn refused(number: CertificateNumber, error: &Error) -> Self {
        Self { number, name: String::new(), code: error.code(), why: error.to_string() }
    }

    pub(super) fn restricted(release: &Release, code: &'static str) -> Self {
        let claims = release.claims();
        let why = format!("its holder is {code}: `--with-restricted` prints it all the same");
        Self { number: claims.certificate_number, name: claims.full_name(), code, why }
    }

    pub(super) fn as_json(&self) -> Value {
        let Self { number, name, code, why } = self;
        json!({ "certificate_number": number, "name": name, "code": code, "message": why })
    }
}

/// Tells, before the answer, what was left out and what hospitals do not know yet.
pub(super) fn told(left_out: &[LeftOut], not_published: usize) {
    for LeftOut { number, name, code, why } in left_out {
        match name.as_str() {
            "" => note(format_args!("warning: {number} is left out: {why} [{code}]")),
            name => note(format_args!("warning: {number}, {name}, is left out: {why} [{code}]")),
        }
    }
    if not_published > 0 {
        note(format_args!(
            "note: no publication holds {not_published} of the certificates yet: hospitals will say `log_behind` until the next `vernet-issuer publish`"
        ));
    }
}

/// How one certificate becomes a file.
pub(super) type Render<'a> = dyn Fn(&Release) -> Result<Vec<u8>, Error> + Sync + 'a;

pub(super) fn run(
    office: &Office,
    run: &Run<'_>,
    now: NumericDate,
    render: &Render<'_>,
) -> Result<Done> {
    let releases = office.releases()?;
    let numbers = run.selection.numbers(office, &releases, now)?;
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
        written: Mutex::default(),
        left_out: Mutex::default(),
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
    Ok(Done {
        all: numbers.len(),
        good_until,
        written: inner(shared.written),
        left_out: inner(shared.left_out),
        not_published: shared.not_published.into_inner(),
        there: shared.there.into_inner(),
        not_written: inner(shared.not_written),
    })
}

/// What was done.
pub(super) struct Done {
    all: usize,
    good_until: Value,
    written: Vec<CertificateNumber>,
    left_out: Vec<LeftOut>,
    not_published: usize,
    there: usize,
    not_written: Vec<(CertificateNumber, Error)>,
}

impl Done {
    /// The certificates whose files were written.
    pub(super) fn written(&self) -> impl Iterator<Item = CertificateNumber> {
        self.written.iter().copied()
    }
}

/// A panic in another thread leaves a list whole: threads only push to it.
fn inner<T: Sortable>(list: Mutex<Vec<T>>) -> Vec<T> {
    let mut list = list.into_inner().unwrap_or_else(PoisonError::into_inner);
    list.sort_by_key(Sortable::number);
    list
}

/// What has a number to be sorted by, because threads finish in any order.
trait Sortable {
    fn number(&self) -> CertificateNumber;
}

impl Sortable for CertificateNumber {
    fn number(&self) -> CertificateNumber {
        *self
    }
}

impl Sortable for LeftOut {
    fn number(&self) -> CertificateNumber {
        self.number
    }
}

impl Sortable for (CertificateNumber, Error) {
    fn number(&self) -> CertificateNumber {
        self.0
    }
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
    written: Mutex<Vec<CertificateNumber>>,
    /// Those of people who are suspended or limited.
    left_out: Mutex<Vec<LeftOut>>,
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
                Ok(()) => {}
                Err(error) => {
                    self.stopped.fetch_or(matches!(error, Error::File(_)), Ordering::Relaxed);
                    push(&self.not_written, (*number, error));
                }
            }
            one_done();
        }
    }

    fn write(&self, number: CertificateNumber) -> Result<(), Error> {
        // Checked first, so that an existing file of a certificate that was withdrawn since is
        // reported.
        let release = self.releases.release(number, self.now)?;
        if let Some(why) = self.run.selection.leaves_out(&release) {
            push(&self.left_out, LeftOut::restricted(&release, why));
            return Ok(());
        }
        if !release.is_published() {
            self.not_published.fetch_add(1, Ordering::Relaxed);
        }
        let path = self.run.folder.join(format!("{number}.{}", self.run.extension));
        if self.run.only_missing && path.exists() {
            self.there.fetch_add(1, Ordering::Relaxed);
            return Ok(());
        }
        write_atomic_private(&path, &(self.render)(&release)?)?;
        push(&self.written, number);
        Ok(())
    }
}

fn push<T>(list: &Mutex<Vec<T>>, one: T) {
    list.lock().unwrap_or_else(PoisonError::into_inner).push(one);
}

/// Prints what was done; an error if something failed.
pub(super) fn answer(
    session: &Session,
    run: &Run<'_>,
    done: Done,
    statement: Option<u64>,
) -> Result<()> {
    let Done { all, good_until, written, left_out, not_published, there, not_written } = done;
    told(&left_out, not_published);
    let written = written.len();
    let refused = not_written.iter().filter(|(_, error)| LeftOut::may_not(error)).count();
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
        "left_out": left_out.iter().map(LeftOut::as_json).collect::<Vec<_>>(),
        "statement": statement,
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
            "{table}{written} written to {}{there}, {refused} may not be printed{}",
            run.folder.display(),
            match left_out.len() {
                0 => String::new(),
                count => format!(", {count} left out"),
            }
        )
    })?;
    match not_written.into_iter().find(|(_, error)| !LeftOut::may_not(error)) {
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

//! How fast an import, a history of everybody, and the printing of letters are: `cargo xtask
//! measure bulk_speed [ROWS]`.
//!
//! All steps are included: documents, two officers, rules, signatures, the check of each
//! certificate by the verifier, reading its QR code back, and the commit.

use std::{
    fmt::Write as _,
    fs,
    num::NonZero,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use vernet_issuer::{Language, letter};
use vernet_register::{Documents, OfficerSigner};
use vernet_tests::{
    figures::{self as measure, Person},
    founded::FoundedOffice,
};

fn main() -> Result<()> {
    let rows = std::env::args().nth(1).map_or(Ok(2000), |rows| rows.parse::<usize>())?;
    let people = measure::people()?;
    let mut desk = measure::open_office()?;
    let [file, out] = ["people.csv", "history"].map(|name| desk.folder.path().join(name));
    fs::write(&file, table(&people, rows)?)?;

    let document = Documents::read(&file)?;
    let began = Instant::now();
    let report = desk.founded.office.check_import(
        &desk.founded.office.read_import(document.bytes(), desk.founded.now)?,
        desk.founded.now,
    );
    ensure!(report.refused().count() == 0, "{:?}", report.refused().next());
    println!("dry run: {:.0} rows a second", rate(rows, began));

    let FoundedOffice { office, officers: [kari, ola], passphrase, rng, now, .. } =
        &mut desk.founded;
    let began = Instant::now();
    let (proposed, _) = office.propose_import((&document, false), &[], kari, *now)?;
    println!("proposal of {rows} rows: {:.1} s", began.elapsed().as_secs_f64());
    let mut bulk = office.begin_bulk(proposed.seq, passphrase, (ola, *now))?;
    let (began, mut tenth) = (Instant::now(), Instant::now());
    let (mut at, part) = (0, rows.div_ceil(10));
    while office.bulk_step(&mut bulk, (ola, *now), rng)?.is_none() {
        // If any cost grew with the square of the rows, the last tenth would be the slowest.
        if bulk.done() - at >= part || bulk.done() == rows {
            println!("  {:>7} rows, {:.0} a second", bulk.done(), rate(bulk.done() - at, tenth));
            (at, tenth) = (bulk.done(), Instant::now());
        }
    }
    println!("import: {:.0} rows a second, at most {} in memory", rate(rows, began), memory());
    let (began, by) = (Instant::now(), (&*kari as &dyn OfficerSigner, now.plus_seconds(1)));
    let made = office.write_history(&[], (&out, None), passphrase, by, &mut |_, _| {})?;
    println!(
        "history: {:.0} certificates a second, {} bytes",
        rate(made.certificates, began),
        made.bytes
    );
    let began = Instant::now();
    office.register_mut().refresh()?;
    vernet_issuer::Office::open(&desk.folder.path().join("office"))?;
    println!("opening the office afterwards: {:.1} s", began.elapsed().as_secs_f64());
    letters(&desk.founded, people.len().min(rows))
}

/// The people of `tests/names`, repeated under different numbers.
fn table(people: &[Person], rows: usize) -> Result<String> {
    let mut csv = String::from(
        "hpr_number,given_name,family_name,birthdate,kind,basis,granted,exam_school,exam_date\n",
    );
    for (row, person) in people.iter().cycle().take(rows).enumerate() {
        let Person { given_name, family_name, birthdate, granted, .. } = person;
        let hpr = 1_000_000 + row;
        writeln!(
            csv,
            "{hpr},{given_name},{family_name},{birthdate},1,norwegian_exam,{granted},A school,{granted}"
        )?;
    }
    Ok(csv)
}

/// Letters of the first people, as `export --all --format pdf` writes them; all of them must
/// render.
fn letters(desk: &FoundedOffice, people: usize) -> Result<()> {
    let releases = desk.office.releases()?;
    let numbers: Vec<_> = releases.newest().take(people).collect();
    for workers in [1, thread::available_parallelism().map_or(1, NonZero::get)] {
        let (now, certificates) = (desk.now, &releases);
        let (began, next, bytes) = (Instant::now(), AtomicUsize::new(0), AtomicUsize::new(0));
        let work = || -> Result<()> {
            while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                let pdf = letter(&certificates.release(*number, now)?, Language::default(), now)?;
                bytes.fetch_add(pdf.len(), Ordering::Relaxed);
            }
            Ok(())
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().expect("writing letters does not panic"))
        })?;
        let size = bytes.into_inner() / numbers.len().max(1) / 1000;
        println!(
            "letters of {people} people: {:.1} a second by {workers}, {size} kB each",
            rate(people, began)
        );
    }
    Ok(())
}

fn rate(count: usize, began: Instant) -> f64 {
    count as f64 / began.elapsed().as_secs_f64()
}

/// The peak memory of this process, as Linux reports it.
fn memory() -> String {
    let peak = || -> Result<String> {
        let status = fs::read_to_string("/proc/self/status")?;
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")).context("no VmHWM")?;
        Ok(format!("{} MB", line.trim().trim_end_matches(" kB").parse::<u64>()? / 1000))
    };
    peak().unwrap_or_else(|_| "an unknown amount".to_owned())
}

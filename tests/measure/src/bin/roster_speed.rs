//! How fast `vernet-verifier roster check` is, and how much memory it takes, for 100,000 people,
//! each with a certificate.
//!
//! `cargo xtask measure roster_speed`; an argument sets another number of people. For comparison it
//! prints the minimum: the time for as many bare signature checks on as many threads.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use vernet_common::{QrPayload, Signed, Signer};
use vernet_tests::{
    office::{CERTIFICATE_KEY, Office, key},
    people::person,
};

/// The office's one status list has this many slots, and each person needs one.
const MOST: u32 = 131_071;

fn main() -> Result<()> {
    let people: u32 = std::env::args()
        .nth(1)
        .map_or(Ok(100_000), |text| text.parse())
        .context("a number of people")?;
    ensure!((1..=MOST).contains(&people), "expected 1 to {MOST} people");
    let (office, folder) = (Office::new(), tempfile::tempdir()?);
    let folder = folder.path();
    let texts = write_tables(&office, people, folder)?;
    // After the tables, because by now every certificate is in the log.
    fs::create_dir(folder.join("publication"))?;
    fs::write(folder.join("publication/bundle.json"), office.bundle().to_json()?)?;
    office.write_log(&folder.join("publication/log"));
    fs::write(folder.join("roots.json"), serde_json::to_vec(&office.anchor())?)?;

    let threads = thread::available_parallelism()?.get();
    println!("{people} people, {threads} processors\n");
    println!("{:<42}{:>9}{:>9}{:>10}{:>11}", "", "s", "rows/s", "CPU s", "peak MB");
    let print = |what: &str, Used { seconds, cpu, peak }: Used| {
        let peak = peak.map_or("-".to_owned(), |peak| format!("{peak:.0}"));
        println!(
            "{what:<42}{seconds:>9.2}{:>9.0}{cpu:>10.2}{peak:>11}",
            f64::from(people) / seconds
        );
    };
    print("bare signature checks, for comparison", bare_checks(&texts, threads));
    for (what, table, more) in [
        ("texts, to JSON", "texts.csv", &["--out", "last.json"][..]),
        ("links, to JSON", "links.csv", &["--out", "links.json"]),
        ("texts, to HTML", "texts.csv", &["--out", "report.html"]),
        ("texts, to CSV", "texts.csv", &["--out", "report.csv"]),
        ("texts, as a table", "texts.csv", &["--out", "report.txt"]),
        (
            "texts, what has changed since, to JSON",
            "texts.csv",
            &["--since", "last.json", "--out", "last.json"],
        ),
    ] {
        print(what, check(folder, table, more)?);
    }
    Ok(())
}

/// Writes both tables, and returns the texts of the certificates.
fn write_tables(office: &Office, people: u32, folder: &Path) -> Result<Vec<String>> {
    let mut tables =
        ["texts.csv", "links.csv"].map(|name| File::create(folder.join(name)).map(BufWriter::new));
    for table in &mut tables {
        let table = table
            .as_mut()
            .map_err(|error| std::io::Error::new(error.kind(), "a table cannot be written"))?;
        writeln!(table, "staff_id,name,birthdate,certificate,ward")?;
    }
    let page = "https://verify.example.no/v".parse()?;
    let public_key = key(CERTIFICATE_KEY).public_key();
    let mut texts = Vec::new();
    for number in 1..=people {
        let text = person(office, number, "Åse", "Kjærstad Østlyngen-Bråthen").text();
        let signed = Signed::parse(text.trim_end_matches('~'))?;
        let link = QrPayload::encode(&signed, &signed.verify(&public_key)?, &office.trust_list)?
            .to_link(&page);
        for (table, certificate) in tables.iter_mut().flatten().zip([&text, &link]) {
            writeln!(table, "{number},Åse Bråthen,1980-02-29,{certificate},Heart")?;
        }
        texts.push(text);
    }
    tables.into_iter().flatten().try_for_each(|mut table| table.flush())?;
    Ok(texts)
}

/// The resources that a run used.
struct Used {
    /// Wall-clock time: of little value while others use the machine.
    seconds: f64,
    /// Processor time, of all processors together.
    cpu: f64,
    /// The most memory, in MB.
    peak: Option<f64>,
}

fn bare_checks(texts: &[String], threads: usize) -> Used {
    let public_key = key(CERTIFICATE_KEY).public_key();
    let signature = key(CERTIFICATE_KEY).sign(texts[0].as_bytes()).expect("a key in memory signs");
    let (begun, before) = (Instant::now(), cpu("self").unwrap_or_default());
    thread::scope(|scope| {
        for part in texts.chunks(texts.len().div_ceil(threads)) {
            scope.spawn(|| {
                // The signature is that of the first text: the work is the same whether it is valid
                // or not.
                part.iter()
                    .filter(|text| public_key.verify(text.as_bytes(), &signature).is_ok())
                    .count()
            });
        }
    });
    let cpu = cpu("self").unwrap_or_default() - before;
    Used { seconds: begun.elapsed().as_secs_f64(), cpu, peak: None }
}

/// The processor time of a process, in seconds: Linux counts it in hundredths, in the fields after
/// the name in brackets.
fn cpu(process: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = status.rsplit_once(") ")?.1.split(' ').skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some((next()? + next()?) / 100.0)
}

fn check(folder: &Path, table: &str, more: &[&str]) -> Result<Used> {
    let program = std::env::current_exe()?.with_file_name("vernet-verifier");
    let begun = Instant::now();
    let mut process = Command::new(&program)
        .args([
            "--state",
            "state",
            "roster",
            "check",
            table,
            "--roots",
            "roots.json",
            "--publication",
            "publication",
        ])
        .args(["--at", "2026-11-22T10:00:00Z"])
        .args(more)
        .current_dir(folder)
        .stdout(Stdio::null())
        .spawn()
        .with_context(|| {
            format!("starting `{}`: build it with `--release` first", program.display())
        })?;
    let (mut peak, mut used) = (0.0_f64, 0.0);
    let status = loop {
        // The value is a peak, so it is enough to read it now and then.
        let status =
            fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap_or_default();
        let kilobytes =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak = kilobytes
            .and_then(|text| text.parse().ok())
            .map_or(peak, |kilobytes: f64| peak.max(kilobytes / 1000.0));
        used = cpu(&process.id().to_string()).unwrap_or(used);
        if let Some(status) = process.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(5));
    };
    ensure!(status.success(), "everybody is in order, but `roster check` says {status}");
    Ok(Used { seconds: begun.elapsed().as_secs_f64(), cpu: used, peak: Some(peak) })
}

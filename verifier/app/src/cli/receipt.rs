//! `receipt`: repeats the check that a receipt records.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use serde_json::json;
use vernet_common::{Payload, TrustAnchor};
use vernet_host::{files::read_capped, hex, printable, printable_json};
use vernet_verifier::{
    Verdict,
    receipt::{Evidence, Receipt, ReplayFault},
};

use super::keys::read_public_key;
use crate::{archive::Search, entry::digits_of, global::Global, picture, store::read_anchor};

#[derive(Subcommand)]
pub(super) enum ReceiptCommand {
    /// Make the check of a receipt again from archived files: the same verdict, or exactly what is
    /// missing
    Verify(VerifyArgs),
}

#[derive(Args)]
pub(super) struct VerifyArgs {
    /// The receipt
    #[arg(value_name = "RECEIPT")]
    receipt: PathBuf,
    /// The public key of who signed it, a `.pub` file; each of them if there were several over the
    /// years
    #[arg(long, required = true, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// Where the office's lists of that time are: what `sync --archive` keeps, copies of
    /// publications, bundles, an object store's archive; a folder of any layout, or several
    #[arg(long, value_name = "DIR")]
    archive: Vec<PathBuf>,
    /// What was shown: the certificate as a file, a picture or a PDF; else it is looked for in the
    /// archive, as text
    #[arg(long, value_name = "FILE")]
    certificate: Option<String>,
    /// The office's root keys of that time, `roots.json`; else those pinned with `trust add`
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// Trust the `roots.json` in the archive if its fingerprint begins with these hexadecimal
    /// digits (at least 16), which you had from the office
    #[arg(long, value_name = "HEX", value_parser = parse_fingerprint)]
    fingerprint: Option<String>,
}

fn parse_fingerprint(text: &str) -> Result<String> {
    let digits = digits_of(text);
    if !(16..=64).contains(&digits.len()) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        bail!("expected 16 to 64 hexadecimal digits");
    }
    Ok(digits)
}

pub(super) fn run(global: &Global, command: &ReceiptCommand) -> Result<ExitCode> {
    let ReceiptCommand::Verify(args) = command;
    let keys = args.key.iter().map(|file| read_public_key(file)).collect::<Result<Vec<_>>>()?;
    let text = || {
        String::from_utf8(read_capped(&args.receipt, 2 * Receipt::MAX_BYTES)?)
            .context("it is no text, expected a receipt as `check --receipt` or a server wrote it")
    };
    let text =
        text().with_context(|| format!("reading the receipt `{}`", args.receipt.display()))?;
    let (receipt, signed_by) = match Receipt::open(&text, &keys) {
        Ok(receipt) => (receipt.claims().clone(), (receipt.kid(), receipt)),
        Err(fault) => return print(global, None, Err(vec![fault]), &[]),
    };
    let mut search = Search::new(Evidence::new(&signed_by.1), &receipt);
    anchors(global, args)?.iter().for_each(|anchor| search.evidence().trust(anchor));
    if let Some(argument) = &args.certificate {
        let presented = picture::read(argument, |contents| contents)?;
        for text in presented.into_iter().filter_map(|presented| presented.text.ok()) {
            // A code that can only be read with the trust list is reported later, once that is
            // found.
            search.shown.push(text);
        }
    }
    let vouch = |anchor: &TrustAnchor| {
        args.fingerprint
            .as_ref()
            .is_some_and(|start| hex(&anchor.fingerprint()).starts_with(start.as_str()))
    };
    let replayed = search.replay(&args.archive, &vouch)?;
    let mut notes: Vec<String> = [("damaged", &search.damaged), ("unreadable", &search.unreadable)]
        .into_iter()
        .flat_map(|(what, files)| {
            files.iter().map(move |file| format!("`{}` is {what}", file.display()))
        })
        .collect();
    if !global.json {
        notes.extend(replayed.as_ref().err().and_then(|faults| about_certificate(args, faults)));
    }
    print(global, Some(&receipt), replayed, &notes)
}

/// The trusted roots.
fn anchors(global: &Global, args: &VerifyArgs) -> Result<Vec<TrustAnchor>> {
    match &args.roots {
        Some(file) => Ok(vec![read_anchor(file)?]),
        None => {
            let mut entries = global.store()?.entries()?;
            entries.take_errors().iter().for_each(|error| global.complain(error));
            Ok(entries.pinned().into_iter().map(|entry| entry.anchor).collect())
        }
    }
}

fn print(
    global: &Global,
    receipt: Option<&Receipt>,
    replayed: Result<Verdict, Vec<ReplayFault>>,
    notes: &[String],
) -> Result<ExitCode> {
    let (verdict, faults) = match replayed {
        Ok(verdict) => (Some(verdict), Vec::new()),
        Err(faults) => (None, faults),
    };
    // If an intact copy was found, damaged or unreadable ones do not matter.
    let notes = if verdict.is_some() { &[] } else { notes };
    let done = if verdict.is_some() { ExitCode::SUCCESS } else { ExitCode::from(1) };
    if global.json {
        let faults: Vec<_> = faults
            .iter()
            .map(|fault| json!({ "code": fault.code(), "message": fault.to_string() }))
            .collect();
        let object = json!({
            "confirmed": verdict.is_some(), "receipt": receipt, "verdict": verdict, "faults": faults, "files": notes,
        });
        anstream::println!("{}", printable_json(&object));
        return Ok(done);
    }
    if let Some(receipt) = receipt {
        receipt.to_string().lines().for_each(|line| anstream::println!("{}", printable(line)));
    }
    match verdict {
        Some(verdict) => {
            anstream::println!("✔ CONFIRMED: the same check gives the same verdict");
            if let Some(certificate) = verdict.certificate() {
                anstream::println!(
                    "  {}, born {}, certificate {}",
                    certificate.full_name(),
                    certificate.birthdate,
                    certificate.certificate_number
                );
            }
        }
        None => {
            anstream::println!("✘ NOT CONFIRMED");
            for fault in &faults {
                anstream::println!("  {} [{}]", printable(&fault.to_string()), fault.code());
            }
            notes.iter().for_each(|note| anstream::println!("  {}", printable(note)));
            if let Some(hint) = faults.iter().find_map(hint) {
                anstream::println!("  → {hint}");
            }
        }
    }
    Ok(done)
}

/// What is wrong with `--certificate`, if the certificate is reported missing although the option
/// was given.
fn about_certificate(args: &VerifyArgs, faults: &[ReplayFault]) -> Option<String> {
    let given = args.certificate.as_ref()?;
    let is_missing = |fault: &ReplayFault| {
        matches!(fault, ReplayFault::CertificateMissing { .. } | ReplayFault::InputMissing { .. })
    };
    faults.iter().find(|fault| is_missing(fault))?;
    let lacks_list =
        faults.iter().any(|fault| matches!(fault, ReplayFault::TrustListMissing { .. }));
    let why = if lacks_list {
        "may be it, but a code can be read only with that trust list"
    } else {
        "is not it"
    };
    Some(format!("what is in `{given}` {why}"))
}

/// What to do about a fault.
fn hint(fault: &ReplayFault) -> Option<&'static str> {
    Some(match fault {
        ReplayFault::RootsNotTrusted { .. } => {
            "compare this fingerprint with the office's, and give it with `--fingerprint HEX`"
        }
        ReplayFault::RootsMissing { .. } => {
            "give the office's `roots.json` of that time with `--roots FILE`"
        }
        ReplayFault::CertificateMissing { .. } | ReplayFault::InputMissing { .. } => {
            "give what was shown with `--certificate FILE`"
        }
        ReplayFault::SignerUnknown { .. } => {
            "give the public key of who signed it with `--key FILE`"
        }
        ReplayFault::TrustListMissing { .. }
        | ReplayFault::TrustChainMissing { .. }
        | ReplayFault::StatusListMissing { .. }
        | ReplayFault::NewestMissing { .. } => {
            "give folders with the office's publications of that time with `--archive DIR`; the office may have an archive too"
        }
        ReplayFault::Refused(_) => {
            "the receipt, or a list that it names, is damaged or was changed: ask whoever filed it for another copy"
        }
        _ => return None,
    })
}

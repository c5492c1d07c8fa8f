//! `witness`: signs that an office's log of certificates has only grown. See docs/WITNESS.md.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use vernet_common::{AddCheckpoint, Bundle, Error, LogHead, LogTree, SignedCheckpoint};
use vernet_host::{clock, files::write_atomic, printable};
use vernet_verifier::{FetchedLists, Memory};

use crate::{
    fetch::{Deadline, Tiles, fetch},
    global::Global,
    publication_source::Source,
    refusal::Refusal,
    store::entry_for,
    witness::{Cosigned, Cosigner, NotCosigned, WitnessKeyArgs},
};

#[derive(Subcommand)]
pub(super) enum WitnessCommand {
    /// Look at what an office has published, and cosign its log if it only grew
    Cosign(CosignArgs),
    /// Answer offices that ask for cosignatures (C2SP tlog-witness), those whose roots are pinned
    #[cfg(feature = "serve")]
    Serve(crate::serve::WitnessServeArgs),
}

#[derive(Args)]
pub(super) struct CosignArgs {
    #[command(flatten)]
    key: WitnessKeyArgs,
    /// What the office published, or prepared for its witnesses: a folder or a URL
    #[arg(long, value_name = "DIR|URL")]
    publication: Source,
    /// The office's root keys, `roots.json`; else those pinned with `trust add`
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// Where to write the cosignature; else it is printed
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(super) fn run(global: &Global, command: WitnessCommand) -> Result<ExitCode> {
    match command {
        WitnessCommand::Cosign(args) => cosign(global, &args),
        #[cfg(feature = "serve")]
        WitnessCommand::Serve(args) => crate::serve::serve_witness(global, args),
    }
}

fn cosign(global: &Global, args: &CosignArgs) -> Result<ExitCode> {
    let store = global.store()?;
    let deadline = Deadline::begin();
    let bundle = fetch(&args.publication, deadline)?;
    let anchor = entry_for(&bundle, args.roots.as_deref(), &store)?.anchor;
    let mut lists = FetchedLists::new(bundle, &Memory::new(&anchor));
    Tiles::of(&args.publication, deadline).complete(&mut lists, Vec::new)?;
    let bundle = lists.into_bundle();
    let cosigner = Cosigner::new(&store, args.key.open()?);
    match cosigner.learn(&anchor, &bundle.trust_lists, clock()?) {
        // An office sends its trust list to witnesses before it publishes it.
        Err(error) if matches!(error.downcast_ref(), Some(Error::TrustListRolledBack { .. })) => {}
        learnt => learnt?,
    }
    let known = cosigner.head(&anchor)?;
    let request = request(&bundle, known)?;
    let found = || serde_json::to_value(&bundle).unwrap_or_default();
    let Cosigned { head, at, lines } = match cosigner
        .cosign(&anchor, &request, found, || Ok(clock()?))
    {
        Ok(cosigned) => cosigned,
        Err(NotCosigned::Failed(error)) => return Err(error),
        Err(NotCosigned::NoTrustList) => {
            return Err(Error::Inconsistent { what: "the trust list is gone" }.into());
        }
        Err(NotCosigned::Refused(source, evidence)) => {
            global.complain(&Refusal::NotCosigned { known, source }.into());
            if let Some(evidence) = evidence {
                anstream::eprintln!(
                    "ALARM: the log does not continue the one that was cosigned before; the evidence is in `{}`: show it to the office and to whoever \
                     supervises it",
                    evidence.display()
                );
            }
            return Ok(ExitCode::from(1));
        }
    };
    if let Some(out) = &args.out {
        write_atomic(out, lines.as_bytes())?;
    }
    let origin = SignedCheckpoint::origin(&anchor.iss);
    if global.json {
        let object = json!({
            "origin": origin, "size": head.size, "root": head.root, "witness": cosigner.name(), "cosigned_at": at.to_string(), "cosignature": lines,
        });
        anstream::println!("{object}");
        return Ok(ExitCode::SUCCESS);
    }
    anstream::eprintln!(
        "{} cosigned {} certificates of {}",
        cosigner.name(),
        head.size,
        printable(&origin)
    );
    if args.out.is_none() {
        anstream::print!("{lines}");
    }
    Ok(ExitCode::SUCCESS)
}

/// The request that the office would send to this witness: all leaves are available, so the proof
/// is computed here.
fn request(bundle: &Bundle, known: LogHead) -> Result<AddCheckpoint> {
    let log = bundle.log.as_ref().context("the publication holds no log")?;
    let checkpoint = log.checkpoint.clone();
    let head = checkpoint.head();
    let leaves = log.leaves.as_deref().ok_or(Error::LogLeavesMissing { size: head.size })?;
    let tree: LogTree = leaves.iter().copied().collect();
    if tree.head() != head {
        return Err(Error::LogRoot.into());
    }
    // A shorter log has no consistency proof with a longer one: the two are then compared by size
    // alone.
    let proof = tree.consistency(known.size, head.size).unwrap_or_default();
    Ok(AddCheckpoint { old_size: known.size, proof, checkpoint })
}

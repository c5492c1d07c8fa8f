//! `trust-list`: drafted here, signed where the root keys are, accepted here.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::json;
use vernet_common::{KeyId, SignedTrustList, TrustAnchor, TrustList};
use vernet_issuer::{sign_trust_list, write_atomic};

use super::{Session, session::clock};

#[derive(Subcommand)]
pub(super) enum TrustListCommand {
    /// Write the next trust list, unsigned, with the keys as they are now
    Draft {
        /// Where; `trust-list/draft.json` in the office's folder if not given
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// The root keys that shall sign from now on, a `roots.json`; old and new roots must sign this list
        #[arg(long, value_name = "FILE")]
        roots: Option<PathBuf>,
    },
    /// Show a trust list and add a root key's signature; needs no office, only the file and the key
    Sign {
        /// The trust list
        file: PathBuf,
        /// The root key; several if they are all here
        #[arg(long, value_name = "FILE", required = true)]
        key: Vec<PathBuf>,
    },
    /// Take a signed trust list into force, if enough roots signed it
    Accept {
        /// The trust list; `trust-list/draft.json` in the office's folder if not given
        file: Option<PathBuf>,
    },
    /// Show a trust list: the one in force, or a file
    Show {
        /// The trust list
        file: Option<PathBuf>,
    },
}

pub(super) fn run(session: &Session, command: &TrustListCommand) -> Result<()> {
    match command {
        TrustListCommand::Draft { out, roots } => draft(session, out.as_deref(), roots.as_deref()),
        TrustListCommand::Sign { file, key } => sign(session, file, key),
        TrustListCommand::Accept { file } => accept(session, file.as_deref()),
        TrustListCommand::Show { file } => show(session, file.as_deref()),
    }
}

fn draft_path(session: &Session) -> PathBuf {
    session.office.join("trust-list").join("draft.json")
}

fn draft(session: &Session, out: Option<&Path>, roots: Option<&Path>) -> Result<()> {
    let office = session.open()?;
    let new_roots = roots
        .map(|file| {
            let bytes = std::fs::read(file).with_context(|| format!("reading `{}`", file.display()))?;
            Ok::<_, anyhow::Error>(TrustAnchor::from_json(&bytes)?.roots)
        })
        .transpose()?;
    let list = office.draft_trust_list(new_roots, clock()?)?;
    let out = out.map_or_else(|| draft_path(session), Path::to_owned);
    write(&out, &list)?;
    let claims = list.unverified_claims()?;
    session.answer(&json!({ "file": out, "trust_list": claims }), || {
        let needed = claims.roots.threshold;
        format!(
            "{}\nwrote {}: {needed} root keys must sign it, each wherever it is kept:\n  vernet-issuer trust-list sign {} --key ROOT.pem",
            describe(&claims, &[]),
            out.display(),
            out.display()
        )
    });
    Ok(())
}

fn sign(session: &Session, file: &Path, keys: &[PathBuf]) -> Result<()> {
    let mut list = read(file)?;
    let claims = list.unverified_claims()?;
    anstream::eprintln!("About to sign:\n{}", describe(&claims, &[]));
    let passphrase = session.passphrase()?;
    for key in keys {
        sign_trust_list(&mut list, key, &passphrase).with_context(|| format!("`{}`", key.display()))?;
    }
    write(file, &list)?;
    let signers: Vec<KeyId> = list.signers().collect();
    session.answer(&json!({ "file": file, "seq": claims.seq, "signers": signers }), || {
        format!("signed by {} of the {} root keys that must sign", signers.len(), claims.roots.threshold)
    });
    Ok(())
}

fn accept(session: &Session, file: Option<&Path>) -> Result<()> {
    let mut office = session.open()?;
    let file = file.map_or_else(|| draft_path(session), Path::to_owned);
    let list = office.accept_trust_list(&read(&file)?, &session.officer()?, clock()?)?;
    if file == draft_path(session) {
        std::fs::remove_file(&file).with_context(|| format!("removing `{}`", file.display()))?;
    }
    let fingerprint: String = office.anchor()?.fingerprint().iter().map(|byte| format!("{byte:02x}")).collect();
    session.answer(&json!({ "trust_list": list, "fingerprint": fingerprint }), || {
        format!(
            "trust list {} is in force until {}. Next: vernet-issuer publish\nfor hospitals that are new: {} with the fingerprint {fingerprint}",
            list.seq,
            list.exp,
            session.office.join("roots.json").display()
        )
    });
    Ok(())
}

fn show(session: &Session, file: Option<&Path>) -> Result<()> {
    let (list, signers) = match file {
        Some(file) => {
            let list = read(file)?;
            anstream::eprintln!("UNVERIFIED: what the file claims to say");
            (list.unverified_claims()?, list.signers().collect())
        }
        None => (session.open()?.trust_list()?.context("no trust list is in force")?, Vec::new()),
    };
    session.answer(&json!({ "trust_list": list, "signers": signers }), || describe(&list, &signers));
    Ok(())
}

/// What a person must see before signing.
fn describe(list: &TrustList, signers: &[KeyId]) -> String {
    let mut lines = vec![
        format!("trust list {} of {}", list.seq, list.iss),
        format!("  from {} to {}", list.iat, list.exp),
        format!("  {} of these root keys must sign the next one:", list.roots.threshold),
    ];
    lines.extend(list.roots.keys.iter().map(|root| format!("    {}", root.kid())));
    lines.push("  working keys:".into());
    for key in &list.keys {
        let end = key.not_after.map_or_else(|| "no planned end".into(), |end| format!("until {end}"));
        let stolen = key.compromised_at.map_or_else(String::new, |since| format!(", COMPROMISED since {since}"));
        lines.push(format!("    {} {:<11} from {} {end}{stolen}", key.key.kid(), key.r#use.as_str(), key.not_before));
    }
    for profile in &list.profiles {
        lines.push(format!("  QR profile {}: {}, {}", profile.id, profile.alg.as_str(), profile.iss));
    }
    if !signers.is_empty() {
        lines.push(format!("  signed by {}", signers.iter().map(KeyId::as_str).collect::<Vec<_>>().join(", ")));
    }
    lines.join("\n")
}

fn read(file: &Path) -> Result<SignedTrustList> {
    let read = || Ok::<_, anyhow::Error>(SignedTrustList::from_json(&std::fs::read(file)?)?);
    read().with_context(|| format!("reading the trust list `{}`", file.display()))
}

fn write(file: &Path, list: &SignedTrustList) -> Result<()> {
    let mut json = serde_json::to_vec_pretty(list)?;
    json.push(b'\n');
    Ok(write_atomic(file, &json)?)
}

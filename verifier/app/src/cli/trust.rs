//! `trust`: first contact. Root keys are pinned by a person who compared them, never silently.

use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use serde_json::json;
use vernet_common::TrustAnchor;
use vernet_host::{hex, printable, printable_json};

use crate::{
    entry::{Entry, digits_of},
    global::Global,
    store::read_anchor,
};

#[derive(Subcommand)]
pub(super) enum TrustCommand {
    /// Pin an office's root keys, after showing their fingerprints
    Add {
        /// The office's `roots.json`
        file: PathBuf,
        /// Pin without asking, if the fingerprint begins with these hexadecimal digits (at least
        /// 16)
        #[arg(long, value_name = "HEX")]
        fingerprint: Option<String>,
    },
    /// Show the pinned root keys
    List,
    /// Forget an office: its roots, its lists, and the memory of the newest seen
    Remove {
        /// The fingerprint, or the start of it (at least 8 digits)
        fingerprint: String,
    },
}

pub(super) fn run(global: &Global, command: TrustCommand) -> Result<()> {
    let store = global.store()?;
    match command {
        TrustCommand::Add { file, fingerprint } => {
            let anchor = read_anchor(&file)?;
            let mut entries = store.entries()?;
            entries.take_errors().iter().for_each(|error| global.complain(error));
            if let Some(other) =
                entries.pinned().into_iter().find(|entry| entry.anchor.iss == anchor.iss)
            {
                if other.anchor == anchor {
                    anstream::println!("{} is pinned already", anchor.iss);
                    return Ok(());
                }
                bail!(
                    "other roots of `{}` are pinned: the office's new roots come with `sync` by themselves; if it truly started anew, \
                     run `vernet-verifier trust remove {}` first",
                    anchor.iss,
                    &other.fingerprint()[..16]
                );
            }
            let entry = Entry::new(anchor);
            anstream::eprintln!("{}", describe(&entry));
            confirm(&entry, fingerprint.as_deref())?;
            store.update(&entry.anchor, |entry| {
                entry.pinned = true;
                Ok(())
            })?;
            anstream::println!(
                "pinned {}; next: vernet-verifier sync {}",
                entry.anchor.iss,
                entry.anchor.iss
            );
        }
        TrustCommand::List => {
            let mut entries = store.entries()?;
            let mut damaged = entries.take_errors();
            for entry in entries.pinned() {
                if global.json {
                    anstream::println!("{}", printable_json(&as_json(&entry)));
                } else {
                    anstream::println!("{}", describe(&entry));
                }
            }
            let last = damaged.pop();
            damaged.iter().for_each(|error| global.complain(error));
            return last.map_or(Ok(()), Err);
        }
        TrustCommand::Remove { fingerprint } => {
            let start = digits_of(&fingerprint);
            if start.len() < 8 {
                bail!(
                    "`{fingerprint}` is too short: give at least 8 digits of the fingerprint that `trust list` shows"
                );
            }
            let mut entries = store.entries()?;
            let damaged = entries.take_errors();
            let mut found =
                entries.whole.iter().filter(|entry| entry.fingerprint().starts_with(&start));
            let (Some(entry), None) = (found.next(), found.next()) else {
                damaged.iter().for_each(|error| global.complain(error));
                bail!(
                    "no single office has a fingerprint that begins with `{fingerprint}`: see `vernet-verifier trust list`"
                );
            };
            store.remove(entry)?;
            anstream::println!("forgot {}", entry.anchor.iss);
        }
    }
    Ok(())
}

fn confirm(entry: &Entry, expected: Option<&str>) -> Result<()> {
    if let Some(expected) = expected {
        let expected = digits_of(expected);
        if expected.len() < 16 || !entry.fingerprint().starts_with(&expected) {
            bail!(
                "the fingerprint is `{}`, expected `{expected}` (at least 16 digits): nothing was pinned",
                entry.fingerprint()
            );
        }
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        bail!(
            "nobody can be asked here: compare the fingerprint and give it with `--fingerprint HEX`; nothing was pinned"
        );
    }
    anstream::eprint!(
        "Did you get this fingerprint from the office by another way, and is it the same? [yes/no] "
    );
    std::io::stderr().flush().context("asking")?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).context("reading the answer")?;
    if answer.trim() != "yes" {
        bail!("nothing was pinned");
    }
    Ok(())
}

fn describe(entry: &Entry) -> String {
    let TrustAnchor { iss, roots, .. } = &entry.anchor;
    let mut lines =
        vec![format!("{iss}: {} of {} root keys must sign", roots.threshold, roots.keys.len())];
    lines.extend(
        roots
            .keys
            .iter()
            .map(|root| format!("  {}  {}", root.kid(), groups(&hex(&root.thumbprint())))),
    );
    lines.push(format!("  fingerprint:\n    {}", groups(&entry.fingerprint())));
    if let Some(synced) = &entry.synced {
        lines.push(format!("  lists of {}, from {}", synced.at, printable(synced.source.place())));
    }
    lines.join("\n")
}

fn as_json(entry: &Entry) -> serde_json::Value {
    json!({
        "iss": entry.anchor.iss,
        "fingerprint": entry.fingerprint(),
        "roots": entry.anchor.roots,
        "synced_at": entry.synced.as_ref().map(|synced| synced.at.to_string()),
        "source": entry.synced.as_ref().map(|synced| &synced.source),
    })
}

/// In groups of four, as people read them aloud.
fn groups(hex: &str) -> String {
    hex.as_bytes()
        .chunks(4)
        .map(|chunk| String::from_utf8_lossy(chunk).into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

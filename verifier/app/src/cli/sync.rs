//! `sync`: fetches an office's newest lists, verifies them and keeps them.

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use vernet_common::Bundle;
use vernet_host::clock;
use vernet_verifier::{Knowledge, Policy};

use crate::{
    archive::Archive,
    entry::{Entries, Entry},
    fetch::{Deadline, fetch},
    global::Global,
    publication_source::Source,
    renewal::Renewal,
    store::{Store, entry_for},
};

#[derive(Args)]
pub(super) struct SyncArgs {
    /// Where the publication is: a URL, or a folder; else where it was last time
    source: Option<Source>,
    /// The office's root keys, `roots.json`; else those pinned with `trust add`
    #[arg(long, value_name = "FILE")]
    roots: Option<std::path::PathBuf>,
    /// Keep the lists in this folder too, under names of their own: what receipts need to be
    /// verified years later
    #[arg(long, value_name = "DIR")]
    archive: Option<std::path::PathBuf>,
}

pub(super) fn run(global: &Global, args: &SyncArgs) -> Result<()> {
    let store = global.store()?;
    // A failure at one office must not let the lists of another grow old.
    let (sources, mut failures) = match &args.source {
        Some(source) => (vec![source.clone().lasting()], Vec::new()),
        None => known_sources(&store)?,
    };
    for source in sources {
        let done = sync(global, args, &store, &source);
        failures.extend(done.with_context(|| format!("`{source}`{}", kept(&store))).err());
    }
    let last = failures.pop();
    failures.iter().for_each(|error| global.complain(error));
    last.map_or(Ok(()), Err)
}

/// What remains in use after a failure. Empty if the state cannot be read.
fn kept(store: &Store) -> &'static str {
    let has_lists = |entries: Entries| entries.whole.iter().any(|entry| entry.synced.is_some());
    let any = store.entries().is_ok_and(has_lists);
    if any { "; the lists fetched before are kept" } else { "" }
}

/// Where the lists of each office came from, and the errors of those whose state cannot be read.
fn known_sources(store: &Store) -> Result<(Vec<Source>, Vec<anyhow::Error>)> {
    let mut entries = store.entries()?;
    let damaged = entries.take_errors();
    let sources: Vec<Source> = entries.whole.iter().filter_map(Entry::source).collect();
    if sources.is_empty() && damaged.is_empty() {
        bail!("nothing was fetched before: give the URL or the folder of a publication");
    }
    Ok((sources, damaged))
}

fn sync(global: &Global, args: &SyncArgs, store: &Store, source: &Source) -> Result<()> {
    let deadline = Deadline::begin();
    let bundle = fetch(source, deadline)?;
    let entry = entry_for(&bundle, args.roots.as_deref(), store)?;
    let anchor = entry.anchor;
    // Lists are archived before they are used: a receipt must not name lists that nobody kept.
    let keep = |bundle: &Bundle, knowledge: &Knowledge| match &args.archive {
        Some(folder) => Archive::new(folder.clone()).keep(&anchor, bundle, knowledge),
        None => Ok(()),
    };
    let renewal = Renewal { store, anchor: &anchor, source, deadline, policy: &Policy::default() };
    let mut in_use = None;
    renewal.run(bundle, keep, |knowledge, _| {
        in_use = Some(knowledge);
        Ok(())
    })?;
    let knowledge = in_use.context("no lists came into use")?;
    if let Err(error) = knowledge.understood() {
        anstream::eprintln!(
            "warning: {error}: nothing of this office is accepted until this program is updated [{}]",
            error.code()
        );
    }
    let (trust_list, policy, now) = (knowledge.trust_list(), Policy::default(), clock()?);
    let (good_until, because) = knowledge.good_until(&policy);
    let late_since = knowledge.late_since(now);
    if let Some(due) = late_since {
        anstream::eprintln!(
            "warning: the office is late: `{}` should have published newer lists at {due}. If it stays so, ask it [office_late]",
            trust_list.iss
        );
    }
    let report = json!({
        "iss": trust_list.iss,
        "trust_list": { "seq": trust_list.seq, "iat": trust_list.iat.to_string(), "exp": trust_list.exp.to_string() },
        "status_lists": knowledge.status_lists()
            .map(|list| json!({ "uri": list.uri.as_str(), "iat": list.iat.to_string(), "exp": list.exp.to_string() }))
            .collect::<Vec<_>>(),
        "log": knowledge.log().ok(),
        "good_until": { "at": good_until.to_string(), "because": because },
        "late_since": late_since.map(|due| due.to_string()),
    });
    if global.json {
        anstream::println!("{report}");
        return Ok(());
    }
    anstream::println!("{}", report["iss"].as_str().unwrap_or_default());
    let (list, text) = (&report["trust_list"], |value: &serde_json::Value| {
        value.as_str().unwrap_or_default().to_owned()
    });
    anstream::println!(
        "  trust list {} of {}, to be renewed by {}",
        list["seq"],
        text(&list["iat"]),
        text(&list["exp"])
    );
    for list in report["status_lists"].as_array().into_iter().flatten() {
        anstream::println!(
            "  status list {} of {}, to be replaced by {}",
            text(&list["uri"]),
            text(&list["iat"]),
            text(&list["exp"])
        );
    }
    anstream::println!(
        "  good until {good_until}, unless newer lists are fetched: then `check` says *not known* [{because}]"
    );
    anstream::println!(
        "  log of {} certificates, root {}",
        report["log"]["size"],
        text(&report["log"]["root"])
    );
    Ok(())
}

//! `sync`: fetches an office's newest lists. The only part of the program that uses the network, and it fetches one file that is the
//! same for everybody: the office does not learn whom a hospital looks up.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use ureq::http::{Uri, header::LOCATION};
use vernet_common::{Bundle, NumericDate};
use vernet_verifier::{Knowledge, Memory, Policy};

use super::{
    Global, clock, complain,
    source::{anchor_for, read_bundle},
    store::{Store, Synced, explain},
};

#[derive(Args)]
pub(super) struct SyncArgs {
    /// Where the publication is: a URL, or a folder; else where it was last time
    source: Option<String>,
    /// The office's root keys, `roots.json`; else those pinned with `trust add`
    #[arg(long, value_name = "FILE")]
    root: Option<std::path::PathBuf>,
}

pub(super) fn run(global: &Global, args: &SyncArgs) -> Result<()> {
    let store = global.store()?;
    let sources = match &args.source {
        Some(source) => vec![lasting(source)],
        None => known_sources(&store)?,
    };
    // One office's trouble is no reason to let another one's lists grow old.
    let mut failures = Vec::new();
    for source in sources {
        let done = sync(global, args, &store, &source);
        failures.extend(done.with_context(|| format!("`{source}`; the lists fetched before are kept")).err());
    }
    let last = failures.pop();
    failures.iter().for_each(complain);
    last.map_or(Ok(()), Err)
}

/// The source as it will still be found from another working folder.
fn lasting(source: &str) -> String {
    let folder = (!source.contains("://")).then(|| std::path::absolute(source).ok()).flatten();
    folder.and_then(|folder| folder.to_str().map(ToOwned::to_owned)).unwrap_or_else(|| source.to_owned())
}

fn known_sources(store: &Store) -> Result<Vec<String>> {
    let sources: Vec<String> = store.entries()?.into_iter().filter_map(|entry| Some(entry.synced?.source)).collect();
    if sources.is_empty() {
        bail!("nothing was fetched before: give the URL or the folder of a publication");
    }
    Ok(sources)
}

fn sync(global: &Global, args: &SyncArgs, store: &Store, source: &str) -> Result<()> {
    let now = clock()?;
    let bundle = fetch(source)?;
    let anchor = anchor_for(&bundle, args.root.as_deref(), store)?;
    let report = store.update(&anchor, |entry| {
        let knowledge = Knowledge::learn(&bundle, &mut entry.memory, &Policy::default(), now).map_err(explain)?;
        refuse_unless_good(&knowledge, &entry.memory, now)?;
        let trust_list = knowledge.trust_list();
        let report = json!({
            "iss": trust_list.iss,
            "trust_list": { "seq": trust_list.seq, "iat": trust_list.iat.to_string(), "exp": trust_list.exp.to_string() },
            "status_lists": knowledge.status_lists()
                .map(|(uri, iat, exp)| json!({ "uri": uri.as_str(), "iat": iat.to_string(), "exp": exp.to_string() }))
                .collect::<Vec<_>>(),
        });
        entry.synced = Some(Synced { source: source.to_owned(), at: now, bundle: bundle.clone() });
        Ok(report)
    })?;
    if global.json {
        anstream::println!("{report}");
        return Ok(());
    }
    anstream::println!("{}", report["iss"].as_str().unwrap_or_default());
    let (list, text) =
        (&report["trust_list"], |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned());
    anstream::println!(
        "  trust list {} of {}, to be renewed by {}",
        list["seq"],
        text(&list["iat"]),
        text(&list["exp"])
    );
    for list in report["status_lists"].as_array().into_iter().flatten() {
        anstream::println!(
            "  status list {} of {}, good until {}",
            text(&list["uri"]),
            text(&list["iat"]),
            text(&list["exp"])
        );
    }
    Ok(())
}

/// A bad update never replaces a good one.
fn refuse_unless_good(knowledge: &Knowledge, memory: &Memory, now: NumericDate) -> Result<()> {
    if let Some(defect) = knowledge.defects().first() {
        return Err(explain(defect.clone()));
    }
    let offered: Vec<_> = knowledge.status_lists().map(|(uri, ..)| uri).collect();
    if let Some(missing) = memory.status_lists().find(|uri| !offered.contains(uri)) {
        bail!("the status list `{missing}` was there before and is missing now: tell the office [status_missing]");
    }
    if offered.is_empty() {
        bail!("there is no status list: tell the office [status_missing]");
    }
    let trust_list = knowledge.trust_list();
    if knowledge.newest_iat() > now.plus_seconds(Policy::default().clock_tolerance_s) {
        bail!(
            "the lists are of {}, and the clock of this machine says {now}: set the clock, or tell the office that its own is wrong \
             [clock_behind]",
            knowledge.newest_iat()
        );
    }
    if trust_list.exp <= now {
        bail!("the trust list ran out at {}: tell the office [trust_list_expired]", trust_list.exp);
    }
    if let Some((uri, _, exp)) = knowledge.status_lists().find(|(_, _, exp)| *exp <= now) {
        bail!("the status list `{uri}` ran out at {exp}: tell the office [status_stale]");
    }
    Ok(())
}

fn fetch(source: &str) -> Result<Bundle> {
    if !source.contains("://") {
        return read_bundle(&Path::new(source).join("bundle.json"));
    }
    let url = format!("{}/bundle.json", source.trim_end_matches('/'));
    let bytes = get(&url).with_context(|| format!("fetching `{url}`"))?;
    Ok(Bundle::from_json(&bytes)?)
}

/// How long one request may take, from the first packet to the last byte.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The longest chain of redirects that is followed.
const MAX_REDIRECTS: usize = 3;

/// GET, with redirects within the host only: a publication does not move to another host behind a hospital's back.
fn get(url: &str) -> Result<Vec<u8>> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .timeout_connect(Some(Duration::from_secs(10)))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .user_agent(concat!("vernet-verifier/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent();
    let mut uri: Uri = url.parse().context("it is not a URL")?;
    for _ in 0..=MAX_REDIRECTS {
        let mut response = agent.get(uri.clone()).call()?;
        if !response.status().is_redirection() {
            return Ok(response.body_mut().with_config().limit(Bundle::MAX_BYTES as u64).read_to_vec()?);
        }
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        uri = redirected(&uri, location.context("the server redirects without saying where")?)?;
    }
    bail!("the server redirects more than {MAX_REDIRECTS} times");
}

fn redirected(from: &Uri, location: &str) -> Result<Uri> {
    let target: Uri = location.parse().context("the server redirects to something that is no URL")?;
    let target = match target.authority() {
        Some(_) => target,
        None if location.starts_with('/') && !location.starts_with("//") => {
            let mut parts = target.into_parts();
            (parts.scheme, parts.authority) = (from.scheme().cloned(), from.authority().cloned());
            Uri::from_parts(parts)?
        }
        None => bail!("the server redirects to the relative address `{location}`"),
    };
    if target.authority() != from.authority()
        || (from.scheme_str() == Some("https") && target.scheme_str() != Some("https"))
    {
        bail!("the server redirects to `{target}`, another host or without encryption, which is not followed");
    }
    Ok(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_on_the_host_and_encrypted() {
        let from: Uri = "https://office.example.no/publication/bundle.json".parse().expect("a URL");
        let target = |location| redirected(&from, location).map(|uri| uri.to_string()).ok();
        assert_eq!(target("/new/bundle.json").as_deref(), Some("https://office.example.no/new/bundle.json"));
        assert_eq!(target("https://office.example.no/x").as_deref(), Some("https://office.example.no/x"));
        for elsewhere in [
            "https://evil.example/x",
            "http://office.example.no/x",
            "https://office.example.no:444/x",
            "//evil.example/x",
            "x",
        ] {
            assert_eq!(target(elsewhere), None, "{elsewhere}");
        }
    }
}

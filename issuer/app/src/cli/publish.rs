//! `publish`: the static files that any web server or object store can serve.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use vernet_common::KeyUse;
use vernet_host::{clock, note, printable, wait_until_after};
use vernet_issuer::{Destination, Office, OfficeKey, Published, WitnessAnswer};

use super::{
    Session, ends,
    environment::environment,
    hints, publish_metrics,
    terminal::{progress, shown},
};

#[derive(Args)]
pub(super) struct PublishArgs {
    /// The folder to replace, or the URL of an object store, as in `s3://bucket/prefix` (settings
    /// and credentials from AWS_*, AZURE_* or GOOGLE_*); `publication` in the office's folder,
    /// which nobody else can read, if not given
    #[arg(long, value_name = "DIR|URL")]
    out: Option<OsString>,
    /// Cosignatures of witnesses that are not asked over the network: what `vernet-verifier
    /// witness cosign` wrote
    #[arg(long, value_name = "FILE", num_args = 1..)]
    cosignature: Vec<PathBuf>,
    /// Publish nothing: write what such witnesses need to see into this folder, which is another
    /// one than what is published
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "cosignature"])]
    prepare: Option<PathBuf>,
    /// Write there, after a success and after a failure, when it was, how long the publication is
    /// good, and why it failed: for the textfile collector of Prometheus' `node_exporter`, as in
    /// `/var/lib/prometheus/node-exporter/vernet.prom`
    #[arg(long, value_name = "FILE", env = "VERNET_PUBLISH_METRICS")]
    metrics: Option<PathBuf>,
}

pub(super) fn run(session: &Session, args: &PublishArgs) -> Result<()> {
    if let Some(folder) = &args.prepare {
        return prepare(session, &mut session.open()?, folder);
    }
    let published = publish(session, args);
    // Before the answer: whoever reads it may be gone.
    let told = tell_monitoring(args, &published);
    let (out, published) = match published {
        Ok(published) => published,
        Err(error) => {
            if let Err(untold) = told {
                note(printable(&format!(
                    "warning: {untold:#}: monitoring does not see this failure"
                )));
            }
            return Err(error);
        }
    };
    told.context("the lists ARE published, only monitoring does not see it")?;
    answer(session, &out, &published)
}

/// Writes the file for monitoring, if there shall be one.
fn tell_monitoring(args: &PublishArgs, published: &Result<(Destination, Published)>) -> Result<()> {
    let Some(file) = &args.metrics else { return Ok(()) };
    let done = published.as_ref().map(|(_, published)| published).map_err(hints::code_of);
    let write = || publish_metrics::write(file, clock()?, done);
    write().with_context(|| format!("writing the metrics `{}`", file.display()))
}

fn publish(session: &Session, args: &PublishArgs) -> Result<(Destination, Published)> {
    let mut office = session.open()?;
    for file in &args.cosignature {
        let lines = fs::read_to_string(file)
            .with_context(|| format!("reading the cosignatures `{}`", file.display()))?;
        office.keep_cosignatures(&lines)?;
    }
    let out = match &args.out {
        Some(named) => Destination::parse(named, &environment())?,
        None => Destination::Folder(session.office.join("publication")),
    };
    warn_of_a_new_place(&office, &out);
    let bar = progress("verifying certificates");
    let officer = session.officer()?;
    let credentials = session.credentials_for(&office, &[KeyUse::Status, KeyUse::Log])?;
    wait_for_a_later_second(&office)?;
    let published = session.as_of_now(&mut office, |office, now| {
        office.publish(&out, &credentials, (&*officer, now), &mut |done, all| {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        })
    })?;
    bar.finish_and_clear();
    published.witnesses.iter().for_each(warn);
    warn_of_thefts_untold(&office)?;
    ends::warn_of_days_off("what is published", published.good_until);
    Ok((out, published))
}

fn answer(session: &Session, out: &Destination, published: &Published) -> Result<()> {
    let object = json!({
        "publication": out.to_string(),
        "archived": published.archived,
        "trust_list_seq": published.trust_list_seq,
        "iat": published.iat.to_string(),
        "exp": published.exp.to_string(),
        "good_until": ends::as_json(published.good_until),
        "status_lists": published.status_lists,
        "certificates": published.certificates,
        "bundle_bytes": published.bundle_bytes,
        "log": published.log,
        "witnesses": published.witnesses.iter().map(as_json).collect::<Vec<_>>(),
    });
    session.answer_done("the lists ARE published", &object, || {
        format!(
            "published {out}: {} certificates verified, bundle of {} bytes, good until {}",
            published.certificates, published.bundle_bytes, published.good_until
        )
    })
}

/// Writes the log for witnesses that get it by hand.
fn prepare(session: &Session, office: &mut Office, folder: &Path) -> Result<()> {
    let credentials = session.credentials_for(office, &[KeyUse::Log])?;
    let log = session
        .as_of_now(office, |office, now| office.prepare_for_witnesses(folder, &credentials, now))?;
    let object = json!({ "prepared": shown(folder), "log": log });
    session.answer_done("it IS prepared", &object, || {
        format!(
            "the log of {} certificates is in {folder}; nothing is published. At each witness:\n  vernet-verifier witness cosign --key witness.pem --publication {folder} --out cosignature\n\
             then, before another certificate is made: vernet-issuer publish --out DIR --cosignature FILE…",
            log.size,
            folder = folder.display()
        )
    })
}

/// Warns of trouble with a witness. Even a publication with enough cosignatures may contradict what
/// one witness has seen.
fn warn(WitnessAnswer { name, trouble, .. }: &WitnessAnswer) {
    if let Some(trouble) = trouble {
        let word = if trouble.is_alarm() { "ALARM" } else { "warning" };
        note(printable(&format!("{word}: witness `{name}`: {trouble} [{}]", trouble.code())));
        if trouble.is_alarm() {
            note(
                "  see docs/OFFICE.md, \"Witnesses\", at once: somebody else may hold the log's key, or this register is an old copy",
            );
        }
    }
}

/// Warns if an office that has published before is about to publish where nothing is: hospitals read
/// the place of before, and a mistyped folder would leave it as it is.
fn warn_of_a_new_place(office: &Office, out: &Destination) {
    let register = office.register();
    let before = register.state().status_lists().any(|l| register.last_publication(l).is_some());
    if before && out.is_empty_folder() {
        note(printable(&format!(
            "warning: there is no publication in `{out}` yet, and this office has published before: if hospitals read another place, publish there too [publication_elsewhere]"
        )));
    }
}

/// Warns if the trust list in force does not yet say that a key is stolen: until then, hospitals
/// rely on what the thief signs.
fn warn_of_thefts_untold(office: &Office) -> Result<()> {
    let Some(list) = office.trust_list()? else { return Ok(()) };
    for OfficeKey { key, r#use, compromised_at, .. } in office.keys() {
        let (kid, r#use) = (key.kid(), r#use.as_str());
        if compromised_at.is_some()
            && list.key(kid).is_ok_and(|trusted| trusted.compromised_at != compromised_at)
        {
            note(format_args!(
                "warning: trust list {} does not say yet what was recorded of the stolen {use} key {kid}: run `vernet-issuer trust-list draft`, then \
                 `sign` and `accept`, then `publish` [trust_list_outdated]",
                list.seq
            ));
        }
    }
    Ok(())
}

fn as_json(WitnessAnswer { name, cosigned_at, trouble }: &WitnessAnswer) -> serde_json::Value {
    json!({
        "name": name,
        "cosigned_at": cosigned_at.map(|at| at.to_string()),
        "trouble": trouble.as_ref().map(|trouble| json!({ "code": trouble.code(), "message": trouble.to_string(), "alarm": trouble.is_alarm() })),
    })
}

/// Every list is dated later than the one before. Wallets refuse a date even a second ahead of
/// their clock, so a second publication within one second waits for the next. A list that is
/// further ahead means that the clock is wrong, which `Office::publish` refuses.
fn wait_for_a_later_second(office: &Office) -> Result<()> {
    let register = office.register();
    let mut last = None;
    for list in register.state().status_lists() {
        last = last.max(register.last_publication(list).map(|publication| publication.iat));
    }
    Ok(last.map_or(Ok(()), wait_until_after)?)
}

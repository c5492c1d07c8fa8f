//! `publish`: the static files that any web server or object store can serve.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;
use serde_json::json;
use vernet_common::KeyUse;
use vernet_issuer::{Destination, Office};

use super::{Session, session::wait_until_after, terminal::progress};

#[derive(Args)]
pub(super) struct PublishArgs {
    /// The folder to replace, or the URL of an object store, as in `s3://bucket/prefix` (settings and credentials from AWS_*, AZURE_* or
    /// GOOGLE_*); `publication` in the office's folder, which nobody else can read, if not given
    #[arg(long, value_name = "DIR|URL")]
    out: Option<OsString>,
}

pub(super) fn run(session: &Session, args: &PublishArgs) -> Result<()> {
    let mut office = session.open()?;
    let out = match &args.out {
        Some(named) => Destination::parse(named, &environment())?,
        None => Destination::Folder(session.office.join("publication")),
    };
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
    let object = json!({
        "publication": out.to_string(),
        "archived": published.archived,
        "trust_list_seq": published.trust_list_seq,
        "iat": published.iat.to_string(),
        "exp": published.exp.to_string(),
        "status_lists": published.status_lists,
        "certificates": published.certificates,
        "bundle_bytes": published.bundle_bytes,
        "log": published.log,
    });
    session.answer_done("the lists ARE published", &object, || {
        format!(
            "published {out}: {} certificates verified, bundle of {} bytes, good until {}",
            published.certificates, published.bundle_bytes, published.exp
        )
    })
}

/// The settings of object stores, as far as they are text.
fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Every list is dated later than the one before. Wallets refuse what is dated even a second ahead of their clock, so a second publication
/// in one second waits for the next. What lies further ahead is a clock that is wrong, which `Office::publish` refuses.
pub(super) fn wait_for_a_later_second(office: &Office) -> Result<()> {
    let register = office.register();
    let mut last = None;
    for list in register.fold().status_lists() {
        last = last.max(register.last_publication(list).map(|publication| publication.iat));
    }
    last.map_or(Ok(()), wait_until_after)
}

//! `trust-list`: drafted at the office, signed where the root keys are, and accepted at the office.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::json;
use vernet_common::{
    Contact, InWords, KeyId, OfficeDetails, SignedTrustList, TrustAnchor, TrustList,
};
use vernet_host::{note, printable_lines};
use vernet_issuer::{GoodUntil, KeyLocation, sign_trust_list, write_atomic, write_new};
use vernet_register::Digest;

use super::{
    Session, ends,
    terminal::{in_fours, shown},
};

#[derive(Subcommand)]
pub(super) enum TrustListCommand {
    /// Write the next trust list, unsigned, with the keys as they are now
    Draft {
        /// Where; `trust-list/draft.json` in the office's folder if not given
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// The root keys that shall sign from now on, a `roots.json`; old and new roots must sign
        /// this list
        #[arg(long, value_name = "FILE")]
        roots: Option<PathBuf>,
    },
    /// Show a trust list and add a root key's signature; needs no office, only the file and the key
    Sign {
        /// The trust list
        file: PathBuf,
        /// The root key: its file, or the PKCS #11 URI of a token; several if they are all here
        #[arg(long, value_name = "FILE|URI", required = true)]
        key: Vec<KeyLocation>,
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
    let now = session.checked_clock(&office)?;
    let new_roots = roots
        .map(|file| {
            let bytes =
                std::fs::read(file).with_context(|| format!("reading `{}`", file.display()))?;
            Ok::<_, anyhow::Error>(TrustAnchor::from_json(&bytes)?.roots)
        })
        .transpose()?;
    let list = office.draft_trust_list(new_roots, now)?;
    let json = to_json(&list)?;
    let out = write_draft(out, draft_path(session), &json)?;
    let claims = list.unverified_claims()?;
    warn_of_nobody_to_call(&claims);
    let until = GoodUntil::of_trust_list(&claims);
    ends::warn_of_days_off("this trust list", until);
    let object =
        json!({ "file": shown(&out), "trust_list": claims, "good_until": ends::as_json(until) });
    session.answer(&object, || {
        let needed = claims.roots.threshold;
        format!(
            "{}\nwrote {}: {needed} root keys must sign it, each wherever it is kept:\n  vernet-issuer trust-list sign {} --key ROOT.pem",
            describe(&claims, until, &[]),
            out.display(),
            out.display()
        )
    })
}

/// Writes what root keys are to sign, and returns where. An earlier draft at the usual path is
/// obsolete and is replaced; any other file may matter.
pub(super) fn write_draft(out: Option<&Path>, usual: PathBuf, json: &[u8]) -> Result<PathBuf> {
    match out {
        Some(out) => write_new(out, json).map(|()| out.to_owned()),
        None => write_atomic(&usual, json).map(|()| usual),
    }
    .map_err(Into::into)
}

fn sign(session: &Session, file: &Path, keys: &[KeyLocation]) -> Result<()> {
    let mut list = read(file)?;
    let claims = list.unverified_claims_in_full()?;
    let until = GoodUntil::of_trust_list(&claims);
    note(format_args!("About to sign:\n{}", printable_lines(&describe(&claims, until, &[]))));
    warn_of_nobody_to_call(&claims);
    ends::warn_of_days_off("this trust list", until);
    let credentials = session.credentials.of_existing_keys();
    for key in keys {
        sign_trust_list(&mut list, key, &credentials).with_context(|| format!("`{key}`"))?;
    }
    write_atomic(file, &to_json(&list)?)?;
    let signers: Vec<KeyId> = list.signers().collect();
    let roots: BTreeSet<KeyId> =
        claims.roots.keys.iter().map(vernet_common::PublicKey::kid).collect();
    let (own, others): (BTreeSet<KeyId>, BTreeSet<KeyId>) =
        signers.iter().partition(|kid| roots.contains(kid));
    for kid in &others {
        note(format_args!(
            "warning: {kid} is none of the root keys in this list: its signature counts only if it is one of the roots that this list replaces"
        ));
    }
    let object = json!({
        "file": shown(file),
        "seq": claims.seq,
        "signers": signers,
        "own_roots": own.len(),
        "threshold": claims.roots.threshold,
    });
    session.answer_done("the list IS signed", &object, || {
        let (found, needed) = (own.len(), claims.roots.threshold);
        // If this list brings new roots, others may have to sign too: `accept` checks that.
        let next = match found >= usize::from(needed) {
            true => {
                format!("\nNext, at the office: vernet-issuer trust-list accept {}", file.display())
            }
            false => String::new(),
        };
        format!("signed by {found} of the {needed} root keys that must sign{next}")
    })
}

fn accept(session: &Session, file: Option<&Path>) -> Result<()> {
    let (mut office, officer) = (session.open()?, session.officer()?);
    let file = file.map_or_else(|| draft_path(session), Path::to_owned);
    let signed = read(&file)?;
    let list = session
        .as_of_now(&mut office, |office, now| office.accept_trust_list(&signed, &*officer, now))?;
    if file == draft_path(session) {
        std::fs::remove_file(&file).with_context(|| {
            format!(
                "trust list {} IS in force, only its draft `{}` could not be removed",
                list.seq,
                file.display()
            )
        })?;
    }
    let pinned = office.register().state().pinned_roots();
    if pinned.is_some_and(|pinned| *pinned != list.roots) {
        note(
            "warning: the register pins other root keys, which did not sign this list: pin the new ones, `vernet-issuer propose roots FILE` with the office's `roots.json`",
        );
    }
    let fingerprint = Digest::from(office.anchor()?.fingerprint()).to_string();
    let until = office.trust_list_good_until(&list);
    ends::warn_of_days_off("the trust list in force", until);
    let object = json!({
        "trust_list": list,
        "fingerprint": fingerprint,
        "good_until": ends::as_json(until),
    });
    session.answer_done("the trust list IS in force", &object, || {
        format!(
            "trust list {} is in force until {until}. Next: vernet-issuer publish\nfor hospitals that are new: {} with the fingerprint\n  {}",
            list.seq,
            session.office.join("roots.json").display(),
            in_fours(&fingerprint)
        )
    })
}

fn show(session: &Session, file: Option<&Path>) -> Result<()> {
    let (list, signers, until) = match file {
        Some(file) => {
            let list = read(file)?;
            note("UNVERIFIED: what the file claims to say");
            if let Err(error) = list.unverified_claims_in_full() {
                note(format_args!("NOT ALL OF IT IS SHOWN: {error}"));
            }
            let claims = list.unverified_claims()?;
            let until = GoodUntil::of_trust_list(&claims);
            (claims, list.signers().collect(), until)
        }
        None => {
            let office = session.open()?;
            let list = office.trust_list()?.context("no trust list is in force")?;
            let until = office.trust_list_good_until(&list);
            (list, Vec::new(), until)
        }
    };
    ends::warn_of_days_off("this trust list", until);
    let object =
        json!({ "trust_list": list, "signers": signers, "good_until": ends::as_json(until) });
    session.answer(&object, || describe(&list, until, &signers))
}

/// What a person must see before signing.
fn describe(list: &TrustList, until: GoodUntil, signers: &[KeyId]) -> String {
    let mut lines = vec![
        format!("trust list {} of {}", list.seq, list.iss),
        format!("  from {} to {}", list.iat, list.exp),
        format!("  it can be published under until {until}"),
        format!("  {} of these root keys must sign the next one:", list.roots.threshold),
    ];
    lines.extend(list.roots.keys.iter().map(|root| format!("    {}", root.kid())));
    lines.push(format!(
        "  the issued log began with {} certificates, root {}",
        list.log.size, list.log.root
    ));
    if !list.log.witnesses.is_empty() {
        lines.push(format!("  {} of these witnesses must have seen it since:", list.log.threshold));
        lines.extend(
            list.log
                .witnesses
                .iter()
                .map(|witness| format!("    {} {}", witness.key.kid(), witness.name)),
        );
    }
    lines.extend(list.office.iter().flat_map(in_words));
    lines.push("  working keys:".into());
    for key in &list.keys {
        let end =
            key.not_after.map_or_else(|| "no planned end".into(), |end| format!("until {end}"));
        let kept = key.log_size.map_or_else(String::new, |size| {
            format!(", but good for the first {size} certificates")
        });
        let stolen = key
            .compromised_at
            .map_or_else(String::new, |since| format!(", COMPROMISED since {since}{kept}"));
        lines.push(format!(
            "    {} {:<11} from {} {end}{stolen}",
            key.key.kid(),
            key.r#use.as_str(),
            key.not_before
        ));
    }
    if !list.titles.is_empty() {
        lines.push("  it may certify:".into());
    }
    for title in &list.titles {
        let words: Vec<_> =
            title.names.iter().map(|(language, text)| format!("{language} {text}")).collect();
        lines.push(format!(
            "    {} ({}, numbers {}…), called {}",
            title.title,
            title.profession,
            title.certificate_number_prefix,
            words.join("; ")
        ));
    }
    for profile in &list.profiles {
        lines.push(format!(
            "  QR profile {}: {}, {}",
            profile.id,
            profile.alg.as_str(),
            profile.iss
        ));
    }
    if !signers.is_empty() {
        lines.push(format!(
            "  signed by {}",
            signers.iter().map(KeyId::as_str).collect::<Vec<_>>().join(", ")
        ));
    }
    lines.join("\n")
}

/// What hospitals see of the office: each name and each contact, in every language.
fn in_words(office: &OfficeDetails) -> Vec<String> {
    let all = |text: &InWords| {
        let texts = text.iter().map(|(language, text)| format!("{language} {text}"));
        texts.collect::<Vec<_>>().join("; ")
    };
    let mut lines = vec![format!("  the office is called: {}", all(&office.name))];
    for Contact { phone, email, url, when, always } in &office.contacts {
        let ways = [
            phone.as_ref().map(ToString::to_string),
            email.as_ref().map(ToString::to_string),
            url.as_ref().map(ToString::to_string),
        ];
        let ways = ways.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let when = when.as_ref().map_or_else(String::new, |when| format!(": {}", all(when)));
        let always = if *always { ", day and night" } else { "" };
        lines.push(format!("    whom to call: {ways}{always}{when}"));
    }
    lines
}

/// What a hospital would miss at night.
fn warn_of_nobody_to_call(list: &TrustList) {
    match &list.office {
        None => note(
            "warning: hospitals see no name of this office and nobody to call: enter both in `office.json` as `office` (docs/OFFICE.md)",
        ),
        Some(office) if !office.contacts.iter().any(|contact| contact.always) => note(
            "warning: hospitals have nobody to call at night: no contact in `office.json` says `\"always\": true`",
        ),
        Some(_) => {}
    }
}

fn read(file: &Path) -> Result<SignedTrustList> {
    let read = || Ok::<_, anyhow::Error>(SignedTrustList::from_json(&std::fs::read(file)?)?);
    read().with_context(|| {
        format!(
            "reading the trust list `{}`, which `vernet-issuer trust-list draft` writes",
            file.display()
        )
    })
}

fn to_json(list: &SignedTrustList) -> Result<Vec<u8>> {
    let mut json = serde_json::to_vec_pretty(list)?;
    json.push(b'\n');
    Ok(json)
}

//! `inspect`: what a certificate claims, or a bundle with the issued log, without verifying
//! anything.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use vernet_common::{Bundle, CertificateClaims, Peek, Signed, SignedCheckpoint, StatusListClaims};
use vernet_host::{printable, printable_json};
use vernet_verifier::Input;

use crate::{
    global::Global,
    picture::{self, Presented},
};

#[derive(Args)]
pub(super) struct InspectArgs {
    /// Files with the text, a picture of the code, or the letter as PDF; a link; digits; or `-` for
    /// standard input; also a `bundle.json` or the checkpoint of a log
    #[arg(required = true)]
    input: Vec<String>,
}

pub(super) fn run(global: &Global, args: &InspectArgs) -> Result<()> {
    for argument in &args.input {
        let bytes = picture::bytes(argument)?;
        // Lists are full of what looks like certificates.
        let lists = bytes.as_deref().and_then(|bytes| lists(str::from_utf8(bytes).ok()?));
        let shown: Vec<(String, Value)> = match (lists, bytes) {
            (Some(lists), _) => vec![(argument.clone(), lists)],
            (None, None) => vec![("argument".to_owned(), contents(&Input::parse(argument)?)?)],
            (None, Some(bytes)) => picture::in_file(argument, &bytes, |contents| contents)?
                .into_iter()
                .map(|Presented { name, text, .. }| Ok((name, contents(&Input::parse(&text?)?)?)))
                .collect::<Result<_>>()?,
        };
        for (name, content) in shown {
            if global.json {
                let object = json!({ "input": name, "unverified": true, "content": content });
                anstream::println!("{}", printable_json(&object));
            } else {
                anstream::println!(
                    "UNVERIFIED: anybody can write this. For an answer, run `vernet-verifier check`."
                );
                let content = printable_json(&serde_json::to_string_pretty(&content)?);
                anstream::println!("{}: {content}", printable(&name));
            }
        }
    }
    Ok(())
}

/// What a bundle or a checkpoint holds, if it is one.
fn lists(text: &str) -> Option<Value> {
    let checkpoint = |checkpoint: &SignedCheckpoint| {
        let head = checkpoint.head();
        let lines = checkpoint.to_text().lines().skip(4).map(ToOwned::to_owned).collect::<Vec<_>>();
        json!({
            "form": "checkpoint", "origin": checkpoint.claimed_origin(), "size": head.size, "root": head.root, "signatures": lines,
        })
    };
    if !text.starts_with('{') {
        return SignedCheckpoint::parse(text).ok().as_ref().map(checkpoint);
    }
    let bundle = Bundle::from_json(text.as_bytes()).ok()?;
    let claims = |list: &Signed<StatusListClaims>| {
        let mut claims: Value =
            serde_json::from_slice(list.unverified_payload()).unwrap_or_default();
        // Nobody reads tens of thousands of slots.
        claims.as_object_mut().and_then(|claims| claims.remove("status_list"));
        claims
    };
    let log = bundle.log.as_ref().map(|log| {
        let mut object = checkpoint(&log.checkpoint);
        object["leaves"] = json!(log.leaves.as_ref().map(Vec::len));
        object
    });
    let trust_lists: Vec<_> =
        bundle.trust_lists.iter().map(|list| list.unverified_claims().ok()).collect();
    let status_lists: Vec<_> = bundle.status_lists.iter().map(claims).collect();
    Some(
        json!({ "form": "bundle", "trust_lists": trust_lists, "status_lists": status_lists, "log": log }),
    )
}

fn contents(input: &Input) -> Result<Value> {
    match input {
        Input::Certificate(signed) => jws(signed, "text"),
        Input::Qr(payload) => match payload.peek()? {
            Peek::Any(signed) => jws(&signed, "QR code, format 2 (any)"),
            Peek::Template { profile, key_hint, claims } => {
                let mut claims = serde_json::to_value(claims)?;
                // The reader takes these from the issuer's profile; here there is no trust list to
                // take them from.
                let constant = format!("(constant of profile {profile})");
                for name in ["iss", "profession", "title", "vct"] {
                    claims[name] = json!(constant);
                }
                let number = claims["certificate_number"].as_str().unwrap_or_default();
                let digits = number.trim_start_matches(|c: char| !c.is_ascii_digit());
                claims["certificate_number"] = json!(format!("{constant}-{digits}"));
                let status = &mut claims["status"]["status_list"];
                let number = status["uri"]
                    .as_str()
                    .and_then(|uri| uri.rsplit('/').next())
                    .unwrap_or_default()
                    .to_owned();
                status["uri"] = json!(format!("(constant of profile {profile})/{number}"));
                Ok(json!({
                    "form": "QR code, format 1 (template)",
                    "profile": profile,
                    "key_hint": vernet_host::hex(&key_hint),
                    "payload_bytes": payload.as_bytes().len(),
                    "claims": claims,
                }))
            }
        },
    }
}

fn jws(signed: &Signed<CertificateClaims>, form: &str) -> Result<Value> {
    // Nobody has checked the signature, so the claims may be anything: they are shown as JSON if
    // they are JSON, else as text.
    let claims = serde_json::from_slice(signed.unverified_payload())
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(signed.unverified_payload())));
    let header: Value = serde_json::from_slice(signed.unverified_header())?;
    Ok(json!({ "form": form, "header": header, "claims": claims }))
}

//! `inspect`: what a certificate claims, without verifying anything.

use anyhow::Result;
use clap::Args;
use serde_json::{Value, json};
use vernet_common::{CertificateClaims, Peek, Signed};
use vernet_verifier::Input;

use super::{
    Global,
    picture::{self, Presented},
    printable, printable_json,
};

#[derive(Args)]
pub(super) struct InspectArgs {
    /// Files with the text, a PNG or JPEG picture of the code, or the letter as PDF; a link; digits; or `-` for standard input
    #[arg(required = true)]
    input: Vec<String>,
}

pub(super) fn run(global: &Global, args: &InspectArgs) -> Result<()> {
    for argument in &args.input {
        for Presented { name, text, .. } in picture::read(argument)? {
            let content = contents(&Input::parse(&text?)?)?;
            if global.json {
                let object = json!({ "input": name, "unverified": true, "content": content });
                anstream::println!("{}", printable_json(&object.to_string()));
            } else {
                anstream::println!("UNVERIFIED: anybody can write this. For an answer, run `vernet-verifier check`.");
                let content = printable_json(&serde_json::to_string_pretty(&content)?);
                anstream::println!("{}: {content}", printable(&name));
            }
        }
    }
    Ok(())
}

fn contents(input: &Input) -> Result<Value> {
    match input {
        Input::Certificate(signed) => jws(signed, "text"),
        Input::Qr(payload) => match payload.peek()? {
            Peek::Any(signed) => jws(&signed, "QR code, format 2 (any)"),
            Peek::Template { profile, key_hint, claims } => {
                let mut claims = serde_json::to_value(claims)?;
                // The reader takes these from the issuer's profile; here there is no trust list to take them from.
                for constant in ["iss", "vct"] {
                    claims[constant] = json!(format!("(constant of profile {profile})"));
                }
                let status = &mut claims["status"]["status_list"];
                let number =
                    status["uri"].as_str().and_then(|uri| uri.rsplit('/').next()).unwrap_or_default().to_owned();
                status["uri"] = json!(format!("(constant of profile {profile})/{number}"));
                Ok(json!({
                    "form": "QR code, format 1 (template)",
                    "profile": profile,
                    "key_hint": crate::store::hex(&key_hint),
                    "payload_bytes": payload.as_bytes().len(),
                    "claims": claims,
                }))
            }
        },
    }
}

fn jws(signed: &Signed<CertificateClaims>, form: &str) -> Result<Value> {
    // The claims may be anything as long as nobody has checked the signature: shown as JSON if they are, else as text.
    let claims = serde_json::from_slice(signed.unverified_payload())
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(signed.unverified_payload())));
    let header: Value = serde_json::from_slice(signed.unverified_header())?;
    Ok(json!({ "form": form, "header": header, "claims": claims }))
}

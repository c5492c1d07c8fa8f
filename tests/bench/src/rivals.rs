//! Other people's libraries, each as its manual says, on the same certificate. What can be prepared
//! once for a key is prepared once.

use std::hint::black_box;

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use vernet_bench::{ours::Token, slices::Case};

use crate::processes::Process;

/// The claims that a program reads if it uses a library for JSON web tokens.
#[derive(Deserialize)]
#[expect(dead_code, reason = "they are read, as a program would")]
struct Claims {
    iss: String,
    vct: String,
    iat: i64,
    exp: i64,
    certificate_number: String,
    given_name: String,
    family_name: String,
    birthdate: String,
    hpr_number: String,
    profession: String,
    title: String,
    authorisation: Authorisation,
    status: Status,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "they are read, as a program would")]
struct Authorisation {
    kind: String,
    basis: String,
    granted: String,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "they are read, as a program would")]
struct Status {
    status_list: StatusReference,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "they are read, as a program would")]
struct StatusReference {
    idx: u32,
    uri: String,
}

pub fn rivals(token: &Token) -> Result<Vec<Case<'_>>> {
    Ok(vec![aws_lc(token)?, jsonwebtoken(token)?, jwt_simple(token)?, josekit(token)?, ssi(token)?])
}

fn aws_lc(token: &Token) -> Result<Case<'_>> {
    use aws_lc_rs::signature::{ED25519, ParsedPublicKey};
    let key = ParsedPublicKey::new(&ED25519, token.key)?;
    let (signed, signature) = token.signed()?;
    Ok(Case::new("aws-lc-rs, bare", move || {
        Ok(key.verify_sig(black_box(signed.as_bytes()), black_box(&signature))?)
    }))
}

fn jsonwebtoken(token: &Token) -> Result<Case<'_>> {
    use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
    let key = DecodingKey::from_ed_components(token.jwk["x"].as_str().context("x")?)?;
    let validation = Validation::new(Algorithm::EdDSA);
    let name = format!("jsonwebtoken, {}", backend());
    Ok(Case::new(&name, move || {
        black_box(decode::<Claims>(black_box(&token.jws), &key, &validation)?);
        Ok(())
    }))
}

/// The library takes one for the whole process.
fn backend() -> &'static str {
    let is_aws = std::env::args().any(|argument| argument == "--aws-lc");
    let (name, provider) = match is_aws {
        true => ("aws-lc-rs", &jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER),
        false => ("rust_crypto", &jsonwebtoken::crypto::rust_crypto::DEFAULT_PROVIDER),
    };
    // It may be installed already, by the run before.
    let _ = provider.install_default();
    name
}

fn jwt_simple(token: &Token) -> Result<Case<'_>> {
    use jwt_simple::prelude::{Ed25519PublicKey, EdDSAPublicKeyLike, VerificationOptions};
    let key =
        Ed25519PublicKey::from_bytes(&token.key).map_err(|error| anyhow::anyhow!("{error}"))?;
    let options = VerificationOptions {
        required_signature_type: Some("dc+sd-jwt".into()),
        ..VerificationOptions::default()
    };
    Ok(Case::new("jwt-simple, pure-rust", move || {
        let claims = key.verify_token::<Rest>(black_box(&token.jws), Some(options.clone()));
        black_box(claims.map_err(|error| anyhow::anyhow!("{error}"))?);
        Ok(())
    }))
}

/// The claims that are not the library's own.
#[derive(serde::Serialize, Deserialize)]
struct Rest {
    vct: String,
    certificate_number: String,
    given_name: String,
    family_name: String,
    birthdate: String,
    hpr_number: String,
    profession: String,
    title: String,
    authorisation: Value,
    status: Value,
}

fn josekit(token: &Token) -> Result<Case<'_>> {
    let jwk = josekit::jwk::Jwk::from_bytes(serde_json::to_vec(&token.jwk)?)?;
    let verifier = josekit::jws::EdDSA.verifier_from_jwk(&jwk)?;
    Ok(Case::new("josekit (OpenSSL)", move || {
        black_box(josekit::jwt::decode_with_verifier(black_box(&token.jws), &verifier)?);
        Ok(())
    }))
}

fn ssi(token: &Token) -> Result<Case<'_>> {
    let key = serde_json::from_value(json!({
        "kty": "OKP", "crv": "Ed25519", "x": token.jwk["x"], "alg": "EdDSA",
    }))?;
    Ok(Case::new("ssi-jws", move || {
        let (_, payload) = ssi_jws::decode_verify(black_box(&token.jws), &key)?;
        black_box(serde_json::from_slice::<Claims>(&payload)?);
        Ok(())
    }))
}

/// The rivals that are programs: each measures its own processor time.
pub fn processes(token: &Token, node: &str, python: &str) -> Result<Vec<Case<'static>>> {
    let case =
        |name: &str, mut process: Process| Case::timed(name, 1, move |times| process.slice(times));
    Ok(vec![
        case("npm jose, Node.js", Process::start(node, "jose.mjs", token)?),
        case("PyJWT, Python", Process::start(python, "pyjwt.py", token)?),
    ])
}

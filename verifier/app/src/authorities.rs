//! Which certificate authorities count when lists are fetched over HTTPS: those of the operating
//! system, because a hospital may have its own.
//!
//! TLS only keeps outsiders from disturbing: what is fetched is signed, and believed for that alone.

use std::{env, sync::OnceLock};

use anyhow::{Result, bail};
use ureq::tls::{Certificate, RootCerts};

/// The variables by which programs are told to use other authorities than the system's.
const VARIABLES: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

/// The authorities of the system, or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name. Where the
/// system has none, as in a bare container, those that browsers trust, which are compiled in. They
/// are read once: a program that runs for long is restarted after a change.
pub(crate) fn authorities() -> Result<RootCerts> {
    static READ: OnceLock<RootCerts> = OnceLock::new();
    if let Some(read) = READ.get() {
        return Ok(read.clone());
    }
    let found = rustls_native_certs::load_native_certs();
    let named =
        VARIABLES.iter().find(|variable| env::var_os(variable).is_some_and(|v| !v.is_empty()));
    let authorities = match (found.certs.is_empty(), named) {
        (false, _) => found
            .certs
            .iter()
            .map(|certificate| Certificate::from_der(certificate).to_owned())
            .into(),
        (true, None) => RootCerts::WebPki,
        // Somebody meant to restrict whom is trusted: not more than that.
        (true, Some(variable)) => match found.errors.first() {
            Some(error) => {
                bail!("no certificate can be read from where `{variable}` says: {error}")
            }
            None => bail!("no certificate is where `{variable}` says: correct it, or unset it"),
        },
    };
    Ok(READ.get_or_init(|| authorities).clone())
}

//! Sends a message to a program: `POST` with a signed body, as [Standard
//! Webhooks](https://www.standardwebhooks.com) 1.0 says, for which receivers have libraries.
//!
//! The signature is an HMAC-SHA256 over id, time and body. Whoever can check it could also make it,
//! which is right here: there is one sender and one receiver, and both are the hospital's.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use ureq::{
    Agent,
    http::{StatusCode, Uri},
    tls::TlsConfig,
};
use vernet_common::NumericDate;
use vernet_host::files::read_secret_text;
use vernet_verifier::roster::Urgency;
use zeroize::Zeroizing;

use super::{
    failure::Failure,
    message::Message,
    name::{ReceiverName, everything},
};
use crate::authorities::authorities;

/// A webhook, as it is configured.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct WebhookSettings {
    pub(crate) name: ReceiverName,
    url: String,
    /// The file with the key.
    pub(crate) key: PathBuf,
    #[serde(default = "everything")]
    pub(crate) urgency: Urgency,
}

impl WebhookSettings {
    pub(super) fn check(&self) -> Result<()> {
        self.uri().map(drop).with_context(|| {
            format!("the receiver `{}` has a `url` that cannot be used", self.name.as_str())
        })
    }

    fn uri(&self) -> Result<Uri> {
        let uri: Uri = self.url.parse().context("it is no URL")?;
        let host = uri.host().context("it has no host")?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            bail!(
                "it has a user name or a password in it, expected none: the signature says who sends"
            );
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_loopback(host) => {}
            _ => bail!(
                "it is not `https://…`; `http://…` is for this machine only, since alerts name people"
            ),
        }
        Ok(uri)
    }
}

/// Whether what is sent there stays on this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// A webhook.
pub(super) struct Webhook {
    uri: Uri,
    keys: Vec<Key>,
    agent: Agent,
}

/// A secret that the receiver has too.
struct Key(Zeroizing<Vec<u8>>);

/// How long one delivery may take, from the first packet to the answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The sizes of a key, as Standard Webhooks has them.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

impl Webhook {
    pub(super) fn new(settings: &WebhookSettings) -> Result<Self> {
        let keys = Key::read(&settings.key)
            .with_context(|| format!("reading the key `{}`", settings.key.display()))?;
        let uri = settings.uri()?;
        let mut config = Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .timeout_connect(Some(Duration::from_secs(10)))
            // A redirect would send the names somewhere that nobody configured.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("vernet-verifier/", env!("CARGO_PKG_VERSION")));
        config = match uri.scheme_str() {
            // What is not encrypted stays on this machine, whatever proxy the environment names.
            Some("http") => config.proxy(None),
            _ => config.tls_config(TlsConfig::builder().root_certs(authorities()?).build()),
        };
        Ok(Self { uri, keys, agent: config.build().new_agent() })
    }

    pub(super) fn deliver(&self, message: &Message, now: NumericDate) -> Result<(), Failure> {
        let time = now.seconds().to_string();
        let signed = format!("{}.{time}.{}", message.id, message.payload);
        let signatures: Vec<String> = self.keys.iter().map(|key| key.sign(&signed)).collect();
        let sent = self
            .agent
            .post(self.uri.clone())
            .header("content-type", "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", &time)
            .header("webhook-signature", signatures.join(" "))
            .send(&message.payload);
        match sent {
            Ok(answer) => judge(answer.status()),
            Err(error) => Err(Failure::Unreachable(error.to_string())),
        }
    }
}

fn judge(status: StatusCode) -> Result<(), Failure> {
    let later = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    match status {
        status if status.is_success() => Ok(()),
        status if status.is_server_error() || later.contains(&status) => {
            Err(Failure::Unreachable(format!("it answers {}", status.as_u16())))
        }
        status if status.is_redirection() => Err(Failure::Refused(format!(
            "it redirects ({}), which is not followed",
            status.as_u16()
        ))),
        status => Err(Failure::Refused(format!("it answers {}", status.as_u16()))),
    }
}

impl Key {
    /// The keys in a file, one to a line: the first is the current one. While a key is replaced,
    /// messages are signed with each, so that a receiver can change over when it likes.
    fn read(file: &Path) -> Result<Vec<Self>> {
        let text = read_secret_text(file, 4 << 10)?;
        let lines = (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty());
        let keys: Vec<Self> = lines
            .map(|(number, line)| {
                let encoded = line.strip_prefix("whsec_").with_context(|| {
                    format!("line {number} does not begin with `whsec_`, which is expected before the key in base64")
                })?;
                let bytes = STANDARD.decode(encoded).map(Zeroizing::new);
                // The error would quote a part of the key.
                let bytes =
                    bytes.map_err(|_| anyhow::anyhow!("the key in line {number} is not base64"))?;
                if !KEY_BYTES.contains(&bytes.len()) {
                    bail!(
                        "the key in line {number} has {} bytes, expected {} to {}: make one with `echo whsec_$(openssl rand -base64 32)`",
                        bytes.len(),
                        KEY_BYTES.start(),
                        KEY_BYTES.end()
                    );
                }
                Ok(Self(bytes))
            })
            .collect::<Result<_>>()?;
        if keys.is_empty() {
            bail!("there is no key in it: make one with `echo whsec_$(openssl rand -base64 32)`");
        }
        Ok(keys)
    }

    fn sign(&self, content: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("any length is a key");
        mac.update(content.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the reference implementations.
    #[test]
    fn the_signature_is_that_of_the_standard() {
        let file = tempfile::NamedTempFile::new().expect("a new file");
        std::fs::write(file.path(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").expect("written");
        let keys = Key::read(file.path()).expect("a key");
        let signed = r#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        assert_eq!(keys[0].sign(signed), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_repeated() {
        let file = tempfile::NamedTempFile::new().expect("a new file");
        for (content, reason) in [
            ("", "there is no key in it"),
            ("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "does not begin with `whsec_`"),
            ("whsec_MfKQ", "has 3 bytes, expected 24 to 64"),
            ("\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La#aSw", "the key in line 2 is not base64"),
        ] {
            std::fs::write(file.path(), content).expect("written");
            let error = Key::read(file.path()).err().expect("an error").to_string();
            assert!(error.contains(reason) && !error.contains("MfKQ"), "{error}");
        }
    }

    #[test]
    fn alerts_leave_the_machine_encrypted_only() {
        let url = |url: &str| {
            let settings = WebhookSettings {
                name: "hr".to_owned().try_into().expect("a name"),
                url: url.to_owned(),
                key: PathBuf::new(),
                urgency: everything(),
            };
            settings.check().is_ok()
        };
        for good in [
            "https://hr.example.no/hook",
            "http://127.0.0.1:1/",
            "http://[::1]/",
            "http://localhost/x",
        ] {
            assert!(url(good), "{good}");
        }
        for bad in [
            "http://hr.example.no/",
            "https://a:b@hr.example.no/",
            "hr.example.no",
            "/x",
            "ftp://hr.example.no/",
            "",
        ] {
            assert!(!url(bad), "{bad}");
        }
    }

    #[test]
    fn only_a_success_is_a_delivery() {
        let of = |status| judge(StatusCode::from_u16(status).expect("a status"));
        for status in [200, 202, 204] {
            assert!(of(status).is_ok());
        }
        for status in [408, 429, 500, 503] {
            assert!(matches!(of(status), Err(Failure::Unreachable(_))), "{status}");
        }
        for status in [301, 302, 307, 400, 401, 404, 410, 413] {
            assert!(matches!(of(status), Err(Failure::Refused(_))), "{status}");
        }
    }
}

//! The examples in the description.

use serde_json::{Value, json};

/// The server's address in examples; the documentation replaces it by its own address.
pub(super) const EXAMPLE_SERVER: &str = "https://verifier.example.no";

/// What a phone's camera reads from the paper. Signed with the keys of `keys-example/`, which no
/// real server trusts.
pub(super) const EXAMPLE: &str =
    include_str!("../../../../keys-example/certificates/NO-PE-2026-000001.url").trim_ascii();

/// What a server that trusts the example's keys says of it.
pub(super) const EXAMPLE_VERDICT: &str = include_str!("example.json");

pub(super) fn example_verdict() -> Value {
    serde_json::from_str(EXAMPLE_VERDICT).expect("a test reads it")
}

/// Samples in the form that documentation tools look for.
pub(super) fn curl(samples: &[(&str, String)]) -> Value {
    samples
        .iter()
        .map(|(label, source)| json!({ "lang": "sh", "label": label, "source": source }))
        .collect()
}

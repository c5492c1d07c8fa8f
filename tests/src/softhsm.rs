//! Finds SoftHSM, a token in software, and OpenSC's tools for tokens on the machine that runs the
//! tests.

use std::{path::Path, process::Command};

/// SoftHSM's library. `None`, with the reason printed, if it or a tool is not installed; in CI that
/// is a failure.
pub fn library(tools: &[&str]) -> Option<&'static str> {
    let places = [
        "/usr/lib/softhsm/libsofthsm2.so",
        "/usr/lib64/softhsm/libsofthsm2.so",
        "/usr/lib64/pkcs11/libsofthsm2.so",
        "/usr/local/lib/softhsm/libsofthsm2.so",
        "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    ];
    let missing_tool = tools.iter().find(|tool| Command::new(tool).arg("--help").output().is_err());
    match (first_of("libsofthsm2.so", &places), missing_tool) {
        (found, None) => found,
        (_, Some(tool)) => missing(tool),
    }
}

/// The first of these files that exists.
pub fn first_of(name: &str, places: &[&'static str]) -> Option<&'static str> {
    places.iter().copied().find(|place| Path::new(place).exists()).or_else(|| missing(name))
}

fn missing(what: &str) -> Option<&'static str> {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{what} is missing");
    eprintln!("skipped: {what} is missing");
    None
}

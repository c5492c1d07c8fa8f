//! What became of a publication, for monitoring: a file for the textfile collector of Prometheus'
//! `node_exporter`. A scheduled job that fails at night, or does not run any more, is seen by it.
//!
//! It is written after each publication, done or failed, and replaced in one step, so that a reader
//! never sees half of it. What is known of the last good one stays after a failure: the file itself
//! remembers it. Nothing in it is about a person.

use std::{path::Path, sync::atomic::AtomicU64};

use anyhow::Result;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{family::Family, gauge::Gauge},
    registry::Registry,
};
use vernet_common::NumericDate;
use vernet_host::files::{read_capped, write_atomic_public};
use vernet_issuer::Published;

const LAST_RUN: &str = "vernet_publish_last_run_timestamp_seconds";
const SUCCESS: &str = "vernet_publish_last_run_success";
const ERROR: &str = "vernet_publish_last_run_error";
const LAST_SUCCESS: &str = "vernet_publish_last_success_timestamp_seconds";
const GOOD_UNTIL: &str = "vernet_publish_good_until_timestamp_seconds";
const CERTIFICATES: &str = "vernet_publish_certificates";

/// What is known of the last publication that succeeded; zeros if none did, so that every alarm
/// about its age rings.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Good {
    at: u64,
    until: u64,
    certificates: u64,
}

/// Why a publication failed, by its stable code.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Failure {
    code: String,
}

type Amount = Gauge<u64, AtomicU64>;

/// Writes the file after a publication at this time, which succeeded or failed with a code.
pub(super) fn write(file: &Path, now: NumericDate, done: Result<&Published, &str>) -> Result<()> {
    let good = match done {
        Ok(published) => Good {
            at: seconds(now),
            until: seconds(published.good_until.at),
            certificates: published.certificates as u64,
        },
        Err(_) => remembered(file),
    };
    Ok(write_atomic_public(file, render(now, good, done.err())?.as_bytes())?)
}

/// The last good publication that a file of ours tells of.
fn remembered(file: &Path) -> Good {
    /// The file has fewer than 2 kB.
    const MAX: usize = 64 * 1024;
    // What cannot be read is written anew: no alarm may be missing for an old file's sake.
    let text = read_capped(file, MAX).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let amount = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(' '));
        lines.find(|(found, _)| *found == name).and_then(|(_, value)| value.parse().ok())
    };
    let amount = |name: &str| amount(name).unwrap_or_default();
    Good { at: amount(LAST_SUCCESS), until: amount(GOOD_UNTIL), certificates: amount(CERTIFICATES) }
}

fn render(now: NumericDate, good: Good, failure: Option<&str>) -> Result<String> {
    let mut registry = Registry::default();
    let mut add = |name: &str, help: &str, value: u64| {
        let gauge = Amount::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    add(LAST_RUN, "When publish ran last, whatever came of it", seconds(now));
    add(SUCCESS, "Whether it published then", u64::from(failure.is_none()));
    add(LAST_SUCCESS, "When something was published last, 0 if never", good.at);
    add(GOOD_UNTIL, "Until when that is good", good.until);
    add(CERTIFICATES, "How many certificates were verified for it", good.certificates);
    if let Some(code) = failure {
        let failures = Family::<Failure, Amount>::default();
        failures.get_or_create(&Failure { code: code.to_owned() }).set(1);
        registry.register(ERROR, "Why it did not publish, by the code of the error", failures);
    }
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn seconds(at: NumericDate) -> u64 {
    at.seconds().unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> NumericDate {
        NumericDate::from_seconds(seconds).expect("an instant")
    }

    const GOOD: Good = Good { at: 1_795_000_000, until: 1_795_259_200, certificates: 50 };

    /// The text format of Prometheus as the collector reads it: comments, and lines of a name,
    /// perhaps labels, and a number.
    #[test]
    fn the_collector_can_read_it() {
        let text = render(at(1_795_003_600), GOOD, Some("trust_list_expired")).expect("text");
        let values: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            values,
            [
                "vernet_publish_last_run_timestamp_seconds 1795003600",
                "vernet_publish_last_run_success 0",
                "vernet_publish_last_success_timestamp_seconds 1795000000",
                "vernet_publish_good_until_timestamp_seconds 1795259200",
                "vernet_publish_certificates 50",
                "vernet_publish_last_run_error{code=\"trust_list_expired\"} 1",
            ]
        );
        for line in values {
            let name = line.split([' ', '{']).next().expect("a name");
            assert!(text.contains(&format!("# TYPE {name} gauge\n")), "{text}");
        }
        assert!(text.ends_with('\n'));
    }

    #[test]
    fn what_was_published_last_is_remembered_by_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("vernet.prom");
        assert_eq!(remembered(&file), Good::default(), "never");
        std::fs::write(&file, render(at(1_795_000_000), GOOD, None).expect("text")).expect("room");
        assert_eq!(remembered(&file), GOOD);
        write(&file, at(1_795_003_600), Err("no_key")).expect("written");
        assert_eq!(remembered(&file), GOOD, "after a failure too");
        std::fs::write(&file, [0xff, 0xfe, b'\n']).expect("room");
        assert_eq!(remembered(&file), Good::default(), "of a damaged file nothing is believed");
    }
}

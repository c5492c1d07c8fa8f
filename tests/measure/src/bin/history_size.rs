//! How large a history is, and how long it takes to sign, read and query it: `cargo xtask measure
//! history_size`.
//!
//! The entries are made up: one in ten people was suspended once. How the office computes them is
//! not measured here.

use std::time::Instant;

use vernet_common::{
    Algorithm, CertificateHash, CivilDate, Error, HistoryEntry, HistoryRecord, HistoryState,
    NumericDate, PastState, SecretKey, SignedHistory, Signer,
};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Some hash: 43 characters of base64url, the last of which holds four bits.
fn hash(n: u64) -> Result<CertificateHash, Error> {
    let mut state = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as usize
    };
    let mut text: String = (0..42).map(|_| char::from(ALPHABET[draw() % 64])).collect();
    text.push(char::from(ALPHABET[draw() % 16 * 4]));
    CertificateHash::try_from(text)
}

fn entry(n: u64) -> Result<HistoryEntry, Error> {
    let state = |day: &str, state| {
        Ok::<_, Error>(HistoryState { from: day.parse::<CivilDate>()?, other: false, state })
    };
    let record = |recorded: &str, states| {
        Ok::<_, Error>(HistoryRecord { recorded: recorded.parse()?, states })
    };
    let granted = state("2012-01-10", PastState::Authorised)?;
    let mut records = vec![record("2012-01-10T11:00:00Z", vec![granted])?];
    if n.is_multiple_of(10) {
        let suspended = [
            state("2019-03-01", PastState::Suspended)?,
            state("2019-06-01", PastState::Authorised)?,
        ];
        records.push(record("2019-03-02T11:00:00Z", [&[granted][..], &suspended].concat())?);
    }
    Ok(HistoryEntry { certificate: hash(n)?, records })
}

fn main() -> Result<(), Error> {
    let key = SecretKey::from_seed(&[2; 32]);
    let iat: NumericDate = "2026-11-22T10:00:00Z".parse()?;
    println!(
        "{:>12} {:>12} {:>8} {:>8} {:>8} {:>12}",
        "certificates", "bytes", "sign s", "read s", "ask µs", "each, bytes"
    );
    for count in [50, 10_000, 500_000] {
        let entries = (0..count).map(entry).collect::<Result<Vec<_>, _>>()?;
        let began = Instant::now();
        let iss = "https://perfusionist.example.no".parse()?;
        let signed = SignedHistory::sign((iss, 1), iat, &entries, Algorithm::EdDsa, &key)?;
        let sign = began.elapsed().as_secs_f64();
        let bytes = signed.as_bytes().to_vec();
        let size = bytes.len();
        let began = Instant::now();
        let history = SignedHistory::from_bytes(bytes)?.verify(&key.public_key())?;
        let read = began.elapsed().as_secs_f64();
        let began = Instant::now();
        let asked = 1000.min(count);
        for n in 0..asked {
            assert!(history.entry(hash(n * (count / asked))?)?.is_some());
        }
        let ask = began.elapsed().as_secs_f64() / asked as f64 * 1e6;
        println!(
            "{count:>12} {size:>12} {sign:>8.2} {read:>8.2} {ask:>8.1} {:>12.0}",
            size as f64 / count as f64
        );
    }
    Ok(())
}

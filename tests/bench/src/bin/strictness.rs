//! Random signatures, valid and not, judged by ours and by `verify_strict` of `ed25519-dalek`: each
//! alone and in groups, with and without tables. The first difference ends it.
//!
//! ```text
//! cargo run --release --manifest-path tests/bench/Cargo.toml --no-default-features --bin strictness -- 10000000
//! ```

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use curve25519_dalek::{EdwardsPoint, Scalar, constants::EIGHT_TORSION};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha512};
use vernet_common::PublicKey;

/// Keys that are used long enough to get a table, large or small: more than there are large ones.
const KEYS: u64 = 16;

/// How many are judged together.
const GROUP: usize = 64;

fn main() -> Result<()> {
    let cases: u64 = std::env::args().nth(1).context("how many cases?")?.parse()?;
    let seed = std::env::args().nth(2).map_or(Ok(1), |seed| seed.parse())?;
    let mut random = Random { seed, count: 0 };
    let keys: Vec<Key> = (0..KEYS).map(|_| Key::new(&mut random)).collect::<Result<_>>()?;
    let (mut done, mut counts) = (0, BTreeMap::<&str, (u64, u64)>::new());
    while done < cases {
        // Now and then keys that nobody has seen, which have no table.
        let fresh = [Key::new(&mut random)?, Key::new(&mut random)?];
        let group: Vec<Case<'_>> = (0..GROUP)
            .map(|_| {
                let number = random.below(KEYS + 2) as usize;
                Case::new(keys.get(number).unwrap_or(&fresh[number % 2]), &mut random)
            })
            .collect();
        let together = PublicKey::verify_each(
            group.iter().map(|case| (&case.key.ours, &case.message[..], &case.signature)),
        );
        for (case, together) in group.iter().zip(together) {
            let signature = Signature::from_bytes(&case.signature);
            let strict = case.key.theirs.verify_strict(&case.message, &signature).is_ok();
            let alone = case.key.ours.verify(&case.message, &case.signature).is_ok();
            ensure!(
                alone == strict && together.is_ok() == strict,
                "`{}`: alone {alone}, together {together:?}, strict {strict}: key {:02x?}, message {:02x?}, signature {:02x?}",
                case.kind,
                case.key.bytes,
                case.message,
                case.signature
            );
            let count = counts.entry(case.kind).or_default();
            count.0 += 1;
            count.1 += u64::from(strict);
        }
        done += GROUP as u64;
        if done % (GROUP as u64 * 1_563) == 0 {
            println!("{done} cases, no difference");
        }
    }
    println!("{done} cases, no difference; of each kind, and how many are valid:");
    for (kind, (cases, valid)) in counts {
        println!("{kind:<44}{cases:>10}{valid:>10}");
    }
    Ok(())
}

/// Bytes that are the same for the same seed.
struct Random {
    seed: u64,
    count: u64,
}

impl Random {
    fn bytes(&mut self) -> [u8; 64] {
        self.count += 1;
        let hash = Sha512::new()
            .chain_update(self.seed.to_le_bytes())
            .chain_update(self.count.to_le_bytes());
        hash.finalize().into()
    }

    fn below(&mut self, end: u64) -> u64 {
        let bytes = self.bytes();
        u64::from_le_bytes(*bytes.first_chunk().expect("64 bytes")) % end
    }

    fn scalar(&mut self) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&self.bytes())
    }

    /// Nothing as often as the others together.
    fn torsion(&mut self) -> EdwardsPoint {
        let place = self.below(16) as usize;
        EIGHT_TORSION[if place < 8 { 0 } else { place - 8 }]
    }
}

/// A key, perhaps of mixed order.
struct Key {
    secret: Scalar,
    bytes: [u8; 32],
    ours: PublicKey,
    theirs: VerifyingKey,
}

impl Key {
    fn new(random: &mut Random) -> Result<Self> {
        let secret = random.scalar();
        let bytes = (EdwardsPoint::mul_base(&secret) + random.torsion()).compress().to_bytes();
        let (ours, theirs) = (PublicKey::from_bytes(&bytes)?, VerifyingKey::from_bytes(&bytes)?);
        Ok(Self { secret, bytes, ours, theirs })
    }

    /// A signature with this nonce.
    fn sign(&self, r: Scalar, nonce: [u8; 32], message: &[u8]) -> [u8; 64] {
        let hash = Sha512::new().chain_update(nonce).chain_update(self.bytes).chain_update(message);
        let k = Scalar::from_bytes_mod_order_wide(&hash.finalize().into());
        joined(nonce, (r + k * self.secret).to_bytes())
    }
}

struct Case<'a> {
    kind: &'static str,
    key: &'a Key,
    message: Vec<u8>,
    signature: [u8; 64],
}

impl<'a> Case<'a> {
    fn new(key: &'a Key, random: &mut Random) -> Self {
        let length = random.below(64) as usize;
        let mut message = random.bytes()[..length].to_vec();
        let r = random.scalar();
        let nonce = EdwardsPoint::mul_base(&r);
        let mut signature = key.sign(r, nonce.compress().to_bytes(), &message);
        let bit = random.below(512) as usize;
        let kind = match random.below(10) {
            0..3 => "as it was signed",
            3 => {
                signature[bit / 8] ^= 1 << (bit % 8);
                "a changed bit of the signature"
            }
            4 => {
                message.push(0);
                let place = bit % message.len();
                message[place] ^= 1;
                "a changed message"
            }
            5 => {
                signature = plus_order(signature, 1 + random.below(15));
                "a multiple of the order added to S"
            }
            6 => {
                let nonce = nonce + EIGHT_TORSION[1 + random.below(7) as usize];
                signature = key.sign(r, nonce.compress().to_bytes(), &message);
                "a nonce of mixed order"
            }
            7 => {
                let nonce = EIGHT_TORSION[random.below(8) as usize];
                signature = key.sign(Scalar::ZERO, nonce.compress().to_bytes(), &message);
                "a nonce of small order"
            }
            8 => {
                let mut nonce = [0xff; 32];
                nonce[0] = 0xed + random.below(19) as u8;
                nonce[31] = if bit % 2 == 0 { 0x7f } else { 0xff };
                signature = key.sign(Scalar::ZERO, nonce, &message);
                "another encoding of a nonce"
            }
            _ => {
                signature = random.bytes();
                signature[63] &= if bit % 2 == 0 { 0x0f } else { 0xff };
                "any bytes"
            }
        };
        Self { kind, key, message, signature }
    }
}

fn joined(nonce: [u8; 32], s: [u8; 32]) -> [u8; 64] {
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&nonce);
    signature[32..].copy_from_slice(&s);
    signature
}

/// With so many times the order of the base point added to `S`, as far as there is room.
fn plus_order(mut signature: [u8; 64], times: u64) -> [u8; 64] {
    let order = {
        let mut least = (Scalar::ZERO - Scalar::ONE).to_bytes();
        least[0] += 1;
        least
    };
    for _ in 0..times {
        let mut carry = 0;
        for (byte, order) in signature[32..].iter_mut().zip(order) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            (*byte, carry) = (sum as u8, sum >> 8);
        }
    }
    signature
}

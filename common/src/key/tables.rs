//! Tables of multiples of keys that check many signatures, for programs that check many.
//!
//! A verifier knows a few keys and checks many certificates. Multiples of a key, and of the base
//! point, replace the doublings of a check by additions: a third less work. They are public points,
//! computed from public keys with the public interface of `curve25519-dalek`, and say nothing that
//! the key does not.
//!
//! **Memory** is bounded for the whole program, however many keys there are: the first [`LARGE`] keys
//! with enough valid signatures get 1.2 MB each, further ones 0.22 MB each, up to [`SLOTS`] keys; the
//! base point takes 2.1 MB. That is at most 17 MB. Other keys are checked without a table. Only a
//! valid signature counts, so nobody but the owner of a key can cause a table.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::OnceLock;

use curve25519_dalek::{
    EdwardsPoint, Scalar, constants::ED25519_BASEPOINT_POINT, traits::Identity,
};

/// How many keys can have a table.
const SLOTS: usize = 32;
/// How many of them can have a large one.
const LARGE: usize = 8;
/// The bits of a digit, by which tables grow and additions become fewer.
const LARGE_BITS: u32 = 9;
const SMALL_BITS: u32 = 6;
const BASE_BITS: u32 = 10;
/// After how many valid signatures a table is made: when about as much time was lost without it as it
/// takes to make it.
const USES: u32 = 256;
/// In how many places a key's table may be.
const PLACES: usize = 4;

/// Tables are never moved nor taken away, so that finding one costs nothing.
static TABLES: [Slot; SLOTS] = [const { Slot::new() }; SLOTS];
static LARGE_TABLES: AtomicUsize = AtomicUsize::new(0);

struct Slot {
    key: OnceLock<[u8; 32]>,
    valid: AtomicU32,
    table: OnceLock<Table>,
}

impl Slot {
    const fn new() -> Self {
        Self { key: OnceLock::new(), valid: AtomicU32::new(0), table: OnceLock::new() }
    }
}

/// The places where a key's table may be: public keys are as good as random.
fn places(key: &[u8; 32]) -> impl Iterator<Item = &'static Slot> {
    let first = usize::from(key[0]);
    (first..first + PLACES).map(|place| &TABLES[place % SLOTS])
}

/// The table of a key, if it has one.
pub(super) fn of(key: &[u8; 32]) -> Option<&'static Table> {
    let slot = places(key).find(|slot| slot.key.get() == Some(key))?;
    slot.table.get()
}

/// Takes note of a valid signature. After enough of them the key gets a table.
pub(super) fn note_valid(key: &[u8; 32], point: &EdwardsPoint) {
    let Some(slot) = places(key).find(|slot| slot.key.get_or_init(|| *key) == key) else {
        return;
    };
    if slot.table.get().is_none() && slot.valid.fetch_add(1, Ordering::Relaxed) + 1 == USES {
        let is_large = LARGE_TABLES.fetch_add(1, Ordering::Relaxed) < LARGE;
        let bits = if is_large { LARGE_BITS } else { SMALL_BITS };
        let _ = slot.table.set(Table::new(point, bits));
    }
}

/// What is needed to compute `s·B - k·A` by additions only.
pub(super) struct Table {
    /// Those of `-A`.
    key: Multiples,
    /// Those of the base point `B`.
    base: &'static Multiples,
}

impl Table {
    pub(super) fn new(key: &EdwardsPoint, bits: u32) -> Self {
        static BASE: OnceLock<Multiples> = OnceLock::new();
        Self {
            key: Multiples::of(-key, bits),
            base: BASE.get_or_init(|| Multiples::of(ED25519_BASEPOINT_POINT, BASE_BITS)),
        }
    }

    pub(super) fn nonce_point(&self, k: &Scalar, s: &Scalar) -> EdwardsPoint {
        self.base.add_multiple(self.key.add_multiple(EdwardsPoint::identity(), k), s)
    }
}

/// Multiples of a point `P`. A scalar is written with signed digits of a few bits each, and for each
/// place there are `1·P`, `2·P` … of that place.
struct Multiples {
    bits: u32,
    points: Vec<EdwardsPoint>,
}

/// Scalars are less than 2^253, and a carry may follow.
const SCALAR_BITS: u32 = 254;

impl Multiples {
    fn of(point: EdwardsPoint, bits: u32) -> Self {
        let (places, most) = (SCALAR_BITS.div_ceil(bits), 1 << (bits - 1));
        let mut points = Vec::with_capacity(places as usize * most);
        let mut first = point;
        for _ in 0..places {
            let mut multiple = first;
            points.push(multiple);
            for _ in 1..most {
                multiple += first;
                points.push(multiple);
            }
            // The last one is half of the first one of the next place.
            first = multiple + multiple;
        }
        Self { bits, points }
    }

    /// `sum + scalar·P`, in variable time.
    fn add_multiple(&self, mut sum: EdwardsPoint, scalar: &Scalar) -> EdwardsPoint {
        let most = 1 << (self.bits - 1);
        for (place, digit) in digits(scalar.as_bytes(), self.bits).enumerate() {
            let multiple = |digit: i32| &self.points[place * most + digit as usize - 1];
            match digit {
                0 => {}
                1.. => sum += multiple(digit),
                ..0 => sum -= multiple(-digit),
            }
        }
        sum
    }
}

/// The digits of a scalar from the lowest, each from -2^(bits - 1) to 2^(bits - 1).
fn digits(scalar: &[u8; 32], bits: u32) -> impl Iterator<Item = i32> {
    let mut carry = 0;
    (0..SCALAR_BITS.div_ceil(bits)).map(move |place| {
        let start = place * bits;
        let byte = |at: u32| u32::from(*scalar.get(at as usize).unwrap_or(&0));
        let low = start / 8;
        let bytes = byte(low) | byte(low + 1) << 8 | byte(low + 2) << 16;
        let window = bytes >> (start % 8) & ((1 << bits) - 1);
        let digit = window as i32 + carry;
        carry = i32::from(digit > 1 << (bits - 1));
        digit - (carry << bits)
    })
}

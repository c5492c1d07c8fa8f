//! Decoys: slots of a status list that belong to no certificate but are not `valid`.
//!
//! A status list is public. Without decoys, the number of its slots that are not 0 would be the
//! number of suspended, limited and revoked people of a small profession. Decoys never change, so a
//! reader who keeps every publication still sees that something changed; the list cannot hide that.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use vernet_common::{Status, StatusIndex};

use crate::statements::digest::Digest;

/// The fewest decoys of a list, and how many more there may be. The number varies because a known
/// number could be subtracted.
const FEWEST: u16 = 200;
const MORE: u16 = 201;

/// The decoys of the list with this seed. They never change, because they are derived from SHA-256
/// of the seed and a counter.
pub(crate) fn decoys(seed: &Digest) -> BTreeMap<StatusIndex, Status> {
    let mut words = (0_u32..).flat_map(|counter| {
        let block = Sha256::new()
            .chain_update(seed.as_bytes())
            .chain_update(counter.to_be_bytes())
            .finalize();
        let word = |bytes: &[u8]| bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
        block.chunks(4).map(word).collect::<Vec<u32>>()
    });
    let mut draw =
        || words.next().expect("the counter does not run out: 2^32 blocks for some hundred slots");
    let count = usize::from(FEWEST) + (draw() % u32::from(MORE)) as usize;
    let mut slots = BTreeMap::new();
    while slots.len() < count {
        let word = draw();
        let index = StatusIndex::new(word % StatusIndex::COUNT)
            .expect("a remainder is smaller than the divisor");
        // The upper bits, which the index does not use, choose among the three.
        let status = [Status::Invalid, Status::Suspended, Status::Conditions]
            [(word / StatusIndex::COUNT % 3) as usize];
        slots.entry(index).or_insert(status);
    }
    slots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoys_are_the_same_for_ever() {
        let first = decoys(&Digest::from([7; 32]));
        assert_eq!(first, decoys(&Digest::from([7; 32])));
        assert_ne!(first, decoys(&Digest::from([8; 32])));
        let head: Vec<_> =
            first.iter().take(3).map(|(index, status)| (index.index(), *status as u8)).collect();
        // Computed independently.
        assert_eq!((first.len(), head), (293, vec![(442, 3), (692, 3), (772, 3)]));
    }

    #[test]
    fn decoys_look_like_every_status_and_their_number_varies() {
        let mut counts = std::collections::BTreeSet::new();
        for seed in 0..50 {
            let slots = decoys(&Digest::from([seed; 32]));
            assert!((200..=400).contains(&slots.len()));
            assert!(
                (1..=3).all(|status| slots.values().filter(|s| **s as u8 == status).count() > 30)
            );
            assert!(slots.values().all(|status| *status != Status::Valid));
            counts.insert(slots.len());
        }
        assert!(counts.len() > 25, "{counts:?}");
    }
}

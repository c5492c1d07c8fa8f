//! The issued log: an append-only Merkle tree over every certificate that an office ever signed
//! (RFC 9162 section 2.1, the same tree as RFC 6962's), its checkpoint (C2SP tlog-checkpoint, a
//! signed note) and its tiles (C2SP tlog-tiles).
//!
//! The hashing and the notes are our own code. Of the crates for it, `tlog_tiles` and `signed_note`
//! are the best maintained; but they need the standard library, and bring in a second
//! `ed25519-dalek`, a second `sha2` and `url`, in the page as well.

mod add_checkpoint;
mod checkpoint;
mod hash;
mod note;
mod tile;
mod tree;
mod trusted;
mod witness;

pub use add_checkpoint::AddCheckpoint;
pub use checkpoint::SignedCheckpoint;
pub use hash::{LogHash, LogHead};
pub use tile::Tile;
pub use tree::{LogFrontier, LogTree};
pub use trusted::TrustedLog;
pub use witness::{Witness, WitnessName};

#[cfg(test)]
mod tests;

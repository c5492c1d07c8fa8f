//! Signed notes (C2SP signed-note): a text, an empty line, and lines with signatures.

use alloc::{format, string::String, vec::Vec};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, check_size},
    key::PublicKey,
};

/// What a signature line begins with.
const DASH: &str = "\u{2014} ";

/// A text and the signatures under it, none of them checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Note {
    /// The text, with the line end of its last line.
    pub(super) text: String,
    pub(super) signatures: Vec<NoteSignature>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct NoteSignature {
    name: String,
    id: [u8; 4],
    pub(super) bytes: Vec<u8>,
}

/// The kind of a signature: the byte that goes into a key's id.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum SignatureType {
    /// Ed25519 over the text.
    Ed25519 = 1,
    /// A witness's: Ed25519 over the text and the time (C2SP tlog-cosignature).
    Cosignature = 4,
}

impl Note {
    /// The longest note: room for sixteen signatures of 5 kB, which the specification requires
    /// readers to accept.
    pub(super) const MAX_BYTES: usize = 96 * 1024;
    /// The most signatures.
    const MAX_SIGNATURES: usize = 64;

    pub(super) fn parse(note: &str) -> Result<Self, Error> {
        check_size("the checkpoint", note.len(), Self::MAX_BYTES)?;
        let invalid = |reason| Error::CheckpointInvalid { reason };
        if note.chars().any(|c| c < ' ' && c != '\n') {
            return Err(invalid("a control character"));
        }
        let (text, lines) = note
            .rfind("\n\n")
            .map(|end| (&note[..=end], &note[end + 2..]))
            .ok_or_else(|| invalid("no empty line between the text and the signatures"))?;
        let lines =
            lines.strip_suffix('\n').ok_or_else(|| invalid("the last line does not end"))?;
        if lines.split('\n').count() > Self::MAX_SIGNATURES {
            return Err(invalid("more than 64 signatures"));
        }
        let signature = |line: &str| {
            let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
            let bytes = STANDARD.decode(signature).ok()?;
            let (id, bytes) = bytes.split_first_chunk::<4>()?;
            let well_formed = is_name(name) && !bytes.is_empty();
            well_formed.then(|| NoteSignature { name: name.into(), id: *id, bytes: bytes.to_vec() })
        };
        let signatures: Option<Vec<_>> = lines.split('\n').map(signature).collect();
        let signatures =
            signatures.ok_or_else(|| invalid("a line of a signature has another form"))?;
        Ok(Self { text: text.into(), signatures })
    }

    /// The signatures by this key, of this kind. Lines by others are ignored.
    pub(super) fn by(
        &self,
        name: &str,
        r#type: SignatureType,
        key: &PublicKey,
    ) -> impl Iterator<Item = &NoteSignature> {
        let id = key_id(name, r#type, key);
        self.signatures.iter().filter(move |signature| signature.name == name && signature.id == id)
    }

    /// Adds a signature; one by the same key and of the same kind is replaced.
    pub(super) fn add(
        &mut self,
        name: &str,
        r#type: SignatureType,
        key: &PublicKey,
        bytes: Vec<u8>,
    ) {
        let id = key_id(name, r#type, key);
        self.signatures.retain(|signature| signature.name != name || signature.id != id);
        self.signatures.push(NoteSignature { name: name.into(), id, bytes });
    }

    pub(super) fn to_text(&self) -> String {
        format!("{}\n{}", self.text, lines_of(&self.signatures))
    }
}

/// Signatures as in a note, one line each.
pub(super) fn lines_of<'a>(signatures: impl IntoIterator<Item = &'a NoteSignature>) -> String {
    let line = |NoteSignature { name, id, bytes }: &NoteSignature| {
        let bytes: Vec<u8> = id.iter().chain(bytes).copied().collect();
        format!("{DASH}{name} {}\n", STANDARD.encode(bytes))
    };
    signatures.into_iter().map(line).collect()
}

/// A key as a line of text (C2SP signed-note, verifier keys): other software is configured with it.
pub(super) fn verifier_key(name: &str, r#type: SignatureType, key: &PublicKey) -> String {
    let id: String = key_id(name, r#type, key).iter().map(|byte| format!("{byte:02x}")).collect();
    let bytes: Vec<u8> = core::iter::once(r#type as u8).chain(*key.as_bytes()).collect();
    format!("{name}+{id}+{}", STANDARD.encode(bytes))
}

/// Names of keys have no spaces and no `+`.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c == '+')
}

fn key_id(name: &str, r#type: SignatureType, key: &PublicKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update([b'\n', r#type as u8])
        .chain_update(key.as_bytes());
    let [a, b, c, d, ..] = <[u8; 32]>::from(hash.finalize());
    [a, b, c, d]
}

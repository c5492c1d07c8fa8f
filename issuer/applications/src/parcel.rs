//! A parcel: a head in JSON, and the documents after it, as one string of bytes to be sealed.

use serde::{Deserialize, Serialize};
use vernet_common::Sha256Hash;
use zeroize::Zeroizing;

use crate::error::Error;

/// The largest document: a page or two photographed by a phone, or the scan of some pages.
pub const MAX_DOCUMENT: usize = 10 << 20;

/// The most documents that are sent at once. A proposal rests on at most 20.
pub const MAX_DOCUMENTS: usize = 10;

/// The most bytes that are sent at once, all documents together.
pub const MAX_TOTAL: usize = 24 << 20;

/// The longest head.
const MAX_HEAD: usize = 64 << 10;

/// The longest parcel.
#[cfg(feature = "files")]
pub(crate) const MAX_PARCEL: usize = 4 + MAX_HEAD + MAX_TOTAL;

/// What a document is, by its first bytes and by opening it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "they are called so")]
pub enum FileKind {
    Pdf,
    Jpeg,
    Png,
}

impl FileKind {
    /// The end of its name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }
}

/// What an applicant says that a document is. The name of the file is not kept: it may hold anything.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Passport or identity card.
    Identity,
    /// The diploma.
    Diploma,
    /// Anything else.
    Other,
    /// From the office: its decision, or the letter with the certificate.
    Letter,
}

impl Label {
    /// Those that an applicant chooses from.
    pub const OF_APPLICANTS: [Self; 3] = [Self::Identity, Self::Diploma, Self::Other];

    /// Its word, in names of files too.
    pub fn word(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Diploma => "diploma",
            Self::Other => "other",
            Self::Letter => "letter",
        }
    }
}

/// A document of a parcel, as its head describes it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enclosure {
    /// What it is said to be.
    pub label: Label,
    /// What it is.
    pub kind: FileKind,
    /// Its length in bytes.
    pub size: u32,
    /// The hash of its bytes.
    pub sha256: Sha256Hash,
}

/// A document with its bytes.
#[derive(Clone)]
pub struct Enclosed {
    about: Enclosure,
    bytes: Zeroizing<Vec<u8>>,
}

impl Enclosed {
    /// A document of a kind that the caller knows.
    ///
    /// # Errors
    ///
    /// [`vernet_common::Error::TooLarge`] if it is over [`MAX_DOCUMENT`].
    pub fn new(label: Label, kind: FileKind, bytes: Vec<u8>) -> Result<Self, Error> {
        let (found, limit) = (bytes.len(), MAX_DOCUMENT);
        if found > limit {
            return Err(
                vernet_common::Error::TooLarge { what: "the document", found, limit }.into()
            );
        }
        let sha256 = Sha256Hash::of(&bytes);
        let about = Enclosure { label, kind, size: found as u32, sha256 };
        Ok(Self { about, bytes: bytes.into() })
    }

    /// Its description.
    pub fn about(&self) -> &Enclosure {
        &self.about
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl std::fmt::Debug for Enclosed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Enclosed({:?})", self.about)
    }
}

/// Refuses more than may be sent at once.
pub(crate) fn check_amount(documents: &[Enclosure]) -> Result<(), Error> {
    let total = documents.iter().map(|document| u64::from(document.size)).sum::<u64>();
    if documents.len() > MAX_DOCUMENTS || total > MAX_TOTAL as u64 {
        let (found, limit) = (total as usize, MAX_TOTAL);
        return Err(vernet_common::Error::TooLarge { what: "the documents", found, limit }.into());
    }
    Ok(())
}

/// The parcel's bytes.
pub(crate) fn pack(head: &[u8], documents: &[Enclosed]) -> Result<Zeroizing<Vec<u8>>, Error> {
    if head.len() > MAX_HEAD {
        let (found, limit) = (head.len(), MAX_HEAD);
        return Err(vernet_common::Error::TooLarge { what: "the head", found, limit }.into());
    }
    let total = documents.iter().map(|document| document.bytes.len()).sum::<usize>();
    let mut bytes = Zeroizing::new(Vec::with_capacity(4 + head.len() + total));
    bytes.extend_from_slice(&(head.len() as u32).to_be_bytes());
    bytes.extend_from_slice(head);
    documents.iter().for_each(|document| bytes.extend_from_slice(&document.bytes));
    Ok(bytes)
}

/// The head and what follows it.
pub(crate) fn unpack(parcel: &[u8]) -> Result<(&[u8], &[u8]), Error> {
    let cut_off = Error::Malformed { found: "it is cut off" };
    let Some((length, rest)) = parcel.split_first_chunk() else { return Err(cut_off) };
    rest.split_at_checked(u32::from_be_bytes(*length) as usize).ok_or(cut_off)
}

/// The documents that a head describes, out of the bytes after it. Nothing may be left over.
pub(crate) fn documents(about: Vec<Enclosure>, bytes: &[u8]) -> Result<Vec<Enclosed>, Error> {
    check_amount(&about)?;
    let mut rest = bytes;
    let mut documents = Vec::with_capacity(about.len());
    for about in about {
        let (bytes, after) = rest
            .split_at_checked(about.size as usize)
            .ok_or(Error::Malformed { found: "a document is cut off" })?;
        if Sha256Hash::of(bytes) != about.sha256 {
            return Err(Error::Malformed {
                found: "a document is not the one that its head names",
            });
        }
        rest = after;
        documents.push(Enclosed { about, bytes: Zeroizing::new(bytes.to_vec()) });
    }
    match rest.is_empty() {
        true => Ok(documents),
        false => Err(Error::Malformed { found: "there is more in it than its head says" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(bytes: &[u8]) -> Enclosed {
        Enclosed::new(Label::Diploma, FileKind::Pdf, bytes.to_vec()).expect("small")
    }

    #[test]
    fn a_parcel_comes_back_as_it_was() {
        let packed =
            pack(b"{}", &[document(b"one"), document(b""), document(b"three")]).expect("fits");
        let (head, rest) = unpack(&packed).expect("whole");
        assert_eq!(head, b"{}");
        let about = [&b"one"[..], b"", b"three"].map(|bytes| document(bytes).about.clone());
        let again = documents(about.to_vec(), rest).expect("the same");
        assert_eq!(
            again.iter().map(Enclosed::bytes).collect::<Vec<_>>(),
            [&b"one"[..], b"", b"three"]
        );
        for wrong in [&rest[1..], &rest[..rest.len() - 1], &[rest, b"x"].concat()[..]] {
            let error = documents(about.to_vec(), wrong).expect_err("not the same");
            assert_eq!(error.code(), "submission_malformed");
        }
    }

    #[test]
    fn nothing_is_read_past_the_end() {
        for parcel in [&b""[..], b"\0\0\0", b"\0\0\0\x02{", b"\xff\xff\xff\xff{}"] {
            assert_eq!(unpack(parcel).expect_err("cut off").code(), "submission_malformed");
        }
    }

    #[test]
    fn more_than_may_be_sent_is_refused() {
        let too_large = vec![0; MAX_DOCUMENT + 1];
        let error = Enclosed::new(Label::Other, FileKind::Png, too_large).expect_err("too large");
        assert_eq!(error.code(), "too_large");
        let about = document(b"x").about;
        assert!(check_amount(&vec![about.clone(); MAX_DOCUMENTS]).is_ok());
        assert_eq!(
            check_amount(&vec![about.clone(); MAX_DOCUMENTS + 1]).expect_err("many").code(),
            "too_large"
        );
        let large = Enclosure { size: MAX_DOCUMENT as u32, ..about };
        assert_eq!(check_amount(&vec![large; 3]).expect_err("much").code(), "too_large");
    }
}

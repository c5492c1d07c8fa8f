//! Finds what is attached to a PDF: the signed certificate in a letter that the office sent.
//!
//! The file comes from a stranger. It is read by `hayro-syntax`, which forbids unsafe code and
//! finds the objects of a file also where its tables are broken. That an attachment is found proves
//! nothing: it is text, and whether it is a genuine certificate is decided elsewhere.

pub(crate) mod error;

use alloc::{collections::BTreeSet, vec::Vec};

use hayro_syntax::{
    DecryptionError, LoadPdfError, Pdf,
    object::{Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream},
};
use vernet_common::{Signed, StatusStatement};

use self::error::PdfError;
use crate::{
    contents::Contents,
    embedded::embedded_in,
    found::found_in,
    kind::{Kind, pdf_header},
    plain_text::plain_text,
};

/// The largest file: as large as the largest picture, since a scan is one.
pub(crate) const MAX_FILE: usize = 24 << 20;

/// The longest stream without a label that is looked into: some programs leave out every optional
/// entry of an attachment. A statement of professional status has at most 16 kB, a certificate 4.
const MAX_UNLABELLED: usize = 32 * 1024;

/// The certificates and statements of professional status that are attached to a PDF. For the
/// office, which reads back the letters that it makes.
///
/// # Errors
///
/// [`PdfError`] if the file is too large, is not a PDF, or is encrypted.
pub fn attached(bytes: &[u8]) -> Result<Contents, PdfError> {
    let pdf = open(bytes)?;
    let mut contents = Contents::default();
    for attachment in attachments(&pdf).flatten() {
        add_text(&mut contents, &attachment);
    }
    Ok(contents)
}

/// Opens a file. Some programs put lines before its header, and readers allow for that.
pub(crate) fn open(bytes: &[u8]) -> Result<Pdf, PdfError> {
    if bytes.len() > MAX_FILE {
        return Err(PdfError::TooLarge { found: bytes.len(), limit: MAX_FILE });
    }
    // Offsets count from the header (ISO 32000-1 § 7.5.2, note 1).
    let header = pdf_header(bytes).ok_or(PdfError::NotPdf)?;
    Pdf::new(bytes[header..].to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => PdfError::Encrypted,
        LoadPdfError::Decryption(_) => PdfError::Encrypted,
        LoadPdfError::Invalid => PdfError::Unreadable,
    })
}

/// The contents of all attachments, whatever lists them, if anything does. `None` is one that cannot
/// be decoded.
pub(crate) fn attachments(pdf: &Pdf) -> impl Iterator<Item = Option<Vec<u8>>> {
    let listed = listed(pdf);
    pdf.objects().into_iter().filter_map(move |object| match object {
        Object::Stream(stream) if listed.contains(&stream.obj_id()) || may_be_attached(&stream) => {
            Some(decoded(&stream))
        }
        _ => None,
    })
}

/// What is in a stream. Nothing comes of one that is damaged from its beginning.
fn decoded(stream: &Stream<'_>) -> Option<Vec<u8>> {
    let content = stream.decoded_data().ok()?.into_owned();
    (!content.is_empty() || stream.raw_data().is_empty()).then_some(content)
}

/// The streams that some file specification names, wherever that is: in the list of attachments, or
/// on a page. They need no type of their own.
fn listed(pdf: &Pdf) -> BTreeSet<ObjectIdentifier> {
    let mut listed = BTreeSet::new();
    for object in pdf.objects() {
        add_listed(&object, 0, &mut listed);
    }
    listed
}

/// How deeply a file specification may be within the object that has it.
const MAX_NESTING: usize = 16;

fn add_listed(object: &Object<'_>, depth: usize, listed: &mut BTreeSet<ObjectIdentifier>) {
    if depth > MAX_NESTING {
        return;
    }
    // What is an object of its own has its turn.
    let mut add_part = |part: MaybeRef<Object<'_>>| {
        if let MaybeRef::NotRef(part) = part {
            add_listed(&part, depth + 1, listed);
        }
    };
    match object {
        Object::Array(array) => array.raw_iter().for_each(add_part),
        Object::Dict(dict) => {
            dict.entries().for_each(|(_, part)| add_part(part));
            if let Some(files) = dict.get::<Dict<'_>>(b"EF") {
                let files = files.keys().filter_map(|key| files.get_ref(key));
                listed.extend(files.map(ObjectIdentifier::from));
            }
        }
        _ => {}
    }
}

/// By its type, its media type, or the parameters that only embedded files have. An attachment may
/// have none of them, and then it has no type that other streams have.
fn may_be_attached(stream: &Stream<'_>) -> bool {
    let dict = stream.dict();
    let name = |key: &[u8]| dict.get::<Name<'_>>(key);
    match (name(b"Type"), name(b"Subtype")) {
        (Some(kind), _) => kind.as_ref() == b"EmbeddedFile",
        (None, Some(kind)) => kind.as_ref().contains(&b'/'),
        (None, None) => {
            dict.get::<Dict<'_>>(b"Params").is_some()
                || stream.raw_data().len() <= MAX_UNLABELLED
                    && stream.decoded_data().is_ok_and(|content| content.starts_with(b"eyJ"))
        }
    }
}

/// Adds what is in a text to the contents. Whether it was a certificate or a statement.
pub(crate) fn add_text(contents: &mut Contents, bytes: &[u8]) -> bool {
    let Some(text) = plain_text(bytes) else { return false };
    let found = found_in(&text);
    let kind = Kind::of_text(text.trim_start());
    if !found.is_empty() || kind == Kind::Text {
        contents.unexamined.extend(embedded_in(kind, &text));
    }
    for text in &found {
        let among = match is_statement(text) {
            true => &mut contents.statements,
            false => &mut contents.certificates,
        };
        if !among.contains(text) {
            among.push(text.clone());
        }
    }
    !found.is_empty()
}

fn is_statement(text: &str) -> bool {
    Signed::<StatusStatement>::parse(text).is_ok()
}

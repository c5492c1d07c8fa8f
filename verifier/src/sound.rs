//! Whether a document that a stranger sends to the office can be opened. For what applicants send,
//! which officers look at; nothing is looked for in it.

use hayro_syntax::object::{Dict, MaybeRef, Name, Object};

use crate::{
    pdf::{self, error::PdfError},
    photo,
};

/// What a file is, by its first bytes and by opening it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Soundness {
    /// A PDF with pages, and no program in it.
    Pdf,
    /// A picture.
    Jpeg,
    /// A picture.
    Png,
    /// A PDF that asks for a password.
    Encrypted,
    /// A PDF with a program in it, or one that starts a program.
    Active,
    /// It begins like one of these, but is damaged or beyond every bound.
    Unreadable,
    /// Something else.
    Other,
}

/// Opens a file. It may take hundreds of megabytes: a server does it in a process of its own.
pub fn soundness(bytes: &[u8]) -> Soundness {
    let picture = |kind| photo::decode::decode(bytes).map_or(Soundness::Unreadable, |_| kind);
    match bytes {
        [0xff, 0xd8, 0xff, ..] => picture(Soundness::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => picture(Soundness::Png),
        // At the very beginning: a file that is a PDF further on may be something else as well.
        [b'%', b'P', b'D', b'F', b'-', ..] => sound_pdf(bytes),
        _ => Soundness::Other,
    }
}

fn sound_pdf(bytes: &[u8]) -> Soundness {
    let pdf = match pdf::open(bytes) {
        Ok(pdf) => pdf,
        Err(PdfError::Encrypted) => return Soundness::Encrypted,
        Err(_) => return Soundness::Unreadable,
    };
    if pdf.objects().into_iter().any(|object| is_active(&object, 0)) {
        return Soundness::Active;
    }
    match pdf.pages().is_empty() {
        true => Soundness::Unreadable,
        false => Soundness::Pdf,
    }
}

/// How deeply an action may be within the object that has it.
const MAX_NESTING: usize = 16;

/// Whether an object is or has an action that runs a program (ISO 32000-1 §§ 12.6.4.5 and 12.6.4.16).
fn is_active(object: &Object<'_>, depth: usize) -> bool {
    if depth > MAX_NESTING {
        return true;
    }
    let part = |part: MaybeRef<Object<'_>>| match part {
        // What is an object of its own has its turn.
        MaybeRef::Ref(_) => false,
        MaybeRef::NotRef(part) => is_active(&part, depth + 1),
    };
    let in_dict = |dict: &Dict<'_>| {
        let runs = dict
            .get::<Name<'_>>(b"S")
            .is_some_and(|kind| matches!(kind.as_ref(), b"JavaScript" | b"Launch"));
        runs || dict.contains_key(b"JS") || dict.entries().any(|(_, entry)| part(entry))
    };
    match object {
        Object::Array(array) => array.raw_iter().any(part),
        Object::Dict(dict) => in_dict(dict),
        Object::Stream(stream) => in_dict(stream.dict()),
        _ => false,
    }
}

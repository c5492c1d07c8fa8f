//! The kind of a file, by its first bytes.

/// The kinds of files in which people have certificates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Text: a certificate, a link, digits.
    Text,
    /// A PNG or JPEG picture.
    Picture,
    /// A PDF.
    Pdf,
}

impl Kind {
    /// The kind of a file that begins with these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        const PICTURES: [&[u8]; 2] = [b"\x89PNG", b"\xff\xd8\xff"];
        match bytes {
            picture if PICTURES.iter().any(|start| picture.starts_with(start)) => Self::Picture,
            pdf if pdf.starts_with(b"%PDF-") => Self::Pdf,
            _ => Self::Text,
        }
    }
}

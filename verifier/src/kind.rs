//! The kind of a file, by its content: names and declared types are often wrong.

use core::fmt;

use crate::plain_text::plain_text;

/// How far into a PDF its header may begin: mail programs and web forms put lines before it, and
/// every reader allows for that.
const PDF_HEADER_WITHIN: usize = 1024;

/// Where the header of a PDF begins, if it is one.
pub(crate) fn pdf_header(bytes: &[u8]) -> Option<usize> {
    let start = &bytes[..bytes.len().min(PDF_HEADER_WITHIN)];
    start.windows(5).position(|place| place == b"%PDF-")
}

/// What kind of file somebody shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Kind {
    /// Text in which a certificate is looked for: a link, digits, a sentence, a shortcut.
    Text,
    /// A picture of a kind that is read.
    Picture(PictureKind),
    /// A PDF.
    Pdf,
    /// Nothing, or only white space: a download that failed.
    Empty,
    /// A file of another kind. Nothing is known of what it may show.
    Other(OtherKind),
}

/// The kinds of pictures that are read: PNG and JPEG with the feature `photo`, the others with
/// `documents`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PictureKind {
    /// What screenshots are.
    Png,
    /// What photos are.
    Jpeg,
    /// What messengers make of photos.
    Webp,
    /// What scanners write.
    Tiff,
    /// What old programs write.
    Bmp,
    /// The first picture of an animation.
    Gif,
    /// JPEG 2000.
    Jp2,
    /// A drawing, as the office exports its codes.
    Svg,
}

impl Kind {
    /// The kind of a file with this content.
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        let text = plain_text(bytes);
        if text.is_none()
            && let Some(found) = infer::get(bytes)
            && found.extension() != "pdf"
        {
            return match Self::of_extension(found.extension()) {
                Self::Other(OtherKind::Zip) => Self::Other(OtherKind::of_archive(bytes)),
                kind => kind,
            };
        }
        if pdf_header(bytes).is_some() {
            return Self::Pdf;
        }
        text.map_or(Self::Other(OtherKind::Unknown), |text| Self::of_text(text.trim_start()))
    }

    /// The kind for which this extension stands in the table of magic numbers.
    fn of_extension(extension: &str) -> Self {
        Self::Picture(match extension {
            "png" => PictureKind::Png,
            "jpg" => PictureKind::Jpeg,
            "webp" => PictureKind::Webp,
            "tif" => PictureKind::Tiff,
            "bmp" => PictureKind::Bmp,
            "gif" => PictureKind::Gif,
            "jp2" => PictureKind::Jp2,
            other => return Self::Other(OtherKind::of_extension(other)),
        })
    }

    /// The kind of a text that may be written in one of the languages for documents.
    pub(crate) fn of_text(text: &str) -> Self {
        if text.is_empty() {
            return Self::Empty;
        }
        let length = text.char_indices().nth(1024).map_or(text.len(), |(at, _)| at);
        let start = text[..length].to_ascii_lowercase();
        let begins = |with: &[&str]| with.iter().any(|with| start.starts_with(with));
        let root = root_element(text).to_ascii_lowercase();
        if root == "svg" && !begins(&["<!doctype html"]) {
            return Self::Picture(PictureKind::Svg);
        }
        let mail = ["received: ", "return-path: ", "mime-version: ", "delivered-to: "];
        let is_mail = begins(&mail) || begins(&["from: "]) && start.contains("\nmime-version: ");
        Self::Other(match () {
            () if begins(&["<!doctype html", "<html", "<head", "<body", "<!--", "<script"]) => {
                OtherKind::Html
            }
            () if root == "html" => OtherKind::Html,
            () if begins(&["{\\rtf"]) => OtherKind::Rtf,
            () if begins(&["%!ps"]) => OtherKind::PostScript,
            () if is_mail => OtherKind::Mail,
            () => return Self::Text,
        })
    }
}

/// The name of the first element of a text in XML or HTML, without its prefix; empty if it is
/// neither. What stands before it may be of any length: a declaration, comments, a document type
/// with definitions of its own.
fn root_element(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        let after = if let Some(comment) = rest.strip_prefix("<!--") {
            comment.split_once("-->").map(|(_, after)| after)
        } else if let Some(instruction) = rest.strip_prefix("<?") {
            instruction.split_once("?>").map(|(_, after)| after)
        } else if rest.starts_with("<!") {
            after_declaration(rest)
        } else {
            break;
        };
        rest = after.unwrap_or_default().trim_start();
    }
    let name = rest.strip_prefix('<').unwrap_or_default();
    let name = name.split(|c: char| c.is_whitespace() || matches!(c, '/' | '>')).next();
    let name = name.unwrap_or_default();
    name.rsplit_once(':').map_or(name, |(_, name)| name)
}

/// What follows a declaration such as `<!DOCTYPE svg [ … ]>`, in which there may be others, and
/// quoted texts with any characters.
fn after_declaration(text: &str) -> Option<&str> {
    let mut depth = 0;
    let mut rest = text;
    loop {
        rest = &rest[rest.find(['<', '>', '"', '\''])?..];
        rest = if let Some(comment) = rest.strip_prefix("<!--") {
            comment.split_once("-->")?.1
        } else if let Some(quoted) = rest.strip_prefix(['"', '\'']) {
            quoted.split_once(rest.chars().next()?)?.1
        } else {
            depth += if rest.starts_with('<') { 1 } else { -1 };
            &rest[1..]
        };
        if depth == 0 {
            return Some(rest);
        }
    }
}

/// Defines [`OtherKind`]: each kind with its extensions in the table of magic numbers, its name,
/// and what to do with such a file.
macro_rules! other_kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident [$($extension:literal),*] $name:literal $advice:expr;)+) => {
        /// A kind of file that is not read.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[non_exhaustive]
        pub enum OtherKind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl OtherKind {
            fn of_extension(extension: &str) -> Self {
                let table: &[(&[&str], Self)] = &[$((&[$($extension),*], Self::$kind),)+];
                let kind = table.iter().find(|(extensions, _)| extensions.contains(&extension));
                kind.map_or(Self::Unknown, |(_, kind)| *kind)
            }

            /// The name by which people know it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// What to do with a file of this kind.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$kind => $advice,)+ }
            }
        }
    };
}

const AS_PICTURE: &str = "send it as JPEG or PNG, or take a screenshot of it and check that";
const AS_PDF: &str = "save it as PDF and check that, or take a picture of the page";
const UNPACK: &str = "unpack it, and check the files that are in it one by one";
const THE_LETTER: &str = "ask for the letter as PDF, or a picture of it as JPEG";

other_kinds! {
    /// What iPhones make of photos.
    Heic ["heif", "heic"] "HEIC" AS_PICTURE;
    /// What some programs make of photos.
    Avif ["avif"] "AVIF" AS_PICTURE;
    /// JPEG XL.
    JpegXl ["jxl"] "JPEG XL" AS_PICTURE;
    /// Any other kind of picture.
    OtherPicture ["jxr", "psd", "ico", "cr2", "ora"] "picture" AS_PICTURE;
    /// A document of Word.
    Docx ["docx"] "DOCX" AS_PDF;
    /// A document of an older Word.
    Doc ["doc"] "DOC" AS_PDF;
    /// A spreadsheet.
    Xlsx ["xlsx", "xls", "ods"] "spreadsheet" AS_PDF;
    /// A presentation.
    Pptx ["pptx", "ppt", "odp"] "presentation" AS_PDF;
    /// An OpenDocument text.
    Odt ["odt"] "ODT" AS_PDF;
    /// Rich text.
    Rtf ["rtf"] "RTF" AS_PDF;
    /// PostScript.
    PostScript ["ps"] "PostScript" AS_PDF;
    /// A book.
    Book ["epub", "mobi", "djvu"] "e-book" AS_PDF;
    /// A ZIP archive.
    Zip ["zip"] "ZIP" UNPACK;
    /// Any other archive.
    Archive ["7z", "rar", "tar", "gz", "bz2", "xz", "zst", "lz", "lz4", "cab", "cpio"] "archive" UNPACK;
    /// A web page, often that of a login which came in place of the file.
    Html ["html"] "HTML" "this is a web page, perhaps one that asks to log in: open the file where it comes from, and save it again";
    /// A mail with everything that is attached to it.
    Mail ["eml"] "e-mail" "save what is attached to the mail, and check that";
    /// A film.
    Video ["mp4", "m4v", "mkv", "webm", "mov", "avi", "wmv", "mpg", "flv"] "video" THE_LETTER;
    /// Anything else.
    Unknown [] "unknown kind" THE_LETTER;
}

impl OtherKind {
    /// The kind of a ZIP archive: documents are archives too, with parts of certain names. The
    /// table of magic numbers knows only those whose parts are in the usual order.
    fn of_archive(bytes: &[u8]) -> Self {
        let has = |name: &[u8]| bytes.windows(name.len()).any(|place| place == name);
        // Office Open XML has a list of its parts, and a folder for each program.
        let open_xml: [(&[u8], Self); 3] =
            [(b"word/", Self::Docx), (b"xl/", Self::Xlsx), (b"ppt/", Self::Pptx)];
        let others: [(&[u8], Self); 3] = [
            (b"application/vnd.oasis.opendocument.text", Self::Odt),
            (b"application/vnd.oasis.opendocument.spreadsheet", Self::Xlsx),
            (b"application/epub+zip", Self::Book),
        ];
        let parts = if has(b"[Content_Types].xml") { open_xml } else { others };
        parts.into_iter().find(|(name, _)| has(name)).map_or(Self::Zip, |(_, kind)| kind)
    }
}

/// Its name, as people know it.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Picture(picture) => picture.name(),
            Self::Pdf => "PDF",
            Self::Empty => "empty file",
            Self::Other(other) => other.name(),
        })
    }
}

impl PictureKind {
    /// The name by which people know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Png => "PNG",
            Self::Jpeg => "JPEG",
            Self::Webp => "WebP",
            Self::Tiff => "TIFF",
            Self::Bmp => "BMP",
            Self::Gif => "GIF",
            Self::Jp2 => "JPEG 2000",
            Self::Svg => "SVG",
        }
    }
}

//! Many letters in one PDF for a printer, and the page that lists whom they are for.

use std::num::NonZeroU16;

use krilla::tagging::{TableHeaderScope, Tag, TagGroup};
use vernet_common::NumericDate;

use super::{
    Language,
    canvas::{Align, Canvas, Ink, mm},
    certificate::{self, A4, MARGIN},
    document::{Block, Document, Properties},
    error::LetterError,
    text::{Line, Style},
    words::Words,
};
use crate::office::{OfficeSender, Recipient, Release};

/// Letters in one PDF, each on a sheet of its own, in the order in which they are added. What is
/// held in memory is the pages as they will be in the file, about 80 kB for each letter.
///
/// Nothing is attached: it is for paper, and for a person there is [`letter()`](super::letter()).
/// Each code was read back before it is drawn.
pub struct LetterBatch {
    document: Document,
    blank_backs: bool,
    count: usize,
}

impl LetterBatch {
    /// Begins with no letter. With `blank_backs` an empty page follows on each letter, for a printer
    /// that prints on both sides of the sheet.
    ///
    /// # Errors
    ///
    /// [`LetterError::NotWritten`] if the PDF library refuses.
    pub fn new(id: &str, blank_backs: bool, now: NumericDate) -> Result<Self, LetterError> {
        let language = Language::default().words();
        let properties = Properties {
            title: language.letters.to_owned(),
            language: language.code,
            id: format!("letters {id}"),
            author: "Vernet",
            now,
        };
        Ok(Self { document: Document::new(&properties, &[])?, blank_backs, count: 0 })
    }

    /// Adds the letter of a certificate.
    ///
    /// # Errors
    ///
    /// [`LetterError::Qr`] if the code cannot be drawn; [`LetterError::NotWritten`] if the PDF
    /// library refuses.
    pub fn add(&mut self, certificate: &Release, language: Language) -> Result<(), LetterError> {
        let (words, claims) = (language.words(), certificate.claims());
        self.count += 1;
        let bookmark =
            format!("{}  {}  {}", self.count, claims.certificate_number, claims.full_name());
        self.document.begin_part(words.code, bookmark);
        certificate::page(&mut self.document, certificate, words)?;
        if self.blank_backs {
            self.document.page(A4, |_| Vec::new())?;
        }
        Ok(())
    }

    /// Returns the bytes.
    ///
    /// # Errors
    ///
    /// [`LetterError::NotWritten`] if it does not conform to PDF/A-3a and PDF/UA-1.
    pub fn finish(self) -> Result<Vec<u8>, LetterError> {
        self.document.finish()
    }
}

impl std::fmt::Debug for LetterBatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LetterBatch").field("count", &self.count).finish_non_exhaustive()
    }
}

/// How many recipients fit on a page.
const ON_A_PAGE: usize = 38;

/// Where the columns begin: running number, name, HPR number, certificate number, language.
const COLUMNS: [f32; 5] = [MARGIN, MARGIN + 12.0, 108.0, 132.0, 178.0];

/// Draws the list of recipients, to lay beside the letters.
///
/// # Errors
///
/// [`LetterError::NotWritten`] if it does not conform to PDF/A-3a and PDF/UA-1.
pub fn recipients(
    of: &[Recipient],
    sender: Option<&OfficeSender>,
    language: Language,
    now: NumericDate,
) -> Result<Vec<u8>, LetterError> {
    let words = language.words();
    let title = format!("{}, {}", words.recipients, words.date(now.civil_date()));
    let first = of.first().map_or(String::new(), |first| first.certificate_number.to_string());
    let properties = Properties {
        title: title.clone(),
        language: words.code,
        id: format!("recipients {} {first} {now}", of.len()),
        author: sender.map_or("Vernet", |sender| &sender.name),
        now,
    };
    let mut document = Document::new(&properties, &[])?;
    let pages = of.chunks(ON_A_PAGE);
    let count = pages.len();
    for (number, rows) in pages.enumerate() {
        document.page(A4, |canvas| {
            let mut blocks = Vec::new();
            if let Some(sender) = sender.filter(|_| number == 0) {
                let at = (Align::Left(mm(MARGIN)), mm(16.0));
                let line =
                    canvas.tagged(Tag::P, &sender.line(), Style::italic(10.0), at, Ink::Grey);
                blocks.push(Block::Group(line));
            }
            let heading = format!("{title} ({}/{count})", number + 1);
            let tag = Tag::Hn(NonZeroU16::MIN, Some(heading.clone()));
            let at = (Align::Left(mm(MARGIN)), mm(27.0));
            blocks.push(Block::Group(canvas.tagged(
                tag,
                &heading,
                Style::roman(16.0),
                at,
                Ink::Blue,
            )));
            blocks.push(Block::Group(rows_of(canvas, rows, words)));
            blocks
        })?;
    }
    document.finish()
}

fn rows_of(canvas: &mut Canvas<'_>, rows: &[Recipient], words: &Words) -> TagGroup {
    let mut table = TagGroup::new(Tag::Table);
    let mut head = TagGroup::new(Tag::TR);
    let labels = ["", words.name, words.hpr_number, words.number, ""];
    for (label, left) in labels.into_iter().zip(COLUMNS) {
        let at = (Align::Left(mm(left)), mm(36.0));
        let scope = Tag::TH(TableHeaderScope::Column);
        head.push(canvas.tagged(scope, label, Style::italic(9.5), at, Ink::Grey));
    }
    table.push(head);
    for (place, one) in rows.iter().enumerate() {
        let base = mm(42.0 + 6.1 * place as f32);
        let mut row = TagGroup::new(Tag::TR);
        let name = one.given_name.with(&one.family_name);
        let cells = [
            one.place.to_string(),
            within(name, mm(COLUMNS[2] - COLUMNS[1] - 2.0)),
            one.hpr_number.to_string(),
            one.certificate_number.to_string(),
            one.language.code().to_owned(),
        ];
        for (cell, left) in cells.iter().zip(COLUMNS) {
            let at = (Align::Left(mm(left)), base);
            row.push(canvas.tagged(Tag::TD, cell, CELL, at, Ink::Black));
        }
        table.push(row);
    }
    table
}

const CELL: Style = Style::roman(10.5);

/// A name as far as there is room for it on one line; the table beside has all of it.
fn within(name: String, width: f32) -> String {
    if Line::new(&name, CELL).width <= width {
        return name;
    }
    let mut short = name;
    while short.pop().is_some() {
        let shown = format!("{}…", short.trim_end());
        if Line::new(&shown, CELL).width <= width {
            return shown;
        }
    }
    short
}

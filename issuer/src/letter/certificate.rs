//! The letter: one A4 page.

use std::num::NonZeroU16;

use krilla::tagging::{TableHeaderScope, Tag, TagGroup};
use vernet_common::{Authorisation, CertificateClaims, CivilDate, KeyId, NumericDate, Status};
use vernet_register::ProtectedTitle;

use super::{
    canvas::{Align, Canvas, Ink, QUIET_ZONE, mm},
    document::{Attachment, Block, Document, Properties},
    error::LetterError,
    ornament::{divider, frame, rosette},
    text::{Line, Style, fit, wrap},
    words::{Right, Words, capitalised, fill_in},
};
use crate::{Modules, Release};

/// The side of the QR symbol on the letter, without its quiet zone, in millimetres. A code denser
/// than usual is larger.
pub const LETTER_QR_MM: f32 = 30.0;

pub(super) const A4: (f32, f32) = (210.0, 297.0);

/// The margin of the text on both sides, in millimetres.
pub(super) const MARGIN: f32 = 31.0;

/// The smallest printed module of the letter, in millimetres: a code denser than usual is drawn
/// larger instead of finer.
const MODULE_MM: f32 = 0.5;

pub(super) fn draw(
    certificate: &Release,
    words: &Words,
    now: NumericDate,
) -> Result<Vec<u8>, LetterError> {
    let mut document = Document::new(
        &properties("letter", certificate, words, now),
        &[attachment(certificate, words)],
    )?;
    page(&mut document, certificate, words)?;
    document.finish()
}

/// Adds the page of a letter to a document.
pub(super) fn page(
    document: &mut Document,
    certificate: &Release,
    words: &Words,
) -> Result<(), LetterError> {
    let code = certificate.qr_code_for_print()?;
    let claims = certificate.claims();
    document.page(A4, |canvas| {
        let authority = certificate.title().authority(claims.iat.civil_date());
        let mut blocks = head(canvas, authority, right(certificate, words).heading, words);
        blocks.extend(statement(canvas, certificate, words));
        let rows = rows(
            claims,
            certificate.title(),
            (right(certificate, words), certificate.recognised_in()),
            words,
        );
        let (table, _) =
            table(canvas, &rows, (Align::Right(mm(92.0)), mm(96.0)), (mm(180.0), mm(6.1)));
        blocks.push(Block::Group(table));
        let check = fill_in(words.check, &[certificate.host()]);
        let signed = (claims.iat.civil_date(), certificate.key_id());
        blocks.extend(foot(canvas, certificate, words, (code.modules(), &check, signed)));
        blocks
    })
}

/// The properties of a document about a certificate.
pub(super) fn properties<'a>(
    form: &str,
    certificate: &'a Release,
    words: &Words,
    now: NumericDate,
) -> Properties<'a> {
    let claims = certificate.claims();
    let heading = right(certificate, words).heading;
    Properties {
        title: format!(
            "{heading}: {}, {}",
            claims.full_name(),
            certificate.title().words(words.code).title
        ),
        language: words.code,
        // The same print of the same certificate is the same document.
        id: format!("{form} {} {}", words.code, certificate.text()),
        author: certificate.title().authority(claims.iat.civil_date()),
        now,
    }
}

/// The signed certificate as an attachment of the document.
pub(super) fn attachment<'a>(certificate: &'a Release, words: &Words) -> Attachment<'a> {
    Attachment {
        name: format!("{}.jwt", certificate.claims().certificate_number),
        media_type: "application/dc+sd-jwt",
        description: named(words.attachment, certificate, words),
        content: certificate.text(),
    }
}

/// The words for the right.
pub(super) fn right<'a>(certificate: &Release, words: &'a Words) -> &'a Right {
    words.right(certificate.claims().authorisation.kind, certificate.is_bound_to_post())
}

/// A sentence with the name of the certificate, which begins with a capital letter.
pub(super) fn named(sentence: &str, certificate: &Release, words: &Words) -> String {
    capitalised(&fill_in(sentence, &[&certificate.title().words(words.code).certificate]))
}

/// The last day of a certificate. `exp` is the first instant after it.
pub(super) fn last_day(claims: &CertificateClaims) -> CivilDate {
    claims.exp.civil_date().plus_days(-1)
}

/// The frame, the authority that signed, and the heading.
pub(super) fn head(
    canvas: &mut Canvas<'_>,
    authority: &str,
    heading: &str,
    words: &Words,
) -> Vec<Block> {
    let (width, height) = (mm(A4.0), mm(A4.1));
    frame(canvas, (width, height), mm(10.0), mm(5.0));
    let middle = Align::Centre(width / 2.0);
    let style = Style::small_caps(14.0, 0.14);
    let mut blocks = Vec::new();
    let mut say = |canvas: &mut Canvas<'_>, text: &str, style, base: f32| {
        blocks.push(Block::Group(canvas.tagged(
            Tag::P,
            text,
            style,
            (middle, mm(base)),
            Ink::Blue,
        )));
    };
    // Its legal name; below it the name that it uses abroad, if the reader may not understand the
    // legal one.
    match words.authority(authority) {
        None => say(canvas, authority, style, 37.0),
        Some(own) => {
            say(canvas, authority, style, 34.0);
            say(canvas, own, Style::italic(12.0), 39.4);
        }
    }
    divider(canvas, (width / 2.0, mm(43.5)), mm(24.0));
    let lines = fit(
        heading,
        &[(29.0, 1), (24.0, 1), (21.0, 1), (21.0, 2)]
            .map(|(size, lines)| (Style::roman(size), lines)),
        mm(A4.0 - 2.0 * MARGIN),
    );
    let (nodes, _) = canvas.lines(&lines, middle, mm(60.0), mm(10.0), Ink::Blue);
    let tag = Tag::Hn(NonZeroU16::MIN, Some(heading.to_owned()));
    blocks.push(Block::Group(TagGroup::with_children(tag, nodes)));
    blocks
}

/// States that this person has that title.
fn statement(canvas: &mut Canvas<'_>, certificate: &Release, words: &Words) -> Vec<Block> {
    let claims = certificate.claims();
    let middle = mm(A4.0 / 2.0);
    let centre = Align::Centre(middle);
    rosette(canvas, (middle, mm(113.0)), mm(43.0), Ink::Watermark);
    let sentence = Style::italic(15.0);

    let mut blocks = Vec::new();
    let mut say = |canvas: &mut Canvas<'_>, text: &str, style, base: f32, ink| {
        blocks.push(Block::Group(canvas.tagged(Tag::P, text, style, (centre, mm(base)), ink)));
    };
    say(canvas, words.confirmed, sentence, 82.0, Ink::Black);
    let name = name_lines(claims);
    let leading = name[0].style.size * 1.14;
    // The name stays vertically centred, however many lines it takes.
    let first = mm(104.5) - leading * (name.len() - 1) as f32 / 2.0;
    let (nodes, _) = canvas.lines(&name, centre, first, leading, Ink::Black);
    let name =
        TagGroup::with_children(Tag::P, vec![TagGroup::with_children(Tag::Strong, nodes).into()]);
    blocks.push(Block::Group(name));

    let mut say = |canvas: &mut Canvas<'_>, text: &str, style, base: f32, ink| {
        blocks.push(Block::Group(canvas.tagged(Tag::P, text, style, (centre, mm(base)), ink)));
    };
    let born = words.date(claims.birthdate);
    let born = fill_in(words.born_and_number, &[&born, &claims.hpr_number.to_string()]);
    say(canvas, &born, sentence, 126.0, Ink::Black);
    let title = certificate.title().words(words.code);
    let holds = format!("{} {}", right(certificate, words).holds, title.article);
    say(canvas, holds.trim_end(), sentence, 133.5, Ink::Black);
    let lines = title_lines(&title.title);
    let (leading, first) = (mm(9.0), 150.0 - 6.0 * (lines.len() - 1) as f32);
    let (nodes, _) = canvas.lines(&lines, centre, mm(first), leading, Ink::Blue);
    blocks.push(Block::Group(TagGroup::with_children(Tag::P, nodes)));
    let mut say = |canvas: &mut Canvas<'_>, text: &str, style, base: f32, ink| {
        blocks.push(Block::Group(canvas.tagged(Tag::P, text, style, (centre, mm(base)), ink)));
    };
    if conditions_apply(certificate) {
        say(canvas, words.conditions, Style::italic(13.0), 161.0, Ink::Black);
    }
    blocks
}

/// Whether conditions apply that are not on the page: by the kind of the right, or by a later
/// decision.
pub(super) fn conditions_apply(certificate: &Release) -> bool {
    certificate.claims().authorisation.kind.has_conditions()
        || certificate.status() == Status::Conditions
}

/// The title, as large as fits.
pub(super) fn title_lines(title: &str) -> Vec<Line> {
    let sizes = [(33.0, 1), (27.0, 1), (22.0, 1), (22.0, 2), (18.0, 2)];
    let styles = sizes.map(|(size, lines)| (Style::small_caps(size, 0.16), lines));
    fit(title, &styles, mm(A4.0 - 2.0 * MARGIN))
}

fn name_lines(claims: &CertificateClaims) -> Vec<Line> {
    let name = claims.full_name();
    let styles = [
        (34.0, 1),
        (30.0, 1),
        (27.0, 1),
        (30.0, 2),
        (25.0, 2),
        (21.0, 2),
        (20.0, 3),
        (16.0, 3),
        (14.0, 4),
    ];
    fit(
        &name,
        &styles.map(|(size, lines)| (Style::roman(size), lines)),
        mm(A4.0 - 2.0 * MARGIN + 8.0),
    )
}

/// The content of the certificate, as labels and values.
pub(super) fn rows(
    claims: &CertificateClaims,
    title: &ProtectedTitle,
    (right, recognised_in): (&Right, Option<&str>),
    words: &Words,
) -> Vec<(&'static str, String)> {
    let Authorisation { basis, granted, .. } = claims.authorisation;
    vec![
        (words.kind, right.kind.to_owned()),
        (words.basis, words.basis_of_right(basis, recognised_in).to_owned()),
        (words.granted, words.date(granted)),
        (words.granted_by, title.authority(granted).to_owned()),
        (words.valid_through, words.date(last_day(claims))),
        (words.number, claims.certificate_number.to_string()),
    ]
}

/// Draws a table of labels and values, with the positions of both. Returns it and the next base
/// line.
pub(super) fn table(
    canvas: &mut Canvas<'_>,
    rows: &[(&'static str, String)],
    (labels, values): (Align, f32),
    (first, leading): (f32, f32),
) -> (TagGroup, f32) {
    let mut table = TagGroup::new(Tag::Table);
    let mut base = first;
    for (label, value) in rows {
        let mut row = TagGroup::new(Tag::TR);
        let style = Style::italic(12.0);
        let scope = Tag::TH(TableHeaderScope::Row);
        row.push(canvas.tagged(scope, label, style, (labels, base), Ink::Grey));
        let lines = wrap(value, Style::roman(12.0), mm(A4.0 - MARGIN) - values);
        let (nodes, next) =
            canvas.lines(&lines, Align::Left(values), base, leading * 0.8, Ink::Black);
        row.push(TagGroup::with_children(Tag::TD, nodes));
        table.push(row);
        base = next + leading * 0.2;
    }
    (table, base)
}

/// The code, how to check it, and who signed the statement, when and with which key.
pub(super) fn foot(
    canvas: &mut Canvas<'_>,
    certificate: &Release,
    words: &Words,
    (modules, check, (day, key)): (&Modules, &str, (CivilDate, KeyId)),
) -> Vec<Block> {
    let side = LETTER_QR_MM.max(modules.side() as f32 * MODULE_MM);
    let quiet = side / modules.side() as f32 * QUIET_ZONE as f32;
    let (left, top) = (MARGIN - 2.0 + quiet, 227.0);
    let mut blocks = Vec::new();
    let qr_code = named(words.qr_code, certificate, words);
    let code =
        canvas.qr_code(modules, (mm(left), mm(top)), mm(side), (certificate.link(), &qr_code));
    blocks.push(Block::Link(code));

    let text = left + side + quiet + 3.0;
    let right = A4.0 - MARGIN;
    let tag = Tag::Hn(NonZeroU16::MIN.saturating_add(1), Some(words.how_to_check.to_owned()));
    let heading = Style::small_caps(12.5, 0.04);
    blocks.push(Block::Group(canvas.tagged(
        tag,
        words.how_to_check,
        heading,
        (Align::Left(mm(text)), mm(top + 2.8)),
        Ink::Blue,
    )));
    let (paragraph, _) = canvas.paragraph(
        check,
        Style::roman(10.5),
        (Align::Left(mm(text)), mm(right - text)),
        (mm(top + 8.6), mm(4.7)),
        Ink::Black,
    );
    blocks.push(Block::Group(paragraph));

    // Room for a stamp and a handwritten signature, which an office may add; neither proves
    // anything.
    let line = top + side;
    canvas.rule((mm(text), mm(line)), (mm(right), mm(line)), 0.4, Ink::Grey);
    let signed_for = fill_in(words.signed_for, &[certificate.title().authority(day)]);
    let signed = fill_in(words.signed, &[&words.date(day), key.as_str()]);
    for (text_of, base) in [(signed_for, line + 4.2), (signed, line + 8.4)] {
        let (paragraph, _) = canvas.paragraph(
            &text_of,
            Style::italic(10.0),
            (Align::Left(mm(text)), mm(right - text)),
            (mm(base), mm(4.2)),
            Ink::Grey,
        );
        blocks.push(Block::Group(paragraph));
    }
    blocks
}

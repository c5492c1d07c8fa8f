//! The card: the size of a bank card, with a code as large as fits.

use std::num::NonZeroU16;

use krilla::tagging::{TableHeaderScope, Tag, TagGroup};
use vernet_common::{Authorisation, NumericDate};

use super::{
    canvas::{Align, Canvas, Ink, QUIET_ZONE, mm},
    certificate::{attachment, conditions_apply, last_day, named, properties, right},
    document::{Block, Document},
    error::LetterError,
    text::{Line, Style, fit, wrap},
    words::{Words, fill_in},
};
use crate::{Modules, Release};

/// The side of the QR symbol on the card, without its quiet zone, in millimetres: what fits in 54
/// mm between the edges.
pub const CARD_QR_MM: f32 = 38.0;

/// ISO/IEC 7810 ID-1, in millimetres.
const CARD: (f32, f32) = (85.6, 54.0);

/// In millimetres. Printers lose the outermost parts of a card.
const MARGIN: f32 = 3.6;

pub(super) fn draw(
    certificate: &Release,
    words: &Words,
    now: NumericDate,
) -> Result<Vec<u8>, LetterError> {
    let code = certificate.qr_code_for_print()?;
    let properties = properties("card", certificate, words, now);
    let mut document = Document::new(&properties, &[attachment(certificate, words)])?;
    document.page(CARD, |canvas| face(canvas, certificate, words, code.modules()))?;
    document.finish()
}

fn face(
    canvas: &mut Canvas<'_>,
    certificate: &Release,
    words: &Words,
    modules: &Modules,
) -> Vec<Block> {
    let (claims, title) = (certificate.claims(), certificate.title());
    let Authorisation { basis, granted, .. } = claims.authorisation;
    let quiet = CARD_QR_MM / modules.side() as f32 * QUIET_ZONE as f32;
    let code_left = CARD.0 - quiet - CARD_QR_MM - 0.4;
    // A little above the middle: there are two lines below it and one above.
    let code_top = (CARD.1 - CARD_QR_MM) / 2.0 - 0.6;
    let (left, width) = (mm(MARGIN), mm(code_left - quiet - MARGIN));
    let at = Align::Left(left);
    let mut blocks = Vec::new();

    let issuer = fit(
        title.authority(claims.iat.civil_date()),
        &[(Style::small_caps(7.5, 0.08), 1), (Style::small_caps(5.6, 0.04), 1)],
        width,
    );
    let (nodes, _) = canvas.lines(&issuer, at, mm(5.9), mm(2.6), Ink::Blue);
    blocks.push(Block::Group(TagGroup::with_children(Tag::P, nodes)));
    let heading = &title.words(words.code).title;
    let sizes = [(14.0, 0.06), (12.0, 0.03), (9.5, 0.02), (7.5, 0.0)];
    let styles = sizes.map(|(size, spacing)| (Style::small_caps(size, spacing), 1));
    let (nodes, _) = canvas.lines(&fit(heading, &styles, width), at, mm(11.8), mm(5.0), Ink::Blue);
    let tag = Tag::Hn(NonZeroU16::MIN, Some(heading.clone()));
    blocks.push(Block::Group(TagGroup::with_children(tag, nodes)));
    canvas.rule((left, mm(13.6)), (left + width, mm(13.6)), 0.35, Ink::Blue);

    let name = claims.full_name();
    let sizes = [(11.0, 1), (11.0, 2), (9.0, 2), (8.0, 3), (6.8, 4), (5.6, 6)];
    let name = fit(&name, &sizes.map(|(size, lines)| (Style::roman(size), lines)), width);
    let size = name[0].style.size;
    let (nodes, next) = canvas.lines(&name, at, mm(14.4) + size, size * 1.06, Ink::Black);
    let strong = TagGroup::with_children(Tag::Strong, nodes);
    blocks.push(Block::Group(TagGroup::with_children(Tag::P, vec![strong.into()])));

    let mut rows = vec![
        (words.born, words.date(claims.birthdate)),
        (words.hpr_number, claims.hpr_number.to_string()),
        (words.kind, right(certificate, words).kind.to_owned()),
        (words.basis, words.basis_of_right(basis, certificate.recognised_in()).to_owned()),
        (words.granted, words.date(granted)),
    ];
    if title.authority(granted) != title.authority(claims.iat.civil_date()) {
        rows.push((words.granted_by, title.authority(granted).to_owned()));
    }
    rows.push((words.valid_through, words.date(last_day(claims))));
    rows.push((words.number, claims.certificate_number.to_string()));
    let rows: Vec<_> =
        rows.into_iter().map(|(label, value)| Row::new(label, &value, width)).collect();
    // The rows are at the foot of the card. Below a name with very many lines they move closer
    // together.
    let between = rows.iter().map(Row::lines).sum::<usize>().saturating_sub(1) as f32;
    let (after_name, foot) = (next - size * 1.06 + mm(3.0), mm(CARD.1 - 3.4));
    let leading = mm(LEADING).min((foot - after_name) / between.max(1.0));
    blocks.push(Block::Group(table(canvas, &rows, left, (foot - between * leading, leading))));

    let link = canvas.qr_code(
        modules,
        (mm(code_left), mm(code_top)),
        mm(CARD_QR_MM),
        (certificate.link(), &named(words.qr_code, certificate, words)),
    );
    blocks.push(Block::Link(link));
    // Above and below the code, centred on it, outside its quiet zone.
    let middle = Align::Centre(mm(code_left + CARD_QR_MM / 2.0));
    let lines = |text: &str, most| {
        let styles = [5.8, 5.2, 4.6].map(|size| (Style::italic(size), most));
        fit(text, &styles, mm(CARD_QR_MM + quiet))
    };
    let check = lines(&fill_in(words.check_shortly, &[certificate.host()]), 2);
    let (nodes, _) = canvas.lines(&check, middle, mm(CARD.1 - 4.0), mm(2.1), Ink::Black);
    blocks.push(Block::Group(TagGroup::with_children(Tag::P, nodes)));
    let above = if conditions_apply(certificate) {
        words.conditions.to_owned()
    } else {
        fill_in(
            words.signed_shortly,
            &[&words.date(claims.iat.civil_date()), certificate.key_id().as_str()],
        )
    };
    let (nodes, _) = canvas.lines(&lines(&above, 1), middle, mm(3.5), mm(2.0), Ink::Black);
    blocks.push(Block::Group(TagGroup::with_children(Tag::P, nodes)));
    blocks
}

/// The greatest distance between the base lines of the rows, in millimetres.
const LEADING: f32 = 2.6;

/// How far the second and the following lines of a value are indented.
const INDENT: f32 = mm(1.2);

/// A label and its value, which continues below the label if it is long: there is no room for two
/// columns.
struct Row {
    label: Line,
    first: Line,
    rest: Vec<Line>,
}

impl Row {
    const LABEL: Style = Style::italic(5.8);
    const VALUE: Style = Style::roman(6.2);
    const GAP: f32 = mm(0.9);

    fn new(label: &str, value: &str, width: f32) -> Self {
        let label = Line::new(&format!("{label} "), Self::LABEL);
        let mut lines = wrap(value, Self::VALUE, width - label.width - Self::GAP).into_iter();
        let first = lines.next().unwrap_or_else(|| Line::new("", Self::VALUE));
        let rest: String = lines.map(|line| line.text).collect();
        Self { label, first, rest: wrap(&rest, Self::VALUE, width - INDENT) }
    }

    fn lines(&self) -> usize {
        1 + self.rest.len()
    }
}

fn table(
    canvas: &mut Canvas<'_>,
    rows: &[Row],
    left: f32,
    (first, leading): (f32, f32),
) -> TagGroup {
    let mut table = TagGroup::new(Tag::Table);
    let mut base = first;
    for Row { label, first, rest } in rows {
        let header = canvas.line(label, Align::Left(left), base, Ink::Grey);
        let mut value =
            vec![canvas.line(first, Align::Left(left + label.width + Row::GAP), base, Ink::Black)];
        let (more, next) =
            canvas.lines(rest, Align::Left(left + INDENT), base + leading, leading, Ink::Black);
        value.extend(more);
        let header = TagGroup::with_children(Tag::TH(TableHeaderScope::Row), vec![header]);
        let value = TagGroup::with_children(Tag::TD, value);
        table.push(TagGroup::with_children(Tag::TR, vec![header.into(), value.into()]));
        base = next;
    }
    table
}
